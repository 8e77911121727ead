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
    for mount in &merged.volumes {
        let Some(folder) = mount.value.inside().filter(|folder| cx.model.is_code(folder, service)) else { continue };
        let target = mount.value.target.as_ref().and_then(|target| target.likely()).unwrap_or("the container");
        if !service.image_may_hold(target) {
            continue;
        }
        let shown = if folder.is_root() { "." } else { folder.as_str() };
        findings
            .report(
                mount.source_place(),
                format!("service `{}` mounts the code in `{shown}` over what its image has at `{target}`", service.name),
            )
            .help("mount code in `compose.override.yaml` only; an overlay takes a mount away with `volumes: !override []`")
            // Services that mount the same folder at the same place are one decision.
            .anchor(format!("mount over {target}"))
            .evidence(shown.to_owned());
    }
}
