use super::*;

mod hostile;
mod oracle;
mod samples;

fn file(text: &str) -> Dockerfile {
    parse(text).0
}

fn messages(text: &str) -> Vec<String> {
    parse(text).1.into_iter().map(|problem| problem.message).collect()
}

/// The only instruction after the `FROM`.
fn one(text: &str) -> Instruction {
    let (file, problems) = parse(&format!("FROM a\n{text}"));
    assert_eq!(problems, []);
    assert_eq!(file.instructions.len(), 2, "{text}");
    file.instructions[1].clone()
}

fn texts<'a>(fragments: impl IntoIterator<Item = &'a Fragment>) -> Vec<&'a str> {
    fragments.into_iter().map(Fragment::text).collect()
}

fn shell(form: &CommandForm) -> &str {
    match form {
        CommandForm::Shell(text) => text.text(),
        form => panic!("{form:?}"),
    }
}

fn assignments(instruction: &Instruction) -> Vec<(&str, Option<String>)> {
    match &instruction.kind {
        InstructionKind::Env(all) | InstructionKind::Arg(all) | InstructionKind::Label(all) => all
            .iter()
            .map(|one| (one.name.as_str(), one.value.as_ref().map(|word| word.expand(&|_| None).unwrap_or_default())))
            .collect(),
        kind => panic!("{kind:?}"),
    }
}

#[test]
fn stages_know_their_names_bases_and_instructions() {
    let text =
        "ARG V=3.13\nFROM --platform=$BUILDPLATFORM python:${V}-slim AS Build\nRUN a\nRUN b\nFROM build\nUSER app\n";
    let file = file(text);
    assert_eq!(file.stages.len(), 2);
    let build = &file.stages[0];
    assert_eq!(build.base.value, "python:${V}-slim");
    assert_eq!(&text[build.base.span.range()], "python:${V}-slim");
    assert_eq!(build.name.as_ref().unwrap().value, "Build");
    assert_eq!(build.platform.as_ref().unwrap().value, "$BUILDPLATFORM");
    assert_eq!((build.from, build.body.clone()), (1, 2..4));
    assert_eq!(file.stages[1].body, 5..6);
    assert_eq!(file.target("BUILD").unwrap().index, 0);
    assert_eq!(file.target("1").unwrap().index, 1);
    assert_eq!(file.target("2"), None);
    assert_eq!(file.preamble().len(), 1);
}

#[test]
fn of_two_stages_of_one_name_the_later_is_meant() {
    let file = file("FROM a AS x\nFROM b AS x\nFROM x\n");
    assert_eq!(file.stage_named("x", 1).unwrap().index, 0);
    assert_eq!(file.stage_named("x", 2).unwrap().index, 1);
}

#[test]
fn continued_lines_lose_comments_and_empty_lines_but_not_their_places() {
    let text = "FROM a\nRUN apt-get update \\\n    # why\n\n && apt-get install -y \\  \n    curl\nUSER app\n";
    let file = file(text);
    let InstructionKind::Run(form) = &file.instructions[1].kind else { panic!() };
    assert_eq!(shell(form), "apt-get update  && apt-get install -y     curl");
    let CommandForm::Shell(fragment) = form else { panic!() };
    let at = fragment.text().find("curl").unwrap();
    assert_eq!(&text[fragment.to_file(Span::new(at, at + 4)).range()], "curl");
    assert_eq!(file.comments[0].text, "why");
    assert_eq!(&text[file.comments[0].span.range()], "# why");
    assert_eq!(&text[file.instructions[1].span.range()], &text[7..text.find("\nUSER").unwrap()]);
}

#[test]
fn a_keyword_and_a_word_may_be_split_over_lines() {
    let file = file("FR\\\nOM pyth\\\non:3\n");
    assert_eq!(file.instructions[0].keyword.value, "FROM");
    assert_eq!(file.stages[0].base.value, "python:3");
}

#[test]
fn a_doubled_escape_character_does_not_continue_the_line() {
    assert_eq!(file("FROM a\nRUN echo \\\\\nUSER b\n").instructions.len(), 3);
}

