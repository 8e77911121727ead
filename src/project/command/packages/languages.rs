//! The package managers of languages.

use super::{Action, Manager, Package, PackageCommand, is_open};
use crate::parse::shell::Word;
use crate::project::command::Invocation;
use crate::project::command::flags::{Flags, Syntax};

const PIP: Syntax = Syntax::valued(&[
    "-r",
    "--requirement",
    "-c",
    "--constraint",
    "-e",
    "--editable",
    "-t",
    "--target",
    "-i",
    "--index-url",
    "--extra-index-url",
    "-f",
    "--find-links",
    "--trusted-host",
    "--prefix",
    "--root",
    "--src",
    "--platform",
    "--python-version",
    "--implementation",
    "--abi",
    "--upgrade-strategy",
    "--no-binary",
    "--only-binary",
    "--global-option",
    "--install-option",
    "--config-settings",
    "--config-setting",
    "-C",
    "--cache-dir",
    "--timeout",
    "--retries",
    "--proxy",
    "--cert",
    "--client-cert",
    "--log",
    "--progress-bar",
    "--python",
    "-p",
    "--group",
    "--root-user-action",
    "--report",
    "--use-feature",
    "--use-deprecated",
    "--override",
    "--index-strategy",
    "--link-mode",
    "--extra",
    "--directory",
    "--project",
    "--pip-args",
    "--spec",
]);
const NODE: Syntax = Syntax::valued(&[
    "--prefix",
    "--registry",
    "--cache",
    "-C",
    "--dir",
    "--cwd",
    "--modules-folder",
    "--cache-folder",
    "--loglevel",
    "--omit",
    "--include",
    "--only",
    "-w",
    "--workspace",
    "--filter",
    "--network-timeout",
    "--network-concurrency",
    "--mutex",
]);
const GEM: Syntax =
    Syntax::valued(&["-v", "--version", "-i", "--install-dir", "-n", "--bindir", "-P", "-s", "--source", "--platform"]);

/// The command, where a manager of this kind is run.
pub(super) fn read(invocation: &Invocation) -> Option<PackageCommand> {
    let (manager, syntax) = match invocation.program.as_str() {
        "uv" => return uv(invocation),
        name if is_pip(name) => (Manager::Pip, &PIP),
        "pipx" => (Manager::Pipx, &PIP),
        "pipenv" => (Manager::Pipenv, &PIP),
        "poetry" => (Manager::Poetry, &PIP),
        "npm" => (Manager::Npm, &NODE),
        "yarn" | "yarnpkg" => (Manager::Yarn, &NODE),
        "pnpm" => (Manager::Pnpm, &NODE),
        "gem" => (Manager::Gem, &GEM),
        "go" => (Manager::Go, &Syntax { single_dash: true, ..Syntax::valued(&["-C", "-o", "-ldflags", "-tags"]) }),
        _ => return None,
    };
    let flags = invocation.flags(syntax);
    Some(command(invocation, manager, flags))
}

