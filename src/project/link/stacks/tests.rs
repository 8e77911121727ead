use super::*;
use crate::tree::{MemoryFile, MemoryTree};

const WEB: &str = "services:\n  web:\n    build: .\n";
const OVER_WEB: &str = "services:\n  web:\n    restart: always\n";

fn stacks(files: &[(&str, &str)]) -> Vec<(Vec<String>, Environment, bool)> {
    let files = files.iter().map(|(path, text)| MemoryFile::new(RepoPath::new(path).unwrap(), *text));
    let snapshot = Snapshot::new(MemoryTree::new(files));
    let commands = crate::project::uses::commands(&snapshot);
    let mut found: Vec<_> = find(&snapshot, &Config::default(), &commands, None, &|_| None)
        .into_iter()
        .map(|stack| {
            let assumed = stack.is_assumed();
            (stack.files.iter().map(ToString::to_string).collect(), stack.environment, assumed)
        })
        .collect();
    found.sort();
    found
}

fn stack(files: &[&str], environment: Environment, assumed: bool) -> (Vec<String>, Environment, bool) {
    (files.iter().map(|file| (*file).to_owned()).collect(), environment, assumed)
}

#[test]
fn a_lone_file_serves_production_by_assumption() {
    assert_eq!(stacks(&[("docker-compose.yml", WEB)]), [stack(&["docker-compose.yml"], Environment::Production, true)]);
}

#[test]
fn a_production_file_that_stands_alone_leaves_development_to_the_base() {
    assert_eq!(
        stacks(&[("docker-compose.yml", WEB), ("docker-compose.prod.yml", WEB)]),
        [
            stack(&["docker-compose.prod.yml"], Environment::Production, false),
            stack(&["docker-compose.yml"], Environment::Development, false),
        ]
    );
}

#[test]
fn a_production_file_without_images_overlays_the_base() {
    assert_eq!(
        stacks(&[("compose.yaml", WEB), ("compose.prod.yaml", OVER_WEB)]),
        [
            stack(&["compose.yaml"], Environment::Development, false),
            stack(&["compose.yaml", "compose.prod.yaml"], Environment::Production, false),
        ]
    );
}

#[test]
fn what_cannot_stand_alone_is_nobodys_base() {
    let found = stacks(&[
        ("docker/default.yml", WEB),
        ("docker/proxy.yml", "services:\n  proxy:\n    image: traefik:3.5\n  web:\n    labels: [a=b]\n"),
        ("docker/proxy_prod.yml", OVER_WEB),
    ]);
    let production = stack(&["docker/default.yml", "docker/proxy_prod.yml"], Environment::Production, false);
    assert!(found.contains(&production), "{found:?}");
}

#[test]
fn an_override_is_the_developers_and_leaves_the_base_to_production() {
    assert_eq!(
        stacks(&[("compose.yaml", WEB), ("compose.override.yaml", WEB)]),
        [
            stack(&["compose.yaml"], Environment::Production, true),
            stack(&["compose.yaml", "compose.override.yaml"], Environment::Development, false),
        ]
    );
}

#[test]
fn what_a_script_starts_is_a_stack() {
    let script = "#!/bin/sh\ndocker compose -f compose.yaml -f live.yaml up -d\n";
    assert_eq!(
        stacks(&[("compose.yaml", WEB), ("live.yaml", WEB), ("deploy.sh", script)])[1],
        stack(&["compose.yaml", "live.yaml"], Environment::Production, false)
    );
}

#[test]
fn what_is_handed_to_a_swarm_serves_production() {
    let found = |script: &str| stacks(&[("site.yaml", WEB), ("up.sh", script)]);
    let told = |assumed| [stack(&["site.yaml"], Environment::Production, assumed)];
    assert_eq!(found("docker stack deploy -c site.yaml school\n"), told(false));
    assert_eq!(found("docker compose -f site.yaml up -d\n"), told(true));
}

