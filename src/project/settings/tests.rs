//! What real Python and Django make of it, as the documentation of each has it.

mod judged;
mod libraries;
mod shaped;
mod unseen;

use super::*;
use crate::parse::python;
use crate::project::environment::Opening;
use crate::project::value::{Act, Step};
use crate::source::{LineIndex, Span};
use std::collections::BTreeSet;

/// A repository in memory.
#[derive(Default)]
struct Memory {
    files: BTreeMap<String, String>,
    ignored: BTreeSet<String>,
}

impl Files for Memory {
    fn python(&self, path: &RepoPath) -> Option<Arc<Module>> {
        self.text(path).map(|text| Arc::new(python::parse(&text).0))
    }
    fn text(&self, path: &RepoPath) -> Option<String> {
        self.files.get(path.as_str()).cloned()
    }
    fn is_file(&self, path: &RepoPath) -> bool {
        self.files.contains_key(path.as_str())
    }
    fn is_dir(&self, path: &RepoPath) -> bool {
        let folder = format!("{path}/");
        path.is_root() || self.files.keys().any(|file| file.starts_with(&folder))
    }
    fn files_in(&self, folder: &RepoPath) -> Vec<RepoPath> {
        self.files.keys().map(|file| path(file)).filter(|file| file.parent().as_ref() == Some(folder)).collect()
    }
    fn ignored_by_git(&self, path: &RepoPath) -> bool {
        self.ignored.contains(path.as_str())
    }
    fn left_out(&self, path: &RepoPath) -> bool {
        path.as_str().starts_with("left-out")
    }
}

fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

fn files(files: &[(&str, &str)]) -> Memory {
    let own = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
    Memory { files: files.iter().map(own).collect(), ignored: BTreeSet::new() }
}

/// Variables that are all there are.
fn closed(set: &[(&str, &str)]) -> Variables {
    let env = path("env");
    let traced = |(at, (name, value)): (usize, &(&str, &str))| {
        let step = Step::new(Place::new(env.clone(), Span::at(at)), Act::Sets((*name).to_owned()));
        ((*name).to_owned(), Traced::known((*value).to_owned(), step))
    };
    Variables { set: set.iter().enumerate().map(traced).collect(), open: None }
}

/// Variables beside which others may be set.
fn open(set: &[(&str, &str)]) -> Variables {
    let reason = Reason::OutsideVariable("the platform".into());
    Variables { open: Some(Opening { reason, step: None }), ..closed(set) }
}

fn run(repository: &Memory, module: &str, variables: &Variables) -> Settings {
    evaluate(repository, module, &[RepoPath::root()], variables, false)
}

/// The settings of a single module.
fn one(text: &str) -> Settings {
    run(&files(&[("settings.py", text)]), "settings", &closed(&[]))
}

fn with(text: &str, variables: &Variables) -> Settings {
    run(&files(&[("settings.py", text)]), "settings", variables)
}

/// A value as Python would print it; in front of it how sure it is.
fn shown(settings: &Settings, name: &str) -> String {
    show(&settings.get(name).value)
}

fn show(value: &Value<PyValue>) -> String {
    match value {
        Value::Known(value) => repr(value),
        Value::Default(value) => format!("default {}", repr(value)),
        Value::OneOf(values) => format!("one of {}", values.iter().map(repr).collect::<Vec<_>>().join(" | ")),
        Value::Absent => "absent".to_owned(),
        Value::Unknown(reason) => format!("unknown: {reason}"),
    }
}

fn repr(value: &PyValue) -> String {
    let items = |items: &Items| {
        let more = items.more.then(|| "…".to_owned());
        items.items.iter().map(|item| show(&item.value.value)).chain(more).collect::<Vec<_>>().join(", ")
    };
    match value {
        PyValue::None => "None".to_owned(),
        PyValue::Bool(true) => "True".to_owned(),
        PyValue::Bool(false) => "False".to_owned(),
        PyValue::Int(value) => value.to_string(),
        PyValue::Float(value) => format!("{value:?}"),
        PyValue::Str(text) => format!("'{text}'"),
        PyValue::Bytes(text) => format!("b'{text}'"),
        PyValue::List(list) => format!("[{}]", items(list)),
        PyValue::Tuple(tuple) => format!("({})", items(tuple)),
        PyValue::Set(set) => format!("{{{}}}", items(set)),
        PyValue::Dict(dict) => {
            let entry = |(key, item): &(PyValue, Item)| format!("{}: {}", repr(key), show(&item.value.value));
            let more = dict.more.then(|| "…".to_owned());
            format!("{{{}}}", dict.entries.iter().map(entry).chain(more).collect::<Vec<_>>().join(", "))
        }
        PyValue::Path(text) => format!("Path({text})"),
        PyValue::Object(object) => format!("<{}>", object.function),
        PyValue::Random => "random".to_owned(),
        other => format!("{other:?}"),
    }
}

