use crate::findings::Findings;
use crate::project::deployment::{NamedImage, Service};
use crate::rules::Cx;

/// `compose/database-image-unpinned`
pub fn database_image_unpinned(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(image) = service.image.as_ref().filter(|image| image.is_database() && !image.reference.is_pinned()) else {
        return;
    };
    let message = format!("the database `{}` runs `{}`, which names no version", service.name, image.text);
    report(image, message, findings)
        .help(format!(
            "name the version that wrote the data, such as `{}:17.2` for PostgreSQL 17.2",
            image.reference.repository
        ))
        .anchor(format!("image {}", image.text));
}

/// `compose/image-latest`
pub fn image_latest(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    if let Some(image) = pulled(service, cx).filter(|image| image.reference.is_latest()) {
        let message =
            format!("service `{}` runs `{}`, whatever that is on the day it is pulled", service.name, image.text);
        report(image, message, findings).help("name the version, or the commit that was built");
    }
}

/// `compose/image-untagged`
pub fn image_untagged(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    if let Some(image) = pulled(service, cx).filter(|image| image.reference.is_untagged()) {
        let message = format!("service `{}` runs `{}` without a tag, which means `latest`", service.name, image.text);
        report(image, message, findings).help("name the version, or the commit that was built");
    }
}

/// `compose/image-moving-tag`
pub fn image_moving_tag(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    if let Some(image) = pulled(service, cx).filter(|image| image.reference.is_moving()) {
        let message = format!("service `{}` runs `{}`, a tag that moves to each new version", service.name, image.text);
        report(image, message, findings)
            .help("name the version, or tag your own images with the commit and hand the tag over: `${IMAGE_TAG:?}`");
    }
}

/// The image that a service pulls. What the stack builds itself is not pulled, and databases have a rule of their own.
fn pulled<'s>(service: &'s Service, cx: &Cx<'_>) -> Option<&'s NamedImage> {
    let image = service.image.as_ref().filter(|image| !image.is_database())?;
    let builds = |other: &Service| {
        other.compose.as_ref().is_some_and(|merged| merged.build.is_some())
            && other.image.as_ref().is_some_and(|built| built.reference.repository == image.reference.repository)
    };
    let siblings = cx.deployment.map_or(&[][..], |deployment| &deployment.services);
    (!siblings.iter().any(builds)).then_some(image)
}

fn report<'f>(image: &NamedImage, message: String, findings: &'f mut Findings<'_>) -> &'f mut crate::findings::Finding {
    // How images are named is one decision for a file, however many services of it pull some.
    findings.report(image.place.clone(), message).anchor("images")
}
