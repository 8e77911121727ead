use crate::findings::Findings;
use crate::project::Model;
use crate::rules::Cx;
use std::collections::BTreeSet;

/// `project/dockerignore-missing`
pub fn dockerignore_missing(model: &Model, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let mut told = BTreeSet::new();
    for dockerfile in model.dockerfiles.iter().filter(|dockerfile| dockerfile.serves_real_users()) {
        // Of Dockerfiles that nothing here builds, the project's own is meant.
        let holds_project = model.projects.iter().any(|project| project.root.is_under(&dockerfile.context));
        if dockerfile.scope.environments.is_empty() && !holds_project && !model.projects.is_empty() {
            continue;
        }
        if dockerfile.ignore_file(&model.snapshot).is_some() || told.contains(&dockerfile.context) {
            continue;
        }
        let Some(copy) = dockerfile.copies_whole_context() else { continue };
        // One file is missing, however many Dockerfiles miss it.
        told.insert(dockerfile.context.clone());
        let context = if dockerfile.context.is_root() { ".".to_owned() } else { dockerfile.context.to_string() };
        findings
            .report(
                copy.clone(),
                format!("the image takes all of `{context}`, and no `.dockerignore` leaves anything out"),
            )
            .help(
                format!("add `{context}/.dockerignore` with `.git`, `.env*`, media, dumps and caches")
                    .replace("./", ""),
            )
            .anchor("build context");
    }
}
