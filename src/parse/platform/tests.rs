use super::*;
use crate::source::Problem;

fn names(manifest: &Manifest) -> Vec<(&str, Kind)> {
    manifest.services.iter().map(|service| (service.name.as_str(), service.kind)).collect()
}

fn command(service: &Service) -> String {
    match service.start.as_ref().map(|start| &start.command) {
        Some(Command::Shell(line)) => format!("sh: {}", line.text()),
        Some(Command::Line(line)) => format!("line: {}", line.text()),
        Some(Command::Words(words)) => words.iter().map(Fragment::text).collect::<Vec<_>>().join("|"),
        None => "image".to_owned(),
    }
}

fn shown(variables: &[Variable]) -> Vec<(&str, Option<&str>)> {
    variables.iter().map(|it| (it.name.as_str(), it.value.as_ref().map(Fragment::text))).collect()
}

const RENDER: &str = r#"
services:
  - type: web
    name: school
    runtime: python
    rootDir: backend
    buildCommand: ./build.sh
    preDeployCommand: python manage.py migrate
    startCommand: gunicorn config.wsgi
    healthCheckPath: /up/
    numInstances: 2
    envVars:
      - fromGroup: shared
      - key: DEBUG
        value: false
      - key: SECRET_KEY
        generateValue: true
      - key: DATABASE_URL
        fromDatabase: {name: data, property: connectionString}
  - type: worker
    name: tasks
    env: docker
    dockerfilePath: ./docker/Dockerfile
    dockerContext: .
    dockerCommand: celery -A config worker
  - type: cron
    name: nightly
    runtime: image
    schedule: "0 3 * * *"
    image: {url: registry.example.org/school:1.2}
  - {type: keyvalue, name: cache}
  - {type: web, name: site, runtime: static, buildCommand: npm run build}
envVarGroups:
  - name: shared
    envVars:
      - {key: TZ, value: UTC}
projects:
  - name: school
    environments:
      - name: staging
        services:
          - {type: web, name: school-staging, runtime: python, startCommand: gunicorn config.wsgi}
databases:
  - name: data
"#;

#[test]
fn a_blueprint_of_render() {
    let (manifest, problems) = parse_render(RENDER);
    assert!(problems.is_empty(), "{problems:?}");
    let expected = [
        ("school before it is deployed", Kind::Release),
        ("school", Kind::Web),
        ("tasks", Kind::Worker),
        ("nightly", Kind::Cron),
        ("school-staging", Kind::Web),
    ];
    assert_eq!(names(&manifest), expected);
    let [release, web, tasks, nightly, staging] = manifest.services.as_slice() else { panic!() };
    assert_eq!(
        (command(release), command(web)),
        ("sh: python manage.py migrate".into(), "sh: gunicorn config.wsgi".into())
    );
    assert_eq!(command(tasks), "line: celery -A config worker");
    assert!(matches!(&web.program, Program::Source { folder: Some(folder) } if folder.text() == "backend"));
    assert!(matches!(&tasks.program, Program::Dockerfile { path: Some(path), context: Context::Folder(folder), .. }
        if path.text() == "./docker/Dockerfile" && folder.text() == "."));
    assert!(matches!(&nightly.program, Program::Image(image) if image.text() == "registry.example.org/school:1.2"));
    assert_eq!(staging.environment.as_ref().map(|it| it.as_str()), Some("staging"));
    let variables = [("TZ", Some("UTC")), ("DEBUG", Some("false")), ("SECRET_KEY", None), ("DATABASE_URL", None)];
    assert_eq!(shown(&web.variables), variables);
    assert_eq!(&RENDER[web.health.as_ref().unwrap().span.range()], "/up/");
    assert_eq!(web.instances.as_ref().unwrap().text(), "2");
    let others: Vec<_> = manifest.other_commands().map(Fragment::text).collect();
    assert_eq!(others, ["./build.sh"]);
}

const FLY: &str = r#"
app = "school-staging"
kill_signal = "SIGINT"

