use super::instructions::report;
use super::transfer::transfers;
use crate::findings::Findings;
use crate::parse::dockerfile::InstructionKind;
use crate::project::command::{Invocation, Syntax};
use crate::project::image::known::python_runs;
use crate::project::image::{BuildStep, CopySource};
use crate::project::usage::{DockerfileUse, StageUse};
use crate::source::Span;

pub(super) fn is_archive(path: &str) -> bool {
    // What Docker unpacks, it tells by the first bytes; these are the usual names of it.
    const ENDINGS: [&str; 14] = [
        ".tar",
        ".tar.gz",
        ".tgz",
        ".taz",
        ".tar.bz2",
        ".tbz",
        ".tbz2",
        ".tb2",
        ".tar.xz",
        ".txz",
        ".tar.lzma",
        ".tlz",
        ".tar.Z",
        ".tar.zst",
    ];
    ENDINGS.iter().any(|ending| path.ends_with(ending))
}

/// The sources of a stage's `ADD` that are files of the context, each with whether it is an archive.
fn added<'d>(stage: &StageUse, dockerfile: &'d DockerfileUse) -> impl Iterator<Item = (Span, bool)> {
    let adds = transfers(stage, dockerfile).filter(|(.., add)| *add);
    adds.flat_map(|(_, transfer, _): (_, &'d _, _)| &transfer.sources).filter_map(|source| {
        let text = source.text.text().trim_matches(['"', '\'']);
        let local = !text.contains("://") && !text.starts_with("git@") && !text.starts_with('$');
        local.then(|| (source.span(), is_archive(text)))
    })
}

/// `dockerfile/add-local-file`
pub fn add_local_file(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    for (span, _) in added(stage, dockerfile).filter(|(_, archive)| !archive) {
        report(stage, dockerfile, span, "a local file is added where `COPY` would do", findings).help("write `COPY`");
    }
}

/// `dockerfile/add-archive`
pub fn add_archive(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    for (span, _) in added(stage, dockerfile).filter(|(_, archive)| *archive) {
        report(stage, dockerfile, span, "`ADD` unpacks an archive without a word that says so", findings)
            .help("mount it and unpack it in a step");
    }
}

/// `dockerfile/copy-to-relative-path`
pub fn copy_to_relative_path(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    if stage.starts_from_stage {
        return;
    }
    for instruction in dockerfile.looked_through(stage) {
        let transfer = match &instruction.kind {
            InstructionKind::Workdir(_) => return,
            InstructionKind::Copy(transfer) | InstructionKind::Add(transfer) => transfer,
            _ => continue,
        };
        let Some(destination) = &transfer.destination else { continue };
        let text = destination.text.text().trim_matches(['"', '\'']);
        if !text.starts_with(['/', '$', '\\']) && text.as_bytes().get(1) != Some(&b':') {
            report(
                stage,
                dockerfile,
                destination.span(),
                format!("`{text}` is relative to a folder that nothing here sets"),
                findings,
            )
            .help("set `WORKDIR` before");
        }
    }
}

/// `dockerfile/copy-of-whole-stage`
pub fn copy_of_whole_stage(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    if stage.base.value.likely().is_none_or(|base| base == "scratch") {
        return;
    }
    for copy in stage.image.copies.iter().filter(|copy| copy.stage == stage.index && copy.from != CopySource::Context) {
        if copy
            .sources
            .iter()
            .any(|source| matches!(source.value.likely().map(String::as_str), Some("/" | "/." | "/*")))
        {
            report(stage, dockerfile, copy.place.span, "the whole file system of another stage is copied", findings)
                .help("copy what is needed");
        }
    }
}

/// `dockerfile/copy-from-stage-number`
pub fn copy_from_stage_number(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    for (instruction, ..) in transfers(stage, dockerfile) {
        let from = instruction.flag("from").and_then(|flag| flag.value.as_ref());
        if let Some(from) = from.filter(|from| from.value.parse::<usize>().is_ok()) {
            report(stage, dockerfile, from.span, format!("the stage is named by its number, {}", from.value), findings)
                .help("name the stage: `FROM … AS build`");
        }
    }
}

/// `dockerfile/chown-while-copying`
pub fn chown_while_copying(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    for (instruction, ..) in transfers(stage, dockerfile) {
        if let Some(flag) = instruction.flag("chown") {
            report(stage, dockerfile, flag.span, "files are copied for another owner than root", findings)
                .help("leave code to root, and give the process only the folders that it writes to");
        }
    }
}

/// `dockerfile/platform-fixed`
pub fn platform_fixed(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    if let Some(platform) = dockerfile.file.stages[stage.index].platform.as_ref().filter(|it| !it.contains('$')) {
        report(stage, dockerfile, platform.span, format!("the stage is tied to `{}`", platform.value), findings)
            .help("leave `--platform` out and let the build say it");
    }
}

