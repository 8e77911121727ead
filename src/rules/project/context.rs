use crate::findings::Findings;
use crate::project::Model;
use crate::rules::Cx;

/// `project/dockerignore-missing`
pub fn dockerignore_missing(model: &Model, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for dockerfile in model.dockerfiles.iter().filter(|dockerfile| dockerfile.serves_real_users()) {
        if dockerfile.ignore_file(&model.snapshot).is_some() {
            continue;
        }
        let Some(copy) = dockerfile.copies_whole_context() else { continue };
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
