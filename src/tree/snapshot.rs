use super::{Entry, FileKind, GitStatus, ReadError, Tree};
use crate::parse::{
    compose, dockerfile, dockerignore, env_file, gitlab_ci, makefile, nginx, platform, procfile, python, shell,
    workflow,
};
use crate::source::{Fragment, Problem, RepoPath, Source};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Results by path, each computed once, also when several threads ask at the same time (the others wait).
///
/// A computation must not ask the same memo for the same path, and must not hand work to other threads while it runs:
/// either could wait for itself. Parsers do neither.
pub struct Memo<T> {
    cells: Mutex<HashMap<RepoPath, Arc<OnceLock<Arc<T>>>>>,
}

impl<T> Memo<T> {
    /// A memo that holds nothing yet.
    pub fn new() -> Self {
        Self { cells: Mutex::default() }
    }

    /// What is known for `path` by now.
    pub fn known(&self, path: &RepoPath) -> Option<Arc<T>> {
        let cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        cells.get(path)?.get().cloned()
    }

    /// What is known for `path`; `compute` finds it out at the first call.
    pub fn get_or(&self, path: &RepoPath, compute: impl FnOnce() -> T) -> Arc<T> {
        let cell = {
            let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
            match cells.get(path) {
                Some(cell) => cell.clone(),
                None => cells.entry(path.clone()).or_default().clone(),
            }
        };
        // The lock is free again: computing one file keeps nobody from another.
        cell.get_or_init(|| Arc::new(compute())).clone()
    }
}

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for Memo<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.cells.lock().unwrap_or_else(PoisonError::into_inner).len();
        write!(f, "Memo({known} paths)")
    }
}

/// One state of a repository: a [`Tree`], and what has been read and parsed of it so far.
///
/// The whole pipeline is a function of one snapshot and one configuration; it never asks the disk.
///
/// A parsed model is one line in [`Parsed`] and one function here.
pub struct Snapshot {
    tree: Box<dyn Tree>,
    sources: Memo<Result<Arc<Source>, ReadError>>,
    parsed: Parsed,
}

/// What a parser made of a file: the model, and what it did not understand.
pub type Outcome<T> = (Arc<T>, Vec<Problem>);

/// What has been parsed so far, by language.
#[derive(Default)]
struct Parsed {
    composes: Memo<Outcome<compose::ComposeFile>>,
    dockerfiles: Memo<Outcome<dockerfile::Dockerfile>>,
    dockerignores: Memo<Outcome<dockerignore::Dockerignore>>,
    env_files: Memo<Outcome<env_file::EnvFile>>,
    makefiles: Memo<Outcome<makefile::Makefile>>,
    manifests: Memo<Outcome<platform::Manifest>>,
    modules: Memo<Outcome<python::Module>>,
    nginx: Memo<Outcome<nginx::Config>>,
    pipelines: Memo<Outcome<gitlab_ci::Pipeline>>,
    procfiles: Memo<Outcome<procfile::Procfile>>,
    scripts: Memo<Outcome<shell::Script>>,
    workflows: Memo<Outcome<workflow::Workflow>>,
}

impl Snapshot {
    /// A snapshot of `tree`, of which nothing is read yet.
    pub fn new(tree: impl Tree + 'static) -> Self {
        Self { tree: Box::new(tree), sources: Memo::new(), parsed: Parsed::default() }
    }

    /// The files.
    pub fn tree(&self) -> &dyn Tree {
        &*self.tree
    }

    /// The decoded text of a file, listed or not.
    pub fn source(&self, path: &RepoPath) -> Result<Arc<Source>, ReadError> {
        let read = || Ok(Arc::new(Source::decode(path.clone(), self.tree.read(path)?)));
        (*self.sources.get_or(path, read)).clone()
    }

