//! Files of the repository that a container surely does not have: those that its image leaves out, and no mount brings.

use crate::parse::dockerfile::InstructionKind;
use crate::parse::dockerignore::{self, Dockerignore, clean};
use crate::project::compose;
use crate::project::compose::{Mount, MountSource};
use crate::project::deployment::Build;
use crate::project::image::{CopiedPath, CopySource};
use crate::project::process::Process;
use crate::project::usage::ignore_file;
use crate::source::RepoPath;
use crate::tree::Snapshot;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What decides which files of its build context a container has.
#[derive(Clone, Debug, PartialEq)]
pub struct Lacks {
    context: RepoPath,
    ignore: Option<Arc<Dockerignore>>,
    /// The copies of the stages that it is made of, and of those that they copy from.
    copies: Vec<CopiedPath>,
    workdir: String,
    mounts: Vec<Mount>,
    /// Names of files in what the build and the container run, which may write them.
    written: BTreeSet<String>,
}

impl Lacks {
    /// Of a service that builds its image here. `None` where anything else may bring files.
    pub fn of_service(
        snapshot: &Snapshot,
        service: &compose::Service,
        build: &Build,
        process: &Process,
        workdir: &str,
    ) -> Option<Lacks> {
        let script_outside = process.entrypoint.as_ref().is_some_and(|entrypoint| entrypoint.source.is_none());
        let open = service.maybe_more.is_some() || process.maybe_more.is_some() || !service.volumes_from.is_empty();
        if script_outside || open || !build.image.is_of_one_file() {
            return None;
        }
        let mut written = BTreeSet::new();
        let (file, path) = build.dockerfile_in(snapshot)?;
        let dockerfile = snapshot.source(path).ok()?;
        for instruction in &file.instructions {
            if let InstructionKind::Run(_) | InstructionKind::Cmd(_) | InstructionKind::Entrypoint(_) = instruction.kind
            {
                names_in(dockerfile.text.get(instruction.span.range()).unwrap_or_default(), &mut written);
            }
        }
        for script in &process.scripts {
            names_in(&snapshot.source(script).ok()?.text, &mut written);
        }
        for placed in [&service.command, &service.entrypoint].into_iter().flatten() {
            let source = snapshot.source(&placed.place.path).ok()?;
            names_in(source.text.get(placed.place.span.range()).unwrap_or_default(), &mut written);
        }
        // What is cloned there has what it has.
        let fetches = written.contains("clone");
        let copies: Vec<CopiedPath> = build.image.all_copies().cloned().collect();
        if fetches || !copies.iter().any(|copy| copy.from == CopySource::Context) {
            return None;
        }
        for file in service.secrets.iter().chain(&service.configs) {
            written.extend(file.value.target.as_ref().map(|target| file_name(target.text.text()).to_owned()));
        }
        let ignore = ignore_file(snapshot, &build.dockerfile, &build.context);
        let ignore = match ignore {
            Some(path) => Some(snapshot.dockerignore(&path).ok()?.0.clone()),
            None => None,
        };
        let mounts = service.volumes.iter().map(|mount| mount.value.clone()).collect();
        Some(Lacks { context: build.context.clone(), ignore, copies, workdir: workdir.to_owned(), mounts, written })
    }

    /// Whether the container surely has no file where the one at `path` would be.
    pub fn lacks(&self, snapshot: &Snapshot, path: &RepoPath) -> bool {
        let Some(inside) = path.relative_to(&self.context) else { return false };
        let name = path.file_name();
        let hidden = |path: &str| self.ignore.as_ref().is_some_and(|ignore| ignore.excludes(path));
        // Where a folder lies that is copied as another one, its files count by their names.
        let expected = |path: &str| {
            let there = |path: &RepoPath| snapshot.exists(path) || snapshot.tree().ignores(path);
            !hidden(path) && self.context.join(path).is_some_and(|path| there(&path))
        };
        !self.written.contains(name)
            && !self.copies.iter().any(|copy| may_bring(copy, inside, name, &hidden, &expected))
            && !self.mounts.iter().any(|mount| self.mount_may_bring(mount, path, inside))
    }

    fn mount_may_bring(&self, mount: &Mount, path: &RepoPath, inside: &str) -> bool {
        if let Some(MountSource::Tmpfs | MountSource::Anonymous) = mount.source.known() {
            return false;
        }
        if mount.inside().is_some_and(|source| path.is_under(source)) {
            return true;
        }
        let Some(target) = mount.target.as_ref().and_then(|target| target.likely()) else { return true };
        let target = clean(&format!("/{target}"));
        let covers = |landing: &str| {
            let rest = landing.strip_prefix(target.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || target == "/")
        };
        let places = self.copies.iter().flat_map(|copy| landings(copy, inside));
        let beside = [inside, path.file_name()].map(|file| clean(&format!("/{}/{file}", self.workdir)));
        file_name(&target) == path.file_name() || places.chain(beside).any(|landing| covers(&landing))
    }
}

/// The places where a copy of the context puts the file at `inside`.
fn landings(copy: &CopiedPath, inside: &str) -> Vec<String> {
    let Some(destination) = copy.destination.value.likely() else { return Vec::new() };
    let below = |source: &String| {
        let source = clean(&format!("/{source}"));
        let rest = match source.trim_start_matches('/') {
            "" => inside,
            folder => inside.strip_prefix(folder)?.strip_prefix('/')?,
        };
        Some(clean(&format!("/{destination}/{rest}")))
    };
    copy.sources.iter().filter_map(|source| source.value.likely()).filter_map(below).collect()
}

/// Whether a copy may put a file where the one at `inside`, relative to the context, would be.
fn may_bring(
    copy: &CopiedPath,
    inside: &str,
    name: &str,
    hidden: &dyn Fn(&str) -> bool,
    expected: &dyn Fn(&str) -> bool,
) -> bool {
    let Some(destination) = copy.destination.value.known() else { return true };
    let destination = file_name(destination.trim_end_matches('/'));
    if destination == name || copy.heredocs.iter().any(|(heredoc, _)| heredoc == name) {
        return true;
    }
    let excluded = !copy.exclude.is_empty() && dockerignore::parse(&copy.exclude.join("\n")).0.excludes(inside);
    let stays_out = excluded || hidden(inside);
    copy.sources.iter().any(|source| {
        let Some(source) = source.value.known() else { return true };
        let source = clean(&format!("/{source}"));
        let source = source.trim_start_matches('/');
        if copy.add && [".tar", ".gz", ".tgz", ".xz", ".bz2", ".git"].iter().any(|end| source.contains(end)) {
            return true;
        }
        if copy.from != CopySource::Context {
            return file_name(source) == name;
        }
        if source.contains(['*', '?', '[']) || source.is_empty() {
            return !stays_out;
        }
        match inside.strip_prefix(source) {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => !stays_out,
            _ => file_name(source) != destination && expected(&format!("{source}/{name}")),
        }
    })
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The words of a script that may be names of files or programs.
fn names_in(text: &str, names: &mut BTreeSet<String>) {
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '_' | '-');
    names.extend(text.split(|letter| !is_part(letter)).filter(|word| !word.is_empty()).map(str::to_owned));
}
