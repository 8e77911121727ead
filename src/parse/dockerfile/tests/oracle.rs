//! What an independent parser reads in valid files, this one reads too.

use super::super::*;
use super::samples::SAMPLES;
use parse_dockerfile as oracle;

/// The oracle keeps continuations in its text; without them and their blanks both sides can be compared.
fn plain(text: &str) -> String {
    let mut lines = Vec::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        lines.push(line.trim_end().trim_end_matches(['\\', '`']).to_owned());
    }
    lines.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn joined(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn their_flags(flags: &[oracle::Flag<'_>]) -> String {
    flags
        .iter()
        .map(|flag| format!(" --{}={}", flag.name.value, flag.value.as_ref().map_or("", |value| &value.value)))
        .collect()
}

fn our_flags(instruction: &Instruction) -> String {
    instruction
        .flags
        .iter()
        .map(|flag| format!(" --{}={}", flag.name.value, flag.value.as_ref().map_or("", |value| &value.value)))
        .collect()
}

fn their_command(command: &oracle::Command<'_>, heredocs: &[oracle::HereDoc<'_>]) -> String {
    if !heredocs.is_empty() {
        return heredocs.iter().map(|doc| format!("heredoc {} {:?};", doc.expand, doc.value)).collect();
    }
    match command {
        oracle::Command::Exec(words) => {
            format!("exec {:?}", words.value.iter().map(|word| word.value.to_string()).collect::<Vec<_>>())
        }
        oracle::Command::Shell(text) => format!("shell {}", plain(text.value)),
        other => panic!("{other:?}"),
    }
}

fn our_command(form: &CommandForm, heredocs: &[Heredoc]) -> String {
    match form {
        CommandForm::Exec(words) => format!("exec {:?}", words.iter().map(Fragment::text).collect::<Vec<_>>()),
        CommandForm::Shell(text) => format!("shell {}", joined(text.text())),
        CommandForm::Heredoc { .. } => {
            heredocs.iter().map(|doc| format!("heredoc {} {:?};", doc.expand, doc.body.text())).collect()
        }
    }
}

fn their_sources(sources: &[oracle::Source<'_>]) -> String {
    let mut paths: Vec<String> = Vec::new();
    let mut heredocs = Vec::new();
    for source in sources {
        match source {
            oracle::Source::Path(path) => paths.push(path.value.to_string()),
            oracle::Source::HereDoc(doc) => heredocs.push(doc.value.to_string()),
            _ => {}
        }
    }
    format!("{paths:?} {heredocs:?}")
}

fn theirs(instruction: &oracle::Instruction<'_>) -> (Range<usize>, String) {
    use oracle::Instruction as I;
    match instruction {
        I::From(i) => (
            i.from.span.clone(),
            format!(
                "FROM{} {} {:?}",
                their_flags(&i.options),
                i.image.value,
                i.as_.as_ref().map(|(_, name)| name.value.to_string())
            ),
        ),
        I::Run(i) => (
            i.run.span.clone(),
            format!("RUN{} {}", their_flags(&i.options), their_command(&i.arguments, &i.here_docs)),
        ),
        I::Cmd(i) => (i.cmd.span.clone(), format!("CMD {}", their_command(&i.arguments, &[]))),
        I::Entrypoint(i) => (i.entrypoint.span.clone(), format!("ENTRYPOINT {}", their_command(&i.arguments, &[]))),
        I::Copy(i) => {
            (i.copy.span.clone(), format!("COPY{} {} {}", their_flags(&i.options), their_sources(&i.src), i.dest.value))
        }
        I::Add(i) => {
            (i.add.span.clone(), format!("ADD{} {} {}", their_flags(&i.options), their_sources(&i.src), i.dest.value))
        }
        I::Env(i) => (i.env.span.clone(), format!("ENV {}", plain(&i.arguments.value))),
        I::Arg(i) => (i.arg.span.clone(), format!("ARG {}", plain(&i.arguments.value))),
        I::Label(i) => (i.label.span.clone(), format!("LABEL {}", plain(&i.arguments.value))),
        I::User(i) => (i.user.span.clone(), format!("USER {}", i.arguments.value)),
        I::Workdir(i) => (i.workdir.span.clone(), format!("WORKDIR {}", i.arguments.value)),
        I::Stopsignal(i) => (i.stopsignal.span.clone(), format!("STOPSIGNAL {}", i.arguments.value)),
        I::Maintainer(i) => (i.maintainer.span.clone(), format!("MAINTAINER {}", i.name.value)),
        I::Expose(i) => (
            i.expose.span.clone(),
            format!("EXPOSE {:?}", i.arguments.iter().map(|port| port.value.to_string()).collect::<Vec<_>>()),
        ),
        I::Volume(i) => {
            let paths = match &i.arguments {
                oracle::JsonOrStringArray::Json(paths) => &paths.value,
                oracle::JsonOrStringArray::String(paths) => paths,
            };
            let paths: Vec<String> = paths.iter().map(|path| path.value.to_string()).collect();
            (i.volume.span.clone(), format!("VOLUME {paths:?}"))
        }
        I::Shell(i) => (
            i.shell.span.clone(),
            format!("SHELL {:?}", i.arguments.iter().map(|word| word.value.to_string()).collect::<Vec<_>>()),
        ),
        I::Healthcheck(i) => {
            let check = match &i.arguments {
                oracle::HealthcheckArguments::Cmd { arguments, .. } => their_command(arguments, &[]),
                _ => "none".to_owned(),
            };
            (i.healthcheck.span.clone(), format!("HEALTHCHECK{} {check}", their_flags(&i.options)))
        }
        I::Onbuild(i) => (i.onbuild.span.clone(), format!("ONBUILD {}", theirs(&i.instruction).1)),
        other => panic!("{other:?}"),
    }
}

fn ours(instruction: &Instruction) -> (Range<usize>, String) {
    let flags = our_flags(instruction);
    let words = |words: &[Word]| format!("{:?}", words.iter().map(|word| word.text.text()).collect::<Vec<_>>());
    let copied = |transfer: &Transfer| {
        let bodies: Vec<&str> = instruction.heredocs.iter().map(|doc| doc.body.text()).collect();
        let destination = transfer.destination.as_ref().unwrap().text.text();
        format!("{} {bodies:?} {destination}", words(&transfer.sources))
    };
    let said = match &instruction.kind {
        InstructionKind::From { image, alias, .. } => {
            format!(" {} {:?}", image.text.text(), alias.as_ref().map(|name| name.value.as_str()))
        }
        InstructionKind::Run(form) | InstructionKind::Cmd(form) | InstructionKind::Entrypoint(form) => {
            format!(" {}", our_command(form, &instruction.heredocs))
        }
        InstructionKind::Copy(transfer) | InstructionKind::Add(transfer) => format!(" {}", copied(transfer)),
        InstructionKind::Expose(all) | InstructionKind::Volume(all) => format!(" {}", words(all)),
        InstructionKind::Shell(all) => format!(" {:?}", all.iter().map(Fragment::text).collect::<Vec<_>>()),
        InstructionKind::Healthcheck(Healthcheck::Command(form)) => format!(" {}", our_command(form, &[])),
        InstructionKind::Healthcheck(_) => " none".to_owned(),
        InstructionKind::Onbuild(inner) => format!(" {}", ours(inner).1),
        _ => format!(" {}", joined(instruction.arguments.text())),
    };
    (instruction.keyword.span.range(), format!("{}{flags}{said}", instruction.keyword.value))
}

#[test]
fn both_parsers_read_the_same_in_valid_files() {
    for sample in SAMPLES {
        let expected = oracle::parse(sample).unwrap_or_else(|error| panic!("{error}\n{sample}"));
        let (file, problems) = parse(sample);
        assert_eq!(problems, [], "{sample}");
        let expected: Vec<_> = expected.instructions.iter().map(theirs).collect();
        let actual: Vec<_> = file.instructions.iter().map(ours).collect();
        assert_eq!(actual, expected, "{sample}");
    }
}

/// The Dockerfiles in the cases of all pages: what people write, and what goes wrong with it.
#[test]
fn both_parsers_read_the_same_in_the_cases_of_pages() {
    let cases = crate::rules::catalogue::PAGES.iter().flat_map(|page| page.cases.iter().map(move |case| (page, case)));
    let (mut compared, mut told) = (0, Vec::new());
    for (page, case) in cases {
        for file in case.files.iter().filter(|file| file.path.to_lowercase().contains("dockerfile")) {
            // The oracle knows heredocs in one position only.
            if file.path.ends_with("ignore") || file.text.contains("<<") {
                continue;
            }
            let Ok(expected) = oracle::parse(file.text) else { continue };
            let (read, problems) = parse(file.text);
            if !problems.is_empty() {
                continue;
            }
            compared += 1;
            let expected: Vec<_> = expected.instructions.iter().map(theirs).collect();
            let actual: Vec<_> = read.instructions.iter().map(ours).collect();
            if actual != expected {
                let differing = actual.iter().zip(&expected).find(|(own, theirs)| own != theirs);
                told.push(format!("{}, {}: {differing:?}", page.id, case.title));
            }
        }
    }
    assert!(told.is_empty(), "{} of {compared}\n{}", told.len(), told.join("\n"));
    assert!(compared > 500, "{compared}");
}
