use super::*;
use crate::source::{Problem, Span};

const EVERYTHING: &str = r#"version: "3.8"
name: shop
include:
  - other.yml
  - path: [a.yml, b.yml]
    project_directory: ..
    env_file: .env.b
x-common: &common
  restart: unless-stopped
  env_file: .env
services:
  web:
    <<: *common
    image: "registry.example.com/shop:${TAG:-1.0}"
    build:
      context: .
      dockerfile: docker/Dockerfile
      target: prod
      args: {DEBUG: False, V: 1.10}
    command: >
      gunicorn shop.wsgi
      --bind 0.0.0.0:8000
    entrypoint: ["/entry.sh", "--wait"]
    environment:
      DEBUG: True
      PORT: 8000
      EMPTY: ""
      HOST_VALUE:
      URL: "postgres://u:${PW}@db/x"
    ports:
      - "127.0.0.1:${PORT:-8000}:8000/tcp"
      - target: 80
        published: "8080"
        host_ip: 127.0.0.1
        protocol: udp
    volumes:
      - ./src:/app:ro,z
      - data:/data
      - /anonymous
      - type: bind
        source: ./x
        target: /x
        read_only: true
        bind: {create_host_path: false}
    depends_on:
      db: {condition: service_healthy, restart: true}
    healthcheck:
      test: curl -f http://localhost/
      interval: 10s
    deploy:
      replicas: 2
      resources: {limits: {memory: 512M, cpus: '0.5'}}
      restart_policy: {condition: any}
    networks: {back: {aliases: [w]}, front: }
    logging: {driver: json-file, options: {max-size: 10m}}
    secrets: [key, {source: k2, target: /k2}]
    ulimits: {nofile: {soft: 1, hard: 2}, nproc: 3}
    user: "1000"
    privileged: false # why
    profiles: [prod]
    porst: []
    gpus: all
    x-mine: 1
  db:
    image: postgres:16
    environment:
      - POSTGRES_PASSWORD=a=b
      - FROM_HOST
    env_file:
      - .env
      - path: .env.local
        required: false
    depends_on: [cache]
    ports: !override ["5432"]
    expose: !reset []
volumes:
  data:
  shared: {external: true, name: real}
  old: {external: {name: legacy}}
secrets:
  key: {file: ./key.txt}
"#;

fn read(text: &str) -> ComposeFile {
    let (file, problems) = parse(text);
    assert!(problems.is_empty(), "{problems:?}");
    file
}

fn value<T>(setting: &Setting<T>) -> &T {
    setting.as_ref().expect("the key is there").value.as_ref().expect("a value")
}

fn text(setting: &Setting<Text>) -> &str {
    value(setting).text()
}

fn words(texts: &[Text]) -> Vec<&str> {
    texts.iter().map(Text::text).collect()
}

#[test]
fn every_key_is_where_it_belongs() {
    let file = read(EVERYTHING);
    let at = |span: Span| &EVERYTHING[span.range()];
    assert_eq!((text(&file.version), text(&file.name)), ("3.8", "shop"));
    assert_eq!(words(&file.includes()[1].paths), ["a.yml", "b.yml"]);
    assert_eq!(words(&file.includes()[1].env_files), [".env.b"]);
    let web = file.service("web").unwrap();
    assert_eq!(at(web.name.span), "web");
    assert_eq!(text(&web.image), "registry.example.com/shop:${TAG:-1.0}");
    assert_eq!(text(&web.restart), "unless-stopped", "merge keys are followed");
    assert_eq!(at(web.restart.as_ref().unwrap().key), "restart");
    let build = value(&web.build);
    assert_eq!(
        (text(&build.context), text(&build.dockerfile), text(&build.target)),
        (".", "docker/Dockerfile", "prod")
    );
    let args: Vec<_> = value(&build.args).iter().map(|arg| arg.value.as_ref().unwrap().text()).collect();
    assert_eq!(args, ["false", "1.1"], "as Compose prints typed scalars");
    let Command::Line(command) = value(&web.command) else { panic!() };
    let bind = command.text().find("--bind").unwrap();
    assert_eq!(at(command.to_file(Span::new(bind, bind + 6))), "--bind");
    let Command::Words(entrypoint) = value(&web.entrypoint) else { panic!() };
    assert_eq!(words(entrypoint), ["/entry.sh", "--wait"]);
    let privileged = web.privileged.as_ref().unwrap();
    assert_eq!(at(privileged.with_value(value(&web.privileged).span())), "privileged: false");
    assert_eq!(value(&web.ulimits)[0].hard.as_ref().unwrap().text(), "2");
    assert_eq!(text(&value(&value(&web.deploy).limits).memory), "512M");
    assert_eq!(value(&web.networks)[0].aliases[0].text(), "w");
    assert_eq!(text(&value(&web.logging).driver), "json-file");
    assert_eq!(value(&web.secrets)[1].target.as_ref().unwrap().text(), "/k2");
    let other: Vec<_> = web.other.iter().map(|other| (other.key.as_str(), other.kind)).collect();
    let expected = [("porst", OtherKind::Unknown), ("gpus", OtherKind::Specified), ("x-mine", OtherKind::Extension)];
    assert_eq!(other, expected);
    assert_eq!(file.comments[0].text, " why");
}

