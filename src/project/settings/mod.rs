//! What Django's settings would be: an abstract interpreter over the syntax of the settings modules.
//!
//! It runs the program on values that carry how sure they are ([`Value`]) and how they
//! came about. A test that cannot be told makes it go both ways and join what comes out; a test that rests on the
//! fallback of a variable that may be set from outside makes it go one way, and what comes out rests on it too.
//! Everything is bounded: steps, depth, memory.

mod branches;
mod builtin_names;
mod builtins;
mod calls;
mod classes;
mod containers;
mod defaults;
mod equality;
mod evaluator;
mod exceptions;
mod export;
mod expressions;
mod format;
mod fragments;
mod heap;
mod inheritance;
mod libraries;
mod lookups;
mod methods;
mod modules;
mod names;
mod object;
mod operators;
mod reading;
mod servers;
mod sorting;
mod statements;
#[cfg(test)]
mod tests;
mod text_methods;
mod value;

pub use defaults::is_switch;
pub use reading::Reading;
pub use servers::{ServerAddress, is_loopback};
pub use value::{Entries, Item, Items, Object, PyValue, REPOSITORY, lies_in, shown_path};

use crate::parse::python::Module;
use crate::project::django::versions::DjangoVersions;
use crate::project::environment::Variables;
use crate::project::value::{Reason, Traced, Value};
use crate::source::{Place, RepoPath};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The files that a program could import or open. A path that is not there gives `None` or `false`.
pub trait Files: Sync {
    /// The syntax of a Python file.
    fn python(&self, path: &RepoPath) -> Option<Arc<Module>>;
    /// The text of a file.
    fn text(&self, path: &RepoPath) -> Option<String>;
    /// Whether there is such a file.
    fn is_file(&self, path: &RepoPath) -> bool;
    /// Whether there is such a folder.
    fn is_dir(&self, path: &RepoPath) -> bool;
    /// The files that lie in a folder itself, sorted.
    fn files_in(&self, folder: &RepoPath) -> Vec<RepoPath>;
    /// Whether git ignores such a file, be it there or not.
    fn ignored_by_git(&self, path: &RepoPath) -> bool;
    /// Whether the process surely has no such file, though its repository or its server may.
    fn left_out(&self, _path: &RepoPath) -> bool {
        false
    }
}

/// What a settings module gives in one environment.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its dotted name.
    pub module: String,
    /// Its file; `None` where the repository has no such module.
    pub path: Option<RepoPath>,
    /// Every setting that it has or may have, by name. Names in capitals only, as Django sees them.
    pub values: BTreeMap<String, Setting>,
    /// Why settings may be there that are not in `values` (the program writes into `globals()`, say).
    pub more: Option<Reason>,
    /// The files that were run, in order.
    pub modules_read: Vec<RepoPath>,
    /// What could not be evaluated, in order of occurrence.
    pub unresolved: Vec<Unresolved>,
    /// The variables that are read, in order of occurrence; once for each place.
    pub variables_read: Vec<VariableRead>,
    /// Every variable of the process that was asked for: with the files, all that the rest depends on.
    pub variables_asked: BTreeSet<String>,
    /// Calls of libraries that stand as a statement of their own (`sentry_sdk.init(…)`), in order.
    pub calls: Vec<LibraryCall>,
    /// The releases of Django that may be installed, by which its defaults are told.
    pub versions: DjangoVersions,
    /// What surely stops Django while it loads the settings. What follows was evaluated all the same.
    pub raises: Option<Crash>,
}

/// One setting.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// What it is; [`Value::Absent`] where only a way assigns it that is not taken by default.
    pub value: Traced<PyValue>,
    /// Whether it may also not be assigned at all.
    pub may_be_absent: bool,
    /// The last assignment: the whole statement. For a name that is imported, the assignment in the other module.
    pub assigned: Option<Place>,
}

/// Something that could not be evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unresolved {
    /// Where.
    pub place: Place,
    /// Why.
    pub reason: Reason,
}

