//! Settings that a library gives their shape: classes, pieces, fields, an ini file.

use super::*;

const CLASSES: &str = "from configurations import Configuration, values\n\
    class Hardened:\n    SECURE_SSL_REDIRECT = True\n    OWN = 1\n\
    class Base(Configuration):\n    DEBUG = values.BooleanValue(True)\n    SECRET_KEY = values.SecretValue()\n    \
    ALLOWED_HOSTS = values.ListValue(['a'])\n    TOKEN = values.Value('t', environ_prefix='APP')\n    \
    DATABASES = values.DatabaseURLValue('sqlite://:memory:')\n    APPS = ['a']\n    \
    @property\n    def LEVEL(self):\n        return 'DEBUG' if self.DEBUG else 'INFO'\n    def CALLED(self):\n        return self.APPS\n\
    class Production(Hardened, Base):\n    DEBUG = values.BooleanValue(False)\n    \
    @property\n    def APPS(self):\n        return super().APPS + ['b']\n\
    class Hidden(Base, Hardened):\n    SECRET_KEY = 'x'\n\
    class Set(Base):\n    SECRET_KEY = 'x'\n    @classmethod\n    def pre_setup(cls):\n        super().pre_setup()\n        cls.EARLY = 2\n\
    DEBUG = 'of the module'\n";

#[test]
fn a_class_of_django_configurations_is_set_up() {
    let set = [
        ("DJANGO_CONFIGURATION", "Production"),
        ("DJANGO_SECRET_KEY", "key"),
        ("DJANGO_ALLOWED_HOSTS", "a, b,"),
        ("APP_TOKEN", "x"),
    ];
    let settings = with(CLASSES, &closed(&set));
    for (name, expected) in [
        ("DEBUG", "False"),
        ("SECRET_KEY", "'key'"),
        ("ALLOWED_HOSTS", "['a', 'b']"),
        ("TOKEN", "'x'"),
        ("DATABASES", "{'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': ':memory:'}}"),
        ("APPS", "['a', 'b']"),
        ("LEVEL", "'INFO'"),
        ("CALLED", "['a', 'b']"),
        ("SECURE_SSL_REDIRECT", "True"),
        ("CONFIGURATION", "'settings.Production'"),
    ] {
        assert_eq!(shown(&settings, name), expected, "{name} {:?}", settings.unresolved);
    }
    assert!(settings.raises.is_none() && settings.more.is_none());
}

#[test]
fn a_base_hides_what_comes_after_it_even_by_a_default_of_django() {
    let settings = with(CLASSES, &closed(&[("DJANGO_CONFIGURATION", "Hidden")]));
    assert_eq!(shown(&settings, "SECURE_SSL_REDIRECT"), "absent");
    assert_eq!(shown(&settings, "OWN"), "1");
    assert_eq!(shown(&with(CLASSES, &closed(&[("DJANGO_CONFIGURATION", "Set")])), "EARLY"), "2");
}

#[test]
fn a_class_that_nobody_names_is_not_known() {
    for variables in [closed(&[]), open(&[]), closed(&[("DJANGO_CONFIGURATION", "Absent")])] {
        let settings = with(CLASSES, &variables);
        assert!(settings.get("DEBUG").value.is_unknown() && settings.get("ALLOWED_HOSTS").value.is_unknown());
        assert!(settings.raises.is_none());
    }
    let stops = with(CLASSES, &closed(&[("DJANGO_CONFIGURATION", "Production")]));
    assert_eq!(stops.raises.map(|crash| crash.variable), Some(Some("DJANGO_SECRET_KEY".to_owned())));
    let library = "from configurations import Configuration\nfrom other import Mixin\n\
        class Production(Mixin, Configuration):\n    DEBUG = True\n";
    let settings = with(library, &closed(&[("DJANGO_CONFIGURATION", "Production")]));
    assert!(settings.get("DEBUG").value.is_unknown());
}

