//! Where images come from, and whether the team takes them from there.

use super::CopySource;
use super::reference::ImageReference;
use crate::config::Config;
use crate::project::deployment::Deployment;
use crate::project::usage::{DockerfileUse, StageUse};
use crate::source::Place;

/// An image that something here is built on, takes files from or runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedImage {
    /// Its name, variables filled in.
    pub text: String,
    /// Where it is named.
    pub place: Place,
    /// What for.
    pub purpose: Purpose,
}

/// What an image is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A stage starts from it.
    Base,
    /// `COPY --from` takes files from it.
    Copied,
    /// A step mounts it.
    Mounted,
    /// A service runs it.
    Run,
}

/// The registries that a team takes images from; every one where it says nothing.
#[derive(Clone, Debug, Default)]
pub struct Registries(Vec<String>);

impl Registries {
    /// What the configuration says.
    pub fn of(config: &Config) -> Self {
        let named = config.allowed_registries.iter();
        Self(named.map(|registry| registry.trim_end_matches('/').to_ascii_lowercase()).collect())
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an image may be taken.
    pub fn allow(&self, image: &str) -> bool {
        let full = full_name(image);
        let (host, path) = full.split_once('/').unwrap_or((&full, ""));
        self.0.iter().any(|allowed| {
            let (allowed_host, allowed_path) = allowed.split_once('/').unwrap_or((allowed, ""));
            let host_fits = match allowed_host.strip_prefix('*') {
                Some(end) => host.ends_with(end) && host.len() > end.len(),
                None => host == allowed_host,
            };
            let rest = path.strip_prefix(allowed_path);
            host_fits && (allowed_path.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
        })
    }
}

/// An image's name with the host and the path that Docker adds: `docker.io/library/python`. Tags and digests are left out.
fn full_name(image: &str) -> String {
    let name = ImageReference::parse(image).repository.to_ascii_lowercase();
    match name.split_once('/') {
        Some((first, _)) if first.contains(['.', ':']) || first == "localhost" => {
            name.strip_prefix("index.").filter(|_| first == "index.docker.io").map(str::to_owned).unwrap_or(name)
        }
        Some(_) => format!("docker.io/{name}"),
        None => format!("docker.io/library/{name}"),
    }
}

impl StageUse {
    /// The images from elsewhere that the stage starts from, copies from and mounts. What cannot be told is left out, and so
    /// is a name that may be a context of the build.
    pub fn used_images(&self, dockerfile: &DockerfileUse) -> Vec<UsedImage> {
        let base = self.base.value.likely().filter(|text| {
            !self.starts_from_stage && !self.base_is_built_here && *text != "scratch" && !text.contains('$')
        });
        let place = || self.base.decided_at().unwrap_or(&self.base_place).clone();
        let mut images: Vec<UsedImage> = base
            .map(|text| UsedImage { text: text.clone(), place: place(), purpose: Purpose::Base })
            .into_iter()
            .collect();
        let is_image = |name: &str| {
            let stage = dockerfile.file.stage_named(name, dockerfile.file.stages.len()).is_some();
            let context = dockerfile.named_contexts.iter().any(|known| known == name);
            let number = name.bytes().all(|byte| byte.is_ascii_digit());
            name.contains(['/', ':']) && !stage && !context && !number && !name.contains('$')
        };
        for copy in self.image.copies.iter().filter(|copy| copy.stage == self.index) {
            if let CopySource::Image(name) = &copy.from
                && is_image(name)
            {
                images.push(UsedImage { text: name.clone(), place: copy.place.clone(), purpose: Purpose::Copied });
            }
        }
        for step in &self.steps {
            for mount in &step.mounts {
                if let Some(name) = mount.from.as_ref().filter(|name| is_image(name)) {
                    images.push(UsedImage {
                        text: name.clone(),
                        place: step.at(mount.span),
                        purpose: Purpose::Mounted,
                    });
                }
            }
        }
        images
    }
}

impl Deployment {
    /// The images that its services pull, those that it builds itself left out.
    pub fn pulled_images(&self) -> impl Iterator<Item = UsedImage> {
        let built = |image: &ImageReference| {
            self.services.iter().any(|service| {
                service.compose.as_ref().is_some_and(|merged| merged.build.is_some())
                    && service.image.as_ref().is_some_and(|own| own.reference.repository == image.repository)
            })
        };
        let images = self.services.iter().filter_map(|service| service.image.as_ref());
        images.filter(move |image| !built(&image.reference) && !image.text.contains('$')).map(|image| UsedImage {
            text: image.text.clone(),
            place: image.place.clone(),
            purpose: Purpose::Run,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(registries: &[&str], image: &str) -> bool {
        Registries(registries.iter().map(|&registry| registry.to_owned()).collect()).allow(image)
    }

    #[test]
    fn hosts_and_beginnings_of_paths_are_told_apart() {
        assert!(allows(&["docker.io"], "python:3.13") && allows(&["docker.io"], "school/web"));
        assert!(allows(&["docker.io/library"], "python") && !allows(&["docker.io/library"], "school/web"));
        assert!(allows(&["docker.io"], "index.docker.io/library/python"));
        assert!(
            allows(&["ghcr.io/school"], "ghcr.io/school/web:1") && !allows(&["ghcr.io/school"], "ghcr.io/schools/web")
        );
        assert!(
            allows(&["*.example.org"], "registry.example.org/web") && !allows(&["*.example.org"], "example.org/web")
        );
        assert!(allows(&["registry.example.org:5000"], "registry.example.org:5000/web@sha256:00"));
        assert!(!allows(&["docker.io"], "quay.io/school/web") && !allows(&["ghcr.io"], "python"));
    }
}