#[test]
fn what_compose_file_names_is_the_stack() {
    let files = |dot_env| [("compose.yaml", WEB), ("live.yaml", WEB), ("proxy.yaml", WEB), (".env", dot_env)];
    // Docker Compose finds these without `-f`.
    assert!(stacks(&files("COMPOSE_FILE=compose.yaml:live.yaml\n")).contains(&stack(
        &["compose.yaml", "live.yaml"],
        Environment::Production,
        false
    )));
    let found = stacks(&[
        ("compose.yaml", WEB),
        ("proxy.yaml", WEB),
        (".env", "COMPOSE_PATH_SEPARATOR=,\nCOMPOSE_FILE=compose.yaml,proxy.yaml\n"),
    ]);
    assert_eq!(found, [stack(&["compose.yaml", "proxy.yaml"], Environment::Production, true)]);
    let script = "#!/bin/sh\nCOMPOSE_FILE=compose.yaml:live.yaml docker compose up -d\n";
    let started = stacks(&[("compose.yaml", WEB), ("live.yaml", WEB), ("deploy.sh", script)]);
    assert!(started.contains(&stack(&["compose.yaml", "live.yaml"], Environment::Production, false)), "{started:?}");
}

#[test]
fn what_a_script_exports_before_it_is_what_compose_takes() {
    let live = stack(&["compose.yaml", "live.yaml"], Environment::Production, false);
    let found =
        |script: &str| stacks(&[("compose.yaml", WEB), ("live.yaml", WEB), ("deploy.sh", script)]).contains(&live);
    assert!(found("#!/bin/sh\nexport COMPOSE_FILE=compose.yaml:live.yaml\ndocker compose up -d\n"));
    // Too late, on another machine, or only at times.
    assert!(!found("#!/bin/sh\ndocker compose up -d\nexport COMPOSE_FILE=compose.yaml:live.yaml\n"));
    assert!(!found("#!/bin/sh\nexport COMPOSE_FILE=compose.yaml:live.yaml\nssh www docker compose up -d\n"));
    assert!(!found(
        "#!/bin/sh\nif test -f x; then\n  export COMPOSE_FILE=compose.yaml:live.yaml\nfi\ndocker compose up -d\n"
    ));
    let workflow = |env: &str| {
        let text = format!(
            "on: push\n{env}jobs:\n  deploy:\n    runs-on: own\n    steps:\n      - run: docker compose up -d\n"
        );
        stacks(&[("compose.yaml", WEB), ("live.yaml", WEB), (".github/workflows/deploy.yml", &text)]).contains(&live)
    };
    assert!(workflow("env:\n  COMPOSE_FILE: compose.yaml:live.yaml\n"));
    assert!(!workflow("env:\n  COMPOSE_FILE: compose.yaml:${{ vars.OVER }}\n"));
}

