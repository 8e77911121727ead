//! Settings packages whose `__init__` selects a module by a variable of its own: `DJANGO_ENV`, `STAGE`, `ON_SERVER`.

use super::Linker;
use super::settings::{Evaluation, Has};
use crate::project::deployment::Selector;
use crate::project::django::{DefaultModule, DjangoProject};
use crate::project::environment::{Environment, Lookup, Variables};
use crate::project::evidence::{named_in, words_of};
use crate::project::settings::{Settings, VariableRead};
use crate::project::value::{Traced, Value};
use crate::source::RepoPath;
use std::collections::BTreeSet;

/// So many variables of a package are tried.
const MAX_VARIABLES: usize = 4;

/// What is tried where a switch selects, and no name.
const SWITCHES: [&str; 2] = ["1", "True"];

/// A package that selects, as the processes of one environment find it.
pub(super) struct Selection {
    /// Its evaluation; the variable names the environment where the stack does not say what it names.
    pub evaluation: Evaluation,
    /// What is told of it.
    pub selector: Selector,
}

impl Linker<'_> {
    /// The variable by which a package of settings loads the module that is named for the environment. It is found by
    /// trying: with one value that module runs; with the variable unset, or with a word that means nothing, it does not.
    pub(super) fn selection(&self, package: &Evaluation, environment: &Environment) -> Option<Selection> {
        if *environment == Environment::Development {
            return None;
        }
        let settings = self.settings(package.clone());
        let path = settings.path.as_ref().filter(|path| path.file_name() == "__init__.py")?;
        let text = self.snapshot.source(path).ok()?.text.clone();
        // A package that names no module selects none.
        let mut modules = self.modules_for(path, environment);
        modules.retain(|(name, _)| text.contains(name.as_str()) || text.contains("import_module"));
        if modules.is_empty() {
            return None;
        }
        let mut seen = BTreeSet::new();
        let own = |read: &&VariableRead| read.place.path == *path && read.name != super::settings::VARIABLE;
        let reads = settings.variables_read.iter().filter(own).filter(|read| seen.insert(&read.name));
        let reads: Vec<&VariableRead> = reads.take(MAX_VARIABLES).collect();
        let mut words: Vec<String> = modules.iter().map(|(name, _)| name.clone()).collect();
        words.extend(words_of(environment).map(str::to_owned));
        words.extend(words.clone().iter().map(|word| word.to_ascii_uppercase()));
        // What takes the environment's name goes before a switch, such as the one that a platform sets.
        let by_words = reads.iter().find_map(|read| self.selects(package, &words, &modules, read));
        let switches = SWITCHES.map(str::to_owned);
        by_words.or_else(|| reads.iter().find_map(|read| self.selects(package, &switches, &modules, read)))
    }

    /// What the package that an entry point names loads the module `name` of the environment by.
    pub(super) fn selector_above(
        &self,
        project: &DjangoProject,
        default: &DefaultModule,
        name: &str,
        environment: &Environment,
        variables: &Variables,
        has: &Has,
    ) -> Option<Selector> {
        let package = default.module.as_str();
        let inside = name.strip_prefix(package).is_some_and(|rest| rest.starts_with('.'));
        let evaluation = || Evaluation::new(environment, &project.root, package.to_owned(), variables, has);
        inside.then(|| self.selection(&evaluation(), environment)).flatten().map(|selection| selection.selector)
    }

    /// The modules of a package that are named for the environment: name and file.
    fn modules_for(&self, package: &RepoPath, environment: &Environment) -> Vec<(String, RepoPath)> {
        let Some(folder) = package.parent() else { return Vec::new() };
        let entries = self.snapshot.tree().entries().iter().filter(|entry| entry.path.is_under(&folder));
        let named = entries.filter_map(|entry| {
            let rest = entry.path.as_str().get(folder.as_str().len()..)?.trim_start_matches('/');
            let name = rest.strip_suffix("/__init__.py").or_else(|| rest.strip_suffix(".py"))?;
            let told = !name.contains('/') && named_in(name).is_some_and(|(told, _)| told == *environment);
            told.then(|| (name.to_owned(), entry.path.clone()))
        });
        named.collect()
    }

    fn selects(
        &self,
        package: &Evaluation,
        words: &[String],
        modules: &[(String, RepoPath)],
        read: &VariableRead,
    ) -> Option<Selection> {
        let with = |value: Value<String>| {
            let mut evaluation = package.clone();
            evaluation.variables.set.insert(read.name.clone(), Traced::new(value, Vec::new()));
            evaluation
        };
        let word = |word: &str| with(Value::Known(word.to_owned()));
        let loads = |settings: &Settings| modules.iter().any(|(_, module)| settings.modules_read.contains(module));
        let unset = self.settings(with(Value::Absent));
        if loads(&unset) && loads(&self.settings(word("none-of-these"))) {
            return None;
        }
        let chosen = words.iter().map(|text| word(text)).find(|trial| loads(&self.settings(trial.clone())))?;
        let as_it_is = self.settings(package.clone());
        let (evaluation, unset) = match package.variables.lookup(&read.name) {
            Lookup::Set(traced) if traced.value.known().is_some() => (package.clone(), unset),
            Lookup::Unset => (package.clone(), unset),
            // The stack has a fallback of its own for it.
            Lookup::Set(traced) if traced.value.likely().is_some() => (chosen, as_it_is),
            Lookup::Set(_) | Lookup::Perhaps(_) => (chosen, unset),
        };
        Some(Selection {
            evaluation,
            selector: Selector { variable: read.name.clone(), read: read.place.clone(), unset },
        })
    }
}
