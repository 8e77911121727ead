//! django-environ: <https://django-environ.readthedocs.io/>. A cast is taken from the call, from the scheme, or from the
//! type of the fallback; the fallback itself is not cast.

use super::super::calls::Arguments;
use super::super::equality::equal;
use super::super::evaluator::{Eval, Evaluator};
use super::super::object::{Kind, LibraryObject, Origin, Val};
use super::super::value::REPOSITORY;
use super::database_url::Parser;
use super::dotenv::Dialect;
use super::os_environ::{Missing, Variable};
use super::paths::{join, normalised};
use super::urls;
use crate::project::django::classes::{
    DJANGO_REDIS_CACHE, DUMMY_CACHE, FILE_CACHE, LOCAL_MEMORY_CACHE, OLD_MEMCACHED_CACHE, REDIS_CACHE,
};
use std::rc::Rc;

/// The fallback that `environ.Env(NAME=(type, fallback))` declares.
fn scheme_default(env: &LibraryObject, name: &Val) -> Option<Val> {
    match env.keywords.iter().find(|(known, _)| Some(&**known) == name.as_str()).map(|(_, value)| &value.kind) {
        Some(Kind::Tuple(pair, false)) if pair.len() == 2 => Some(pair[1].clone()),
        _ => None,
    }
}

