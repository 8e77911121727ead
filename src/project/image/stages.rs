//! What becomes of the stages of a Dockerfile: which are built for whom, and what runs of them.

use super::reference::ImageReference;
use super::{CopySource, Image};
use crate::findings::Scope;
use crate::parse::dockerfile::Dockerfile;
use crate::project::built_images::{BuiltImage, ImageName, Known, Template};
use crate::project::compose;
use crate::project::container::account::Account;
use crate::project::deployment::Deployment;
use crate::project::environment::Environment;
use crate::project::evidence::{named_by_path, named_in_stage};
use crate::project::process::Process;
use crate::source::RepoPath;

/// What is known of one stage.
#[derive(Clone, Debug, Default)]
pub struct StageFate {
    /// The environments that need it: for their containers, or to build or fill another stage.
    pub scope: Scope,
    /// Whether containers are made of it.
    pub is_target: bool,
    /// Whether its layers are in the image of a container.
    pub is_kept: bool,
    /// Whether a container of it starts with the image's entry point.
    pub starts_entrypoint: bool,
    /// Whether a container of it starts with the image's command.
    pub starts_cmd: bool,
    /// The account of the containers of real users' environments that are made of it; root's before others'.
    pub account: Option<Account>,
}

/// What a Dockerfile is taken to serve where neither a deployment nor a name tells.
#[derive(Clone, Debug)]
pub struct Untold {
    /// The environment.
    pub environment: Environment,
    /// Whether production is known and is built from others, so that names of stages and files prove nothing.
    pub is_leftover: bool,
}

/// The fates of the stages of the Dockerfile at `path`. `images` are the stages' images, as if each were the target; `process` tells what
/// runs of an image that no stack is known to run, `untold` which environment that is taken to serve. `is_base` says that
/// other Dockerfiles are built on it.
pub fn fates(
    path: &RepoPath,
    file: &Dockerfile,
    untold: &Untold,
    images: &[Option<Image>],
    deployments: &[Deployment],
    is_base: bool,
    process: &dyn Fn(&Image) -> Process,
) -> Vec<StageFate> {
    let mut fates = vec![StageFate::default(); file.stages.len()];
    let mut production_is_built = false;
    let mut built = vec![false; file.stages.len()];
    for deployment in deployments {
        for service in &deployment.services {
            for layer in service.build.iter().flat_map(|build| build.layers().skip(1)) {
                if let Some(&top) = layer.image.stages.last().filter(|_| layer.dockerfile == path) {
                    built[top] = true;
                    production_is_built |= deployment.serves_real_users();
                    need(&mut fates, images, top, &deployment.scope());
                }
            }
            let Some(build) = service.build.as_ref().filter(|build| build.dockerfile == *path) else { continue };
            let Some(&target) = build.image.stages.last() else { continue };
            built[target] = true;
            production_is_built |= deployment.serves_real_users();
            let scope = deployment.scope();
            add(&mut fates, images, target, &scope);
            if let Some(merged) = &service.compose {
                let own = merged.entrypoint.is_none();
                fates[target].starts_entrypoint |= own;
                fates[target].starts_cmd |= own && merged.command.is_none();
            } else {
                let platform = service.platform.as_ref();
                fates[target].starts_entrypoint |= platform.is_none_or(|platform| platform.starts_entrypoint);
                fates[target].starts_cmd |= platform.is_none_or(|platform| platform.starts_cmd);
            }
            if deployment.serves_real_users() {
                note_account(&mut fates[target], Account::of_service(service));
            }
        }
    }
    // Stages that nothing here builds may be built elsewhere, by a workflow as a rule.
    let told = named_by_path(path).map(|(environment, _)| environment);
    // A service of a profile that is not active tells as much as a name.
    let of_profiles = deployments.iter().filter(|deployment| !built.contains(&true) && deployment.may_build(path));
    let real = of_profiles.clone().find(|deployment| deployment.serves_real_users());
    let by_profile = real.or_else(|| of_profiles.clone().next()).map(Deployment::scope);
    let last = file.stages.len().checked_sub(1);
    for stage in file.stages.iter().filter(|stage| !built[stage.index]) {
        let named = stage.name.as_ref().and_then(|name| named_in_stage(name)).map(|(environment, _)| environment);
        let is_last = Some(stage.index) == last;
        // What is built on it is judged with it.
        if is_last && is_base {
            continue;
        }
        let scope = match (named, is_last) {
            // Of a file that others build, too, the stages that they do not are nobody's.
            _ if untold.is_leftover && (!is_last || built.contains(&true)) => continue,
            _ if untold.is_leftover => Scope::of(told.clone().unwrap_or_else(|| untold.environment.clone()), true),
            (Some(environment), _) if is_last || (told.is_none() && !is_part_of_another(images, stage.index)) => {
                Scope::of(environment, false)
            }
            (_, true) if production_is_built => continue,
            (_, true) => match (&told, &by_profile) {
                (Some(environment), _) => Scope::of(environment.clone(), false),
                (None, Some(scope)) => scope.clone(),
                (None, None) => Scope::of(untold.environment.clone(), true),
            },
            _ => continue,
        };
        // A developer's Dockerfile by what builds it stays one.
        if is_last && built.iter().any(|built| *built) && named_stage_is_missing(file) {
            continue;
        }
        let real = scope.serves_real_users();
        add(&mut fates, images, stage.index, &scope);
        (fates[stage.index].starts_entrypoint, fates[stage.index].starts_cmd) = (true, true);
        if real && let Some(image) = images.get(stage.index).and_then(Option::as_ref) {
            note_account(&mut fates[stage.index], Account::of_image(image).after(&process(image)));
        }
    }
    fates
}