/// `dockerfile/platform-redundant`
pub fn platform_redundant(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    let platform = dockerfile.file.stages[stage.index].platform.as_ref();
    if let Some(platform) = platform.filter(|it| matches!(it.as_str(), "$TARGETPLATFORM" | "${TARGETPLATFORM}")) {
        report(stage, dockerfile, platform.span, "the stage asks for the platform that it gets anyway", findings)
            .help("leave it out");
    }
}

/// `dockerfile/maintainer`
pub fn maintainer(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    for instruction in dockerfile.instructions(stage) {
        if matches!(instruction.kind, InstructionKind::Maintainer(_)) {
            report(stage, dockerfile, instruction.span, "`MAINTAINER` is deprecated", findings)
                .help("write `LABEL org.opencontainers.image.authors=…`");
        }
    }
}

/// `dockerfile/image-digest-unpinned`
pub fn image_digest_unpinned(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    let base = stage.base.value.likely().filter(|base| !stage.starts_from_stage && *base != "scratch");
    if let Some(base) = base.filter(|base| !base.contains('@')) {
        report(stage, dockerfile, stage.base_place.span, format!("`{base}` may be another image tomorrow"), findings)
            .help("add the digest, and let Renovate or Dependabot move it");
    }
}

/// The first command of each step that is `wrong`.
fn commands(
    stage: &StageUse,
    dockerfile: &DockerfileUse,
    wrong: impl Fn(&Invocation, &BuildStep) -> bool,
    message: &str,
    help: &str,
    findings: &mut Findings<'_>,
) {
    for step in &stage.steps {
        for command in step.commands.iter().filter(|command| wrong(command, step)) {
            report(stage, dockerfile, command.words_span(), message, findings).help(help);
        }
    }
}

/// `dockerfile/pipe-failure-ignored`
pub fn pipe_failure_ignored(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    let first = |command: &Invocation, step: &BuildStep| {
        !step.pipefail && command.pipeline.is_some_and(|position| position.index == 0 && position.is_piped())
    };
    commands(
        stage,
        dockerfile,
        first,
        "nobody notices when this command of the pipe fails",
        "set `-o pipefail` by `SHELL`",
        findings,
    );
}

/// The folder that a command changes into.
fn changed_into(command: &Invocation) -> Option<String> {
    (command.program == "cd").then(|| command.arguments().first()?.literal()).flatten()
}

/// `dockerfile/cd-to-relative-folder`
pub fn cd_to_relative_folder(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    let relative =
        |command: &Invocation, _: &BuildStep| changed_into(command).is_some_and(|path| !path.starts_with(['/', '~']));
    commands(stage, dockerfile, relative, "the step changes into another folder", "use `WORKDIR`", findings);
}

/// `dockerfile/cd-to-absolute-folder`
pub fn cd_to_absolute_folder(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    let absolute =
        |command: &Invocation, _: &BuildStep| changed_into(command).is_some_and(|path| path.starts_with(['/', '~']));
    commands(stage, dockerfile, absolute, "the step changes into another folder", "use `WORKDIR`", findings);
}

/// `dockerfile/host-command-in-build`
pub fn host_command_in_build(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    const HOST: [&str; 15] = [
        "free",
        "htop",
        "ifconfig",
        "kill",
        "mount",
        "nano",
        "ps",
        "reboot",
        "service",
        "shutdown",
        "ssh",
        "systemctl",
        "top",
        "vi",
        "vim",
    ];
    let host = |command: &Invocation, _: &BuildStep| HOST.contains(&command.program.as_str());
    commands(
        stage,
        dockerfile,
        host,
        "the program acts on a container that is gone when the step ends",
        "leave it out",
        findings,
    );
}

/// `dockerfile/wget-and-curl`
pub fn wget_and_curl(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    let used = |name: &str| {
        stage
            .steps
            .iter()
            .flat_map(|step| &step.commands)
            .filter(|command| command.program == name)
            .map(|command| command.words_span())
            .collect::<Vec<_>>()
    };
    let (curl, wget) = (used("curl"), used("wget"));
    if let (Some(curl), Some(wget)) = (curl.first(), wget.first()) {
        let later = if curl.start > wget.start { curl } else { wget };
        report(stage, dockerfile, *later, "the stage downloads with both `curl` and `wget`", findings)
            .help("use one of them");
    }
}

