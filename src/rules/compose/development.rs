use crate::findings::Findings;
use crate::project::command::{ServerKind, WrapperKind, app_server};
use crate::project::container::exposure::is_debugger;
use crate::project::deployment::Service;
use crate::project::process::Run;
use crate::project::role::Role;
use crate::rules::Cx;

/// `compose/auto-reload`
pub fn auto_reload(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let reloads = |run: &&Run| {
        let by_flag = app_server(&run.invocation).is_some_and(|it| it.reload && it.kind != ServerKind::Runserver);
        by_flag || run.invocation.via.iter().any(|wrapper| wrapper.kind == WrapperKind::Reload)
    };
    if let Some(run) = service.process.runs.iter().filter(|run| run.likely()).find(reloads) {
        findings
            .report(run.place(), format!("`{}` restarts whenever a file changes", service.name))
            .help("leave that to `compose.override.yaml`")
            .trail(&run.trail)
            .anchor("automatic reload");
    }
}

/// `compose/debugger-in-production`
pub fn debugger_in_production(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let debugs = |run: &&Run| {
        let invocation = &run.invocation;
        let named = |name: &str| matches!(name, "debugpy" | "pydevd" | "ptvsd");
        named(&invocation.program) || invocation.via.iter().any(|wrapper| named(&wrapper.program))
    };
    let run = service.process.runs.iter().filter(|run| run.likely()).find(debugs);
    let ports = service.compose.as_ref().map_or(&[][..], |merged| merged.ports.as_slice());
    let is_own = matches!(service.role, Role::Web | Role::Worker | Role::Scheduler) || service.django.is_some();
    let port = ports.iter().find(|port| is_own && port.value.target_range().is_some_and(is_debugger));
    let place = run.map(Run::place).or_else(|| port.map(|port| port.place.clone()));
    if let Some(place) = place {
        findings
            .report(place, format!("`{}` lets whoever reaches its debugger run code", service.name))
            .help("leave the debugger and its port to `compose.override.yaml`")
            .anchor(format!("service {}", service.name));
    }
}

/// `compose/develop-section`
pub fn develop_section(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    if let Some(watch) = service.compose.as_ref().and_then(|merged| merged.watch.first()) {
        findings
            .report(watch.place.clone(), format!("`{}` says what a developer's machine would watch", service.name))
            .help("leave `develop` to `compose.override.yaml`")
            .anchor(format!("service {}", service.name));
    }
}
