//! The shells that run commands: which failures they stop at, and which of them stay in front of a program.
//!
//! A shell is one process: a script that another script calls is read by a shell of its own, one that is sourced is not.

use crate::parse::shell::{Guard, Word};
use crate::project::command::Invocation;
use crate::source::{RepoPath, Span};

/// How far from one shell to the next is followed.
const MAX_CLIMB: usize = 32;

/// A shell that reads a script or a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shell {
    /// The script; `None` for text: `sh -c`, the lines of a step, what is sent to another machine.
    pub script: Option<RepoPath>,
    /// The command that started it: an index among the commands. `None` where nothing that is listed did.
    pub started_by: Option<usize>,
    /// The shell whose command's own words are the text: the guards of that command are this one's, too.
    pub parent: Option<usize>,
    /// Whether `-e` is on, in the end.
    pub errexit: bool,
    /// Whether `pipefail` is on, in the end.
    pub pipefail: bool,
    /// Whether it does something of its own on signals or at its end (`trap`).
    pub traps: bool,
    /// Whether a variable keeps the status of a command (`status=$?`), so that what fails may be looked at later.
    pub keeps_status: bool,
}

/// Where a command stands among the shells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The shell that runs it: an index among the shells; `None` where no shell does (`CMD ["gunicorn", …]`).
    pub shell: Option<usize>,
    /// Whether `-e` is on at its place.
    pub errexit: bool,
    /// Whether `pipefail` is on at its place.
    pub pipefail: bool,
}

/// Why a failure has no consequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unnoticed {
    /// Nothing makes the shell stop (`set -e`).
    NoErrexit,
    /// The line says so: `|| true`.
    OnPurpose,
    /// It stands left of `&&`, where `set -e` does not look.
    LeftOfAnd,
    /// Its output goes to another command, and the success of that counts.
    Piped,
}

/// A command that stands in a shell.
pub trait InShell {
    /// What is run.
    fn invocation(&self) -> &Invocation;
    /// Where it stands.
    fn standing(&self) -> Standing;
    /// Whether it may run at all.
    fn may_happen(&self) -> bool {
        true
    }
}

/// Commands in the order in which they run, and the shells that run them.
pub struct Flow<'a, C> {
    /// The commands.
    pub commands: &'a [C],
    /// The shells.
    pub shells: &'a [Shell],
    /// The command by which an entrypoint goes on to what has no shell or another start: `exec "$@"`.
    pub handover: Option<usize>,
}