fn trail(repository: &Memory, settings: &Settings, name: &str) -> Vec<String> {
    let step = |step: &Step| {
        let line = repository.files.get(step.place.path.as_str());
        let line = line.map_or(1, |text| LineIndex::new(text).line(step.place.span.start as usize));
        format!("{}:{line} {}", step.place.path, step.act)
    };
    settings.get(name).trail.iter().map(step).collect()
}

/// Runs one module and compares what its names `A`, `B`, … are.
#[track_caller]
fn values(text: &str, expected: &[&str]) {
    let settings = one(text);
    let names = settings.values.keys().filter(|name| name.len() == 1);
    let found: Vec<String> = names.map(|name| shown(&settings, name)).collect();
    assert_eq!(found, expected, "{:?}", settings.unresolved);
}

#[test]
fn python_keeps_its_types() {
    values(
        "A = 1\nB = True\nC = '1'\nD = 1.0\nE = None\nF = (1,)\nG = {1, 1}\nH = b'x'\n",
        &["1", "True", "'1'", "1.0", "None", "(1)", "{1}", "b'x'"],
    );
    let settings = one("A = 1\nB = True\n");
    assert_eq!(settings.get("A").is_true(), Value::Known(false));
    assert_eq!(settings.get("A").truth(), Value::Known(true));
    assert_eq!(settings.get("B").is_true(), Value::Known(true));
    assert_eq!(settings.get("C").truth(), Value::Absent);
}

#[test]
fn operators_follow_python() {
    values(
        "A = 7 // 2\nB = -7 // 2\nC = -7 % 3\nD = 7 / 2\nE = 2 ** 10\nF = 60 * 60 * 24\n",
        &["3", "-4", "2", "3.5", "1024", "86400"],
    );
    values(
        "A = 1 == True\nB = 1 is True\nC = 'a' in 'cat'\nD = 1 < 2 < 2\nE = [1] == [1.0]\nF = not []\n",
        &["True", "False", "True", "False", "True", "True"],
    );
    values("A = '' or 'x'\nB = 0 and 1\nC = None or [] or 5\nD = 'a' and 'b'\n", &["'x'", "0", "5", "'b'"]);
    values(
        "A = '%s-%03d' % ('a', 7)\nB = f'{1 + 1:>3}|{\"x\"!r}'\nC = '{} {b}'.format(1, b=2)\n",
        &["'a-007'", "'  2|'x''", "'1 2'"],
    );
    values(
        "A = [1, 2, 3][-1]\nB = 'abc'[::-1]\nC = [1, 2, 3][1:]\nD = {'a': {'b': 1}}['a']['b']\n",
        &["3", "'cba'", "[2, 3]", "1"],
    );
}

#[test]
fn containers_are_shared_and_change_in_place() {
    values("A = [1]\nB = A\nB += [2]\nA.append(3)\nC = A + [4]\n", &["[1, 2, 3]", "[1, 2, 3]", "[1, 2, 3, 4]"]);
    values(
        "A = {'x': {}}\nB = A['x']\nB['y'] = 1\nA.setdefault('z', 2)\nA.update(w=3)\nC = A | {'x': 0}\n",
        &["{'x': {'y': 1}, 'z': 2, 'w': 3}", "{'y': 1}", "{'x': 0, 'z': 2, 'w': 3}"],
    );
    values(
        "A = ['a', 'b', 'c']\nA.insert(A.index('b'), 'x')\nA.remove('c')\ndel A[0]\nB = A.pop()\n",
        &["['x']", "'b'"],
    );
    values("A, *B = [1, 2, 3]\n(C, D), E = (4, 5), 6\n", &["1", "[2, 3]", "4", "5", "6"]);
    values("A = [*range(2), 9]\nB = {**{'a': 1}, 'b': 2}\n", &["[0, 1, 9]", "{'a': 1, 'b': 2}"]);
    values(
        "A = [x.strip() for x in 'a, b,'.split(',') if x]\nB = {k: v for k, v in [('a', 1)]}\nC = any(x > 1 for x in [1, 2])\n",
        &["['a', 'b']", "{'a': 1}", "True"],
    );
    values(
        "A = []\nfor i, x in enumerate('ab'):\n    if x == 'b':\n        break\n    A.append((i, x))\nelse:\n    A.append(0)\n",
        &["[(0, 'a')]"],
    );
    values("x = 3\nA = 0\nwhile x:\n    A += x\n    x -= 1\n", &["6"]);
}

