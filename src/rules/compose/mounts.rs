use crate::findings::Findings;
use crate::project::deployment::Service;
use crate::project::role::Role;
use crate::rules::Cx;

/// `compose/code-bind-mount`
pub fn code_bind_mount(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(merged) = &service.compose else { return };
    if matches!(service.role, Role::Database | Role::Cache | Role::Broker | Role::Proxy) {
        return;
    }
    let over = merged.volumes.iter().filter_map(|mount| {
        let folder = mount.value.inside().filter(|folder| cx.model.is_code(folder, service))?;
        let target = mount.value.target.as_ref().and_then(|target| target.likely()).unwrap_or("the container");
        let shown = if folder.is_root() { "." } else { folder.as_str() };
        service.image_may_hold(target).then_some((mount, shown, target))
    });
    let over: Vec<_> = over.collect();
    // A service that takes its code from the server does so by one decision, in however many folders.
    let [(mount, shown, target), others @ ..] = over.as_slice() else { return };
    let more = match others {
        [] => String::new(),
        [(_, other, _)] => format!(", and `{other}` likewise"),
        _ => format!(", and {} folders more likewise", others.len()),
    };
    let finding = findings.report(
        mount.source_place(),
        format!("service `{}` mounts the code in `{shown}` over what its image has at `{target}`{more}", service.name),
    );
    finding
        .help("mount code in `compose.override.yaml` only; an overlay takes a mount away with `volumes: !override []`")
        // Services that mount the same folder at the same place are one decision.
        .anchor(format!("mount over {target}"))
        .evidence((*shown).to_owned());
    for (mount, ..) in others {
        finding.related(mount.source_place(), "and here");
    }
}

/// `compose/mounted-file-missing`
pub fn mounted_file_missing(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    for lost in service.lost_mounts(cx.model) {
        let (file, target) = (&lost.file, lost.target);
        let message = match lost.mount.value.short {
            true => format!("`{file}` is not in the repository, and Docker makes a folder of it at `{target}`"),
            false => format!("`{file}` is not in the repository, and the container needs it at `{target}`"),
        };
        let help = match &lost.elsewhere {
            Some(other) => format!("mend the path: the repository has `{other}`"),
            None => "commit the file, or have the deploy write it before `up`".to_owned(),
        };
        findings
            .report(lost.mount.source_place(), message)
            .help(help)
            .anchor(format!("mount {target}"))
            .evidence(file.as_str());
    }
}
