use crate::findings::Findings;
use crate::project::usage::EnvFileUse;
use crate::rules::Cx;
use crate::source::Place;
use crate::tree::GitStatus;

/// `env/committed-production-file`
pub fn committed_production_file(file: &EnvFileUse, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    if file.git != GitStatus::Tracked || file.loaded_by.is_empty() {
        return;
    }
    let mut secrets = file.own_secrets();
    let Some(first) = secrets.next() else { return };
    let more = match secrets.count() {
        0 => String::new(),
        1 => " and one more secret".to_owned(),
        count => format!(" and {count} more secrets"),
    };
    let finding = findings.report(
        Place::new(file.path.clone(), first.key.span),
        format!("`{}` is committed with `{}`{more}", file.path, first.key.value),
    );
    finding
        .help(format!(
            "`git rm --cached {}`, ignore it, commit an example without values, and change what was in it",
            file.path
        ))
        .anchor("env file");
    for place in &file.loaded_by {
        finding.related(place.clone(), "loads it");
    }
    if let Some((_, twin)) = file.shared_secret(cx.model) {
        finding.related(twin, "developers have the same value");
    }
}

/// `env/secret-shared`
pub fn secret_shared(file: &EnvFileUse, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    // Of a file that production is seen to load, `env/committed-production-file` tells it along with the rest.
    if file.git != GitStatus::Tracked || !file.loaded_by.is_empty() {
        return;
    }
    if let Some((entry, twin)) = file.shared_secret(cx.model) {
        findings
            .report(
                entry.key.place(&file.path),
                format!("`{}` is the same here and in `{}`", entry.key.value, twin.path),
            )
            .help("give each environment its own, so that a developer's laptop does not open production")
            .related(twin, "has the same value")
            .anchor(format!("variable {}", entry.key.value));
    }
}
