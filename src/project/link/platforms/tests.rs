use crate::config::Config;
use crate::project::Model;
use crate::project::container::health::Health;
use crate::project::deployment::{Deployment, Service};
use crate::project::environment::Environment;
use crate::project::role::Role;
use crate::project::value::Value;
use crate::source::RepoPath;
use crate::tree::{MemoryFile, MemoryTree, Snapshot};
use std::sync::Arc;

const MANAGE: &str = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'school.settings')\n";

/// The model of a Django project with these files beside it.
fn model(files: &[(&str, &str)]) -> Model {
    let project = [("manage.py", MANAGE), ("school/wsgi.py", MANAGE), ("school/settings.py", "DEBUG = False\n")];
    let file = |(path, text): &(&str, &str)| MemoryFile::new(RepoPath::new(path).unwrap(), *text);
    let tree = MemoryTree::new(project.iter().chain(files).map(file));
    Model::build(Arc::new(Snapshot::new(tree)), &Config::default(), true)
}

/// What production runs where one deployment serves it.
fn production(model: &Model) -> &Deployment {
    let mut found = model.deployments.iter().filter(|it| it.environment == Environment::Production);
    let first = found.next().expect("something serves production");
    assert!(found.next().is_none(), "one deployment serves production");
    first
}

fn services(deployment: &Deployment) -> Vec<(&str, Role, String)> {
    let runs = |service: &Service| {
        let runs = service.process.runs.iter().map(|run| run.invocation.program.clone());
        runs.collect::<Vec<_>>().join(" ")
    };
    deployment.services.iter().map(|service| (service.name.as_str(), service.role, runs(service))).collect()
}

fn variable<'s>(service: &'s Service, name: &str) -> &'s Value<String> {
    &service.variables.set[name].value
}

const DOCKERFILE: &str = "FROM python:3.13-slim AS base\nWORKDIR /app\nENV DEBUG=0 LOG=info\nCOPY . .\nENTRYPOINT [\"/app/entry.sh\"]\nCMD [\"gunicorn\", \"school.wsgi\"]\nFROM base AS tools\nCMD [\"python\", \"manage.py\", \"shell\"]\n";
const ENTRY: &str = "#!/bin/sh\nset -e\npg_isready\nexec \"$@\"\n";

#[test]
fn a_blueprint_is_a_deployment() {
    let blueprint = "services:\n- type: web\n  name: web\n  runtime: python\n  buildCommand: pip install -r requirements.txt\n  preDeployCommand: python manage.py migrate\n  startCommand: gunicorn school.wsgi\n  healthCheckPath: /up/\n  numInstances: 2\n  envVars:\n  - {key: LOG, value: debug}\n  - {key: SECRET_KEY, sync: false}\n- {type: worker, name: tasks, runtime: python, startCommand: celery -A school worker}\n- {type: cron, name: nightly, runtime: python, schedule: '@daily', startCommand: python manage.py clearsessions}\n";
    let model = model(&[
        ("render.yaml", blueprint),
        ("compose.yml", "services: {web: {image: x, command: gunicorn school.wsgi}}\n"),
    ]);
    let deployment = production(&model);
    assert_eq!(deployment.name, "render.yaml");
    let expected = [
        ("web before it is deployed", Role::Job, "python".to_owned()),
        ("web", Role::Web, "gunicorn".to_owned()),
        ("tasks", Role::Worker, "celery".to_owned()),
        ("nightly", Role::Job, "python".to_owned()),
    ];
    let found = services(deployment);
    assert_eq!(
        found.iter().map(|it| (it.0, it.1)).collect::<Vec<_>>(),
        expected.iter().map(|it| (it.0, it.1)).collect::<Vec<_>>()
    );
    let web = deployment.service("web").unwrap();
    assert_eq!((web.replicas(), web.health()), (Some(2), Health::Checked));
    assert_eq!(variable(web, "LOG"), &Value::Known("debug".to_owned()));
    assert_eq!(variable(web, "RENDER"), &Value::Known("true".to_owned()));
    assert!(variable(web, "SECRET_KEY").is_unknown() && web.variables.open.is_some());
    assert!(web.django.is_some());
    assert!(deployment.is_ordered("web before it is deployed", "web"));
    assert!(!deployment.is_ordered("tasks", "web"));
    let built = model.commands.iter().map(|it| it.invocation.program.as_str()).collect::<Vec<_>>();
    assert_eq!(built, ["pip"], "what starts is looked at where it starts");
    let beside = model.deployments.iter().find(|it| it.name == "compose.yml").unwrap();
    assert_eq!(beside.environment, Environment::Development, "the platform serves production");
}

