use super::tell;
use crate::findings::{Findings, Severity};
use crate::project::deployment::DjangoProcess;
use crate::project::django::classes::{DUMMY_CACHE, LOCAL_MEMORY_CACHE, REDIS_CACHE};
use crate::project::settings::{PyValue, Settings};
use crate::rules::Cx;

/// `settings/local-memory-cache`
pub fn local_memory_cache(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    let backend = settings.cache_backend("default");
    let service = cx.deployment.and_then(|deployment| deployment.service(&django.service));
    let processes = service.and_then(|service| service.server_processes()).unwrap_or(1);
    if settings.debugs() || backend.text() != Some(LOCAL_MEMORY_CACHE) || processes < 2 {
        return;
    }
    let message = match (counts_in_cache(settings), backend.place.is_some()) {
        (Some(what), _) => {
            format!("{what} counts in the default cache, which each of {processes} processes has for itself")
        }
        (None, true) => {
            format!("the default cache is in local memory: each of {processes} processes has one for itself")
        }
        // Nothing is known to use a cache that nobody configured.
        (None, false) => return,
    };
    let finding = tell(findings, django, &backend, "CACHES", message);
    finding.help(format!("use Redis or Memcached: `\"BACKEND\": \"{REDIS_CACHE}\"`"));
    if counts_in_cache(settings).is_none() {
        finding.at_most(Severity::Note);
    }
}

/// What limits attempts by counting in the default cache.
fn counts_in_cache(settings: &Settings) -> Option<&'static str> {
    let throttles = settings.read(&["REST_FRAMEWORK", "DEFAULT_THROTTLE_CLASSES"]);
    let axes = settings.read(&["AXES_HANDLER"]).text() == Some("axes.handlers.cache.AxesCacheHandler");
    if throttles.is_truthy() {
        Some("throttling of the API")
    } else if axes && settings.has_app("axes") {
        Some("django-axes")
    } else if settings.has_app("django_ratelimit") || settings.has_app("ratelimit") {
        Some("rate limiting")
    } else {
        None
    }
}

/// `settings/sessions-in-local-memory`
pub fn sessions_in_local_memory(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    let engine = settings.read(&["SESSION_ENGINE"]);
    let alias = settings.read(&["SESSION_CACHE_ALIAS"]);
    if engine.text() != Some("django.contrib.sessions.backends.cache") || settings.debugs() {
        return;
    }
    let backend = settings.cache_backend(alias.text().unwrap_or("default"));
    let message = match backend.text() {
        Some(LOCAL_MEMORY_CACHE) => {
            "sessions are kept in local memory: every restart signs everybody out, and each process knows other sessions"
        }
        Some(DUMMY_CACHE) => "sessions are kept in a cache that keeps nothing, so that nobody stays signed in",
        _ => return,
    };
    let place = django.place(&backend);
    tell(findings, django, &engine, "SESSION_ENGINE", message.to_owned())
        .help("keep sessions in the database (the default), or in Redis by way of `CACHES`")
        .related(place, "the cache");
}

/// `settings/dummy-cache`
pub fn dummy_cache(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let backend = django.settings.cache_backend("default");
    if backend.text() == Some(DUMMY_CACHE) && !django.settings.debugs() {
        tell(findings, django, &backend, "CACHES", "the default cache keeps nothing".to_owned())
            .help("use Redis or Memcached here, and the dummy cache in the settings of development");
    }
}

/// `settings/pickled-sessions`
pub fn pickled_sessions(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let serializer = django.settings.read(&["SESSION_SERIALIZER"]);
    if serializer.text() != Some("django.contrib.sessions.serializers.PickleSerializer") {
        return;
    }
    let message = match cx.model.django_versions(django).since((5, 0)) {
        Some(true) => {
            "sessions are read by a serializer that Django 5.0 has removed: every request with a session fails"
        }
        _ => {
            "sessions are pickled: whoever can write one, or knows `SECRET_KEY` with signed cookies, runs code on the server"
        }
    };
    tell(findings, django, &serializer, "SESSION_SERIALIZER", message.to_owned())
        .help("leave `SESSION_SERIALIZER` out: the default writes JSON");
}

/// `settings/signed-cookie-sessions`
pub fn signed_cookie_sessions(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let engine = django.settings.read(&["SESSION_ENGINE"]);
    if engine.value.value.known() == Some(&PyValue::Str("django.contrib.sessions.backends.signed_cookies".into())) {
        tell(
            findings,
            django,
            &engine,
            "SESSION_ENGINE",
            "sessions live in signed cookies, so that signing out does not end a copied one".to_owned(),
        )
        .help("keep sessions in the database, or in a cache that all processes share");
    }
}