#[test]
fn own_classes_are_copied_by_dir_and_setattr() {
    let settings = one("import sys\nclass Base:\n    @property\n    def HOSTS(self):\n        return ['a']\n    \
        @classmethod\n    def load(cls, name):\n        module = sys.modules[name]\n        self = cls()\n        \
        for member in dir(self):\n            if member.isupper():\n                setattr(module, member, getattr(self, member))\n\
        class Web(Base):\n    DEBUG = False\n    @property\n    def HOSTS(self):\n        return super().HOSTS + ['b']\n\
        Web.load(__name__)\n");
    assert_eq!(shown(&settings, "HOSTS"), "['a', 'b']");
    assert_eq!(shown(&settings, "DEBUG"), "False");
}

const INI: &str = "from configparser import ConfigParser, NoSectionError\nfrom pathlib import Path\nconfig = ConfigParser()\n\
    config.read(Path(__file__).resolve().parent / 'app.ini')\n\
    DEBUG = config.getboolean('django', 'debug', fallback=True)\nHOST = config.get('mail', 'host', fallback='none')\n\
    PORT = config['mail'].getint('port', 25)\nNONE = config.get('django', 'none', fallback='fb')\n\
    KEY = config.get('django', 'key')\n\
    try:\n    ABSENT = config.get('absent', 'x')\nexcept NoSectionError:\n    ABSENT = 'caught'\n";

#[test]
fn configparser_reads_the_repository() {
    let text = "[DEFAULT]\nname = school\n[django]\nDebug: no\nkey=k\n[mail]\nhost = mail.%(name)s.example.org\n";
    let settings = run(&files(&[("settings.py", INI), ("app.ini", text)]), "settings", &closed(&[]));
    let expected =
        [("DEBUG", "False"), ("HOST", "'mail.school.example.org'"), ("PORT", "25"), ("NONE", "'fb'"), ("KEY", "'k'")];
    for (name, expected) in expected {
        assert_eq!(shown(&settings, name), expected, "{name}");
    }
    assert_eq!(shown(&settings, "ABSENT"), "'caught'");
}

#[test]
fn an_ini_file_that_is_not_there_may_say_anything() {
    let mut repository = files(&[("settings.py", INI)]);
    for _ in 0..2 {
        let settings = run(&repository, "settings", &closed(&[]));
        assert_eq!(shown(&settings, "DEBUG"), "default True");
        assert_eq!(shown(&settings, "HOST"), "default 'none'");
        assert!(settings.get("KEY").value.is_unknown() && settings.raises.is_none());
        repository.ignored.insert("app.ini".to_owned());
    }
}

#[test]
fn pieces_that_a_pattern_finds_come_in_any_order() {
    let repository = files(&[
        (
            "conf/__init__.py",
            "from split_settings.tools import include, optional\ninclude('base.py', 'parts/*.py', optional(None), *[optional('local.py')])\n",
        ),
        ("conf/base.py", "HOSTS = ['a']\nFILE = __file__\n"),
        ("conf/parts/a.py", "HOSTS += ['b']\nORDER = 'a'\n"),
        ("conf/parts/b.py", "ORDER = 'b'\nLAST = 1\n"),
    ]);
    let settings = run(&repository, "conf", &closed(&[]));
    assert_eq!(shown(&settings, "HOSTS"), "['a', 'b']");
    assert_eq!(shown(&settings, "LAST"), "1");
    assert_eq!(shown(&settings, "FILE"), "'/<repository>/conf/__init__.py'");
    assert!(settings.get("ORDER").value.is_unknown());
}

#[test]
fn pydantic_has_aliases_files_and_types() {
    let text = "from typing import List, Optional\nfrom pydantic import Field, field_validator\n\
        from pydantic_settings import BaseSettings, SettingsConfigDict\n\
        class Conf(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix='APP_', env_file='deploy.env')\n    \
        hosts: list[str] = []\n    others: List[int] = Field(default_factory=list)\n    port: Optional[int] = None\n    \
        nick: str = Field('n', alias='NICK')\n    level: str = 'x'\n    when: Moment = None\n    \
        @field_validator('level')\n    def check(cls, value):\n        return value.upper()\n\
        conf = Conf()\nHOSTS = conf.hosts\nOTHERS = conf.others\nPORT = conf.port\nNICK = conf.nick\nLEVEL = conf.level\nWHEN = conf.when\n";
    let repository = files(&[("settings.py", text), ("deploy.env", "APP_PORT=25\n")]);
    let set = [("APP_HOSTS", "[\"a\"]"), ("NICK", "y"), ("APP_WHEN", "now")];
    let settings = run(&repository, "settings", &closed(&set));
    for (name, expected) in [("HOSTS", "['a']"), ("OTHERS", "[]"), ("PORT", "25"), ("NICK", "'y'")] {
        assert_eq!(shown(&settings, name), expected, "{name}");
    }
    assert!(settings.get("LEVEL").value.is_unknown() && settings.get("WHEN").value.is_unknown());
}