#[test]
fn an_image_is_built_from_where_the_platform_looks() {
    let files = [
        ("docker/Dockerfile", DOCKERFILE),
        ("entry.sh", ENTRY),
        (
            "render.yaml",
            "services:\n- {type: web, name: web, runtime: docker, dockerfilePath: ./docker/Dockerfile, dockerContext: ., envVars: [{key: DEBUG, value: '1'}]}\n",
        ),
    ];
    let model = model(&files);
    let web = production(&model).service("web").unwrap();
    let build = web.build.as_ref().unwrap();
    assert_eq!((build.dockerfile.as_str(), build.context.is_root()), ("docker/Dockerfile", true));
    assert_eq!(variable(web, "DEBUG"), &Value::Known("1".to_owned()), "the manifest goes before the image");
    assert_eq!(variable(web, "LOG"), &Value::Default("info".to_owned()));
}

#[test]
fn processes_keep_the_entrypoint_or_replace_it() {
    let run = |name: &str, manifest: &str| {
        let model = model(&[("Dockerfile", DOCKERFILE), ("entry.sh", ENTRY), (name, manifest)]);
        let programs: Vec<String> = services(production(&model)).into_iter().map(|it| it.2).collect();
        programs.join(", ")
    };
    let fly = "app = 'school'\n[build]\nbuild-target = 'base'\n[processes]\nweb = 'gunicorn school.wsgi'\n";
    assert!(run("fly.toml", fly).contains("pg_isready"), "{}", run("fly.toml", fly));
    let plain = "app = 'school'\n[build]\nbuild-target = 'base'\n";
    assert!(run("fly.toml", plain).contains("gunicorn"));
    let render = "services: [{type: web, name: web, runtime: docker, dockerCommand: gunicorn school.wsgi}]\n";
    assert_eq!(run("render.yaml", render), "gunicorn");
}

#[test]
fn heroku_asks_app_json_for_variables() {
    let app = r#"{"env": {"DJANGO_SETTINGS_MODULE": "school.settings", "SECRET_KEY": {"generator": "secret"}}, "formation": {"web": {"quantity": 2}}, "cron": [{"command": "python manage.py clearsessions"}]}"#;
    let model =
        model(&[("Procfile", "release: python manage.py migrate\nweb: gunicorn school.wsgi\n"), ("app.json", app)]);
    let deployment = production(&model);
    let names: Vec<_> = deployment.services.iter().map(|it| (it.name.as_str(), it.role)).collect();
    assert_eq!(names, [("release", Role::Job), ("web", Role::Web), ("cron 1", Role::Job)]);
    let web = deployment.service("web").unwrap();
    assert_eq!(web.replicas(), Some(2));
    assert_eq!(variable(web, "DJANGO_SETTINGS_MODULE"), &Value::Default("school.settings".to_owned()));
    assert!(variable(web, "SECRET_KEY").is_unknown());
    let place = &web.variables.set["DJANGO_SETTINGS_MODULE"].trail[0].place;
    assert_eq!(app[place.span.range()].trim_matches('"'), "school.settings");
}

#[test]
fn environments_are_told_by_files_apps_and_projects() {
    let told = |path: &str, text: &str| -> Vec<Environment> {
        let model = model(&[(path, text), ("Dockerfile", DOCKERFILE)]);
        let of_file = model.deployments.iter().filter(|it| it.name.starts_with(path));
        of_file.map(|it| it.environment.clone()).collect()
    };
    let fly =
        |app: &str| format!("app = '{app}'\n[build]\nbuild-target = 'base'\n[http_service]\ninternal_port = 8000\n");
    assert_eq!(told("fly.toml", &fly("school")), [Environment::Production]);
    assert_eq!(told("fly.toml", &fly("school-staging")), [Environment::Staging]);
    assert_eq!(told("fly.staging.toml", &fly("school")), [Environment::Staging]);
    let projects = "projects:\n- name: school\n  environments:\n  - {name: production, services: [{type: web, name: a, runtime: python, startCommand: gunicorn school.wsgi}]}\n  - {name: staging, services: [{type: web, name: b, runtime: python, startCommand: gunicorn school.wsgi}]}\n";
    assert_eq!(told("render.yaml", projects), [Environment::Production, Environment::Staging]);
}

#[test]
fn what_is_not_django_is_not_our_business() {
    for (path, text) in [
        ("render.yaml", "services: [{type: web, name: web, runtime: node, startCommand: npm start}]\n"),
        ("fly.toml", "app = 'x'\n[build]\nimage = 'nginx'\n"),
        ("heroku.yml", "build: {docker: {web: web/Dockerfile}}\n"),
        ("Procfile", "web: npm start\n"),
    ] {
        let model =
            model(&[(path, text), ("compose.yml", "services: {web: {image: x, command: gunicorn school.wsgi}}\n")]);
        assert_eq!(production(&model).name, "compose.yml", "{path}");
    }
}