#[test]
fn the_escape_directive_changes_the_character() {
    let text = "# syntax=docker/dockerfile:1\n# escape=`\nFROM a\nRUN dir c:\\ `\n && b\nENV a=`$x b=\\\n";
    let file = file(text);
    assert_eq!(file.escape, '`');
    assert_eq!(file.directives.len(), 2);
    assert_eq!(&text[file.directives[1].value.span.range()], "`");
    let InstructionKind::Run(form) = &file.instructions[1].kind else { panic!() };
    assert_eq!(shell(form), "dir c:\\  && b");
    assert_eq!(assignments(&file.instructions[2]), [("a", Some("$x".into())), ("b", Some("\\".into()))]);
}

#[test]
fn a_directive_after_a_comment_or_an_empty_line_is_a_comment() {
    for text in ["# hello\n# escape=`\nFROM a", "\n# escape=`\nFROM a", "FROM a\n# escape=`\n"] {
        let file = file(text);
        assert_eq!((file.escape, file.directives.len()), ('\\', 0), "{text}");
    }
    assert_eq!(messages("# escape=x\nFROM a").len(), 1);
    assert_eq!(messages("# escape=`\n# escape=\\\nFROM a").len(), 1);
}

#[test]
fn windows_line_breaks_and_a_byte_order_mark_change_nothing() {
    let unix = "# escape=\\\nFROM a\nRUN x \\\n  y\nRUN <<E\nz\nE\n";
    let windows = format!("\u{feff}{}", unix.replace('\n', "\r\n"));
    let (left, right) = (file(unix), file(&windows));
    let keywords = |file: &Dockerfile| -> Vec<String> {
        file.instructions.iter().map(|i| format!("{} {}", i.keyword.value, i.arguments.text())).collect()
    };
    assert_eq!(keywords(&left), keywords(&right));
    assert_eq!(right.directives.len(), 1);
    assert_eq!(right.instructions[2].heredocs[0].body.text(), "z\r\n");
}