#[test]
fn environment_has_two_forms() {
    let file = read(EVERYTHING);
    let web = value(&file.service("web").unwrap().environment);
    let values: Vec<_> = web.iter().map(|pair| pair.value.as_ref().map(Text::text)).collect();
    assert_eq!(values, [Some("true"), Some("8000"), Some(""), None, Some("postgres://u:${PW}@db/x")]);
    let db = value(&file.service("db").unwrap().environment);
    assert_eq!((db[0].name.as_str(), db[0].value.as_ref().unwrap().text()), ("POSTGRES_PASSWORD", "a=b"));
    assert_eq!(&EVERYTHING[db[0].value.as_ref().unwrap().span().range()], "a=b");
    assert_eq!((db[1].name.as_str(), &db[1].value), ("FROM_HOST", &None));
}

#[test]
fn short_and_long_forms_say_the_same() {
    let file = read(EVERYTHING);
    let web = file.service("web").unwrap();
    let port = |at: usize| {
        let parts = &value(&web.ports)[at].parts;
        [&parts.host_ip, &parts.published, &parts.target, &parts.protocol].map(|part| part.as_ref().map(Text::text))
    };
    assert_eq!(port(0), [Some("127.0.0.1"), Some("${PORT:-8000}"), Some("8000"), Some("tcp")]);
    assert_eq!(port(1), [Some("127.0.0.1"), Some("8080"), Some("80"), Some("udp")]);
    let mounts = value(&web.volumes);
    let mount = |at: usize| {
        let parts: &MountParts = &mounts[at].parts;
        [&parts.source, &parts.target].map(|part| part.as_ref().map(Text::text))
    };
    assert_eq!(mount(0), [Some("./src"), Some("/app")]);
    assert_eq!(words(&mounts[0].parts.options), ["ro", "z"]);
    assert_eq!(mount(1), [Some("data"), Some("/data")]);
    assert_eq!(mount(2), [None, Some("/anonymous")]);
    assert_eq!(mount(3), [Some("./x"), Some("/x")]);
    let db = file.service("db").unwrap();
    assert_eq!(value(&web.depends_on)[0].condition.as_ref().unwrap().text(), "service_healthy");
    assert_eq!(value(&db.depends_on)[0].service.as_str(), "cache");
    assert_eq!(value(&web.env_files)[0].path.text(), ".env");
    assert_eq!(value(&db.env_files)[1].required.as_ref().unwrap().text(), "false");
}