/// Whether no stage is named for an environment of real users.
fn named_stage_is_missing(file: &Dockerfile) -> bool {
    !file
        .stages
        .iter()
        .filter_map(|stage| named_in_stage(stage.name.as_ref()?))
        .any(|(environment, _)| environment.serves_real_users())
}

/// Whether another stage builds on it or copies from it.
fn is_part_of_another(images: &[Option<Image>], stage: usize) -> bool {
    images.iter().flatten().any(|image| {
        let below = image.stages.split_last().map_or(&[][..], |(_, below)| below);
        below.contains(&stage)
            || image.mounted.contains(&stage)
            || image.copies.iter().any(|copy| copy.from == CopySource::Stage(stage))
    })
}

/// Notes that the environments of `scope` build `target` and make containers of it.
fn add(fates: &mut [StageFate], images: &[Option<Image>], target: usize, scope: &Scope) {
    fates[target].is_target = true;
    need(fates, images, target, scope);
}

/// Notes that the layers of `target` are in images of the environments of `scope`.
fn need(fates: &mut [StageFate], images: &[Option<Image>], target: usize, scope: &Scope) {
    let mut seen = vec![false; fates.len()];
    let mut open = vec![target];
    while let Some(stage) = open.pop() {
        if std::mem::replace(&mut seen[stage], true) {
            continue;
        }
        for environment in &scope.environments {
            fates[stage].scope.add(environment.clone(), false);
        }
        for environment in &scope.assumed {
            fates[stage].scope.add(environment.clone(), true);
        }
        let Some(image) = images.get(stage).and_then(Option::as_ref) else { continue };
        for &below in &image.stages {
            // A stage that is copied from only lends its files.
            if stage == target {
                fates[below].is_kept = true;
            }
            open.push(below);
        }
        open.extend(&image.mounted);
        open.extend(image.copies.iter().filter_map(|copy| match copy.from {
            CopySource::Stage(source) => Some(source),
            _ => None,
        }));
    }
}

fn note_account(fate: &mut StageFate, account: Account) {
    if fate.account.as_ref().is_none_or(|known| !known.is_root()) {
        fate.account = Some(account);
    }
}

/// Whether `base` is an image that the repository builds: by the name that a stack or a pipeline gives it, or as Compose
/// calls it, `<project>_<service>` or `<project>-<service>`.
pub fn is_built_here(base: &str, deployments: &[Deployment], built: &[BuiltImage]) -> bool {
    let name = ImageName::new(&Template::of_text(base, &Known::new()));
    if built.iter().flat_map(|built| &built.names).any(|own| own.likeness(&name).is_some()) {
        return true;
    }
    let wanted = ImageReference::parse(base);
    let is = |merged: &compose::Service| {
        if merged.build.is_none() {
            return false;
        }
        let image = merged.image.as_ref().and_then(|image| image.value.likely());
        let named = image.is_some_and(|image| ImageReference::parse(image).repository == wanted.repository);
        let by_compose = merged.image.is_none()
            && !base.contains('/')
            && wanted.tag.as_deref().is_none_or(|tag| tag == "latest")
            && ['_', '-'].iter().any(|dash| {
                wanted.repository.strip_suffix(&merged.name).is_some_and(|rest| rest.len() > 1 && rest.ends_with(*dash))
            });
        named || by_compose
    };
    // Those of profiles that are not active, too.
    let stacks = deployments.iter().filter_map(|deployment| deployment.stack.as_ref());
    stacks.flat_map(|stack| stack.services.values()).any(is)
}