    /// The decoded text of a file that is looked at once: it is not kept, unless somebody else has asked for it.
    pub fn source_once(&self, path: &RepoPath) -> Result<Arc<Source>, ReadError> {
        match self.sources.known(path) {
            Some(known) => (*known).clone(),
            None => Ok(Arc::new(Source::decode(path.clone(), self.tree.read(path)?))),
        }
    }

    /// What `parse` makes of a file's text, remembered in `memo`. A file that cannot be read is not remembered there.
    fn parsed<T>(
        &self,
        memo: &Memo<Outcome<T>>,
        path: &RepoPath,
        parse: impl FnOnce(&str) -> (T, Vec<Problem>),
    ) -> Result<Arc<Outcome<T>>, ReadError> {
        let source = self.source(path)?;
        Ok(memo.get_or(path, || {
            let (model, problems) = parse(&source.text);
            (Arc::new(model), problems)
        }))
    }

    /// A compose file.
    pub fn compose(&self, path: &RepoPath) -> Result<Arc<Outcome<compose::ComposeFile>>, ReadError> {
        self.parsed(&self.parsed.composes, path, compose::parse)
    }

    /// A Dockerfile.
    pub fn dockerfile(&self, path: &RepoPath) -> Result<Arc<Outcome<dockerfile::Dockerfile>>, ReadError> {
        self.parsed(&self.parsed.dockerfiles, path, dockerfile::parse)
    }

    /// A `.dockerignore`.
    pub fn dockerignore(&self, path: &RepoPath) -> Result<Arc<Outcome<dockerignore::Dockerignore>>, ReadError> {
        self.parsed(&self.parsed.dockerignores, path, dockerignore::parse)
    }

    /// An env file as Docker Compose reads it.
    pub fn env_file(&self, path: &RepoPath) -> Result<Arc<Outcome<env_file::EnvFile>>, ReadError> {
        self.parsed(&self.parsed.env_files, path, |text| env_file::parse(text, env_file::Dialect::Compose))
    }

    /// A GitLab pipeline.
    pub fn gitlab_ci(&self, path: &RepoPath) -> Result<Arc<Outcome<gitlab_ci::Pipeline>>, ReadError> {
        self.parsed(&self.parsed.pipelines, path, gitlab_ci::parse)
    }

    /// A Makefile, or by its `kind` a justfile.
    pub fn makefile(&self, path: &RepoPath, kind: FileKind) -> Result<Arc<Outcome<makefile::Makefile>>, ReadError> {
        let parse = if kind == FileKind::Justfile { makefile::parse_justfile } else { makefile::parse };
        self.parsed(&self.parsed.makefiles, path, parse)
    }

    /// A manifest of a platform, by its `kind`; nothing where it is none.
    pub fn manifest(&self, path: &RepoPath, kind: FileKind) -> Result<Arc<Outcome<platform::Manifest>>, ReadError> {
        let parse = match kind {
            FileKind::Render => platform::parse_render,
            FileKind::Fly => platform::parse_fly,
            FileKind::HerokuYml => platform::parse_heroku_yml,
            FileKind::AppJson => platform::parse_app_json,
            FileKind::Railway if path.extension() == Some("toml") => platform::parse_railway_toml,
            FileKind::Railway => platform::parse_railway_json,
            _ => |_: &str| (platform::Manifest::default(), Vec::new()),
        };
        self.parsed(&self.parsed.manifests, path, parse)
    }

    /// A configuration of nginx, or a part of one.
    pub fn nginx(&self, path: &RepoPath) -> Result<Arc<Outcome<nginx::Config>>, ReadError> {
        self.parsed(&self.parsed.nginx, path, nginx::parse)
    }

    /// A Procfile.
    pub fn procfile(&self, path: &RepoPath) -> Result<Arc<Outcome<procfile::Procfile>>, ReadError> {
        self.parsed(&self.parsed.procfiles, path, procfile::parse)
    }

    /// A Python module.
    pub fn python(&self, path: &RepoPath) -> Result<Arc<Outcome<python::Module>>, ReadError> {
        self.parsed(&self.parsed.modules, path, python::parse)
    }

