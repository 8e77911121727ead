//! Procfiles: `name: command` lines, as Heroku, Dokku, Honcho and Foreman read them.

use crate::source::{Fragment, Problem, Span, Spanned};

/// A Procfile.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Procfile {
    /// The process types in the order of the text.
    pub processes: Vec<Process>,
}

/// A process type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its name: `web`, `worker`, `release`.
    pub name: Spanned<String>,
    /// The command, for a shell.
    pub command: Fragment,
}

/// Reads a Procfile. A line is a process where a name of letters, digits, `-` and `_` begins it, followed by a colon.
pub fn parse(text: &str) -> (Procfile, Vec<Problem>) {
    let mut file = Procfile::default();
    let mut problems = Vec::new();
    let mut at = text.len() - text.trim_start_matches('\u{feff}').len();
    for line in text[at..].split_inclusive('\n') {
        let start = at;
        at += line.len();
        let line = line.trim_end();
        if line.is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let name = line.split_once(':').map(|(name, _)| name).filter(|name| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        });
        let Some(name) = name else {
            problems.push(Problem::new(Span::new(start, start + line.len()), "the line is no `name: command`"));
            continue;
        };
        let after = &line[name.len() + 1..];
        let command = after.trim_start();
        let offset = start + line.len() - command.len();
        file.processes.push(Process {
            name: Spanned::new(name.to_owned(), Span::new(start, start + name.len())),
            command: Fragment::verbatim(command, offset),
        });
    }
    (file, problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processes_are_lines() {
        let text = "\u{feff}# processes\nrelease: python manage.py migrate\r\nweb:  gunicorn config.wsgi --bind :$PORT\n\nno process\n";
        let (file, problems) = parse(text);
        let names: Vec<_> = file.processes.iter().map(|process| process.name.value.as_str()).collect();
        assert_eq!(names, ["release", "web"]);
        assert_eq!(file.processes[0].command.text(), "python manage.py migrate");
        let web = &file.processes[1];
        assert_eq!(&text[web.command.span().range()], "gunicorn config.wsgi --bind :$PORT");
        assert_eq!(&text[web.name.span.range()], "web");
        assert_eq!(&text[problems[0].span.range()], "no process");
    }

    #[test]
    fn any_text_is_read() {
        for text in ["", ":", "a:", "é: x", "a:b:c", "\n\n", "#"] {
            let (file, _) = parse(text);
            assert!(file.processes.iter().all(|process| text.get(process.command.span().range()).is_some()));
        }
    }
}
