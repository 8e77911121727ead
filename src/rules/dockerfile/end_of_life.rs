use crate::findings::{Findings, Severity};
use crate::project::image::known::{EndOfLife, base_end_of_life, python_end_of_life};
use crate::project::image::reference::ImageReference;
use crate::project::usage::{DockerfileUse, StageUse};

/// `dockerfile/python-end-of-life`
pub fn python_past_its_end(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    report(stage, python_end_of_life, findings);
}

/// `dockerfile/base-image-end-of-life`
pub fn base_past_its_end(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    // One upgrade mends both.
    let other = |image: &ImageReference| base_end_of_life(image).filter(|_| python_end_of_life(image).is_none());
    report(stage, other, findings);
}

fn report(stage: &StageUse, ended: impl Fn(&ImageReference) -> Option<EndOfLife>, findings: &mut Findings<'_>) {
    let base = stage.base.value.likely().filter(|_| !stage.starts_from_stage);
    let Some((text, end)) = base.and_then(|text| Some((text, ended(&ImageReference::parse(text))?))) else { return };
    let place = stage.base.decided_at().unwrap_or(&stage.base_place).clone();
    let EndOfLife { product, series, ended, instead } = end;
    let finding =
        findings.report(place, format!("`{text}` holds {product} {series}, which gets no fixes since {ended}"));
    finding
        .help(format!("go to a newer one, {product} {instead} for instance"))
        // Stages and files of one base are mended together.
        .anchor("base")
        .evidence(text.clone())
        .across_files();
    // What only builds is thrown away before anybody can reach it.
    if !stage.is_kept {
        finding.at_most(Severity::Note);
    }
}
