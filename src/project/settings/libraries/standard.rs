//! The rest of Python's standard library and of Django, as far as settings use it.

use super::super::calls::Arguments;
use super::super::evaluator::{Eval, Evaluator};
use super::super::object::{Kind, Origin, Val};
use crate::parse::python::{DictEntry, Expr, ExprKind, StmtKind, UnaryOperator};
use crate::project::value::Reason;
use std::rc::Rc;

/// JSON within JSON is read this deep.
const MAX_JSON_DEPTH: usize = 40;

/// A constant of a library.
pub(super) fn constant(dotted: &str) -> Option<Val> {
    Some(match dotted {
        "logging.DEBUG" => Val::int(10),
        "logging.INFO" => Val::int(20),
        "logging.WARNING" => Val::int(30),
        "logging.ERROR" => Val::int(40),
        "logging.CRITICAL" => Val::int(50),
        // What third-party code is to be given: `DEFAULT + (…)` of django-cors-headers and the like is opaque.
        "django.conf.global_settings.DATETIME_INPUT_FORMATS" => return None,
        _ => return None,
    })
}

impl Evaluator<'_> {
    pub(super) fn call_standard(&mut self, name: &str, arguments: Arguments) -> Eval {
        let origin = arguments.origin;
        let first = arguments.positional.first().cloned();
        match (name, first) {
            (
                "django.utils.translation.gettext_lazy"
                | "django.utils.translation.gettext"
                | "django.utils.translation.ugettext_lazy"
                | "django.utils.translation.gettext_noop"
                | "django.utils.translation.pgettext_lazy"
                | "django.urls.reverse_lazy"
                | "django.utils.functional.lazystr"
                | "django.utils.safestring.mark_safe"
                | "django.utils.encoding.force_str"
                | "typing.NewType"
                | "sys.intern",
                Some(value),
            ) => Ok(match (name, arguments.positional.get(1)) {
                ("django.utils.translation.pgettext_lazy", Some(text)) => text.clone(),
                _ => value,
            }),
            ("textwrap.dedent", Some(value)) => match &value.kind {
                Kind::Str(text) => {
                    let kind = self.text(dedented(text))?;
                    Ok(Val::derived(kind, [&value]))
                }
                _ => Ok(Val::unknown_like(&value)),
            },
            ("functools.reduce", Some(function)) => self.reduce(&function, &arguments),
            ("typing.cast", _) => Ok(arguments.get(1, "val").cloned().unwrap_or_else(Val::none)),
            ("copy.copy" | "copy.deepcopy", Some(value)) => self.deep_copy(&value, 0),
            ("collections.OrderedDict", _) => self.call_builtin("dict", arguments),
            ("collections.defaultdict", _) => {
                let mut rest = arguments;
                if !rest.positional.is_empty() {
                    rest.positional.remove(0);
                }
                self.call_builtin("dict", rest)
            }
            (
                "django.core.management.utils.get_random_secret_key"
                | "django.utils.crypto.get_random_string"
                | "secrets.token_urlsafe"
                | "secrets.token_hex"
                | "secrets.token_bytes"
                | "secrets.choice"
                | "random.choice"
                | "random.choices"
                | "random.sample"
                | "uuid.uuid4"
                | "uuid.uuid1"
                | "os.urandom",
                _,
            ) => Ok(Val::new(Kind::Random).at(origin)),
            ("json.loads", Some(value)) => self.json(&value, origin),
            ("json.load", Some(file)) => match &file.kind {
                Kind::Object(object) if &*object.function == "open" => {
                    let object = object.clone();
                    let text = self.read_file(&object, "read", origin)?;
                    self.json(&text, origin)
                }
                _ => Ok(Val::unsupported("json.load()")),
            },
            ("tomllib.loads" | "tomli.loads", Some(value)) => self.toml(&value, origin),
            ("tomllib.load" | "tomli.load", Some(file)) => match &file.kind {
                Kind::Object(object) if &*object.function == "open" => {
                    let object = object.clone();
                    let text = self.read_file(&object, "read", origin)?;
                    self.toml(&text, origin)
                }
                _ => Ok(Val::unsupported("tomllib.load()")),
            },
            ("yaml.safe_load" | "yaml.full_load", Some(value)) => self.yaml(&value, origin),
            ("ast.literal_eval", Some(value)) => self.literal(&value, origin),
            ("importlib.import_module", Some(value)) => {
                let package = arguments.get(1, "package").and_then(Val::as_str).map(str::to_owned);
                let relative = value.as_str().and_then(|name| Some((name.strip_prefix('.')?, package?)));
                match relative {
                    Some((name, package)) if !name.starts_with('.') => {
                        let whole = Val::derived(Kind::Str(Rc::from(format!("{package}.{name}"))), [&value]);
                        self.import_by_name(&whole, origin)
                    }
                    _ => self.import_by_name(&value, origin),
                }
            }
            ("sys.exit" | "os._exit", _) => self.raise("SystemExit", origin, &[], true),
            ("sys.path.insert" | "sys.path.append", _) => {
                let path = arguments.positional.last().and_then(Val::as_path);
                if let Some(root) = path.and_then(|path| self.repository_path(path))
                    && !self.roots.contains(&root)
                    && self.roots.len() < 32
                {
                    self.roots.push(root);
                }
                Ok(Val::none())
            }
            ("warnings.warn" | "warnings.filterwarnings" | "warnings.simplefilter" | "mimetypes.add_type", _) => {
                Ok(Val::none())
            }
            ("base64.b64encode" | "base64.urlsafe_b64encode" | "base64.b64decode", Some(value)) => {
                Ok(match value.kind {
                    Kind::Random => value,
                    _ => Val::unsupported(format!("{name}()")),
                })
            }
            (
                "socket.gethostname"
                | "socket.getfqdn"
                | "socket.gethostbyname"
                | "socket.gethostbyname_ex"
                | "platform.node"
                | "platform.system"
                | "getpass.getuser"
                | "os.getpid"
                | "os.cpu_count"
                | "multiprocessing.cpu_count"
                | "subprocess.check_output"
                | "subprocess.run"
                | "time.time"
                | "datetime.datetime.now"
                | "datetime.datetime.utcnow"
                | "importlib.metadata.version"
                | "shutil.which"
                | "os.listdir"
                | "tempfile.mkdtemp"
                | "tempfile.gettempdir"
                | "importlib.util.find_spec"
                | "os.uname",
                _,
            ) => {
                let what = format!("{name}()");
                Ok(self.unsupported(origin, what))
            }
            ("re.match" | "re.fullmatch" | "re.search" | "re.sub" | "re.findall" | "re.split", _) => {
                match self.call_pattern(name.trim_start_matches("re."), &arguments)? {
                    Some(made) => Ok(made),
                    None => Ok(self.unsupported(origin, format!("{name}()"))),
                }
            }
            ("logging.getLogger", _) => self.opaque(name, arguments),
            _ => self.opaque(name, arguments),
        }
    }

    /// `importlib.import_module(name)`.
    pub fn import_by_name(&mut self, name: &Val, origin: Origin) -> Eval {
        let Some(name) = name.as_str().map(str::to_owned) else { return Ok(Val::unknown_like(name)) };
        if name.starts_with('.') {
            return Ok(self.unsupported(origin, "a relative import by name"));
        }
        match self.import_module(&name)? {
            Some(id) => Ok(Val::new(Kind::Module(id))),
            None if self.catches("ImportError") => {
                let doubt = Val::none().weakened();
                self.raise("ModuleNotFoundError", origin, &[&doubt], true)
            }
            None => Ok(Val::library(name)),
        }
    }

    /// `functools.reduce(function, items, start)`.
    fn reduce(&mut self, function: &Val, arguments: &Arguments) -> Eval {
        let origin = arguments.origin;
        let Some((items, false)) = arguments.positional.get(1).and_then(|items| self.iterate(items)) else {
            return Ok(Val::unsupported("functools.reduce()"));
        };
        let mut items = items.into_iter();
        let Some(mut total) = arguments.get(2, "initial").cloned().or_else(|| items.next()) else {
            return self.raise("TypeError", origin, &[], false);
        };
        for item in items {
            total = self.call_with(function, vec![total, item], origin)?;
        }
        Ok(total)
    }

    fn deep_copy(&mut self, value: &Val, depth: usize) -> Eval {
        if depth > MAX_JSON_DEPTH {
            return Ok(Val::unknown(Reason::Limit("nesting".into())));
        }
        let mut copy = match &value.kind {
            Kind::List(_) | Kind::Set(_) => {
                let (items, more) = self.iterate(value).unwrap_or_default();
                let mut copied = Vec::with_capacity(items.len());
                for item in &items {
                    copied.push(self.deep_copy(item, depth + 1)?);
                }
                let id = self.items(copied, more)?;
                Val::new(if matches!(value.kind, Kind::List(_)) { Kind::List(id) } else { Kind::Set(id) })
            }
            Kind::Dict(_) => {
                let copy = self.copy_dict(value)?;
                let keys = self.iterate(&copy).unwrap_or_default().0;
                for key in keys {
                    if let Some(super::super::lookups::Found::Value(inner)) = self.dict_found(&copy, &key) {
                        let inner = self.deep_copy(&inner, depth + 1)?;
                        let origin = inner.origin.or(value.origin);
                        if let Some(origin) = origin {
                            self.set_item(&copy, &key, inner, origin)?;
                        }
                    }
                }
                copy
            }
            _ => return Ok(value.clone()),
        };
        copy.rests_on(value);
        copy.origin = value.origin;
        Ok(copy)
    }

    fn json(&mut self, value: &Val, origin: Origin) -> Eval {
        let (Kind::Str(text) | Kind::Bytes(text)) = &value.kind else { return Ok(Val::unknown_like(value)) };
        self.step(text.len() / 16)?;
        match serde_json::from_str::<serde_json::Value>(text) {
            Ok(parsed) => {
                let mut made = self.of_json(&parsed, value, origin, 0)?;
                made.rests_on(value);
                Ok(made)
            }
            Err(_) => self.raise("JSONDecodeError", origin, &[value], true),
        }
    }

    fn toml(&mut self, value: &Val, origin: Origin) -> Eval {
        let (Kind::Str(text) | Kind::Bytes(text)) = &value.kind else { return Ok(Val::unknown_like(value)) };
        self.step(text.len() / 16)?;
        match toml::from_str::<toml::Table>(text) {
            Ok(table) => self.of_toml(&toml::Value::Table(table), value, origin, 0),
            Err(_) => self.raise("TOMLDecodeError", origin, &[value], true),
        }
    }

    fn of_toml(&mut self, parsed: &toml::Value, about: &Val, origin: Origin, depth: usize) -> Eval {
        use toml::Value as Toml;
        if depth > MAX_JSON_DEPTH {
            return Ok(Val::unknown(Reason::Limit("nesting".into())));
        }
        let mut made = match parsed {
            Toml::String(text) => Val::new(self.text(text)?),
            Toml::Integer(number) => Val::int(*number),
            Toml::Float(number) => Val::new(Kind::Float(*number)),
            Toml::Boolean(value) => Val::bool(*value),
            Toml::Datetime(_) => Val::unsupported("a date of TOML"),
            Toml::Array(items) => {
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    values.push(self.of_toml(item, about, origin, depth + 1)?);
                }
                self.list(values, false)?
            }
            Toml::Table(entries) => {
                let dict = self.dict(Vec::new(), false)?;
                for (key, value) in entries {
                    let value = self.of_toml(value, about, origin, depth + 1)?;
                    self.set_item(&dict, &Val::str(key), value, origin)?;
                }
                dict
            }
        };
        made.rests_on(about);
        Ok(made)
    }

    fn of_json(&mut self, parsed: &serde_json::Value, about: &Val, origin: Origin, depth: usize) -> Eval {
        use serde_json::Value as Json;
        if depth > MAX_JSON_DEPTH {
            return Ok(Val::unknown(Reason::Limit("nesting".into())));
        }
        let mut made = match parsed {
            Json::Null => Val::none(),
            Json::Bool(value) => Val::bool(*value),
            Json::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(number), _) => Val::int(number),
                (None, Some(number)) => Val::new(Kind::Float(number)),
                _ => Val::unsupported("a number"),
            },
            Json::String(text) => Val::new(self.text(text)?),
            Json::Array(items) => {
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    values.push(self.of_json(item, about, origin, depth + 1)?);
                }
                self.list(values, false)?
            }
            Json::Object(entries) => {
                let dict = self.dict(Vec::new(), false)?;
                for (key, value) in entries {
                    let value = self.of_json(value, about, origin, depth + 1)?;
                    self.set_item(&dict, &Val::str(key), value, origin)?;
                }
                dict
            }
        };
        made.rests_on(about);
        Ok(made)
    }

    /// `ast.literal_eval(text)`.
    fn literal(&mut self, value: &Val, origin: Origin) -> Eval {
        let Some(text) = value.as_str() else { return Ok(Val::unknown_like(value)) };
        let (module, problems) = crate::parse::python::parse(text.trim());
        match module.body.as_slice() {
            [statement] if problems.is_empty() => match &statement.kind {
                StmtKind::Expr(expression) if is_literal(expression, 0) => {
                    let mut made = self.literal_value(expression, origin)?;
                    made.rests_on(value);
                    Ok(made)
                }
                _ => self.raise("ValueError", origin, &[value], true),
            },
            _ => self.raise("SyntaxError", origin, &[value], true),
        }
    }

    fn literal_value(&mut self, expression: &Expr, origin: Origin) -> Eval {
        let mut all =
            |items: &[Expr]| -> Eval<Vec<Val>> { items.iter().map(|item| self.literal_value(item, origin)).collect() };
        match &expression.kind {
            ExprKind::Str { text, bytes: false } => Ok(Val::str(text.text())),
            ExprKind::Str { text, bytes: true } => Ok(Val::new(Kind::Bytes(Rc::from(text.text())))),
            ExprKind::Int(value) => Ok(Val::int(*value)),
            ExprKind::Float(value) => Ok(Val::new(Kind::Float(*value))),
            ExprKind::Bool(value) => Ok(Val::bool(*value)),
            ExprKind::List(items) => {
                let items = all(items)?;
                self.list(items, false)
            }
            ExprKind::Tuple(items) => Ok(Val::tuple(all(items)?)),
            ExprKind::Set(items) => {
                let items = all(items)?;
                self.set_of(items, false)
            }
            ExprKind::Dict(entries) => {
                let dict = self.dict(Vec::new(), false)?;
                for entry in entries {
                    if let DictEntry::Pair(key, value) = entry {
                        let key = self.literal_value(key, origin)?;
                        let value = self.literal_value(value, origin)?;
                        self.set_item(&dict, &key, value, origin)?;
                    }
                }
                Ok(dict)
            }
            ExprKind::Unary { operator, operand } => {
                let operand = self.literal_value(operand, origin)?;
                self.unary(*operator, &operand)
            }
            _ => Ok(Val::none()),
        }
    }
}

