use super::*;
use crate::parse::dockerfile;

fn build(text: &str, target: Option<&str>, args: &[(&str, Value<String>)]) -> Option<Image> {
    let args = args.iter().map(|(name, value)| (name.to_string(), Traced::new(value.clone(), Vec::new()))).collect();
    resolve(&dockerfile::parse(text).0, &RepoPath::new("Dockerfile").unwrap(), target, &args, &|_| None)
}

fn image(text: &str) -> Image {
    build(text, None, &[]).unwrap()
}

fn known(text: &str) -> Value<String> {
    Value::Known(text.to_owned())
}

fn default(text: &str) -> Value<String> {
    Value::Default(text.to_owned())
}

fn outside(name: &str) -> Value<String> {
    Value::Unknown(Reason::OutsideVariable(name.to_owned()))
}

fn words(command: &Option<PlacedCommand>) -> Vec<&str> {
    match &command.as_ref().unwrap().form {
        CommandForm::Exec(words) => words.iter().map(|word| word.text()).collect(),
        CommandForm::Shell(text) => vec![text.text()],
        form => panic!("{form:?}"),
    }
}

#[test]
fn the_base_is_what_the_global_arguments_make_it() {
    for (text, expected) in [
        ("FROM python:3.13", known("python:3.13")),
        ("ARG V=3.13\nFROM python:$V", default("python:3.13")),
        ("ARG V\nFROM python:$V", outside("V")),
        ("ARG V\nFROM python:${V:-3.12}", default("python:3.12")),
        ("ARG A=3\nARG V=$A.1\nFROM python:${V}-slim", default("python:3.1-slim")),
        ("FROM a AS x\nFROM X\n", known("a")),
        ("FROM --platform=$BUILDPLATFORM a-$TARGETARCH", outside("TARGETARCH")),
        ("FROM python:${", Value::Unknown(Reason::Unsupported("a `${` that is not closed".into()))),
    ] {
        let expected_unsupported = matches!(&expected, Value::Unknown(Reason::Unsupported(_)));
        let base = image(text).base.value;
        if expected_unsupported {
            assert!(matches!(base, Value::Unknown(Reason::Unsupported(_))), "{text}");
        } else {
            assert_eq!(base, expected, "{text}");
        }
    }
    let given = build("ARG V=1\nFROM a:$V", None, &[("V", known("2"))]).unwrap();
    assert_eq!(given.base.value, known("a:2"));
    let unset = build("ARG V=1\nFROM a:$V", None, &[("V", Value::Absent)]).unwrap();
    assert_eq!(unset.base.value, default("a:1"));
}

#[test]
fn the_target_is_a_name_a_number_or_the_last_stage() {
    let text = "FROM a AS One\nUSER 1\nFROM b\nUSER 2\nFROM one AS three\n";
    assert_eq!(image(text).stages, [0, 2]);
    assert_eq!(image(text).user.unwrap().value, known("1"));
    assert_eq!(build(text, Some("ONE"), &[]).unwrap().stages, [0]);
    assert_eq!(build(text, Some("1"), &[]).unwrap().user.unwrap().value, known("2"));
    assert_eq!(build(text, Some("nothing"), &[]), None);
    assert_eq!(build(text, Some("3"), &[]), None);
    assert_eq!(build("", None, &[]), None);
}

#[test]
fn env_sees_what_stands_above_it_and_not_beside_it() {
    let image = image("FROM scratch\nENV abc=hello\nENV abc=bye def=$abc\nENV ghi=$abc none=x$nothing\n");
    let value = |name: &str| image.environment[name].value.clone();
    assert_eq!(value("abc"), known("bye"));
    assert_eq!(value("def"), known("hello"));
    assert_eq!(value("ghi"), known("bye"));
    assert_eq!(value("none"), known("x"));
}

#[test]
fn what_the_base_image_may_set_is_unknown() {
    let image = image("FROM a\nENV PATH=/x:$PATH HOST=${HOST:-local}\n");
    assert_eq!(image.environment["PATH"].value, outside("PATH"));
    assert_eq!(image.environment["HOST"].value, default("local"));
}

