//! The variables that a container starts with: those of its image, of its env files, of `environment`, in this order.

use crate::config::Config;
use crate::parse::env_file::{EnvFile, parse_raw};
use crate::project::compose;
use crate::project::environment::{Environment, Lookup, Opening, Variables};
use crate::project::image::Image;
use crate::project::value::{Act, Reason, Step, Traced, Value};
use crate::source::{Place, RepoPath};
use crate::tree::Snapshot;
use std::collections::BTreeMap;

/// What decides whether a file's values count.
pub struct Surroundings<'a> {
    /// The files.
    pub snapshot: &'a Snapshot,
    /// The configuration.
    pub config: &'a Config,
    /// The environment that is looked at. Files that git ignores give values to development only: another machine has
    /// others, or none.
    pub environment: &'a Environment,
}

impl Surroundings<'_> {
    /// Whether the values of the file at `path` count.
    pub fn counts(&self, path: &RepoPath) -> bool {
        self.snapshot.shares(path) || (*self.environment == Environment::Development && self.snapshot.exists(path))
    }

    /// Why a file does not count.
    fn absence(&self, path: &str) -> Reason {
        match RepoPath::new(path).is_some_and(|path| self.snapshot.tree().ignores(&path)) {
            true => Reason::IgnoredFile(path.to_owned()),
            false => Reason::MissingFile(path.to_owned()),
        }
    }

    /// Reads an env file as Docker Compose does into `variables`. `loaded` is the step that loads it; `outside` is what
    /// the variables in it are taken from before its own, `earlier` what they are taken from after these.
    fn load(
        &self,
        variables: &mut Variables,
        path: &RepoPath,
        loaded: Option<&Step>,
        [outside, earlier]: [&Variables; 2],
    ) {
        let Ok(parsed) = self.snapshot.env_file(path) else { return };
        let likely = |from: &Variables, name: &str| from.set.get(name).and_then(|it| it.value.likely().cloned());
        let (lookup, before) = (|name: &str| likely(outside, name), |name: &str| likely(earlier, name));
        let certain = certainty(&parsed.0, outside, earlier);
        for (name, resolved) in parsed.0.resolve_after(&lookup, &before) {
            let entry = &parsed.0.entries[resolved.entry];
            let outside = || Value::Unknown(Reason::OutsideVariable(name.clone()));
            let value = match (certain[resolved.entry], resolved.value) {
                (Certainty::Known, Some(value)) => Value::Known(value),
                (Certainty::Default, Some(value)) => Value::Default(value),
                _ => outside(),
            };
            let mut trail = vec![Step::new(Place::new(path.clone(), entry.span), Act::Sets(name.clone()))];
            trail.extend(loaded.cloned());
            variables.set.insert(name, Traced::new(value, trail));
        }
    }

    /// The same for an env file of the format `raw`.
    fn load_raw(&self, variables: &mut Variables, path: &RepoPath, loaded: &Step) {
        let Ok(source) = self.snapshot.source(path) else { return };
        for (name, value) in parse_raw(&source.text) {
            let trail = vec![Step::new(name.place(path), Act::Sets(name.value.clone())), loaded.clone()];
            variables.set.insert(name.value, Traced::new(Value::Known(value), trail));
        }
    }
}

/// How certain the value of an entry is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Certainty {
    Known,
    Default,
    Unknown,
}

