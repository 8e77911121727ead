use super::*;
use crate::parse::compose::{self as file, ComposeFile};
use crate::project::environment::{Opening, Variables};
use crate::project::value::{Act, Reason, Step, Traced, Value};
use crate::source::{Place, RepoPath, Span};
use std::collections::HashMap;
use std::sync::Arc;

mod documented;
mod files;
mod judged;

fn path(path: &str) -> RepoPath {
    RepoPath::new(path).unwrap()
}

fn variables(pairs: &[(&str, &str)], open: bool) -> Variables {
    let place = Place::start_of(path(".env"));
    let set = pairs.iter().map(|&(name, value)| {
        let step = Step::new(place.clone(), Act::Sets(name.to_owned()));
        (name.to_owned(), Traced::known(value.to_owned(), step))
    });
    let reason = Reason::OutsideVariable("the shell".to_owned());
    Variables { set: set.collect(), open: open.then_some(Opening { reason, step: None }) }
}

/// The stack of the first `stacked` files; the others can be extended and included.
fn merge_some(files: &[(&str, &str)], stacked: usize, variables: &Variables) -> Stack {
    let parsed: Vec<(RepoPath, Arc<ComposeFile>)> =
        files.iter().map(|(name, text)| (path(name), Arc::new(file::parse(text).0))).collect();
    let by_path: HashMap<_, _> = parsed.iter().cloned().collect();
    let inputs = Inputs {
        files: &parsed[..stacked],
        project_directory: None,
        variables,
        load: &|path| by_path.get(path).cloned(),
        included_variables: &|_| None,
    };
    let stack = merge(&inputs);
    check_places(&stack, files);
    stack
}

fn stack(texts: &[&str]) -> Stack {
    let stack = refused_stack(texts);
    // A service of a test has what matters there, and often no image.
    let problems: Vec<_> = stack.problems.iter().filter(|problem| !problem.partial).collect();
    assert!(problems.is_empty(), "{problems:?}");
    stack
}

/// A stack that Compose refuses.
fn refused_stack(texts: &[&str]) -> Stack {
    let names = ["compose.yml", "compose.prod.yml", "compose.local.yml"];
    let files: Vec<_> = names.into_iter().zip(texts.iter().copied()).collect();
    merge_some(&files, files.len(), &variables(&[], true))
}

/// The one service `web` of files that hold its keys only.
fn web(bodies: &[&str]) -> Service {
    let indent = |body: &&str| body.lines().map(|line| format!("    {line}\n")).collect::<String>();
    let texts: Vec<String> = bodies.iter().map(|body| format!("services:\n  web:\n{}", indent(body))).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    stack(&texts).services.remove("web").unwrap()
}

/// Every place of a service lies in the file that it names.
fn check_places(stack: &Stack, files: &[(&str, &str)]) {
    let texts: HashMap<RepoPath, &str> = files.iter().map(|(name, text)| (path(name), *text)).collect();
    let check = |place: &Place, key: Span| {
        let text = texts[&place.path];
        assert!(text.get(place.span.range()).is_some() && text.get(key.range()).is_some(), "{place:?} {key:?}");
    };
    fn all<'a, T: 'a>(list: impl IntoIterator<Item = &'a Placed<T>>, check: &impl Fn(&Place, Span)) {
        for placed in list {
            check(&placed.place, placed.key);
            check(&placed.entry(), placed.key);
            placed.overridden.iter().for_each(|place| check(place, place.span));
        }
    }
    for service in stack.services.values() {
        service.declared.iter().for_each(|place| check(place, place.span));
        all(&service.environment, &check);
        all(&service.ports, &check);
        all(&service.volumes, &check);
        all(&service.env_files, &check);
        all(&service.depends_on, &check);
        all(&service.image, &check);
        all(&service.command, &check);
        all(&service.build, &check);
        all(&service.healthcheck, &check);
        all(&service.privileged, &check);
        for variable in service.image.iter().flat_map(|image| &image.value.variables) {
            let place = &service.image.as_ref().unwrap().place;
            check(&Place::new(place.path.clone(), variable.span), variable.span);
        }
    }
    for problem in &stack.problems {
        check(&problem.place, problem.place.span);
    }
}

fn text(setting: &Text) -> Option<&str> {
    setting.as_ref()?.value.likely()
}

