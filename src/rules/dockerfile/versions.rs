use crate::findings::Findings;
use crate::project::command::{Action, Manager, PackageCommand};
use crate::project::usage::{DockerfileUse, StageUse};
use crate::source::Place;

/// Reports what is installed by a manager of this kind without a version, one finding for a command.
fn unpinned(stage: &StageUse, of: fn(Manager) -> bool, findings: &mut Findings<'_>) {
    // Tools that only serve the installation of others.
    const TOOLS: [&str; 8] = ["pip", "setuptools", "wheel", "virtualenv", "uv", "poetry", "pipenv", "npm"];
    for step in &stage.steps {
        for (_, command) in step.packages.iter().filter(|(_, command)| of(command.manager)) {
            let mut packages = command.unpinned().filter(|package| !TOOLS.contains(&package.name.as_str()));
            let Some(first) = packages.next() else { continue };
            let more = packages.count();
            let others = if more == 0 { String::new() } else { format!(" and {more} more") };
            findings
                .report(
                    step.at(first.word.span),
                    format!("`{}` installs `{}`{others} without a version", command.manager.name(), first.word.text()),
                )
                .help("name the version")
                .anchor(format!("package {}", first.name));
        }
    }
}

/// `dockerfile/pip-unpinned`
pub fn pip_unpinned(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    unpinned(stage, |manager| matches!(manager, Manager::Pip | Manager::Pipx | Manager::Uv), findings);
}

/// `dockerfile/apt-unpinned`
pub fn apt_unpinned(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    unpinned(stage, Manager::is_apt, findings);
}

/// `dockerfile/apk-unpinned`
pub fn apk_unpinned(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    unpinned(stage, |manager| manager == Manager::Apk, findings);
}

/// `dockerfile/yum-unpinned`
pub fn yum_unpinned(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    unpinned(stage, |manager| manager == Manager::Yum, findings);
}

/// `dockerfile/dnf-unpinned`
pub fn dnf_unpinned(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    unpinned(stage, Manager::is_dnf, findings);
}

/// `dockerfile/zypper-unpinned`
pub fn zypper_unpinned(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    unpinned(stage, |manager| manager == Manager::Zypper, findings);
}

/// `dockerfile/npm-unpinned`
pub fn npm_unpinned(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    unpinned(stage, |manager| matches!(manager, Manager::Npm | Manager::Yarn | Manager::Pnpm), findings);
}

/// `dockerfile/gem-unpinned`
pub fn gem_unpinned(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    unpinned(stage, |manager| manager == Manager::Gem, findings);
}

/// `dockerfile/go-unpinned`
pub fn go_unpinned(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    unpinned(stage, |manager| manager == Manager::Go, findings);
}

/// Reports the first command of a stage's package managers that is `wrong`.
fn first(
    stage: &StageUse,
    wrong: impl Fn(&PackageCommand) -> bool,
    message: &str,
    help: &str,
    findings: &mut Findings<'_>,
) {
    let commands = stage.steps.iter().flat_map(|step| step.packages.iter().map(move |found| (step, found)));
    let places: Vec<Place> = commands
        .filter(|(_, (_, command))| wrong(command))
        .map(|(step, (index, _))| step.at(step.commands[*index].words_span()))
        .collect();
    for place in places {
        findings.report(place, message).help(help).anchor(format!("stage {}", stage.name));
    }
}

/// `dockerfile/apt-in-build`
pub fn apt_in_build(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    first(
        stage,
        |command| command.manager == Manager::Apt,
        "the build calls `apt`, which is made for people",
        "write `apt-get`",
        findings,
    );
}

/// `dockerfile/apt-recommended-packages`
pub fn apt_recommended_packages(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    let off = |command: &PackageCommand| {
        command.flags.has(&["--no-install-recommends"])
            || command
                .flags
                .values(&["-o", "--option"])
                .iter()
                .any(|option| option.text().contains("Install-Recommends"))
    };
    // A file of apt's may settle it for all commands.
    let settled = stage.steps.iter().flat_map(|step| &step.commands).any(|command| {
        command.arguments().iter().any(|word| word.text().to_ascii_lowercase().contains("apt::install-recommends"))
            && !command.redirects.is_empty()
    });
    let wrong = |command: &PackageCommand| {
        !settled && command.manager.is_apt() && command.action == Action::Install && !off(command)
    };
    first(stage, wrong, "apt installs all that the packages recommend", "add `--no-install-recommends`", findings);
}

/// `dockerfile/dist-upgrade`
pub fn dist_upgrade(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    let wrong = |command: &PackageCommand| command.action == Action::DistUpgrade;
    first(
        stage,
        wrong,
        "the build moves the system of its image to another release",
        "take a newer base image",
        findings,
    );
}

/// `dockerfile/package-upgrade`
pub fn package_upgrade(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    let wrong = |command: &PackageCommand| command.action == Action::Upgrade && command.manager.is_system();
    first(stage, wrong, "the build upgrades all packages of its base image", "take a newer base image", findings);
}