#[test]
fn a_procfile_that_an_image_starts_is_one_container() {
    let dockerfile = |cmd: &str| format!("FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nCMD {cmd}\n");
    let procfile = "web: gunicorn school.wsgi\nworker: celery -A school worker\n";
    let told = |path: &str, cmd: &str, more: &[(&str, &str)]| {
        let dockerfile = dockerfile(cmd);
        let mut files = vec![("Dockerfile", dockerfile.as_str()), (path, procfile)];
        files.extend(more);
        let model = model(&files);
        let of =
            |it: &Deployment| (it.name.clone(), services(it).into_iter().map(|it| (it.1, it.2)).collect::<Vec<_>>());
        model.deployments.iter().map(of).collect::<Vec<_>>()
    };
    let one = |program: &str| vec![("Dockerfile".to_owned(), vec![(Role::Web, format!("celery gunicorn {program}"))])];
    assert_eq!(told("Procfile", "[\"honcho\", \"start\"]", &[]), one("honcho"));
    assert_eq!(told("Procfile.prod", "[\"foreman\", \"start\", \"-f\", \"Procfile.prod\"]", &[]), one("foreman"));
    assert_eq!(told("ops/Procfile", "exec goreman -f ops/Procfile start", &[]), one("goreman"));
    let web = vec![("Dockerfile".to_owned(), vec![(Role::Web, "gunicorn overmind".to_owned())])];
    assert_eq!(told("Procfile", "overmind start -l web", &[]), web);
    let script = [("start.sh", "#!/bin/sh\nset -e\npython manage.py migrate\nexec honcho start web\n")];
    let found = told("Procfile", "[\"./start.sh\"]", &script);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].1[0].1.contains("gunicorn honcho"), "{found:?}");
    // A platform reads it where the image starts something else, or an `app.json` says so.
    let names = |found: Vec<(String, Vec<(Role, String)>)>| found.into_iter().map(|it| it.0).collect::<Vec<_>>();
    assert!(names(told("Procfile", "[\"gunicorn\", \"school.wsgi\"]", &[])).contains(&"Procfile".to_owned()));
    let app = [("app.json", "{}")];
    assert!(names(told("Procfile", "[\"honcho\", \"start\"]", &app)).contains(&"Procfile".to_owned()));
}

#[test]
fn what_an_image_takes_a_procfile_for_runs_in_it() {
    let dockerfile = "FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nCOPY ops/single/Procfile /app/Procfile\nCMD [\"honcho\", \"start\"]\n";
    let fly = "app = 'school'\n[http_service]\ninternal_port = 8000\n";
    let model = model(&[
        ("ops/single/Dockerfile", dockerfile),
        ("ops/single/Procfile", "beat: celery -A school beat\nweb: gunicorn school.wsgi\n"),
        ("ops/single/fly.toml", fly),
    ]);
    let deployment = production(&model);
    assert_eq!(deployment.name, "ops/single/fly.toml");
    assert_eq!(services(deployment)[0].1, Role::Web);
    assert_eq!(services(deployment)[0].2, "celery gunicorn honcho");
    assert!(deployment.services[0].build.as_ref().unwrap().context.is_root(), "it copies from the root");
}

#[test]
fn what_a_platform_keeps_has_a_role() {
    let kept = |files: &[(&str, &str)]| {
        let model = model(files);
        let kept = production(&model).services.iter().filter(|service| service.is_kept_by_platform());
        kept.map(|it| (it.name.clone(), it.role, it.health(), it.place.path.to_string())).collect::<Vec<_>>()
    };
    let blueprint = "services:\n- {type: web, name: web, runtime: python, startCommand: gunicorn school.wsgi}\n- {type: keyvalue, name: tasks, ipAllowList: []}\ndatabases:\n- {name: school, ipAllowList: []}\n";
    let store = |name: &str, role: Role, path: &str| (name.to_owned(), role, Health::Unknown, path.to_owned());
    let expected = [store("tasks", Role::Cache, "render.yaml"), store("school", Role::Database, "render.yaml")];
    assert_eq!(kept(&[("render.yaml", blueprint)]), expected);
    let app = r#"{"addons": ["heroku-postgresql:mini", "cloudamqp:lemur"]}"#;
    let expected =
        [store("heroku-postgresql", Role::Database, "app.json"), store("cloudamqp", Role::Broker, "app.json")];
    assert_eq!(kept(&[("Procfile", "web: gunicorn school.wsgi\n"), ("app.json", app)]), expected);
    // Each environment has its own.
    let projects = "projects:\n- name: school\n  environments:\n  - {name: production, services: [{type: web, name: a, runtime: python, startCommand: gunicorn school.wsgi}], databases: [{name: real}]}\n  - {name: staging, services: [{type: web, name: b, runtime: python, startCommand: gunicorn school.wsgi}], databases: [{name: trial}]}\n";
    assert_eq!(kept(&[("render.yaml", projects)]), [store("real", Role::Database, "render.yaml")]);
}
