use super::*;

fn kind(path: &str) -> FileKind {
    kind_of(path, "")
}

fn kind_of(path: &str, head: &str) -> FileKind {
    classify(&RepoPath::new(path).unwrap(), head.as_bytes())
}

#[track_caller]
fn all_are(kind: FileKind, paths: &[&str]) {
    for path in paths {
        assert_eq!(self::kind(path), kind, "{path}");
    }
}

#[test]
fn dockerfiles_go_by_many_names() {
    all_are(
        FileKind::Dockerfile,
        &[
            "Dockerfile",
            "dockerfile",
            "Dockerfile.prod",
            "compose/production/django/Dockerfile",
            "web.Dockerfile",
            "prod.dockerfile",
            "Containerfile",
            "Containerfile.ci",
            "Dockerfile-dev",
            "Dockerfile_dev",
            "DockerfileWeb",
            "Dockerfile.example",
            ".devcontainer/Dockerfile",
        ],
    );
    all_are(FileKind::Text, &["Dockerfile.md", "dockerfile.j2", "Dockerfile.rst", "Dockerfiles"]);
    all_are(FileKind::Dockerignore, &[".dockerignore", "web/.dockerignore", "Dockerfile.dockerignore"]);
    assert_eq!(kind("dockerfile.py"), FileKind::Python);
    assert_eq!(kind("build-dockerfile.sh"), FileKind::Script);
}

#[test]
fn compose_files_go_by_their_name_wherever_it_says_so() {
    all_are(
        FileKind::Compose,
        &[
            "compose.yaml",
            "compose.prod.yml",
            "compose-prod.yml",
            "docker-compose.yml",
            "docker-compose.prod.yml",
            "docker-compose-prod.yml",
            "docker_compose.yml",
            "docker-compose.override.yaml",
            "prod.compose.yml",
            "deploy/traefik/docker-compose.yml",
            ".devcontainer/docker-compose.yml",
        ],
    );
    assert_eq!(kind(".github/workflows/docker-compose.yml"), FileKind::Workflow);
    all_are(FileKind::Text, &["composer.yml", "decompose.yml", "docker-compose.md", ".github/docker-compose.yml"]);
    classify_reading(&RepoPath::new("docker-compose.yml").unwrap(), || -> &[u8] { panic!("the name decides") });
}

#[test]
fn other_yaml_is_compose_if_a_service_looks_like_one() {
    let services = "volumes:\n  db: {}\n\nservices:\n  # the app\n  django: &django\n    build:\n      context: .\n";
    for path in [
        "local.yml",
        "production.yml",
        "stack.yml",
        "docker/prod.yaml",
        "monitoring.yml",
        "traefik.yml",
        "traefik/prod.yml",
    ] {
        assert_eq!(kind_of(path, services), FileKind::Compose, "{path}");
    }
    let dynamic = "http:\n  services:\n    web:\n      loadBalancer:\n        servers: []\n";
    assert_eq!(kind_of("traefik.yml", dynamic), FileKind::Traefik);
    assert_eq!(kind_of("local.yml", "\"services\":\r\n  web: {image: app}\r\n"), FileKind::Compose);
    // An overlay, a merge key.
    assert_eq!(kind_of("prod.yml", "services:\n  web:\n    restart: always\n"), FileKind::Compose);
    assert_eq!(kind_of("prod.yml", "services:\n    web:\n        <<: *app\n"), FileKind::Compose);
    for other in [
        "",
        "services:\n",
        "service:\n  image: x\n",
        "services:\n  - type: web\n    image: x\n",
        "services:\n- type: web\n  image: x\n",
        "services:\n  _defaults:\n    autowire: true\n",
        "job:\n  services:\n    db:\n      image: postgres\n",
        "- hosts: all\n  tasks:\n    - name: image\n",
        "apiVersion: v1\nkind: Service\nspec:\n  image: x\n",
    ] {
        assert_eq!(kind_of("prod.yml", other), FileKind::Text, "{other:?}");
    }
}