#[test]
fn caches_and_mail_by_url() {
    let settings = one(
        "import dj_email_url, django_cache_url\nCACHE = django_cache_url.config(default='redis://cache/1?key_prefix=x')\n\
        MAIL = dj_email_url.parse('submission://u%40x:p@mail')\nvars().update(MAIL)\n",
    );
    assert_eq!(
        shown(&settings, "CACHE"),
        "{'BACKEND': 'django.core.cache.backends.redis.RedisCache', 'LOCATION': 'redis://cache:6379/1', 'KEY_PREFIX': 'x'}"
    );
    assert_eq!(shown(&settings, "EMAIL_HOST_USER"), "'u@x'");
    assert_eq!(shown(&settings, "EMAIL_PORT"), "587");
    assert_eq!(shown(&settings, "EMAIL_USE_TLS"), "True");
}

#[test]
fn toml_durations_and_relative_imports_by_name() {
    let repository = files(&[
        (
            "conf/__init__.py",
            "import importlib, tomllib\nfrom datetime import timedelta\nAGE = int(timedelta(days=1, hours=1).total_seconds())\n\
            with open('x.toml', 'rb') as file:\n    TOML = tomllib.load(file)['a']['b']\n\
            _module = importlib.import_module('.prod', __package__)\nglobals().update({k: v for k, v in vars(_module).items() if k.isupper()})\n",
        ),
        ("conf/prod.py", "HOSTS = ['a']\nlower = 1\n"),
        ("x.toml", "[a]\nb = [1, true]\n"),
    ]);
    let settings = run(&repository, "conf", &closed(&[]));
    for (name, expected) in [("AGE", "90000"), ("TOML", "[1, True]"), ("HOSTS", "['a']")] {
        assert_eq!(shown(&settings, name), expected, "{name}");
    }
}

#[test]
fn a_module_that_gives_its_names_itself_may_have_more() {
    let settings = one(
        "from cbs import BaseSettings\nclass Conf(BaseSettings):\n    DEBUG = False\n__getattr__, __dir__ = Conf.use()\n",
    );
    assert!(settings.get("DEBUG").value.is_unknown() && settings.more.is_some());
}

#[test]
fn nested_values_and_class_properties_of_django_configurations() {
    let text = "from configurations import Configuration, values\nfrom django.utils.functional import classproperty\n\
        class Production(Configuration):\n    PAIRS = values.SingleNestedListValue([['a']])\n    \
        TUPLES = values.SingleNestedTupleValue(environ_prefix=None)\n    EMPTY = values.SingleNestedListValue()\n    \
        @classproperty\n    def LEVEL(cls):\n        return 'INFO'\n    \
        @classmethod\n    def post_setup(cls):\n        super().post_setup()\n";
    let set = [("DJANGO_CONFIGURATION", "Production"), ("TUPLES", "a,b; c ,d;")];
    let settings = with(text, &closed(&set));
    for (name, expected) in
        [("PAIRS", "[['a']]"), ("TUPLES", "(('a', 'b'), ('c', 'd'))"), ("EMPTY", "[]"), ("LEVEL", "'INFO'")]
    {
        assert_eq!(shown(&settings, name), expected, "{name} {:?}", settings.unresolved);
    }
}