fn texts(list: &[Placed<Interpolated>]) -> Vec<&str> {
    list.iter().map(|placed| placed.value.text.text()).collect()
}

fn environment(service: &Service) -> Vec<(&str, Option<&str>)> {
    service.environment.iter().map(|placed| (placed.value.name.as_str(), placed.value.value.likely())).collect()
}

fn ports(service: &Service) -> Vec<String> {
    let part = |part: &Option<Interpolated>| part.as_ref().map_or("", |part| part.text.text()).to_owned();
    let port = |port: &Port| format!("{}:{}:{}", part(&port.host_ip), part(&port.published), part(&port.target));
    service.ports.iter().map(|placed| port(&placed.value)).collect()
}

fn words(command: &Option<Placed<Command>>) -> Vec<&str> {
    command.iter().flat_map(|command| command.value.texts()).map(|word| word.text.text()).collect()
}

#[test]
fn scalars_of_later_files_hold_and_remember_what_they_override() {
    let service = web(&["image: app:1\nuser: root", "image: app:2\nrestart: always", "image: app:3"]);
    let image = service.image.as_ref().unwrap();
    assert_eq!(image.value.known(), Some("app:3"));
    assert_eq!(image.place.path, path("compose.local.yml"));
    let overridden: Vec<_> = image.overridden.iter().map(|place| place.path.as_str()).collect();
    assert_eq!(overridden, ["compose.yml", "compose.prod.yml"]);
    assert_eq!((text(&service.user), text(&service.restart)), (Some("root"), Some("always")));
    assert_eq!(service.declared.len(), 3);
}

#[test]
fn null_leaves_what_is_there_except_for_commands() {
    let base = "image: a\nports: ['80:80']\ncommand: run\nentrypoint: e\nhealthcheck: {test: t, retries: 3}";
    let service = web(&[base, "image:\nports:\ncommand:\nentrypoint: []\nhealthcheck: {test: }"]);
    assert_eq!(text(&service.image), Some("a"));
    assert_eq!(ports(&service), [":80:80"]);
    assert_eq!(service.command, None);
    assert_eq!(service.entrypoint.as_ref().unwrap().value, Command::Words(Vec::new()));
    let health = &service.healthcheck.as_ref().unwrap().value;
    assert_eq!((health.test.is_none(), text(&health.retries)), (true, Some("3")));
}

#[test]
fn sequences_are_appended_and_hold_the_same_text_once() {
    let service =
        web(&["dns: 1.1.1.1\ncap_add: [A, B]\nexpose: ['1']", "dns: [8.8.8.8]\ncap_add: [B, C]\nexpose: [2, 1]"]);
    assert_eq!(texts(&service.dns), ["1.1.1.1", "8.8.8.8"]);
    assert_eq!(texts(&service.cap_add), ["A", "B", "C"]);
    assert_eq!(texts(&service.expose), ["1", "2"]);
}

#[test]
fn commands_and_healthcheck_tests_are_replaced() {
    let base = "command: [echo, foo]\nentrypoint: /a b\nhealthcheck:\n  test: [CMD, a]\n  interval: 5s";
    let service = web(&[base, "command: [echo, bar]\nhealthcheck:\n  test: exit 0\n  timeout: 1s"]);
    assert_eq!(words(&service.command), ["echo", "bar"]);
    assert_eq!(words(&service.entrypoint), ["/a b"]);
    let health = &service.healthcheck.as_ref().unwrap().value;
    assert!(matches!(health.probe(), Probe::Shell(line) if line.known() == Some("exit 0")));
    assert_eq!((text(&health.interval), text(&health.timeout)), (Some("5s"), Some("1s")));
}

#[test]
fn a_healthcheck_can_be_taken_away_in_two_ways() {
    let probe = |body: &str| {
        let service = web(&["healthcheck: {test: a}", body]);
        let health = service.healthcheck.unwrap().value;
        matches!(health.probe(), Probe::Disabled)
    };
    assert!(probe("healthcheck: {disable: true}"));
    assert!(probe("healthcheck: {test: [NONE]}"));
    assert!(!probe("healthcheck: {disable: false}"));
    assert!(!probe("healthcheck: !reset {}\nhealthcheck: {test: [CMD, b]}"));
}

