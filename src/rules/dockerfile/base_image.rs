use crate::findings::Findings;
use crate::project::image::reference::ImageReference;
use crate::project::image::registries::{Purpose, UsedImage};
use crate::project::usage::{DockerfileUse, StageUse};
use crate::source::Place;

/// `dockerfile/image-latest`
pub fn image_latest(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    for (text, place, verb) in images(stage, dockerfile).filter(|(text, ..)| ImageReference::parse(text).is_latest()) {
        report(&text, place, format!("the build {verb} `{text}`, whatever that is on the day of the build"), findings);
    }
}

/// `dockerfile/image-untagged`
pub fn image_untagged(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    for (text, place, verb) in images(stage, dockerfile).filter(|(text, ..)| ImageReference::parse(text).is_untagged())
    {
        report(&text, place, format!("the build {verb} `{text}` without a tag, which means `latest`"), findings);
    }
}

/// `dockerfile/image-moving-tag`
pub fn image_moving_tag(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    for (text, place, verb) in images(stage, dockerfile) {
        let image = ImageReference::parse(&text);
        let message = match (image.is_moving(), image.is_any_python()) {
            (true, _) => format!("the build {verb} `{text}`, a tag that moves to each new version"),
            (_, true) => format!("the build {verb} `{text}`, which each new minor version of Python becomes"),
            _ => continue,
        };
        report(&text, place, message, findings);
    }
}

/// The images from elsewhere that a stage needs, those of the machine that builds left out.
fn images(stage: &StageUse, dockerfile: &DockerfileUse) -> impl Iterator<Item = (String, Place, &'static str)> {
    // The registry of the machine that builds holds what was built on it.
    let local = |image: &UsedImage| image.text.starts_with("localhost:") || image.text.starts_with("localhost/");
    stage.used_images(dockerfile).into_iter().filter(move |image| !local(image)).map(|image| {
        let verb = match image.purpose {
            Purpose::Base => "starts from",
            Purpose::Copied => "copies from",
            Purpose::Mounted => "mounts",
            Purpose::Run => "runs",
        };
        (image.text, image.place, verb)
    })
}

fn report(text: &str, place: Place, message: String, findings: &mut Findings<'_>) {
    let help = match ImageReference::parse(text).name() {
        "python" => "name the Python version: `python:3.13-slim`",
        _ => "name the version",
    };
    // Which version of an image is wanted is one decision, however many stages and files start from it.
    findings.report(place, message).help(help).anchor("image").evidence(text.to_owned()).across_files();
}