#[test]
fn arguments_reach_the_environment_with_their_trail() {
    let text = "FROM a\nARG PORT=8000\nARG NAME\nENV PORT=$PORT NAME=$NAME\n";
    let defaults = image(text);
    assert_eq!(defaults.environment["PORT"].value, default("8000"));
    assert_eq!(defaults.environment["NAME"].value, outside("NAME"));
    let acts: Vec<String> = defaults.environment["PORT"].trail.iter().map(|step| step.act.to_string()).collect();
    assert_eq!(acts, ["falls back to this when `PORT` is not set", "sets `PORT`"]);
    let place = &defaults.environment["PORT"].trail[1].place;
    assert_eq!((place.path.as_str(), &text[place.span.range()]), ("Dockerfile", "PORT=$PORT"));
    let given = build(text, None, &[("NAME", known("n"))]).unwrap();
    assert_eq!(given.environment["NAME"].value, known("n"));
    assert_eq!(given.arguments["NAME"].value, known("n"));
}

#[test]
fn global_arguments_must_be_declared_in_a_stage() {
    let image = image("ARG A=1\nARG B=2\nFROM scratch\nARG A\nENV X=$A Y=$B\n");
    assert_eq!(image.environment["X"].value, default("1"));
    assert_eq!(image.environment["Y"].value, known(""));
}

#[test]
fn an_argument_without_a_value_leaves_the_variable_of_its_name() {
    let image = image("FROM a\nENV A=1\nARG A\nENV B=$A\n");
    assert_eq!(image.environment["B"].value, known("1"));
}

#[test]
fn stages_inherit_variables_arguments_users_and_folders() {
    let image = image(
        "FROM a AS base\nARG V=1\nENV A=1\nUSER app\nWORKDIR /srv\nEXPOSE 80\nVOLUME /data\nSTOPSIGNAL SIGQUIT\n\
         FROM base\nENV B=$A$V\nWORKDIR app\nEXPOSE 443\n",
    );
    assert_eq!(image.environment["B"].value, default("11"));
    assert_eq!(image.user.unwrap().value, known("app"));
    assert_eq!(image.workdir.unwrap().value, known("/srv/app"));
    assert_eq!(image.exposed.len(), 2);
    assert_eq!(image.volumes[0].value, known("/data"));
    assert_eq!(image.stop_signal.unwrap().value, known("SIGQUIT"));
}

#[test]
fn working_directories_join() {
    for (text, expected) in [
        ("WORKDIR /a\nWORKDIR b\nWORKDIR c", known("/a/b/c")),
        ("WORKDIR /a/../b/", known("/b")),
        ("WORKDIR a", default("/a")),
        ("ENV D=/path\nWORKDIR $D/sub", known("/path/sub")),
        ("WORKDIR $HOME\nWORKDIR x", outside("HOME")),
        ("WORKDIR $HOME\nWORKDIR /x", known("/x")),
    ] {
        assert_eq!(image(&format!("FROM a\n{text}")).workdir.unwrap().value, expected, "{text}");
    }
}

#[test]
fn an_entry_point_resets_an_inherited_command_but_not_its_own() {
    let reset = image("FROM a AS b\nCMD [\"x\"]\nFROM b\nENTRYPOINT [\"e\"]\n");
    assert_eq!((reset.cmd.is_none(), words(&reset.entrypoint)), (true, vec!["e"]));
    let own = image("FROM a AS b\nCMD [\"x\"]\nFROM b\nCMD [\"y\"]\nENTRYPOINT [\"e\"]\n");
    assert_eq!(words(&own.cmd), ["y"]);
    let inherited = image("FROM a AS b\nENTRYPOINT [\"e\"]\nFROM b\nCMD run\n");
    assert_eq!((words(&inherited.entrypoint), words(&inherited.cmd)), (vec!["e"], vec!["run"]));
    assert_eq!((inherited.entrypoint.unwrap().stage, inherited.cmd.unwrap().instruction), (0, 3));
}

