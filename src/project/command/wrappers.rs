//! The wrappers whose own words are only flags and a few arguments before the program that they run. From their
//! manuals.

use super::flags::Syntax;
use super::{Flags, WrapperKind};
use crate::parse::shell::Word;
use crate::source::{Span, Spanned};

/// What a wrapper's words say.
pub(super) struct Taken {
    /// What it does.
    pub kind: WrapperKind,
    /// The words of the program that it runs.
    pub words: Vec<Word>,
    /// Assignments that it makes.
    pub environment: Vec<(Spanned<String>, Word)>,
}

const fn flags(valued: &'static [&'static str]) -> Syntax {
    Syntax::valued(valued).then_command()
}

/// Takes the wrapper `program` off `words` (which begin with it); `None` where it is no wrapper or runs nothing.
pub(super) fn take(program: &str, words: &[Word]) -> Option<Taken> {
    let arguments = &words[1..];
    let plain = |kind: WrapperKind, syntax: Syntax| taken(kind, Flags::read(arguments, &syntax).arguments);
    match program {
        "exec" => plain(WrapperKind::Exec, flags(&["-a"])),
        "command" | "builtin" => {
            let read = Flags::read(arguments, &flags(&[]));
            // `command -v x` only asks.
            if read.has(&["-v", "-V"]) { None } else { taken(WrapperKind::Other, read.arguments) }
        }
        "sudo" | "doas" => {
            let syntax =
                flags(&["-u", "--user", "-g", "--group", "-h", "-p", "-C", "-r", "-t", "-U", "-D", "-R", "-T"]);
            let read = Flags::read(arguments, &syntax);
            let user = read.value(&["-u", "--user"]).cloned();
            assigned(WrapperKind::User(user), read.arguments)
        }
        "env" => {
            let read = Flags::read(arguments, &flags(&["-u", "--unset", "-C", "--chdir", "-S", "--split-string"]));
            assigned(WrapperKind::Other, read.arguments)
        }
        "nohup" | "setsid" | "chronic" | "unbuffer" | "eatmydata" | "ddtrace-run" => {
            plain(WrapperKind::Other, flags(&[]))
        }
        "time" => plain(WrapperKind::Other, flags(&["-f", "-o"])),
        "nice" => plain(WrapperKind::Other, flags(&["-n", "--adjustment"])),
        "ionice" => plain(WrapperKind::Other, flags(&["-c", "-n", "-p", "--class", "--classdata"])),
        "stdbuf" => plain(WrapperKind::Other, flags(&["-i", "-o", "-e", "--input", "--output", "--error"])),
        "timeout" => after(WrapperKind::Other, arguments, &flags(&["-s", "--signal", "-k", "--kill-after"]), 1),
        "chroot" => after(WrapperKind::Other, arguments, &flags(&[]), 1),
        "flock" => after(WrapperKind::Other, arguments, &flags(&["-w", "--timeout", "-E"]), 1),
        "opentelemetry-instrument" => {
            // Every flag of it takes a value but these.
            let syntax = Syntax { switches: &["--version", "--help"], ..flags(&[]) };
            plain(WrapperKind::Other, syntax)
        }
        "newrelic-admin" => subcommand(WrapperKind::Other, arguments, &flags(&[]), &["run-program"], &flags(&[])),
        "gosu" | "su-exec" | "s6-setuidgid" | "chpst" => {
            let read = Flags::read(arguments, &flags(&["-u"]));
            let user = read.value(&["-u"]).cloned();
            match user {
                Some(user) => taken(WrapperKind::User(Some(user)), read.arguments),
                None => taken(WrapperKind::User(read.arguments.first().cloned()), skip(read.arguments, 1)),
            }
        }
        "runuser" => {
            let read = Flags::read(arguments, &flags(&["-u", "--user", "-g", "-G", "-s"]));
            let user = read.value(&["-u", "--user"]).cloned()?;
            taken(WrapperKind::User(Some(user)), read.arguments)
        }
        "setpriv" => {
            let valued =
                &["--reuid", "--regid", "--groups", "--inh-caps", "--ambient-caps", "--bounding-set", "--securebits"];
            let read = Flags::read(arguments, &flags(valued));
            let user = read.value(&["--reuid"]).cloned();
            taken(WrapperKind::User(user), read.arguments)
        }
        "tini" | "docker-init" | "catatonit" => plain(WrapperKind::Init, flags(&["-p", "-e"])),
        "dumb-init" => plain(WrapperKind::Init, flags(&["-r", "--rewrite"])),
        "xargs" => {
            let valued = &[
                "-a",
                "-d",
                "-E",
                "-I",
                "-L",
                "-n",
                "-P",
                "-s",
                "--arg-file",
                "--delimiter",
                "--max-args",
                "--max-procs",
            ];
            plain(WrapperKind::Each, flags(valued))
        }
        "poetry" => {
            let own = flags(&["-C", "--directory", "-P", "--project"]);
            subcommand(WrapperKind::Runner, arguments, &own, &["run"], &own)
        }
        "pipenv" => subcommand(WrapperKind::Runner, arguments, &flags(&["--python"]), &["run"], &flags(&[])),
        "pdm" | "rye" => {
            let own = flags(&["-c", "--config", "-p", "--project"]);
            subcommand(WrapperKind::Runner, arguments, &own, &["run"], &flags(&["-p", "--project", "--venv"]))
        }
        "hatch" => {
            let own = flags(&["-e", "--env", "-p", "--project", "--config"]);
            let mut taken = subcommand(WrapperKind::Runner, arguments, &own, &["run"], &flags(&[]))?;
            // `hatch run prod:gunicorn`: an environment stands before the colon.
            if let Some((environment, _)) = taken.words[0].prefix().split_once(':') {
                let prefix = format!("{environment}:");
                taken.words[0] = taken.words[0].strip_prefix(&prefix)?;
            }
            Some(taken)
        }
        "conda" | "mamba" | "micromamba" => {
            let own = flags(&["-n", "--name", "-p", "--prefix", "--cwd"]);
            subcommand(WrapperKind::Runner, arguments, &own, &["run"], &own)
        }
        "dotenv" => {
            let own = flags(&["-f", "--file", "-q", "--quote"]);
            subcommand(WrapperKind::Other, arguments, &own, &["run"], &flags(&[]))
        }
        "doppler" | "infisical" | "op" | "chamber" | "aws-vault" | "teller" | "summon" => {
            // Services, profiles and flags stand before the dashes.
            let dashes = arguments.iter().position(|word| word.is("--"))?;
            taken(WrapperKind::Other, arguments[dashes + 1..].to_vec())
        }
        "wait-for-it.sh" | "wait-for-it" | "wait-for" | "wait-for.sh" | "wait_for_it.sh" | "wait-for-postgres.sh" => {
            let dashes = arguments.iter().position(|word| word.is("--"))?;
            taken(WrapperKind::Wait, arguments[dashes + 1..].to_vec())
        }
        "dockerize" => {
            let switches = &["-validate-cert", "-poll", "-no-overwrite", "-version", "--version"];
            plain(WrapperKind::Wait, Syntax { switches, single_dash: true, ..flags(&[]) })
        }
        "watchmedo" => {
            let valued = &[
                "-d",
                "--directory",
                "-p",
                "--pattern",
                "--patterns",
                "-i",
                "--ignore-pattern",
                "--ignore-patterns",
                "--signal",
                "--kill-after",
                "--interval",
                "--debounce-interval",
                "--timeout",
            ];
            subcommand(WrapperKind::Reload, arguments, &flags(&[]), &["auto-restart"], &flags(valued))
        }
        "entr" => plain(WrapperKind::Reload, flags(&[])),
        "find" => {
            let exec = arguments.iter().position(|word| word.is("-exec") || word.is("-execdir"))?;
            let command = &arguments[exec + 1..];
            let end = command.iter().position(|word| word.is(";") || word.is("+")).unwrap_or(command.len());
            taken(WrapperKind::Each, command[..end].to_vec())
        }
        "kubectl" | "oc" => {
            let own = flags(&["-n", "--namespace", "--context", "--kubeconfig"]);
            let read = Flags::read(arguments, &own);
            let (first, rest) = read.arguments.split_first()?;
            if !first.is("exec") {
                return None;
            }
            let dashes = rest.iter().position(|word| word.is("--"))?;
            let pod = Flags::read(&rest[..dashes], &flags(&["-n", "--namespace", "-c", "--container"])).arguments;
            taken(WrapperKind::ContainerExec(pod.first()?.clone()), rest[dashes + 1..].to_vec())
        }
        "heroku" => {
            let own = flags(&["-a", "--app"]);
            let read = Flags::read(arguments, &own);
            let (first, rest) = read.arguments.split_first()?;
            let app = read.value(&["-a", "--app"]).or(Some(first)).cloned()?;
            if !(first.is("run") || first.is("run:detached")) {
                return None;
            }
            let run = Flags::read(rest, &flags(&["-a", "--app", "-s", "--size", "-r", "--remote"]));
            taken(WrapperKind::ContainerRun(run.value(&["-a", "--app"]).cloned().unwrap_or(app)), run.arguments)
        }
        _ => None,
    }
}

