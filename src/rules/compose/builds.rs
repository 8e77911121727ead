use crate::findings::Findings;
use crate::project::deployment::Service;
use crate::rules::Cx;

/// `compose/dockerfile-missing`
pub fn dockerfile_missing(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(lost) = service.lost_dockerfile(&cx.model.snapshot) else { return };
    let help = match &lost.other_writing {
        Some(near) => format!("Linux tells capitals apart: the file is called `{}`", near.file_name()),
        None => "mend the path, which is relative to the build context, or commit the file".to_owned(),
    };
    findings
        .report(lost.place, format!("`{}` is built from `{}`, which does not exist", service.name, lost.path))
        .help(help)
        .anchor(format!("dockerfile {}", lost.path));
}
