//! What projects write that no generator of ours had written.

use super::*;

#[test]
fn environs_puts_the_prefix_before_names() {
    let text = "from environs import Env\nenv = Env()\nwith env.prefixed('DB_'):\n    HOST = env('HOST')\n\
        \x20   with env.prefixed('RO_'):\n        OTHER = env('HOST', 'none')\n\
        PLAIN = env.int('HOST', 3)\nLIMITS = env.dict('LIMITS', subcast_values=int)\n";
    let set = closed(&[("DB_HOST", "db"), ("DB_RO_HOST", "copy"), ("LIMITS", "a=1,b=2")]);
    let settings = with(text, &set);
    assert!(settings.raises.is_none());
    for (name, expected) in [("HOST", "'db'"), ("OTHER", "'copy'"), ("PLAIN", "3"), ("LIMITS", "{'a': 1, 'b': 2}")] {
        assert_eq!(shown(&settings, name), expected, "{name}");
    }
}

#[test]
fn what_python_has_run_through_is_gone() {
    let settings = one("numbers = iter([10, 20, 30])\nSUM = next(numbers) + next(numbers)\nREST = [*numbers]\n\
        STARRED = [*'a,b'.split(',')]\n\
        class Switch:\n    def __getitem__(self, key):\n        return key * 2\n    def __contains__(self, key):\n\
        \x20       return key == 'a'\n\
        ITEM = Switch()['x']\nINSIDE = 'a' in Switch()\nOUTSIDE = 'a' not in Switch()\n\
        KIND = type('C', (), {})()\nUNSET = object()\nSAME = UNSET is UNSET\nOTHER = object() is UNSET\n\
        from textwrap import dedent\nTEXT = dedent('  a\\n    b\\n')\nMIDDLE = 'ab'.center(5, '*')\n\
        from datetime import timedelta\nDAYS = timedelta(hours=49).days\n\
        from functools import reduce\nALL = reduce(lambda a, b: a | b, [{'a': 1}, {'b': 2}], {})\n\
        from operator import itemgetter\nLAST = max([('a', 1), ('b', 2)], key=itemgetter(1))\n");
    for (name, expected) in [
        ("SUM", "30"),
        ("REST", "[30]"),
        ("STARRED", "['a', 'b']"),
        ("ITEM", "'xx'"),
        ("INSIDE", "True"),
        ("OUTSIDE", "False"),
        ("SAME", "True"),
        ("OTHER", "False"),
        ("TEXT", "'a\n  b\n'"),
        ("MIDDLE", "'**ab*'"),
        ("DAYS", "2"),
        ("ALL", "{'a': 1, 'b': 2}"),
        ("LAST", "('b', 2)"),
    ] {
        assert_eq!(shown(&settings, name), expected, "{name}");
    }
    assert!(settings.get("KIND").value.is_unknown());
}

#[test]
fn vars_of_a_class_are_its_own_names() {
    let settings = one("class Base:\n    DEBUG = True\n    HOSTS = ['a']\n\nclass Live(Base):\n    DEBUG = False\n\
        for name, value in vars(Live).items():\n    if not name.startswith('_'):\n        globals()[name] = value\n");
    assert_eq!(shown(&settings, "DEBUG"), "False");
    assert!(settings.get("HOSTS").value.is_absent());
}

#[test]
fn yaml_is_read_as_pyyaml_reads_it() {
    let settings = "import yaml\nwith open('/app/live.yml') as file:\n    READ = yaml.safe_load(file)\n\
        DEBUG = READ['debug']\nQUOTED = READ['quoted']\nHOSTS = READ['hosts']\nAGE = READ['age']\nSINCE = READ['since']\n";
    let settings = settings.replace("/app/live.yml", "live.yml");
    let yaml = "common: &common\n  debug: no\n<<: *common\nquoted: \"no\"\nhosts: [a, 10.0.0.1]\nage: 60\nsince: 2024-01-02\n\
        debug: off\n";
    let settings = run(&files(&[("s.py", &settings), ("live.yml", yaml)]), "s", &closed(&[]));
    for (name, expected) in [("DEBUG", "False"), ("QUOTED", "'no'"), ("HOSTS", "['a', '10.0.0.1']"), ("AGE", "60")] {
        assert_eq!(shown(&settings, name), expected, "{name}");
    }
    assert!(settings.get("SINCE").value.is_unknown());
}

