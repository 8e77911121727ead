//! From paths on the command line to a snapshot of the repository and its configuration.

use super::Failure;
use super::args::ConfigArgs;
use crate::config::suggest::closest;
use crate::config::{self, Config, Section};
use crate::project::environment::Environment;
use crate::source::RepoPath;
use crate::tree::{Snapshot, WalkOptions, WalkProblem, WorkTree, git_root};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A repository, opened.
pub struct Repository {
    /// Its files.
    pub snapshot: Arc<Snapshot>,
    /// What the team says about it.
    pub config: Config,
    /// What was asked for, relative to the root.
    pub paths: Vec<RepoPath>,
    /// What could not be walked.
    pub problems: Vec<WalkProblem>,
}

impl Repository {
    /// The environment of that name; what the configuration does not know is an error.
    pub fn environment(&self, name: Option<&str>) -> Result<Option<Environment>, Failure> {
        let Some(name) = name else { return Ok(None) };
        if let Some(environment) = self.config.environment(name) {
            return Ok(Some(environment));
        }
        let names = self.config.environment_names();
        Err(Failure(match closest(name, names.iter().map(String::as_str)) {
            Some(meant) => format!("unknown environment `{name}`; did you mean `{meant}`?"),
            None => format!("unknown environment `{name}`; there are {}", names.join(", ")),
        }))
    }
}

/// Opens the repository that holds `paths`. Its root is the folder of the configuration, else the git root, else the
/// first path itself; everything is modelled from there.
pub fn open(paths: &[PathBuf], options: &ConfigArgs) -> Result<Repository, Failure> {
    let mut absolute = Vec::with_capacity(paths.len());
    for path in paths {
        let full =
            fs::canonicalize(path).map_err(|error| Failure(format!("{}: {}", path.display(), reason(&error))))?;
        absolute.push(full);
    }
    let first = &absolute[0];
    let start = if first.is_dir() { first.clone() } else { first.parent().unwrap_or(first).to_owned() };
    let git = git_root(&start);
    let stop = git.clone().unwrap_or_else(|| start.clone());
    let (config, config_folder) = read_config(&start, &stop, options)?;
    let root = config_folder.or(git).unwrap_or(start);

    let mut named = Vec::new();
    for path in &absolute {
        if !path.starts_with(&root) {
            return Err(Failure(format!("{} lies outside {}", path.display(), root.display())));
        }
        named.extend((*path != root).then(|| path.clone()));
    }
    let walk = WalkOptions {
        exclude: config.exclude.patterns.iter().map(|pattern| pattern.value.clone()).collect(),
        include_vendored: config.include_vendored,
        named,
        ..WalkOptions::default()
    };
    let tree = WorkTree::open(&root, &walk)?;
    let mut problems = tree.problems().to_vec();
    for problem in problems.iter_mut().filter(|problem| problem.named) {
        // Said in the words of whoever asked.
        if let Some(at) = absolute.iter().position(|path| *path == Path::new(&problem.path)) {
            problem.path = paths[at].display().to_string();
        }
    }
    let paths = absolute.iter().filter_map(|path| tree.relative(path)).collect();
    Ok(Repository { snapshot: Arc::new(Snapshot::new(tree)), config, paths, problems })
}

/// The configuration, and the folder that it makes the root.
fn read_config(start: &Path, stop: &Path, options: &ConfigArgs) -> Result<(Config, Option<PathBuf>), Failure> {
    let (path, section, folder) = if options.isolated {
        return Ok((Config::default(), None));
    } else if let Some(path) = &options.config {
        // A file that is named may lie anywhere: it does not move the root.
        (path.clone(), Section::of(path), None)
    } else if let Some(found) = config::discover(start, stop) {
        let folder = found.path.parent().map(Path::to_owned);
        (found.path, found.section, folder)
    } else {
        return Ok((Config::default(), None));
    };
    let text = fs::read_to_string(&path).map_err(|error| Failure(format!("{}: {}", path.display(), reason(&error))))?;
    let shown = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    Ok((config::parse(&text, &shown, section)?, folder))
}

/// What the system says, without its number.
fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}