/// `dockerfile/wget-progress`
pub fn wget_progress(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    const QUIET: [&str; 8] = ["-q", "-nv", "--quiet", "--no-verbose", "-o", "-a", "--progress=dot", "--output-file"];
    let loud = |command: &Invocation, _: &BuildStep| {
        let quiet = |text: &str| {
            QUIET.iter().any(|flag| text.starts_with(flag))
                || (text.starts_with('-') && !text.starts_with("--") && text.contains('q'))
        };
        command.program == "wget" && !command.arguments().iter().any(|word| quiet(word.text()))
    };
    commands(stage, dockerfile, loud, "`wget` fills the log with its progress", "say `-nv`", findings);
}

/// `dockerfile/consecutive-runs`
pub fn consecutive_runs(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    let joins =
        |pair: &&[BuildStep]| pair[0].instruction + 1 == pair[1].instruction && pair[0].held_back == pair[1].held_back;
    for pair in stage.steps.windows(2).filter(joins) {
        report(stage, dockerfile, pair[1].place.span, "this step and the one before could be one layer", findings)
            .help("join them with `&&`, or in a heredoc");
    }
}

/// `dockerfile/shell-replaced`
pub fn shell_replaced(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    let replaces = |command: &Invocation, _: &BuildStep| match command.program.as_str() {
        "ln" | "mv" | "cp" => command.arguments().last().is_some_and(|word| word.is("/bin/sh")),
        "chsh" => true,
        "usermod" => command.arguments().iter().any(|word| word.is("-s") || word.is("--shell")),
        _ => false,
    };
    commands(stage, dockerfile, replaces, "another shell takes the place of the system's", "use `SHELL`", findings);
}

/// The flags of `useradd` that take a value.
const USERADD: Syntax = Syntax::valued(&[
    "-b",
    "--base-dir",
    "-c",
    "--comment",
    "-d",
    "--home-dir",
    "-e",
    "--expiredate",
    "-f",
    "--inactive",
    "-g",
    "--gid",
    "-G",
    "--groups",
    "-k",
    "--skel",
    "-K",
    "--key",
    "-p",
    "--password",
    "-R",
    "--root",
    "-s",
    "--shell",
    "-u",
    "--uid",
]);

/// `dockerfile/useradd-high-uid`
pub fn useradd_high_uid(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    let high = |command: &Invocation, _: &BuildStep| {
        if command.program != "useradd" {
            return false;
        }
        let flags = command.flags(&USERADD);
        let number = flags.value(&["-u", "--uid"]).and_then(|uid| uid.literal());
        let large = number.is_some_and(|uid| uid.len() > 5 && uid.bytes().all(|byte| byte.is_ascii_digit()));
        large && !flags.has(&["-l", "--no-log-init"])
    };
    commands(stage, dockerfile, high, "`useradd` with a large number writes a huge file", "add `-l`", findings);
}

/// `dockerfile/label-key-invalid`
pub fn label_key_invalid(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    for instruction in dockerfile.looked_through(stage) {
        let InstructionKind::Label(pairs) = &instruction.kind else { continue };
        for pair in pairs {
            let name = pair.name.value.as_str();
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
            let reserved = ["com.docker.", "io.docker.", "org.dockerproject."].iter().any(|own| name.starts_with(own));
            let marks = name.contains("..") || name.contains("--") || name.contains(".-") || name.contains("-.");
            let valid = name.chars().all(|c| plain(c) || matches!(c, '.' | '-'))
                && name.starts_with(plain)
                && name.ends_with(plain);
            if reserved || marks || (!valid && !name.contains('$')) {
                report(stage, dockerfile, pair.name.span, format!("tools may refuse the label `{name}`"), findings)
                    .help("use small letters, digits, `.` and `-`");
            }
        }
    }
}

/// `dockerfile/inline-ignore-used`
pub fn inline_ignore_used(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    if stage.index != 0 {
        return;
    }
    let ignores = |text: &str| text.strip_prefix("hadolint").is_some_and(|rest| rest.contains("ignore="));
    for comment in dockerfile.file.comments.iter().filter(|comment| ignores(comment.text.trim_start())) {
        report(stage, dockerfile, comment.span, "a comment tells hadolint to overlook something", findings)
            .help("mend what it hides");
    }
}

/// `dockerfile/python-output-buffered`
pub fn python_output_buffered(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    let start = stage.image.cmd.as_ref().or(stage.image.entrypoint.as_ref());
    let runs_python = stage.base.value.likely().is_some_and(|base| python_runs(base)) && start.is_some();
    let by_flag = dockerfile.instructions(stage).any(|instruction| match &instruction.kind {
        InstructionKind::Cmd(_) | InstructionKind::Entrypoint(_) => instruction.arguments.text().contains("-u"),
        _ => false,
    });
    if stage.is_target && runs_python && !by_flag && !stage.image.environment.contains_key("PYTHONUNBUFFERED") {
        report(stage, dockerfile, stage.base_place.span, "Python holds back what it prints in this image", findings)
            .help("set `ENV PYTHONUNBUFFERED=1`");
    }
}
