//! Ignore files, as they add up on the way from the root to a file.

use super::git::{Base, GitDir, Index, Mode, Repository, git_dir};
use super::walk::Problems;
use crate::source::RepoPath;
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// The name of our own ignore file. It stands in any folder and reads like a `.gitignore`.
pub(super) const OWN: &str = ".shipworthyignore";

/// An ignore file longer than this (in bytes) is not read.
const MAX_IGNORE_FILE: u64 = 256 << 10;

/// What holds in a folder: its ignore files, those above it, and the repository it belongs to.
#[derive(Debug)]
pub(super) struct Scope {
    parent: Option<Arc<Scope>>,
    base: Base,
    git: Gitignore,
    own: Gitignore,
    /// Whether git's ignore files further up do not count: this is the top of a repository.
    top: bool,
    /// The repository whose work tree this is.
    pub(super) repository: Arc<Repository>,
}

/// Which of the names that matter here a folder holds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Marks {
    /// `.git`, a folder or a file.
    pub(super) git: bool,
    /// `.gitignore`.
    pub(super) gitignore: bool,
    /// [`OWN`].
    pub(super) own: bool,
}

impl Marks {
    /// Looks for the names on disk.
    pub(super) fn of(folder: &Path) -> Self {
        let has = |name| folder.join(name).symlink_metadata().is_ok();
        Self { git: has(".git"), gitignore: has(".gitignore"), own: has(OWN) }
    }
}

impl Scope {
    /// What holds at the root, a folder on disk: its own ignore files, and the `.gitignore` files above it up to the
    /// top of its repository. No ignore file of a user or a clone (`core.excludesFile`, `.git/info/exclude`) counts,
    /// as the result must not depend on the machine.
    pub(super) fn of_root(root: &Path, problems: &Problems) -> Arc<Self> {
        if let Some(scope) = Self::of_repository(root, problems) {
            return scope;
        }
        let base = Base::at(RepoPath::root());
        let repository = Arc::new(Repository { base: base.clone(), index: None });
        Arc::new(Self {
            parent: None,
            git: load(&root.join(".gitignore"), problems, &RepoPath::root()),
            own: load(&root.join(OWN), problems, &RepoPath::root()),
            top: true,
            base,
            repository,
        })
    }

    /// The same where a repository holds the root. `None` where none does, or where it ignores the root and tracks
    /// nothing in it: a clone or an unpacked archive in a scratch folder is not that repository's business.
    fn of_repository(root: &Path, problems: &Problems) -> Option<Arc<Self>> {
        let (top, git) = root.ancestors().find_map(|folder| Some((folder, git_dir(folder)?)))?;
        let below: Vec<&str> = root.strip_prefix(top).ok()?.iter().map(|part| part.to_str()).collect::<Option<_>>()?;
        let above = |depth: usize| below[depth..].iter().map(|part| format!("{part}/")).collect::<String>();
        let base = Base { above: above(0), folder: RepoPath::root() };
        let repository = Arc::new(Repository { base, index: Index::read(&git.path) });
        let mut scope: Option<Arc<Self>> = None;
        let mut folder = top.to_path_buf();
        for depth in 0..=below.len() {
            if depth > 0 {
                folder.push(below[depth - 1]);
                let path = below[..depth].join("/");
                let tracked = repository.index.as_ref().is_some_and(|index| index.has_under(&path));
                if !tracked && scope.as_ref().is_some_and(|scope| scope.ignores_above(&path, depth)) {
                    return None;
                }
            }
            let at_root = depth == below.len();
            scope = Some(Arc::new(Self {
                top: depth == 0,
                parent: scope,
                base: Base { above: above(depth), folder: RepoPath::root() },
                git: load(&folder.join(".gitignore"), problems, &RepoPath::root()),
                own: if at_root { load(&root.join(OWN), problems, &RepoPath::root()) } else { Gitignore::empty() },
                repository: repository.clone(),
            }));
        }
        scope
    }

