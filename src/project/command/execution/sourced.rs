//! Files that a script reads into itself: `. ./env.sh`, `eval "$(…)"`, `export $(cat .env | xargs)`.

use super::{Flow, Run, unknown};
use crate::parse::shell::{Command, Script, Word, WordPart};
use crate::project::environment::Opening;
use crate::project::value::{Act, Reason, Step, Traced, Value};
use crate::source::{Place, RepoPath};
use std::sync::Arc;

/// Finds the script that a running script names, where the repository has it.
pub type Finds<'f> = &'f dyn Fn(&str) -> Option<(RepoPath, Arc<Script>)>;

/// Files that source files are followed so deep.
const MAX_DEPTH: usize = 8;
/// What puts programs into the path, or keys into an agent, and sets nothing that settings read.
const ACTIVATES: [&str; 8] = [
    "bin/activate",
    "conda.sh",
    "mamba.sh",
    "micromamba.sh",
    "nvm.sh",
    "asdf.sh",
    "virtualenvwrapper.sh",
    ".cargo/env",
];
/// Programs that print commands of that kind.
const TOOLS: [&str; 12] = [
    "brew",
    "conda",
    "dircolors",
    "fnm",
    "lesspipe",
    "mamba",
    "micromamba",
    "nodenv",
    "poetry",
    "pyenv",
    "rbenv",
    "ssh-agent",
];

impl Run<'_> {
    /// `. file`: what the file does happens here.
    pub(super) fn source(&mut self, command: &Command, certain: bool) -> Flow {
        let Some(word) = command.words.get(1) else { return Flow::On };
        let name = word.expand(&self.variables);
        let name = name.known().filter(|name| !self.moved || name.starts_with('/'));
        let found = name.and_then(|name| (self.finds)(name));
        let followed = found.filter(|(path, script)| {
            let shells = ["sh", "bash", "ash", "dash", "zsh", "ksh"];
            let other = script.interpreter().is_some_and(|interpreter| !shells.contains(&interpreter));
            !other && self.sourced.len() < MAX_DEPTH && !self.sourced.contains(path)
        });
        let Some((path, script)) = followed else {
            if is_activation(word) {
                self.activated();
            } else {
                self.open(command);
            }
            return Flow::On;
        };
        let before = self.variables.clone();
        let mut sourced = std::mem::take(&mut self.sourced);
        sourced.push(path.clone());
        let mut inner = Run {
            script: &script,
            path: &path,
            variables: before.clone(),
            kept: self.kept.clone(),
            exports_all: self.exports_all,
            moved: self.moved,
            finds: self.finds,
            sourced,
            setters: std::mem::take(&mut self.setters),
            done: Vec::new(),
            steps: self.steps,
            copied: self.copied,
            calls: Vec::new(),
        };
        let flow = inner.commands(0..script.commands.len(), None, &Value::Known(true));
        let (variables, kept) = (inner.variables, inner.kept);
        (self.steps, self.copied, self.moved) = (inner.steps, inner.copied, inner.moved);
        (self.exports_all, self.setters, self.sourced) = (inner.exports_all, inner.setters, inner.sourced);
        self.sourced.pop();
        self.note_setters(&script);
        self.variables = variables;
        self.kept = kept;
        if !certain {
            let changed = self.changed();
            for (name, traced) in &mut changed.set {
                if before.set.get(name) != Some(traced) {
                    traced.value = Value::Unknown(Reason::Unsupported("a file that may not be read".to_owned()));
                }
            }
        }
        if flow == Flow::Exit && certain { Flow::Exit } else { Flow::On }
    }

    /// Functions of a file that was read are there from now on.
    fn note_setters(&mut self, script: &Script) {
        let sets = |command: &Command| {
            let setting = ["read", "source", ".", "eval", "unset", "mapfile", "getopts", "export", "set"];
            command.function.is_some()
                && (!command.assignments.is_empty()
                    || command.name().is_some_and(|name| setting.contains(&name.as_str())))
        };
        if script.commands.iter().any(sets) {
            self.setters.extend(script.functions.iter().map(|function| function.name.value.clone()));
        }
    }

    /// `eval "$(ssh-agent)"` sets what the tool is known to set, any other text anything.
    pub(super) fn evaluate(&mut self, command: &Command) {
        let of_tool = |word: &Word| match word.parts.as_slice() {
            [WordPart::Substitution(script)] => script.commands.iter().all(|command| {
                command.name().is_some_and(|name| TOOLS.contains(&name.rsplit('/').next().unwrap_or(&name)))
            }),
            _ => false,
        };
        if command.words.len() > 1 && command.words[1..].iter().all(of_tool) {
            self.activated();
        } else {
            self.open(command);
        }
    }

    /// `export $(grep -v '^#' .env | xargs)`: the lines of a file, split at blanks, none of them expanded.
    pub(super) fn export_lines(&mut self, word: &Word, command: &Command) {
        let Some(script) = self.printed_file(word) else { return self.open(command) };
        let lines: Vec<_> = script.commands.iter().flat_map(|line| &line.assignments).cloned().collect();
        for (name, value) in lines {
            let value = match value.literal() {
                Some(text) if !text.contains([' ', '\t', '#']) => Value::Known(text),
                _ => Value::Unknown(Reason::Unsupported("a line that is split into words".to_owned())),
            };
            let step = Step::new(Place::new(self.path.clone(), command.span), Act::Sets(name.value.clone()));
            self.export(&name.value);
            self.set(&name.value, Traced::new(value, vec![step]));
        }
    }

    /// The one file that a command prints line by line.
    fn printed_file(&self, word: &Word) -> Option<Arc<Script>> {
        let [WordPart::Substitution(script)] = word.parts.as_slice() else { return None };
        let prints = |name: String| matches!(name.as_str(), "cat" | "grep" | "egrep" | "xargs");
        if self.moved || !script.commands.iter().all(|command| command.name().is_some_and(prints)) {
            return None;
        }
        let words = script.commands.iter().flat_map(|command| command.words.iter().skip(1).filter_map(Word::literal));
        let mut files = words.filter(|name| !name.starts_with('-')).filter_map(|name| (self.finds)(&name));
        let (_, file) = files.next()?;
        files.next().is_none().then_some(file)
    }

    fn activated(&mut self) {
        for name in ["PATH", "VIRTUAL_ENV", "PS1"] {
            self.set(name, unknown("`activate`"));
        }
    }

    /// Any variable may be set from here on.
    pub(super) fn open(&mut self, command: &Command) {
        let reason = Reason::Unsupported(format!("`{}`", command.words[0].text()));
        let step = Step::new(
            Place::new(self.path.clone(), command.span),
            Act::Loads(command.words.get(1).map_or_else(String::new, |word| word.text().to_owned())),
        );
        let variables = self.changed();
        // Hardly any sourced file gives its caller new arguments.
        let evaluated = command.name().as_deref() == Some("eval");
        let changed = variables.set.iter_mut().filter(|(name, _)| evaluated || !super::is_positional(name));
        changed.for_each(|(_, traced)| traced.value = Value::Unknown(reason.clone()));
        variables.open.get_or_insert(Opening { reason, step: Some(step) });
    }
}

/// `. venv/bin/activate`, and `source activate name` of conda.
fn is_activation(word: &Word) -> bool {
    let path = word.text().trim_end_matches(['"', '\'']);
    path == "activate" || ACTIVATES.iter().any(|known| path.ends_with(known))
}
