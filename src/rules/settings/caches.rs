use super::tell;
use crate::findings::{Findings, Severity};
use crate::project::deployment::DjangoProcess;
use crate::project::django::classes::{DUMMY_CACHE, FILE_CACHE, LOCAL_MEMORY_CACHE, REDIS_CACHE};
use crate::project::settings::{PyValue, Reading, Settings, lies_in, shown_path};
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

/// The folders of caches in files, by alias.
fn cache_folders(settings: &Settings) -> Vec<(String, Reading)> {
    let in_files = |cache: &Reading| cache.read(&["BACKEND"]).text() == Some(FILE_CACHE);
    let caches = settings.entries("CACHES").into_iter().filter(|(_, cache)| in_files(cache));
    caches.map(|(alias, cache)| (alias, cache.read(&["LOCATION"]))).collect()
}

/// `settings/cache-in-public-folder`
pub fn cache_in_public_folder(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    for (alias, location) in cache_folders(settings) {
        let Some(folder) = location.path().filter(|folder| folder.starts_with('/')) else { continue };
        let touches = |name: &&&str| {
            let public = settings.read(&[name]);
            public.path().is_some_and(|public| lies_in(folder, public) || lies_in(public, folder))
        };
        if let Some(name) = ["MEDIA_ROOT", "STATIC_ROOT"].iter().find(touches) {
            let message =
                format!("the cache `{alias}` keeps its files in `{}`, which touches {name}", shown_path(folder));
            let finding = tell(findings, django, &location, "CACHES", message);
            finding.help("give the cache a folder of its own, or use Redis or Memcached").evidence(alias);
        }
    }
}

/// `settings/cache-path-relative`
pub fn cache_path_relative(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for (alias, location) in cache_folders(&django.settings) {
        let text = location.text().filter(|text| !text.is_empty() && !text.starts_with('/') && !text.contains(':'));
        if let Some(text) = text {
            let message = format!("the cache `{alias}` is in `{text}` below whatever folder the process starts in");
            tell(findings, django, &location, "CACHES", message)
                .help("write the whole path, such as `BASE_DIR / \"cache\"`")
                .evidence(alias);
        }
    }
}
