//! Caches and mail by URL: django-cache-url (<https://github.com/epicserve/django-cache-url>) and dj-email-url
//! (<https://github.com/migonzalvar/dj-email-url>), after their sources of 3.4 and 1.0.

use super::super::calls::Arguments;
use super::super::evaluator::{Eval, Evaluator};
use super::super::object::{Kind, Origin, Val};
use super::os_environ::{Missing, Variable};
use super::urls::{self, split, unquote};
use std::rc::Rc;

impl Evaluator<'_> {
    pub(super) fn call_url_settings(&mut self, library: &str, function: &str, arguments: Arguments) -> Eval {
        let origin = arguments.origin;
        let cache = library == "django_cache_url";
        let url = match function {
            "config" => {
                let variable = if cache { "CACHE_URL" } else { "EMAIL_URL" };
                let name = arguments.get(0, "env").cloned().unwrap_or_else(|| Val::str(variable));
                let default = arguments.get(1, "default").cloned().or_else(|| cache.then(|| Val::str("locmem://")));
                let default = default.filter(|value| !matches!(value.kind, Kind::None));
                match self.variable(&name, default, Missing::GivesNone, origin)? {
                    Variable::Text(url) | Variable::Fallback(url) => url,
                }
            }
            "parse" => match arguments.get(0, "url") {
                Some(url) => url.clone(),
                None => return Ok(Val::unsupported(format!("{library}.parse()"))),
            },
            _ => return self.opaque(&format!("{library}.{function}"), arguments),
        };
        self.url_settings(&url, cache, origin)
    }

    fn url_settings(&mut self, url: &Val, cache: bool, origin: Origin) -> Eval {
        let text = match &url.kind {
            Kind::OneOf(values) => {
                let values = values.clone();
                return self.each_choice(url, &values, |evaluator, url| evaluator.url_settings(url, cache, origin));
            }
            Kind::Str(text) => text.clone(),
            Kind::None => Rc::from(""),
            _ => return Ok(Val::unknown_like(url)),
        };
        let entries = match (text.is_empty(), cache) {
            (true, _) => Some(Vec::new()),
            (false, true) => match cache_backend(&split(&text).scheme) {
                Some(backend) => self.cache_entries(&text, backend)?,
                None => return self.raise("Exception", origin, &[url], true),
            },
            (false, false) => mail_entries(&text),
        };
        let Some(entries) = entries else {
            let what = if cache { "this URL of a cache" } else { "this URL of a mail server" };
            return Ok(self.unsupported(origin, what));
        };
        let entry = |(key, kind): (&str, Kind)| (Val::str(key), Val::derived(kind, [url]).at(origin));
        let mut made = self.dict(entries.into_iter().map(entry).collect(), false)?;
        made.rests_on(url);
        Ok(made.at(origin))
    }

    fn cache_entries(&mut self, text: &str, backend: &str) -> Eval<Option<Vec<(&'static str, Kind)>>> {
        let url = split(text);
        let redis = matches!(url.scheme.as_str(), "redis" | "rediss" | "hiredis");
        let location = if url.netloc.is_empty() {
            match url.scheme.as_str() {
                "memcached" | "pymemcached" | "pymemcache" | "djangopylibmc" => format!("unix://{}", url.path),
                "redis" | "hiredis" => return Ok(None),
                _ => url.path.clone(),
            }
        } else if redis {
            let scheme = if url.scheme == "rediss" { "rediss" } else { "redis" };
            let host = url.hostname.as_deref().unwrap_or("None");
            let port = url.port.filter(|port| *port != 0).unwrap_or(6379);
            let database = Some(url.path.trim_start_matches('/')).filter(|it| !it.is_empty()).unwrap_or("0");
            match url.password.as_deref().filter(|password| !password.is_empty()) {
                Some(password) => format!("{scheme}://:{password}@{host}:{port}/{database}"),
                None => format!("{scheme}://{host}:{port}/{database}"),
            }
        } else {
            url.netloc.replace(',', ";")
        };
        let string = |text: &str| Kind::Str(Rc::from(text));
        let mut entries = vec![("BACKEND", string(backend)), ("LOCATION", string(&location))];
        if url.scheme == "hiredis" {
            let parser = Val::str("redis.connection.HiredisParser");
            let options = self.dict(vec![(Val::str("PARSER_CLASS"), parser)], false)?;
            entries.push(("OPTIONS", options.kind));
        }
        for (key, value) in urls::query(&url.query) {
            let key = match key.to_uppercase().as_str() {
                "KEY_PREFIX" => "KEY_PREFIX",
                "TIMEOUT" => "TIMEOUT",
                "VERSION" => "VERSION",
                "KEY_FUNCTION" => "KEY_FUNCTION",
                _ => return Ok(None),
            };
            entries.push((key, string(&value)));
        }
        Ok(Some(entries))
    }
}