/// How certain each entry of a file is, by the variables in it: what nothing sets may be set by whoever starts it.
fn certainty(file: &EnvFile, outside: &Variables, earlier: &Variables) -> Vec<Certainty> {
    let of_value = |value: &Value<String>| match value {
        Value::Known(_) | Value::Absent => Certainty::Known,
        Value::Default(_) => Certainty::Default,
        Value::OneOf(_) | Value::Unknown(_) => Certainty::Unknown,
    };
    let mut of_keys: BTreeMap<&str, Certainty> = BTreeMap::new();
    let mut all = Vec::new();
    for entry in &file.entries {
        let variables = entry.value.iter().flat_map(|value| value.variables());
        let certain = variables.map(|variable| {
            let own = || {
                let before = || earlier.set.get(variable.name.as_str()).map(|traced| of_value(&traced.value));
                of_keys.get(variable.name.as_str()).copied().or_else(before)
            };
            match outside.lookup(&variable.name) {
                Lookup::Set(traced) => of_value(&traced.value),
                Lookup::Unset => own().unwrap_or(Certainty::Known),
                // `$f2` in the midst of a key is no name that anybody gives a variable.
                Lookup::Perhaps(_) if !is_exported(&variable.name) => own().unwrap_or(Certainty::Known),
                Lookup::Perhaps(_) => own().unwrap_or(Certainty::Default),
            }
        });
        let certain = certain.max().unwrap_or(Certainty::Known);
        of_keys.insert(&entry.key.value, certain);
        all.push(certain);
    }
    all
}

/// Whether people call variables of the environment so: in capitals (POSIX, "Environment Variables"), but for proxies.
fn is_exported(name: &str) -> bool {
    name.len() > 1 && !name.contains(|letter: char| letter.is_ascii_lowercase()) || name.ends_with("_proxy")
}

/// What interpolation finds in the files of a stack: `.env` in its folder, and the shell of whoever starts it, which can
/// set anything.
pub fn interpolation(around: &Surroundings<'_>, env_files: &[RepoPath]) -> Variables {
    let mut variables = Variables::default();
    for path in env_files.iter().filter(|path| around.counts(path)) {
        let before = variables.clone();
        around.load(&mut variables, path, None, [&before, &Variables::default()]);
    }
    let reason = Reason::OutsideVariable("the variable".to_owned());
    variables.open = Some(Opening { reason, step: None });
    variables
}

/// The variables of a compose service's first process.
pub fn of_service(around: &Surroundings<'_>, service: &compose::Service, image: Option<&Image>) -> Variables {
    let mut variables = Variables::default();
    variables.set.extend(image.into_iter().flat_map(|image| image.environment.clone()));
    let of_image = variables.set.clone();
    // In env files the project's variables go before those of `environment`, and these before the file's own.
    let mut outside = Variables::clone(&service.project_variables);
    for placed in &service.environment {
        let value = &placed.value.value.traced;
        if !value.value.is_absent() && !outside.set.contains_key(&placed.value.name) {
            outside.set.insert(placed.value.name.clone(), value.clone());
        }
    }
    for entry in &service.env_files {
        let file = &entry.value;
        let location = file.path.location.likely();
        let loads = Step::new(entry.place.clone(), Act::Loads(file.path.text.text.text().to_owned()));
        match location.and_then(compose::Location::inside) {
            Some(path) if around.counts(path) => {
                match file.raw {
                    true => around.load_raw(&mut variables, path, &loads),
                    false => {
                        let mut earlier = variables.clone();
                        earlier.set.retain(|name, value| of_image.get(name) != Some(value));
                        around.load(&mut variables, path, Some(&loads), [&outside, &earlier]);
                    }
                }
                // The server has a file of its own in this place.
                if *around.environment != Environment::Development && around.snapshot.tree().stands_in(path) {
                    open(&mut variables, Reason::IgnoredFile(path.to_string()), loads);
                }
            }
            Some(path) => open(&mut variables, around.absence(path.as_str()), loads),
            None => {
                let text = file.path.text.text.text().to_owned();
                open(&mut variables, Reason::MissingFile(text), loads);
            }
        }
    }
    for placed in &service.environment {
        let variable = &placed.value;
        let mut traced = variable.value.traced.clone();
        let step = Step::new(placed.place.clone(), Act::Sets(variable.name.clone()));
        if traced.trail.iter().all(|known| known.place != step.place) {
            traced.trail.push(step);
        }
        variables.set.insert(variable.name.clone(), traced);
    }
    provided(around, &mut variables);
    if service.maybe_more.is_some() && variables.open.is_none() {
        variables.open = service.maybe_more.clone().map(|reason| Opening { reason, step: None });
    }
    variables
}

