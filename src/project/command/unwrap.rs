//! From commands to what they run.

use super::compose::{self, ComposeCommand};
use super::docker;
use super::flags::Syntax;
use super::wrappers::{assignment, take, wrapper_span};
use super::{Flags, Invocation, Wrapper, WrapperKind, program_name};
use crate::parse::shell::{self, Command, Redirect, RedirectKind, Script, Word};
use crate::source::{Fragment, Span};
use std::collections::HashSet;

/// How many wrappers and nested scripts are taken off.
const MAX_DEPTH: usize = 12;
/// How many invocations one command may lead to.
const MAX_INVOCATIONS: usize = 5_000;

/// What `command` runs, in order. What runs a program elsewhere (`docker exec`, `ssh`) is listed itself, before the
/// program; other wrappers are not. Commands in substitutions come before the command that uses them.
pub fn invocations(command: &Command) -> Vec<Invocation> {
    let mut found = Found::default();
    let mut redirects = command.redirects.clone();
    redirects.extend(command.group_redirects.iter().filter(|redirect| is_input(redirect)).cloned());
    collect(command, &Invocation { redirects, ..Invocation::default() }, 0, &mut found);
    found.invocations
}

/// What all commands of a script run, in order. A script that is piped into a shell (`cat <<END | ssh host`) is read.
pub fn script_invocations(script: &Script) -> Vec<Invocation> {
    let mut found = Found::default();
    let passing = passing_functions(script);
    let mut piped: Option<Redirect> = None;
    for command in &script.commands {
        let position = command.pipeline;
        let mut outer = Invocation::default();
        outer.redirects.extend(command.group_redirects.iter().filter(|redirect| is_input(redirect)).cloned());
        if position.is_some_and(|position| position.index > 0) {
            outer.redirects.extend(piped.take());
        }
        outer.redirects.splice(0..0, command.redirects.iter().cloned());
        match passed_on(command, &passing) {
            Some((via, inner)) => {
                outer.via.push(via);
                collect(&inner, &outer, 0, &mut found);
            }
            None => collect(command, &outer, 0, &mut found),
        }
        let feeds = position.is_some_and(|position| position.is_piped()) && command.name().as_deref() == Some("cat");
        piped = feeds.then(|| command.redirects.iter().find(|redirect| is_input(redirect)).cloned()).flatten();
    }
    found.invocations
}

/// What was found so far.
#[derive(Default)]
struct Found {
    invocations: Vec<Invocation>,
    /// The commands in substitutions that are listed already. A script in double quotes keeps its substitutions, so
    /// that they are met in the word and in the script.
    substituted: HashSet<(Span, String)>,
}

/// The functions that run their arguments: `retry() { "$@" || …; }`.
fn passing_functions(script: &Script) -> Vec<&str> {
    let functions = script.functions.iter().enumerate().filter(|(index, function)| {
        script.body(function).iter().any(|command| {
            command.function == Some(*index) && command.words.first().is_some_and(super::entrypoint::is_all_arguments)
        })
    });
    functions.map(|(_, function)| function.name.as_str()).collect()
}

