//! Programs that keep others running: what they are told to start.

use super::Container;
use crate::parse::procfile::Procfile;
use crate::parse::shell::Word;
use crate::project::command::{Invocation, Syntax};
use crate::project::environment::Variables;
use crate::source::{Fragment, RepoPath};

/// The commands that an invocation of a supervisor starts, and the file of the repository that they are written in:
/// supervisord's configuration, or the Procfile of honcho and its kind.
pub(super) fn commands(
    container: &Container<'_>,
    invocation: &Invocation,
    variables: &Variables,
) -> Option<(RepoPath, Vec<Fragment>)> {
    match invocation.program.as_str() {
        "supervisord" => by_supervisord(container, invocation),
        _ if reads_procfile(invocation) => by_procfile(container, invocation, variables),
        _ => None,
    }
}

/// Whether an invocation starts the processes of a Procfile.
pub(super) fn reads_procfile(invocation: &Invocation) -> bool {
    matches!(invocation.program.as_str(), "honcho" | "foreman" | "overmind" | "goreman")
        && verb(invocation).is_some_and(|verb| matches!(verb.as_str(), "start" | "s"))
}

fn verb(invocation: &Invocation) -> Option<String> {
    invocation.flags(&PROCFILE_FLAGS).arguments.first()?.literal()
}

/// The flags of honcho, foreman, overmind and goreman that take a value; what they share means the same.
const PROCFILE_FLAGS: Syntax = Syntax::valued(&[
    "-c",
    "--concurrency",
    "-m",
    "--formation",
    "-f",
    "--procfile",
    "-d",
    "--app-root",
    "--root",
    "-e",
    "--env",
    "-p",
    "--port",
    "-t",
    "--timeout",
    "-l",
    "--processes",
    "-x",
    "--ignored-processes",
    "-s",
    "--socket",
    "-q",
    "--quiet",
    "-N",
    "-w",
    "--tmux-config",
    "-b",
    "-r",
    "--can-die",
    "--auto-restart",
    "--basedir",
    "--baseport",
]);

/// The processes of a Procfile that are started: all, or those that are named.
fn by_procfile(
    container: &Container<'_>,
    invocation: &Invocation,
    variables: &Variables,
) -> Option<(RepoPath, Vec<Fragment>)> {
    let flags = invocation.flags(&PROCFILE_FLAGS);
    let text = |word: &Word| word.expand(variables).likely().cloned();
    let value = |names: &[&str]| flags.value(names).map(text);
    let (_, named) = flags.arguments.split_first()?;
    // What cannot be told may name any file.
    let name = value(&["-f", "--procfile"]).unwrap_or_else(|| Some("Procfile".to_owned()))?;
    let folder = value(&["-d", "--app-root", "--root", "--basedir"]).unwrap_or_else(|| Some(String::new()))?;
    let path = container.script(&if folder.is_empty() || name.starts_with('/') {
        name
    } else {
        format!("{}/{name}", folder.trim_end_matches('/'))
    })?;
    let file = container.snapshot.procfile(&path).ok()?;
    let mut named: Vec<String> = named.iter().map(text).collect::<Option<_>>()?;
    let list = |names: &[&str]| value(names).flatten().unwrap_or_default();
    named.extend(list(&["-l", "--processes"]).split(',').filter(|name| !name.is_empty()).map(str::to_owned));
    let counts = list(&["-c", "--concurrency", "-m", "--formation"]);
    let ignored = list(&["-x", "--ignored-processes"]);
    Some((path, lines(&file.0, &named, &counts, &ignored)))
}

/// The lines of the processes that run, the one that is called `web` last: it tells what the container is for.
fn lines(file: &Procfile, named: &[String], counts: &str, ignored: &str) -> Vec<Fragment> {
    let counted = |name: &str| counts.split(',').filter_map(|it| it.split_once('=')).find(|it| it.0.trim() == name);
    let runs = |name: &str| {
        let count = counted(name).or_else(|| counted("all")).map(|(_, count)| count.trim());
        (named.is_empty() || named.iter().any(|it| it == name))
            && count != Some("0")
            && !ignored.split(',').any(|it| it.trim() == name)
    };
    let (web, others): (Vec<_>, Vec<_>) =
        file.processes.iter().filter(|line| runs(&line.name)).partition(|line| line.name.value == "web");
    others.into_iter().chain(web).map(|line| line.command.clone()).collect()
}