#[test]
fn ports_are_unique_by_address_published_target_and_protocol() {
    let service = web(&[
        "ports: ['8080:80', '127.0.0.1:9000:9000']",
        "ports:\n- 0.0.0.0:8080:80/tcp\n- 8443:443\n- {target: 9000, published: 9000, host_ip: 127.0.0.1}\n- 8080:80/udp",
    ]);
    let expected = ["0.0.0.0:8080:80", "127.0.0.1:9000:9000", ":8443:443", ":8080:80"];
    assert_eq!(ports(&service), expected);
    assert_eq!(service.ports[0].overridden.len(), 1);
    let listens: Vec<_> = service.ports.iter().map(|port| port.value.listens()).collect();
    assert_eq!(listens, [Listens::Everywhere, Listens::Loopback, Listens::Everywhere, Listens::Everywhere]);
}

#[test]
fn a_port_that_a_range_holds_stands_once() {
    let service =
        web(&["ports: ['8000-8005:8000-8005', '9000:9000']", "ports: ['8003:8003', '8004:9004', '8001:8001/udp']"]);
    assert_eq!(ports(&service), [":8000-8005:8000-8005", ":9000:9000", ":8004:9004", ":8001:8001"]);
    let service = web(&["ports: ['8003:8003', '127.0.0.1:8002:8002']", "ports: ['8000-8005:8000-8005']"]);
    assert_eq!(ports(&service), ["127.0.0.1:8002:8002", ":8000-8005:8000-8005"]);
}

#[test]
fn volumes_are_unique_by_their_path_in_the_container() {
    let service = web(&["volumes: ['foo:/work', './src:/app/', /anon]", "volumes: ['bar:/work:ro', '.:/app']"]);
    let sources: Vec<_> = service.volumes.iter().map(|mount| mount.value.source.known().unwrap().clone()).collect();
    let expected = [
        MountSource::Named("bar".to_owned()),
        MountSource::Bind(Location::Inside(RepoPath::root())),
        MountSource::Anonymous,
    ];
    assert_eq!(sources, expected);
    assert_eq!(service.volumes[0].value.read_only, Value::Known(true));
    assert_eq!(service.volumes[1].value.read_only, Value::Known(false));
}

#[test]
fn environment_merges_by_name_in_either_form() {
    let service = web(&["environment:\n  TZ: utc\n  PORT: 80\n  A: a", "environment:\n- PORT=8080\n- NEW=b=c"]);
    let expected = [("TZ", Some("utc")), ("PORT", Some("8080")), ("A", Some("a")), ("NEW", Some("b=c"))];
    assert_eq!(environment(&service), expected);
    let port = service.variable("PORT").unwrap();
    assert_eq!((port.place.path.as_str(), port.overridden.len()), ("compose.prod.yml", 1));
}

#[test]
fn a_variable_that_is_only_named_is_passed_on() {
    let text = "services:\n  web:\n    environment:\n      SET:\n      NOT:\n";
    let shown = |open| {
        let stack = merge_some(&[("compose.yml", text)], 1, &variables(&[("SET", "1")], open));
        let web = &stack.services["web"];
        web.environment.iter().map(|v| (v.value.passed_on, v.value.value.traced.value.clone())).collect::<Vec<_>>()
    };
    assert_eq!(shown(false), [(true, Value::Known("1".to_owned())), (true, Value::Absent)]);
    assert_eq!(shown(true)[1].1, Value::Unknown(Reason::OutsideVariable("NOT".to_owned())));
}

#[test]
fn reset_takes_away_and_override_replaces() {
    let base = "image: a\nports: ['8080:80']\nenvironment: {FOO: BAR, B: c}\nvolumes: [a:/a]\nbuild: {context: ., target: t}\ndepends_on: [db, cache]\nprivileged: true";
    let service = web(&[
        base,
        "ports: !reset []\nenvironment:\n  FOO: !reset null\nvolumes: !override\n- b:/b\nbuild: !override\n  context: x\ndepends_on:\n  db: !reset\nprivileged: !reset false",
    ]);
    assert_eq!(ports(&service), [""; 0]);
    assert_eq!(environment(&service), [("B", Some("c"))]);
    assert_eq!(service.volumes.len(), 1);
    let build = &service.build.as_ref().unwrap().value;
    assert_eq!((build.target.is_none(), build.context()), (true, Value::Known(Location::Inside(path("x")))));
    let names: Vec<_> = service.depends_on.iter().map(|d| d.value.service.as_str()).collect();
    assert_eq!(names, ["cache"]);
    assert_eq!(service.privileged, None);
}