[build]
  dockerfile = "docker/Dockerfile"
  build-target = "runtime"
  [build.args]
    PYTHON = "3.13"

[deploy]
  release_command = "python manage.py migrate --noinput"

[env]
  DEBUG = "False"
  PORT = 8000

[processes]
  web = "gunicorn config.wsgi --bind :8000"
  worker = ["celery", "-A", "config", "worker"]

[http_service]
  internal_port = 8000
  processes = ["web"]
  [[http_service.checks]]
    path = "/up/"
"#;

#[test]
fn a_configuration_of_fly() {
    let (manifest, problems) = parse_fly(FLY);
    assert!(problems.is_empty(), "{problems:?}");
    let expected = [("release_command", Kind::Release), ("web", Kind::Web), ("worker", Kind::Worker)];
    assert_eq!(names(&manifest), expected);
    assert_eq!(manifest.app.as_ref().unwrap().value, "school-staging");
    let [release, web, worker] = manifest.services.as_slice() else { panic!() };
    assert_eq!(command(release), "line: python manage.py migrate --noinput");
    assert!(release.start.as_ref().unwrap().keeps_entrypoint);
    assert_eq!(command(worker), "celery|-A|config|worker");
    assert_eq!(web.health.as_ref().and_then(|it| it.path.as_ref()).map(Fragment::text), Some("/up/"));
    assert!(worker.health.is_none());
    let Program::Dockerfile { path, target, arguments, .. } = &web.program else { panic!() };
    assert_eq!((path.as_ref().unwrap().text(), target.as_ref().unwrap().text()), ("docker/Dockerfile", "runtime"));
    assert_eq!(shown(arguments), [("PYTHON", Some("3.13"))]);
    assert_eq!(shown(&manifest.variables), [("DEBUG", Some("False")), ("PORT", Some("8000"))]);
    assert_eq!(&FLY[manifest.variables[0].value.as_ref().unwrap().span().range()], "False");
}

#[test]
fn an_app_of_fly_without_processes() {
    let (manifest, _) = parse_fly(
        "app = 'shop'\nprocesses = []\n[build]\nimage = 'shop:1'\n[[services]]\nprocesses = ['app']\ninternal_port = 8000\n[[services.tcp_checks]]\ninterval = '15s'\n",
    );
    assert_eq!(names(&manifest), [("shop", Kind::Web)]);
    let web = &manifest.services[0];
    assert!(web.health.as_ref().is_some_and(|health| health.path.is_none()));
    assert!(!web.is_own() && web.start.is_none());
    assert_eq!(names(&parse_fly("app = 'shop'\n").0), [("shop", Kind::Worker)], "nothing reaches it");
}

#[test]
fn a_manifest_of_heroku() {
    let text = "setup:\n  config: {DEBUG: false}\nbuild:\n  docker:\n    web:\n      dockerfile: docker/Dockerfile\n      target: prod\n  config: {V: 1}\nrelease:\n  image: web\n  command:\n    - python manage.py migrate\nrun:\n  web: gunicorn config.wsgi\n  worker:\n    command: [celery, -A, config, worker]\n    image: web\n  odd:\n    command: [a, b c]\n";
    let (manifest, problems) = parse_heroku_yml(text);
    assert!(problems.is_empty(), "{problems:?}");
    let commands: Vec<_> = manifest.services.iter().map(|it| (it.name.as_str(), it.kind, command(it))).collect();
    let expected = [
        ("release", Kind::Release, "sh: python manage.py migrate".to_owned()),
        ("web", Kind::Web, "sh: gunicorn config.wsgi".to_owned()),
        ("worker", Kind::Worker, "celery|-A|config|worker".to_owned()),
        ("odd", Kind::Worker, "image".to_owned()),
    ];
    assert_eq!(commands, expected);
    let target = |service: &Service| match &service.program {
        Program::Dockerfile { target, context: Context::Dockerfile, .. } => {
            target.clone().map(|it| it.text().to_owned())
        }
        _ => None,
    };
    assert!(manifest.services[..3].iter().all(|service| target(service).as_deref() == Some("prod")));
    assert!(manifest.variables[0].initial);
    let images = parse_heroku_yml("build:\n  docker:\n    web: Dockerfile\n    worker: worker/Dockerfile\n").0;
    assert_eq!(names(&images), [("web", Kind::Web), ("worker", Kind::Worker)]);
}