#[test]
fn ports_come_apart_in_every_form() {
    let parts = |short: &str| {
        let parts = split_port(&Text::verbatim(short, 0));
        [parts.host_ip, parts.published, parts.target, parts.protocol]
            .map(|part| part.map_or(String::new(), |part| part.text().to_owned()))
    };
    assert_eq!(parts("3000"), ["", "", "3000", ""]);
    assert_eq!(parts("3000-3005"), ["", "", "3000-3005", ""]);
    assert_eq!(parts("49100:22"), ["", "49100", "22", ""]);
    assert_eq!(parts("127.0.0.1:5000-5010:5000-5010"), ["127.0.0.1", "5000-5010", "5000-5010", ""]);
    assert_eq!(parts("::1:6000:6001"), ["::1", "6000", "6001", ""]);
    assert_eq!(parts("[::1]:6000:6001"), ["::1", "6000", "6001", ""]);
    assert_eq!(parts("[::]:6001"), ["::", "", "6001", ""]);
    assert_eq!(parts("127.0.0.1::5000"), ["127.0.0.1", "", "5000", ""]);
    assert_eq!(parts("127.0.0.1:5000"), ["127.0.0.1", "", "5000", ""]);
    assert_eq!(parts("6060:6060/udp"), ["", "6060", "6060", "udp"]);
    assert_eq!(parts("${IP:-0.0.0.0}:${P}:80"), ["${IP:-0.0.0.0}", "${P}", "80", ""]);
}

#[test]
fn mounts_come_apart_in_every_form() {
    let parts = |short: &str| {
        let parts = split_mount(&Text::verbatim(short, 0));
        [parts.source, parts.target].map(|part| part.map_or(String::new(), |part| part.text().to_owned()))
    };
    assert_eq!(parts("/data"), ["", "/data"]);
    assert_eq!(parts("C:\\data:/data:ro"), ["C:\\data", "/data"]);
    assert_eq!(parts("${DIR:-./x:y}:/data"), ["${DIR:-./x:y}", "/data"]);
    assert_eq!(parts(":"), ["", ""]);
}

#[test]
fn reset_and_override_are_told_apart() {
    let file = read(EVERYTHING);
    let db = file.service("db").unwrap();
    assert_eq!(db.ports.as_ref().unwrap().tag, MergeTag::Override);
    let expose = db.expose.as_ref().unwrap();
    assert_eq!((expose.tag, &expose.value), (MergeTag::Reset, &None));
}

#[test]
fn an_item_that_is_reset_is_not_there() {
    let file = read("services:\n  web:\n    ports: [!reset '80:80', '443:443']\n    dns: [!reset 1.1.1.1]\n");
    let web = file.service("web").unwrap();
    assert_eq!((value(&web.ports).len(), value(&web.dns).len()), (1, 0));
}

#[test]
fn external_resources_have_two_forms() {
    let file = read(EVERYTHING);
    let volumes = value(&file.volumes);
    assert!(volumes[0].external.is_none());
    assert_eq!((text(&volumes[1].external), text(&volumes[1].real_name)), ("true", "real"));
    assert_eq!((text(&volumes[2].external), text(&volumes[2].real_name)), ("true", "legacy"));
    assert_eq!(text(&value(&file.secrets)[0].file), "./key.txt");
}

#[test]
fn wrong_types_are_problems_and_the_rest_is_read() {
    let source =
        "services:\n  web:\n    image: [a]\n    ports: 80\n    environment: text\n    user: me\n  db: 5\nvolumes: []\n";
    let (file, problems) = parse(source);
    let messages: Vec<_> = problems.iter().map(|p| (&source[p.span.range()], p.message.as_str())).collect();
    assert_eq!(messages[0], ("[a]", "`image` must be text"));
    assert_eq!(messages[1], ("80", "`ports` must be a list"));
    assert_eq!(messages[2], ("text", "`environment` must be a mapping or a list"));
    assert_eq!(messages[3], ("5", "`db` must be a mapping"));
    assert_eq!(messages[4], ("[]", "`volumes` must be a mapping"));
    assert_eq!(text(&file.service("web").unwrap().user), "me");
}

#[test]
fn a_key_that_stands_twice_is_a_problem() {
    let source = "services:\n  web:\n    image: a\n    image: b\n";
    let (file, problems) = parse(source);
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].span.start as usize, source.rfind("image").unwrap());
    assert_eq!(text(&file.service("web").unwrap().image), "b");
}

#[test]
fn services_at_the_top_are_the_old_format() {
    let file = read("web:\n  build: .\n  links: [db]\ndb:\n  image: postgres\n");
    assert!(file.version_1);
    assert_eq!(text(&file.service("db").unwrap().image), "postgres");
    assert!(!read("volumes:\n  image: {}\n").version_1);
    assert!(!read("x-a: {image: b}\n").version_1);
}