#[test]
fn a_service_or_a_section_can_be_reset_and_overridden() {
    let base = "services:\n  a: {image: a}\n  b: {image: b, user: u}\nvolumes: {x: {driver: d}, y: }\n";
    let merged = stack(&[base, "services:\n  a: !reset\n  b: !override\n    image: c\nvolumes:\n  x: !reset\n"]);
    let names: Vec<_> = merged.services.keys().map(String::as_str).collect();
    assert_eq!(names, ["b"]);
    assert_eq!(text(&merged.services["b"].user), None);
    assert_eq!(merged.volumes.keys().collect::<Vec<_>>(), ["y"]);
}

#[test]
fn build_merges_its_short_form_with_its_long_form() {
    let service =
        web(&["build: ./app", "build:\n  dockerfile: Dockerfile.prod\n  args: [A=1, B=2]", "build: {args: {B: 3}}"]);
    let build = &service.build.as_ref().unwrap().value;
    assert_eq!(build.context(), Value::Known(Location::Inside(path("app"))));
    assert_eq!(build.dockerfile(), Value::Known(Location::Inside(path("app/Dockerfile.prod"))));
    let args: Vec<_> = build.args.iter().map(|arg| (arg.value.name.as_str(), arg.value.value.known())).collect();
    assert_eq!(args, [("A", Some("1")), ("B", Some("3"))]);
}

#[test]
fn a_build_leads_where_compose_looks() {
    let dockerfile = |body: &str| web(&[body]).build.unwrap().value.dockerfile();
    let inside = |name: &str| Value::Known(Location::Inside(path(name)));
    assert_eq!(dockerfile("build: ."), inside("Dockerfile"));
    assert_eq!(dockerfile("build: {target: x}"), inside("Dockerfile"));
    assert_eq!(dockerfile("build: {context: a/b, dockerfile: ../D}"), inside("a/D"));
    assert_eq!(dockerfile("build: {context: ., dockerfile_inline: FROM x}"), Value::Absent);
    assert_eq!(dockerfile("build: {context: '${DIR:-a}'}"), Value::Default(Location::Inside(path("a/Dockerfile"))));
    assert!(dockerfile("build: {context: '${DIR}'}").is_unknown());
    assert!(matches!(dockerfile("build: ../up"), Value::Known(Location::Above(_))));
    let git = "https://github.com/a/b.git#main";
    assert_eq!(dockerfile(&format!("build: {git}")), Value::Known(Location::Remote(git.to_owned())));
}

#[test]
fn dependencies_merge_by_service_and_a_list_says_started() {
    let service = web(&[
        "depends_on:\n  db: {condition: service_healthy, restart: true}\n  a: {condition: service_healthy}",
        "depends_on:\n  db: {required: false}",
        "depends_on: [a, new]",
    ]);
    let find = |name: &str| &service.depends_on.iter().find(|d| d.value.service == name).unwrap().value;
    let db = find("db");
    assert_eq!(db.condition.as_ref().unwrap().known(), Some("service_healthy"));
    assert_eq!(db.required.as_ref().unwrap().value, Value::Known(false));
    assert_eq!(db.restart.as_ref().unwrap().value, Value::Known(true));
    assert_eq!(find("a").condition.as_ref().unwrap().known(), Some("service_started"));
    assert_eq!(service.depends_on.len(), 3);
}

#[test]
fn env_files_are_appended_and_seen_from_the_project_directory() {
    let files = [
        ("deploy/compose.yml", "services: {web: {env_file: .env}}"),
        ("deploy/prod/compose.yml", "services: {web: {env_file: [{path: ./prod.env, required: false}, ../.env, ~/x]}}"),
    ];
    let stack = merge_some(&files, 2, &variables(&[], true));
    let files = &stack.services["web"].env_files;
    let locations: Vec<_> = files.iter().map(|file| file.value.path.location.known().unwrap().clone()).collect();
    let inside = |name: &str| Location::Inside(path(name));
    let expected = [inside("deploy/.env"), inside("deploy/prod.env"), inside(".env"), Location::Home("~/x".to_owned())];
    assert_eq!(locations, expected);
    assert_eq!(files[1].value.required, Value::Known(false));
    assert_eq!(stack.project_directory, Some(path("deploy")));
}