/// The variables of a process whose platform sets what it likes: a Procfile, a bare settings module, an image that is
/// run by hand.
pub fn of_platform(around: &Surroundings<'_>, image: Option<&Image>) -> Variables {
    let mut variables = Variables::default();
    variables.set.extend(image.into_iter().flat_map(|image| image.environment.clone()));
    provided(around, &mut variables);
    let reason = Reason::OutsideVariable("the variable".to_owned());
    weaken(&mut variables);
    variables.open = Some(Opening { reason, step: None });
    variables
}

/// From here on, anything may be set from a file that is not seen, over what was set before.
fn open(variables: &mut Variables, reason: Reason, step: Step) {
    weaken(variables);
    variables.open = Some(Opening { reason, step: Some(step) });
}

fn weaken(variables: &mut Variables) {
    for traced in variables.set.values_mut() {
        if let Value::Known(value) = &traced.value {
            traced.value = Value::Default(value.clone());
        }
    }
}

/// What the configuration says that the platform sets.
fn provided(around: &Surroundings<'_>, variables: &mut Variables) {
    for name in &around.config.provided {
        let unknown = || Traced::new(Value::Unknown(Reason::OutsideVariable(name.value.clone())), Vec::new());
        variables.set.entry(name.value.clone()).or_insert_with(unknown);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{MemoryFile, MemoryTree};
    use std::sync::Arc;

    /// What Docker Compose says of the same files is recorded in `testdata/compose-config/env-files`.
    #[test]
    fn env_files_are_filled_in_from_the_project_and_the_service_first() {
        let path = |path: &str| RepoPath::new(path).unwrap();
        let compose =
            "services:\n  web:\n    env_file: [web.env, {path: raw.env, format: raw}]\n    environment: {ROLE: web}\n";
        let env = "OWN=own\nROLE=file\nURL=$OWN/$ROLE/$PROJECT\nSECRET=ab$f2q\nMAYBE=ab$CD\nLATER=$MAYBE\n";
        let files = [("compose.yaml", compose), ("web.env", env), ("raw.env", "# no\nRAW=\"$OWN\" # all\n")];
        let snapshot = Snapshot::new(MemoryTree::new(files.map(|(name, text)| MemoryFile::new(path(name), text))));
        let step = Step::new(Place::start_of(path(".env")), Act::Sets("PROJECT".to_owned()));
        let mut project = Variables::default();
        project.set.insert("PROJECT".to_owned(), Traced::known("project".to_owned(), step));
        project.open = Some(Opening { reason: Reason::OutsideVariable("the shell".to_owned()), step: None });
        let stack = compose::merge(&compose::Inputs {
            files: &[(path("compose.yaml"), Arc::clone(&snapshot.compose(&path("compose.yaml")).unwrap().0))],
            project_directory: None,
            variables: &project,
            load: &|_| None,
            included_variables: &|_| None,
        });
        let config = Config::default();
        let around = Surroundings { snapshot: &snapshot, config: &config, environment: &Environment::Production };
        let variables = of_service(&around, &stack.services["web"], None);
        let value = |name: &str| variables.set[name].value.clone();
        assert_eq!(value("URL"), Value::Known("own/web/project".to_owned()));
        assert_eq!(value("ROLE"), Value::Known("web".to_owned()));
        assert_eq!(value("RAW"), Value::Known("\"$OWN\" # all".to_owned()));
        // Somebody may export `CD`.
        assert_eq!(value("MAYBE"), Value::Default("ab".to_owned()));
        assert_eq!(value("LATER"), Value::Default("ab".to_owned()));
        // Nobody exports `f2q`.
        assert_eq!(value("SECRET"), Value::Known("ab".to_owned()));
    }
}
