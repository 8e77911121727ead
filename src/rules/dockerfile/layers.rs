use super::habits::is_archive;
use super::instructions::report;
use super::transfer::transfers;
use crate::findings::Findings;
use crate::parse::dockerfile::{Instruction, InstructionKind, Transfer};
use crate::project::command::Invocation;
use crate::project::image::CopySource;
use crate::project::image::trust::logs_in;
use crate::project::usage::{DockerfileUse, StageUse};

fn file_name(path: &str) -> &str {
    path.trim_matches(['"', '\'']).rsplit('/').next().unwrap_or_default()
}

/// `dockerfile/archive-copied-then-unpacked`
pub fn archive_copied_then_unpacked(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    let unpacks = |command: &Invocation, name: &str| {
        let named = || command.arguments().iter().any(|word| file_name(word.text()) == name);
        let extracts = || {
            command.arguments().iter().enumerate().any(|(at, word)| {
                let text = word.text();
                let letters = text.strip_prefix('-').unwrap_or(if at == 0 { text } else { "" });
                matches!(text, "--extract" | "--get") || (!letters.starts_with('-') && letters.contains('x'))
            })
        };
        match command.program.as_str() {
            "tar" | "bsdtar" => named() && extracts(),
            "gunzip" | "bunzip2" | "unxz" => named(),
            _ => false,
        }
    };
    let copies = stage.image.copies.iter().filter(|copy| copy.stage == stage.index && !copy.add);
    for copy in copies.filter(|copy| copy.from == CopySource::Context) {
        let later =
            || stage.steps.iter().filter(|step| step.instruction > copy.instruction).flat_map(|it| &it.commands);
        let into = copy.destination.value.likely().map(String::as_str).unwrap_or_default();
        let archives = copy.sources.iter().filter(|source| source.value.likely().is_some_and(|path| is_archive(path)));
        for archive in archives {
            let path = archive.value.likely().map(String::as_str).unwrap_or_default();
            // It may get another name on the way.
            let name = if into.ends_with('/') || !is_archive(into) { file_name(path) } else { file_name(into) };
            if later().any(|command| unpacks(command, name)) {
                report(stage, dockerfile, copy.place.span, format!("`{path}` is copied, and then unpacked"), findings)
                    .help("write `ADD`, which unpacks it, or mount it for the step");
            }
        }
    }
}

/// `dockerfile/cd-first-in-step`
pub fn cd_first_in_step(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    for command in stage.steps.iter().filter_map(|step| step.commands.first()).filter(|it| it.program == "cd") {
        report(stage, dockerfile, command.words_span(), "the step begins with a change of folder", findings)
            .help("use `WORKDIR`");
    }
}

/// `dockerfile/consecutive-copies`
pub fn consecutive_copies(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    let joinable = |(first, one, add): &(&Instruction, &Transfer, bool),
                    (second, other, also): &(&Instruction, &Transfer, bool)| {
        let flags = |instruction: &Instruction| -> Vec<(String, Option<String>)> {
            let flags = instruction.flags.iter();
            flags.map(|flag| (flag.name.value.clone(), flag.value.as_ref().map(|it| it.value.clone()))).collect()
        };
        let into = |transfer: &Transfer| {
            let text = transfer.destination.as_ref()?.text.text().trim_matches(['"', '\'']).to_owned();
            (text.ends_with('/') || text == ".").then_some(text)
        };
        let next_to = !dockerfile
            .file
            .instructions
            .iter()
            .any(|between| between.span.start > first.span.start && between.span.start < second.span.start);
        add == also && next_to && into(one).is_some() && into(one) == into(other) && flags(first) == flags(second)
    };
    let all: Vec<_> = transfers(stage, dockerfile).collect();
    for pair in all.windows(2).filter(|pair| joinable(&pair[0], &pair[1])) {
        let (instruction, ..) = pair[1];
        report(stage, dockerfile, instruction.span, "this copy and the one before could be one layer", findings)
            .help("name all sources in one instruction");
    }
}

/// `dockerfile/workdir-below-another`
pub fn workdir_below_another(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    let mut known = stage.starts_from_stage;
    for instruction in dockerfile.looked_through(stage) {
        let InstructionKind::Workdir(word) = &instruction.kind else { continue };
        let Some(path) = word.literal() else {
            known = true;
            continue;
        };
        if super::instructions::is_absolute(&path) {
            known = true;
        } else if known {
            let message = format!("`{path}` is relative to the working folder before");
            report(stage, dockerfile, instruction.span, message, findings).help("write the whole path");
        }
    }
}

/// `dockerfile/login-in-build`
pub fn login_in_build(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    if !stage.is_kept {
        return;
    }
    for step in &stage.steps {
        let instruction = dockerfile.file.instructions[step.instruction].effective();
        let by_secret = instruction.flags_named("mount").any(|flag| {
            flag.value.as_ref().is_some_and(|mount| mount.contains("type=secret") || mount.contains("type=ssh"))
        });
        let Some(command) = step.commands.iter().find(|command| logs_in(command)).filter(|_| !by_secret) else {
            continue;
        };
        let message = format!("the step logs in by `{}`, and the layer keeps that", command.program);
        report(stage, dockerfile, command.words_span(), message, findings)
            .help("mount a secret for the step: `RUN --mount=type=secret`")
            .anchor(format!("login by {}", command.program));
    }
}