#[test]
fn python_dotenv_fills_in_variables() {
    let text = "from dotenv import load_dotenv\nload_dotenv('live.env')\nimport os\nNAME = os.environ['NAME']\nURL = os.environ['URL']\n";
    let env = "NAME=shop_${REGION:-eu}\nURL='https://${NAME}.${ZONE}x'\n";
    let settings = run(&files(&[("s.py", text), ("live.env", env)]), "s", &closed(&[("ZONE", "io")]));
    assert_eq!(shown(&settings, "NAME"), "'shop_eu'");
    assert_eq!(shown(&settings, "URL"), "'https://shop_eu.iox'");
}

#[test]
fn decouple_choices_refuses_what_is_none_of_them() {
    let text = "from decouple import config, Choices\nX = config('X', default='a', cast=Choices(['a', 'b']))\n";
    assert_eq!(shown(&with(text, &closed(&[("X", "b")])), "X"), "'b'");
    assert!(with(text, &closed(&[("X", "c")])).raises.is_some());
}

#[test]
fn patterns_that_python_and_we_take_alike() {
    let settings =
        one("import re\nNAME = re.sub(r'[^a-z]+', '-', 'my app_x')\nPARTS = re.split(r'\\s*,\\s*', 'a , b,c')\n\
        FOUND = re.match(r'(\\d+)\\.(?P<minor>\\d+)', '4.12')\nMAJOR = FOUND.group(1)\nMINOR = FOUND['minor']\n\
        NONE = re.search('^x', 'abc')\nOTHER = re.sub('x*', '-', 'ab')\nPART = f'{0.256:.1%}'\n");
    for (name, expected) in [
        ("NAME", "'my-app-x'"),
        ("PARTS", "['a', 'b', 'c']"),
        ("MAJOR", "'4'"),
        ("MINOR", "'12'"),
        ("NONE", "None"),
        ("PART", "'25.6%'"),
    ] {
        assert_eq!(shown(&settings, name), expected, "{name}");
    }
    assert!(settings.get("OTHER").value.is_unknown());
}

#[test]
fn what_a_pattern_takes_apart_is_not_known() {
    let text = "match 'prod-us'.split('-'):\n    case ['prod', region]:\n        REGION, DEBUG = region, False\n    case _:\n\
        \x20       REGION, DEBUG = None, True\n";
    let settings = one(text);
    assert!(settings.get("REGION").value.is_unknown());
    assert!(settings.get("DEBUG").value.known().is_none());
}

#[test]
fn a_file_that_is_executed_is_part_of_the_settings() {
    let text = "import os\nDEBUG = True\nHERE = os.path.dirname(os.path.abspath(__file__))\n\
        exec(open(os.path.join(HERE, 'live.txt')).read())\nexec(compile(open(HERE + '/more.py').read(), 'more', 'exec'))\n";
    let given = files(&[("s.py", text), ("live.txt", "DEBUG = True\n"), ("more.py", "DEBUG = not DEBUG\n")]);
    assert_eq!(shown(&run(&given, "s", &closed(&[])), "DEBUG"), "False");
}

#[test]
fn a_namespace_that_is_handed_on() {
    let text = "def apply(ns):\n    ns.setdefault('A', 1)\n    ns.setdefault('B', 2)\n    ns.pop('C', None)\n\
        \x20   ns['D'] = ns.pop('A') + 1\nB = 5\nC = 6\napply(globals())\n";
    let settings = one(text);
    assert_eq!((shown(&settings, "B"), shown(&settings, "D")), ("5".to_owned(), "2".to_owned()));
    assert!(settings.get("A").value.is_absent() && settings.get("C").value.is_absent());
}
