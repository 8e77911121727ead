use crate::findings::Findings;
use crate::project::usage::EnvFileUse;
use crate::rules::Cx;
use crate::source::Place;
use crate::tree::GitStatus;

/// `env/committed-production-file`
pub fn committed_production_file(file: &EnvFileUse, _: &Cx<'_>, findings: &mut Findings<'_>) {
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
}

/// `env/secret-shared`
pub fn secret_shared(file: &EnvFileUse, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let others =
        cx.model.env_files.iter().filter(|other| file.serves_apart_from(other) && other.git == GitStatus::Tracked);
    let shared = others.filter_map(|other| {
        let entry = file
            .own_secrets()
            .find(|entry| other.own_secrets().any(|known| known.key.value == entry.key.value && same(known, entry)))?;
        Some((entry, other))
    });
    if file.git != GitStatus::Tracked {
        return;
    }
    if let Some((entry, other)) = shared.into_iter().next() {
        let Some(twin) = other.file.get(&entry.key) else { return };
        findings
            .report(
                entry.key.place(&file.path),
                format!("`{}` is the same here and in `{}`", entry.key.value, other.path),
            )
            .help("give each environment its own, so that a developer's laptop does not open production")
            .related(twin.key.place(&other.path), "has the same value")
            .anchor(format!("variable {}", entry.key.value));
    }
}

fn same(one: &crate::parse::env_file::Entry, other: &crate::parse::env_file::Entry) -> bool {
    match (&one.value, &other.value) {
        (Some(one), Some(other)) => one.raw.value == other.raw.value,
        _ => false,
    }
}