#[test]
fn functions_of_the_project_are_run() {
    let text = "import os\n\
        class ConfigError(Exception): pass\n\
        def get_env(name, default=None, *, cast=str):\n\
        \x20   try:\n\
        \x20       value = os.environ[name]\n\
        \x20   except KeyError:\n\
        \x20       if default is None:\n\
        \x20           raise ConfigError(f'{name} is missing')\n\
        \x20       return default\n\
        \x20   return cast(value)\n\
        def envbool(name, default):\n\
        \x20   return get_env(name, default).lower().strip() in ('1', 'true', 'yes')\n\
        DEBUG = envbool('DEBUG', 'False')\n\
        PORT = get_env('PORT', 25, cast=int)\n\
        HOSTS = (lambda text: [h for h in text.split(',') if h])(get_env('HOSTS', ''))\n\
        SECRET_KEY = get_env('SECRET_KEY')\n";
    let settings = with(text, &closed(&[("DEBUG", "Yes "), ("PORT", "8025"), ("SECRET_KEY", "s")]));
    assert_eq!(shown(&settings, "DEBUG"), "True");
    assert_eq!(shown(&settings, "PORT"), "8025");
    assert_eq!(shown(&settings, "HOSTS"), "[]");
    assert_eq!(shown(&settings, "SECRET_KEY"), "'s'");
    let settings = with(text, &open(&[]));
    assert_eq!(shown(&settings, "DEBUG"), "default False");
    assert_eq!(shown(&settings, "PORT"), "default 25");
    assert!(
        shown(&settings, "SECRET_KEY").starts_with("unknown: SECRET_KEY is set outside"),
        "{}",
        shown(&settings, "SECRET_KEY")
    );
    assert_eq!(settings.raises, None);
    let settings = with(text, &closed(&[]));
    let crash = settings.raises.expect("SECRET_KEY is missing");
    assert_eq!((crash.exception.as_str(), crash.variable.as_deref()), ("ConfigError", Some("SECRET_KEY")));
}

#[test]
fn a_variable_is_certain_default_or_unknown() {
    let text = "import os\nfrom os import environ, getenv\nA = os.environ.get('A', 'x')\nB = getenv('B')\nC = environ['C']\nD = 'D' in os.environ\nE = os.getenv('E', 'off') == 'on'\n";
    let settings = with(text, &closed(&[("A", "1"), ("C", "2")]));
    let all = |settings: &Settings| ["A", "B", "C", "D", "E"].map(|name| shown(settings, name));
    assert_eq!(all(&settings), ["'1'", "None", "'2'", "False", "False"]);
    let settings = with(text, &open(&[]));
    let unknown = |name: &str| format!("unknown: {name} is set outside the repository, if at all");
    assert_eq!(all(&settings), ["default 'x'", &unknown("B"), &unknown("C"), "default False", "default False"]);
    let reads: Vec<_> = settings.variables_read.iter().map(|r| (r.name.as_str(), r.required)).collect();
    assert_eq!(reads, [("A", false), ("B", false), ("C", true), ("D", false), ("E", false)]);
    assert_eq!(settings.variables_read[0].fallback, Some(PyValue::Str("x".into())));
}

