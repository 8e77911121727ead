use crate::findings::Findings;
use crate::project::command::Manager;
use crate::project::usage::{DockerfileUse, StageUse};
use crate::source::Place;

/// `dockerfile/pip-cache-kept`
pub fn pip_cache_kept(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    let help =
        "add `--no-cache-dir`, or mount the cache: `RUN --mount=type=cache,target=/root/.cache/pip pip install …`";
    kept(stage, stage.pip_caches(), "the image keeps what pip downloaded", help, findings);
}

/// `dockerfile/apt-lists-kept`
pub fn apt_lists_kept(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    let help = "remove them in the same step: `&& rm -rf /var/lib/apt/lists/*`";
    kept(stage, stage.apt_lists(), "the image keeps the lists that `apt-get update` fetched", help, findings);
}

/// `dockerfile/apk-cache-kept`
pub fn apk_cache_kept(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    kept(stage, stage.apk_caches(), "the image keeps apk's index", "add `--no-cache`", findings);
}

/// `dockerfile/yum-cache-kept`
pub fn yum_cache_kept(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    let places = stage.caches(|manager| manager == Manager::Yum);
    kept(stage, places, "the image keeps what yum downloaded", "end the step with `&& yum clean all`", findings);
}

/// `dockerfile/dnf-cache-kept`
pub fn dnf_cache_kept(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    let places = stage.caches(Manager::is_dnf);
    kept(stage, places, "the image keeps what dnf downloaded", "end the step with `&& dnf clean all`", findings);
}

/// `dockerfile/zypper-cache-kept`
pub fn zypper_cache_kept(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    let places = stage.caches(|manager| manager == Manager::Zypper);
    kept(
        stage,
        places,
        "the image keeps what zypper downloaded",
        "end the step with `&& zypper clean --all`",
        findings,
    );
}

/// `dockerfile/yarn-cache-kept`
pub fn yarn_cache_kept(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    let places = stage.caches(|manager| manager == Manager::Yarn);
    kept(stage, places, "the image keeps what yarn downloaded", "end the step with `&& yarn cache clean`", findings);
}

/// `dockerfile/apt-archives-kept`
pub fn apt_archives_kept(stage: &StageUse, _: &DockerfileUse, findings: &mut Findings<'_>) {
    let places = stage.apt_without_clean();
    kept(stage, places, "the step does not end with `apt-get clean`", "add `&& apt-get clean`", findings);
}

/// One finding for a stage: at the first of `places`, the others beside it.
fn kept(stage: &StageUse, places: Vec<Place>, message: &str, help: &str, findings: &mut Findings<'_>) {
    if !stage.is_kept {
        return;
    }
    let mut places = places.into_iter();
    let Some(first) = places.next() else { return };
    let finding = findings.report(first, message).help(help).anchor(format!("stage {}", stage.name));
    for other in places.take(10) {
        finding.related(other, "and here");
    }
}