fn cache_backend(scheme: &str) -> Option<&'static str> {
    Some(match scheme {
        "db" => "django.core.cache.backends.db.DatabaseCache",
        "dummy" => "django.core.cache.backends.dummy.DummyCache",
        "elasticache" => "django_elasticache.memcached.ElastiCache",
        "file" => "django.core.cache.backends.filebased.FileBasedCache",
        "locmem" => "django.core.cache.backends.locmem.LocMemCache",
        "uwsgicache" => "uwsgicache.UWSGICache",
        "memcached" => "django.core.cache.backends.memcached.PyLibMCCache",
        "djangopylibmc" => "django_pylibmc.memcached.PyLibMCCache",
        "pymemcached" => "django.core.cache.backends.memcached.MemcachedCache",
        "pymemcache" => "django.core.cache.backends.memcached.PyMemcacheCache",
        "redis-cache" => "redis_cache.RedisCache",
        "redis" | "rediss" | "hiredis" => "django.core.cache.backends.redis.RedisCache",
        _ => return None,
    })
}

/// `None` where a text stands for a number.
fn mail_entries(text: &str) -> Option<Vec<(&'static str, Kind)>> {
    let url = split(text);
    let scheme = url.scheme.as_str();
    let string = |text: &str| Kind::Str(Rc::from(text));
    let optional = |part: Option<&str>| part.map_or(Kind::None, |part| string(&unquote(part)));
    let query = urls::query(&url.query);
    let asked = |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let truthy = |word: &str| {
        matches!(
            word,
            "1" | "y" | "Y" | "yes" | "Yes" | "YES" | "t" | "T" | "true" | "True" | "TRUE" | "on" | "On" | "ON"
        )
    };
    let submission = matches!(scheme, "submission" | "submit");
    let (mut ssl, mut tls) = (false, submission || scheme == "smtps");
    match (asked("ssl"), asked("tls")) {
        (Some(word), _) if truthy(word) => (ssl, tls) = (true, false),
        (None, Some(word)) if truthy(word) => (ssl, tls) = (false, true),
        _ => {}
    }
    let host = url.hostname.as_deref().or((scheme == "smtp").then_some("localhost"));
    let port = url.port.filter(|port| *port != 0 || !(submission || scheme == "smtp"));
    let port = port.or(if scheme == "smtp" { Some(25) } else { submission.then_some(587) });
    let timeout = match asked("timeout") {
        Some(word) => Kind::Int(word.parse().ok()?),
        None => Kind::None,
    };
    let mut entries = vec![
        ("EMAIL_FILE_PATH", string(url.path.strip_prefix('/').unwrap_or(&url.path))),
        ("EMAIL_HOST_USER", optional(url.username.as_deref())),
        ("EMAIL_HOST_PASSWORD", optional(url.password.as_deref())),
        ("EMAIL_HOST", host.map_or(Kind::None, string)),
        ("EMAIL_PORT", port.map_or(Kind::None, |port| Kind::Int(i64::from(port)))),
        ("EMAIL_USE_SSL", Kind::Bool(ssl)),
        ("EMAIL_USE_TLS", Kind::Bool(tls)),
        ("EMAIL_TIMEOUT", timeout),
    ];
    let backend = match scheme {
        "smtp" | "submission" | "submit" | "smtps" => Some("smtp"),
        "console" | "dummy" => Some(scheme),
        "file" => Some("filebased"),
        "memory" => Some("locmem"),
        _ => None,
    };
    if let Some(backend) = backend {
        entries.push(("EMAIL_BACKEND", string(&format!("django.core.mail.backends.{backend}.EmailBackend"))));
    }
    for (name, setting) in [("_server_email", "SERVER_EMAIL"), ("_default_from_email", "DEFAULT_FROM_EMAIL")] {
        entries.extend(asked(name).map(|address| (setting, string(address))));
    }
    Some(entries)
}
