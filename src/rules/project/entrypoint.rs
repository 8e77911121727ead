use crate::findings::Findings;
use crate::project::deployment::Service;
use crate::rules::Cx;

/// `project/entrypoint-hidden-by-mount`
pub fn entrypoint_hidden_by_mount(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let (Some(script), Some(merged)) = (&service.process.entrypoint, &service.compose) else { return };
    let Some(cover) = service.mount_over(&script.container_path) else { return };
    let trouble = match cx.model.file(&cover.file) {
        None => "hides it, and there is no such file in its place",
        Some(file) if !file.executable && script.executed => "hides it, and the file in its place is not executable",
        Some(_) => return,
    };
    let mount = &merged.volumes[cover.mount];
    let folder = mount.value.inside().map_or(".", |folder| if folder.is_root() { "." } else { folder.as_str() });
    findings
        .report(
            mount.source_place(),
            format!("service `{}` starts with `{}`; the mount of `{folder}` {trouble}", service.name, script.container_path),
        )
        .help("copy the entrypoint to a place outside of the code, such as `/usr/local/bin/entrypoint`, or do not mount over the code")
        .related(script.place.clone(), "the entrypoint")
        .anchor(format!("service {}", service.name))
        .evidence(script.container_path.clone());
}

/// `project/entrypoint-without-command`
pub fn entrypoint_without_command(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let (Some(script), Some(merged)) = (&service.process.ends_at_once, &service.compose) else { return };
    // What is started by hand is given its command then.
    if merged.maybe_more.is_some() || !merged.profiles.is_empty() || service.process.maybe_more.is_some() {
        return;
    }
    // A job may be there for what its entrypoint does; what listens, or is started again, is meant to stay.
    let restarts = merged.restart.as_ref().and_then(|restart| restart.value.known());
    let listens = !merged.ports.is_empty() || !merged.expose.is_empty() || merged.healthcheck.is_some();
    if !listens && !matches!(restarts, Some("always" | "unless-stopped")) {
        return;
    }
    let (place, why) = match &merged.entrypoint {
        Some(own) => (own.entry(), "`entrypoint` takes the image's command away"),
        None => (service.place.clone(), "neither the image nor the service has a command"),
    };
    findings
        .report(
            place,
            format!("`{}` ends as soon as it has started: {why}, and `{script}` only goes on to one", service.name),
        )
        .help("give the service its `command`, such as `gunicorn config.wsgi:application --bind 0.0.0.0:8000`")
        .anchor(format!("service {}", service.name));
}

/// `project/script-not-executable`
pub fn script_not_executable(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let started = service.process.starts.iter().filter(|script| script.happens.likely() == Some(&true));
    for script in started.filter(|script| cx.model.is_not_executable(service, script)) {
        let message = format!(
            "`{}` is executed and may not be: the file `{}` is not executable",
            script.container_path, script.file
        );
        findings
            .report(script.place.clone(), message)
            .help(format!("`git update-index --chmod=+x {}`, or copy it with `COPY --chmod=755`", script.file))
            .anchor(format!("script {}", script.file));
    }
}

/// `project/program-missing-in-image`
pub fn program_missing_in_image(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    for missing in cx.model.missing_programs(service) {
        findings
            .report(
                missing.place,
                format!("`{}` is needed here, and `{}` does not have it", missing.program, missing.base),
            )
            .help(format!("`RUN {}`, or do without it", missing.install))
            .anchor(format!("program {}", missing.program));
    }
}
