"""Says what Python makes of the settings modules of checkouts.

A line of JSON in, a line of JSON out. Each module is imported in forks of this process, in a copy of its repository:
first with the variables that are known, then with those set too that may be set from outside. What cannot be imported
is replaced by an object that takes everything. Settings are programs of strangers: see CONTRIBUTING.md.
"""

import importlib
import importlib.abc
import importlib.machinery
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import sys
import tempfile
import time
import types

from judge_encoding import encoded

#: A run may not take longer than this, in seconds.
LIMIT = 20
#: So often the variable that was read last is given another text, where its text stops the module.
CHANGES = 40
#: Longer files are empty in the copy: no settings read them.
LONGEST = 2_000_000

CANDIDATES = [
    ["True", "7", "postgres://a:b@host.example/c", "some-text", "{}", "[]", "INFO", "a=b"],
    ["False", "8", "postgres://d:e@other.example/f", "other-text", '{"a": "b"}', '["c"]', "ERROR", "c=d"],
]
#: Texts that others may take the place of.
PLAIN = {"True", "7", "some-text"}
#: What many settings import: once here instead of once a run.
PRELOADED = [
    "django.conf.global_settings", "django.utils.functional", "django.utils.translation", "django.core.exceptions",
    "celery", "celery.schedules", "kombu", "environ", "decouple", "dj_database_url", "dotenv", "configurations",
    "pydantic_settings", "corsheaders.defaults", "structlog", "requests", "boto3",
    "sentry_sdk.integrations.django", "sentry_sdk.integrations.celery", "sentry_sdk.integrations.redis",
]
#: Libraries that read variables for settings.
READERS = {
    "environ", "decouple", "dotenv", "pydantic_settings", "environs", "configurations", "dynaconf",
    "dj_database_url", "dj_email_url", "django_cache_url", "django_heroku", "prettyconf",
}
#: What every process has, or what steers Python itself.
NOT_OURS = {"HOME", "PATH", "PWD", "USER", "TZ", "LANG", "SHELL", "TMPDIR", "DJANGO_SETTINGS_MODULE", "DJANGO_CONFIGURATION"}
PREFIXES = ("PYTHON", "LC_", "SSL_", "PYDANTIC_", "XDG_", "CONFIGURATIONS_", "DEBUGPY", "COLUMNS")


#: The text of a stub; what has it in it is not compared.
STUB = "<a stub>"


class Stub:
    """Stands for whatever a library that is not installed would give."""

    def __init__(self, *arguments, **keywords):
        pass

    def __getattr__(self, name):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Stub()

    def __call__(self, *arguments, **keywords):
        return Stub()

    def __iter__(self):
        return iter(())

    def __getitem__(self, key):
        return Stub()

    def __mro_entries__(self, bases):
        return (StubBase,)

    def __hash__(self):
        return id(self)

    def __add__(self, other):
        return Stub()

    def __str__(self):
        return STUB

    def __fspath__(self):
        return STUB

    def __lt__(self, other):
        return False

    __gt__ = __le__ = __ge__ = __lt__
    __radd__ = __sub__ = __rsub__ = __or__ = __ror__ = __mod__ = __truediv__ = __mul__ = __rmul__ = __add__


class StubBase:
    def __init__(self, *arguments, **keywords):
        pass


class StubModule(types.ModuleType):
    __path__ = []

    def __getattr__(self, name):
        if name in ("__version__", "VERSION"):
            return "1.0"
        if name.startswith("__"):
            raise AttributeError(name)
        return Stub()


