//! Programs that health checks call, and images that surely do not have them.

use crate::parse::dockerfile::CommandForm;
use crate::parse::shell::{self, Guard};
use crate::project::command::{Action, Invocation, from_fragments, invocations, script_invocations};
use crate::project::compose::Probe;
use crate::project::deployment::Build;
use crate::project::image::known::{is_alpine, lacks_curl_and_wget};
use crate::project::image::reference::ImageReference;
use crate::project::image::{BuildStep, CopySource};

/// The commands of a health check, in order.
pub fn commands_of_probe(probe: &Probe<'_>) -> Vec<Invocation> {
    match probe {
        Probe::Shell(text) => script_invocations(&shell::parse(&text.text).0),
        Probe::Exec(words) => {
            let words: Vec<_> = words.iter().map(|word| word.text.clone()).collect();
            invocations(&from_fragments(&words))
        }
        Probe::Image | Probe::Disabled => Vec::new(),
    }
}

/// The commands of an image's health check, in order.
pub fn commands_of_form(form: &CommandForm) -> Vec<Invocation> {
    match form {
        CommandForm::Exec(words) => invocations(&from_fragments(words)),
        CommandForm::Shell(text) => script_invocations(&shell::parse(text).0),
        CommandForm::Heredoc { .. } => Vec::new(),
    }
}

/// Whether a check with these commands never fails: a failure has no consequence, or there is nothing that could.
pub fn never_fails(commands: &[Invocation]) -> bool {
    let Some((last, before)) = commands.split_last() else { return false };
    // What stands after `&&` is not run after a failure, which is then the result.
    let after_failure = matches!(last.guards.last(), Some(Guard::Or(_)));
    let always = !matches!(last.guards.last(), Some(Guard::And(_)));
    let zero = |exit: &Invocation| exit.arguments().first().is_none_or(|code| code.is("0"));
    let succeeds = match last.program.as_str() {
        "true" | ":" => always,
        "exit" => always && zero(last),
        "echo" | "printf" => after_failure,
        _ => false,
    };
    let may_end = |command: &Invocation| match command.program.as_str() {
        "exit" => !zero(command),
        program => program == "set",
    };
    succeeds && !before.iter().any(may_end)
}

/// The first program of a health check that the image surely does not have. `steps` are all those of its stages.
pub fn missing_tool<'c>(commands: &'c [Invocation], build: &Build, steps: &[&BuildStep]) -> Option<&'c Invocation> {
    let image = &build.image;
    let base = ImageReference::parse(image.base.value.known().or_else(|| image.base.value.likely())?);
    let lacks = |tool: &str| match tool {
        "curl" => lacks_curl_and_wget(&base) || is_alpine(&base),
        "wget" => lacks_curl_and_wget(&base) && !is_alpine(&base),
        "nc" | "netcat" => lacks_curl_and_wget(&base) && !is_alpine(&base),
        "pg_isready" => lacks_curl_and_wget(&base) || is_alpine(&base),
        _ => false,
    };
    commands.iter().find(|command| {
        let tool = command.program.as_str();
        lacks(tool) && !steps.iter().any(|step| may_bring(step, tool)) && !is_copied(build)
    })
}

/// Whether a step may bring a program: it is installed or used there, or what runs there is not seen.
fn may_bring(step: &BuildStep, tool: &str) -> bool {
    let opaque = |command: &Invocation| {
        let program = command.program.as_str();
        program.is_empty()
            || program.ends_with(".sh")
            || program.ends_with(".py")
            || matches!(
                program,
                "sh" | "bash"
                    | "ash"
                    | "dash"
                    | "source"
                    | "."
                    | "make"
                    | "just"
                    | "ansible-playbook"
                    | "dpkg"
                    | "rpm"
                    | "tar"
                    | "unzip"
            )
            || program == tool
            || command.words.first().is_some_and(|word| word.text().starts_with("./"))
    };
    let brings = |name: &str| match tool {
        "nc" | "netcat" => name.contains("netcat") || name.contains("nmap") || name.contains("busybox"),
        "pg_isready" => name.contains("postgres") || name.contains("pgsql"),
        tool => name.contains(tool) || BRINGERS.iter().any(|bringer| name.starts_with(bringer)),
    };
    step.commands.iter().any(opaque)
        || step.packages.iter().any(|(_, command)| {
            let system = command.manager.is_system();
            system
                && command.action == Action::Install
                && (command.packages.is_empty()
                    || command.packages.iter().any(|package| {
                        package.name.is_empty() || package.word.literal().is_none() || brings(&package.name)
                    }))
        })
}

/// Packages of Debian that bring curl or wget along, or may.
const BRINGERS: [&str; 10] = [
    "build-essential",
    "chromium",
    "default-j",
    "devscripts",
    "nodejs",
    "npm",
    "openjdk",
    "software-properties",
    "task-",
    "texlive",
];

/// Whether programs are copied into the folders where programs are looked for.
fn is_copied(build: &Build) -> bool {
    build.copies().any(|(_, copy)| {
        let into = copy.destination.value.likely().map(String::as_str);
        let programs = into.is_none_or(|to| to == "/" || to.starts_with("/usr") || to.starts_with("/bin"));
        // Of the project's own files none is such a program.
        programs && copy.from != CopySource::Context
    })
}