/// `textwrap.dedent(text)`: without the white space that all lines begin with.
fn dedented(text: &str) -> String {
    let blank = |line: &str| line.chars().all(|letter| matches!(letter, ' ' | '\t'));
    let mut margin: Option<&str> = None;
    for line in text.split('\n').filter(|line| !blank(line)) {
        let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        let same = margin.map(|margin| margin.bytes().zip(indent.bytes()).take_while(|(a, b)| a == b).count());
        margin = Some(same.map_or(indent, |same| &indent[..same]));
    }
    let margin = margin.map_or(0, str::len);
    let lines = text.split('\n').map(|line| if blank(line) { "" } else { &line[margin..] });
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether an expression is made of literals only.
fn is_literal(expression: &Expr, depth: usize) -> bool {
    let all = |items: &[Expr]| depth < MAX_JSON_DEPTH && items.iter().all(|item| is_literal(item, depth + 1));
    match &expression.kind {
        ExprKind::Str { .. } | ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Bool(_) | ExprKind::None => true,
        ExprKind::List(items) | ExprKind::Tuple(items) | ExprKind::Set(items) => all(items),
        ExprKind::Dict(entries) => {
            depth < MAX_JSON_DEPTH
                && entries.iter().all(|entry| match entry {
                    DictEntry::Pair(key, value) => is_literal(key, depth + 1) && is_literal(value, depth + 1),
                    DictEntry::Unpack(_) => false,
                })
        }
        ExprKind::Unary { operator: UnaryOperator::Negative | UnaryOperator::Positive, operand } => {
            matches!(operand.kind, ExprKind::Int(_) | ExprKind::Float(_))
        }
        _ => false,
    }
}
