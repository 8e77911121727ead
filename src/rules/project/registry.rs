use crate::findings::Findings;
use crate::project::Model;
use crate::rules::Cx;

/// `project/registry-not-allowed`
pub fn registry_not_allowed(model: &Model, _: &Cx<'_>, findings: &mut Findings<'_>) {
    if model.registries.is_empty() {
        return;
    }
    let stages = model
        .dockerfiles
        .iter()
        .flat_map(|dockerfile| dockerfile.stages.iter().flat_map(move |stage| stage.used_images(dockerfile)));
    let pulled = model.deployments.iter().flat_map(|deployment| deployment.pulled_images());
    for image in stages.chain(pulled).filter(|image| !model.registries.allow(&image.text)) {
        findings
            .report(
                image.place,
                format!("`{}` comes from a registry that the team does not take images from", image.text),
            )
            .help("take it from one of `allowed-registries`, or add its registry there")
            .anchor("image")
            .evidence(image.text)
            .across_files();
    }
}
