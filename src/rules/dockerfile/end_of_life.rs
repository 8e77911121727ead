use crate::findings::Findings;
use crate::project::image::known::{EndOfLife, base_end_of_life, python_end_of_life};
use crate::project::image::reference::ImageReference;
use crate::project::usage::{DockerfileUse, StageUse};

/// `dockerfile/python-end-of-life`
pub fn python_past_its_end(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    report(stage, dockerfile, python_end_of_life, findings);
}

/// `dockerfile/base-image-end-of-life`
pub fn base_past_its_end(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    // One upgrade mends both.
    let other = |image: &ImageReference| base_end_of_life(image).filter(|_| python_end_of_life(image).is_none());
    report(stage, dockerfile, other, findings);
}

fn report(
    stage: &StageUse,
    dockerfile: &DockerfileUse,
    ended: impl Fn(&ImageReference) -> Option<EndOfLife>,
    findings: &mut Findings<'_>,
) {
    let base = stage.base.value.likely().filter(|_| !stage.starts_from_stage);
    let Some((text, end)) = base.and_then(|text| Some((text, ended(&ImageReference::parse(text))?))) else { return };
    // Stages of one base are mended together.
    if dockerfile.stages[..stage.index.min(dockerfile.stages.len())]
        .iter()
        .any(|before| before.base.value.likely() == Some(text))
    {
        return;
    }
    let place = stage.base.decided_at().unwrap_or(&stage.base_place).clone();
    let EndOfLife { product, series, ended, instead } = end;
    findings
        .report(place, format!("`{text}` holds {product} {series}, which gets no fixes since {ended}"))
        .help(format!("go to a newer one, {product} {instead} for instance"))
        .anchor(format!("stage {}", stage.name))
        .evidence(text.clone());
}