#[test]
fn further_documents_are_kept() {
    let file = read("services: {a: {image: x}}\n---\nservices: {b: {image: y}}\n");
    let names: Vec<_> = file.documents().flat_map(ComposeFile::services).map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
}

#[test]
fn null_and_empty_commands_differ() {
    let file = read("services:\n  a:\n    command:\n    entrypoint: []\n");
    let service = file.service("a").unwrap();
    assert_eq!(service.command.as_ref().unwrap().value, None);
    assert_eq!(value(&service.entrypoint), &Command::Words(Vec::new()));
}

#[test]
fn aliases_do_not_multiply_without_end() {
    let names = |count: usize| (0..count).map(|n| format!("V{n}: v")).collect::<Vec<_>>().join(", ");
    let mut source = format!("x-e: &e {{{}}}\nservices:\n", names(2_000));
    for n in 0..2_000 {
        source += &format!("  s{n}: {{environment: *e}}\n");
    }
    let (file, problems) = parse(&source);
    assert_eq!(problems.len(), 1, "said once");
    assert!(problems[0].message.contains("aliases"));
    assert!(file.services().len() >= 90);
    let mut source = String::from("x-0: &m0 {a: 1}\n");
    for n in 1..3_000 {
        source += &format!("x-{n}: &m{n}\n  <<: *m{}\n  k{n}: 1\n", n - 1);
    }
    source += "services:\n  a:\n    environment:\n      <<: *m2999\n";
    parse(&source);
    let mut source = format!("x-long: &long {}\nservices:\n", "a".repeat(1 << 20));
    for n in 0..100 {
        source += &format!("  s{n}: {{environment: {{V: *long}}}}\n");
    }
    let (_, problems) = parse(&source);
    assert_eq!(problems.len(), 1, "said once");
    assert!(problems[0].message.contains("bytes of text"), "{problems:?}");
}

fn check_spans(source: &str) -> Vec<Problem> {
    let (file, problems) = parse(source);
    let fits = |span: Span| assert!(source.get(span.range()).is_some(), "{span:?} in {source:?}");
    problems.iter().for_each(|problem| fits(problem.span));
    for service in file.documents().flat_map(ComposeFile::services) {
        fits(service.name.span);
        fits(service.span);
        for mount in service.volumes.iter().flat_map(|field| field.value.iter().flatten()) {
            [&mount.parts.source, &mount.parts.target].into_iter().flatten().for_each(|part| fits(part.span()));
            mount.parts.options.iter().for_each(|part| fits(part.span()));
        }
        for port in service.ports.iter().flat_map(|field| field.value.iter().flatten()) {
            let parts = &port.parts;
            let parts = [&parts.host_ip, &parts.published, &parts.target, &parts.protocol];
            parts.into_iter().flatten().for_each(|part| fits(part.span()));
        }
        for pair in service.environment.iter().flat_map(|field| field.value.iter().flatten()) {
            fits(pair.name.span);
            fits(pair.span);
        }
    }
    problems
}

#[test]
fn mutations_never_break_a_span() {
    let boundaries: Vec<usize> = EVERYTHING.char_indices().map(|(at, _)| at).collect();
    let pieces =
        ["", "\n", "\t", "é:", "\"", "[", "}", ": ", "- ", "|\n", "${", "*common", "!reset ", "\0", "{{ x }}", "~"];
    let mut state = 11_u64;
    for _ in 0..1_000 {
        let mut next = |bound: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % bound
        };
        let from = boundaries[next(boundaries.len())];
        let to = (from + next(30)).min(EVERYTHING.len());
        check_spans(&format!("{}{}{}", &EVERYTHING[..from], pieces[next(pieces.len())], &EVERYTHING[to..]));
    }
    for cut in boundaries.into_iter().step_by(7) {
        check_spans(&EVERYTHING[..cut]);
    }
}

#[test]
fn templates_give_problems_at_most() {
    for source in [
        "services:\n  {{ cookiecutter.name }}:\n    image: {{ image }}:latest\n",
        "{% if x %}\nservices:\n{% endif %}\n",
        "services: {{ .Values.services }}\n",
        "services:\n  web:\n    image: {{ image }}\n",
    ] {
        assert!(!check_spans(source).is_empty(), "{source}");
    }
}