    /// Whether the ignore files above the root match the folder `path` (relative to the top, `depth` parts long).
    fn ignores_above(&self, path: &str, depth: usize) -> bool {
        let mut scope = Some(self);
        for level in (0..depth).rev() {
            let Some(here) = scope else { break };
            let relative = path.split('/').skip(level).collect::<Vec<_>>().join("/");
            match here.git.matched(relative, true) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => scope = here.parent.as_deref(),
            }
        }
        false
    }

    /// What holds in `folder`, a child of the folder that `self` is of. `None` where the folder is another work tree
    /// of a repository (`git worktree add`), so that the same files come twice.
    pub(super) fn enter(
        self: &Arc<Self>,
        folder: &RepoPath,
        on_disk: &Path,
        marks: Marks,
        problems: &Problems,
    ) -> Option<Arc<Self>> {
        let mut repository = self.repository.clone();
        let nested = if marks.git { git_dir(on_disk) } else { None };
        if let Some(GitDir { path, linked }) = nested {
            let submodule = repository.mode(folder) == Some(Mode::Submodule);
            // What the outer repository does not know as a submodule it will not bring along either.
            if submodule || repository.index.is_none() {
                let base = Base::at(folder.clone());
                repository = Arc::new(Repository { base, index: Index::read(&path) });
            } else if linked {
                return None;
            }
        }
        let top = !Arc::ptr_eq(&repository, &self.repository);
        if !top && !marks.gitignore && !marks.own {
            return Some(self.clone());
        }
        let load = |wanted: bool, name| {
            if wanted { load(&on_disk.join(name), problems, folder) } else { Gitignore::empty() }
        };
        Some(Arc::new(Self {
            parent: Some(self.clone()),
            base: Base::at(folder.clone()),
            git: load(marks.gitignore, ".gitignore"),
            own: load(marks.own, OWN),
            top,
            repository,
        }))
    }

    /// Whether git's ignore files match `path` itself, leaving aside the folders it lies in.
    pub(super) fn git_ignores(&self, path: &RepoPath, is_dir: bool) -> bool {
        self.matches(path, is_dir, |scope| &scope.git, |scope| scope.top)
    }

    /// Whether our own ignore files match `path` itself.
    pub(super) fn own_ignores(&self, path: &RepoPath, is_dir: bool) -> bool {
        self.matches(path, is_dir, |scope| &scope.own, |_| false)
    }

    /// The innermost file that says anything decides.
    fn matches(
        &self,
        path: &RepoPath,
        is_dir: bool,
        rules: impl Fn(&Self) -> &Gitignore,
        last: impl Fn(&Self) -> bool,
    ) -> bool {
        let mut scope = Some(self);
        while let Some(here) = scope {
            let rules = rules(here);
            if !rules.is_empty() {
                match rules.matched(here.base.relative(path), is_dir) {
                    Match::Ignore(_) => return true,
                    Match::Whitelist(_) => return false,
                    Match::None => {}
                }
            }
            scope = if last(here) { None } else { here.parent.as_deref() };
        }
        false
    }
}

/// Compiles globs in the syntax of `.gitignore`, relative to the root. Gives the glob that is wrong, and why.
pub(super) fn globs(globs: &[String]) -> Result<Gitignore, (String, String)> {
    let mut builder = GitignoreBuilder::new("");
    for glob in globs {
        builder.add_line(None, &as_git_reads(glob)).map_err(|error| (glob.clone(), error.to_string()))?;
    }
    builder.build().map_err(|error| (globs.join(" "), error.to_string()))
}

/// Braces mean nothing to git, so that `{{ cookiecutter.project_slug }}/` is a name, but alternatives to the matcher.
pub(super) fn as_git_reads(line: &str) -> Cow<'_, str> {
    if !line.contains(['{', '}']) {
        return Cow::Borrowed(line);
    }
    let (mut read, mut in_class, mut escaped) = (String::with_capacity(line.len() + 8), false, false);
    for c in line.chars() {
        match c {
            '{' | '}' if !in_class && !escaped => read.push('\\'),
            '[' if !escaped => in_class = true,
            ']' => in_class = false,
            _ => {}
        }
        escaped = c == '\\' && !escaped;
        read.push(c);
    }
    Cow::Owned(read)
}

/// Reads an ignore file. Git skips a pattern it cannot read, and so do we; what is wrong in a file of ours is said.
fn load(path: &Path, problems: &Problems, folder: &RepoPath) -> Gitignore {
    // Like git, no symbolic link is followed.
    let Ok(metadata) = path.symlink_metadata() else { return Gitignore::empty() };
    if !metadata.is_file() {
        return Gitignore::empty();
    }
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let problem = |message: String| {
        let at = if folder.is_root() { name.to_owned() } else { format!("{folder}/{name}") };
        problems.add(at, message);
    };
    let mut bytes = Vec::new();
    match File::open(path).and_then(|file| file.take(MAX_IGNORE_FILE + 1).read_to_end(&mut bytes)) {
        Err(error) => {
            problem(format!("cannot read this ignore file: {}", super::describe(&error)));
            return Gitignore::empty();
        }
        Ok(_) if bytes.len() as u64 > MAX_IGNORE_FILE => {
            problem(format!("this ignore file is longer than {MAX_IGNORE_FILE} bytes and does not count"));
            return Gitignore::empty();
        }
        Ok(_) => {}
    }
    let text = String::from_utf8_lossy(&bytes);
    let mut builder = GitignoreBuilder::new("");
    for line in text.trim_start_matches('\u{feff}').lines() {
        if let Err(error) = builder.add_line(None, &as_git_reads(line))
            && name == OWN
        {
            problem(error.to_string());
        }
    }
    builder.build().unwrap_or_else(|error| {
        problem(format!("this ignore file does not count: {error}"));
        Gitignore::empty()
    })
}
