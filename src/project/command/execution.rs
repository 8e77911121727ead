//! A script followed with given variables: what runs, in order, and with which variables.

use super::entrypoint::new_arguments;
use crate::parse::shell::{Command, Guard, Operator, Script, ShellOption, Word, WordPart};
use crate::project::environment::{Lookup, Variables};
use crate::project::value::{Act, Reason, Step, Traced, Value};
use crate::source::{Place, RepoPath};
use std::sync::Arc;

/// One command that runs, or may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// The command: an index in [`Script::commands`].
    pub command: usize,
    /// Whether it runs. Commands that certainly do not are left out.
    pub runs: Value<bool>,
    /// The variables at its place: those at the start, and what the script has set since. Arguments are under their
    /// numbers, and their count under `#`.
    pub variables: Arc<Variables>,
}

/// How many commands are followed: functions may call each other without end.
const MAX_STEPS: usize = 10_000;
/// How many variables are copied: each place that a command stands at has its own set.
const MAX_COPIED: usize = 200_000;
/// How deeply calls of functions are followed.
const MAX_CALLS: usize = 16;

/// Follows `script` (at `path`) as a process with the variables `variables` runs it. Arguments are given as variables
/// named `1`, `2`, … and `#`. Calls of the script's functions are followed; loops are followed once. Ends where the
/// script certainly ends (`exec`, `exit`).
pub fn execute(script: &Script, variables: &Variables, path: &RepoPath) -> Vec<Execution> {
    let mut run = Run {
        script,
        path,
        variables: Arc::new(variables.clone()),
        done: Vec::new(),
        steps: 0,
        copied: 0,
        calls: Vec::new(),
    };
    run.commands(0..script.commands.len(), None, &Value::Known(true));
    run.done
}

struct Run<'a> {
    script: &'a Script,
    path: &'a RepoPath,
    variables: Arc<Variables>,
    done: Vec<Execution>,
    steps: usize,
    copied: usize,
    calls: Vec<usize>,
}

/// A guard, and the variables when it was reached.
struct Asked {
    identity: usize,
    variables: Arc<Variables>,
}

/// The same for all branches of one `if` or `case`.
fn identity(guard: &Guard) -> usize {
    match guard {
        Guard::If { condition, .. } | Guard::And(condition) | Guard::Or(condition) | Guard::Loop { condition, .. } => {
            Arc::as_ptr(condition) as usize
        }
        Guard::For { values, .. } => values.as_ptr() as usize,
        Guard::Case { case, .. } => Arc::as_ptr(case) as usize,
        Guard::Function(index) => *index,
    }
}

#[derive(PartialEq, Eq)]
enum Flow {
    On,
    Return,
    Exit,
}

