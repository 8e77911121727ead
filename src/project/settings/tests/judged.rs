//! What real Python was found to make of it, where we had it otherwise.

use super::*;

#[test]
fn what_python_computes() {
    let settings = one("import os\nfrom pathlib import Path\n\
        def counter(by):\n    total = 0\n    def add(n):\n        nonlocal total\n        total += n * by\n        return total\n    return add\n\
        COUNT = counter(3)(2)\n\
        KEYED = sorted(['aaa', 'b', 'cc'], key=len, reverse=True)\nWORDS = ['bb', 'a']\nWORDS.sort(key=lambda word: len(word))\n\
        LONGEST = max(['a', 'bbb'], key=len)\nLEAST = min([], default=4)\n\
        QUOTED = repr(\"it's\")\nFOLDER = os.path.join('media', '')\nNUMBERS = f'{-1:05}' + '%5s' % 'a' + '%x' % -255\n\
        PARTS = divmod(-7, 2)\nUNIQUE = list(dict.fromkeys(['b', 'a', 'b']))\nTWICE = ['x'] * 2\nKIND = type('').__name__\n\
        ZEROES = f\"{'x':03}\"\n\
        from urllib.parse import urlsplit\nPATH = urlsplit(' y ').path\n\
        LIST = ['c', 'd']\nLIST[0:0] = ['a', 'b']\nLIST[3:] = []\n");
    for (name, expected) in [
        ("COUNT", "6"),
        ("KEYED", "['aaa', 'cc', 'b']"),
        ("WORDS", "['a', 'bb']"),
        ("LONGEST", "'bbb'"),
        ("LEAST", "4"),
        ("QUOTED", "'\"it's\"'"),
        ("FOLDER", "'media/'"),
        ("NUMBERS", "'-0001    a-ff'"),
        ("PARTS", "(-4, 1)"),
        ("UNIQUE", "['b', 'a']"),
        ("TWICE", "['x', 'x']"),
        ("KIND", "'str'"),
        ("ZEROES", "'x00'"),
        ("LIST", "['a', 'b', 'c']"),
        ("PATH", "'y '"),
    ] {
        assert_eq!(shown(&settings, name), expected, "{name}");
    }
}

#[test]
fn what_python_refuses() {
    for refused in ["('a',) + ['b']", "'a' + 1", "1 // 0", "[1] + 'a'"] {
        let settings = one(&format!("LIST = {refused}\n"));
        assert!(settings.raises.is_some(), "{refused}");
        let caught = one(&format!("try:\n    X = {refused}\nexcept Exception:\n    X = 'caught'\n"));
        assert_eq!(shown(&caught, "X"), "'caught'", "{refused}");
    }
}

#[test]
fn what_cannot_be_told_is_not_claimed() {
    let settings = one("from pathlib import Path\nimport os, unknown\n\
        BASE_DIR = Path(__file__).resolve().parent\nAROUND = BASE_DIR.parent / 'static'\nLETTERS = str(BASE_DIR)[:4]\n\
        CHOSEN = unknown.list() or (LIST := ['a'])\ndel CHOSEN[0]\n\
        HOSTS = ['a'] if unknown.flag() else ['b']\nHOSTS += ('c',)\n\
        KEY = os.environ['ABSENT'] if unknown.flag() else 'b'\nWORD = unknown.flag() and os.environ['ABSENT']\n\
        PAIRS = dict(zip(['x', *unknown.names()], [1, 2]))\nTABLE = {'a': 1}\nTABLE.setdefault(str(unknown.key()), 2)\n");
    assert!(settings.effective("AROUND").value.is_unknown());
    assert!(settings.effective("LETTERS").value.is_unknown());
    assert!(settings.raises.is_none());
    assert_eq!(shown(&settings, "KEY"), "'b'");
    assert_eq!(shown(&settings, "PAIRS"), "{…}");
    assert_ne!(shown(&settings, "LIST"), "['a']");
    assert_eq!(shown(&settings, "TABLE"), "{'a': 1, …}");
}

#[test]
fn a_call_that_is_not_known_may_raise_where_something_catches_it() {
    let text = "import boto3, sentry_sdk\nBEFORE = AFTER = HOST = 'a'\ntry:\n    BEFORE = 'b'\n    found = boto3.client('ssm').get_parameter(Name='x')\n    AFTER = 'b'\nexcept Exception:\n    HOST = 'b'\ntry:\n    sentry_sdk.init('dsn')\n    TOLD = True\nexcept Exception:\n    TOLD = False\ntry:\n    boto3.setup_default_session()\n    GUARDED = True\nexcept ImportError:\n    GUARDED = False\n";
    let settings = one(text);
    assert_eq!(shown(&settings, "BEFORE"), "'b'");
    assert_eq!(shown(&settings, "AFTER"), "one of 'b' | 'a'");
    assert_eq!(shown(&settings, "HOST"), "one of 'a' | 'b'");
    assert_eq!((shown(&settings, "TOLD"), shown(&settings, "GUARDED")), ("True".into(), "True".into()));
    // Where the handler ends the program, it did not raise.
    let text = "import boto3\ntry:\n    boto3.client('ssm')\n    DEBUG = False\nexcept Exception as error:\n    raise SystemExit(1) from error\n";
    assert_eq!(shown(&one(text), "DEBUG"), "False");
}

