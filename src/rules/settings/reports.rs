use super::{tell, tell_setting};
use crate::findings::Findings;
use crate::project::deployment::{DjangoProcess, Service};
use crate::project::settings::{LibraryCall, PyValue, Reading};
use crate::rules::Cx;
use crate::source::RepoPath;

/// The keyword `name` of `sentry_sdk.init(…)`, where it certainly has a value.
fn sentry<'d>(django: &'d DjangoProcess, name: &str) -> Option<(&'d LibraryCall, &'d PyValue)> {
    let call = django.settings.calls.iter().find(|call| call.call.function == "sentry_sdk.init")?;
    let (_, item) = call.call.keywords.iter().find(|(key, _)| key == name)?;
    Some((call, item.value.value.known()?))
}

/// `settings/sentry-gets-personal-data`
pub fn sentry_gets_personal_data(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    if let Some((call, PyValue::Bool(true))) = sentry(django, "send_default_pii") {
        findings
            .report(call.place.clone(), "errors are sent with the user's name, mail, address and cookies")
            .help("leave `send_default_pii` out, unless your privacy notice names Sentry")
            .trail(&django.module.trail)
            .anchor("sentry_sdk.init");
    }
}

/// `settings/sentry-traces-everything`
pub fn sentry_traces_everything(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let whole =
        |value: &PyValue| matches!(value, PyValue::Int(1)) || matches!(value, PyValue::Float(rate) if *rate >= 1.0);
    if let Some((call, _)) = sentry(django, "traces_sample_rate").filter(|(_, rate)| whole(rate)) {
        findings
            .report(call.place.clone(), "every request is traced and sent to Sentry")
            .help("set `traces_sample_rate` to 0.1 or less, so that a busy day does not use up the quota")
            .trail(&django.module.trail)
            .anchor("sentry_sdk.init");
    }
}

/// `settings/log-file-in-container`
pub fn log_file_in_container(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let service = cx.deployment.and_then(|deployment| deployment.service(&django.service));
    let handlers = django.settings.read(&["LOGGING", "handlers"]);
    let Some(entries) = handlers.value.value.known().and_then(PyValue::as_dict) else { return };
    let Some(service) = service.filter(|_| !django.settings.debugs()) else { return };
    for (name, _) in &entries.entries {
        let Some(name) = name.as_str() else { continue };
        let file = handlers.read(&[name, "filename"]);
        let path = file.path();
        // Where the folder is missing nothing starts, and that is told.
        let starts = || lacks_folder(service, cx, &handlers.read(&[name])).is_none();
        if let Some(path) =
            path.filter(|path| !path.starts_with("/dev/") && service.keeps(path) == Some(false) && starts())
        {
            let base = path.rsplit('/').next().unwrap_or(path);
            tell(
                findings,
                django,
                &file,
                "LOGGING",
                format!("the log file `{base}` is inside the container of `{}`", service.name),
            )
            .help("log to the console (`logging.StreamHandler`), which Docker keeps, or mount a volume there");
        }
    }
}

/// `settings/log-folder-missing`
pub fn log_folder_missing(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let service = cx.deployment.and_then(|deployment| deployment.service(&django.service));
    let Some(service) = service else { return };
    let handlers = django.settings.read(&["LOGGING", "handlers"]);
    let Some(entries) = handlers.value.value.known().and_then(PyValue::as_dict) else { return };
    for (name, _) in &entries.entries {
        let Some(name) = name.as_str() else { continue };
        let file = handlers.read(&[name, "filename"]);
        let Some(folder) = lacks_folder(service, cx, &handlers.read(&[name])) else { continue };
        tell(
            findings,
            django,
            &file,
            "LOGGING",
            format!("the folder `{folder}` of a log file is not in the repository, and nothing makes it: Django does not start"),
        )
        .help("log to the console (`logging.StreamHandler`), or make the folder in the Dockerfile")
        .evidence(name);
    }
}

/// The folder in which a handler opens its file, where an image that is built here surely lacks it.
fn lacks_folder(service: &Service, cx: &Cx<'_>, handler: &Reading) -> Option<RepoPath> {
    let file = handler.read(&["filename"]);
    let opens = handler.read(&["class"]).text().is_some_and(|class| class.starts_with("logging."))
        && handler.read(&["delay"]).is_falsy();
    let folder = file.inside_repository()?.parent().filter(|folder| !folder.is_root())?;
    (opens && service.lacks_folder(cx.model, &folder)).then_some(folder)
}

/// What collects errors, by words in requirements, settings or the names of calls.
const COLLECTORS: [&str; 16] = [
    "sentry",
    "raven",
    "rollbar",
    "bugsnag",
    "honeybadger",
    "newrelic",
    "ddtrace",
    "datadog",
    "elastic-apm",
    "elasticapm",
    "opentelemetry",
    "airbrake",
    "scout-apm",
    "appsignal",
    "logfire",
    "applicationinsights",
];

/// `settings/errors-leave-no-trace`
pub fn errors_leave_no_trace(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    let unset = |name: &str| !settings.values.contains_key(name) && settings.more.is_none();
    let off = settings.effective("DEBUG").truth().likely() == Some(&false);
    let mailed = !settings.read(&["ADMINS"]).is_falsy();
    let configured = settings.calls.iter().any(|call| call.call.function.contains("log"));
    if !cx.model.complete
        || !django.serves
        || !off
        || !unset("LOGGING")
        || !unset("LOGGING_CONFIG")
        || mailed
        || configured
    {
        return;
    }
    if !cx.model.mentions(&COLLECTORS)
        && !cx.model.mentions(&["basicConfig", "dictConfig", "fileConfig", "structlog", "loguru"])
    {
        tell_setting(findings, django, "LOGGING", "an error of a page leaves no trace: LOGGING is not set, and ADMINS is empty".to_owned())
            .help("log to the console: `LOGGING = {\"version\": 1, \"disable_existing_loggers\": False, \"handlers\": {\"console\": {\"class\": \"logging.StreamHandler\"}}, \"root\": {\"handlers\": [\"console\"], \"level\": \"INFO\"}}`");
    }
}