#[test]
fn another_logging_driver_takes_the_options_away() {
    let base = "logging: {driver: json-file, options: {max-size: 1m, x: y}}";
    let options = |over: &str| web(&[base, over]).logging.unwrap().value.options.len();
    assert_eq!(options("logging: {options: {max-file: '3'}}"), 3);
    assert_eq!(options("logging: {driver: json-file, options: {max-size: 2m}}"), 2);
    assert_eq!(options("logging: {driver: syslog, options: {a: b}}"), 1);
}

#[test]
fn deploy_merges_key_by_key() {
    let service = web(&[
        "deploy: {replicas: 1, resources: {limits: {memory: 1g}}, update_config: {order: stop-first}}",
        "deploy: {replicas: 2, resources: {limits: {cpus: '1'}}, update_config: {order: start-first}}",
    ]);
    let deploy = &service.deploy.as_ref().unwrap().value;
    let limits = &deploy.limits.as_ref().unwrap().value;
    assert_eq!([&deploy.replicas, &limits.memory, &limits.cpus].map(text), [Some("2"), Some("1g"), Some("1")]);
    assert_eq!(text(&deploy.update_config.as_ref().unwrap().value.order), Some("start-first"));
}

#[test]
fn flags_are_cast_after_interpolation() {
    let flag = |body: &str| web(&[body]).privileged.unwrap().value.value;
    assert_eq!(flag("privileged: yes"), Value::Known(true));
    assert_eq!(flag("privileged: 'false'"), Value::Known(false));
    assert_eq!(flag("privileged: ${P:-true}"), Value::Default(true));
    assert!(flag("privileged: ${P}").is_unknown());
    let refused = refused_stack(&["services: {web: {image: a, privileged: perhaps}}\n"]);
    assert!(refused.services["web"].privileged.as_ref().unwrap().value.value.is_unknown());
    assert_eq!(refused.problems.len(), 1);
}

#[test]
fn a_variable_may_hold_several_parts_of_a_short_form() {
    let text = "services:\n  web:\n    ports: ['${BIND}', '${IP:-127.0.0.1}:${P}:80']\n    volumes: ['${MOUNT}', '${DIR}:/data', '${D:-./d}:/d']\n";
    let variables = variables(&[("BIND", "127.0.0.1:8000:80"), ("MOUNT", "./a:/a:ro")], true);
    let stack = merge_some(&[("compose.yml", text)], 1, &variables);
    let web = &stack.services["web"];
    assert_eq!(ports(web), ["127.0.0.1:8000:80", "127.0.0.1:${P}:80"]);
    assert_eq!(web.ports[1].value.listens(), Listens::Loopback);
    assert_eq!(web.ports[1].value.target_range(), Some((80, 80)));
    assert_eq!(web.volumes[0].value.inside(), Some(&path("a")));
    assert!(web.volumes[1].value.source.is_unknown());
    assert_eq!(web.volumes[1].value.target.as_ref().unwrap().known(), Some("/data"));
    assert_eq!(web.volumes[2].value.source, Value::Default(MountSource::Bind(Location::Inside(path("d")))));
}

#[test]
fn mounts_tell_where_they_lead() {
    let service = web(&[
        "volumes:\n- /etc/x:/1\n- ~/x:/2\n- ../x:/3\n- {type: tmpfs, target: /4}\n- {type: bind, source: ., target: /5}\n- {type: volume, source: v, target: /6, read_only: true}\n- C:\\x:/7",
    ]);
    let sources: Vec<_> = service.volumes.iter().map(|mount| mount.value.source.known().unwrap().clone()).collect();
    let bind = MountSource::Bind;
    let expected = [
        bind(Location::Absolute("/etc/x".to_owned())),
        bind(Location::Home("~/x".to_owned())),
        bind(Location::Above("../x".to_owned())),
        MountSource::Tmpfs,
        bind(Location::Inside(RepoPath::root())),
        MountSource::Named("v".to_owned()),
        bind(Location::Absolute("C:\\x".to_owned())),
    ];
    assert_eq!(sources, expected);
}

#[test]
fn profiles_decide_what_runs() {
    let merged = stack(&["services:\n  foo: {}\n  bar: {profiles: [test]}\n  zot: {profiles: [debug, '${P}']}\n"]);
    let active = |profiles: &[&str]| merged.active(profiles).map(|s| s.name.clone()).collect::<Vec<_>>();
    assert_eq!(active(&[]), ["foo"]);
    assert_eq!(active(&["test"]), ["bar", "foo"]);
    assert_eq!(active(&["*"]), ["bar", "foo", "zot"]);
}