/// A place that reads an environment variable.
#[derive(Clone, Debug, PartialEq)]
pub struct VariableRead {
    /// The variable.
    pub name: String,
    /// Where it is read.
    pub place: Place,
    /// The fallback, where there is one.
    pub fallback: Option<PyValue>,
    /// Whether the program stops where the variable is not set.
    pub required: bool,
}

/// A call of something outside the project.
#[derive(Clone, Debug, PartialEq)]
pub struct LibraryCall {
    /// The whole call.
    pub place: Place,
    /// What is called, and with what.
    pub call: Object,
}

/// What stops the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crash {
    /// Where.
    pub place: Place,
    /// The exception's class.
    pub exception: String,
    /// The variable that is missing, where that is why.
    pub variable: Option<String>,
}

impl Settings {
    /// Of a module of which nothing is known yet.
    fn empty(module: &str) -> Self {
        Self {
            module: module.to_owned(),
            path: None,
            values: BTreeMap::new(),
            more: None,
            modules_read: Vec::new(),
            unresolved: Vec::new(),
            variables_read: Vec::new(),
            variables_asked: BTreeSet::new(),
            calls: Vec::new(),
            versions: DjangoVersions::default(),
            raises: None,
        }
    }

    /// The value that the modules assign; [`Value::Absent`] where they do not, and Django's own default holds.
    /// What may be absent, and has other values besides, is unknown here: see [`effective`](Self::effective).
    pub fn get(&self, name: &str) -> Traced<PyValue> {
        match (self.values.get(name), &self.more) {
            (Some(setting), _) if setting.may_be_absent && !setting.value.value.is_absent() => {
                let reason = Reason::Unsupported("a condition that decides whether it is assigned".into());
                Traced::new(Value::Unknown(reason), setting.value.trail.clone())
            }
            (Some(setting), _) => setting.value.clone(),
            (None, Some(reason)) => Traced::new(Value::Unknown(reason.clone()), Vec::new()),
            (None, None) => Traced::absent(),
        }
    }

    /// The value that Django works with: what the modules assign, else Django's own default; absent where there is none.
    pub fn effective(&self, name: &str) -> Traced<PyValue> {
        let defaults = defaults::defaults_of(name, &self.versions);
        let by_default = |one: fn(PyValue) -> Value<PyValue>| match defaults.as_slice() {
            [default] => one(default.clone()),
            several => Value::OneOf(several.to_vec()),
        };
        if defaults.is_empty() {
            return self.get(name);
        }
        match self.values.get(name) {
            Some(setting) if setting.value.value.is_absent() => {
                // Only a way that is not taken by default assigns it.
                Traced::new(by_default(Value::Default), setting.value.trail.clone())
            }
            Some(setting) if setting.may_be_absent => match setting.value.value.possible() {
                Some(values) if values == defaults.as_slice() => setting.value.clone(),
                Some(values) => {
                    let mut values = values.to_vec();
                    let others: Vec<PyValue> = defaults.iter().filter(|it| !values.contains(it)).cloned().collect();
                    values.extend(others);
                    Traced::new(Value::OneOf(values), setting.value.trail.clone())
                }
                None => setting.value.clone(),
            },
            Some(setting) => setting.value.clone(),
            None if self.more.is_some() => self.get(name),
            None => Traced::new(by_default(Value::Known), Vec::new()),
        }
    }

    /// Where a setting was assigned last.
    pub fn assigned(&self, name: &str) -> Option<&Place> {
        self.values.get(name).and_then(|setting| setting.assigned.as_ref())
    }
}

/// Runs `module` (its dotted name) as Django would load it.
///
/// `roots` are the folders that imports start from, in order (those with `manage.py` first). In development, files that
/// git ignores are read like others; elsewhere they are taken to set, perhaps, what they could set.
pub fn evaluate(
    files: &dyn Files,
    module: &str,
    roots: &[RepoPath],
    variables: &Variables,
    environment_is_development: bool,
) -> Settings {
    evaluator::run(files, module, roots, variables, environment_is_development)
}
