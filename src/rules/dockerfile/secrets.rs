use crate::findings::Findings;
use crate::parse::dockerfile::{Assignment, InstructionKind};
use crate::project::image::CopySource;
use crate::project::secrecy;
use crate::project::usage::{DockerfileUse, StageUse};
use crate::source::Place;

/// The variables that a stage's `ENV` and `ARG` set, each with whether it is an `ARG`.
fn assignments<'d>(
    stage: &StageUse,
    dockerfile: &'d DockerfileUse,
) -> impl Iterator<Item = (&'static str, &'d Assignment)> {
    // Those before the first stage are told with it.
    let preamble = if stage.index == 0 { dockerfile.file.preamble() } else { &[] };
    let own = dockerfile.looked_through(stage);
    preamble.iter().chain(own).flat_map(|instruction| {
        let (keyword, pairs) = match &instruction.kind {
            InstructionKind::Env(pairs) => ("ENV", pairs.as_slice()),
            InstructionKind::Arg(pairs) => ("ARG", pairs.as_slice()),
            _ => ("", &[][..]),
        };
        pairs.iter().map(move |pair| (keyword, pair))
    })
}

/// `dockerfile/secret-in-env`
pub fn secret_in_env(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    for (keyword, pair) in assignments(stage, dockerfile) {
        let Some(value) = pair.value.as_ref().and_then(|value| value.literal()) else { continue };
        if secrecy::is_written_secret(&pair.name, &value) {
            findings
                .report(
                    Place::new(dockerfile.path.clone(), pair.span),
                    format!("`{keyword} {}` writes a secret into the image", pair.name.value),
                )
                .help("hand it over when the container starts, or use `RUN --mount=type=secret` where the build needs it; then change it")
                .anchor(format!("variable {}", pair.name.value));
        }
    }
}

/// `dockerfile/secret-build-argument`
pub fn secret_build_argument(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    for (keyword, pair) in assignments(stage, dockerfile) {
        let written = pair.value.as_ref().and_then(|value| value.literal());
        let written = written.is_some_and(|value| secrecy::is_written_secret(&pair.name, &value));
        // Python's own images name the key that signs the sources: a fingerprint is public.
        let public = ["GPG", "PGP", "FINGERPRINT"].iter().any(|word| pair.name.contains(word));
        if !written && secrecy::names_secret(&pair.name) && !public && !pair.name.ends_with("_FILE") {
            findings
                .report(
                    Place::new(dockerfile.path.clone(), pair.span),
                    format!("`{keyword} {}` takes a secret where the image's history keeps it", pair.name.value),
                )
                .help("use `RUN --mount=type=secret` in the build, and the container's environment when it runs")
                .anchor(format!("variable {}", pair.name.value));
        }
    }
}

/// `dockerfile/secret-file-copied`
pub fn secret_file_copied(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    if !stage.is_kept {
        return;
    }
    let own = stage.image.copies.iter().filter(|copy| copy.stage == stage.index && copy.from == CopySource::Context);
    for copy in own {
        for source in &copy.sources {
            let Some(path) = source.value.likely().filter(|path| secrecy::is_secret_file(path)) else { continue };
            let place = Place::new(copy.place.path.clone(), source.span);
            findings
                .report(place, format!("`{path}` is copied into the image"))
                .help("hand its values over when the container starts: `env_file` or `secrets` of Compose; for the build alone `RUN --mount=type=secret`")
                .anchor(format!("file {path}"));
        }
    }
}

/// `dockerfile/password-set-in-build`
pub fn password_set_in_build(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    for step in &stage.steps {
        for command in step.commands.iter().filter(|command| command.program == "chpasswd") {
            findings
                .report(step.at(command.span), "an account of the image gets a password")
                .help("leave accounts without passwords; `USER` and `gosu` need none")
                .anchor(format!("stage {}", stage.name));
        }
    }
}