/// The command that a call of such a function runs.
fn passed_on(command: &Command, functions: &[&str]) -> Option<(Wrapper, Command)> {
    let name = command.name().filter(|name| functions.contains(&name.as_str()))?;
    // `retry 5 cmd`: numbers are the function's own.
    let own = |word: &&Word| word.literal().is_some_and(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let start = 1 + command.words[1..].iter().take_while(own).count();
    let words = command.words[start..].to_vec();
    if words.is_empty() || words.iter().any(super::entrypoint::is_all_arguments) {
        return None;
    }
    let via = wrapper(&name, WrapperKind::Other, wrapper_span(&command.words, &words));
    let mut inner = command.clone();
    inner.words = words;
    Some((via, inner))
}

fn is_input(redirect: &Redirect) -> bool {
    matches!(redirect.kind, RedirectKind::HereDocument | RedirectKind::HereString | RedirectKind::Input)
}

/// Lists what `command` runs inside `outer`, which gives the wrappers, guards and environment around it.
fn collect(command: &Command, outer: &Invocation, depth: usize, found: &mut Found) {
    if found.invocations.len() >= MAX_INVOCATIONS || depth > MAX_DEPTH {
        return;
    }
    let substituted = outer.via.last().is_some_and(|via| via.kind == WrapperKind::Substitution);
    if substituted {
        let text = command.words.iter().map(Word::text).collect::<Vec<_>>().join(" ");
        if !found.substituted.insert((command.span, text)) {
            return;
        }
    }
    let mut invocation = outer.clone();
    invocation.words = command.words.clone();
    invocation.environment.extend(command.assignments.iter().cloned());
    invocation.guards.extend(command.guards.iter().cloned());
    invocation.span = command.span;
    invocation.function = command.function.or(outer.function);
    invocation.pipeline = command.pipeline.or(outer.pipeline);
    invocation.background |= command.background;
    invocation.tested |= command.tested;
    invocation.failure_ignored |= command.failure_ignored();

    let values = command.assignments.iter().map(|(_, value)| value);
    let targets = command.redirects.iter().map(|redirect| &redirect.target);
    for word in values.chain(&command.words).chain(targets) {
        for script in word.substitutions() {
            let via = wrapper("$()", WrapperKind::Substitution, word.span);
            nested(script, &invocation, via, depth, found);
        }
    }
    if !invocation.words.is_empty() {
        unwrap(invocation, depth, found);
    }
}

fn wrapper(program: &str, kind: WrapperKind, span: Span) -> Wrapper {
    Wrapper { program: program.to_owned(), kind, span }
}

/// Lists what a script inside `outer` runs.
fn nested(script: &Script, outer: &Invocation, via: Wrapper, depth: usize, found: &mut Found) {
    let mut outer = outer.clone();
    outer.via.push(via);
    for command in &script.commands {
        let mut inner = outer.clone();
        if command.redirects.iter().any(is_input) {
            inner.redirects.clear();
        }
        inner.redirects.splice(0..0, command.redirects.iter().cloned());
        collect(command, &inner, depth + 1, found);
    }
}

fn nested_text(text: &Fragment, outer: &Invocation, via: Wrapper, depth: usize, found: &mut Found) {
    let (script, _) = shell::parse(text);
    // The guards of a script's functions name its own functions.
    let outer = Invocation { redirects: inputs_elsewhere(outer, text), ..outer.clone() };
    nested(&script, &outer, via, depth, found);
}

/// The redirects of `outer` but for the one that `text` itself was taken from.
fn inputs_elsewhere(outer: &Invocation, text: &Fragment) -> Vec<Redirect> {
    let from =
        |redirect: &&Redirect| redirect.document.as_ref().is_none_or(|document| document.body.span() != text.span());
    outer.redirects.iter().filter(from).filter(|redirect| is_input(redirect)).cloned().collect()
}

/// Takes wrappers off until a program is left.
fn unwrap(mut invocation: Invocation, depth: usize, found: &mut Found) {
    for _ in depth..=MAX_DEPTH {
        invocation.program = program_name(&invocation.words[0]);
        let program = invocation.program.clone();
        match program.as_str() {
            "sh" | "bash" | "dash" | "ash" | "zsh" | "ksh" => match shell_command(&invocation) {
                ShellCommand::Script(text) => {
                    let span = invocation.words_span();
                    let via = wrapper(&program, WrapperKind::Shell, span);
                    return nested_text(&text, &invocation, via, depth, found);
                }
                ShellCommand::File(words) => {
                    push_wrapper(&mut invocation, WrapperKind::Shell, words);
                    invocation.program = program_name(&invocation.words[0]);
                    break;
                }
                ShellCommand::Nothing => break,
            },
            "eval" | "su" | "watchfiles" | "ssh" | "autossh" | "gcloud" | "flyctl" | "fly" => {
                let Some((kind, text)) = text_argument(&program, &invocation) else { break };
                let via = wrapper(&program, kind.clone(), invocation.words_span());
                if matches!(kind, WrapperKind::Host(_)) {
                    found.invocations.push(invocation.clone());
                }
                return nested_text(&text, &invocation, via, depth, found);
            }
            "sshpass" => {
                let rest =
                    Flags::read(invocation.arguments(), &Syntax::valued(&["-p", "-f", "-d", "-P"]).then_command());
                if rest.arguments.is_empty() {
                    break;
                }
                push_wrapper(&mut invocation, WrapperKind::Other, rest.arguments);
            }
            "docker" | "podman" | "docker-compose" | "podman-compose" => {
                let Some((kind, words, environment)) = container_command(&invocation) else { break };
                found.invocations.push(invocation.clone());
                // What the caller sets does not reach into the container.
                invocation.environment = environment;
                push_wrapper(&mut invocation, kind, words);
            }
            _ if is_python(&program) => {
                let Some(module) = python(&mut invocation) else { break };
                if module {
                    // A module is named by its package: `python -m celery`.
                    invocation.program = invocation.words[0].literal().unwrap_or_default();
                }
                if !is_python_wrapper(&invocation.program) {
                    break;
                }
            }
            "coverage" => {
                let read = Flags::read(invocation.arguments(), &Syntax::default().then_command());
                if !read.arguments.first().is_some_and(|word| word.is("run")) {
                    break;
                }
                let valued =
                    &["--rcfile", "--source", "--omit", "--include", "--concurrency", "--context", "--data-file"];
                let run = Flags::read(&read.arguments[1..], &Syntax::valued(valued).then_command());
                let module = run.has(&["-m", "--module"]);
                if run.arguments.is_empty() {
                    break;
                }
                push_wrapper(&mut invocation, WrapperKind::Python { module }, run.arguments);
                invocation.program = program_name(&invocation.words[0]);
                break;
            }
            "uv" => {
                let Some(words) = uv_run(&mut invocation) else { break };
                push_wrapper(&mut invocation, WrapperKind::Runner, words);
            }
            _ => {
                let Some(taken) = take(&program, &invocation.words) else { break };
                invocation.environment.extend(taken.environment);
                push_wrapper(&mut invocation, taken.kind, taken.words);
            }
        }
    }
    if invocation.program.is_empty() {
        invocation.program = program_name(&invocation.words[0]);
    }
    found.invocations.push(invocation);
}

/// Records that the program is a wrapper of `words`, which take its place.
fn push_wrapper(invocation: &mut Invocation, kind: WrapperKind, words: Vec<Word>) {
    let span = wrapper_span(&invocation.words, &words);
    let program = std::mem::take(&mut invocation.program);
    invocation.via.push(Wrapper { program, kind, span });
    invocation.words = words;
}

enum ShellCommand {
    Script(Fragment),
    File(Vec<Word>),
    Nothing,
}

/// What a shell is told to run.
fn shell_command(invocation: &Invocation) -> ShellCommand {
    let mut words = invocation.arguments().iter();
    let mut command = false;
    let mut stdin = false;
    while let Some(word) = words.clone().next() {
        let text = word.prefix();
        if !(text.starts_with('-') || text.starts_with('+')) {
            break;
        }
        words.next();
        // A lone dash ends the options, too; with nothing after it the shell reads its input.
        if matches!(text, "-" | "--") {
            break;
        }
        if text.starts_with("--") {
            if matches!(text, "--rcfile" | "--init-file") {
                words.next();
            }
            continue;
        }
        command |= text.contains('c');
        stdin |= text.contains('s');
        if text.ends_with('o') || text.ends_with('O') {
            words.next();
        }
    }
    let mut rest = words.cloned();
    match rest.next() {
        Some(script) if command => ShellCommand::Script(script.script()),
        Some(file) if !stdin => ShellCommand::File(std::iter::once(file).chain(rest).collect()),
        _ => input(invocation).map_or(ShellCommand::Nothing, ShellCommand::Script),
    }
}

/// The text that a here-document or here-string feeds to the command.
fn input(invocation: &Invocation) -> Option<Fragment> {
    let redirect = invocation.redirects.iter().find(|redirect| is_input(redirect))?;
    match (&redirect.document, redirect.kind) {
        (Some(document), _) => Some(document.body.clone()),
        (None, RedirectKind::HereString) => Some(redirect.target.script()),
        _ => None,
    }
}

/// Several words as the one text that a shell reads.
fn joined(words: &[Word]) -> Fragment {
    if let [word] = words {
        return word.script();
    }
    let mut builder = Fragment::builder();
    for (index, word) in words.iter().enumerate() {
        if index > 0 {
            builder.push_replacement(" ", Span { start: word.span.start, end: word.span.start });
        }
        let text = word.script();
        builder.push_slice(&text, Span::new(0, text.text().len()));
    }
    builder.finish()
}

/// The script in the arguments or the input of a program that reads one, and what it does with it.
fn text_argument(program: &str, invocation: &Invocation) -> Option<(WrapperKind, Fragment)> {
    let arguments = invocation.arguments();
    match program {
        "eval" => (!arguments.is_empty()).then(|| (WrapperKind::Shell, joined(arguments))),
        "su" => {
            let read = Flags::read(arguments, &Syntax::valued(&["-c", "--command", "-s", "--shell", "-g", "-G"]));
            let user = read.arguments.iter().find(|word| !word.is("-")).cloned();
            let text = read.value(&["-c", "--command"]).map(Word::script).or_else(|| input(invocation))?;
            Some((WrapperKind::User(user), text))
        }
        "watchfiles" => {
            let valued =
                &["--filter", "--target-type", "--ignore-paths", "--args", "--sigint-timeout", "--sigkill-timeout"];
            let read = Flags::read(arguments, &Syntax::valued(valued));
            Some((WrapperKind::Reload, read.arguments.first()?.script()))
        }
        "gcloud" => {
            let position = arguments.iter().position(|word| word.is("ssh"))?;
            let read = Flags::read(&arguments[position + 1..], &Syntax::valued(&["--command", "--zone", "--project"]));
            let host = read.arguments.first()?.clone();
            Some((WrapperKind::Host(host), read.value(&["--command"])?.script()))
        }
        "fly" | "flyctl" => {
            let position = arguments.iter().position(|word| word.is("console"))?;
            let read = Flags::read(&arguments[position + 1..], &Syntax::valued(&["-C", "--command", "-a", "--app"]));
            let command = read.value(&["-C", "--command"])?;
            Some((WrapperKind::Host(read.value(&["-a", "--app"]).unwrap_or(command).clone()), command.script()))
        }
        _ => {
            let valued = &[
                "-B", "-b", "-c", "-D", "-E", "-e", "-F", "-I", "-i", "-J", "-L", "-l", "-m", "-M", "-O", "-o", "-p",
                "-Q", "-R", "-S", "-W", "-w",
            ];
            let read = Flags::read(arguments, &Syntax::valued(valued).then_command());
            let (host, rest) = read.arguments.split_first()?;
            // Flags may follow the host, too.
            let rest = Flags::read(rest, &Syntax::valued(valued).then_command()).arguments;
            let text = if rest.is_empty() { input(invocation)? } else { joined(&rest) };
            Some((WrapperKind::Host(host.clone()), text))
        }
    }
}

fn is_python(program: &str) -> bool {
    program
        .strip_prefix("python")
        .or_else(|| program.strip_prefix("pypy"))
        .is_some_and(|version| version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}

/// Modules and scripts that run another program.
fn is_python_wrapper(program: &str) -> bool {
    matches!(program, "coverage" | "poetry" | "pipenv" | "watchfiles" | "dotenv" | "uv")
}

/// Takes Python off a module or a script; whether it is a module. `None` where it runs neither.
fn python(invocation: &mut Invocation) -> Option<bool> {
    // `-m` and `-c` end Python's own flags.
    let mut at = 1;
    while let Some(word) = invocation.words.get(at) {
        let text = word.prefix().to_owned();
        if !text.starts_with('-') || text == "-" {
            break;
        }
        if text == "-W" || text == "-X" || text == "--check-hash-based-pycs" {
            at += 2;
            continue;
        }
        if text.starts_with("--") {
            at += 1;
            continue;
        }
        if text.contains('c') && !text.starts_with("-X") && !text.starts_with("-W") {
            return None;
        }
        if let Some(before) = text.find('m').filter(|_| !text.starts_with("-X") && !text.starts_with("-W")) {
            let prefix = &text[..=before];
            let attached = word.strip_prefix(prefix).filter(|_| text.len() > prefix.len());
            let start = if attached.is_some() { at } else { at + 1 };
            let mut words: Vec<Word> = invocation.words.get(start..)?.to_vec();
            let first = words.first_mut()?;
            if let Some(attached) = attached {
                *first = attached;
            }
            push_wrapper(invocation, WrapperKind::Python { module: true }, words);
            return Some(true);
        }
        at += 1;
    }
    let words: Vec<Word> = invocation.words.get(at..)?.to_vec();
    if words.is_empty() || words[0].is("-") {
        return None;
    }
    push_wrapper(invocation, WrapperKind::Python { module: false }, words);
    invocation.program = program_name(&invocation.words[0]);
    Some(false)
}

/// The program of `uv run`; with `-m`, Python is put before it.
fn uv_run(invocation: &mut Invocation) -> Option<Vec<Word>> {
    let own = Syntax::valued(&["--directory", "--project", "--config-file", "--color"]).then_command();
    let read = Flags::read(invocation.arguments(), &own);
    let (first, rest) = read.arguments.split_first()?;
    if !first.is("run") {
        return None;
    }
    let valued = &[
        "--env-file",
        "--with",
        "--with-editable",
        "--with-requirements",
        "--group",
        "--only-group",
        "--no-group",
        "--extra",
        "--no-extra",
        "-p",
        "--python",
        "--project",
        "--directory",
        "--package",
        "--index",
        "--cache-dir",
    ];
    let mut run = Flags::read(rest, &Syntax::valued(valued).then_command());
    if run.has(&["-m", "--module"]) && !run.arguments.is_empty() {
        let span = run.arguments[0].span;
        let at = Span { start: span.start, end: span.start };
        run.arguments.splice(0..0, [Word::of_text("python", at), Word::of_text("-m", at)]);
    }
    (!run.arguments.is_empty()).then_some(run.arguments)
}

type InContainer = (WrapperKind, Vec<Word>, Vec<(crate::source::Spanned<String>, Word)>);

/// The program that `docker exec`, `docker run` and those of compose run, where they name one.
fn container_command(invocation: &Invocation) -> Option<InContainer> {
    let (name, flags, arguments) = match compose::compose(invocation) {
        Some(ComposeCommand { subcommand, flags, arguments, .. }) => (subcommand?.value, flags, arguments),
        None => {
            let docker = docker::docker(invocation)?;
            (docker.name, docker.flags, docker.arguments)
        }
    };
    let (target, words) = arguments.split_first()?;
    let kind = match name.as_str() {
        "exec" => WrapperKind::ContainerExec(target.clone()),
        "run" => WrapperKind::ContainerRun(target.clone()),
        _ => return None,
    };
    let mut words = words.to_vec();
    // The arguments are those of the entrypoint, where one is given.
    if let Some(entrypoint) = flags.value(&["--entrypoint"]).filter(|word| !word.is("")) {
        let (script, _) = shell::parse(&entrypoint.script());
        if let [command] = script.commands.as_slice() {
            words.splice(0..0, command.words.iter().cloned());
        }
    }
    if words.is_empty() {
        return None;
    }
    let environment = flags.values(&["-e", "--env"]).iter().filter_map(assignment).collect();
    Some((kind, words, environment))
}
