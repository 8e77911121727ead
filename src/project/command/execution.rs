//! A script followed with given variables: what runs, in order, and with which variables.

mod exports;
mod sourced;

pub use sourced::Finds;

use super::entrypoint::new_arguments;
use crate::parse::shell::{Command, Guard, Operator, Script, ShellOption, Word, WordPart};
use crate::project::environment::{Lookup, Variables};
use crate::project::value::{Act, Reason, Step, Traced, Value};
use crate::source::{Place, RepoPath};
use std::collections::BTreeSet;
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
    /// Those among them that the script keeps to itself: set, and not exported.
    pub kept: Arc<BTreeSet<String>>,
}

/// How many commands are followed: functions may call each other without end.
const MAX_STEPS: usize = 10_000;
/// How many variables are copied: each place that a command stands at has its own set.
const MAX_COPIED: usize = 200_000;
/// How deeply calls of functions are followed.
const MAX_CALLS: usize = 16;

/// Follows `script` (at `path`) as a process with the variables `variables` runs it. Arguments are given as variables
/// named `1`, `2`, … and `#`. Calls of the script's functions are followed; loops are followed once. Ends where the
/// script certainly ends (`exec`, `exit`). `kept` are the variables that nobody exported; `finds` has the files that it
/// sources.
pub fn execute(
    script: &Script,
    variables: &Variables,
    kept: &Arc<BTreeSet<String>>,
    path: &RepoPath,
    finds: Finds<'_>,
) -> Vec<Execution> {
    let mut run = Run {
        script,
        path,
        variables: Arc::new(variables.clone()),
        kept: kept.clone(),
        exports_all: false,
        moved: false,
        finds,
        sourced: Vec::new(),
        setters: Vec::new(),
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
    kept: Arc<BTreeSet<String>>,
    /// Whether `set -a` is on.
    exports_all: bool,
    /// Whether it may have left the folder that it was started in.
    moved: bool,
    finds: Finds<'a>,
    /// The sourced files that are being followed, outermost first.
    sourced: Vec<RepoPath>,
    /// Functions of sourced files that may set variables: their calls are not followed.
    setters: Vec<String>,
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
            self.done.push(Execution {
                command: index,
                runs: runs.clone(),
                variables: self.variables.clone(),
                kept: self.kept.clone(),
            });
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
                self.declared(command);
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
            Some("source" | ".") if !stays => return self.source(command, certain),
            Some("eval") if !stays => self.evaluate(command),
            Some("read" | "getopts" | "mapfile") => self.read(command),
            Some("cd" | "pushd" | "popd") if !stays => self.moved = true,
            Some("shift") => self.hide_arguments(),
            Some("set") => {
                self.switch_exports(command);
                self.replace_arguments(command, certain);
            }
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
                if function.is_none() && self.setters.iter().any(|setter| setter == name) {
                    self.open(command);
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
        self.keep_or_export(name, command);
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
                self.keep_or_export(&name, command);
                self.set(&name, Traced::new(value, vec![step]));
            }
        }
    }

    /// `read NAME` sets what it names.
    fn read(&mut self, command: &Command) {
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
