//! What Docker Compose judged otherwise than we did (`tests/compose`).

use super::*;

#[test]
fn a_host_has_as_many_addresses_as_entries() {
    let hosts = |service: &Service| -> Vec<String> {
        let value = |pair: &Pair| pair.value.as_ref().map_or("", |value| value.text.text()).to_owned();
        service.extra_hosts.iter().map(|pair| format!("{}={}", pair.value.name, value(&pair.value))).collect()
    };
    let service = web(&["extra_hosts: ['db:10.0.0.1', 'db:10.0.0.2']", "extra_hosts: ['db:10.0.0.2', 'db:10.0.0.3']"]);
    assert_eq!(hosts(&service), ["db=10.0.0.1", "db=10.0.0.2", "db=10.0.0.3"]);
    assert_eq!(hosts(&web(&["extra_hosts: {db: [10.0.0.1, 10.0.0.2]}"])), ["db=10.0.0.1", "db=10.0.0.2"]);
}

#[test]
fn a_limit_can_be_taken_away() {
    let service = web(&["ulimits: {nofile: 1024, nproc: 64}", "ulimits: {nofile: !reset null}"]);
    assert_eq!(service.ulimits.iter().map(|limit| limit.value.name.as_str()).collect::<Vec<_>>(), ["nproc"]);
}

#[test]
fn the_context_that_nobody_names_is_the_projects_folder() {
    let files = [
        ("compose.yml", "services:\n  web:\n    extends: {file: shared/base.yml, service: base}\n"),
        ("shared/base.yml", "services:\n  base:\n    build: {target: prod}\n"),
    ];
    let stack = merge_some(&files, 1, &variables(&[], true));
    let build = &stack.services["web"].build.as_ref().unwrap().value;
    assert_eq!(build.context(), Value::Known(Location::Inside(RepoPath::root())));
}

#[test]
fn the_projects_name_may_stand_in_the_env_file() {
    let files = [("compose.yml", "name: written\nservices:\n  web:\n    image: web\n")];
    let name = |pairs: &[(&str, &str)]| {
        let variables = variables(pairs, true);
        let stack = merge(&Inputs {
            files: &[(path("compose.yml"), Arc::new(file::parse(files[0].1).0))],
            project_directory: None,
            variables: &variables,
            load: &|_| None,
            included_variables: &|_| None,
        });
        let name = stack.name.unwrap();
        (name.value.known().unwrap().to_owned(), name.place.path.to_string())
    };
    assert_eq!(name(&[]), ("written".to_owned(), "compose.yml".to_owned()));
    assert_eq!(name(&[("COMPOSE_PROJECT_NAME", "told")]), ("told".to_owned(), ".env".to_owned()));
}

#[test]
fn resources_as_a_whole_can_be_taken_away() {
    let base = "deploy:\n  resources: {limits: {memory: 1g}}\n  placement: {constraints: [a==b]}";
    let limits = |over: &str| {
        let deploy = web(&[base, over]).deploy.unwrap().value;
        let memory =
            deploy.limits.and_then(|limits| limits.value.memory).map(|memory| memory.value.text.text().to_owned());
        (memory, deploy.constraints.len())
    };
    assert_eq!(limits("deploy: {resources: !reset null, placement: !reset null}"), (None, 0));
    assert_eq!(limits("deploy:\n  resources: !override\n    limits: {pids: 5}"), (None, 1));
    assert_eq!(limits("deploy: {resources: {limits: {pids: 5}}}"), (Some("1g".to_owned()), 1));
}
