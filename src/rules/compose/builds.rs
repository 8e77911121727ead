use crate::findings::Findings;
use crate::project::deployment::Service;
use crate::rules::Cx;

/// `compose/dockerfile-missing`
pub fn dockerfile_missing(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(lost) = service.lost_dockerfile(&cx.model.snapshot) else { return };
    let help = match &lost.other_writing {
        Some(near) => format!("Linux tells capitals apart: the file is called `{}`", near.file_name()),
        None => "mend the path, which is relative to the build context, or commit the file".to_owned(),
    };
    findings
        .report(lost.place, format!("`{}` is built from `{}`, which does not exist", service.name, lost.path))
        .help(help)
        .anchor(format!("dockerfile {}", lost.path));
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