#[test]
fn a_trail_leads_from_the_env_file_to_the_last_import() {
    let repository = files(&[
        (".env.prod", "A=1\n\nDEBUG=True\n"),
        ("settings/__init__.py", ""),
        ("settings/base.py", "import environ\nenv = environ.Env()\n\nDEBUG = env.bool('DEBUG', False)\nNAME = 'x'\n"),
        ("settings/prod.py", "from .base import *\nSITE = NAME\n"),
    ]);
    let step = Step::new(Place::new(path(".env.prod"), Span::new(5, 15)), Act::Sets("DEBUG".into()));
    let mut variables = closed(&[]);
    variables.set.insert("DEBUG".into(), Traced::known("True".into(), step));
    let settings = run(&repository, "settings.prod", &variables);
    assert_eq!(shown(&settings, "DEBUG"), "True");
    assert_eq!(
        trail(&repository, &settings, "DEBUG"),
        [
            ".env.prod:3 sets `DEBUG`",
            "settings/base.py:4 reads `DEBUG`",
            "settings/prod.py:1 imports from `settings.base`",
        ]
    );
    assert_eq!(
        trail(&repository, &settings, "SITE"),
        [
            "settings/base.py:5 assigns `NAME`",
            "settings/prod.py:1 imports from `settings.base`",
            "settings/prod.py:2 assigns `SITE`",
        ]
    );
    assert_eq!(settings.assigned("DEBUG").unwrap().path, path("settings/base.py"));
    let read: Vec<_> = settings.modules_read.iter().map(RepoPath::as_str).collect();
    assert_eq!(read, ["settings/__init__.py", "settings/prod.py", "settings/base.py"]);
    let settings = run(&repository, "settings.prod", &closed(&[]));
    assert_eq!(
        trail(&repository, &settings, "DEBUG")[0],
        "settings/base.py:4 falls back to this when `DEBUG` is not set"
    );
}

#[test]
fn text_that_is_taken_for_true_is_told() {
    let text = "import os\nDEBUG = bool(os.environ.get('DEBUG', False))\nUSE_TZ = os.environ.get('TZ', False)\nNAME = os.environ.get('NAME', '')\n";
    let settings = with(text, &closed(&[("DEBUG", "False"), ("TZ", "0")]));
    assert_eq!(shown(&settings, "DEBUG"), "True");
    assert_eq!(shown(&settings, "USE_TZ"), "'0'");
    let told = |settings: &Settings, name: &str| {
        settings.get(name).trail.iter().any(|step| matches!(step.act, Act::TestsText(_)))
    };
    assert!(told(&settings, "DEBUG") && told(&settings, "USE_TZ") && !told(&settings, "NAME"));
    // A hazard also where the variable is not set.
    let settings = with(text, &open(&[]));
    assert_eq!(shown(&settings, "DEBUG"), "default False");
    assert!(told(&settings, "DEBUG") && told(&settings, "USE_TZ"));
    let settings = with("import os\nDEBUG = os.environ.get('DEBUG') == 'True'\n", &open(&[]));
    assert!(!told(&settings, "DEBUG"));
}

#[test]
fn a_default_goes_one_way_and_leaves_doubt_about_the_other() {
    let text = "import os\nDEBUG = os.environ.get('DEBUG') == '1'\nAPPS = ['a']\nHOSTS = []\nOTHER = 1\n\
        if DEBUG:\n    APPS += ['debug_toolbar']\n    EXTRA = 1\nelse:\n    HOSTS = ['x']\n";
    let settings = with(text, &open(&[]));
    assert_eq!(shown(&settings, "APPS"), "default ['a']");
    assert_eq!(shown(&settings, "HOSTS"), "default ['x']");
    assert_eq!(shown(&settings, "OTHER"), "1");
    assert_eq!(shown(&settings, "EXTRA"), "absent");
    let settings = with(text, &closed(&[("DEBUG", "1")]));
    assert_eq!(shown(&settings, "APPS"), "['a', 'debug_toolbar']");
    assert_eq!(shown(&settings, "HOSTS"), "[]");
}

#[test]
fn a_test_that_cannot_be_told_goes_both_ways() {
    let text = "import socket\nprod = socket.gethostname() == 'web1'\nAPPS = ['a', 'b']\nDB = {'x': 1}\n\
        if prod:\n    DEBUG = False\n    APPS.append('c')\n    DB['y'] = 2\n    ONLY = 1\nelse:\n    DEBUG = True\n\
        NAME = 'p' if prod else 'd'\n";
    let settings = one(text);
    assert_eq!(shown(&settings, "DEBUG"), "one of False | True");
    assert_eq!(shown(&settings, "APPS"), "['a', 'b', …]");
    assert_eq!(shown(&settings, "DB"), "{'x': 1, …}");
    assert_eq!(shown(&settings, "NAME"), "one of 'p' | 'd'");
    assert!(settings.values["ONLY"].may_be_absent);
    assert!(shown(&settings, "ONLY").starts_with("unknown"));
    assert!(!settings.unresolved.is_empty());
}

