"""Says what real Django makes of settings packages.

A line of JSON in, a line of JSON out. `{"seed": 7}` has a package generated and judged, `{"package": …}` judges one.
Each package is loaded in a fork of this process, which has imported Django already.
"""

import importlib
import json
import os
import shutil
import signal
import sys
import tempfile
import traceback

from judge_encoding import encoded

PRELOADED = [
    "django.apps.registry",
    "django.conf.global_settings",
    "django.contrib.admin.checks",
    "django.contrib.auth.checks",
    "django.contrib.messages",
    "django.contrib.staticfiles.checks",
    "django.core.cache",
    "django.core.checks.messages",
    "django.core.management",
    "django.db.models",
    "django.middleware.clickjacking",
    "django.middleware.csrf",
    "django.middleware.security",
    "django.template.backends.django",
    "django.urls",
    "django.utils.log",
    "django.views.csrf",
    "environ",
    "decouple",
    "dj_database_url",
    "configurations",
    "configurations.values",
    "split_settings.tools",
    "pydantic_settings",
    "django_cache_url",
    "dj_email_url",
    "generate",
    "programs",
]

#: A package may not take longer than this, in seconds.
LIMIT = 20


def error(exception):
    """What went wrong, and where."""
    frames = traceback.extract_tb(exception.__traceback__)
    where = f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
    names = [base.__name__ for base in type(exception).__mro__]
    return {"classes": names, "text": f"{type(exception).__name__}: {exception}", "where": where}


def write(package, folder):
    for name, text in package["files"].items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


def load(package, folder):
    """The values, the ids of `check --deploy`, and what stops either."""
    os.chdir(folder)
    write(package, folder)
    os.environ.clear()
    os.environ.update({"PATH": "/usr/bin:/bin", **package["env"], "DJANGO_SETTINGS_MODULE": package["module"]})
    sys.path.insert(0, folder)
    sys.argv = ["gunicorn"]
    importlib.invalidate_caches()
    answer = {"error": None, "refused": None, "values": {}, "checks": None, "check_error": None}
    try:
        if "DJANGO_CONFIGURATION" in os.environ:
            from configurations import importer

            importer.install()
        module = importlib.import_module(package["module"])
    except BaseException as exception:
        answer["error"] = error(exception)
        return answer
    from django.conf import global_settings, settings

    names = {name: getattr(global_settings, name) for name in dir(global_settings) if name.isupper()}
    names.update({name: getattr(module, name) for name in dir(module) if name.isupper()})
    answer["values"] = {name: encoded(value, folder) for name, value in names.items()}
    try:
        settings._setup()
    except BaseException as exception:
        answer["refused"] = error(exception)
        return answer
    try:
        import django
        from django.core import checks

        # No check without a connection looks at them, and servers' drivers are not installed.
        settings.DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
        django.setup()
        messages = checks.run_checks(include_deployment_checks=True)
        answer["checks"] = sorted({message.id for message in messages if not message.is_silenced()})
    except BaseException as exception:
        answer["check_error"] = error(exception)["text"]
    return answer


def answer(request, folder):
    package = request.get("package")
    if package is None:
        import generate

        package = generate.package(request["seed"], folder)
        shutil.rmtree(folder)
        os.mkdir(folder)
    return {"package": package, "answer": load(package, folder)}


def forked(request):
    folder = os.path.realpath(tempfile.mkdtemp(prefix="settings"))
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        silent = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silent, stream)
        signal.alarm(LIMIT)
        try:
            text = json.dumps(answer(request, folder))
        except BaseException:
            text = json.dumps({"failure": traceback.format_exc()})
        with os.fdopen(writer, "w") as pipe:
            pipe.write(text)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    shutil.rmtree(folder, ignore_errors=True)
    return text or json.dumps({"failure": f"no answer within {LIMIT} seconds"})


def main():
    sys.dont_write_bytecode = True
    for name in PRELOADED:
        importlib.import_module(name)
    for line in sys.stdin:
        print(forked(json.loads(line)), flush=True)


main()
