use crate::findings::Findings;
use crate::project::Model;
use crate::project::env_files::templates::{has_word, unmentioned};
use crate::rules::Cx;
use crate::source::Place;

/// `env/variable-undocumented`
pub fn variable_undocumented(model: &Model, _: &Cx<'_>, findings: &mut Findings<'_>) {
    // Where there is no template, the team keeps its list elsewhere.
    let Some(template) = model.env_templates.first() else { return };
    let missing = unmentioned(model);
    let Some((first, others)) = missing.split_first() else { return };
    let are = match others.len() {
        0 => "is".to_owned(),
        1 => "and one more variable are".to_owned(),
        more => format!("and {more} more variables are"),
    };
    let names: Vec<&str> = missing.iter().map(|variable| variable.name.as_str()).collect();
    let finding = findings.report(
        first.place.clone(),
        format!("`{}` {are} required, and neither `{}` nor anything else says so", first.name, template.path),
    );
    finding
        .help(format!(
            "add `{}=` to `{}`, with a word on where {}",
            names.join("=`, `"),
            template.path,
            if others.is_empty() { "its value comes from" } else { "the values come from" }
        ))
        .related(Place::start_of(template.path.clone()), "lists what is to be set")
        .anchor(format!("variable {}", names.join(", ")));
    for variable in others {
        finding.related(variable.place.clone(), format!("`{}` as well", variable.name));
    }
}

/// `env/template-key-unread`
pub fn template_key_unread(model: &Model, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let entries = model.snapshot.tree().entries().iter();
    let readers = entries.filter(|entry| !entry.kind.is_env());
    let sources: Vec<_> = readers.filter_map(|entry| model.snapshot.source(&entry.path).ok()).collect();
    for template in &model.env_templates {
        for entry in &template.file.entries {
            if sources.iter().any(|source| has_word(&source.text, &entry.key)) || is_for_an_image(&entry.key) {
                continue;
            }
            findings
                .report(
                    entry.key.place(&template.path),
                    format!("nothing in the repository reads `{}`", entry.key.value),
                )
                .help("take it out, or correct the name")
                .anchor(format!("variable {}", entry.key.value));
        }
    }
}

/// Variables that images and tools read whose code is elsewhere.
pub(super) fn is_for_an_image(key: &str) -> bool {
    const PREFIXES: [&str; 14] = [
        "POSTGRES_",
        "PG",
        "MYSQL_",
        "REDIS_",
        "RABBITMQ_",
        "MINIO_",
        "COMPOSE_",
        "DOCKER_",
        "PYTHON",
        "DJANGO_SUPERUSER_",
        "CELERY_",
        "AWS_",
        "GUNICORN_",
        "FLOWER_",
    ];
    PREFIXES.iter().any(|prefix| key.starts_with(prefix)) || matches!(key, "TZ" | "WEB_CONCURRENCY" | "PORT")
}