#[test]
fn functions_return_by_either_way() {
    let text = "import socket\ndef f(x):\n    if x:\n        return 1\n    return 2\nA = f(socket.gethostname())\n\
        def g(x):\n    if x:\n        raise ValueError\n    return 3\nB = g(socket.gethostname())\n";
    values(text, &["one of 1 | 2", "3"]);
}

#[test]
fn what_django_defaults_to_is_known() {
    let settings = with("import os\nif os.environ.get('TLS'):\n    SECURE_SSL_REDIRECT = True\n", &open(&[]));
    assert!(settings.get("SECURE_SSL_REDIRECT").value.is_absent());
    assert_eq!(settings.effective("SECURE_SSL_REDIRECT").value, Value::Default(PyValue::Bool(false)));
    assert_eq!(settings.effective("X_FRAME_OPTIONS").value, Value::Known(PyValue::Str("DENY".into())));
    let settings = one("import socket\nif socket.gethostname():\n    SECURE_SSL_REDIRECT = True\n");
    assert_eq!(show(&settings.effective("SECURE_SSL_REDIRECT").value), "one of True | False");
}

#[test]
fn star_imports_take_what_python_takes() {
    let repository = files(&[
        ("conf/__init__.py", "from .one import *\nfrom conf.two import *\nfrom . import three\nT = three.X\n"),
        ("conf/one.py", "A = 1\n_B = 2\nC = 3\n"),
        ("conf/two.py", "__all__ = ['_D', 'E']\n_D = 4\nE = 5\nF = 6\n"),
        ("conf/three.py", "from ..helpers import X\n"),
        ("helpers.py", "X = 7\n"),
    ]);
    let settings = run(&repository, "conf", &closed(&[]));
    let names: Vec<_> = settings.values.keys().map(String::as_str).collect();
    assert_eq!(names, ["A", "C", "E", "T", "_D"]);
    assert!(shown(&settings, "T").starts_with("unknown"));
    // `..helpers` leads out of the top-level package, as Python sees it.
    assert_eq!(settings.raises.as_ref().map(|crash| crash.exception.as_str()), Some("ImportError"));
}

#[test]
fn a_local_module_that_is_not_there_changes_nothing() {
    let text = "DEBUG = False\ntry:\n    from .local import *\nexcept ImportError:\n    FALLBACK = 1\n";
    let repository = files(&[("conf/__init__.py", ""), ("conf/prod.py", text)]);
    let settings = run(&repository, "conf.prod", &closed(&[]));
    assert_eq!((shown(&settings, "DEBUG"), shown(&settings, "FALLBACK")), ("False".into(), "1".into()));

    let mut ignoring = files(&[("conf/__init__.py", ""), ("conf/prod.py", text), ("conf/local.py", "DEBUG = True\n")]);
    let settings = run(&ignoring, "conf.prod", &closed(&[]));
    assert_eq!(shown(&settings, "DEBUG"), "True");
    ignoring.ignored.insert("conf/local.py".into());
    let settings = run(&ignoring, "conf.prod", &closed(&[]));
    assert_eq!(shown(&settings, "DEBUG"), "default False");
    assert_eq!(settings.unresolved[0].reason, Reason::IgnoredFile("conf/local.py".into()));
    let settings = evaluate(&ignoring, "conf.prod", &[RepoPath::root()], &closed(&[]), true);
    assert_eq!(shown(&settings, "DEBUG"), "True");
}

