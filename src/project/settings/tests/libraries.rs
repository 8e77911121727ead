//! What the libraries make of variables and files.

use super::*;

#[test]
fn django_environ_casts_by_call_scheme_and_fallback() {
    let text = "import environ\nenv = environ.Env(DEBUG=(bool, False), PORT=int)\n\
        DEBUG = env('DEBUG')\nPORT = env('PORT')\nHOSTS = env.list('HOSTS', default=['a'])\nTLS = env('TLS', default=True)\n\
        DATABASES = {'default': env.db('DATABASE_URL', default='sqlite:///db.sqlite3')}\nKEY = env('KEY')\nOFF = env.bool('OFF', default=True)\nRATE = env.float('RATE', 0.5)\nN = env.int('N', default=None)\n";
    let variables = [
        ("DEBUG", "on"),
        ("PORT", "80"),
        ("HOSTS", "x,,y"),
        ("TLS", "off"),
        ("DATABASE_URL", "postgres://u:p%40@db:5432/n?sslmode=require"),
        ("KEY", "k"),
        ("N", ""),
    ];
    let settings = with(text, &closed(&variables));
    for (name, expected) in [
        ("DEBUG", "True"),
        ("PORT", "80"),
        ("HOSTS", "['x', 'y']"),
        ("TLS", "False"),
        ("KEY", "'k'"),
        ("OFF", "True"),
        ("RATE", "0.5"),
        ("N", "None"),
        (
            "DATABASES",
            "{'default': {'ENGINE': 'django.db.backends.postgresql', 'NAME': 'n', 'USER': 'u', 'PASSWORD': 'p@', 'HOST': 'db', 'PORT': 5432, 'OPTIONS': {'sslmode': 'require'}}}",
        ),
    ] {
        assert_eq!(shown(&settings, name), expected, "{name}");
    }
    let settings = with(text, &open(&[]));
    assert_eq!(shown(&settings, "DEBUG"), "default False");
    assert_eq!(shown(&settings, "HOSTS"), "default ['a']");
    assert!(shown(&settings, "KEY").starts_with("unknown"));
    let settings = with(text, &closed(&[("PORT", "1")]));
    assert_eq!(settings.raises.unwrap().variable.as_deref(), Some("KEY"));
    // Methods that parse addresses take their fallback from the scheme, too.
    let text = "import environ\nenv = environ.Env(DATABASE_URL=(str, 'sqlite:///x'))\nNAME = env.db()['NAME']\n";
    let settings = with(text, &closed(&[]));
    assert_eq!((shown(&settings, "NAME").as_str(), settings.raises), ("'x'", None));
}

#[test]
fn decouple_casts_the_fallback_too() {
    let text = "from decouple import config, Csv\nDEBUG = config('DEBUG', default=False, cast=bool)\nHOSTS = config('HOSTS', default='a, b', cast=Csv())\nBARE = config('BARE', default=False)\nBAD = 1\nKEY = config('KEY')\nLATE = config('LATE', default='maybe', cast=bool)\n";
    let settings = with(text, &closed(&[("DEBUG", "t"), ("KEY", "k"), ("BARE", "False")]));
    assert_eq!(shown(&settings, "DEBUG"), "True");
    assert_eq!(shown(&settings, "HOSTS"), "['a', 'b']");
    assert_eq!(shown(&settings, "BARE"), "'False'");
    assert_eq!(settings.raises.unwrap().exception, "ValueError");
    let settings = with(text, &closed(&[]));
    assert_eq!(settings.raises.unwrap().exception, "UndefinedValueError");
}

#[test]
fn environs_and_pydantic_read_variables_too() {
    let text = "from environs import Env\nenv = Env()\nenv.read_env()\nDEBUG = env.bool('DEBUG', default=False)\nHOSTS = env.list('HOSTS', [])\nKEY = env.str('KEY', 'k')\n";
    let settings = with(text, &closed(&[("DEBUG", "on"), ("HOSTS", "a,b")]));
    assert_eq!(["DEBUG", "HOSTS"].map(|name| shown(&settings, name)), ["True", "['a', 'b']"]);
    let text = "from pydantic_settings import BaseSettings\nfrom pydantic import Field\nclass Config(BaseSettings):\n    model_config = dict()\n    DEBUG: bool = False\n    HOSTS: list[str] = Field(default_factory=lambda: ['*'])\n    KEY: str\n    class Config:\n        env_prefix = 'APP_'\nc = Config()\nDEBUG = c.DEBUG\nHOSTS = c.HOSTS\nKEY = c.KEY\n";
    let settings = with(text, &closed(&[("APP_DEBUG", "yes"), ("APP_KEY", "k")]));
    assert_eq!(["DEBUG", "HOSTS", "KEY"].map(|name| shown(&settings, name)), ["True", "['*']", "'k'"]);
    assert_eq!(with(text, &closed(&[])).raises.unwrap().variable.as_deref(), Some("APP_KEY"));
    assert_eq!(shown(&with(text, &open(&[])), "DEBUG"), "default False");
}