#[test]
fn resources_merge_and_external_ones_are_told_apart() {
    let merged = refused_stack(&[
        "volumes: {data: {driver: local}, ext: {external: true}}\nsecrets: {key: {file: ./key}}\n",
        "volumes: {data: {name: real}}\nsecrets: {key: {environment: KEY}}\n",
    ]);
    let data = &merged.volumes["data"];
    assert_eq!((text(&data.driver), text(&data.real_name)), (Some("local"), Some("real")));
    assert_eq!(data.declared.len(), 2);
    assert_eq!(merged.volumes["ext"].external.as_ref().unwrap().value.value, Value::Known(true));
    let key = &merged.secrets["key"];
    assert_eq!(key.file.as_ref().unwrap().value.location, Value::Known(Location::Inside(path("key"))));
}

#[test]
fn an_entry_covers_key_and_value_but_not_what_lies_between_an_alias_and_its_target() {
    let source = "x-image: &image app:1\nservices:\n  web:\n    image: *image\n    privileged: true\n";
    let merged = stack(&[source]);
    let web = &merged.services["web"];
    let at = |place: Place| &source[place.span.range()];
    assert_eq!(at(web.privileged.as_ref().unwrap().entry()), "privileged: true");
    assert_eq!(at(web.image.as_ref().unwrap().entry()), "image");
    assert_eq!(at(web.image.as_ref().unwrap().place.clone()), "app:1");
}

#[test]
fn a_command_keeps_its_way_back_through_interpolation() {
    let source =
        "services:\n  web:\n    command: >\n      sh -c \"wait $$HOST &&\n      gunicorn -w ${WORKERS:-3} app\"\n";
    let merged = stack(&[source]);
    let Command::Line(line) = &merged.services["web"].command.as_ref().unwrap().value else { panic!() };
    assert_eq!(line.likely(), Some("sh -c \"wait $HOST && gunicorn -w 3 app\"\n"));
    let at = line.text.text().find("gunicorn").unwrap();
    assert_eq!(&source[line.text.to_file(Span::new(at, at + 8)).range()], "gunicorn");
}

#[test]
fn documents_of_one_file_are_merged_in_order() {
    let merged = stack(&["services: {a: {image: x, user: u}}\n---\nservices: {a: {image: y}}\n"]);
    let a = &merged.services["a"];
    assert_eq!((text(&a.image), text(&a.user)), (Some("y"), Some("u")));
}

#[test]
fn mutations_of_a_stack_never_break_a_place() {
    let base = "x: &x {restart: always}\nname: p\ninclude: [c.yml]\nservices:\n  web:\n    <<: *x\n    image: a:${T:-1}\n    extends: {service: db}\n    ports: ['${IP:-127.0.0.1}:80:80', '9:9']\n    volumes: ['./é:/x:ro', {type: bind, source: ., target: /y}]\n    environment: [A=b, C]\n    env_file: [.env]\n    healthcheck: {test: [CMD, x]}\n  db: {image: b, depends_on: {web: {condition: service_healthy}}}\n";
    let over = "services:\n  web:\n    ports: !override ['1:1']\n    environment: {A: !reset null, D: e}\n    build: {context: x, args: [A=1]}\n    command: !reset\n    depends_on: [db]\n    extends: {file: c.yml, service: c}\n";
    let included = "services: {c: {image: c, volumes: [a:/x]}}\n";
    let pieces = ["", "\n", "é", "${", "}", ":", "- ", "!reset ", "!override ", "*x", "[", "\0", "a", "{{ x }}"];
    let mut state = 23_u64;
    for round in 0..600 {
        let mut next = |bound: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % bound
        };
        let mut texts = [base.to_owned(), over.to_owned(), included.to_owned()];
        let text = &mut texts[round % 3];
        let floor =
            |text: &str, at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
        let from = floor(text, next(text.len()));
        let to = floor(text, from + next(20)).max(from);
        text.replace_range(from..to, pieces[next(pieces.len())]);
        let files = [("compose.yml", texts[0].as_str()), ("o.yml", texts[1].as_str()), ("c.yml", texts[2].as_str())];
        merge_some(&files, 2, &variables(&[("T", "2")], round % 2 == 0));
    }
}