#[test]
fn pydantic_hides_computes_and_has_several_names() {
    let text = "from typing import Annotated, Optional\nfrom pydantic import AliasChoices, BaseModel, Field, SecretStr, computed_field, field_validator\n\
        from pydantic_settings import BaseSettings, SettingsConfigDict\n\
        class Mail(BaseModel):\n    host: str = 'localhost'\n    port: int = 25\n\
        class Base(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix='APP_', env_nested_delimiter='__')\n    \
        debug: bool = False\n    secret: SecretStr\n    mail: Mail = Mail()\n    \
        token: str = Field('t', validation_alias=AliasChoices('TOKEN', 'APP_TOKEN_OLD'))\n    \
        region: Optional[str] = None\n    retries: int | None = None\n    checked: int = 3\n    \
        @computed_field\n    @property\n    def level(self) -> str:\n        return 'DEBUG' if self.debug else 'INFO'\n    \
        @field_validator('checked')\n    @classmethod\n    def check(cls, value):\n        return value + 1\n\
        config = Base()\nSECRET_KEY = config.secret.get_secret_value()\nDEBUG = config.debug\nLEVEL = config.level\n\
        TOKEN = config.token\nHOST = config.mail.host\nPORT = config.mail.port\nREGION = config.region\n\
        RETRIES = config.retries\nCHECKED = config.checked\n";
    let set = [
        ("APP_SECRET", "k"),
        ("app_debug", "1"),
        ("APP_TOKEN_OLD", "old"),
        ("APP_MAIL__PORT", "587"),
        ("APP_RETRIES", "3"),
        ("APP_REGION", "eu"),
    ];
    let settings = with(text, &closed(&set));
    for (name, expected) in [
        ("SECRET_KEY", "'k'"),
        ("DEBUG", "True"),
        ("LEVEL", "'DEBUG'"),
        ("TOKEN", "'old'"),
        ("REGION", "'eu'"),
        ("RETRIES", "3"),
    ] {
        assert_eq!(shown(&settings, name), expected, "{name} {:?}", settings.unresolved);
    }
    assert_eq!(["HOST", "PORT"].map(|name| shown(&settings, name)), ["'localhost'", "587"]);
    assert!(shown(&settings, "CHECKED").starts_with("unknown"), "{}", shown(&settings, "CHECKED"));
}

#[test]
fn models_of_pydantic_are_read_field_by_field() {
    let text = "from pydantic import BaseModel, Field\nfrom pydantic_settings import BaseSettings\n\
        class Pool(BaseModel):\n    size: int = 5\n\
        class Database(BaseModel):\n    host: str = 'localhost'\n    port: int = Field(default=5432)\n    pool: Pool = Pool()\n    name: str\n\
        class Cache(BaseModel):\n    url: str = 'locmem://'\n\
        class Common(BaseSettings):\n    model_config = dict(env_prefix='COMMON_')\n    debug: bool = False\n\
        class Config(Common):\n    model_config = dict(env_prefix='SHOP_', env_nested_delimiter='__')\n    \
        db: Database\n    cache: Cache = Cache(url='redis://cache')\n    level: str = 'INFO'\n\
        config = Config(level='ERROR')\nHOST = config.db.host\nPORT = config.db.port\nSIZE = config.db.pool.size\nNAME = config.db.name\n\
        CACHE = config.cache.url\nDEBUG = config.debug\nLEVEL = config.level\n";
    let settings = with(
        text,
        &closed(&[("SHOP_DB__POOL__SIZE", "9"), ("SHOP_DB__NAME", "shop"), ("SHOP_DEBUG", "1"), ("COMMON_DEBUG", "0")]),
    );
    for (name, expected) in [
        ("HOST", "'localhost'"),
        ("PORT", "5432"),
        ("SIZE", "9"),
        ("NAME", "'shop'"),
        ("CACHE", "'redis://cache'"),
        ("DEBUG", "True"),
        ("LEVEL", "'ERROR'"),
    ] {
        assert_eq!(shown(&settings, name), expected, "{name} {:?}", settings.unresolved);
    }
    assert_eq!(with(text, &closed(&[])).raises.unwrap().variable.as_deref(), Some("SHOP_DB"));
    assert_eq!(
        with(text, &closed(&[("SHOP_DB__HOST", "db")])).raises.unwrap().variable.as_deref(),
        Some("SHOP_DB__NAME")
    );
    let open = with(text, &open(&[("SHOP_DB__NAME", "shop")]));
    assert_eq!(
        ["HOST", "NAME", "CACHE"].map(|name| shown(&open, name)),
        ["default 'localhost'", "'shop'", "default 'redis://cache'"]
    );
}