#[test]
fn env_files_and_their_templates() {
    all_are(
        FileKind::EnvFile,
        &[
            ".env",
            "backend/.env",
            ".env.prod",
            ".env.production.local",
            ".env-staging",
            ".env_docker",
            "prod.env",
            "config/web.env",
            ".env.bak",
            ".env~",
            ".envs/.production/.django",
            ".envs/.local/.postgres",
            ".env.test",
        ],
    );
    all_are(
        FileKind::EnvTemplate,
        &[
            ".env.example",
            ".env.sample",
            ".env.template",
            ".env.dist",
            ".env-example",
            "env.example",
            "env_sample",
            ".env.prod.example",
            ".env.example.prod",
            ".env.production TEMPLATE",
            "example.env",
            "prod.env.example",
            ".envs/.example/.django",
            ".envs.example/.production/.django",
            ".envs/.production/.django.example",
        ],
    );
    all_are(
        FileKind::Text,
        &[".env.md", ".envrc", ".env.gpg", "environment.html", ".environ", "virtualenv", "env.d.ts", ".env.j2"],
    );
    assert_eq!(kind("env.py"), FileKind::Python);
    assert_eq!(kind(".env.sh"), FileKind::Script);
    assert_eq!(kind(".envs/README.md"), FileKind::Text);
}

#[test]
fn a_file_that_may_be_an_env_file_is_asked() {
    let variables = "# the site\n\nexport DEBUG=1\nDATABASE_URL = postgres://db\nKEY=\"a\nb\"\n";
    for path in ["env", "env.prod", "env/production", "envs/prod/web", "env_files/django"] {
        assert_eq!(kind_of(path, variables), FileKind::EnvFile, "{path}");
        assert_eq!(kind_of(path, "some words\n"), FileKind::Text, "{path}");
        assert_eq!(kind_of(path, ""), FileKind::Text, "{path}");
    }
    assert_eq!(kind_of("env/activate", "#!/bin/sh\nA=1\n"), FileKind::Script);
}

#[test]
fn python_has_roles() {
    all_are(
        FileKind::Settings,
        &[
            "settings.py",
            "site/settings.py",
            "site/settings_prod.py",
            "site/local_settings.py",
            "config/settings/base.py",
            "config/settings/__init__.py",
            "conf/settings/production.py",
            "settings/components/cache.py",
            "config/django/base.py",
            "tests/settings.py",
        ],
    );
    all_are(
        FileKind::Migration,
        &["shop/migrations/0001_initial.py", "shop/migrations/backfill.py", "shop/db_migrations/0002_more.py"],
    );
    all_are(FileKind::DjangoEntry, &["manage.py", "config/wsgi.py", "config/asgi.py", "config/celery.py"]);
    all_are(FileKind::GunicornConf, &["gunicorn.conf.py", "gunicorn_config.py", "docker/gunicorn.py"]);
    all_are(FileKind::Urls, &["site/urls.py", "api_urls.py", "site/urls/api.py"]);
    all_are(FileKind::Models, &["shop/models.py", "shop/models/order.py"]);
    all_are(
        FileKind::Python,
        &[
            "shop/migrations/__init__.py",
            "migrations/env.py",
            "shop/views.py",
            "shop/views/settings.py",
            "models_test.py",
        ],
    );
    assert!(FileKind::Settings.is_python() && FileKind::Migration.is_python() && !FileKind::Script.is_python());
}

#[test]
fn settings_for_tests_differ_from_tests_of_settings() {
    assert_eq!(kind_of("site/test_settings.py", "from .settings import *  # noqa\n"), FileKind::Settings);
    assert_eq!(kind_of("tests/test_settings.py", "\nSECRET_KEY = 'x'\n"), FileKind::Settings);
    assert_eq!(kind_of("site/settings/test_ci.py", "from .base import *\n"), FileKind::Settings);
    for path in [
        "tests/test_settings.py",
        "tests/test_system_settings.py",
        "tests/views/settings/test_privacy.py",
        "site/settings_test.py",
    ] {
        assert_eq!(kind_of(path, "import pytest\n\ndef test_debug():\n    pass\n"), FileKind::Python, "{path}");
    }
}

