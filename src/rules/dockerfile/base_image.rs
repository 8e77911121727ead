use crate::findings::Findings;
use crate::project::image::CopySource;
use crate::project::image::reference::ImageReference;
use crate::project::usage::{DockerfileUse, StageUse};
use crate::source::Place;

/// `dockerfile/image-latest`
pub fn image_latest(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    for (text, place, verb) in images(stage).filter(|(text, ..)| ImageReference::parse(text).is_latest()) {
        report(&text, place, format!("the build {verb} `{text}`, whatever that is on the day of the build"), findings);
    }
}

/// `dockerfile/image-untagged`
pub fn image_untagged(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    for (text, place, verb) in images(stage).filter(|(text, ..)| ImageReference::parse(text).is_untagged()) {
        report(&text, place, format!("the build {verb} `{text}` without a tag, which means `latest`"), findings);
    }
}

/// The images from elsewhere that a stage starts from or copies from, each with the place that names it.
fn images(stage: &StageUse) -> impl Iterator<Item = (String, Place, &'static str)> {
    let base = stage
        .base
        .value
        .likely()
        .filter(|text| !stage.starts_from_stage && !stage.base_is_built_here && *text != "scratch");
    // The registry of the machine that builds holds what was built on it.
    let base = base.filter(|text| !text.starts_with("localhost:") && !text.starts_with("localhost/"));
    let base = base.map(|text| {
        let place = stage.base.decided_at().unwrap_or(&stage.base_place).clone();
        (text.clone(), place, "starts from")
    });
    let copies =
        stage.image.copies.iter().filter(|copy| copy.stage == stage.index).filter_map(|copy| match &copy.from {
            // A name without a slash or a colon may be a context that the build is given.
            CopySource::Image(name) if name.contains(['/', ':']) => {
                Some((name.clone(), copy.place.clone(), "copies from"))
            }
            _ => None,
        });
    base.into_iter().chain(copies)
}

fn report(text: &str, place: Place, message: String, findings: &mut Findings<'_>) {
    let help = match ImageReference::parse(text).name() {
        "python" => "name the Python version: `python:3.13-slim`",
        _ => "name the version",
    };
    // Which version of an image is wanted is one decision, however many stages and files start from it.
    findings.report(place, message).help(help).anchor("image").evidence(text.to_owned()).across_files();
}
