use crate::findings::Findings;
use crate::project::Model;
use crate::project::env_files::templates::unmentioned;
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