#[test]
fn a_command_knows_the_shell_above_it() {
    let image = image("FROM a\nCMD x\nSHELL [\"/bin/bash\", \"-c\"]\nENTRYPOINT y\n");
    assert_eq!(image.entrypoint.unwrap().shell.unwrap(), ["/bin/bash", "-c"]);
    assert_eq!(image.cmd.unwrap().shell, None);
    assert_eq!(image.shell.unwrap().words.len(), 2);
}

#[test]
fn health_checks_are_inherited_and_switched_off() {
    let on = image("FROM a AS b\nHEALTHCHECK --interval=5s CMD curl x\nFROM b\n").healthcheck.unwrap();
    assert_eq!((on.command.is_some(), on.options["interval"].value.as_str()), (true, "5s"));
    let off = image("FROM a AS b\nHEALTHCHECK CMD curl x\nFROM b\nHEALTHCHECK NONE\n").healthcheck.unwrap();
    assert_eq!(off.command, None);
}

#[test]
fn instructions_held_back_run_in_the_child() {
    let text = "FROM a AS b\nONBUILD USER app\nONBUILD COPY . /app\nFROM b\n";
    assert_eq!(image(text).user.unwrap().value, known("app"));
    assert_eq!(image(text).container_path_to_context("/app/x").as_deref(), Some("x"));
    assert_eq!(build(text, Some("b"), &[]).unwrap().user, None);
}

#[test]
fn copies_know_their_absolute_destination() {
    let image = image(
        "FROM a AS b\nFROM b\nWORKDIR /app\nCOPY . .\nCOPY --from=b --chmod=755 /x y/\nCOPY --from=nginx:1 /z /z\n\
         COPY --from=0 /q /q\nARG D=d\nADD $D/f ./$D/\n",
    );
    let destinations: Vec<_> = image.copies.iter().map(|copy| copy.destination.value.clone()).collect();
    assert_eq!(destinations, [known("/app/"), known("/app/y/"), known("/z"), known("/q"), default("/app/d/")]);
    let sources: Vec<_> = image.copies.iter().map(|copy| copy.from.clone()).collect();
    let nginx = CopySource::Image("nginx:1".into());
    assert_eq!(sources, [CopySource::Context, CopySource::Stage(0), nginx, CopySource::Stage(0), CopySource::Context]);
    assert_eq!(image.copies[1].chmod.as_ref().unwrap().value, "755");
    assert_eq!(image.copies[4].sources[0].value, default("d/f"));
}

#[test]
fn a_path_in_the_container_leads_back_to_the_context() {
    for (text, path, expected) in [
        ("COPY . /app", "/app/entrypoint.sh", Some("entrypoint.sh")),
        ("WORKDIR /app\nCOPY . .", "/app/a/b.py", Some("a/b.py")),
        ("COPY ./docker/web/entrypoint.sh /entrypoint.sh", "/entrypoint.sh", Some("docker/web/entrypoint.sh")),
        ("COPY docker/web/entrypoint.sh /app/", "/app/entrypoint.sh", Some("docker/web/entrypoint.sh")),
        ("COPY a.sh b.sh /bin/", "/bin/b.sh", Some("b.sh")),
        ("COPY a.sh b.sh /bin", "/bin/a.sh", Some("a.sh")),
        ("COPY docker/scripts /scripts", "/scripts/run.sh", Some("docker/scripts/run.sh")),
        ("COPY docker/*.sh /scripts/", "/scripts/run.sh", Some("docker/run.sh")),
        ("COPY docker/*.sh /scripts/", "/scripts/run.py", None),
        ("COPY . /app\nCOPY docker/start /app/start", "/app/start", Some("docker/start")),
        ("COPY docker/start /app/start\nCOPY . /app", "/app/start", Some("start")),
        ("COPY src /app\nCOPY manage.py pyproject.toml /app/", "/app/manage.py", Some("manage.py")),
        ("COPY src /app\nCOPY manage.py pyproject.toml /app/", "/app/start.sh", Some("src/start.sh")),
        ("COPY . /", "/start.sh", Some("start.sh")),
        ("COPY . /app", "/other/start.sh", None),
        ("COPY . /app", "/application/start.sh", None),
        ("COPY --parents ./x/./y/*.sh /app/", "/app/y/a.sh", Some("x/y/a.sh")),
        ("COPY --parents docker/a.sh /app/", "/app/docker/a.sh", Some("docker/a.sh")),
        ("COPY --exclude=*.sh . /app", "/app/a.sh", None),
        ("ADD https://example.org/a.sh /app/", "/app/a.sh", None),
        ("COPY --from=ghcr.io/astral-sh/uv /uv /bin/uv", "/bin/uv", None),
        ("COPY . /app\nCOPY <<E /app/start.sh\nx\nE", "/app/start.sh", None),
        ("ENV D=/app\nCOPY . $D", "/app/start.sh", Some("start.sh")),
        ("ARG D=/app\nCOPY . ${D}/", "/app/../app/start.sh", Some("start.sh")),
        ("COPY . $D", "/app/start.sh", None),
        ("COPY ../../x /app/x", "/app/x", Some("x")),
    ] {
        let image = image(&format!("FROM a\n{text}\n"));
        assert_eq!(image.container_path_to_context(path).as_deref(), expected, "{text}: {path}");
    }
}