class Stubs(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """The last to be asked for a module: not for those of the project, nor for those that are often missing on purpose."""

    def __init__(self, roots):
        self.roots = roots
        self.used = set()

    def find_spec(self, name, path, target=None):
        # A library goes without what it can go without.
        frame = sys._getframe(1)
        while frame and (not os.path.isabs(frame.f_code.co_filename) or "importlib" in frame.f_code.co_filename):
            frame = frame.f_back
        if frame is None or not any(frame.f_code.co_filename.startswith(root) for root in self.roots):
            return None
        top = name.split(".")[0]
        last = name.split(".")[-1]
        if any(os.path.exists(os.path.join(root, top + end)) for root in self.roots for end in ("", ".py")):
            return None
        if top in sys.stdlib_module_names or "local" in last or "secret" in last or "." in name and top in sys.modules and not isinstance(sys.modules[top], StubModule):
            return None
        self.used.add(top)
        return importlib.machinery.ModuleSpec(name, self)

    def create_module(self, spec):
        return StubModule(spec.name)

    def exec_module(self, module):
        pass


def is_stub(value):
    """Whether a value is of a library that is not there, or has the mark of one in its text."""
    if isinstance(value, (Stub, StubBase, StubModule)) or isinstance(value, type) and issubclass(value, StubBase):
        return True
    return isinstance(value, (str, pathlib.PurePath)) and STUB in str(value)


def refused(*arguments, **keywords):
    raise OSError("there is no network")


def quieten():
    """What settings call that has no place here."""
    try:
        import sentry_sdk

        sentry_sdk.init = lambda *arguments, **keywords: None
    except ImportError:
        pass


def is_read_for_settings(roots):
    """Whether the project reads a variable, be it by one of the libraries for that: others read some of their own."""
    frame = sys._getframe(2)
    while frame and "site-packages" not in frame.f_code.co_filename:
        if any(frame.f_code.co_filename.startswith(root) for root in roots):
            return True
        frame = frame.f_back
    if frame is None:
        return False
    package = frame.f_code.co_filename.rsplit("site-packages/", 1)[1].split("/")[0].removesuffix(".py")
    return package in READERS


def load(request, folder, variables):
    """The values, or what stops the module; the variables that it reads, in their order."""
    roots = [os.path.normpath(os.path.join(folder, root)) for root in request["roots"] if root is not None]
    os.chdir(roots[0])
    os.environ.clear()
    os.environ.update({"PATH": "/usr/bin:/bin", "HOME": "/nowhere", **variables})
    os.environ["DJANGO_SETTINGS_MODULE"] = request["module"]
    reads = []
    plain = os._Environ.__getitem__

    def noted(self, key):
        if isinstance(key, str) and is_read_for_settings(roots):
            reads.append(key)
        return plain(self, key)

    os._Environ.__getitem__ = noted
    socket.socket.connect = socket.create_connection = socket.getaddrinfo = refused
    sys.path[:0] = roots
    sys.argv = ["gunicorn"]
    stubs = Stubs(roots)
    sys.meta_path.append(stubs)
    importlib.invalidate_caches()
    answer = {}
    try:
        quieten()
        if "DJANGO_CONFIGURATION" in os.environ:
            from configurations import importer

            importer.install()
        module = importlib.import_module(request["module"])
        answer["values"] = {name: encoded(getattr(module, name), folder, is_stub) for name in dir(module) if name.isupper()}
    except BaseException as exception:
        import traceback

        frames = [it for it in traceback.extract_tb(exception.__traceback__) if it.filename.startswith(folder)]
        where = f"{frames[-1].filename[len(folder):]}:{frames[-1].lineno}" if frames else ""
        answer["error"] = f"{type(exception).__name__}: {exception} at {where}"[:400]
    answer["reads"] = reads
    answer["stubs"] = sorted(stubs.used)
    return answer


def forked(request, folder, variables):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        silent = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silent, stream)
        signal.alarm(LIMIT)
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        try:
            text = json.dumps(load(request, folder, variables))
        except BaseException as exception:
            text = json.dumps({"error": f"judge: {exception!r}", "reads": [], "stubs": []})
        with os.fdopen(writer, "w") as pipe:
            pipe.write(text)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return json.loads(text or f'{{"error": "no answer within {LIMIT} seconds", "reads": [], "stubs": []}}')


