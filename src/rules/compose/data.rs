use crate::findings::Findings;
use crate::project::container::storage::Storage;
use crate::project::deployment::{Deployment, Service};
use crate::project::image::known::{EndOfLife, database_end_of_life};
use crate::rules::Cx;

/// `compose/database-without-volume`
pub fn database_without_volume(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    if let Storage::Lost(place) = service.storage(cx.deployment) {
        findings
            .report(
                place.unwrap_or_else(|| service.place.clone()),
                format!("the data of `{}` are gone with its container: no volume with a name holds them", service.name),
            )
            .help("declare a volume under `volumes`, and mount it where the image keeps its data")
            .anchor(format!("service {}", service.name));
    }
}

/// `compose/database-replicated`
pub fn database_replicated(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(count) = service.servers_on_same_data(cx.deployment) else { return };
    let merged = service.compose.as_ref();
    let written = merged.and_then(|merged| {
        let of_deploy = merged.deploy.as_ref().and_then(|deploy| deploy.value.replicas.as_ref());
        of_deploy.or(merged.scale.as_ref()).map(|replicas| replicas.entry())
    });
    findings
        .report(
            written.unwrap_or_else(|| service.place.clone()),
            format!("{count} servers of `{}` work on the same data, and destroy them", service.name),
        )
        .help("run one; for more, set up the database's own replication, each server with a volume of its own")
        .anchor(format!("service {}", service.name));
}

/// `compose/database-volume-misplaced`
pub fn database_volume_misplaced(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    if let Storage::Misplaced(place, right) = service.storage(cx.deployment) {
        findings
            .report(
                place,
                format!("this version of `{}` keeps its data elsewhere: the volume belongs at `{right}`", service.name),
            )
            .help(format!("dump the data, mount the volume at `{right}`, and restore"))
            .anchor(format!("service {}", service.name));
    }
}

/// `compose/database-end-of-life`
pub fn database_past_its_end(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(image) = &service.image else { return };
    if let Some(EndOfLife { product, series, ended, instead }) = database_end_of_life(&image.reference) {
        findings
            .report(
                image.place.clone(),
                format!("`{}` runs {product} {series}, which gets no fixes since {ended}", service.name),
            )
            .help(format!("upgrade with a backup at hand, to {product} {instead} for instance"))
            .anchor(format!("image {}", image.text))
            .evidence(image.text.clone());
    }
}

/// `compose/database-version-differs`
pub fn database_version_differs(deployment: &Deployment, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    for differs in cx.model.databases_that_differ(deployment) {
        let (here, there) = (differs.here, differs.there);
        let elsewhere = differs.elsewhere.environment.to_string();
        findings
            .report(
                here.place.clone(),
                format!("{} runs `{}` here, and `{}` in {elsewhere}", deployment.environment, here.text, there.text),
            )
            .help("run the same major version everywhere, production's")
            .related(there.place.clone(), format!("the one of {elsewhere}"))
            .anchor(format!("image {}", here.text))
            .evidence(here.text.clone());
    }
}