#[test]
fn paths_start_from_the_repository() {
    let repository = files(&[
        ("manage.py", ""),
        (
            "conf/settings.py",
            "import os\nfrom pathlib import Path\n\
            BASE_DIR = Path(__file__).resolve().parent.parent\nOLD = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))\n\
            STATIC_ROOT = BASE_DIR / 'static'\nMEDIA_ROOT = os.path.join(OLD, 'media')\nDATABASE = f'sqlite:///{BASE_DIR}/db'\n\
            HERE = (BASE_DIR / 'manage.py').exists()\nVERSION = (BASE_DIR / 'VERSION').read_text().strip()\nUP = Path(__file__).parents[1]\nOUT = os.path.exists('/etc/x')\n",
        ),
        ("VERSION", "1.2\n"),
    ]);
    let settings = run(&repository, "conf.settings", &closed(&[]));
    for (name, expected) in [
        ("BASE_DIR", "Path(/<repository>)"),
        ("OLD", "'/<repository>'"),
        ("STATIC_ROOT", "Path(/<repository>/static)"),
        ("MEDIA_ROOT", "'/<repository>/media'"),
        ("DATABASE", "'sqlite:////<repository>/db'"),
        ("HERE", "True"),
        ("VERSION", "'1.2'"),
        ("UP", "Path(/<repository>)"),
        ("OUT", "unknown: /etc/x is not in the repository"),
    ] {
        assert_eq!(shown(&settings, name), expected, "{name}");
    }
}

#[test]
fn what_is_done_with_none_tells_that_a_variable_is_needed() {
    let text = "import os\nHOSTS = os.environ.get('HOSTS').split(',')\nPORT = int(os.environ.get('PORT'))\n";
    let settings = with(text, &open(&[]));
    assert_eq!(shown(&settings, "HOSTS"), "unknown: HOSTS is set outside the repository, if at all");
    assert_eq!(
        (shown(&settings, "PORT"), settings.raises),
        ("unknown: PORT is set outside the repository, if at all".into(), None)
    );
    let crash = with(text, &closed(&[])).raises.unwrap();
    assert_eq!((crash.exception.as_str(), crash.variable.as_deref()), ("AttributeError", Some("HOSTS")));
    let crash = with(text, &closed(&[("HOSTS", "a"), ("PORT", "eighty")])).raises.unwrap();
    assert_eq!((crash.exception.as_str(), crash.variable), ("ValueError", None));
}

#[test]
fn a_star_import_that_is_not_taken_by_default_leaves_doubt() {
    let repository = files(&[
        ("prod.py", "import os\nDEBUG = False\nif os.environ.get('DEV'):\n    from dev import *\n"),
        ("dev.py", "DEBUG = True\n"),
    ]);
    assert_eq!(shown(&run(&repository, "prod", &open(&[])), "DEBUG"), "default False");
    assert_eq!(shown(&run(&repository, "prod", &closed(&[("DEV", "1")])), "DEBUG"), "True");
}

#[test]
fn guards_that_stop_the_program_are_taken_to_hold() {
    let text = "import os\nKEY = os.environ.get('KEY', 'changeme')\nDEBUG = os.environ.get('DEBUG') == '1'\nif KEY == 'changeme' and not DEBUG:\n    raise RuntimeError('set KEY')\nA = 1\n";
    let settings = with(text, &open(&[]));
    assert!(shown(&settings, "KEY").starts_with("unknown: KEY is set outside"), "{}", shown(&settings, "KEY"));
    assert_eq!(shown(&settings, "A"), "1");
    assert_eq!(settings.raises, None);
    let settings = with(text, &closed(&[]));
    assert_eq!(settings.raises.unwrap().exception, "RuntimeError");
}

#[test]
fn classes_hold_attributes_and_properties() {
    let text = "import enum\nclass Base:\n    X = 1\n    def __init__(self, y=2):\n        self.y = y\n    @property\n    def z(self):\n        return self.X + self.y\nclass Sub(Base):\n    X = 10\n    @classmethod\n    def make(cls):\n        return cls(5)\nclass Color(enum.Enum):\n    RED = 'red'\nA = Sub.X\nB = Sub().z\nC = Sub.make().z\nD = Color.RED.value\n";
    values(text, &["10", "12", "15", "'red'"]);
}

#[test]
fn names_through_globals_are_seen_or_known_to_be_possible() {
    let settings = one("A = 1\nglobals()['B'] = 2\nlocals().update({'C': 3})\nfor n in ['D']:\n    globals()[n] = 4\n");
    assert_eq!(["A", "B", "C", "D"].map(|name| shown(&settings, name)), ["1", "2", "3", "4"]);
    let settings = one("import elsewhere\nDEBUG = False\nelsewhere.settings(locals())\n");
    assert_eq!(shown(&settings, "DEBUG"), "default False");
    assert!(settings.more.is_some() && shown(&settings, "DATABASES").starts_with("unknown"));
    let settings = one("DEBUG = False\nexec(open('/etc/x').read())\n");
    assert!(settings.more.is_some());
}