#[test]
fn scripts_go_by_extension_or_shebang() {
    all_are(FileKind::Script, &["deploy.sh", "a.bash", "bin/entrypoint.sh"]);
    for shebang in
        ["#!/bin/sh", "#!/usr/bin/env bash", "#! /bin/bash -e", "#!/usr/bin/env -S bash -eu", "#!/bin/dash\r"]
    {
        assert_eq!(kind_of("bin/deploy", &format!("{shebang}\nset -e\n")), FileKind::Script, "{shebang}");
    }
    for shebang in ["#!/usr/bin/env python3", "#!/usr/bin/python3.12 -u", "#!/usr/bin/env -S uv run --script"] {
        assert_eq!(kind_of("bin/tool", &format!("{shebang}\nimport os\n")), FileKind::Python, "{shebang}");
    }
    assert_eq!(kind_of("start", "#!/usr/bin/env python\n"), FileKind::Python);
    assert_eq!(kind_of("compose/production/django/start", "set -o errexit\n"), FileKind::Script);
    assert_eq!(kind_of("bin/tool", "#!/usr/bin/perl\n"), FileKind::Text);
    assert_eq!(kind_of("bin/tool", "#!"), FileKind::Text);
    assert_eq!(kind_of("bin/tool", "#!/usr/bin/env"), FileKind::Text);
    assert_eq!(kind_of("bin/tool", "\u{feff}#!/bin/sh\n"), FileKind::Script);
}

#[test]
fn pipelines_of_each_forge() {
    all_are(
        FileKind::Workflow,
        &[".github/workflows/ci.yml", "template/.github/workflows/ci.yaml", ".forgejo/workflows/deploy.yml"],
    );
    all_are(FileKind::GitlabCi, &[".gitlab-ci.yml", "ci/build.gitlab-ci.yml", ".gitlab/ci/deploy.yml"]);
    all_are(FileKind::CircleCi, &[".circleci/config.yml"]);
    all_are(FileKind::Jenkinsfile, &["Jenkinsfile", "Jenkinsfile.deploy", "ci/deploy.jenkinsfile"]);
    assert_eq!(kind(".github/actions/setup/action.yml"), FileKind::GithubAction);
    assert_eq!(kind_of("action.yml", "name: x\ndescription: y\n"), FileKind::GithubAction);
    assert_eq!(kind_of("roles/action.yml", "- name: x\n"), FileKind::Text);
    all_are(FileKind::Text, &[".github/dependabot.yml", ".github/workflows/README.md", "workflows/x.yml"]);
}

#[test]
fn proxies() {
    all_are(
        FileKind::Nginx,
        &[
            "nginx.conf",
            "docker/nginx/default.conf",
            "nginx/templates/site.conf.template",
            "nginx.prod.conf",
            "a.nginx",
        ],
    );
    let server = "# the site\nupstream app {\n  server web:8000;\n}\nserver {\n  listen 80;\n}\n";
    for path in ["conf/default.conf", "default.conf.template", "site.conf.j2", "sites-available/shop", "nginx/shop"] {
        assert_eq!(kind_of(path, server), FileKind::Nginx, "{path}");
        assert_eq!(kind_of(path.trim_start_matches("nginx/"), "port 6379\nserver yes\n"), FileKind::Text, "{path}");
    }
    assert_eq!(kind_of("x.conf", "server\n{\n listen 80;"), FileKind::Nginx);
    all_are(FileKind::Caddy, &["Caddyfile", "Caddyfile.prod", "docker/site.caddy"]);
    all_are(FileKind::Traefik, &["traefik.yml", "traefik/dynamic.yaml", "traefik.prod.toml", "traefik/tls.toml"]);
    assert_eq!(kind("traefik/acme.json"), FileKind::Text);
}

#[test]
fn what_keeps_processes_running() {
    all_are(FileKind::Supervisor, &["supervisord.conf", "supervisor/web.conf", "supervisor.ini"]);
    assert_eq!(kind_of("etc/web.conf", "; x\n[program:web]\ncommand=gunicorn\n"), FileKind::Supervisor);
    all_are(FileKind::Systemd, &["deploy/gunicorn.service", "gunicorn.socket", "backup.timer", "web.service.j2"]);
    all_are(FileKind::Crontab, &["crontab", "crontab.prod", "etc/cron.d/backup", "backup.cron"]);
    all_are(FileKind::Procfile, &["Procfile", "Procfile.dev"]);
    assert_eq!(kind("crontab.py"), FileKind::Python);
}

#[test]
fn platforms() {
    all_are(FileKind::Render, &["render.yaml"]);
    all_are(FileKind::Fly, &["fly.toml", "fly.staging.toml"]);
    all_are(FileKind::Railway, &["railway.json", "railway.toml"]);
    all_are(FileKind::HerokuYml, &["heroku.yml"]);
    assert_eq!(kind_of("app.json", "{\"name\": \"x\", \"buildpacks\": []}"), FileKind::AppJson);
    assert_eq!(kind_of("mobile/app.json", "{\"expo\": {\"scripts\": {}}}"), FileKind::Text);
}

