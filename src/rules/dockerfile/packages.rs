use crate::findings::Findings;
use crate::project::command::{Action, Manager, PackageCommand};
use crate::project::usage::{DockerfileUse, StageUse};
use crate::source::Place;

/// The package managers' commands of a stage, each with its place.
fn commands(stage: &StageUse) -> impl Iterator<Item = (Place, &PackageCommand)> {
    stage.steps.iter().flat_map(|step| {
        step.packages.iter().map(|(index, command)| (step.at(step.commands[*index].words_span()), command))
    })
}

/// `dockerfile/apt-install-asks`
pub fn apt_install_asks(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    // A file of apt's may settle it for all commands.
    let settled = stage.steps.iter().flat_map(|step| &step.commands).any(|command| {
        command.arguments().iter().any(|word| word.text().to_ascii_lowercase().contains("apt::get::assume-yes"))
    });
    if !settled {
        asks(stage, Manager::is_apt, "-y", findings);
    }
}

/// `dockerfile/yum-install-asks`
pub fn yum_install_asks(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    asks(stage, |manager| manager == Manager::Yum, "-y", findings);
}

/// `dockerfile/dnf-install-asks`
pub fn dnf_install_asks(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    asks(stage, Manager::is_dnf, "-y", findings);
}

/// `dockerfile/zypper-install-asks`
pub fn zypper_install_asks(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    asks(stage, |manager| manager == Manager::Zypper, "--non-interactive", findings);
}

fn asks(stage: &StageUse, of: fn(Manager) -> bool, flag: &str, findings: &mut Findings<'_>) {
    let changes =
        |action: Action| matches!(action, Action::Install | Action::Upgrade | Action::DistUpgrade | Action::Remove);
    let asking = commands(stage).filter(|(_, it)| of(it.manager) && changes(it.action) && !it.assumes_yes);
    for (place, command) in asking {
        let name = command.manager.name();
        let what = if command.action == Action::Remove { "removes" } else { "installs" };
        findings
            .report(place, format!("`{name}` may ask before it {what}, and nobody is there to answer"))
            .help(format!("add `{flag}`"))
            .anchor(format!("{name} in stage {}", stage.name));
    }
}

/// `dockerfile/package-index-update-alone`
pub fn package_index_update_alone(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    for (place, manager, _) in stage.lone_refreshes().into_iter().filter(|(.., used_later)| *used_later) {
        let name = manager.name();
        findings
            .report(place, format!("`{name}` fetches its list in one step and installs by it in a later one"))
            .help("write both in one `RUN`, joined by `&&`")
            .anchor(format!("{name} in stage {}", stage.name));
    }
}

/// `dockerfile/package-index-update-unused`
pub fn package_index_update_unused(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    for (place, manager, _) in stage.lone_refreshes().into_iter().filter(|(.., used_later)| !used_later) {
        let name = manager.name();
        findings
            .report(place, format!("`{name}` fetches its list, and nothing is installed by it"))
            .help("leave it out, or join it with the installation")
            .anchor(format!("{name} in stage {}", stage.name));
    }
}
