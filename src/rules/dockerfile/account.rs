use crate::findings::Findings;
use crate::project::container::account::{Account, names_root};
use crate::project::usage::{DockerfileUse, StageUse};
use crate::source::Place;

/// `dockerfile/user-missing`
pub fn user_missing(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    let by_default = |other: &&StageUse| other.account == Account::RootByDefault;
    // Stages of one file that share the trouble are mended at one place.
    let first = dockerfile.stages.iter().find(by_default);
    if by_default(&stage) && first.is_some_and(|first| first.index == stage.index) {
        findings
            .report(stage.base_place.clone(), "the image names no user, so its process runs as root")
            .help(
                "make an account and switch to it after the last installation: `RUN useradd --system app`, `USER app`",
            )
            .anchor("user of the image");
    }
}

/// `dockerfile/root-user`
pub fn root_user(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    let Account::Root(place) = &stage.account else { return };
    let unnamed = stage.name.bytes().all(|byte| byte.is_ascii_digit());
    let of = if unnamed { "the image".to_owned() } else { format!("the stage `{}`", stage.name) };
    findings
        .report(place.clone(), format!("containers of {of} run as root"))
        .help("switch back with `USER` after the last step that needs root, or hand over in the entrypoint: `exec gosu app \"$@\"`")
        .anchor(format!("stage {}", stage.name));
}

/// `dockerfile/root-user-in-build-stage`
pub fn root_user_in_build_stage(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    if stage.is_target {
        return;
    }
    if let Some((place, user)) = dockerfile.users(stage).last()
        && names_root(&user)
    {
        findings
            .report(place, format!("the stage `{}` ends as root", stage.name))
            .help("switch back with `USER` after the last step that needs root")
            .anchor(format!("stage {}", stage.name));
    }
}

/// `dockerfile/user-by-name`
pub fn user_by_name(stage: &StageUse, dockerfile: &DockerfileUse, findings: &mut Findings<'_>) {
    let named = |user: &str| {
        let name = user.split(':').next().unwrap_or_default();
        !name.is_empty() && !names_root(name) && !name.bytes().all(|byte| byte.is_ascii_digit())
    };
    let last: Option<(Place, String)> = dockerfile.users(stage).last().filter(|(_, user)| named(user));
    if let Some((place, user)) = last.filter(|_| stage.is_target) {
        findings
            .report(place, format!("the image names its user `{user}`, a name that only the image knows"))
            .help("use the number: `USER 1000`")
            .anchor(format!("stage {}", stage.name));
    }
}
