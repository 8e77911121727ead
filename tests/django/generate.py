"""Settings packages as people write them, in seeded variety."""

import os
import random

from programs import Program
from styles import Styles

SECURITY = "django.middleware.security.SecurityMiddleware"
MIDDLEWARE = [
    SECURITY,
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
#: What else a setting may be, beside what the forms below give.
LITERALS = {
    "SECURE_HSTS_SECONDS": ["0", "3600", "31536000", "60 * 60 * 24", "'3600'", "None"],
    "SECURE_REFERRER_POLICY": ["None", "'same-origin'", "'origin, strict-origin'", "''", "['origin']", "'nowhere'", "('origin', 'x')"],
    "SECURE_CROSS_ORIGIN_OPENER_POLICY": ["None", "'same-origin'", "'unsafe-none'", "'Same-Origin'", "''"],
    "X_FRAME_OPTIONS": ["'DENY'", "'SAMEORIGIN'", "'deny'", "'ALLOW-FROM https://a.example.org'"],
    "SESSION_COOKIE_SAMESITE": ["'None'", "'Lax'", "'Strict'", "None", "False"],
    "SECURE_PROXY_SSL_HEADER": ["('HTTP_X_FORWARDED_PROTO', 'https')", "None", "tuple('HTTP_X_FORWARDED_PROTO,https'.split(','))"],
    "SILENCED_SYSTEM_CHECKS": ["['security.W008']", "['security.W004', 'security.W021']", "[]", "('security.W019',)"],
    "SECRET_KEY_FALLBACKS": ["[]", "['short']", "['django-insecure-' + 'aB3$x' * 12]", "[('aB3$x9' * 10)]"],
    "STATIC_URL": ["'/static/'", "'static/'", "'/static'", "'https://cdn.example.org/'"],
    "MEDIA_URL": ["'/media/'", "'/media'", "''"],
    "CACHES": [
        "{'default': {'BACKEND': 'django.core.cache.backends.locmem.LocMemCache'}}",
        "{'other': {'BACKEND': 'django.core.cache.backends.dummy.DummyCache'}}",
        "{'default': {'BACKEND': 'django.core.cache.backends.redis.RedisCache', 'LOCATION': f\"redis://{'cache'}:6379/1\"}}",
    ],
    "STORAGES": [
        "{'default': {'BACKEND': 'django.core.files.storage.FileSystemStorage'}}",
        "{'staticfiles': {'BACKEND': 'django.contrib.staticfiles.storage.StaticFilesStorage'}}",
        "{'default': {'BACKEND': 'django.core.files.storage.FileSystemStorage'}, 'staticfiles': {'BACKEND': 'django.contrib.staticfiles.storage.ManifestStaticFilesStorage'}}",
    ],
    "STATIC_ROOT": ["BASE_DIR / 'static'", "os.path.join(BASE_DIR, 'staticfiles')", "str(BASE_DIR / 'x')"],
    "STATICFILES_DIRS": ["[BASE_DIR / 'assets']", "[BASE_DIR / 'static']", "()"],
    "TIME_ZONE": ["'UTC'", "'Europe/Berlin'"],
    "USE_TZ": ["True", "False"],
    "SESSION_ENGINE": ["'django.contrib.sessions.backends.cache'", "'django.contrib.sessions.backends.db'"],
    "EMAIL_PORT": ["25", "int('587')", "465"],
    "LOGGING": ["{'version': 1, 'disable_existing_loggers': False}", "{}"],
}
SWITCHES = [
    "SECURE_SSL_REDIRECT", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD", "SECURE_CONTENT_TYPE_NOSNIFF",
    "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_SECURE", "CSRF_COOKIE_HTTPONLY", "CSRF_USE_SESSIONS",
    "USE_X_FORWARDED_HOST",
]
HEADS = {
    "os": "import os",
    "environ": "import environ\n\nenv = environ.Env()",
    "typed": "import environ\n\nenv = environ.Env(DEBUG=(bool, False), HOSTS=(list, []))",
    "decouple": "from decouple import Csv, config",
    "helpers": "from {package}.helpers import env_bool, env_list, env_text",
    "own": (
        "def env_text(name, default=None):\n"
        "    try:\n"
        "        return os.environ[name]\n"
        "    except KeyError:\n"
        "        if default is None:\n"
        "            raise RuntimeError(f'{name} is not set')\n"
        "        return default\n\n\n"
        "def env_bool(name, default=False):\n"
        "    text = os.environ.get(name, str(default))\n"
        "    return text.strip().lower() in {'1', 'true', 'yes', 'on', 'y', 't'}\n\n\n"
        "def env_list(name, default='', separator=','):\n"
        "    return [part.strip() for part in env_text(name, default).split(separator) if part.strip()]\n"
    ),
}


class Package(Styles):
    needed = ['django.contrib.auth', 'django.contrib.contenttypes', 'django.contrib.sessions']
    middleware = MIDDLEWARE

    def __init__(self, seed, folder):
        self.rng = random.Random(seed)
        self.folder = folder
        self.files = {}
        self.root = self.pick("config", "school", "core")
        self.module = ""
        os.environ.clear()

    def pick(self, *options):
        return self.rng.choice(options)

    def chance(self, percent):
        return self.rng.randrange(100) < percent

    def set(self, name, *texts):
        """Puts a variable into the environment, mostly."""
        if name not in os.environ and self.chance(70):
            os.environ[name] = self.pick(*texts)
        return name

    # What stands in a module.

    def head(self):
        """The imports, and by which library this package reads variables."""
        lines = ["import os", "from pathlib import Path"]
        self.style = self.pick("os", "os", "environ", "typed", "decouple", "own", "helpers")
        if self.style == "helpers":
            self.files[f"{self.root}/helpers.py"] = "import os\n\n\n" + HEADS["own"]
        if self.style != "os":
            lines.append(HEADS[self.style].replace("{package}", self.root))
        depth = self.depth
        lines.append(
            self.pick(
                f"BASE_DIR = Path(__file__).resolve(){'.parent' * (depth + 1)}",
                f"BASE_DIR = Path(__file__).resolve().parents[{depth}]",
                "BASE_DIR = Path(" + "os.path.dirname(" * (depth + 1) + "os.path.abspath(__file__)" + ")" * (depth + 2),
            )
        )
        return "\n".join(lines) + "\n"

    def boolean(self, name):
        text = ["True", "False", "true", "false", "1", "0", "yes", "no", "on", "off", ""]
        default = self.pick("True", "False")
        known = ["True", "False", "1", "0", "'True'", "not DEBUG", "bool(1)", "''", "None", "True if not DEBUG else False", "DEBUG or True"]
        if self.chance(35):
            return self.pick(*known)
        if self.style in ("own", "helpers"):
            return f"env_bool({self.set(name, *text)!r}{self.pick('', ', ' + default, ', default=' + default)})"
        if self.style in ("environ", "typed"):
            variable = self.set(name, *text)
            return self.pick(
                f"env.bool({variable!r}, default={default})", f"env.bool({variable!r}, {default})",
                f"env({variable!r}, default={default})", f"env({variable!r}, cast=bool, default={default})",
                f"env.str({variable!r}, '')",
            )
        if self.style == "decouple":
            variable = self.set(name, *text[:-1])
            return self.pick(
                f"config({variable!r}, default={default}, cast=bool)", f"config({variable!r}, default='{default}')",
                f"config({variable!r}, cast=lambda v: v == 'true', default='true')",
            )
        variable = self.set(name, *text)
        return self.pick(
            f"os.environ.get({variable!r}, '{default}') == 'True'",
            f"os.getenv({variable!r}, '{default}').lower() in ('true', '1', 'yes')",
            f"os.getenv({variable!r}, '1') in ['1', 'true']",
            f"bool(os.environ.get({variable!r}, {self.pick(repr(''), 'False', repr('0'))}))",
            f"os.environ.get({variable!r}, {default})",
            f"{variable!r} in os.environ",
            f"not os.environ.get({variable!r})",
            f"os.environ.get({variable!r}) is not None and not DEBUG",
            f"bool(int(os.environ.get({self.set(name + '_N', '0', '1')!r}, {self.pick(0, 1)})))",
            f"str(os.environ.get({variable!r}, {default})).strip().lower() == 'true'",
        )

    def texts(self, name):
        text = ["a.example.org", "a.example.org,b.example.org", "a.example.org, b.example.org", "", "*", "localhost,127.0.0.1,[::1]"]
        variable = self.set(name, *text)
        plain = self.pick("['a.example.org']", "['*']", "[]", "('a.example.org', '.example.org')", "['.example.org', f'api.{\"example.org\"}']")
        if self.chance(30):
            return plain
        if self.style in ("own", "helpers"):
            return f"env_list({variable!r}{self.pick('', ', ' + repr('a.example.org'), ', default=' + repr('x y') + ', separator=' + repr(' '))})"
        if self.style in ("environ", "typed"):
            return self.pick(f"env.list({variable!r}, default={plain})", f"env({variable!r}, default={plain})", f"env.tuple({variable!r}, default=())")
        if self.style == "decouple":
            return self.pick(
                f"config({variable!r}, default='a.example.org', cast=Csv())",
                f"config({variable!r}, default='', cast=lambda v: [s.strip() for s in v.split(',')])",
                f"config({variable!r}, default='', cast=Csv(str, delimiter=',', post_process=tuple))",
            )
        return self.pick(
            f"os.environ.get({variable!r}, '').split(',')",
            f"[host.strip() for host in os.getenv({variable!r}, 'a.example.org').split(',') if host.strip()]",
            f"os.environ.get({variable!r}, 'localhost').split(',') + {plain if plain[0] == '[' else list(('x',))}",
            f"list(filter(None, os.environ.get({variable!r}, '').split(',')))",
            f"(os.environ.get({variable!r}) or 'a.example.org,b.example.org').split(',')",
            f"[os.environ[{variable!r}]] if {variable!r} in os.environ else {plain}",
            f"os.environ.get({variable!r}, '').split()",
        )

    def secret(self):
        good = "u7#kQ2z!m9Lw4@xR8pT5&nB3vY6^cF1*dG0(hJ)sKqWeRtYuIo"
        texts = [good, good + "x", "short", "django-insecure-" + good, "a" * 60, ""]
        name = self.set("SECRET_KEY", *texts[:3], good)
        if self.chance(40):
            return repr(self.pick(*texts))
        return {
            "own": f"env_text({name!r}, {self.pick(*texts[:4])!r})",
            "helpers": f"env_text({name!r}, default={good!r})",
            "environ": self.pick(f"env({name!r}, default={good!r})", f"env.str({name!r}, default='unsafe')", f"env({name!r})"),
            "typed": f"env({name!r}, default={good!r})",
            "decouple": self.pick(f"config({name!r}, default={good!r})", f"config({name!r})"),
            "os": self.pick(f"os.environ.get({name!r}, {good!r})", f"os.environ[{name!r}]", f"os.getenv({name!r}) or {good!r}", f"os.environ.get({name!r})"),
        }[self.style]

    def databases(self):
        url = self.pick(
            "postgres://u:p%40ss@db.example.org:5432/school", "sqlite:////srv/app/db.sqlite3", "postgresql://u@db/school?sslmode=require",
            "mysql://u:p@db:3306/school", "sqlite://:memory:", "sqlite:///db.sqlite3", "postgis://u:p@db/school",
        )
        name = self.set("DATABASE_URL", url)
        plain = self.pick(
            "{'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': BASE_DIR / 'db.sqlite3'}}",
            "{'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': os.path.join(BASE_DIR, 'db.sqlite3')}}",
            "{'default': dict(ENGINE='django.db.backends.sqlite3', NAME=':memory:', CONN_MAX_AGE=int(os.environ.get('AGE', '60')))}",
        )
        if self.chance(45):
            return plain
        if self.style in ("environ", "typed"):
            return self.pick(
                f"{{'default': env.db({name!r}, default='sqlite:////tmp/x.sqlite3')}}", "{'default': env.db(default='sqlite:///x.db')}",
                f"{{'default': env.db_url({name!r}, default='sqlite://:memory:')}}", f"{{'default': env.db_url_config({url!r})}}",
            )
        return self.pick(
            f"{{'default': __import__('dj_database_url').config(default={url!r})}}",
            f"{{'default': dj_database_url.config(default='sqlite:///x.db', conn_max_age=600)}}",
            f"{{'default': dj_database_url.parse({url!r}, conn_max_age=60, conn_health_checks=True)}}",
            f"{{'default': dj_database_url.config(env={name!r}, default='sqlite:///y.db', ssl_require=False)}}",
        )

    def listing(self, name, entries):
        """INSTALLED_APPS or MIDDLEWARE, as a literal or grown in place."""
        # Without these two Django's own apps cannot be loaded.
        needed = ("django.contrib.auth", "django.contrib.contenttypes")
        some = [entry for entry in entries if entry in needed or self.chance(88)]
        if self.chance(60) or len(some) < 3:
            left, right = self.pick("[]", "[]", "()")
            body = "".join(f"    {entry!r},\n" for entry in some)
            return f"{name} = {left}\n{body}{right}\n" if some else f"{name} = {left}{right}\n"
        cut = self.rng.randrange(1, len(some))
        one, two = some[:cut], some[cut:]
        return self.pick(
            f"FIRST_{name} = {one}\nOTHER_{name} = {two}\n{name} = FIRST_{name} + OTHER_{name}\n",
            f"{name} = {two}\n{name} = {one} + {name}\n",
            f"{name} = {one}\n{name} += {tuple(two)}\n",
            f"{name} = {one}\nfor extra in {two}:\n    {name}.append(extra)\n",
            f"{name} = [*{one}, *{two}]\n",
            f"{name} = {one}\n{name}.extend({two})\nif DEBUG:\n    {name}.append('debug_toolbar')\n",
            f"{name} = {two}\n{name}[0:0] = {one}\n",
            f"{name} = {some[:1] + some[2:]}\n{name}.insert(1, {some[1]!r})\n",
            f"{name} = list(filter(None, [{', '.join(map(repr, some))}, 'x' if DEBUG else None]))\n",
            f"{name} = {some + ['absent.thing']}\n{name}.remove('absent.thing')\n",
            f"{name} = {some + ['absent.thing']}\n{name} = [entry for entry in {name} if not entry.startswith('absent')]\n",
        )

    def templates(self):
        return (
            "TEMPLATES = [\n    {\n        'BACKEND': 'django.template.backends.django.DjangoTemplates',\n"
            "        'DIRS': [BASE_DIR / 'templates'],\n        'APP_DIRS': True,\n        'OPTIONS': {'context_processors': [\n"
            "            'django.template.context_processors.request',\n            'django.contrib.auth.context_processors.auth',\n"
            "            'django.contrib.messages.context_processors.messages',\n        ]},\n    }\n]\n"
        )

    def debug(self):
        if self.chance(65):
            return "DEBUG = False\n"
        if self.style == "typed":
            return f"DEBUG = env({self.set('DEBUG', 'True', 'False', 'on')!r})\n"
        return "DEBUG = False\n" + f"DEBUG = {self.boolean('DEBUG')}\n"

    def base(self):
        text = self.debug() + f"SECRET_KEY = {self.secret()}\n"
        text += f"ROOT_URLCONF = '{self.root}.urls'\n"
        text += self.listing("INSTALLED_APPS", APPS) + self.listing("MIDDLEWARE", MIDDLEWARE) + self.templates()
        databases = f"DATABASES = {self.databases()}\n"
        if "dj_database_url." in databases:
            text += "import dj_database_url\n"
        text += databases
        if self.chance(30):
            text += self.pick(
                "DATABASES['default']['ATOMIC_REQUESTS'] = True\n", "DATABASES['default'].update(CONN_MAX_AGE=60)\n",
                "DATABASES['default'].setdefault('OPTIONS', {})\n", "DATABASES['default'] |= {'TEST': {'NAME': 'x'}}\n",
            )
        return text

    def guards(self):
        """What is set for production."""
        text = f"ALLOWED_HOSTS = {self.texts('ALLOWED_HOSTS')}\n"
        for name in SWITCHES:
            if self.chance(60):
                text += f"{name} = {self.boolean(name)}\n"
        for name, options in LITERALS.items():
            if self.chance(30):
                text += f"{name} = {self.pick(*options)}\n"
        if self.chance(30):
            text += f"CSRF_TRUSTED_ORIGINS = {self.pick('[f' + repr('https://{host}') + ' for host in ALLOWED_HOSTS]', repr(['https://a.example.org']), repr(['a.example.org']))}\n"
        if self.chance(20):
            text += "SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG\n"
        if self.chance(20):
            text += "if not DEBUG:\n    SECURE_SSL_REDIRECT = True\n    SECURE_HSTS_SECONDS = 31536000\nelse:\n    INTERNAL_IPS = ['127.0.0.1']\n"
        return text

    def program(self):
        program = Program(self.rng, os.path.join(self.folder, self.module.replace(".", "/") + ".py"))
        for _ in range(self.rng.randrange(4, 22)):
            program.statement()
        return "\n".join(program.lines) + "\n"

    # How the modules are laid out.

    def build(self):
        layout = self.pick(self.single, self.split, self.split, self.chosen, self.topics, self.local, *self.libraries())
        # How far up the folder of the project is.
        # A piece runs as part of the module that includes it.
        self.depth = 1 if layout in (self.single, self.local) else 2
        self.made_head = self.head()
        layout()
        self.files[f"{self.root}/__init__.py"] = ""
        self.files[f"{self.root}/urls.py"] = "urlpatterns = []\n"
        return {"files": self.files, "env": dict(os.environ), "module": self.module}

    def libraries(self):
        return (self.classes, self.pieces, self.fields, self.ini)

    def single(self):
        self.module = f"{self.root}.settings"
        self.files[f"{self.root}/settings.py"] = self.made_head + self.base() + self.guards() + self.program()

    def split(self):
        self.module = f"{self.root}.settings.production"
        self.files[f"{self.root}/settings/__init__.py"] = ""
        base = self.made_head + self.base() + (self.guards() if self.chance(40) else "") + self.program()
        self.files[f"{self.root}/settings/base.py"] = base
        star = self.pick("from .base import *", f"from {self.root}.settings.base import *", "from .base import *  # noqa: F403")
        late = self.late()
        self.files[f"{self.root}/settings/production.py"] = f"{star}\n{self.again()}{self.guards()}{late}"

    def again(self):
        """What a second module imports for itself; a star import brings the rest."""
        return self.pick("", "import os\n", f"from .base import BASE_DIR, {'env' if self.style in ('environ', 'typed') else 'DEBUG'}\n")

    def late(self):
        return self.pick(
            "", "", "DEBUG = False\n", "MIDDLEWARE = MIDDLEWARE + ['django.middleware.gzip.GZipMiddleware']\n",
            "MIDDLEWARE.insert(0, 'django.middleware.gzip.GZipMiddleware')\n", "INSTALLED_APPS += ['django.contrib.sites']\nSITE_ID = 1\n",
            "TEMPLATES[0]['OPTIONS']['debug'] = DEBUG\n", "DATABASES['default']['CONN_MAX_AGE'] = 60\n",
            "from . import base\nCOPIED = base.ROOT_URLCONF\nbase.DEBUG = True\n",
            "for name in ('SESSION_COOKIE_SECURE', 'CSRF_COOKIE_SECURE'):\n    globals()[name] = True\n",
            "globals().update({'SECURE_SSL_REDIRECT': True})\n", "vars()['X_FRAME_OPTIONS'] = 'DENY'\n",
            "LOGGING = {'version': 1, 'loggers': {name: {'level': 'INFO'} for name in ('django', 'school')}}\n",
        )

    def chosen(self):
        self.module = f"{self.root}.settings"
        folder = f"{self.root}/settings"
        os.environ["APP_ENV"] = self.pick("production", "prod", "staging")
        self.files[f"{folder}/base.py"] = self.made_head + self.base() + self.program()
        self.files[f"{folder}/production.py"] = f"from .base import *\n{self.guards()}"
        self.files[f"{folder}/local.py"] = "from .base import *\nDEBUG = True\nALLOWED_HOSTS = ['*']\n"
        self.files[f"{folder}/__init__.py"] = self.pick(
            "import os\nENVIRONMENT = os.environ.get('APP_ENV', 'local')\nif ENVIRONMENT in ('production', 'prod'):\n    from .production import *\nelse:\n    from .local import *\n",
            "from os import environ\nif environ['APP_ENV'].startswith('prod'):\n    from .production import *  # noqa\nelif environ['APP_ENV'] == 'local':\n    from .local import *\nelse:\n    from .base import *\n    ALLOWED_HOSTS = ['s.example.org']\n",
            "import importlib, os\n_name = {'prod': 'production', 'staging': 'production'}.get(os.environ['APP_ENV'], os.environ['APP_ENV'])\n_module = importlib.import_module(f'.{_name}', __package__)\nglobals().update({k: v for k, v in vars(_module).items() if k.isupper()})\n",
            "import os\n\nmatch os.environ.get('APP_ENV'):\n    case 'production' | 'prod':\n        from .production import *\n    case _:\n        from .local import *\n",
        )

    def topics(self):
        self.module = f"{self.root}.settings"
        folder = f"{self.root}/settings"
        self.files[f"{folder}/common.py"] = self.made_head + self.base()
        self.files[f"{folder}/security.py"] = f"from {self.root}.settings.common import *\n" + self.guards()
        names = "__all__ = ['EXTRA', '_PRIVATE']\n" if self.chance(50) else ""
        self.files[f"{folder}/extra.py"] = f"{names}EXTRA = ['x']\n_PRIVATE = 'p'\nHIDDEN = 1\n" + self.program()
        self.files[f"{folder}/__init__.py"] = "from .common import *\nfrom .security import *\nfrom .extra import *\nfrom .extra import EXTRA as MORE_EXTRA\n"

    def local(self):
        self.module = f"{self.root}.settings"
        end = self.pick(
            "try:\n    from .local_settings import *\nexcept ImportError:\n    pass\n",
            f"try:\n    from {self.root}.local import *  # noqa\nexcept (ImportError, ModuleNotFoundError):\n    LOCAL = False\nelse:\n    LOCAL = True\n",
            "if os.path.exists(os.path.join(BASE_DIR, 'local.py')):\n    exec(open('local.py').read())\n",
            "if (BASE_DIR / 'version.txt').is_file():\n    VERSION = (BASE_DIR / 'version.txt').read_text().strip()\n",
            "with open(os.path.join(BASE_DIR, 'version.txt')) as file:\n    VERSION = file.read().strip()\n    MAJOR = int(VERSION.split('.')[0])\n",
        )
        self.files["version.txt"] = "4.2.1\n"
        self.files[f"{self.root}/settings.py"] = self.made_head + self.base() + self.guards() + self.program() + end


def package(seed, folder):
    """The package of a seed. While it is written, parts of it run as if it lay in `folder`."""
    return {"seed": seed, **Package(seed, folder).build()}