    /// A shell script.
    pub fn script(&self, path: &RepoPath) -> Result<Arc<Outcome<shell::Script>>, ReadError> {
        self.parsed(&self.parsed.scripts, path, |text| shell::parse(&Fragment::verbatim(text, 0)))
    }

    /// A workflow of GitHub Actions.
    pub fn workflow(&self, path: &RepoPath) -> Result<Arc<Outcome<workflow::Workflow>>, ReadError> {
        self.parsed(&self.parsed.workflows, path, workflow::parse)
    }

    /// Whether there is a file at `path`, listed or not. See [`Tree::find`] about files that git ignores.
    pub fn exists(&self, path: &RepoPath) -> bool {
        self.tree.find(path).is_some()
    }

    /// Whether a file is the same on every machine: listed or not, but not ignored by git.
    pub fn shares(&self, path: &RepoPath) -> bool {
        self.tree.find(path).is_some_and(|entry| entry.git != GitStatus::Ignored)
    }

    /// The listed files of one kind, sorted by path.
    pub fn files_of(&self, kind: FileKind) -> impl Iterator<Item = &Entry> {
        self.tree.entries().iter().filter(move |entry| entry.kind == kind)
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").field("files", &self.tree.entries().len()).field("sources", &self.sources).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{MemoryFile, MemoryTree};
    use super::*;
    use rayon::prelude::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Counts its reads.
    struct Counting(MemoryTree, Arc<AtomicUsize>);

    impl Tree for Counting {
        fn entries(&self) -> &[Entry] {
            self.0.entries()
        }
        fn read(&self, path: &RepoPath) -> Result<Vec<u8>, ReadError> {
            self.1.fetch_add(1, Ordering::Relaxed);
            self.0.read(path)
        }
    }

    fn path(path: &str) -> RepoPath {
        RepoPath::new(path).unwrap()
    }

    #[test]
    fn a_file_is_read_and_parsed_once_however_many_threads_ask() {
        let reads = Arc::new(AtomicUsize::new(0));
        let files = (0..10).map(|n| MemoryFile::new(path(&format!("{n}.sh")), format!("echo {n}")));
        let snapshot = Snapshot::new(Counting(MemoryTree::new(files), reads.clone()));
        let (lengths, parses) = (Memo::new(), AtomicUsize::new(0));
        (0..1000).into_par_iter().for_each(|n| {
            let length = snapshot.parsed(&lengths, &path(&format!("{}.sh", n % 10)), |text| {
                parses.fetch_add(1, Ordering::Relaxed);
                (text.len(), Vec::new())
            });
            assert_eq!(*length.unwrap().0, 6);
        });
        assert_eq!((reads.load(Ordering::Relaxed), parses.load(Ordering::Relaxed)), (10, 10));
    }

    #[test]
    fn what_cannot_be_read_is_said_each_time_and_asked_once() {
        let reads = Arc::new(AtomicUsize::new(0));
        let snapshot = Snapshot::new(Counting(MemoryTree::default(), reads.clone()));
        for _ in 0..3 {
            assert_eq!(snapshot.source(&path("gone.py")).unwrap_err(), ReadError::NotFound);
        }
        assert_eq!(reads.load(Ordering::Relaxed), 1);
        assert!(!snapshot.exists(&path("gone.py")));
    }

    #[test]
    fn files_of_a_kind_come_sorted() {
        let snapshot = Snapshot::new(MemoryTree::new([
            MemoryFile::new(path("b/.env"), "").with_git(GitStatus::Ignored),
            MemoryFile::new(path("a/.env"), ""),
            MemoryFile::new(path("a/x.py"), ""),
        ]));
        let env: Vec<_> = snapshot.files_of(FileKind::EnvFile).map(|entry| entry.path.as_str()).collect();
        assert_eq!(env, ["a/.env", "b/.env"]);
    }
}
