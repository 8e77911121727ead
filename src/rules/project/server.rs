use crate::findings::Findings;
use crate::project::command::{ServerKind, app_server};
use crate::project::deployment::Service;
use crate::rules::Cx;

/// `project/development-server`
pub fn development_server(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for run in service.process.runs.iter().filter(|run| run.likely()) {
        if app_server(&run.invocation).is_some_and(|server| server.kind == ServerKind::Runserver) {
            findings
                .report(run.place(), format!("`{}` runs Django's development server", service.name))
                .help("run gunicorn or uvicorn: `gunicorn config.wsgi:application --bind 0.0.0.0:8000 --workers 3 --timeout 120`")
                .trail(&run.trail)
                .anchor("development server");
        }
    }
}

/// `project/server-reloads-on-stop`
pub fn server_reloads_on_stop(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(unstopped) = service.reloads_when_stopped() else { return };
    findings
        .report(
            unstopped.place.clone(),
            format!(
                "uWSGI loads `{}` anew when Docker tells it to stop, and is killed ten seconds later",
                service.name
            ),
        )
        .help("set `die-on-term = true`")
        .related(unstopped.run.place(), "it is started here")
        .anchor("server");
}