impl Evaluator<'_> {
    pub(super) fn call_django_environ(&mut self, name: &str, arguments: Arguments) -> Eval {
        let name = name.strip_prefix("environ.").unwrap_or(name);
        let name = name.strip_prefix("environ.").unwrap_or(name);
        match name {
            "Env.read_env" | "FileAwareEnv.read_env" => self.read_env(arguments),
            "Env" | "FileAwareEnv" => self.opaque(&format!("environ.{name}"), arguments),
            "Path" => self.opaque("environ.Path", arguments),
            _ => {
                let what = format!("environ.{name}");
                self.opaque(&what, arguments)
            }
        }
    }

    fn read_env(&mut self, arguments: Arguments) -> Eval {
        let origin = arguments.origin;
        let path = match arguments.get(0, "env_file") {
            None => self.beside(origin, ".env"),
            Some(value) => match &value.kind {
                Kind::Object(path) if &*path.function == "environ.Path" => match self.environ_path(path) {
                    Some(path) => path,
                    None => return Ok(Val::none()),
                },
                _ => match value.as_path() {
                    Some(path) => path.to_owned(),
                    None => {
                        let reason = value.unknown_reason();
                        let unsupported =
                            || crate::project::value::Reason::Unsupported("the path of read_env()".into());
                        let reason = reason.unwrap_or_else(unsupported);
                        self.env_files.push(crate::project::environment::Opening { reason, step: None });
                        return Ok(Val::none());
                    }
                },
            },
        };
        let overwrite = arguments.keyword("overwrite").and_then(|value| self.truth(value)) == Some(true);
        self.load_env_file(&path, Dialect::DjangoEnviron, overwrite, origin)?;
        Ok(Val::none())
    }

    /// The path of a file beside the calling one.
    fn beside(&self, origin: Origin, name: &str) -> String {
        let folder = self.paths[origin.file].parent().map(|parent| parent.to_string()).unwrap_or_default();
        join(&join(super::super::value::REPOSITORY, &folder), name)
    }

    /// A method of an `Env`, or the call of one.
    pub(super) fn call_env(&mut self, env: &LibraryObject, method: &str, arguments: Arguments) -> Eval {
        let origin = arguments.origin;
        let builtin = |name: &'static str| Some(Val::new(Kind::Builtin(name)));
        // Where the fallback stands among the positional arguments.
        let (cast, default_at) = match method {
            "__call__" | "get_value" => (arguments.get(1, "cast").cloned(), 2),
            "read_env" => return self.read_env(arguments),
            "str" | "unicode" => (builtin("str"), 1),
            "bool" => (builtin("bool"), 1),
            "int" => (builtin("int"), 1),
            "float" => (builtin("float"), 1),
            "bytes" => (builtin("bytes"), 1),
            "json" => (Some(Val::library("json.loads")), 1),
            "path" => (Some(Val::library("pathlib.Path")), 1),
            "url" => (Some(Val::library("urllib.parse.urlparse")), 1),
            "list" | "tuple" | "dict" => {
                let plain = match method {
                    "list" => "list",
                    "tuple" => "tuple",
                    _ => "dict",
                };
                match arguments.get(1, "cast").cloned() {
                    Some(inner) if matches!(inner.kind, Kind::Dict(_)) => (Some(inner), 2),
                    Some(inner) if !matches!(inner.kind, Kind::None) && plain == "tuple" => {
                        (Some(Val::tuple(vec![inner])), 2)
                    }
                    Some(inner) if !matches!(inner.kind, Kind::None) && plain == "list" => {
                        (Some(self.list(vec![inner], false)?), 2)
                    }
                    _ => (builtin(plain), 2),
                }
            }
            "db" | "db_url" | "cache" | "cache_url" | "email" | "email_url" | "search" | "search_url" | "channels"
            | "channels_url" => return self.env_url(env, method.trim_end_matches("_url"), &arguments),
            _ => {
                let what = format!("environ.Env().{method}()");
                return Ok(self.unsupported(origin, what));
            }
        };
        let cast = cast.filter(|cast| !matches!(cast.kind, Kind::None));
        let Some(name) = arguments.get(0, "var").cloned() else { return Ok(Val::unsupported("env()")) };
        let default = arguments.get(default_at, "default").cloned();
        self.env_value(env, &name, cast, default, origin)
    }

    fn env_value(
        &mut self,
        env: &LibraryObject,
        name: &Val,
        mut cast: Option<Val>,
        mut default: Option<Val>,
        origin: Origin,
    ) -> Eval {
        let scheme = env.keywords.iter().find(|(known, _)| Some(&**known) == name.as_str()).map(|(_, value)| value);
        match scheme.map(|scheme| (scheme, &scheme.kind)) {
            Some((_, Kind::Tuple(pair, false))) if pair.len() == 2 => {
                cast = cast.or_else(|| Some(pair[0].clone()));
                default = default.or_else(|| Some(pair[1].clone()));
            }
            Some((scheme, _)) => cast = cast.or_else(|| Some(scheme.clone())),
            None => {}
        }
        let missing = Missing::Raises("ImproperlyConfigured");
        let text = match self.variable(name, default.clone(), missing, origin)? {
            Variable::Fallback(mut value) => {
                // Most fallbacks are of the type that is wanted. One that is no text makes the cast.
                if cast.is_some() || !matches!(value.kind, Kind::Str(_) | Kind::None) {
                    value.raw = None;
                }
                return Ok(value);
            }
            Variable::Text(text) => text,
        };
        if let (Some(word), Some(Kind::None)) = (text.as_str(), default.as_ref().map(|default| &default.kind))
            && word.is_empty()
        {
            return Ok(Val::derived(Kind::None, [&text]));
        }
        if let Some(other) = text.as_str().and_then(|text| text.strip_prefix('$')) {
            // The value of another variable.
            let other = Val::derived(Kind::Str(Rc::from(other.trim_start_matches('$'))), [&text]);
            if other.as_str() != name.as_str() && self.called(|_| ()).is_some() {
                let value = self.called(|evaluator| evaluator.env_value(env, &other, cast, default, origin));
                return value.unwrap_or_else(|| Ok(Val::unsupported("a variable that names another")));
            }
            return Ok(Val::unsupported("a variable that names itself"));
        }
        if let Some(default) = &default
            && equal(&self.heap, &text, default) == Some(true)
        {
            return Ok(text);
        }
        if cast.is_none() {
            cast = default
                .as_ref()
                .and_then(super::super::builtins::type_of)
                .filter(|name| *name != "NoneType")
                .map(|name| Val::new(Kind::Builtin(name)));
        }
        match cast {
            None => Ok(text),
            Some(cast) => self.env_cast(&text, &cast, origin),
        }
    }

    fn env_cast(&mut self, text: &Val, cast: &Val, origin: Origin) -> Eval {
        if let Kind::OneOf(values) = &text.kind {
            let values = values.clone();
            return self.each_choice(text, &values, |evaluator, text| evaluator.env_cast(text, cast, origin));
        }
        let Some(word) = text.as_str().map(str::to_owned) else {
            // Of what type it is is known, and that a list is one.
            return match &cast.kind {
                Kind::Builtin("list") | Kind::List(_) => {
                    let mut list = self.list(Vec::new(), true)?;
                    list.rests_on(text);
                    Ok(list)
                }
                _ => Ok(Val::unknown_like(text)),
            };
        };
        let derived = |kind| Ok(Val::derived(kind, [text]));
        let items = |word: &str| {
            let part = |part: &str| Val::derived(Kind::Str(Rc::from(part)), [text]);
            word.split(',').filter(|part| !part.is_empty()).map(part).collect::<Vec<Val>>()
        };
        let inside = || word.trim_matches('(').trim_matches(')').to_owned();
        match &cast.kind {
            Kind::Builtin("str") => {
                let mut same = text.clone();
                same.raw = None;
                Ok(same)
            }
            Kind::Builtin("bool") => derived(Kind::Bool(match super::super::builtins::parse_int(&word, 10) {
                Some(number) => number != 0,
                None => matches!(word.to_lowercase().trim(), "true" | "on" | "ok" | "y" | "yes" | "1"),
            })),
            Kind::Builtin("int") => self.int_of(text, None, origin),
            Kind::Builtin("float") => self.float_of(text, origin),
            Kind::Builtin("list") => {
                let mut list = self.list(items(&word), false)?;
                list.rests_on(text);
                Ok(list)
            }
            Kind::Builtin("tuple") => derived(Kind::Tuple(Rc::new(items(&inside())), false)),
            Kind::Builtin("dict") => {
                let dict = self.dict(Vec::new(), false)?;
                for pair in word.split(',').filter(|pair| !pair.is_empty()) {
                    if let Some((key, value)) = pair.split_once('=') {
                        let value = Val::derived(Kind::Str(Rc::from(value)), [text]);
                        self.set_item(&dict, &Val::str(key), value, origin)?;
                    }
                }
                Ok(dict)
            }
            Kind::List(_) | Kind::Tuple(..) => {
                let inner = self.iterate(cast).and_then(|(items, _)| items.into_iter().next());
                let is_list = matches!(cast.kind, Kind::List(_));
                let mut cast_items = Vec::new();
                for item in items(&if is_list { word.clone() } else { inside() }) {
                    cast_items.push(match &inner {
                        Some(inner) => self.call_with(inner, vec![item], origin)?,
                        None => item,
                    });
                }
                if is_list { self.list(cast_items, false) } else { derived(Kind::Tuple(Rc::new(cast_items), false)) }
            }
            Kind::Dict(_) => Ok(Val::unsupported("a dict of casts")),
            _ => {
                let mut value = self.call_with(cast, vec![text.clone()], origin)?;
                value.rests_on(text);
                Ok(value)
            }
        }
    }

    /// `env.db()`, `env.cache()`, `env.email_url()` and so on.
    fn env_url(&mut self, env: &LibraryObject, what: &str, arguments: &Arguments) -> Eval {
        let origin = arguments.origin;
        let variable = match what {
            "db" => "DATABASE_URL",
            "cache" => "CACHE_URL",
            "email" => "EMAIL_URL",
            "search" => "SEARCH_URL",
            _ => "CHANNELS_URL",
        };
        let name = arguments.get(0, "var").cloned().unwrap_or_else(|| Val::str(variable));
        let default = arguments.get(1, "default").cloned().or_else(|| scheme_default(env, &name));
        let missing = Missing::Raises("ImproperlyConfigured");
        let url = match self.variable(&name, default, missing, origin)? {
            Variable::Text(value) | Variable::Fallback(value) => value,
        };
        let engine = arguments.get(2, "engine").or_else(|| arguments.keyword("backend"));
        let engine = engine.filter(|engine| !matches!(engine.kind, Kind::None)).cloned();
        let made = match what {
            "db" => self.database(&url, Parser::DjangoEnviron, origin)?,
            "cache" => self.cache(&url, origin)?,
            "email" => self.email(&url, origin)?,
            _ => Val::unsupported(format!("env.{what}_url()")),
        };
        if let (Some(engine), Kind::Dict(_)) = (engine, &made.kind) {
            let key = if what == "db" { "ENGINE" } else { "BACKEND" };
            self.set_item(&made, &Val::str(key), engine, origin)?;
        }
        Ok(made)
    }

    fn cache(&mut self, url: &Val, origin: Origin) -> Eval {
        let Some(text) = url.as_str().map(str::to_owned) else { return Ok(Val::unknown_like(url)) };
        let parts = urls::split(&text);
        let backend = match parts.scheme.as_str() {
            "dbcache" => "django.core.cache.backends.db.DatabaseCache",
            "dummycache" => DUMMY_CACHE,
            "filecache" => FILE_CACHE,
            "locmemcache" => LOCAL_MEMORY_CACHE,
            "memcache" => OLD_MEMCACHED_CACHE,
            "pylibmc" => "django.core.cache.backends.memcached.PyLibMCCache",
            "rediscache" | "redis" | "rediss" => REDIS_CACHE,
            "pymemcache" => "django.core.cache.backends.memcached.PyMemcacheCache",
            "valkey" | "valkeys" => REDIS_CACHE,
            _ => return self.raise("ImproperlyConfigured", origin, &[url], true),
        };
        let location = match parts.scheme.as_str() {
            "filecache" => format!("{}{}", parts.netloc, parts.path),
            "redis" | "rediss" | "rediscache" => {
                let scheme = if parts.scheme == "rediscache" { "redis" } else { &parts.scheme };
                let scheme = if parts.netloc.is_empty() { "unix" } else { scheme };
                format!("{scheme}://{}{}", parts.netloc, parts.path)
            }
            _ if parts.netloc.is_empty() && parts.scheme == "memcache" => format!("unix:{}", parts.path),
            _ => parts.netloc.clone(),
        };
        // django-redis where that is installed, Django's own otherwise.
        let backend = match backend {
            REDIS_CACHE => Val::either(&Val::str(REDIS_CACHE), &Val::str(DJANGO_REDIS_CACHE)).kind,
            backend => Kind::Str(Rc::from(backend)),
        };
        self.made_of(url, &[("BACKEND", backend), ("LOCATION", Kind::Str(Rc::from(location)))], origin)
    }

    fn email(&mut self, url: &Val, origin: Origin) -> Eval {
        let Some(text) = url.as_str().map(str::to_owned) else { return Ok(Val::unknown_like(url)) };
        let parts = urls::split(&text);
        let backend = match parts.scheme.as_str() {
            "smtp" | "smtps" | "smtp+tls" | "smtp+ssl" => "smtp",
            "consolemail" => "console",
            "filemail" => "filebased",
            "memorymail" => "locmem",
            "dummymail" => "dummy",
            _ => return Ok(Val::unsupported(format!("the mail scheme `{}`", parts.scheme))),
        };
        let text = |text: &str| Kind::Str(Rc::from(text));
        let optional = |part: &Option<String>| part.as_deref().map_or(Kind::None, |part| text(&urls::unquote(part)));
        let mut entries = vec![
            ("EMAIL_FILE_PATH", text(parts.path.strip_prefix('/').unwrap_or(&parts.path))),
            ("EMAIL_HOST_USER", optional(&parts.username)),
            ("EMAIL_HOST_PASSWORD", optional(&parts.password)),
            ("EMAIL_HOST", optional(&parts.hostname)),
            ("EMAIL_PORT", parts.port.map_or(Kind::None, |port| Kind::Int(i64::from(port)))),
            ("EMAIL_BACKEND", text(&format!("django.core.mail.backends.{backend}.EmailBackend"))),
        ];
        match parts.scheme.as_str() {
            "smtps" | "smtp+tls" => entries.push(("EMAIL_USE_TLS", Kind::Bool(true))),
            "smtp+ssl" => entries.push(("EMAIL_USE_SSL", Kind::Bool(true))),
            _ => {}
        }
        self.made_of(url, &entries, origin)
    }

    fn made_of(&mut self, url: &Val, entries: &[(&str, Kind)], origin: Origin) -> Eval {
        let entry = |(key, kind): &(&str, Kind)| (Val::str(key), Val::derived(kind.clone(), [url]));
        let dict = self.dict(entries.iter().map(entry).collect(), false)?;
        Ok(dict.at(origin))
    }

    /// The text of an `environ.Path`, which all that takes paths takes too.
    pub fn environ_path_text(&self, value: &Val) -> Option<Val> {
        let Kind::Object(object) = &value.kind else { return None };
        if &*object.function != "environ.Path" {
            return None;
        }
        let path = self.environ_path(object)?;
        Some(Val::derived(Kind::Str(Rc::from(path)), object.arguments.iter().chain([value])))
    }

    /// The folder of an `environ.Path(start, *parts)`.
    pub(super) fn environ_path(&self, object: &LibraryObject) -> Option<String> {
        let mut path = String::new();
        for part in &object.arguments {
            path = join(&path, part.as_path()?);
        }
        // It stands for the folder of a file that it is given.
        let is_file = path.ends_with(".py");
        Some(if is_file { path.rsplit_once('/')?.0.to_owned() } else { path })
    }

    fn environ_path_made(&mut self, path: String, origin: Origin) -> Eval {
        let mut arguments = Arguments::new(origin);
        arguments.positional = vec![Val::str(path)];
        self.opaque("environ.Path", arguments)
    }

    /// `root("static")`: the text of a path below.
    pub(super) fn environ_path_call(&mut self, object: &LibraryObject, arguments: Arguments) -> Eval {
        let Some(mut path) = self.environ_path(object) else { return Ok(Val::unsupported("environ.Path")) };
        for part in &arguments.positional {
            match part.as_path() {
                Some(part) => path = join(&path, part),
                None => return Ok(Val::unknown_like(part)),
            }
        }
        Ok(Val::derived(Kind::Str(Rc::from(normalised(&path))), object.arguments.iter().chain(&arguments.positional)))
    }

    pub(super) fn environ_path_method(&mut self, object: &LibraryObject, name: &str, arguments: Arguments) -> Eval {
        let origin = arguments.origin;
        match name {
            "path" => {
                let text = self.environ_path_call(object, arguments)?;
                match text.as_str().map(str::to_owned) {
                    Some(path) => self.environ_path_made(path, origin),
                    None => Ok(text),
                }
            }
            _ => Ok(self.unsupported(origin, format!("environ.Path.{name}()"))),
        }
    }

    /// `environ.Path(__file__) - 2`.
    pub fn environ_path_up(&mut self, object: &LibraryObject, levels: i64, origin: Origin) -> Eval {
        let Some(mut path) = self.environ_path(object) else { return Ok(Val::unsupported("environ.Path")) };
        // The file itself counts as the first level.
        let own = object.arguments.first().and_then(Val::as_path).is_some_and(|path| path.ends_with(".py"));
        for _ in 0..(levels - i64::from(own)).clamp(0, 64) {
            if path == REPOSITORY {
                return Ok(Val::unsupported("a folder above the repository"));
            }
            path.truncate(path.rfind('/').unwrap_or(0));
        }
        self.environ_path_made(path, origin)
    }
}
