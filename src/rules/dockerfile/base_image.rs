use crate::findings::Findings;
use crate::project::image_reference::ImageReference;
use crate::project::usage::{DockerfileUse, StageUse};

/// `dockerfile/image-latest`
pub fn image_latest(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    if let Some((text, _)) = base(stage).filter(|(_, image)| image.is_latest()) {
        report(stage, text, format!("the build starts from `{text}`, whatever that is on the day of the build"), findings);
    }
}

/// `dockerfile/image-untagged`
pub fn image_untagged(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    if let Some((text, _)) = base(stage).filter(|(_, image)| image.is_untagged()) {
        report(stage, text, format!("the build starts from `{text}` without a tag, which means `latest`"), findings);
    }
}

/// The image from elsewhere that a stage names itself.
fn base(stage: &StageUse) -> Option<(&str, ImageReference)> {
    let text = stage.base.value.likely().filter(|text| !stage.starts_from_stage && *text != "scratch")?;
    Some((text.as_str(), ImageReference::parse(text)))
}

fn report(stage: &StageUse, text: &str, message: String, findings: &mut Findings<'_>) {
    let help = match ImageReference::parse(text).name() {
        "python" => "name the Python version: `python:3.13-slim`",
        _ => "name the version",
    };
    findings.report(stage.base_place.clone(), message).help(help).anchor(format!("stage {}", stage.name)).evidence(text.to_owned());
}