#[test]
fn a_file_of_variables_that_is_asked_for_may_be_there() {
    let text = "import os\nfrom dotenv import load_dotenv\nfor name in ('.env.local', '.env'):\n    if os.path.isfile(name):\n        load_dotenv(name)\n        break\nKEY = os.environ['KEY']\nDEBUG = os.environ.get('DEBUG') == '1'\n";
    let mut repository = files(&[("settings.py", text)]);
    repository.ignored.insert(".env".into());
    let settings = run(&repository, "settings", &closed(&[]));
    assert_eq!((settings.raises.as_ref(), shown(&settings, "DEBUG")), (None, "default False".into()));
    // A file that is surely not there changes nothing.
    let text = text.replace("'.env.local', '.env'", "'left-out.env',");
    let settings = run(&files(&[("settings.py", &text)]), "settings", &closed(&[]));
    assert_eq!(settings.raises.map(|crash| crash.exception), Some("KeyError".into()));
}

#[test]
fn one_of_two_readers_reads() {
    let text = "import os, environ\nfrom decouple import AutoConfig, Config, RepositoryEnv\ndef reader():\n    if os.path.exists('/run/school/key'):\n        return environ.Env(DEBUG=(bool, False))\n    return environ.Env(DEBUG=(bool, True))\nenv = reader()\nDEBUG = env('DEBUG')\nHOSTS = env.list('HOSTS', default=['a'])\nif os.path.exists('/run/school.env'):\n    config = Config(RepositoryEnv('/run/school.env'))\nelse:\n    config = AutoConfig()\nKEY = config('KEY')\nPORT = config('PORT', default=5, cast=int)\n";
    let settings = run(&files(&[("settings.py", text)]), "settings", &closed(&[("PORT", "7")]));
    assert_eq!((shown(&settings, "DEBUG"), shown(&settings, "PORT")), ("one of False | True".into(), "7".into()));
    assert_eq!(shown(&settings, "HOSTS"), "['a']");
    assert!(shown(&settings, "KEY").starts_with("unknown"), "{}", shown(&settings, "KEY"));
    assert_eq!(settings.raises, None);
}

#[test]
fn a_path_of_django_environ_is_taken_where_paths_are() {
    let settings = files(&[(
        "shop/settings/base.py",
        "import environ, os\nfrom pathlib import Path\nROOT_DIR = environ.Path(__file__) - 3\n\
         APPS_DIR = ROOT_DIR.path('apps/')\nMEDIA = os.path.join(ROOT_DIR, 'media')\nTEXT = str(APPS_DIR.path('static'))\n\
         SHOWN = f'{APPS_DIR}/x'\nOWN = APPS_DIR.root\nPLAIN = Path(ROOT_DIR) / 'logs'\nAROUND = str(ROOT_DIR - 1)\n",
    )]);
    let settings = run(&settings, "shop.settings.base", &closed(&[]));
    for (name, expected) in [
        ("MEDIA", "'/<repository>/media'"),
        ("TEXT", "'/<repository>/apps/static'"),
        ("SHOWN", "'/<repository>/apps/x'"),
        ("OWN", "'/<repository>/apps'"),
    ] {
        assert_eq!(shown(&settings, name), expected, "{name}");
    }
    assert_eq!(settings.get("PLAIN").value, Value::Known(PyValue::Path("/<repository>/logs".into())));
    assert!(settings.get("AROUND").value.is_unknown());
}

#[test]
fn which_redis_cache_a_url_means_depends_on_what_is_installed() {
    let text = "import environ\nCACHES = {'default': environ.Env().cache('URL')}\n";
    let settings = run(&files(&[("s.py", text)]), "s", &closed(&[("URL", "redis://cache:6379/1")]));
    let backend = settings.read(&["CACHES", "default", "BACKEND"]).value.value;
    assert_eq!(backend.possible().map(<[PyValue]>::len), Some(2));
}

#[test]
fn a_choice_between_fallbacks_is_not_all_there_can_be() {
    let text = "import os\nREPO = os.getenv('REPO', '/repo')\nif not os.path.exists(REPO):\n    REPO = 'here'\n";
    let open = Opening { reason: Reason::OutsideVariable("REPO".into()), step: None };
    let settings = run(&files(&[("s.py", text)]), "s", &Variables { open: Some(open), ..closed(&[]) });
    assert!(settings.get("REPO").value.is_unknown());
}

#[test]
fn what_libraries_hold_may_equal_anything() {
    let settings = one("from vendor import parse, load, MODE, Client\nimport vendor.tools\n\
        HOST = parse('x').host\nOTHER = (HOST or 'y') not in ('localhost',)\nLOCAL = HOST == 'localhost'\nGONE = HOST is None\n\
        BY_MODE = MODE == 'production'\nTRUTH = bool(HOST)\nPLAIN = not MODE\nEMPTY = load() is None\n\
        CLIENT = Client() is None\nTOOLS = vendor.tools is None\nCALL = load is None\n");
    for unknown in ["OTHER", "LOCAL", "GONE", "BY_MODE", "TRUTH", "PLAIN", "EMPTY"] {
        assert!(settings.get(unknown).value.is_unknown(), "{unknown} {}", shown(&settings, unknown));
    }
    for known in ["CLIENT", "TOOLS", "CALL"] {
        assert_eq!(shown(&settings, known), "False", "{known}");
    }
}