#[test]
fn an_app_json() {
    let text = r#"{
      "env": {
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "SECRET_KEY": {"description": "long", "generator": "secret"},
        "WEB_CONCURRENCY": {"value": "2"},
        "SENTRY_DSN": {"required": false}
      },
      "formation": {"web": {"quantity": 3, "size": "basic"}},
      "healthchecks": {"web": [{"type": "startup", "path": "/up/"}]},
      "cron": [{"command": "python manage.py clearsessions", "schedule": "@daily"}],
      "scripts": {"postdeploy": "python manage.py loaddata demo", "test": "pytest", "dokku": {"predeploy": "./check.sh"}}
    }"#;
    let (manifest, problems) = parse_app_json(text);
    assert!(problems.is_empty(), "{problems:?}");
    let variables = [
        ("DJANGO_SETTINGS_MODULE", Some("config.settings.production")),
        ("SECRET_KEY", None),
        ("WEB_CONCURRENCY", Some("2")),
    ];
    assert_eq!(shown(&manifest.variables), variables);
    assert_eq!(names(&manifest), [("web", Kind::Web), ("cron 1", Kind::Cron)]);
    assert_eq!(manifest.services[0].instances.as_ref().unwrap().text(), "3");
    assert!(manifest.services[0].health.is_some());
    let scripts: Vec<_> = manifest.scripts.iter().map(Fragment::text).collect();
    assert_eq!(scripts, ["python manage.py loaddata demo", "./check.sh"]);
}

#[test]
fn a_configuration_of_railway() {
    let json = r#"{"build": {"builder": "RAILPACK", "buildCommand": "make"},
      "deploy": {"startCommand": "gunicorn a", "preDeployCommand": ["python manage.py migrate"], "healthcheckPath": "/up/"},
      "environments": {"production": {"deploy": {"startCommand": "gunicorn b", "numReplicas": 2}}}}"#;
    let (manifest, problems) = parse_railway_json(json);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(names(&manifest), [("preDeployCommand", Kind::Release), ("service", Kind::Web)]);
    assert_eq!(command(&manifest.services[1]), "sh: gunicorn b");
    assert_eq!(manifest.services[1].instances.as_ref().unwrap().text(), "2");
    let toml = "[build]\ndockerfilePath = \"Dockerfile.prod\"\n[deploy]\nstartCommand = \"gunicorn a\"\n";
    let (manifest, _) = parse_railway_toml(toml);
    assert_eq!(command(&manifest.services[0]), "line: gunicorn a");
    assert!(manifest.services[0].is_own());
}

fn all(text: &str) -> [(Manifest, Vec<Problem>); 6] {
    [
        parse_render(text),
        parse_fly(text),
        parse_heroku_yml(text),
        parse_app_json(text),
        parse_railway_json(text),
        parse_railway_toml(text),
    ]
}

fn check(text: &str) {
    for (manifest, problems) in all(text) {
        let fits = |span: Span| assert!(text.get(span.range()).is_some(), "{span:?} in {text:?}");
        problems.iter().for_each(|problem| fits(problem.span));
        for service in &manifest.services {
            fits(service.name.span);
            service.health.iter().for_each(|health| fits(health.span));
            match service.start.as_ref().map(|start| &start.command) {
                Some(Command::Shell(line) | Command::Line(line)) => fits(line.span()),
                Some(Command::Words(words)) => words.iter().for_each(|word| fits(word.span())),
                None => {}
            }
        }
        manifest.other_commands().for_each(|line| fits(line.span()));
        for variable in manifest.all_variables() {
            fits(variable.name.span);
            variable.value.iter().for_each(|value| fits(value.span()));
        }
    }
}

