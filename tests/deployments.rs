//! What the configuration says of deployments goes before what would be inferred.

mod support;

use serde_json::Value;
use support::Repository;

const MANAGE: &str = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings.local')\n";

/// A project with two settings modules, an image that serves it, and a compose file for development.
fn school() -> Repository {
    Repository::new([
        ("manage.py", MANAGE),
        ("config/__init__.py", ""),
        ("config/wsgi.py", MANAGE),
        ("config/settings/__init__.py", ""),
        ("config/settings/local.py", "DEBUG = True\n"),
        ("config/settings/server.py", "DEBUG = False\n"),
        (
            "docker/server.Dockerfile",
            "FROM python:3.13 AS base\nWORKDIR /app\nCOPY . .\nENV DJANGO_SETTINGS_MODULE=config.settings.local\n\
             FROM base AS runtime\nENV DJANGO_SETTINGS_MODULE=config.settings.server\nCMD [\"gunicorn\", \"config.wsgi\"]\n\
             FROM base AS tools\nCMD [\"gunicorn\", \"config.wsgi\"]\n",
        ),
        ("compose.yaml", "services:\n  web:\n    image: registry.example.org/school:1.4.2\n"),
    ])
}

/// The deployments as `inspect` has them: environment, name, and the settings modules that are loaded.
fn inspect(repository: &Repository) -> Vec<(String, String, Vec<String>)> {
    let run = repository.run(["inspect", "--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let deployments = run.json()["deployments"].as_array().unwrap().clone();
    let modules = |deployment: &Value| {
        let services = deployment["services"].as_array().unwrap().iter();
        services.filter_map(|service| service["settings"]["module"].as_str().map(str::to_owned)).collect()
    };
    deployments.iter().map(|it| (text(&it["environment"]), text(&it["name"]), modules(it))).collect()
}

fn row(environment: &str, name: &str, modules: &[&str]) -> (String, String, Vec<String>) {
    (environment.into(), name.into(), modules.iter().map(|module| (*module).to_owned()).collect())
}

#[test]
fn an_image_and_its_stage() {
    let repository = school();
    for (stage, module) in [("runtime", "config.settings.server"), ("tools", "config.settings.local")] {
        let table = "[[deployments]]\nname = \"server\"\nenvironment = \"production\"\n";
        let text = format!("{table}dockerfile = \"docker/server.Dockerfile\"\ntarget = \"{stage}\"\n");
        repository.write("shipworthy.toml", text);
        let found = inspect(&repository);
        let production: Vec<_> = found.iter().filter(|(environment, ..)| environment == "production").collect();
        assert_eq!(production, [&row("production", "server", &[module])], "{found:?}");
    }
}

#[test]
fn a_settings_module_alone() {
    let repository = school();
    repository.write(
        "shipworthy.toml",
        "[[deployments]]\nenvironment = \"production\"\nsettings = \"config.settings.server\"\n",
    );
    let found = inspect(&repository);
    assert!(found.contains(&row("production", "config.settings.server", &["config.settings.server"])), "{found:?}");
    assert_eq!(found.iter().filter(|(environment, ..)| environment == "production").count(), 1, "{found:?}");
}

#[test]
fn what_a_stack_leaves_open() {
    let repository = school();
    repository.write(
        "shipworthy.toml",
        "[[deployments]]\nname = \"school\"\nenvironment = \"staging\"\ncompose = \"compose.yaml\"\n\
         dockerfile = \"docker/server.Dockerfile\"\ntarget = \"runtime\"\n",
    );
    assert!(inspect(&repository).contains(&row("staging", "school", &["config.settings.server"])));
    // What the image sets for certain goes before what the configuration says; what nothing sets is the configuration's.
    for (variables, module) in [
        ("", "config.settings.server"),
        ("    environment:\n      DJANGO_SETTINGS_MODULE: config.settings.local\n", "config.settings.local"),
    ] {
        let stack = format!("services:\n  web:\n    build: .\n    command: gunicorn config.wsgi\n{variables}");
        repository.write("Dockerfile", "FROM python:3.13\nWORKDIR /app\nCOPY . .\n");
        repository.write("compose.yaml", stack);
        repository.write(
            "shipworthy.toml",
            "[[deployments]]\nname = \"school\"\nenvironment = \"staging\"\ncompose = \"compose.yaml\"\n\
             settings = \"config.settings.server\"\n",
        );
        let found = inspect(&repository);
        assert!(found.contains(&row("staging", "school", &[module])), "{found:?}");
    }
}

#[test]
fn a_program_of_its_own_beside_the_project() {
    let repository = school();
    repository.write("scanner/Dockerfile", "FROM python:3.13\nCOPY app.py .\nCMD [\"gunicorn\", \"app:app\"]\n");
    repository.write("scanner/app.py", "app = object()\n");
    repository.write(
        "compose.prod.yaml",
        "services:\n  web:\n    build: .\n    command: gunicorn config.wsgi\n  scanner:\n    build: scanner\n",
    );
    repository.write("Dockerfile", "FROM python:3.13\nENV DJANGO_SETTINGS_MODULE=config.settings.server\nCOPY . .\n");
    let found = inspect(&repository);
    assert!(found.contains(&row("production", "compose.prod.yaml", &["config.settings.server"])), "{found:?}");
}

/// The settings of each service as `inspect settings` prints them, without their places.
fn settings(repository: &Repository) -> Vec<String> {
    let run = repository.run(["inspect", "settings"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let mut service = String::new();
    let mut found = Vec::new();
    for line in run.stdout.lines() {
        if let Some(setting) = line.strip_prefix("      ").filter(|rest| !rest.starts_with(' ')) {
            found.push(format!("{service} {setting}"));
        } else if let Some(title) = line.strip_prefix("  ").filter(|rest| !rest.starts_with(' ')) {
            service = title.split(' ').next().unwrap_or_default().to_owned();
        }
    }
    found
}

#[test]
fn a_class_of_django_configurations_by_flag_env_file_and_image() {
    let manage = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings')\n";
    let classes = "from configurations import Configuration, values\n\
        class Zone:\n    TIME_ZONE = 'Europe/Paris'\n    EMAIL_HOST = values.Value('localhost', environ_prefix=None)\n\
        class Base(Configuration):\n    DEBUG = values.BooleanValue(True)\n    LEVEL = values.Value('info', environ_prefix='SCHOOL', late_binding=True)\n    \
        TIME_ZONE = 'UTC'\n    EXTRA = ['a']\n    @property\n    def SHOUTED(self):\n        return self.LEVEL.upper()\n\
        class Server(Zone, Base):\n    DEBUG = False\n    @classmethod\n    def post_setup(cls):\n        super().post_setup()\n        \
        cls.EXTRA.append('b')\n        cls.TIME_ZONE = 'Europe/Rome'\n\
        class Local(Base):\n    pass\n";
    let repository = Repository::new([
        ("manage.py", manage),
        ("config/__init__.py", ""),
        ("config/wsgi.py", manage),
        ("config/settings.py", classes),
        ("requirements.txt", "django==5.2.1\ndjango-configurations==2.5\n"),
        ("Dockerfile", "FROM python:3.13\nWORKDIR /app\nCOPY . .\nENV DJANGO_CONFIGURATION=Local SCHOOL_LEVEL=error\n"),
        ("web.env", "DJANGO_CONFIGURATION=Server\nEMAIL_HOST=mail\n"),
        (
            "compose.prod.yaml",
            "services:\n  web:\n    build: .\n    command: gunicorn config.wsgi\n    env_file: web.env\n  \
             image:\n    build: .\n    command: gunicorn config.wsgi\n  \
             flag:\n    build: .\n    command: python manage.py migrate --configuration=Server\n",
        ),
    ]);
    let found = settings(&repository);
    for expected in [
        "web DEBUG = False",
        "web TIME_ZONE = \"Europe/Paris\"",
        "web EMAIL_HOST = \"mail\"",
        "web EXTRA = [\"a\", \"b\"]",
        "web SHOUTED = \"ERROR\"",
        "image DEBUG = True",
        "image TIME_ZONE = \"UTC\"",
        "image LEVEL = \"error\"",
        "flag DEBUG = False",
        "flag EMAIL_HOST = \"localhost\"",
    ] {
        assert!(found.iter().any(|line| line == expected), "{expected}: {found:#?}");
    }
}

#[test]
fn an_entrypoint_that_reads_a_file_of_variables() {
    let manage = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings')\n";
    let repository = Repository::new([
        ("manage.py", manage),
        ("config/__init__.py", ""),
        ("config/wsgi.py", manage),
        (
            "config/settings.py",
            "import os\nREGION = os.environ.get('REGION')\nLEVEL = os.environ.get('LEVEL', 'none')\n",
        ),
        ("deploy/server.env", "REGION=eu\n"),
        ("start.sh", "#!/bin/sh\nset -a\n. deploy/server.env\nset +a\nLEVEL=debug\nexec gunicorn config.wsgi\n"),
        ("Dockerfile", "FROM python:3.13\nWORKDIR /app\nCOPY . .\nCMD [\"./start.sh\"]\n"),
        ("compose.prod.yaml", "services:\n  web:\n    build: .\n"),
    ]);
    let found = settings(&repository);
    assert_eq!(found, ["web LEVEL = \"none\"", "web REGION = \"eu\""]);
}