impl Run<'_> {
    /// Follows the commands of `range` that belong to `function` (`None`: to no function).
    fn commands(&mut self, range: std::ops::Range<usize>, function: Option<usize>, outer: &Value<bool>) -> Flow {
        let mut asked = Vec::new();
        for index in range {
            let command = &self.script.commands[index];
            if command.function != function {
                continue;
            }
            self.steps += 1;
            if self.steps > MAX_STEPS || self.copied > MAX_COPIED {
                return Flow::Exit;
            }
            let runs = self.guarded(command, outer, &mut asked);
            if runs == Value::Known(false) {
                continue;
            }
            self.done.push(Execution { command: index, runs: runs.clone(), variables: self.variables.clone() });
            let flow = self.effect(command, &runs);
            if flow != Flow::On {
                return flow;
            }
        }
        Flow::On
    }

    /// Whether `command` runs. `asked` holds the guards of the command before, with the variables that each was asked
    /// with: `if` asks once, whatever its branches do to the variables.
    fn guarded(&self, command: &Command, outer: &Value<bool>, asked: &mut Vec<Asked>) -> Value<bool> {
        let guards = command.guards.iter().filter(|guard| !matches!(guard, Guard::Function(_)));
        let mut runs = outer.clone();
        for (level, guard) in guards.clone().enumerate() {
            let identity = identity(guard);
            if asked.get(level).is_none_or(|asked| asked.identity != identity) {
                asked.truncate(level);
                asked.push(Asked { identity, variables: self.variables.clone() });
            }
            runs = match (runs, guard.value(&asked[level].variables)) {
                (Value::Known(false), _) | (_, Value::Known(false)) => return Value::Known(false),
                (Value::Known(true), value) | (value, Value::Known(true)) => value,
                (Value::Default(false), _) | (_, Value::Default(false)) => Value::Default(false),
                (Value::Default(true), value) | (value, _) => value,
            };
        }
        asked.truncate(guards.count());
        runs
    }

    /// What a command does to what follows.
    fn effect(&mut self, command: &Command, runs: &Value<bool>) -> Flow {
        let certain = *runs == Value::Known(true) && !command.background;
        // A subshell and a pipeline change nothing outside.
        let stays = command.subshell || command.pipeline.is_some_and(|position| position.is_piped());
        if command.words.is_empty() || is_declaration(command) {
            if !stays {
                command.assignments.iter().for_each(|(name, value)| self.assign(name, value, command, certain));
            }
            return Flow::On;
        }
        for word in &command.words {
            self.assigning_expansions(word, command, certain);
        }
        match command.name().as_deref() {
            Some("unset") if !stays => {
                for name in command.words[1..].iter().filter_map(Word::literal) {
                    let value = if certain { Traced::absent() } else { unknown("`unset`") };
                    self.set(&name, value);
                }
            }
            Some("read" | "source" | "." | "eval" | "getopts" | "mapfile") => self.unknown_from(command),
            Some("shift") => self.hide_arguments(),
            Some("set") => self.replace_arguments(command, certain),
            Some("exec") if command.words.len() > 1 && certain && !stays => return Flow::Exit,
            Some("exit") if certain && !stays => return Flow::Exit,
            Some("return") if certain => return Flow::Return,
            Some(name) => {
                let function = self.script.functions.iter().rposition(|function| function.name.value == name);
                if let Some(function) = function.filter(|function| !self.calls.contains(function))
                    && self.calls.len() < MAX_CALLS
                {
                    return self.call(function, command, runs);
                }
            }
            None => {}
        }
        Flow::On
    }

    fn call(&mut self, function: usize, command: &Command, runs: &Value<bool>) -> Flow {
        let outer = self.variables.clone();
        let arguments = command.words[1..].to_vec();
        let passes_on = matches!(arguments.as_slice(), [word] if matches!(word.parts.as_slice(),
            [WordPart::Parameter(parameter)] if parameter.is_all_arguments()));
        if !passes_on {
            self.positional(&arguments, true);
        }
        self.calls.push(function);
        let flow = self.commands(self.script.functions[function].commands.clone(), Some(function), runs);
        self.calls.pop();
        if !passes_on {
            // The caller has its own arguments back.
            let mut variables = (*self.variables).clone();
            variables.set.retain(|name, _| !is_positional(name));
            variables
                .set
                .extend(outer.set.iter().filter(|(name, _)| is_positional(name)).map(|(n, v)| (n.clone(), v.clone())));
            self.copied += variables.set.len();
            self.variables = Arc::new(variables);
        }
        if flow == Flow::Exit { Flow::Exit } else { Flow::On }
    }

    /// The variables, to be changed; a copy where a place before has the same.
    fn changed(&mut self) -> &mut Variables {
        if Arc::get_mut(&mut self.variables).is_none() {
            self.copied += self.variables.set.len();
        }
        Arc::make_mut(&mut self.variables)
    }

    fn set(&mut self, name: &str, value: Traced<String>) {
        self.changed().set.insert(name.to_owned(), value);
    }

    fn assign(&mut self, name: &crate::source::Spanned<String>, value: &Word, command: &Command, certain: bool) {
        let step = Step::new(Place::new(self.path.clone(), command.span), Act::Sets(name.value.clone()));
        let new = value.expand(&self.variables);
        let value = match (certain, self.variables.lookup(name)) {
            (true, _) => new,
            // It may or may not be assigned: one of two, where both are known.
            (false, Lookup::Set(Traced { value: Value::Known(old), .. })) => match new {
                Value::Known(new) if new == *old => Value::Known(new),
                Value::Known(new) => Value::OneOf(vec![old.clone(), new]),
                _ => Value::Unknown(Reason::Unsupported("an assignment that may not happen".to_owned())),
            },
            (false, Lookup::Unset) if new.known().is_some() => {
                Value::OneOf(vec![String::new(), new.known().cloned().unwrap_or_default()])
            }
            _ => Value::Unknown(Reason::Unsupported("an assignment that may not happen".to_owned())),
        };
        self.set(name, Traced::new(value, vec![step]));
    }

    /// `: "${NAME:=value}"`.
    fn assigning_expansions(&mut self, word: &Word, command: &Command, certain: bool) {
        let assigned: Vec<(String, Value<String>)> = word
            .parameters()
            .into_iter()
            .filter(|parameter| matches!(parameter.operator, Some(Operator::Assign { .. })))
            .map(|parameter| (parameter.name.clone(), parameter.expand(&self.variables)))
            .collect();
        for (name, value) in assigned {
            let step = Step::new(Place::new(self.path.clone(), command.span), Act::FallsBack(name.clone()));
            if certain {
                self.set(&name, Traced::new(value, vec![step]));
            }
        }
    }

    /// A command whose effect on variables is not followed: `read NAME` sets those that it names, a sourced file any.
    fn unknown_from(&mut self, command: &Command) {
        let sources = matches!(command.name().as_deref(), Some("source" | "." | "eval"));
        if is_activation(command) {
            for name in ["PATH", "VIRTUAL_ENV", "PS1"] {
                self.set(name, unknown("`activate`"));
            }
            return;
        }
        if sources {
            let reason = Reason::Unsupported(format!("`{}`", command.words[0].text()));
            let step = Step::new(
                Place::new(self.path.clone(), command.span),
                Act::Loads(command.words.get(1).map_or_else(String::new, |word| word.text().to_owned())),
            );
            let variables = self.changed();
            // Hardly any sourced file gives its caller new arguments.
            let evaluated = command.name().as_deref() == Some("eval");
            let changed = variables.set.iter_mut().filter(|(name, _)| evaluated || !is_positional(name));
            changed.for_each(|(_, traced)| traced.value = Value::Unknown(reason.clone()));
            variables.open.get_or_insert(crate::project::environment::Opening { reason, step: Some(step) });
            return;
        }
        for name in command.words[1..].iter().filter_map(Word::literal).filter(|name| !name.starts_with('-')) {
            self.set(&name, unknown("`read`"));
        }
    }

    fn hide_arguments(&mut self) {
        self.changed().set.retain(|name, _| !is_positional(name));
    }

    /// `set -- …` gives new arguments; `set -e` and its like do nothing to variables.
    fn replace_arguments(&mut self, command: &Command, certain: bool) {
        if let Some(arguments) = new_arguments(command) {
            let arguments = arguments.to_vec();
            self.positional(&arguments, certain);
        }
    }

    fn positional(&mut self, arguments: &[Word], certain: bool) {
        let values: Vec<Value<String>> = arguments.iter().map(|word| word.expand(&self.variables)).collect();
        self.hide_arguments();
        // `"$@"` among them stands for any number of arguments, and so does what is not quoted.
        let plain = arguments.iter().all(|word| !word.has_unquoted_expansion())
            && values.iter().all(|value| !value.is_unknown());
        if !certain || !plain {
            return;
        }
        self.set("#", Traced::new(Value::Known(values.len().to_string()), Vec::new()));
        for (index, value) in values.into_iter().enumerate() {
            self.set(&(index + 1).to_string(), Traced::new(value, Vec::new()));
        }
    }
}

/// `. venv/bin/activate`: puts the programs of a virtual environment first, and sets nothing else that matters.
fn is_activation(command: &Command) -> bool {
    let sourced = command.words.get(1).filter(|_| matches!(command.name().as_deref(), Some("source" | ".")));
    sourced.is_some_and(|path| path.text().trim_end_matches(['"', '\'']).ends_with("bin/activate"))
}

fn unknown(what: &str) -> Traced<String> {
    Traced::new(Value::Unknown(Reason::Unsupported(what.to_owned())), Vec::new())
}

fn is_positional(name: &str) -> bool {
    name == "#" || name == "@" || name == "*" || name.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_declaration(command: &Command) -> bool {
    matches!(command.name().as_deref(), Some("export" | "declare" | "typeset" | "readonly" | "local"))
}

impl Execution {
    /// Whether a failure of the command ends the script: `set -e` is on and nothing looks at the failure.
    pub fn is_fatal(&self, script: &Script) -> bool {
        let command = &script.commands[self.command];
        script.options.on_at(ShellOption::Errexit, self.command) && !command.tested && !command.failure_ignored()
    }
}