#[test]
fn interpolation_reads_the_files_that_the_command_names() {
    let env_files = |script: &str| {
        let files = [("compose.yaml", WEB), ("live.yaml", WEB), ("live.env", "A=b\n"), ("deploy.sh", script)];
        let files = files.map(|(path, text)| MemoryFile::new(RepoPath::new(path).unwrap(), text));
        let snapshot = Snapshot::new(MemoryTree::new(files));
        let commands = crate::project::uses::commands(&snapshot);
        let found = find(&snapshot, &Config::default(), &commands, None, &|_| None);
        let live = found.into_iter().find(|stack| stack.files.len() == 1 && stack.files[0].as_str() == "live.yaml");
        live.unwrap().env_files.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(env_files("docker compose --env-file live.env -f live.yaml up -d\n"), ["live.env"]);
    assert_eq!(env_files("export COMPOSE_ENV_FILES=live.env\ndocker compose -f live.yaml up -d\n"), ["live.env"]);
    assert!(env_files("docker compose -f live.yaml up -d\n").is_empty());
}

#[test]
fn profiles_that_the_env_file_switches_on_are_on() {
    let files = [("compose.yaml", WEB), (".env", "COMPOSE_PROFILES=front, jobs\n")];
    let files = files.map(|(path, text)| MemoryFile::new(RepoPath::new(path).unwrap(), text));
    let snapshot = Snapshot::new(MemoryTree::new(files));
    assert_eq!(find(&snapshot, &Config::default(), &[], None, &|_| None)[0].profiles, ["front", "jobs"]);
}

#[test]
fn what_a_pipeline_starts_on_a_server_serves_production_for_certain() {
    let workflow = |lines: &str| {
        let head = "on: push\njobs:\n  deploy:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: appleboy/ssh-action@v1.2.0\n        with:\n          script: |\n";
        lines.lines().fold(head.to_owned(), |text, line| format!("{text}            {line}\n"))
    };
    let found = |lines: &str| stacks(&[("compose.yaml", WEB), (".github/workflows/deploy.yml", &workflow(lines))]);
    let told = |assumed| [stack(&["compose.yaml"], Environment::Production, assumed)];
    assert_eq!(found("cd /srv/school\ngit pull\ndocker compose up -d --build web"), told(false));
    // Another folder's file may be meant.
    assert_eq!(found("cd /srv/monitoring\ndocker compose up -d"), told(true));
    assert_eq!(found("git pull\ndocker compose up -d grafana"), told(true));
}

#[test]
fn what_a_server_starts_at_the_root_is_not_what_an_env_file_is_called() {
    let deploy = |folder: &str| {
        format!(
            "on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: cd api && pytest\n  deploy:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: appleboy/ssh-action@v1.2.0\n        with:\n          script: |\n            cd {folder}\n            git pull\n            docker compose up -d\n"
        )
    };
    let local = "services:\n  web:\n    build: .\n    env_file: .env.local\n";
    let found = |folder: &str| {
        let files =
            [("compose.yaml", local), ("api/compose.yaml", WEB), (".github/workflows/deploy.yml", &deploy(folder))];
        let found = stacks(&files);
        found.into_iter().find(|(files, ..)| files == &["compose.yaml"]).unwrap().1
    };
    assert_eq!(found("/srv/school"), Environment::Production);
    assert_eq!(found("/srv/school/api"), Environment::Development);
}

#[test]
fn the_local_env_file_of_a_frontend_makes_no_development_stack() {
    let file = |api: &str, front: &str| {
        format!(
            "services:\n  api:\n    build: api\n    env_file: {api}\n  front:\n    build: front\n    env_file: {front}\n"
        )
    };
    let environment = |file: &str| stacks(&[("compose.yaml", file)]).remove(0).1;
    assert_eq!(environment(&file("./api/.env", "./front/.env.local")), Environment::Production);
    assert_eq!(environment(&file("./api/.env.local", "./front/.env.local")), Environment::Development);
    assert_eq!(environment(&file("./.env", "./.env.local")), Environment::Development);
}

#[test]
fn what_a_script_named_for_the_servers_starts_there_serves_them_for_certain() {
    let found = |name: &str, lines: &str| stacks(&[("compose.yaml", WEB), (name, &format!("#!/bin/sh\n{lines}\n"))]);
    let told = |assumed| [stack(&["compose.yaml"], Environment::Production, assumed)];
    let pulls = "cd ~/school\ngit pull\ndocker compose --env-file=prod.env up -d";
    assert_eq!(found("ops/prod-deploy.sh", pulls), told(false));
    assert_eq!(found("ops/deploy.sh", pulls), told(false));
    assert_eq!(found("ops/update.sh", pulls), told(true));
    assert_eq!(found("ops/prod-deploy.sh", "docker compose up -d"), told(true));
}

#[test]
fn a_lone_file_that_names_development_settings_is_the_developers() {
    let file =
        "services:\n  web:\n    build: .\n    environment:\n      DJANGO_SETTINGS_MODULE: config.settings.local\n";
    assert_eq!(
        stacks(&[("docker-compose.yml", file)]),
        [stack(&["docker-compose.yml"], Environment::Development, false)]
    );
}
