//! What libraries do that settings use. A library that is not here is opaque: its results are known by how they were
//! made, and poison nothing.

mod config_parser;
mod configuration_values;
mod configurations;
mod database_url;
mod decouple;
mod django_environ;
mod django_heroku;
mod dotenv;
mod environs;
mod ini;
mod os_environ;
pub(super) mod paths;
mod patterns;
mod pydantic;
mod pydantic_models;
mod split_settings;
mod standard;
mod strtobool;
mod url_settings;
mod urls;
mod yaml;

pub(super) use environs::PREFIXED;
pub(super) use os_environ::Held;
pub(super) use pydantic::VALIDATED;

use super::calls::Arguments;
use super::evaluator::{Eval, Evaluator};
use super::object::{Kind, LibraryObject, Origin, Val};

impl Evaluator<'_> {
    /// What is under a dotted name of a library.
    pub fn library_attribute(&self, dotted: &str) -> Val {
        match dotted {
            "os.sep" => Val::str("/"),
            "os.pathsep" => Val::str(":"),
            "os.linesep" => Val::str("\n"),
            "os.name" => Val::str("posix"),
            "os.curdir" => Val::str("."),
            "os.pardir" => Val::str(".."),
            "sys.platform" => Val::str("linux").weakened(),
            "sys.version_info" => Val::tuple(vec![Val::int(3), Val::int(12), Val::int(0)]).weakened(),
            "sys.argv" => Val::library(dotted).weakened(),
            "typing.TYPE_CHECKING" => Val::bool(false),
            "math.inf" => Val::new(Kind::Float(f64::INFINITY)),
            "string.ascii_letters" => Val::str("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"),
            "string.ascii_lowercase" => Val::str("abcdefghijklmnopqrstuvwxyz"),
            "string.ascii_uppercase" => Val::str("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
            "string.digits" => Val::str("0123456789"),
            "string.punctuation" => Val::str("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
            _ => standard::constant(dotted).unwrap_or_else(|| Val::library(dotted)),
        }
    }

    /// Calls a function or class of a library.
    pub fn call_library(&mut self, name: &str, arguments: Arguments) -> Eval {
        // It hands on what it imports itself, and people take it from there.
        let name = if name == "environs.Path" { "pathlib.Path" } else { name };
        let name = name.strip_prefix("posixpath.").map_or_else(|| name.to_owned(), |rest| format!("os.path.{rest}"));
        let (module, function) = name.rsplit_once('.').unwrap_or(("", &name));
        match module {
            "os" | "os.environ" if os_environ::is_known(&name) => self.call_environ(function, arguments),
            "os.path" | "os" | "pathlib" | "glob" | "shutil" | "pathlib.Path" => self.call_path(&name, arguments),
            "environ" | "environ.Env" | "environ.environ" | "environ.FileAwareEnv" => {
                self.call_django_environ(&name, arguments)
            }
            "environs" if function == "env" => self.call_environs("__call__", arguments),
            "environs.env" => self.call_environs(function, arguments),
            "configurations.values" => self.call_configuration_value(function, arguments),
            "configparser" if function.ends_with("ConfigParser") => self.new_config_parser(function, arguments),
            "decouple" => self.call_decouple(function, arguments),
            "dj_email_url" | "django_cache_url" => self.call_url_settings(module, function, arguments),
            "dj_database_url" => self.call_database_url(function, arguments),
            "django_heroku" | "django_on_heroku" if function == "settings" => self.django_heroku(&arguments),
            "dotenv" | "dotenv.main" => self.call_dotenv(function, arguments),
            _ if function == "strtobool" => self.strtobool(&arguments),
            _ => self.call_standard(&name, arguments),
        }
    }

    /// Calls what a call of a library gave.
    pub fn call_object(&mut self, value: &Val, object: &LibraryObject, arguments: Arguments) -> Eval {
        match &*object.function {
            "environ.Env" | "environ.FileAwareEnv" => self.call_env(object, "__call__", arguments),
            "environs.Env" | "environs.FileAwareEnv" => self.call_environs("__call__", arguments),
            "environ.Path" => self.environ_path_call(object, arguments),
            "operator.itemgetter" => match (object.arguments.as_slice(), arguments.positional.first()) {
                ([index], Some(item)) => self.subscript(&item.clone(), &index.clone(), arguments.origin),
                _ => Ok(self.unsupported(arguments.origin, "operator.itemgetter()()")),
            },
            "decouple.Choices" => self.decouple_choices(object, &arguments),
            "decouple.Csv" => self.decouple_csv(object, &arguments),
            "decouple.Config" | "decouple.AutoConfig" => self.decouple_get(object, arguments),
            "functools.partial" => {
                let Some((function, first)) = object.arguments.split_first() else {
                    return Ok(Val::unknown_like(value));
                };
                let mut all = Arguments::new(arguments.origin);
                all.positional = first.iter().cloned().chain(arguments.positional).collect();
                all.keywords = arguments.keywords;
                for (name, value) in &object.keywords {
                    if all.keyword(name).is_none() {
                        all.keywords.push((name.clone(), value.clone()));
                    }
                }
                all.more = arguments.more;
                self.call_value(function, all)
            }
            function => {
                let what = format!("{function}()()");
                Ok(self.unsupported(arguments.origin, what))
            }
        }
    }

    /// Calls a method of what a call of a library gave.
    pub fn object_method(&mut self, receiver: &Val, object: &LibraryObject, name: &str, arguments: Arguments) -> Eval {
        match (&*object.function, name) {
            ("environ.Env" | "environ.FileAwareEnv", _) => self.call_env(object, name, arguments),
            ("environs.Env" | "environs.FileAwareEnv", _) => self.call_environs(name, arguments),
            ("environ.Path", _) => self.environ_path_method(object, name, arguments),
            ("decouple.Config" | "decouple.AutoConfig", "get") => self.decouple_get(object, arguments),
            ("re.Match", _) => self.match_method(object, name, &arguments),
            ("re.compile", "sub" | "split" | "findall" | "match" | "fullmatch" | "search")
                if object.arguments.len() == 1 && object.keywords.is_empty() =>
            {
                let mut all = arguments;
                all.positional.insert(0, object.arguments[0].clone());
                self.call_library(&format!("re.{name}"), all)
            }
            ("open", "read" | "readline" | "readlines") => self.read_file(object, name, arguments.origin),
            ("open", _) => Ok(Val::none()),
            ("pydantic.SecretStr" | "pydantic.types.SecretStr", "get_secret_value") => {
                Ok(object.arguments.first().map_or_else(
                    || Val::unknown_like(receiver),
                    |text| {
                        let mut text = text.clone();
                        text.rests_on(receiver);
                        text
                    },
                ))
            }
            ("configparser.ConfigParser" | "configparser.RawConfigParser" | "configparser.SafeConfigParser", _) => {
                self.config_parser(receiver, object, name, &arguments)
            }
            ("configparser.SectionProxy", _) => self.config_proxy(object, name, &arguments),
            ("random.SystemRandom" | "secrets.SystemRandom", _) => Ok(Val::new(Kind::Random)),
            ("datetime.timedelta", "total_seconds") => Ok(total_seconds(object)),
            ("urllib.parse.urlparse" | "urllib.parse.urlsplit", _) => {
                Ok(self.unsupported(arguments.origin, format!("urlparse().{name}()")))
            }
            (function, _) => {
                let what = format!("{function}().{name}");
                let mut result = self.opaque(&what, arguments)?;
                result.rests_on(receiver);
                Ok(result)
            }
        }
    }

    /// An attribute of what a call of a library gave; `None` where it is a method, or nothing that is known.
    pub fn object_attribute(&mut self, object: &LibraryObject, name: &str) -> Eval<Option<Val>> {
        match &*object.function {
            "urllib.parse.urlparse" | "urllib.parse.urlsplit" => {
                Ok(object.arguments.first().and_then(|url| urls::attribute(url, name)))
            }
            "datetime.timedelta" if matches!(name, "days" | "seconds") => Ok(Some(part_of_delta(object, name))),
            "environ.Path" if name == "root" => Ok(self.environ_path(object).map(Val::str)),
            _ => Ok(None),
        }
    }

    /// An item of what a call of a library gave.
    pub fn object_item(
        &mut self,
        value: &Val,
        object: &LibraryObject,
        index: &Val,
        origin: Origin,
    ) -> Eval<Option<Val>> {
        match &*object.function {
            "re.Match" => {
                let mut arguments = Arguments::new(origin);
                arguments.positional = vec![index.clone()];
                self.match_method(object, "__getitem__", &arguments).map(Some)
            }
            "configparser.ConfigParser" | "configparser.RawConfigParser" => {
                self.config_section(value, object, index, origin).map(Some)
            }
            "configparser.SectionProxy" => {
                let mut arguments = Arguments::new(origin);
                arguments.positional = vec![index.clone()];
                self.config_proxy(object, "__getitem__", &arguments).map(Some)
            }
            "urllib.parse.urlparse" => {
                let names = ["scheme", "netloc", "path", "params", "query", "fragment"];
                let name = index.as_int().and_then(|at| names.get(usize::try_from(at).ok()?)).copied();
                Ok(name.and_then(|name| object.arguments.first().and_then(|url| urls::attribute(url, name))))
            }
            _ => Ok(None),
        }
    }
}

/// `timedelta(…).total_seconds()`, where all parts are whole numbers.
fn total_seconds(delta: &LibraryObject) -> Val {
    let names = ["days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"];
    let positional = names.iter().copied().zip(&delta.arguments);
    let mut total = 0_i64;
    for (name, value) in positional.chain(delta.keywords.iter().map(|(name, value)| (&**name, value))) {
        let factor = match name {
            "weeks" => 604_800,
            "days" => 86_400,
            "hours" => 3_600,
            "minutes" => 60,
            "seconds" => 1,
            _ => return Val::unsupported("a part of a second"),
        };
        match value.as_int().and_then(|number| number.checked_mul(factor)?.checked_add(total)) {
            Some(sum) => total = sum,
            None => return Val::unknown_like(value),
        }
    }
    let inputs = delta.arguments.iter().chain(delta.keywords.iter().map(|(_, value)| value));
    Val::derived(Kind::Float(total as f64), inputs)
}

/// `timedelta(…).days` and `.seconds`.
fn part_of_delta(delta: &LibraryObject, name: &str) -> Val {
    const DAY: f64 = 86_400.0;
    let total = total_seconds(delta);
    match total.kind {
        Kind::Float(seconds) if name == "days" => Val::derived(Kind::Int(seconds.div_euclid(DAY) as i64), [&total]),
        Kind::Float(seconds) => Val::derived(Kind::Int(seconds.rem_euclid(DAY) as i64), [&total]),
        _ => total,
    }
}
