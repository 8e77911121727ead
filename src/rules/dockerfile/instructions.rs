use crate::findings::{Finding, Findings};
use crate::parse::dockerfile::{Assignment, InstructionKind, Word};
use crate::project::command::{Invocation, Wrapper, WrapperKind};
use crate::project::usage::{DockerfileUse, StageUse};
use crate::project::value::Traced;
use crate::source::{Place, Span};

/// Reports on a part of a stage.
pub(super) fn report<'f>(
    stage: &StageUse,
    dockerfile: &DockerfileUse,
    span: Span,
    message: impl Into<String>,
    findings: &'f mut Findings<'_>,
) -> &'f mut Finding {
    let place = Place::new(dockerfile.path.clone(), span);
    findings.report(place, message).anchor(format!("stage {}", stage.name))
}

/// The working folders that a stage sets, as far as they are literal.
fn workdirs<'d>(stage: &StageUse, dockerfile: &'d DockerfileUse) -> impl Iterator<Item = (Span, &'d Word)> {
    dockerfile.looked_through(stage).filter_map(|instruction| match &instruction.kind {
        InstructionKind::Workdir(word) => Some((instruction.span, word)),
        _ => None,
    })
}

pub(super) fn is_absolute(path: &str) -> bool {
    path.starts_with(['/', '\\']) || path.as_bytes().get(1) == Some(&b':')
}

/// `dockerfile/workdir-relative`
pub fn workdir_relative(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    // What the stages below leave is known.
    if stage.starts_from_stage {
        return;
    }
    for (span, word) in workdirs(stage, dockerfile) {
        match word.literal() {
            Some(path) if !is_absolute(&path) => {
                report(
                    stage,
                    dockerfile,
                    span,
                    format!("`{path}` is relative to a folder that nothing here sets"),
                    findings,
                )
                .help(format!("write the whole path: `WORKDIR /{path}`"));
            }
            // Of a variable nothing is known, and an absolute path settles it.
            _ => return,
        }
    }
}

/// `dockerfile/workdir-system-folder`
pub fn workdir_system_folder(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    // Nothing of these is the image's own, whatever lies below.
    const KERNEL: [&str; 3] = ["/dev", "/proc", "/sys"];
    // A folder of one's own below these is somebody's way of installing things, and mixes with nothing.
    const SHARED: [&str; 8] = ["/bin", "/boot", "/etc", "/lib", "/lib64", "/sbin", "/usr/bin", "/usr/sbin"];
    for (span, word) in workdirs(stage, dockerfile) {
        let Some(path) = word.literal() else { continue };
        let path = if path.len() > 1 { path.trim_end_matches('/') } else { path.as_str() };
        let below =
            |folder: &&str| path.strip_prefix(*folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if KERNEL.iter().any(below) || SHARED.contains(&path) {
            report(stage, dockerfile, span, format!("the stage works in `{path}`, a folder of the system"), findings)
                .help("use a folder of its own: `WORKDIR /app`");
        }
    }
}

/// The ports that a stage exposes, from the first to the last of each range, and whether they are UDP's. Build arguments
/// count with what they are without anybody's word.
fn ports<'d>(stage: &'d StageUse, dockerfile: &'d DockerfileUse) -> impl Iterator<Item = (Span, u32, u32, bool)> + 'd {
    let words = dockerfile.looked_through(stage).filter_map(|instruction| match &instruction.kind {
        InstructionKind::Expose(words) => Some(words),
        _ => None,
    });
    words.flatten().filter_map(|word: &'d Word| {
        let filled_in = || {
            let exposed = stage.image.exposed.iter();
            let own = |port: &&Traced<String>| port.trail.last().is_some_and(|step| step.place.span == word.span());
            exposed.rev().find(own)?.value.likely().cloned()
        };
        let text = word.literal().or_else(filled_in)?;
        let (range, protocol) = text.split_once('/').unwrap_or((&text, "tcp"));
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        Some((word.span(), first.parse().ok()?, last.parse().ok()?, protocol.eq_ignore_ascii_case("udp")))
    })
}

/// `dockerfile/expose-out-of-range`
pub fn expose_out_of_range(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    for (span, _, last, _) in ports(stage, dockerfile).filter(|(_, first, last, _)| (*first).max(*last) > 65535) {
        report(stage, dockerfile, span, format!("there is no port {last}"), findings).help("ports go up to 65535");
    }
}

/// `dockerfile/expose-ssh`
pub fn expose_ssh(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    for (span, ..) in ports(stage, dockerfile).filter(|(_, first, last, udp)| (*first..=*last).contains(&22) && !udp) {
        report(stage, dockerfile, span, "the image exposes the port of SSH", findings)
            .help("take the SSH server out; `docker compose exec` comes in by way of the host");
    }
}

/// `dockerfile/env-refers-to-itself`
pub fn env_refers_to_itself(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    // What a stage below or the base image sets has an old value.
    const INHERITED: [&str; 5] = ["PATH", "HOME", "LANG", "HOSTNAME", "PYTHON_VERSION"];
    let mut known: Vec<&str> = INHERITED.to_vec();
    if stage.starts_from_stage {
        return;
    }
    for instruction in dockerfile.looked_through(stage) {
        let (InstructionKind::Env(pairs) | InstructionKind::Arg(pairs)) = &instruction.kind else { continue };
        let is_env = matches!(instruction.kind, InstructionKind::Env(_));
        for (at, pair) in pairs.iter().enumerate().filter(|_| is_env) {
            let before = |name: &str| pairs[..at].iter().any(|earlier: &Assignment| earlier.name.value == name);
            let variables = pair.value.as_ref().map(Word::variables).unwrap_or_default();
            let used = variables.iter().find(|it| before(&it.name.value) && !known.contains(&it.name.value.as_str()));
            if let Some(used) = used {
                let message = format!("`${}` is not set yet: this instruction sets it", used.name.value);
                report(stage, dockerfile, pair.span, message, findings).help("write two `ENV` instructions");
            }
        }
        known.extend(pairs.iter().map(|pair| pair.name.value.as_str()));
    }
}

/// `dockerfile/docker-socket-in-image`
pub fn docker_socket_in_image(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    for instruction in dockerfile.looked_through(stage) {
        let mounted = instruction.flags_named("mount").filter_map(|flag| flag.value.as_ref());
        for mount in mounted.filter(|mount| mount.contains("type=bind") && mount.contains("docker.sock")) {
            report(stage, dockerfile, mount.span, "the step asks for the Docker socket, which no build gets", findings)
                .help("take it away");
        }
        let InstructionKind::Volume(words) = &instruction.kind else { continue };
        let sockets = words.iter().filter(|word| word.literal().is_some_and(|path| path.ends_with("docker.sock")));
        for word in sockets {
            report(stage, dockerfile, word.span(), "the image declares the Docker socket as a volume", findings)
                .help("take it away");
        }
    }
}

/// `dockerfile/sudo-in-build`
pub fn sudo_in_build(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    for step in &stage.steps {
        // `sudo -u postgres` gives rights away rather than takes them.
        let for_root = |wrapper: &Wrapper| {
            let named = match &wrapper.kind {
                WrapperKind::User(user) => user.as_ref(),
                _ => None,
            };
            wrapper.program == "sudo" && named.is_none_or(|user| user.is("root"))
        };
        let by_sudo = |command: &&Invocation| command.program == "sudo" || command.via.iter().any(for_root);
        if let Some(command) = step.commands.iter().find(by_sudo) {
            report(stage, dockerfile, command.span, "the step calls `sudo`", findings)
                .help("steps run as root until `USER` says otherwise; after it, use `USER root`");
        }
    }
}