fn taken(kind: WrapperKind, words: Vec<Word>) -> Option<Taken> {
    (!words.is_empty()).then_some(Taken { kind, words, environment: Vec::new() })
}

fn skip(mut words: Vec<Word>, count: usize) -> Vec<Word> {
    words.drain(..count.min(words.len()));
    words
}

/// The program after flags and `count` arguments of the wrapper.
fn after(kind: WrapperKind, arguments: &[Word], syntax: &Syntax, count: usize) -> Option<Taken> {
    let rest = skip(Flags::read(arguments, syntax).arguments, count);
    // `timeout 5 -- cmd`
    let dashes = usize::from(rest.first().is_some_and(|word| word.is("--")));
    taken(kind, skip(rest, dashes))
}

/// The program after a subcommand that runs it.
fn subcommand(kind: WrapperKind, arguments: &[Word], own: &Syntax, names: &[&str], syntax: &Syntax) -> Option<Taken> {
    let read = Flags::read(arguments, own);
    let (first, rest) = read.arguments.split_first()?;
    names.iter().any(|name| first.is(name)).then(|| taken(kind, Flags::read(rest, syntax).arguments)).flatten()
}

/// The program after `A=b` words.
fn assigned(kind: WrapperKind, arguments: Vec<Word>) -> Option<Taken> {
    let count = arguments.iter().take_while(|word| assignment(word).is_some()).count();
    let environment = arguments[..count].iter().filter_map(assignment).collect();
    let words = skip(arguments, count);
    (!words.is_empty()).then_some(Taken { kind, words, environment })
}

/// `A=b` as a word.
pub(super) fn assignment(word: &Word) -> Option<(Spanned<String>, Word)> {
    let (name, _) = word.prefix().split_once('=')?;
    let valid = !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let value = valid.then(|| word.strip_prefix(&format!("{name}="))).flatten()?;
    Some((Spanned::new(name.to_owned(), word.span), value))
}

/// From the first of `words` up to where the program begins.
pub(super) fn wrapper_span(words: &[Word], rest: &[Word]) -> Span {
    let count = words.len().saturating_sub(rest.len()).max(1).min(words.len());
    words[..count].iter().map(|word| word.span).reduce(Span::to).unwrap_or_default()
}