def plausible(name, other):
    """What may stand in a variable, by its name; two different texts."""
    words = name.upper()
    has = lambda *parts: any(part in words for part in parts)
    host = "other.example" if other else "host.example"
    if has("DATABASE_URL", "DB_URL", "POSTGRES_URL"):
        return f"postgres://{'else' if other else 'someone'}:something@{host}:5433/{'elsedb' if other else 'somedb'}"
    if has("REDIS", "BROKER", "CACHE_URL") and has("URL", "LOCATION"):
        return f"redis://{host}:6380/{4 if other else 3}"
    if has("EMAIL_URL"):
        return f"smtp://someone:something@{host}:{26 if other else 25}"
    if has("DSN"):
        return f"https://key@{host}/{2 if other else 1}"
    if has("URL", "ORIGIN", "ENDPOINT"):
        return f"https://{host}/path"
    if has("PORT", "TIMEOUT", "AGE", "SECONDS", "COUNT", "SIZE", "LIMIT", "NUM", "MINUTES", "HOURS", "DAYS", "RATE", "MAX", "TTL"):
        return "8" if other else "7"
    if has("DEBUG", "ENABLE", "USE_", "TLS", "SSL", "IS_", "SECURE", "DISABLE", "ALLOW_"):
        return "False" if other else "True"
    return "other-text" if other else "some-text"


def answered(request, folder):
    known = request["known"]
    first = forked(request, folder, known)
    runs, stubs = [first], set(first["stubs"])
    unsure = set(request["unsure"])

    def outside(reads):
        names = {name for name in reads if name not in known and name not in NOT_OURS and not name.startswith(PREFIXES)}
        return unsure | names if request["open"] else unsure

    names = outside(first["reads"]) | outside(request["asked"])
    ways = [
        (0, lambda name: plausible(name, False)),
        (1, lambda name: plausible(name, True)),
        (0, lambda name: "1" if plausible(name, False) in PLAIN else plausible(name, False)),
        (1, lambda name: "False" if plausible(name, False) in PLAIN else plausible(name, True)),
    ]
    started = time.monotonic()
    for which, way in ways if names else []:
        variables = {name: way(name) for name in names}
        tried = {}
        for _ in range(CHANGES):
            run = forked(request, folder, {**known, **variables})
            stubs.update(run["stubs"])
            for name in outside(run["reads"]) - names:
                names.add(name)
                variables[name] = way(name)
            reads = [name for name in run["reads"] if name in variables]
            if "values" in run or not reads or time.monotonic() - started > 2 * LIMIT:
                break
            name = reads[-1]
            at = tried.get(name, 0)
            if at >= len(CANDIDATES[which]):
                break
            tried[name] = at + 1
            variables[name] = CANDIDATES[which][at]
        runs.append(run)
    for run in runs:
        run.pop("reads")
    return {"runs": runs, "stubs": sorted(stubs), "varied": bool(names)}


def copied(source, folder):
    def copy(origin, target):
        if os.path.islink(origin):
            return
        if os.path.getsize(origin) > LONGEST:
            open(target, "w").close()
        else:
            shutil.copyfile(origin, target)

    left_out = shutil.ignore_patterns(".git", "node_modules", ".venv", "venv")
    shutil.copytree(source, folder, symlinks=True, ignore=left_out, copy_function=copy)


def main():
    sys.dont_write_bytecode = True
    sys.path.pop(0)
    for name in PRELOADED:
        try:
            importlib.import_module(name)
        except ImportError:
            pass
    of, copy = None, None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["folder"] != of:
                if copy:
                    shutil.rmtree(copy, ignore_errors=True)
                of, copy = request["folder"], os.path.realpath(tempfile.mkdtemp(prefix="checkout"))
                copied(of, os.path.join(copy, "code"))
            answer = answered(request, os.path.join(copy, "code"))
        except Exception as exception:
            answer = {"failure": repr(exception)}
        print(json.dumps(answer), flush=True)
    if copy:
        shutil.rmtree(copy, ignore_errors=True)


main()