impl<C: InShell> Flow<'_, C> {
    /// The command whose failure is not noticed, and why, where `later` is come to although `step` fails: `step`, or
    /// what called the script that stops with it. `None` where it is not, or where that cannot be told.
    pub fn goes_on(&self, step: usize, later: usize) -> Option<(usize, Unnoticed)> {
        let mut step = step;
        for _ in 0..MAX_CLIMB {
            match self.goes_on_in_its_shell(step, later) {
                Verdict::Noticed => return None,
                Verdict::Unnoticed(why) => return Some((step, why)),
                Verdict::Caller(caller) => step = caller,
            }
        }
        None
    }

    fn goes_on_in_its_shell(&self, step: usize, later: usize) -> Verdict {
        let (invocation, standing) = (self.commands[step].invocation(), self.commands[step].standing());
        let Some(shell) = standing.shell.filter(|_| !invocation.background) else { return Verdict::Noticed };
        let next = self.anchor(later, shell);
        let depends = |at: usize| asks_for(self.commands[at].invocation(), invocation.span, |_| true);
        if next.is_some_and(|next| next <= step || depends(next)) || self.status_is_read(step, later, shell) {
            return Verdict::Noticed;
        }
        let is_asked = |of: fn(&Guard) -> bool| {
            self.in_shell(shell).any(|at| asks_for(self.commands[at].invocation(), invocation.span, of))
        };
        let caller = || self.shells[shell].started_by.map_or(Verdict::Noticed, Verdict::Caller);
        let why = if invocation.failure_ignored {
            Unnoticed::OnPurpose
        } else if invocation.tested {
            // `if step`, `step || …` and loops look at it; so may what is not told apart.
            let and = |guard: &Guard| matches!(guard, Guard::And(_));
            if is_asked(|guard| !matches!(guard, Guard::And(_))) || !is_asked(and) {
                return Verdict::Noticed;
            }
            Unnoticed::LeftOfAnd
        } else if invocation.pipeline.is_some_and(|position| position.is_piped()) && !standing.pipefail {
            Unnoticed::Piped
        } else if standing.errexit {
            return if next.is_some() { Verdict::Noticed } else { caller() };
        } else {
            Unnoticed::NoErrexit
        };
        let is_last = self.in_shell(shell).all(|at| at <= step || depends(at) || !does_something(&self.commands[at]));
        if next.is_none() && is_last && why != Unnoticed::OnPurpose { caller() } else { Verdict::Unnoticed(why) }
    }

    /// The command of `shell` by which `later` comes about: itself, or what called the script that it stands in.
    fn anchor(&self, later: usize, shell: usize) -> Option<usize> {
        let mut at = later;
        for _ in 0..MAX_CLIMB {
            let mut own = self.commands[at].standing().shell;
            while let Some(index) = own {
                if index == shell {
                    return Some(at);
                }
                own = self.shells[index].parent.filter(|parent| *parent < index);
            }
            at = self.started_by(at).filter(|caller| *caller < at)?;
        }
        None
    }

    /// What started the shell that a command stands in, or handed over to it.
    fn started_by(&self, at: usize) -> Option<usize> {
        let shell = self.commands[at].standing().shell.map(|shell| self.outermost(shell));
        shell.and_then(|shell| self.shells[shell].started_by).or(self.handover)
    }

    /// The shell that the words of a nested text stand in at last.
    fn outermost(&self, mut shell: usize) -> usize {
        while let Some(parent) = self.shells[shell].parent.filter(|parent| *parent < shell) {
            shell = parent;
        }
        shell
    }

    fn in_shell(&self, shell: usize) -> impl Iterator<Item = usize> {
        (0..self.commands.len()).filter(move |at| self.commands[*at].standing().shell == Some(shell))
    }

    /// Whether `$?` is looked at between the two.
    fn status_is_read(&self, step: usize, later: usize, shell: usize) -> bool {
        self.shells[shell].keeps_status
            || self.in_shell(shell).filter(|at| *at > step && *at < later).any(|at| {
                let invocation = self.commands[at].invocation();
                invocation.words.iter().chain(invocation.environment.iter().map(|(_, value)| value)).any(reads_status)
                    || invocation.guards.iter().filter_map(Guard::condition).flat_map(|it| it.words()).any(reads_status)
            })
    }

    /// The command from which `exec` is missing, so that a shell stays in front of the program that `at` runs and
    /// keeps signals from it. `None` where no shell surely stays.
    pub fn shell_stays(&self, at: usize) -> Option<usize> {
        let mut at = at;
        let mut cause = None;
        for _ in 0..MAX_CLIMB {
            let invocation = self.commands[at].invocation();
            if let Some(shell) = self.commands[at].standing().shell {
                let shell = self.outermost(shell);
                let reads_file = self.shells[shell].script.is_some();
                let simple = invocation.pipeline.is_none() && !invocation.background;
                if self.shells[shell].traps || !simple {
                    return None;
                }
                // `sh -c "…"` may become the last program of its text; a shell that reads a file never does.
                if reads_file && !invocation.replaces_shell() {
                    let follows = |after: usize| after > at && does_something(&self.commands[after]);
                    if self.in_shell(shell).any(follows) {
                        return None;
                    }
                    cause = cause.or(Some(at));
                }
            }
            match self.started_by(at).filter(|caller| *caller < at) {
                Some(caller) => at = caller,
                None => return cause,
            }
        }
        None
    }
}

enum Verdict {
    Noticed,
    Unnoticed(Unnoticed),
    /// The shell ends with the failure: what called it decides.
    Caller(usize),
}

/// Whether a guard of those wanted asks for the success of the command at `span`.
fn asks_for(invocation: &Invocation, span: Span, wanted: impl Fn(&Guard) -> bool) -> bool {
    invocation.guards.iter().filter(|guard| wanted(guard)).filter_map(Guard::condition).any(|condition| {
        condition.commands().iter().any(|command| command.span.start <= span.start && span.end <= command.span.end)
    })
}

/// Whether a word has `$?` in it.
pub fn reads_status(word: &Word) -> bool {
    word.parameters().iter().any(|parameter| parameter.name == "?")
}

fn does_something<C: InShell>(command: &C) -> bool {
    command.may_happen() && command.invocation().does_something()
}

/// What the words of `set` and the flags of a shell say of `-e` and `pipefail`.
pub fn switches(words: &[Word]) -> (Option<bool>, Option<bool>) {
    let (mut errexit, mut pipefail) = (None, None);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let text = word.text();
        let on = match text.as_bytes() {
            [b'-', b'-', ..] | [b'-'] => break,
            [b'-', ..] => true,
            [b'+', ..] => false,
            _ => break,
        };
        for letter in text[1..].chars() {
            match letter {
                'e' => errexit = Some(on),
                'o' => match words.next().map(Word::text) {
                    Some("errexit") => errexit = Some(on),
                    Some("pipefail") => pipefail = Some(on),
                    _ => {}
                },
                _ => {}
            }
        }
    }
    (errexit, pipefail)
}

