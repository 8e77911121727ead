use crate::findings::Findings;
use crate::project::compose::Location;
use crate::project::deployment::Service;
use crate::project::image;
use crate::project::value::Value;
use crate::rules::Cx;
use crate::source::RepoPath;

/// `compose/dockerfile-missing`
pub fn dockerfile_missing(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(build) = service.compose.as_ref().and_then(|merged| merged.build.as_ref()) else { return };
    let (Value::Known(Location::Inside(path)), Value::Known(Location::Inside(context))) =
        (build.value.dockerfile(), build.value.context())
    else {
        return;
    };
    // An overlay that adds arguments says neither; the file below it does, which may not be seen.
    if build.value.context.is_none() && build.value.dockerfile.is_none() {
        return;
    }
    if image::existing_dockerfile(&cx.model.snapshot, path.clone()).is_some() {
        return;
    }
    // Started together with a file of a folder above, its paths are relative to that folder.
    let folder = build.place.path.parent().unwrap_or_else(RepoPath::root);
    let below = path.relative_to(&folder);
    let mut above = folder.parent();
    while let (Some(folder), Some(below)) = (&above, below) {
        if folder.join(below).is_some_and(|path| cx.model.snapshot.exists(&path)) {
            return;
        }
        above = folder.parent();
    }
    let tree = cx.model.snapshot.tree();
    let other_writing = |entry: &&crate::tree::Entry| {
        entry.path.parent() == path.parent() && entry.path.file_name().eq_ignore_ascii_case(path.file_name())
    };
    // What is checked out into an empty folder is not seen; nor is what git ignores.
    if cx.model.snapshot.exists(&path) || tree.ignores(&path) || tree.under(&context).is_empty() {
        return;
    }
    let place = match &build.value.dockerfile {
        Some(dockerfile) => dockerfile.entry(),
        None => build.value.context.as_ref().map_or_else(|| build.entry(), |context| context.entry()),
    };
    let near = tree.under(&context).iter().find(other_writing).map(|entry| entry.path.clone());
    let help = match near {
        Some(near) => format!("Linux tells capitals apart: the file is called `{}`", RepoPath::file_name(&near)),
        None => "mend the path, which is relative to the build context, or commit the file".to_owned(),
    };
    findings
        .report(place, format!("`{}` is built from `{path}`, which does not exist", service.name))
        .help(help)
        .anchor(format!("dockerfile {path}"));
}

/// `compose/build-in-swarm`
pub fn build_in_swarm(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(merged) = &service.compose else { return };
    let Some(deployment) = cx.deployment.filter(|deployment| deployment.is_stack_deployed()) else { return };
    if let Some(build) = merged.build.as_ref().filter(|_| merged.image.is_none() && merged.maybe_more.is_none()) {
        let command = deployment.evidence.first().map(|evidence| evidence.place.clone());
        findings
            .report(
                build.entry(),
                format!("`docker stack deploy` builds nothing, and `{}` names no image to run", service.name),
            )
            .help("build and push the image before, and name it with `image`")
            .anchor(format!("service {}", service.name))
            .related(command.unwrap_or_else(|| service.place.clone()), "a swarm is told to run it");
    }
}
