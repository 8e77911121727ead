//! Which files of requirements something installs: an image, a script, a recipe, a job.

use crate::parse::requirements;
use crate::project::Model;
use crate::project::command::{Manager, packages};
use crate::project::image::CopySource;
use crate::project::usage::{CommandUse, DockerfileUse};
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
        // A build sees what lies in its context; where the others look is not known.
        let context = |command: &CommandUse| {
            let of = |dockerfile: &&DockerfileUse| dockerfile.path == command.path;
            self.dockerfiles.iter().find(of).map(|dockerfile| dockerfile.context.clone())
        };
        let written = self.commands.iter().map(|command| (&command.invocation, context(command)));
        let mut named: BTreeSet<(String, Option<RepoPath>)> = BTreeSet::new();
        for (invocation, context) in written.chain(runs) {
            let Some(command) = packages(invocation).filter(|command| command.manager == Manager::Pip) else {
                continue;
            };
            for word in command.flags.values(&["-r", "--requirement"]) {
                let Some(name) = word.literal() else { return true };
                named.insert((name, context.clone()));
            }
        }
        if named.is_empty() {
            return true;
        }
        // What is copied by itself is there to be installed, under whatever name it has then.
        for dockerfile in &self.dockerfiles {
            let copies = dockerfile.stages.iter().flat_map(|stage| &stage.image.copies);
            let sources = copies.filter(|copy| copy.from == CopySource::Context).flat_map(|copy| &copy.sources);
            let texts = sources.filter_map(|source| source.value.likely()).filter(|source| source.ends_with(".txt"));
            named.extend(texts.map(|text| (text.clone(), Some(dockerfile.context.clone()))));
        }
        let files: Vec<&RepoPath> = self.snapshot.files_of(FileKind::Requirements).map(|entry| &entry.path).collect();
        let mut installed: BTreeSet<RepoPath> = files
            .iter()
            .filter(|path| named.iter().any(|(name, context)| may_mean(name, context.as_ref(), path)))
            .map(|path| (*path).clone())
            .collect();
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
