use crate::config::LabelKind;
use crate::findings::Findings;
use crate::project::usage::{DockerfileUse, StageUse};

/// `dockerfile/label-missing`
pub fn label_missing(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    let missing = &stage.labels.missing;
    let list: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
    let (what, it) = match missing.len() {
        0 => return,
        1 => ("label", "it"),
        _ => ("labels", "them"),
    };
    findings
        .report(stage.base_place.clone(), format!("the image lacks the {what} {}", list.join(", ")))
        .help(format!("set {it} with `LABEL`"))
        .anchor(format!("labels of stage {}", stage.name))
        .evidence(missing.join(" "));
}

/// `dockerfile/label-superfluous`
pub fn label_superfluous(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    for (name, place) in &stage.labels.superfluous {
        findings
            .report(place.clone(), format!("nobody asks for the label `{name}`"))
            .help("take it out, or add it to `[labels.schema]`")
            .anchor(format!("label {name}"));
    }
}

/// `dockerfile/label-malformed`
pub fn label_malformed(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    for label in &stage.labels.malformed {
        let name = &label.name;
        let message = match label.wanted {
            None => format!("the label `{name}` is empty"),
            Some(kind) => format!("the label `{name}` is not {}", described(kind)),
        };
        findings.report(label.place.clone(), message).help("mend its value").anchor(format!("label {name}"));
    }
}

fn described(kind: LabelKind) -> &'static str {
    match kind {
        LabelKind::Text => "a text",
        LabelKind::Url => "an address with its scheme, such as `https://school.example.org/`",
        LabelKind::Rfc3339 => "a time of RFC 3339, such as `2026-11-21T10:54:43Z`",
        LabelKind::Spdx => "a licence by its SPDX name, such as `MIT`",
        LabelKind::Hash => "the hash of a commit",
        LabelKind::Semver => "a semantic version, such as `2.7.1`",
        LabelKind::Email => "an e-mail address",
    }
}
