"""Settings that a library gives their shape: classes, pieces, fields, an ini file."""

import os

HEAD = "import os\nfrom pathlib import Path\n"


class Styles:
    """Further layouts of a package."""

    def classes(self):
        """django-configurations."""
        self.module = f"{self.root}.settings"
        self.depth = 1
        os.environ["DJANGO_CONFIGURATION"] = self.pick("Production", "Production", "Staging")
        lines = [
            HEAD + "from configurations import Configuration, values\n",
            "BASE_DIR = Path(__file__).resolve().parent.parent\n",
            "class Hardened:",
            *self.some(["    SECURE_SSL_REDIRECT = True", "    SECURE_HSTS_SECONDS = 3600", "    X_FRAME_OPTIONS = 'SAMEORIGIN'", "    OWN = 'mixed in'"], "    SESSION_COOKIE_SECURE = True"),
            "",
            "class Base(Configuration):",
            f"    SECRET_KEY = {self.pick('values.SecretValue()', repr('s' * 20), 'values.Value(' + repr('k3y' * 20) + ')')}",
            f"    DEBUG = values.BooleanValue({self.pick('True', 'False')}{self.options('APP_DEBUG')})",
            f"    ALLOWED_HOSTS = values.ListValue({self.pick('[]', repr(['a.example.org']), 'None')}{self.options('HOSTS')})",
            f"    INSTALLED_APPS = {self.needed}",
            f"    MIDDLEWARE = [{', '.join(repr(entry) for entry in self.middleware if self.chance(85))}]",
            f"    ROOT_URLCONF = '{self.root}.urls'",
            *self.some(
                [
                    f"    CSRF_COOKIE_SECURE = values.BooleanValue({self.pick('True', 'False')})",
                    f"    SECURE_HSTS_SECONDS = values.IntegerValue({self.pick('0', '3600')}{self.options('HSTS')})",
                    "    DATABASES = values.DatabaseURLValue('sqlite:///db.sqlite3')",
                    "    CACHES = values.CacheURLValue('locmem://')",
                    "    MAIL = values.EmailURLValue('console://')",
                    "    PAIR = values.TupleValue(('a', 'b'), separator=';')",
                    "    KINDS = values.SetValue(['a'])",
                    "    TABLE = values.DictValue({'a': 1})",
                    "    FIXED = values.Value('x', environ=False)",
                    "    RATIO = values.FloatValue(0.5)",
                    "    STATIC_ROOT = BASE_DIR / 'static'",
                    "    @property\n    def SESSION_COOKIE_SECURE(self):\n        return not self.DEBUG",
                    "    def INTERNAL_IPS(self):\n        return ['127.0.0.1'] if self.DEBUG else []",
                    "    @property\n    def CSRF_TRUSTED_ORIGINS(self):\n        return ['https://' + host for host in self.ALLOWED_HOSTS]",
                    "    STAGE = 'base'",
                ],
                "    USE_TZ = True",
            ),
            "",
            f"class Staging({self.pick('Base', 'Hardened, Base', 'Base, Hardened')}):",
            *self.some(["    DEBUG = values.BooleanValue(False)", "    STAGE = 'staging'", "    MIDDLEWARE = Base.MIDDLEWARE + ['x.y']"], "    HERE = 'staging'"),
            "",
            f"class Production({self.pick('Base', 'Staging', 'Hardened, Base')}):",
            *self.some(
                [
                    "    DEBUG = False",
                    "    ALLOWED_HOSTS = ['b.example.org']",
                    "    STAGE = values.Value('production', environ_prefix='APP')",
                    "    @property\n    def INSTALLED_APPS(self):\n        return super().INSTALLED_APPS + ['django.contrib.messages']",
                    "    @classmethod\n    def pre_setup(cls):\n        super().pre_setup()\n        cls.EARLY = 'early'",
                    "    @classmethod\n    def post_setup(cls):\n        super().post_setup()",
                ],
                "    HERE = 'production'",
            ),
        ]
        for name, texts in {
            "DJANGO_SECRET_KEY": ["u7#kQ2z!m9Lw4@xR8pT5" * 3, "short"], "DJANGO_DEBUG": ["yes", "no", "True", ""],
            "DJANGO_ALLOWED_HOSTS": ["a.example.org, b.example.org", ""], "DJANGO_PAIR": ["x;y"], "DJANGO_TABLE": ["{'b': [1, 2]}"],
            "DJANGO_CSRF_COOKIE_SECURE": ["true", "0"], "CACHE_URL": ["redis://cache:6379/1", "memcached://a:1,b:2"],
            "EMAIL_URL": ["smtp://u%40x:p@mail:587/?tls=True"], "DATABASE_URL": ["postgres://u:p@db/school"], "APP_STAGE": ["live"],
            "DJANGO_RATIO": ["1.5"], "DJANGO_KINDS": ["b,c"], "DJANGO_HOSTS": ["c.example.org"], "APP_HOSTS": ["d.example.org"],
        }.items():
            if self.chance(40):
                os.environ[name] = self.pick(*texts)
        self.files[f"{self.root}/settings.py"] = "\n".join(lines) + "\n"

    def options(self, variable):
        return self.pick("", "", f", environ_name={variable!r}", ", environ_prefix='APP'", ", environ=False", ", environ_prefix=None")

    def some(self, lines, always):
        return [line for line in lines if self.chance(45)] + [always]

    def pieces(self):
        """django-split-settings."""
        self.module = f"{self.root}.settings"
        folder = f"{self.root}/settings"
        os.environ["APP_ENV"] = self.pick("production", "staging")
        self.files[f"{folder}/components/common.py"] = self.made_head + self.base()
        self.files[f"{folder}/components/extra.py"] = "EXTRA = ['x']\nHERE = __file__\n"
        self.files[f"{folder}/environments/production.py"] = self.guards()
        self.files[f"{folder}/environments/staging.py"] = "ALLOWED_HOSTS = ['s.example.org']\nINSTALLED_APPS += ['x']\n" + self.pick("", "include('../components/extra.py')\n")
        self.files[f"{folder}/__init__.py"] = (
            "from os import environ\nfrom split_settings.tools import include, optional\n_env = environ.get('APP_ENV') or 'production'\n"
            + self.pick(
                "include('components/*.py', f'environments/{_env}.py', optional('environments/local.py'))\n",
                "_parts = ['components/common.py', optional('components/none_*.py'), f'environments/{_env}.py']\ninclude(*_parts, scope=globals())\n",
                "include('components/common.py', 'components/common.py')\ninclude('environments/' + _env + '.py', 'components/e*.py')\nLATE = EXTRA + ['y']\n",
            )
        )

    def fields(self):
        """pydantic-settings."""
        self.module = f"{self.root}.settings"
        prefix = self.pick("", "APP_", "school_")
        for name, texts in {
            "DEBUG": ["true", "0", "off"], "HOSTS": ['["a.example.org"]', "[]"], "PORT": ["587"], "SECRET_KEY": ["s" * 30], "NICK": ["n"], "LIMIT": ["7"],
            "HSTS": ["3600"], "RATIO": ["0.5"],
        }.items():
            if self.chance(55):
                os.environ[self.pick(prefix.upper(), prefix.upper(), "") + name] = self.pick(*texts)
        if self.chance(40):
            self.files["deploy.conf"] = f"{prefix}PORT=2525\n{prefix}hsts=60\nNICK='from file'\n"
        configuration = self.pick(
            f"    model_config = SettingsConfigDict(env_prefix={prefix!r}, env_file='deploy.conf', extra='ignore')\n",
            f"    model_config = SettingsConfigDict(env_prefix={prefix!r})\n",
            f"    model_config = {{'env_prefix': {prefix!r}}}\n",
        )
        self.files[f"{self.root}/settings.py"] = (
            HEAD + "from typing import List, Optional\nfrom pydantic import Field\nfrom pydantic_settings import BaseSettings, SettingsConfigDict\n\n\n"
            "class Conf(BaseSettings):\n" + configuration + "    debug: bool = False\n    hosts: list[str] = ['b.example.org']\n    others: List[str] = Field(default_factory=list)\n"
            "    port: int = 25\n    secret_key: str = 'fallback'\n    nick: str = Field('none', validation_alias='NICK')\n    limit: Optional[int] = None\n    hsts: int | None = 0\n"
            "    ratio: float = 1.5\n\n    @property\n    def origins(self):\n        return ['https://' + host for host in self.hosts]\n\n\nconf = Conf()\n"
            "DEBUG = conf.debug\nALLOWED_HOSTS = conf.hosts\nEMAIL_PORT = conf.port\nSECRET_KEY = conf.secret_key\nNICK = conf.nick\nLIMIT = conf.limit\nRATIO = conf.ratio\n"
            f"SECURE_HSTS_SECONDS = conf.hsts\nCSRF_TRUSTED_ORIGINS = conf.origins\nOTHERS = conf.others\nROOT_URLCONF = '{self.root}.urls'\n"
            f"INSTALLED_APPS = {self.needed}\nMIDDLEWARE = {self.middleware}\n"
        )

    def ini(self):
        """configparser."""
        self.module = f"{self.root}.settings"
        lines = []
        for section, options in {
            "DEFAULT": ["root = /srv/app", "name: school"],
            "django": ["debug = " + self.pick("no", "yes", "False", "on"), "Hosts = a.example.org, b.example.org", "secret_key: " + self.pick("short", "k3y" * 20), "hsts=" + self.pick("0", "60")],
            "mail": ["port : 587", "host = mail.%(name)s.example.org", "empty =", "long = one\n   two", "# note = x"],
        }.items():
            if self.chance(80):
                lines += [f"[{section}]"] + [option for option in options if self.chance(75)] + self.pick([""], [])
        self.files[self.pick("app.ini", "app.ini", "other.ini")] = "\n".join(lines) + "\n"
        kind = self.pick("ConfigParser()", "ConfigParser()", "RawConfigParser()", "ConfigParser(interpolation=None)")
        self.files[f"{self.root}/settings.py"] = (
            HEAD + f"import configparser\nBASE_DIR = Path(__file__).resolve().parent.parent\nconfig = configparser.{kind}\n"
            + self.pick("config.read(BASE_DIR / 'app.ini')\n", "config.read([os.path.join(BASE_DIR, 'app.ini')], encoding='utf-8')\n", "with open(BASE_DIR / 'version.ini') as file:\n    config.read_file(file)\n", "config.read_string((BASE_DIR / 'version.ini').read_text())\n")
            + f"DEBUG = config.getboolean('django', 'debug', fallback={self.pick('True', 'False')})\n"
            "ALLOWED_HOSTS = [host.strip() for host in config.get('django', 'hosts', fallback='x.example.org').split(',')]\n"
            "SECURE_HSTS_SECONDS = config.getint('django', 'hsts', fallback=0)\n"
            "EMAIL_HOST = config.get('mail', 'host', fallback=None)\nEMAIL_PORT = config.getint('mail', 'port', fallback=25)\n"
            "EMPTY = config.get('mail', 'empty', fallback='none')\nLONG = config.get('mail', 'long', fallback='none')\nROOT = config.get('mail', 'root', fallback='/')\n"
            "HAS = [config.has_section('mail'), config.has_option('django', 'debug'), 'mail' in config, config.has_option('DEFAULT', 'root')]\nSECTIONS = config.sections()\n"
            "if 'django' in config:\n    SECRET_KEY = config['django'].get('secret_key', 'none')\n    IS_ON = config['django'].getboolean('debug', False)\nelse:\n    SECRET_KEY = 'no section'\n"
            "try:\n    NOTE = config.get('mail', 'note')\nexcept configparser.NoSectionError:\n    NOTE = 'no section'\nexcept configparser.Error:\n    NOTE = 'no option'\n"
            "try:\n    KEYED = config['mail']['port']\nexcept KeyError:\n    KEYED = 'none'\n"
            f"ROOT_URLCONF = '{self.root}.urls'\nINSTALLED_APPS = {self.needed}\nMIDDLEWARE = {self.middleware}\n"
        )
        self.files["version.ini"] = "[django]\ndebug = off\n[mail]\nport = 99\n"