impl Shell {
    /// Takes in what a command does to the shell that runs it: `set`, `trap`.
    pub fn take_in(&mut self, invocation: &Invocation) {
        let words = invocation.arguments();
        match invocation.program.as_str() {
            "set" => self.switch(words),
            "trap" => {
                // `trap … ERR` is how some write `set -e`.
                self.errexit |= words.iter().any(|word| word.is("ERR"));
                self.traps |= words.iter().skip(1).any(|word| !word.is("ERR"));
            }
            _ => {}
        }
    }

    /// Takes in options: those of `set`, or of the shell's own words.
    pub fn switch(&mut self, words: &[Word]) {
        let (errexit, pipefail) = switches(words);
        self.errexit = errexit.unwrap_or(self.errexit);
        self.pipefail = pipefail.unwrap_or(self.pipefail);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::shell;
    use crate::project::command::script_invocations;
    use crate::source::Fragment;

    struct Placed(Invocation, Standing);

    impl InShell for Placed {
        fn invocation(&self) -> &Invocation {
            &self.0
        }
        fn standing(&self) -> Standing {
            self.1
        }
    }

    /// A script that one shell reads, as a file.
    fn read(text: &str) -> (Vec<Placed>, Vec<Shell>) {
        let (script, _) = shell::parse(&Fragment::verbatim(text, 0));
        let mut own = Shell { script: RepoPath::new("start.sh"), ..Shell::default() };
        let mut commands = Vec::new();
        for invocation in script_invocations(&script) {
            let standing = Standing { shell: Some(0), errexit: own.errexit, pipefail: own.pipefail };
            own.take_in(&invocation);
            commands.push(Placed(invocation, standing));
        }
        (commands, vec![own])
    }

    /// Why `step` may fail and `end` runs all the same.
    fn why(text: &str) -> Option<Unnoticed> {
        let (commands, shells) = read(text);
        let at = |name: &str| commands.iter().position(|command| command.0.program == name).unwrap();
        let flow = Flow { commands: &commands, shells: &shells, handover: None };
        flow.goes_on(at("step"), at("end")).map(|(_, why)| why)
    }

    #[test]
    fn failures_that_nobody_notices() {
        assert_eq!(why("step\nend"), Some(Unnoticed::NoErrexit));
        assert_eq!(why("step; set -e; end"), Some(Unnoticed::NoErrexit));
        assert_eq!(why("set -e\nset +e\nstep\nend"), Some(Unnoticed::NoErrexit));
        assert_eq!(why("set -e\nstep || true\nend"), Some(Unnoticed::OnPurpose));
        assert_eq!(why("step || echo failed\nend"), Some(Unnoticed::OnPurpose));
        assert_eq!(why("set -e\nstep && other\nend"), Some(Unnoticed::LeftOfAnd));
        assert_eq!(why("set -e\nstep | tee log\nend"), Some(Unnoticed::Piped));
        assert_eq!(why("if [ -n \"$X\" ]; then step; fi\nend"), Some(Unnoticed::NoErrexit));
    }

    #[test]
    fn failures_that_stop_the_script_or_are_looked_at() {
        for text in [
            "set -e\nstep\nend",
            "set -euo pipefail\nstep | tee log\nend",
            "set -o errexit\nstep\nend",
            "trap 'exit 1' ERR\nstep\nend",
            "step && end",
            "step && other && end",
            "step || exit 1\nend",
            "step || { echo failed; exit 1; }\nend",
            "if step; then end; fi",
            "if ! step; then exit 1; fi\nend",
            "until step; do sleep 1; done\nend",
            "step\nif [ $? -ne 0 ]; then exit 1; fi\nend",
            "step &\nend",
        ] {
            assert_eq!(why(text), None, "{text}");
        }
    }

    #[test]
    fn a_shell_stays_in_front_of_what_is_not_its_last_act() {
        let stays = |text: &str| {
            let (commands, shells) = read(text);
            let at = commands.iter().position(|command| command.0.program == "server").unwrap();
            Flow { commands: &commands, shells: &shells, handover: None }.shell_stays(at).is_some()
        };
        assert!(stays("step\nserver"));
        assert!(stays("step\nserver\necho done"));
        assert!(!stays("exec server"));
        assert!(!stays("exec env A=b server"));
        assert!(!stays("trap 'kill $!' TERM\nserver"));
        assert!(!stays("server\nclean_up"));
        assert!(!stays("server &\nwait"));
        assert!(!stays("server | tee log"));
    }
}