#[test]
fn commands_are_arrays_or_text_for_the_shell() {
    let exec = one(r#"CMD [ "python", "-c", "print(\"\u00e9\")" ]"#);
    let InstructionKind::Cmd(CommandForm::Exec(words)) = &exec.kind else { panic!("{exec:?}") };
    assert_eq!(texts(words), ["python", "-c", "print(\"é\")"]);
    assert!(!exec.looks_like_json);
    let InstructionKind::Entrypoint(form) = one("ENTRYPOINT exec gunicorn app").kind else { panic!() };
    assert_eq!(shell(&form), "exec gunicorn app");
    let InstructionKind::Cmd(CommandForm::Exec(words)) = one("CMD []").kind else { panic!() };
    assert!(words.is_empty());
}

#[test]
fn an_array_that_is_none_is_shell_text_and_says_so() {
    for text in [
        "CMD ['python', 'x']",
        "CMD [\"python\" \"x\"]",
        "CMD [\"python\", \"x\",]",
        "CMD [ \"a\", b ]",
        "CMD [python]",
    ] {
        let instruction = one(text);
        assert!(matches!(instruction.kind, InstructionKind::Cmd(CommandForm::Shell(_))), "{text}");
        assert!(instruction.looks_like_json, "{text}");
    }
    for text in ["RUN [ -f x ] && y", "RUN [[ -f x ]] || z", "RUN [ \"$a\" = \"b\" ]", "RUN echo [\"a\"]"] {
        assert!(!one(text).looks_like_json, "{text}");
    }
    assert_eq!(messages("FROM a\nCMD [\"a\", 1]").len(), 1);
}

#[test]
fn the_words_of_an_array_map_into_the_file() {
    let text = "FROM a\nCMD [\"sh\", \"-c\", \"migrate && \\\n  serve\"]\n";
    let file = file(text);
    let InstructionKind::Cmd(CommandForm::Exec(words)) = &file.instructions[1].kind else { panic!() };
    let script = &words[2];
    assert_eq!(script.text(), "migrate &&   serve");
    let at = script.text().find("serve").unwrap();
    assert_eq!(&text[script.to_file(Span::new(at, at + 5)).range()], "serve");
    assert_eq!(&text[words[0].span().range()], "\"sh\"");
}

#[test]
fn a_heredoc_is_a_script_of_the_shell_or_of_its_own_interpreter() {
    let text = "RUN <<EOF\nset -e\necho hi\nEOF\n";
    let run = one(text);
    let InstructionKind::Run(CommandForm::Heredoc { script, interpreter, .. }) = &run.kind else { panic!() };
    assert_eq!((*script, interpreter.clone()), (Some(0), None));
    assert_eq!(run.heredocs[0].body.text(), "set -e\necho hi\n");
    assert!(run.heredocs[0].expand);
    assert_eq!(run.span, Span::new(7, 7 + text.len() - 1));

    for (text, expected) in [
        ("RUN <<EOF\n#!/usr/bin/env python3\nprint()\nEOF", Some("python3")),
        ("RUN <<-'EOF'\n\t#!/bin/bash -e\n\ttrue\n\tEOF", Some("/bin/bash")),
        ("RUN python3 - <<EOF\nprint()\nEOF", Some("python3")),
        ("RUN <<EOF bash -e\ntrue\nEOF", Some("bash")),
        ("RUN --mount=type=cache,target=/x python3.12 <<EOF\nprint()\nEOF", Some("python3.12")),
        ("RUN cat <<EOF > /f && next\nbody\nEOF", None),
        ("RUN python3 -c x <<EOF\nbody\nEOF", None),
        ("RUN set -e && cat <<EOF\nbody\nEOF", None),
    ] {
        let run = one(text);
        let InstructionKind::Run(CommandForm::Heredoc { interpreter, .. }) = &run.kind else { panic!("{text}") };
        assert_eq!(interpreter.as_ref().map(|program| program.value.as_str()), expected, "{text}");
        assert_eq!(run.heredocs.len(), 1);
    }
}

#[test]
fn several_heredocs_follow_one_another() {
    let run = one("RUN cat <<A - <<-B 3<<\"C\" > /f\na\nA\n\tb\n\tB\n$c\nC\n");
    let bodies: Vec<&str> = run.heredocs.iter().map(|doc| doc.body.text()).collect();
    assert_eq!(bodies, ["a\n", "b\n", "$c\n"]);
    let flags: Vec<(bool, bool)> = run.heredocs.iter().map(|doc| (doc.strip_tabs, doc.expand)).collect();
    assert_eq!(flags, [(false, true), (true, true), (false, false)]);
}

#[test]
fn what_only_looks_like_a_heredoc_is_none() {
    for text in [
        "RUN cat <<<EOF",
        "RUN echo $((1<<2))",
        "RUN echo $((1 << 2))",
        "RUN echo \"<<EOF\"",
        "RUN echo it's <<EOF",
        "CMD cat <<EOF",
        "RUN [\"cat\", \"<<EOF\"]",
    ] {
        assert!(one(text).heredocs.is_empty(), "{text}");
    }
}

#[test]
fn a_heredoc_without_end_gives_way_to_the_next_instruction() {
    let (file, problems) = parse("FROM a\nRUN <<EOF\nfrom here\nUSER app\nCMD x\n");
    assert_eq!(problems.len(), 1);
    assert_eq!(file.instructions[1].heredocs[0].body.text(), "from here\n");
    assert_eq!(file.instructions.len(), 4);
}

#[test]
fn copy_takes_paths_arrays_and_heredocs() {
    let copy = one("COPY --from=build --chown=app:app a b /c/");
    let InstructionKind::Copy(transfer) = &copy.kind else { panic!() };
    assert_eq!(texts(transfer.sources.iter().map(|word| &word.text)), ["a", "b"]);
    assert_eq!(transfer.destination.as_ref().unwrap().text.text(), "/c/");
    assert_eq!(copy.flag("from").unwrap().value.as_ref().unwrap().value, "build");

    let add = one(r#"ADD ["with blank", "/c"]"#);
    let InstructionKind::Add(transfer) = &add.kind else { panic!() };
    assert_eq!(transfer.sources[0].text.text(), "with blank");

    let copy = one("COPY <<A.txt b <<'B' /c/\na\nA.txt\n$b\nB\n");
    let InstructionKind::Copy(transfer) = &copy.kind else { panic!() };
    assert_eq!(texts(transfer.sources.iter().map(|word| &word.text)), ["b"]);
    assert_eq!(transfer.heredocs, [0, 1]);
    assert_eq!(copy.heredocs[1].body.text(), "$b\n");
}

#[test]
fn copy_with_one_argument_keeps_it_and_is_a_problem() {
    let (file, problems) = parse("FROM a\nCOPY x\n");
    assert_eq!(problems.len(), 1);
    let InstructionKind::Copy(transfer) = &file.instructions[1].kind else { panic!() };
    assert_eq!((transfer.sources.len(), transfer.destination.is_none()), (1, true));
}

#[test]
fn env_has_pairs_or_one_name_and_the_rest_of_the_line() {
    let env = one("ENV A=1 B=\"two words\" C=three\\ words D='$x' \\\n  E=");
    assert_eq!(
        assignments(&env),
        [
            ("A", Some("1".into())),
            ("B", Some("two words".into())),
            ("C", Some("three words".into())),
            ("D", Some("$x".into())),
            ("E", Some(String::new())),
        ]
    );
    assert_eq!(assignments(&one("ENV A  b c = d")), [("A", Some("b c = d".into()))]);
    assert_eq!(assignments(&one("LABEL \"com.example.a\"=\"b c\"")), [("com.example.a", Some("b c".into()))]);
    assert_eq!(assignments(&one("ARG A B=2 C=")), [("A", None), ("B", Some("2".into())), ("C", Some(String::new()))]);
    assert_eq!(messages("FROM a\nENV A=1 B\n").len(), 1);
    assert_eq!(messages("FROM a\nENV A\n").len(), 1);
    assert_eq!(messages("FROM a\nLABEL a=it's\n").len(), 1);
}

#[test]
fn places_of_names_and_values_are_exact() {
    let text = "FROM a\nENV KEY=\"v\\\n  w\" OTHER=$x\n";
    let file = file(text);
    let InstructionKind::Env(all) = &file.instructions[1].kind else { panic!() };
    assert_eq!(&text[all[0].name.span.range()], "KEY");
    assert_eq!(&text[all[0].value.as_ref().unwrap().span().range()], "\"v\\\n  w\"");
    assert_eq!(&text[all[1].span.range()], "OTHER=$x");
    assert_eq!(&text[all[1].value.as_ref().unwrap().variables()[0].name.span.range()], "x");
}

#[test]
fn the_other_instructions_are_read() {
    let InstructionKind::Expose(ports) = one("EXPOSE 80/tcp 8000-8010").kind else { panic!() };
    assert_eq!(ports.len(), 2);
    let InstructionKind::Volume(paths) = one("VOLUME [\"/a b\"]").kind else { panic!() };
    assert_eq!(paths[0].literal().unwrap(), "/a b");
    let InstructionKind::Volume(paths) = one("VOLUME /a /b").kind else { panic!() };
    assert_eq!(paths.len(), 2);
    let InstructionKind::Workdir(path) = one("WORKDIR /a b").kind else { panic!() };
    assert_eq!(path.literal().unwrap(), "/a b");
    let InstructionKind::Shell(words) = one("SHELL [\"/bin/bash\", \"-c\"]").kind else { panic!() };
    assert_eq!(texts(&words), ["/bin/bash", "-c"]);
    let InstructionKind::Maintainer(name) = one("MAINTAINER Jo O'Neill").kind else { panic!() };
    assert_eq!(name.text(), "Jo O'Neill");
    let check = one("HEALTHCHECK --interval=5s --retries=3 CMD curl -f localhost");
    let InstructionKind::Healthcheck(Healthcheck::Command(form)) = &check.kind else { panic!() };
    assert_eq!(shell(form), "curl -f localhost");
    assert_eq!(check.flag("retries").unwrap().value.as_ref().unwrap().value, "3");
    assert!(matches!(one("HEALTHCHECK none").kind, InstructionKind::Healthcheck(Healthcheck::None)));
    let InstructionKind::Onbuild(inner) = one("ONBUILD RUN <<E\nx\nE").kind else { panic!() };
    assert!(matches!(inner.kind, InstructionKind::Run(_)));
    assert_eq!(inner.heredocs.len(), 1);
}

#[test]
fn what_docker_refuses_is_a_problem_and_the_rest_is_read() {
    for text in [
        "FROM a\nONBUILD ONBUILD RUN x\nUSER y",
        "FROM a # comment\nUSER y",
        "FROM a\nUSER\nUSER y",
        "FROM a\nSHELL /bin/sh\nUSER y",
        "FROM a\nHEALTHCHECK curl\nUSER y",
        "FROM a\nUSER ${\nUSER y",
        "RUN x\nFROM a\nUSER y",
        "FROM a\nFORM b\nUSER y",
        "FROM a\n{% if x %}\n{% endif %}\nUSER y",
    ] {
        let (file, problems) = parse(text);
        assert_eq!(problems.len(), 1, "{text}: {problems:?}");
        assert_eq!(file.instructions.last().unwrap().keyword.value, "USER", "{text}");
    }
}

#[test]
fn a_file_without_a_stage_is_a_problem() {
    for text in ["", "\n\n", "# only a comment\n", "RUN x\n", "ARG A=1\n"] {
        assert_eq!(messages(text), ["no `FROM`, so there is no build stage"], "{text}");
    }
}

#[test]
fn flags_may_be_quoted_and_end_at_two_dashes() {
    let run = one("RUN --mount=type=secret,id=\"a b\" --network=none -- x --y=z");
    let flags: Vec<_> = run.flags.iter().map(|f| (f.name.as_str(), f.value.as_ref().unwrap().as_str())).collect();
    assert_eq!(flags, [("mount", "type=secret,id=a b"), ("network", "none")]);
    assert_eq!(run.arguments.text(), "x --y=z");
    assert_eq!(one("RUN x --y").flags, []);
}

#[test]
fn a_step_knows_its_mounts() {
    let run = one(
        "RUN --mount=type=cache,target=/root/.cache --mount=from=build,src=/w,dst=/w,rw --mount=type=secret,id=key --mount=type=secret,id=t,env=TOKEN --mount=type=ssh --mount=type=tmpfs,destination=/tmp make",
    );
    let shown: Vec<_> = run.mounts().into_iter().map(|it| (it.kind, it.from, it.target, it.id, it.variable)).collect();
    let text = |text: &str| Some(text.to_owned());
    let expected = [
        (MountKind::Cache, None, text("/root/.cache"), None, None),
        (MountKind::Bind, text("build"), text("/w"), None, None),
        (MountKind::Secret, None, text("/run/secrets/key"), text("key"), None),
        (MountKind::Secret, None, None, text("t"), text("TOKEN")),
        (MountKind::Ssh, None, None, None, None),
        (MountKind::Tmpfs, None, text("/tmp"), None, None),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn text_is_read_by_the_shell_above_it() {
    let bourne = |text: &str| {
        let file = file(text);
        let all = file.read_by_bourne();
        let runs = file.instructions.iter().zip(all).filter(|(it, _)| matches!(it.kind, InstructionKind::Run(_)));
        runs.map(|(_, bourne)| bourne).collect::<Vec<_>>()
    };
    let switched = "FROM a AS x\nRUN a\nSHELL [\"pwsh\", \"-c\"]\nRUN b\nSHELL [\"/bin/bash\", \"-euo\", \"pipefail\", \"-c\"]\nRUN c\n";
    assert_eq!(bourne(switched), [true, false, true]);
    assert_eq!(bourne("FROM a AS x\nSHELL [\"powershell.exe\"]\nFROM x\nRUN a\nFROM b\nRUN b\n"), [false, true]);
    assert_eq!(bourne("FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN a\n"), [false]);
    assert_eq!(
        bourne(
            "FROM python:3.13-windowsservercore-ltsc2022\nSHELL [\"C:\\\\git\\\\bin\\\\bash.exe\", \"-c\"]\nRUN a\n"
        ),
        [true]
    );
    assert_eq!(bourne("FROM a\nSHELL [\"conda\", \"run\", \"-n\", \"e\", \"/bin/bash\", \"-c\"]\nRUN a\n"), [true]);
    assert_eq!(bourne("FROM a\nSHELL [\"python3\", \"-c\"]\nRUN a\n"), [false]);
}

#[test]
fn some_texts_mean_the_same_to_every_shell() {
    let words = |text: &str| {
        let words = plain_words(&Fragment::verbatim(text, 5))?;
        Some(words.iter().map(|word| word.text().to_owned()).collect::<Vec<_>>().join("|"))
    };
    assert_eq!(words("pip  install -r x.txt").as_deref(), Some("pip|install|-r|x.txt"));
    assert_eq!(plain_words(&Fragment::verbatim("a b", 5)).unwrap()[1].span(), Span::new(7, 8));
    for text in ["a; b", "a | b", "$x", "a 'b'", "", "a && b", "a `b`"] {
        assert_eq!(words(text), None, "{text}");
    }
}
