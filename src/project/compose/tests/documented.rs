//! The examples by which the Compose specification (13-merge.md) and Docker's page "Merge Compose files" say what merging
//! means. Each test is named for its section.

use super::*;

#[test]
fn mapping_adds_missing_entries_and_merges_conflicting_ones() {
    let service = web(&["labels:\n  key1: value1\n  key2: value2", "labels:\n  key2: VALUE\n  key3: value3"]);
    let labels: Vec<_> = service.labels.iter().map(|it| (it.value.name.as_str(), it.value.value.as_ref())).collect();
    let labels: Vec<_> = labels.into_iter().map(|(name, value)| (name, value.unwrap().likely().unwrap())).collect();
    assert_eq!(labels, [("key1", "value1"), ("key2", "VALUE"), ("key3", "value3")]);
}

#[test]
fn sequence_appends_values() {
    let service = web(&["expose: ['3000']", "expose: ['4000', '5000']"]);
    assert_eq!(texts(&service.expose), ["3000", "4000", "5000"]);
}

#[test]
fn shell_commands_are_overridden_by_the_latest_file() {
    let service = web(&[
        "command: [echo, foo]\nentrypoint: [a, b]\nhealthcheck: {test: [CMD, 'true']}",
        "command: [echo, bar]\nentrypoint: [c]\nhealthcheck: {test: [CMD, 'false']}",
    ]);
    assert_eq!(words(&service.command), ["echo", "bar"]);
    assert_eq!(words(&service.entrypoint), ["c"]);
    let test = &service.healthcheck.as_ref().unwrap().value.test;
    assert_eq!(words(test).last(), Some(&"false"));
}

#[test]
fn unique_resources_are_merged_by_their_key() {
    let sources = |service: &Service| -> Vec<_> {
        service.volumes.iter().map(|mount| mount.value.source.likely().unwrap().clone()).collect()
    };
    let service = web(&["volumes: ['foo:/work']", "volumes: ['bar:/work']"]);
    assert_eq!(sources(&service), [MountSource::Named("bar".to_owned())]);
    let service =
        web(&["volumes: ['./original:/foo', './original:/bar']", "volumes: ['./local:/bar', './local:/baz']"]);
    let inside = |name: &str| MountSource::Bind(Location::Inside(path(name)));
    assert_eq!(sources(&service), [inside("original"), inside("local"), inside("local")]);
    let count = |key: &str, first: &str, second: &str| {
        let service = web(&[&format!("{key}: [{first}]"), &format!("{key}: [{second}]")]);
        if key == "secrets" { service.secrets.len() } else { service.configs.len() }
    };
    for key in ["secrets", "configs"] {
        assert_eq!(count(key, "{source: a, target: t}", "{source: b, target: t}"), 1, "{key} of one target");
        assert_eq!(count(key, "{source: a, target: t}", "{source: a, target: u}"), 2, "{key} of two targets");
        assert_eq!(count(key, "key", "key"), 1, "{key} by the name alone");
    }
    let service = web(&["ports: ['8080:80']", "ports: ['8443:443', '8080:80']"]);
    assert_eq!(ports(&service), [":8080:80", ":8443:443"]);
}

#[test]
fn environment_labels_volumes_and_devices_are_merged_by_name_or_path() {
    let service = web(&["environment: [FOO=original, BAR=original]", "environment: [BAR=local, BAZ=local]"]);
    let expected = [("FOO", Some("original")), ("BAR", Some("local")), ("BAZ", Some("local"))];
    assert_eq!(environment(&service), expected);
    let service = web(&["devices: ['/dev/a:/dev/x']", "devices: ['/dev/b:/dev/x', '/dev/c:/dev/y']"]);
    assert_eq!(texts(&service.devices), ["/dev/b:/dev/x", "/dev/c:/dev/y"]);
}

#[test]
fn a_single_value_replaces_the_one_before() {
    let service = web(&["command: python app.py", "command: python otherapp.py"]);
    assert_eq!(words(&service.command), ["python otherapp.py"]);
}

#[test]
fn reset_value_removes_from_the_model() {
    let service = web(&[
        "image: myapp\nports: ['8080:80']\nenvironment:\n  FOO: BAR",
        "image: myapp\nports: !reset []\nenvironment:\n  FOO: !reset null",
    ]);
    assert_eq!(text(&service.image), Some("myapp"));
    assert!(service.ports.is_empty() && service.environment.is_empty());
}

#[test]
fn replace_value_bypasses_the_rules_of_merging() {
    let base = "image: myapp\nports: ['8080:80']";
    assert_eq!(ports(&web(&[base, "ports: !override\n- '8443:443'"])), [":8443:443"]);
    assert_eq!(ports(&web(&[base, "ports:\n- '8443:443'"])), [":8080:80", ":8443:443"], "as without the tag");
}

/// What rules look at of a service, without places.
fn gist(service: &Service) -> Vec<String> {
    let mounts =
        service.volumes.iter().map(|mount| format!("{:?} {:?}", mount.value.source.likely(), mount.value.inside()));
    let files = service.env_files.iter().map(|file| format!("{:?}", file.value.path.location));
    let names = service.depends_on.iter().map(|it| it.value.service.clone());
    let variables = environment(service).into_iter().map(|variable| format!("{variable:?}"));
    let lists = [&service.expose, &service.devices, &service.profiles].map(|list| texts(list).join(" "));
    let commands = [&service.command, &service.entrypoint].map(|command| words(command).join(" "));
    let rest = format!("{:?} {:?} {:?}", text(&service.image), text(&service.user), text(&service.restart));
    let all = mounts.chain(files).chain(names).chain(variables).chain(ports(service)).chain(lists).chain(commands);
    all.chain([rest]).collect()
}

#[test]
fn a_file_merged_with_itself_or_with_nothing_stays_what_it_is() {
    let files = crate::rules::catalogue::PAGES.iter().flat_map(|page| page.cases).flat_map(|case| case.files);
    let compose = files.filter(|file| file.language == "yaml" && file.path.contains("compose"));
    let mut seen = 0;
    for file in
        compose.filter(|file| !["extends:", "include:", "!reset", "!override"].iter().any(|it| file.text.contains(it)))
    {
        let variables = variables(&[], true);
        let of = |texts: &[&str]| -> Vec<(String, Vec<String>)> {
            let names = ["a/compose.yml", "a/compose.prod.yml", "a/compose.local.yml"];
            let files: Vec<_> = names.into_iter().zip(texts.iter().copied()).collect();
            let stack = merge_some(&files, files.len(), &variables);
            stack.services.iter().map(|(name, service)| (name.clone(), gist(service))).collect()
        };
        let alone = of(&[file.text]);
        assert_eq!(of(&[file.text, file.text]), alone, "twice: {}", file.text);
        assert_eq!(of(&["services: {}\n", file.text, "services:\n"]), alone, "with nothing: {}", file.text);
        seen += alone.len();
    }
    assert!(seen > 500, "only {seen} services");
}
