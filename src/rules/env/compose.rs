use crate::findings::Findings;
use crate::project::compose::Location;
use crate::project::deployment::Service;
use crate::project::env_files::templates::is_spoken_of;
use crate::project::value::Value;
use crate::rules::Cx;

/// `env/file-missing`
pub fn file_missing(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let entries = service.compose.iter().flat_map(|service| &service.env_files);
    for entry in entries.filter(|entry| entry.value.required == Value::Known(true)) {
        let Some(path) = entry.value.path.location.known().and_then(Location::inside) else { continue };
        let known = cx.model.file(path).is_some()
            || cx.model.ignores(path)
            || cx.model.env_templates.iter().any(|template| template.target == *path);
        if known || is_spoken_of(cx.model, path.file_name()) {
            continue;
        }
        findings
            .report(
                entry.place.clone(),
                format!(
                    "service `{}` needs `{path}`, which is not there, and nothing says how it is made",
                    service.name
                ),
            )
            .help(format!("commit an example of it and ignore `{path}`, or correct the path"))
            .anchor(format!("env file {path}"));
    }
}
