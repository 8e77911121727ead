//! Which files of requirements something installs: an image, a script, a recipe, a job.

use crate::parse::requirements;
use crate::project::Model;
use crate::project::command::{Manager, packages};
use crate::project::image::CopySource;
use crate::project::process::Container;
use crate::project::usage::{CommandUse, DockerfileUse, Origin};
use crate::source::RepoPath;
use crate::tree::FileKind;
use std::collections::BTreeSet;

impl Model {
    /// Whether something installs this file of requirements, be it by way of another. Where nothing in the repository says
    /// what is installed, or not all that it says is understood, any may be.
    pub fn installs(&self, file: &RepoPath) -> bool {
        if self.kind(file) != Some(FileKind::Requirements) {
            return true;
        }
        let runs = self.deployments.iter().flat_map(|deployment| &deployment.services);
        let runs = runs.flat_map(|service| &service.process.runs).map(|run| (&run.invocation, None));
        let written = self.commands.iter().map(|command| (&command.invocation, Some(command)));
        // A build sees what lies in its context; where the others look is not known.
        let mut named: BTreeSet<(String, Option<RepoPath>)> = BTreeSet::new();
        let mut installed: BTreeSet<RepoPath> = BTreeSet::new();
        for (invocation, command) in written.chain(runs) {
            let of_build = command.and_then(|command| Some((self.dockerfile_at(&command.path)?, command)));
            let Some(command) = packages(invocation).filter(|command| command.manager == Manager::Pip) else {
                continue;
            };
            for word in command.flags.values(&["-r", "--requirement"]) {
                let Some(name) = word.literal() else { return true };
                match of_build.and_then(|(dockerfile, command)| self.copied_to(dockerfile, command, &name)) {
                    Some(path) => _ = installed.insert(path),
                    None => _ = named.insert((name, of_build.map(|(dockerfile, _)| dockerfile.context.clone()))),
                }
            }
        }
        if named.is_empty() && installed.is_empty() {
            return true;
        }
        // What is copied by itself is there to be installed, under whatever name it has then.
        for dockerfile in &self.dockerfiles {
            let copies = dockerfile.stages.iter().flat_map(|stage| &stage.image.copies);
            let sources = copies.filter(|copy| copy.from == CopySource::Context).flat_map(|copy| &copy.sources);
            let texts = sources.filter_map(|source| source.value.likely()).filter(|source| source.ends_with(".txt"));
            for text in texts {
                match dockerfile.context.join(text.trim_start_matches('/')).filter(|path| self.snapshot.shares(path)) {
                    Some(path) => _ = installed.insert(path),
                    None => _ = named.insert((text.clone(), Some(dockerfile.context.clone()))),
                }
            }
        }
        let files: Vec<&RepoPath> = self.snapshot.files_of(FileKind::Requirements).map(|entry| &entry.path).collect();
        let meant =
            files.into_iter().filter(|path| named.iter().any(|(name, context)| may_mean(name, context.as_ref(), path)));
        installed.extend(meant.cloned());
        let mut open: Vec<RepoPath> = installed.iter().cloned().collect();
        while let Some(path) = open.pop() {
            let (Some(folder), Ok(source)) = (path.parent(), self.snapshot.source(&path)) else { continue };
            let file = requirements::parse(&source.text);
            for other in file.includes.iter().filter_map(|include| folder.join(&include.value)) {
                if installed.insert(other.clone()) {
                    open.push(other);
                }
            }
        }
        installed.is_empty() || installed.contains(file)
    }

    fn dockerfile_at(&self, path: &RepoPath) -> Option<&DockerfileUse> {
        self.dockerfiles.iter().find(|dockerfile| dockerfile.path == *path)
    }

    /// The file of requirements that a step of a build finds under `name`, as far as the stage's own folder tells.
    fn copied_to(&self, dockerfile: &DockerfileUse, command: &CommandUse, name: &str) -> Option<RepoPath> {
        let Origin::Build { stage } = command.origin else { return None };
        let stage = dockerfile.stages.iter().find(|it| it.index == stage)?;
        let image = &stage.image;
        let workdir = image.workdir.as_ref().and_then(|folder| folder.value.likely().cloned());
        let moved = self
            .commands
            .iter()
            .any(|other| other.path == command.path && other.part == command.part && other.invocation.program == "cd");
        if moved || (workdir.is_none() && !name.starts_with('/')) {
            return None;
        }
        let workdir = workdir.unwrap_or_else(|| "/".to_owned());
        let path =
            if name.starts_with('/') { name.to_owned() } else { format!("{}/{name}", workdir.trim_end_matches('/')) };
        let container = Container {
            snapshot: &self.snapshot,
            image: Some(image),
            context: Some(&dockerfile.context),
            mounts: &[],
            workdir,
        };
        container.file(&path).filter(|file| self.kind(file) == Some(FileKind::Requirements))
    }
}

/// Whether a name on a command line may mean the file: the folder that it is looked up in is not known.
fn may_mean(name: &str, context: Option<&RepoPath>, path: &RepoPath) -> bool {
    if context.is_some_and(|context| !path.is_under(context)) {
        return false;
    }
    let last = name.rsplit('/').next().unwrap_or(name);
    match last.split_once('*') {
        Some((start, end)) => path.file_name().starts_with(start) && path.file_name().ends_with(end),
        None => last == path.file_name(),
    }
}