/// `pip`, `pip3`, `pip3.13`
fn is_pip(name: &str) -> bool {
    name.strip_prefix("pip").is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

fn uv(invocation: &Invocation) -> Option<PackageCommand> {
    let mut flags = invocation.flags(&PIP);
    if flags.arguments.first().is_some_and(|word| word.is("pip")) {
        flags.arguments.remove(0);
        let mut read = command(invocation, Manager::Pip, flags);
        // Its cache is another one, with flags of its own.
        read.manager = Manager::Uv;
        return Some(read);
    }
    let mut read = command(invocation, Manager::Uv, flags);
    if read.flags.arguments.is_empty() && read.action == Action::Install {
        read.packages.clear();
    }
    Some(read)
}

fn command(invocation: &Invocation, manager: Manager, mut flags: Flags) -> PackageCommand {
    let arguments = std::mem::take(&mut flags.arguments);
    let (verb, named) = match arguments.split_first() {
        Some((verb, named)) => (verb.prefix(), named),
        None => ("", &[][..]),
    };
    let action = match (manager, verb) {
        (Manager::Pip | Manager::Pipx | Manager::Gem, "install") | (Manager::Gem, "i") => Action::Install,
        (Manager::Pipenv, "install" | "sync") | (Manager::Poetry, "install" | "sync" | "add") => Action::Install,
        (Manager::Uv, "install" | "sync" | "add") => Action::Install,
        (Manager::Npm, "install" | "i" | "add" | "ci" | "clean-install") => Action::Install,
        (Manager::Yarn, "" | "install" | "add" | "global") => Action::Install,
        (Manager::Pnpm, "install" | "i" | "add") => Action::Install,
        (Manager::Go, "install" | "get" | "run") => Action::Install,
        (_, "cache" | "clean") => Action::Clean,
        _ => Action::Other,
    };
    // `yarn global add x`
    let named = match (manager, verb, named) {
        (Manager::Yarn, "global", [add, rest @ ..]) if add.is("add") => rest,
        (Manager::Yarn, "install" | "global", _) => &[],
        // `go run x args`
        (Manager::Go, "run", [program, ..]) => std::slice::from_ref(program),
        _ => named,
    };
    let held = is_held(manager, &flags);
    let packages = match action {
        Action::Install => named.iter().map(|word| package(manager, word, held)).collect(),
        _ => Vec::new(),
    };
    PackageCommand { manager, action, packages, flags, assumes_yes: true, span: invocation.words_span() }
}

/// Whether a file or a flag holds the versions of all that is named.
fn is_held(manager: Manager, flags: &Flags) -> bool {
    match manager {
        Manager::Pip | Manager::Pipx | Manager::Uv => flags.has(&[
            "-c",
            "--constraint",
            "-r",
            "--requirement",
            "-e",
            "--editable",
            "--require-hashes",
            "--no-index",
        ]),
        Manager::Gem => flags.has(&["-v", "--version"]),
        // They write what they resolve into a lock file, which is the project's.
        Manager::Pipenv | Manager::Poetry => true,
        _ => false,
    }
}

/// Whether pip would take whatever a repository's main branch holds: `git+https://…` without `@` and a revision.
fn is_moving_checkout(text: &str) -> bool {
    let Some((_, address)) = text.split_once("git+").and_then(|(_, rest)| rest.split_once("://")) else { return false };
    let path = address.split_once('/').map_or("", |(_, path)| path);
    !path.contains(['@', '$'])
}

fn package(manager: Manager, word: &Word, held: bool) -> Package {
    let text = word.text().trim_matches(['"', '\'']);
    let is_file = text.starts_with(['.', '/', '~'])
        || (text.contains("://") && !is_moving_checkout(text))
        || [".whl", ".gz", ".zip", ".tgz", ".gem"].iter().any(|ending| text.ends_with(ending));
    let (name, pinned) = match manager {
        Manager::Npm | Manager::Yarn | Manager::Pnpm => {
            // A scope begins with the same sign as a version.
            let at = text.get(1..).and_then(|rest| rest.find('@')).map(|at| at + 1);
            let version = at.map_or("", |at| &text[at + 1..]);
            let fixed = version.contains(|c: char| c.is_ascii_digit() || c == '$') || text.contains('#');
            (&text[..at.unwrap_or(text.len())], fixed || (at.is_none() && text.contains('/') && !text.starts_with('@')))
        }
        Manager::Go => {
            let (name, version) = text.split_once('@').unwrap_or((text, ""));
            (name, (!version.is_empty() && version != "latest") || !name.contains('.') || text.ends_with(".go"))
        }
        Manager::Gem => (text.split(':').next().unwrap_or(text), text.contains(':')),
        _ => {
            let end = text.find(['=', '<', '>', '~', '!', '[', '@', ' ', ';']).unwrap_or(text.len());
            (&text[..end], ["==", "~=", "<", "@"].iter().any(|mark| text.contains(mark)) && !is_moving_checkout(text))
        }
    };
    Package {
        word: word.clone(),
        name: name.to_ascii_lowercase(),
        is_pinned: held || is_file || pinned || is_open(word),
    }
}