/// The command lines of the supervisor's configuration that an invocation of `supervisord` reads.
fn by_supervisord(container: &Container<'_>, invocation: &Invocation) -> Option<(RepoPath, Vec<Fragment>)> {
    let words: Vec<String> = invocation.arguments().iter().filter_map(Word::literal).collect();
    let named = words
        .iter()
        .position(|word| matches!(word.as_str(), "-c" | "--configuration"))
        .and_then(|at| words.get(at + 1));
    let usual =
        ["/etc/supervisord.conf", "/etc/supervisor/supervisord.conf", "/etc/supervisor/conf.d/supervisord.conf"];
    let path = named.map(String::as_str).into_iter().chain(usual).find_map(|path| container.script(path))?;
    let source = container.snapshot.source(&path).ok()?;
    let mut offset = 0;
    let mut lines = Vec::new();
    for line in source.text.split_inclusive('\n') {
        if let Some(value) = line.strip_prefix("command").and_then(|rest| rest.trim_start().strip_prefix('=')) {
            let start = offset + line.len() - value.len();
            let blank = value.len() - value.trim_start().len();
            lines.push(Fragment::verbatim(filled_in(value.trim()), start + blank));
        }
        offset += line.len();
    }
    Some((path, lines))
}

/// A command of a supervisor's configuration as a shell would read it, of the same length. `%(ENV_WORKERS)s` is a variable
/// without which supervisord does not start; what else it fills in is a word of its own.
fn filled_in(command: &str) -> String {
    let mut text = String::with_capacity(command.len());
    let mut rest = command;
    while let Some((before, after)) = rest.split_once("%(") {
        text.push_str(before);
        let Some((name, behind)) = after.split_once(')') else {
            text.push_str("%(");
            rest = after;
            continue;
        };
        match (name.strip_prefix("ENV_"), behind.strip_prefix('s')) {
            (Some(variable), Some(behind)) => {
                text.push_str(&format!("${{{variable}:?env}}"));
                rest = behind;
            }
            _ => {
                text.push_str(&format!("__{name}_"));
                rest = behind;
            }
        }
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::procfile;

    #[test]
    fn what_supervisord_fills_in_tears_no_command_apart() {
        let told = |command: &str| {
            let text = filled_in(command);
            assert_eq!(text.len(), command.len(), "{text}");
            text
        };
        assert_eq!(told("gunicorn -w %(ENV_WORKERS)s school.wsgi"), "gunicorn -w ${WORKERS:?env} school.wsgi");
        assert_eq!(told("daphne --fd %(process_num)02d -p 80"), "daphne --fd __process_num_02d -p 80");
        assert_eq!(told("date +%H %(broken"), "date +%H %(broken");
    }

    #[test]
    fn of_a_procfile_what_is_named_is_started() {
        let text = "web: gunicorn school.wsgi\nworker: celery -A school worker\nbeat: celery -A school beat\n";
        let (file, _) = procfile::parse(text);
        let told = |named: &[&str], counts: &str, ignored: &str| {
            let named: Vec<String> = named.iter().map(|name| (*name).to_owned()).collect();
            let lines = lines(&file, &named, counts, ignored);
            lines.iter().map(|line| line.text().rsplit(' ').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(told(&[], "", ""), ["worker", "beat", "school.wsgi"]);
        assert_eq!(told(&["beat", "web"], "", ""), ["beat", "school.wsgi"]);
        assert_eq!(told(&[], "web=2, beat=0", ""), ["worker", "school.wsgi"]);
        assert_eq!(told(&[], "all=0,worker=1", ""), ["worker"]);
        assert_eq!(told(&[], "", "web,beat"), ["worker"]);
    }
}