#[test]
fn a_file_of_variables_that_the_program_loads() {
    let text = "import environ\nfrom pathlib import Path\nBASE = Path(__file__).parent\nenv = environ.Env()\nenv.read_env(BASE / '.env')\nDEBUG = env.bool('DEBUG', False)\nKEY = env('KEY', default='k')\n";
    let mut repository = files(&[("settings.py", text), (".env", "DEBUG=true\n")]);
    let settings = run(&repository, "settings", &closed(&[]));
    assert_eq!((shown(&settings, "DEBUG"), shown(&settings, "KEY")), ("True".into(), "'k'".into()));
    assert_eq!(
        trail(&repository, &settings, "DEBUG"),
        [".env:1 sets `DEBUG`", "settings.py:5 loads `.env`", "settings.py:6 reads `DEBUG`",]
    );
    // The process's own variables win.
    assert_eq!(shown(&run(&repository, "settings", &closed(&[("DEBUG", "0")])), "DEBUG"), "False");
    assert_eq!(shown(&run(&repository, "settings", &open(&[])), "DEBUG"), "default True");
    repository.ignored.insert(".env".into());
    let settings = run(&repository, "settings", &closed(&[]));
    assert_eq!((shown(&settings, "DEBUG"), shown(&settings, "KEY")), ("default False".into(), "default 'k'".into()));
    let settings = evaluate(&repository, "settings", &[RepoPath::root()], &closed(&[]), true);
    assert_eq!(shown(&settings, "DEBUG"), "True");
    repository.files.remove(".env");
    let settings = evaluate(&repository, "settings", &[RepoPath::root()], &closed(&[]), true);
    assert_eq!(shown(&settings, "DEBUG"), "False");
}

#[test]
fn dotenv_and_database_urls() {
    let text = "import os, dj_database_url\nfrom dotenv import load_dotenv\nload_dotenv()\nDATABASES = {'default': dj_database_url.config(default='sqlite:///db.sqlite3', conn_max_age=600)}\nDEBUG = os.getenv('DEBUG', 'False').lower() in ('true', '1')\n";
    let repository = files(&[("settings.py", text), (".env", "export DEBUG='True' # c\nDATABASE_URL=mysql://db/x\n")]);
    let settings = run(&repository, "settings", &closed(&[]));
    assert_eq!(shown(&settings, "DEBUG"), "True");
    let databases = shown(&settings, "DATABASES");
    assert!(
        databases.contains("'django.db.backends.mysql'") && databases.contains("'CONN_MAX_AGE': 600"),
        "{databases}"
    );
}

#[test]
fn split_settings_include_files_in_order() {
    let repository = files(&[
        (
            "conf/__init__.py",
            "from split_settings.tools import include, optional\nENV = 'prod'\ninclude('base.py', f'environments/{ENV}.py', optional('local.py'))\n",
        ),
        ("conf/base.py", "DEBUG = True\nNAME = ENV\n"),
        ("conf/environments/prod.py", "DEBUG = False\n"),
    ]);
    let settings = run(&repository, "conf", &closed(&[]));
    assert_eq!((shown(&settings, "DEBUG"), shown(&settings, "NAME")), ("False".into(), "'prod'".into()));
}

#[test]
fn django_heroku_lets_every_host_in_and_leaves_debug_alone() {
    let settings = one(
        "import django_heroku\nDEBUG = False\nALLOWED_HOSTS = ['a.example.org']\nMIDDLEWARE = ['a.B']\ndjango_heroku.settings(locals())\n",
    );
    assert_eq!(shown(&settings, "ALLOWED_HOSTS"), "['*']");
    assert_eq!(settings.get("DEBUG").truth(), Value::Known(false));
    assert_eq!(shown(&settings, "MIDDLEWARE"), "('a.B', …)");
    let kept =
        one("import django_heroku\nALLOWED_HOSTS = ['a']\ndjango_heroku.settings(locals(), allowed_hosts=False)\n");
    assert_eq!(shown(&kept, "ALLOWED_HOSTS"), "['a']");
}

#[test]
fn a_library_may_or_may_not_be_installed() {
    let text = "APPS = ['a']\ntry:\n    import debug_toolbar\n    APPS.append('debug_toolbar')\nexcept ImportError:\n    pass\ntry:\n    import json\n    A = 1\nexcept ImportError:\n    A = 2\n";
    let settings = one(text);
    assert_eq!(shown(&settings, "APPS"), "['a', …]");
    assert_eq!(shown(&settings, "A"), "1");
}

#[test]
fn what_is_not_known_of_libraries_poisons_nothing() {
    let text = "import sentry_sdk\nfrom datetime import timedelta\nfrom celery.schedules import crontab\nfrom corsheaders.defaults import default_headers\n\
        sentry_sdk.init(dsn='x', traces_sample_rate=1.0)\nAGE = timedelta(days=1)\nBEAT = {'a': {'schedule': crontab(hour=3)}}\nHEADERS = list(default_headers) + ['x']\nDEBUG = False\n";
    let settings = one(text);
    assert_eq!(shown(&settings, "AGE"), "<datetime.timedelta>");
    assert_eq!(shown(&settings, "BEAT"), "{'a': {'schedule': <celery.schedules.crontab>}}");
    assert_eq!(shown(&settings, "HEADERS"), "['x', …]");
    assert_eq!(shown(&settings, "DEBUG"), "False");
    assert_eq!(settings.calls.len(), 1);
    assert_eq!(settings.calls[0].call.function, "sentry_sdk.init");
    assert_eq!(settings.calls[0].call.keywords[1].0, "traces_sample_rate");
}
