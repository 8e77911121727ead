use super::instructions::report;
use crate::findings::Findings;
use crate::parse::dockerfile::{Instruction, InstructionKind, Transfer};
use crate::project::usage::{DockerfileUse, StageUse};

/// The `COPY` and `ADD` instructions of a stage, each with whether it is an `ADD`.
pub(super) fn transfers<'d>(
    stage: &StageUse,
    dockerfile: &'d DockerfileUse,
) -> impl Iterator<Item = (&'d Instruction, &'d Transfer, bool)> {
    dockerfile.looked_through(stage).filter_map(|instruction| match &instruction.kind {
        InstructionKind::Copy(transfer) => Some((instruction, transfer, false)),
        InstructionKind::Add(transfer) => Some((instruction, transfer, true)),
        _ => None,
    })
}

/// `dockerfile/add-remote-url`
pub fn add_remote_url(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    for (instruction, transfer, _) in transfers(stage, dockerfile).filter(|(.., add)| *add) {
        let is_file = |text: &str| text.contains("://") && !text.contains(".git");
        let source = transfer.sources.iter().find(|source| is_file(source.text.text()));
        if let Some(source) = source.filter(|_| instruction.flag("checksum").is_none()) {
            report(
                stage,
                dockerfile,
                source.span(),
                "a file from an address is added, and its sum is not checked",
                findings,
            )
            .help("give its sum: `ADD --checksum=sha256:…`");
        }
    }
}

/// `dockerfile/copy-several-to-file`
pub fn copy_several_to_file(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    for (_, transfer, _) in transfers(stage, dockerfile) {
        let Some(destination) = &transfer.destination else { continue };
        // What a template's placeholder is made into may be one word: `{{ project }}/requirements.txt`.
        let template = transfer.sources.iter().any(|source| source.text.text().contains("{{"));
        let several = !template && transfer.sources.len() + transfer.heredocs.len() > 1;
        let text = destination.text.text().trim_matches(['"', '\'']);
        let open = !destination.variables().is_empty() && text.ends_with('}') || text.starts_with('$');
        if several && !open && !text.ends_with(['/', '\\', '.']) {
            report(
                stage,
                dockerfile,
                destination.span(),
                format!("several files are copied to `{text}`, which is not written as a folder"),
                findings,
            )
            .help(format!("end it with a slash: `{text}/`"));
        }
    }
}

/// `dockerfile/copy-from-own-stage`
pub fn copy_from_own_stage(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    for (instruction, ..) in transfers(stage, dockerfile) {
        let Some(from) = instruction.flag("from").and_then(|flag| flag.value.as_ref()) else { continue };
        let own = dockerfile.file.stages[stage.index].name.as_ref();
        let is_own = own.is_some_and(|own| own.eq_ignore_ascii_case(from)) || from.value == stage.index.to_string();
        if is_own && dockerfile.file.stage_named(from, stage.index).is_none() {
            report(stage, dockerfile, from.span, format!("the stage `{}` copies from itself", from.value), findings)
                .help("name an earlier stage, or use `RUN cp`");
        }
    }
}

/// `dockerfile/copy-from-unknown-stage`
pub fn copy_from_unknown_stage(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    for (instruction, ..) in transfers(stage, dockerfile) {
        let Some(from) = instruction.flag("from").and_then(|flag| flag.value.as_ref()) else { continue };
        if let Some(meant) = dockerfile.meant_stage(from, stage.index) {
            report(stage, dockerfile, from.span, format!("no earlier stage is called `{}`", from.value), findings)
                .help(format!("{meant}; an image is written with its tag"))
                .evidence(from.value.clone());
        }
    }
}

/// `dockerfile/stage-name-duplicate`
pub fn stage_name_duplicate(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    let Some(name) = &dockerfile.file.stages[stage.index].name else { return };
    if let Some(earlier) = dockerfile.file.stage_named(name, stage.index) {
        let place = crate::source::Place::new(dockerfile.path.clone(), earlier.base.span);
        report(stage, dockerfile, name.span, format!("another stage is called `{}`, too", name.value), findings)
            .help("give each stage its own name")
            .related(place, "the other one");
    }
}

/// `dockerfile/stage-name-reserved`
pub fn stage_name_reserved(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    let Some(name) = &dockerfile.file.stages[stage.index].name else { return };
    if ["scratch", "context"].iter().any(|reserved| name.eq_ignore_ascii_case(reserved)) {
        report(stage, dockerfile, name.span, format!("`{}` means something else to the builder", name.value), findings)
            .help("give the stage another name");
    }
}