#[test]
fn requirements_and_locks() {
    all_are(
        FileKind::Requirements,
        &[
            "requirements.txt",
            "requirements-dev.txt",
            "dev-requirements.txt",
            "requirements/base.txt",
            "requirements.in",
            "constraints.txt",
        ],
    );
    all_are(
        FileKind::LockFile,
        &["poetry.lock", "uv.lock", "Pipfile.lock", "pdm.lock", "pylock.toml", "pylock.dev.toml"],
    );
    all_are(FileKind::Text, &["robots.txt", "yarn.lock", "MANIFEST.in", "package-lock.json"]);
    assert_eq!((kind("Pipfile"), kind("pyproject.toml")), (FileKind::Pipfile, FileKind::Pyproject));
}

#[test]
fn make_and_just() {
    all_are(FileKind::Makefile, &["Makefile", "makefile", "GNUmakefile", "rules.mk", "Makefile.docker"]);
    all_are(FileKind::Text, &["Makefile.am", "Makefile.in", "Makefile.md"]);
    all_are(FileKind::Justfile, &["justfile", "Justfile", ".justfile", "deploy.just"]);
}

#[test]
fn a_nul_makes_a_file_binary_unless_it_is_utf_16() {
    assert_eq!(classify(&RepoPath::new("blob").unwrap(), b"MZ\0\x01"), FileKind::Binary);
    assert_eq!(classify(&RepoPath::new("local.yml").unwrap(), b"\0"), FileKind::Binary);
    assert_eq!(classify(&RepoPath::new("notes").unwrap(), b"\xFF\xFEa\0b\0"), FileKind::Text);
    assert_eq!(kind("static/logo.png"), FileKind::Binary);
    assert_eq!(kind("empty"), FileKind::Text);
}

#[test]
fn any_beginning_of_any_file_is_classified() {
    let paths = ["x", "local.yml", "a.conf", "env/x", "app.json", "action.yml", "test_settings.py", "start"];
    let heads: [&[u8]; 6] = [b"#!", b"\xFF\xFE", b"\xEF\xBB\xBF", b"services:\n  \xE4:\n\t", b"=\n=\n", b"server"];
    for path in paths {
        for head in heads {
            for end in 0..=head.len() {
                classify(&RepoPath::new(path).unwrap(), &head[..end]);
            }
        }
    }
    for path in [".", "..x", "~", ".", "a/.", "ſ.İ", ".env.", "-", "_", "dockerfile.", "ǅ.py", "İ.py", ".py"] {
        classify(&RepoPath::new(path).unwrap(), b"");
    }
}

#[test]
fn names_are_stable_and_distinct() {
    assert_eq!(FileKind::EnvFile.to_string(), "env-file");
    assert_eq!(format!("{:>8}", FileKind::Text), "    text");
}

#[test]
fn a_path_tells_what_a_file_is_for() {
    let roles = [
        (PathRole::Product, "config/settings/test.py"),
        (PathRole::Product, "config/test_settings.py"),
        (PathRole::Product, "compose.test.yml"),
        (PathRole::Product, "lab/samples/models.py"),
        (PathRole::Product, "apps/docs/models.py"),
        (PathRole::Product, "nginx/default.conf.template"),
        (PathRole::Product, "template.yaml"),
        (PathRole::Product, "shop/email_template.py"),
        (PathRole::Product, "latest/contest.py"),
        (PathRole::Test, "tests/settings.py"),
        (PathRole::Test, "shop/tests/test_views.py"),
        (PathRole::Test, "shop/test_views.py"),
        (PathRole::Test, "conftest.py"),
        (PathRole::Test, "unittests/scans/report.json"),
        (PathRole::Test, "t/unit/keys.py"),
        (PathRole::Product, "shop/t/models.py"),
        (PathRole::Test, "tests/docker-compose.yml"),
        (PathRole::Example, "examples/compose.yml"),
        (PathRole::Example, ".env.example"),
        (PathRole::Example, "docker-compose.template.yml"),
        (PathRole::Example, "local_settings.py.example"),
        (PathRole::Example, "demo/manage.py"),
        (PathRole::Documentation, "docs/conf.py"),
        (PathRole::Documentation, "docs/examples/compose.yml"),
        (PathRole::Documentation, "README.md"),
        (PathRole::Test, "shop/test_utils/constants.py"),
    ];
    for (wanted, path) in roles {
        assert_eq!(role(&RepoPath::new(path).unwrap()), wanted, "{path}");
    }
}
