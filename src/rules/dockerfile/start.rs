use crate::findings::Findings;
use crate::parse::dockerfile::{CommandForm, Healthcheck, Instruction, InstructionKind};
use crate::project::usage::{DockerfileUse, StageUse};
use crate::source::Place;

/// `dockerfile/shell-form-command`
pub fn shell_form_command(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    let Some((keyword, start)) = stage.keeps_shell() else { return };
    let instruction = &dockerfile.file.instructions[start.instruction];
    let message = match instruction.looks_like_json {
        true => format!("`{keyword}` is no JSON list, so that a shell reads it"),
        false => {
            format!("`{keyword}` keeps a shell as the first process, so that stop signals do not reach the program")
        }
    };
    findings
        .report(start.place.clone(), message)
        .help(format!(
            "write a JSON list with double quotes, `{keyword} [\"program\", \"argument\"]`, or begin with `exec`"
        ))
        .anchor(format!("{keyword} of stage {}", stage.name));
}

/// `dockerfile/shell-form-healthcheck`
pub fn shell_form_healthcheck(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    for instruction in dockerfile.looked_through(stage) {
        if let InstructionKind::Healthcheck(Healthcheck::Command(CommandForm::Shell(text))) = &instruction.kind {
            findings
                .report(Place::new(dockerfile.path.clone(), text.span()), "the health check is a line for the shell")
                .help("write a JSON list: `HEALTHCHECK CMD [\"program\", \"argument\"]`")
                .anchor(format!("stage {}", stage.name));
        }
    }
}

/// `dockerfile/command-overridden`
pub fn command_overridden(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    overridden(stage, dockerfile, findings, "CMD", |kind| matches!(kind, InstructionKind::Cmd(_)));
}

/// `dockerfile/entrypoint-overridden`
pub fn entrypoint_overridden(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    overridden(stage, dockerfile, findings, "ENTRYPOINT", |kind| matches!(kind, InstructionKind::Entrypoint(_)));
}

/// `dockerfile/healthcheck-overridden`
pub fn healthcheck_overridden(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    overridden(stage, dockerfile, findings, "HEALTHCHECK", |kind| matches!(kind, InstructionKind::Healthcheck(_)));
}

fn overridden(
    stage: &StageUse,
    dockerfile: &DockerfileUse,
    findings: &mut Findings<'_>,
    keyword: &str,
    is: fn(&InstructionKind) -> bool,
) {
    let all: Vec<&Instruction> = dockerfile.instructions(stage).filter(|instruction| is(&instruction.kind)).collect();
    let Some((last, earlier)) = all.split_last() else { return };
    for instruction in earlier {
        findings
            .report(
                Place::new(dockerfile.path.clone(), instruction.span),
                format!("this `{keyword}` never holds: a later one of the same stage takes its place"),
            )
            .help("keep the one that is meant")
            .related(Place::new(dockerfile.path.clone(), last.span), "the one that holds")
            .anchor(format!("{keyword} of stage {}", stage.name))
            .evidence(instruction.arguments.text().to_owned());
    }
}

/// `dockerfile/healthcheck-missing`
pub fn healthcheck_missing(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    if stage.is_target && stage.image.healthcheck.is_none() {
        findings
            .report(stage.base_place.clone(), "the image has no health check")
            .help("add `HEALTHCHECK CMD …`, or a `healthcheck` to each service that runs it")
            .anchor(format!("stage {}", stage.name));
    }
}