#[test]
fn copies_between_stages_are_followed() {
    let text = "FROM a AS src\nCOPY . /code\nFROM src AS built\nWORKDIR /code\nFROM b AS mid\nCOPY --from=built /code /m\n\
                FROM c\nCOPY --from=mid /m/docker /srv\nCOPY --from=0 /code/x.sh /x\n";
    let image = image(text);
    assert_eq!(image.container_path_to_context("/srv/start.sh").as_deref(), Some("docker/start.sh"));
    assert_eq!(image.container_path_to_context("/x").as_deref(), Some("x.sh"));
}

#[test]
fn what_exists_decides_between_guesses() {
    let image = image("FROM a\nCOPY . /app\nCOPY docker.d /app\nCOPY conf.web /app\n");
    let exists = |path: &str| path == "conf.web/start.sh" || path == "start.sh";
    let origin = |exists: &dyn Fn(&str) -> bool| match image.origin_of("/app/start.sh", &|_, path| exists(path)) {
        Some(FileOrigin::Context { path, .. }) => path,
        origin => panic!("{origin:?}"),
    };
    assert_eq!(origin(&exists), "start.sh");
    assert_eq!(origin(&|path| path == "conf.web/start.sh"), "conf.web/start.sh");
    assert_eq!(image.origin_of("/app/start.sh", &|_, _| false), None);
}

#[test]
fn heredocs_of_copies_are_origins() {
    let image = image("FROM a\nCOPY <<start.sh <<stop.sh /bin/\nx\nstart.sh\ny\nstop.sh\n");
    let origins = image.origins("/bin/stop.sh");
    assert!(matches!(origins[..], [FileOrigin::Heredoc { instruction: 1, heredoc: 1, .. }]), "{origins:?}");
}

#[test]
fn hostile_builds_end() {
    let many = 20_000;
    let doubling: String = (0..many).map(|_| "ENV A=x$A$A\n").collect();
    let chain: String = (0..many).map(|at| format!("FROM s{at} AS s{}\nENV A{at}=$A\n", at + 1)).collect();
    let copies: String = (1..300)
        .map(|at| format!("FROM a AS s{at}\nCOPY --from={} / /a\nCOPY --from={} /a /\n", at - 1, at - 1))
        .collect();
    let itself = "FROM x AS x\nFROM x AS x\nCOPY --from=x . .\nCOPY --from=1 / /\n".to_owned();
    for text in [
        format!("FROM a\n{doubling}"),
        format!("FROM a AS s0\n{chain}"),
        format!("FROM a\nCOPY . /\n{copies}"),
        itself,
        format!("FROM a\nCOPY{} /x/\n", " f".repeat(many)),
    ] {
        image(&text).origins("/a/a/a/a/x");
    }
}
