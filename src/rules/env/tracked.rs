use crate::findings::Findings;
use crate::project::Model;
use crate::project::env_files::templates::EnvTemplate;
use crate::project::secrecy::names_secret;
use crate::project::usage::EnvFileUse;
use crate::rules::Cx;
use crate::source::{Place, RepoPath};
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
    let kept_out = |path: &RepoPath| {
        let tracked = model.snapshot.tree().find(path).is_some_and(|entry| entry.git == GitStatus::Tracked);
        let ignored =
            |path: &RepoPath| model.snapshot.tree().ignores(path) || model.gitignores.deciding(path).is_some();
        // One example may serve for files that have the environment in their names.
        let for_others = path.file_name() == ".env"
            && [".dev", ".prod", ".local"]
                .iter()
                .any(|end| RepoPath::new(&format!("{path}{end}")).is_some_and(|it| ignored(&it)));
        // `env.prod.example` may be written without the dot that its copy has.
        let dotted = path.parent().and_then(|folder| folder.join(&format!(".{}", path.file_name())));
        tracked || ignored(path) || for_others || dotted.is_some_and(|path| ignored(&path))
    };
    // A copy may get another name: that of the file beside it that Compose loads.
    let loads = || {
        let services = model.deployments.iter().flat_map(|deployment| &deployment.services);
        let files = services.filter_map(|service| service.compose.as_ref()).flat_map(|merged| &merged.env_files);
        files.filter_map(|file| file.value.path.location.likely()?.inside())
    };
    let copied_elsewhere = |template: &EnvTemplate| {
        let beside = |path: &&RepoPath| path.parent() == template.target.parent();
        loads().all(|path| *path != template.target) && loads().filter(beside).any(kept_out)
    };
    let secret = |template: &EnvTemplate| {
        let entry = template.file.entries.iter().find(|entry| names_secret(&entry.key))?;
        Some(entry.key.place(&template.path))
    };
    let open = model.env_templates.iter().filter(|template| !kept_out(&template.target) && !copied_elsewhere(template));
    // One line in `.gitignore` is missing, however many templates there are.
    let Some((template, place)) = open.filter_map(|template| Some((template, secret(template)?))).next() else {
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