#[test]
fn mutations_never_break_a_span() {
    let pieces =
        ["", "\n", "é", "\"\"\"", "'", "[", "}", ": ", "- ", " = ", "\\u00e9", "*x", "&x ", "\0", "{{ x }}", "[["];
    let mut state = 5_u64;
    for base in [RENDER, FLY] {
        let boundaries: Vec<usize> = base.char_indices().map(|(at, _)| at).collect();
        for _ in 0..400 {
            let mut next = |bound: usize| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 33) as usize % bound
            };
            let from = boundaries[next(boundaries.len())];
            let to = (from + next(25)).min(base.len());
            check(&format!("{}{}{}", &base[..from], pieces[next(pieces.len())], &base[to..]));
        }
        boundaries.iter().step_by(9).for_each(|cut| check(&base[..*cut]));
    }
}

#[test]
fn hostile_text_is_read_without_harm() {
    let aliases: String = (1..30).map(|n| format!("a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1)).collect();
    for text in [
        String::new(),
        "[".repeat(100_000),
        "{\"env\": ".repeat(50_000),
        format!("{}b = 1", "a.".repeat(100_000)),
        format!("a0: &a0 [x, x]\n{aliases}services: *a29\n"),
        "services: &s [*s, *s]\n".to_owned(),
        "\u{feff}services:\n  - {type: web, name: é}\n".to_owned(),
        format!("app = '{}'", "x".repeat(2 << 20)),
    ] {
        check(&text);
    }
}

#[test]
fn a_blueprint_says_who_reaches_its_databases() {
    let text = "services:\n- {type: keyvalue, name: tasks, ipAllowList: [{source: 0.0.0.0/0}]}\n- {type: redis, name: old, ipAllowList: []}\n\
        databases:\n- name: open\n- name: shut\n  ipAllowList: []\n- name: office\n  ipAllowList: [{source: 203.0.113.4/30}]\n\
        projects:\n- name: p\n  environments:\n  - name: staging\n    databases: [{name: trial}]\n";
    let (manifest, problems) = parse_render(text);
    assert_eq!(problems, []);
    let shown: Vec<_> =
        manifest.stores.iter().map(|store| (store.name.as_str(), store.open.map(|span| &text[span.range()]))).collect();
    let expected = [
        ("tasks", Some("0.0.0.0/0")),
        ("old", None),
        ("open", Some("open")),
        ("shut", None),
        ("office", None),
        ("trial", Some("trial")),
    ];
    assert_eq!(shown, expected);
    assert_eq!(manifest.stores[5].environment.as_ref().map(|name| name.as_str()), Some("staging"));
}

#[test]
fn addons_of_heroku_are_stores() {
    let told = |manifest: &Manifest| {
        manifest.stores.iter().map(|store| (store.name.value.clone(), store.kind)).collect::<Vec<_>>()
    };
    let database = ("heroku-postgresql".to_owned(), StoreKind::Database);
    let cache = ("heroku-redis".to_owned(), StoreKind::Cache);
    let (app, _) = parse_app_json(
        r#"{"addons": ["heroku-postgresql:mini", {"plan": "heroku-redis:mini", "as": "R"}, "papertrail"]}"#,
    );
    assert_eq!(told(&app), [database.clone(), cache]);
    let (app, _) = parse_app_json(r#"{"addons": ["cloudamqp:lemur", 3, {"as": "X"}, ["x"]]}"#);
    assert_eq!(told(&app), [("cloudamqp".to_owned(), StoreKind::Broker)]);
    let yaml = "setup:\n  addons:\n  - plan: heroku-postgresql\n    as: DATABASE\nbuild: {docker: {web: Dockerfile}}\n";
    assert_eq!(told(&parse_heroku_yml(yaml).0), [database]);
}
