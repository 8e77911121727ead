use crate::findings::Findings;
use crate::project::Model;
use crate::project::usage::EnvFileUse;
use crate::rules::Cx;
use crate::source::Place;
use crate::tree::GitStatus;

/// `env/tracked-though-ignored`
pub fn tracked_though_ignored(file: &EnvFileUse, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    // What production loads is told by `env/committed-production-file`.
    let loaded = !file.loaded_by.is_empty();
    if file.git != GitStatus::Tracked || loaded || file.is_for_developers() || file.own_secrets().next().is_none() {
        return;
    }
    let Some(line) = cx.model.gitignores.deciding(&file.path) else { return };
    findings
        .report(
            line.place,
            format!("`{}` keeps nothing out: `{}` is committed already, with secrets", line.pattern, file.path),
        )
        .help(format!("`git rm --cached {}`, and change what was in it", file.path))
        .related(Place::start_of(file.path.clone()), "is committed")
        .anchor(format!("env file {}", file.path));
}

/// `env/file-not-ignored`
pub fn file_not_ignored(model: &Model, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let open = model.env_templates.iter().filter(|template| !template.is_kept_out(model));
    // One line in `.gitignore` is missing, however many templates there are.
    let Some((template, place)) = open.filter_map(|template| Some((template, template.first_secret()?))).next() else {
        return;
    };
    findings
        .report(
            place,
            format!(
                "`{}` is made from this and holds secrets, and no `.gitignore` keeps it out of the repository",
                template.target
            ),
        )
        .help(format!("add `{}` to `.gitignore`", template.target.file_name()))
        .anchor("env files");
}