#[test]
fn random_keys_and_argv() {
    let text = "import sys, os\nfrom django.core.management.utils import get_random_secret_key\nSECRET_KEY = os.environ.get('SECRET_KEY', get_random_secret_key())\nTESTING = 'test' in sys.argv\nT = len(sys.argv) > 1 and sys.argv[1] == 'test'\n";
    let settings = with(text, &open(&[]));
    assert_eq!(shown(&settings, "SECRET_KEY"), "default random");
    assert_eq!(shown(&settings, "TESTING"), "default False");
}

#[test]
fn a_module_that_is_not_there_is_told() {
    let settings = run(&files(&[]), "conf.settings", &closed(&[]));
    assert_eq!(settings.path, None);
    assert!(shown(&settings, "DEBUG").starts_with("unknown"));
}

#[test]
fn hostile_programs_end() {
    let deep = format!("A = {}1{}\n", "[".repeat(3_000), "]".repeat(3_000));
    let sum = format!("A = {}\n", vec!["1"; 5_000].join(" + "));
    let many = (0..10_000).map(|i| format!("A = {i}\n")).collect::<String>();
    let wide = format!("A = [{}]\n", "'x', ".repeat(60_000));
    let branches = (0..200).map(|i| format!("if u{i}():\n    A = {i}\n")).collect::<String>();
    let exponential = "def f(n, x):\n    if x:\n        return f(n + 1, x)\n    return f(n + 2, x)\nimport socket\nA = f(0, socket.gethostname())\n";
    for text in [
        "while True:\n    pass\n",
        "A = 'x'\nwhile True:\n    A = A + A\n",
        "A = [1]\nwhile True:\n    A = A + A\n",
        "A = [1]\nfor x in A:\n    A.append(x)\n",
        "A = []\nA.append(A)\nB = A == [A]\nC = str(A)\n",
        "A = {}\nA['x'] = A\n",
        "def f(x):\n    return f(x + 1)\nA = f(0)\n",
        "f = lambda g: g(g)\nA = f(f)\n",
        "A = 'x' * 10 ** 9\nB = [0] * 10 ** 9\nC = 10 ** 10 ** 10\nD = list(range(10 ** 12))\nE = 1 << 10 ** 6\n",
        "A = '%999999999d' % 1\nB = f'{1:>999999999}'\n",
        "A = 'ab' * 1000\nfor i in range(100):\n    A = A.replace('a', A)\n",
        "x = 1\nfor i in range(10000):\n    for j in range(10000):\n        x += 1\nA = x\n",
        "class A(A): pass\n",
        "A = (lambda: (yield))()\n",
        "import settings\nfrom settings import *\nA = settings.A\n",
        "from split_settings.tools import include\ninclude('settings.py')\n",
        "A = -9223372036854775808 // -1\nB = -9223372036854775808 % -1\nC = abs(-9223372036854775807 - 1)\nD = 1 / 0\nE = 1 % 0\nF = -(-9223372036854775807 - 1)\n",
        "A = [[[]]]\nfor i in range(40):\n    A = [A, A]\n",
        "A = 'a'.split('')\nB = ''[0]\nC = [][5]\nD = {}['x']\nE = int('x')\nF = 'x'.index('')\nG = '{'.format()\nH = '%' % ()\nI = 'é'[0:1]\n",
        deep.as_str(),
        sum.as_str(),
        many.as_str(),
        wide.as_str(),
        branches.as_str(),
        exponential,
    ] {
        // Bounded: the test would not end otherwise.
        drop(one(text));
    }
    let settings = one(&many);
    assert_eq!(shown(&settings, "A"), "9999");
    let cyclic = files(&[("a.py", "from b import *\nA = 1\n"), ("b.py", "from a import *\nB = 2\n")]);
    let settings = run(&cyclic, "a", &closed(&[]));
    assert_eq!((shown(&settings, "A"), shown(&settings, "B")), ("1".into(), "2".into()));
}
