//! `extends` and `include`.

use super::*;

#[test]
fn a_service_extends_another_of_its_file_and_that_one_a_third() {
    let source = "services:\n  base: {image: busybox, user: root, security_opt: [a]}\n  common: {image: busybox, extends: {service: base}}\n  cli: {extends: common, security_opt: [b]}\n";
    let merged = stack(&[source]);
    let cli = &merged.services["cli"];
    assert_eq!((text(&cli.image), text(&cli.user)), (Some("busybox"), Some("root")));
    assert_eq!(texts(&cli.security_opt), ["a", "b"]);
    assert_eq!(cli.declared.len(), 3);
    assert_eq!(&source[cli.place().unwrap().span.range()], "cli");
}

#[test]
fn extends_joins_as_files_do() {
    let merged = stack(&[
        "services:\n  common:\n    environment: {TZ: utc, PORT: 80}\n    volumes: ['common-volume:/var/lib/backup/data:rw']\n    command: a\n  cli:\n    extends: {service: common}\n    environment: [PORT=8080]\n    volumes: ['cli-volume:/var/lib/backup/data:ro']\n    command: !reset\n",
    ]);
    let cli = &merged.services["cli"];
    assert_eq!(environment(cli), [("TZ", Some("utc")), ("PORT", Some("8080"))]);
    assert_eq!(cli.volumes.len(), 1);
    assert_eq!(cli.volumes[0].value.source, Value::Known(MountSource::Named("cli-volume".to_owned())));
    assert_eq!(cli.command, None);
}

#[test]
fn a_service_of_another_file_is_seen_from_there() {
    let files = [
        (
            "compose.yml",
            "services:\n  web:\n    extends: {file: shared/common.yml, service: app}\n    env_file: .env\n",
        ),
        ("compose.prod.yml", "services:\n  web: {image: x}\n"),
        (
            "shared/common.yml",
            "services:\n  app:\n    extends: {file: ../base/b.yml, service: b}\n    build: .\n    env_file: .env\n    image: y\n",
        ),
        ("base/b.yml", "services:\n  b: {user: u, image: z}\n"),
    ];
    let merged = merge_some(&files, 2, &variables(&[], true));
    assert_eq!(merged.problems, []);
    let web = &merged.services["web"];
    assert_eq!(web.build.as_ref().unwrap().value.context(), Value::Known(Location::Inside(path("shared"))));
    let env_files: Vec<_> =
        web.env_files.iter().map(|f| f.value.path.location.likely().unwrap().inside().unwrap()).collect();
    assert_eq!(env_files, [&path("shared/.env"), &path(".env")]);
    assert_eq!((text(&web.user), text(&web.image)), (Some("u"), Some("x")));
    let overridden: Vec<_> = web.image.as_ref().unwrap().overridden.iter().map(|place| place.path.as_str()).collect();
    assert_eq!(overridden, ["base/b.yml", "shared/common.yml"]);
    let files: Vec<_> = merged.files.iter().map(RepoPath::as_str).collect();
    assert_eq!(files, ["compose.yml", "shared/common.yml", "base/b.yml", "compose.prod.yml"]);
}

#[test]
fn extends_that_leads_nowhere_is_a_problem_and_says_that_there_may_be_more() {
    let files = [(
        "compose.yml",
        "services:\n  a: {extends: {file: gone.yml, service: x}}\n  b: {extends: gone}\n  c: {extends: d}\n  d: {extends: c, user: u}\n  e: {extends: '${NAME}'}\n",
    )];
    let merged = merge_some(&files, 1, &variables(&[], true));
    let messages: Vec<_> = merged.problems.iter().map(|problem| problem.message.as_str()).collect();
    let expected = [
        "`extends` names a file that is not in the repository",
        "`extends` names `gone`, which is no service there",
        "`c` extends itself in the end",
        "`d` extends itself in the end",
    ];
    assert_eq!(messages, expected);
    assert_eq!(merged.services["a"].maybe_more, Some(Reason::MissingFile("gone.yml".to_owned())));
    assert_eq!(merged.services["e"].maybe_more, Some(Reason::OutsideVariable("NAME".to_owned())));
    assert_eq!(text(&merged.services["c"].user), Some("u"));
}

#[test]
fn included_projects_are_seen_from_their_own_folder() {
    let files = [
        (
            "compose.yml",
            "include:\n- db/compose.yml\n- path: [tools/a.yml, tools/b.yml]\n  project_directory: .\nservices:\n  web: {depends_on: [db], extends: tool}\n  db: {user: me}\n",
        ),
        ("db/compose.yml", "services:\n  db: {image: postgres, user: you, volumes: ['./data:/d']}\nvolumes: {v: }\n"),
        ("tools/a.yml", "services:\n  tool: {image: a, env_file: .env}\n"),
        ("tools/b.yml", "services:\n  tool: {image: b}\n"),
    ];
    let merged = merge_some(&files, 1, &variables(&[], true));
    assert_eq!(merged.problems, []);
    let db = &merged.services["db"];
    assert_eq!(db.volumes[0].value.inside(), Some(&path("db/data")));
    assert_eq!(text(&db.user), Some("me"), "the including file wins");
    let tool = &merged.services["tool"];
    assert_eq!(text(&tool.image), Some("b"));
    assert_eq!(tool.env_files[0].value.path.location.known(), Some(&Location::Inside(path(".env"))));
    assert_eq!(text(&merged.services["web"].image), Some("b"), "an included service can be extended");
    assert!(merged.volumes.contains_key("v"));
}

#[test]
fn includes_that_lead_nowhere_or_in_circles_end() {
    let files = [
        ("compose.yml", "include: [a.yml, gone.yml]\nservices: {web: {image: x}}\n"),
        ("a.yml", "include: [compose.yml]\nservices: {a: {image: y}}\n"),
    ];
    let merged = merge_some(&files, 1, &variables(&[], true));
    let messages: Vec<_> = merged.problems.iter().map(|problem| problem.message.as_str()).collect();
    let expected = ["`compose.yml` includes itself in the end", "`include` names a file that is not in the repository"];
    assert_eq!(messages, expected);
    assert_eq!(merged.maybe_more, Some(Reason::MissingFile("gone.yml".to_owned())));
    assert_eq!(merged.services.len(), 2);
}

#[test]
fn includes_that_multiply_are_bounded() {
    let names: Vec<String> = (0..20).map(|n| format!("f{n}.yml")).collect();
    let texts: Vec<String> = (0..20).map(|n| format!("include: [f{0}.yml, ./f{0}.yml]\n", n + 1)).collect();
    let files: Vec<_> = names.iter().map(String::as_str).zip(texts.iter().map(String::as_str)).collect();
    let merged = merge_some(&files, 1, &variables(&[], true));
    assert_eq!(merged.maybe_more, Some(Reason::Limit("included files".to_owned())));
}

#[test]
fn services_that_multiply_values_are_bounded() {
    let mut source = String::from("services:\n  base:\n    environment:\n");
    (0..5_000).for_each(|n| source += &format!("      V{n}: '1'\n"));
    (0..5_000).for_each(|n| source += &format!("  s{n}: {{extends: base}}\n"));
    let merged = stack(&[&source]);
    assert_eq!(merged.services.len(), 5_001);
    let limit = Some(Reason::Limit("merged values".to_owned()));
    assert!(merged.services.values().any(|service| service.maybe_more == limit));
}
