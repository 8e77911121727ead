//! Names of images: `registry/path/name:tag@digest` (distribution/reference grammar).

/// A parsed image name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageReference {
    /// All before the tag: `ghcr.io/acme/app`.
    pub repository: String,
    /// The tag, where one is written.
    pub tag: Option<String>,
    /// The digest, where one is written: `sha256:…`.
    pub digest: Option<String>,
}

impl ImageReference {
    /// Parses a name. Whatever stands after the last colon of the last part is the tag.
    pub fn parse(text: &str) -> Self {
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest.to_owned())),
            None => (text, None),
        };
        let last_part = name.rfind('/').map_or(0, |slash| slash + 1);
        match name[last_part..].rfind(':') {
            Some(colon) => Self {
                repository: name[..last_part + colon].to_owned(),
                tag: Some(name[last_part + colon + 1..].to_owned()),
                digest,
            },
            None => Self { repository: name.to_owned(), tag: None, digest },
        }
    }

    /// The last part of the repository: `postgres` of `docker.io/library/postgres`.
    pub fn name(&self) -> &str {
        self.repository.rsplit('/').next().unwrap_or(&self.repository)
    }

    /// Whether the same name gives the same image tomorrow, as far as its tag says: it has a digest, or a tag with a
    /// version, date or commit in it.
    pub fn is_pinned(&self) -> bool {
        self.digest.is_some() || self.tag.as_deref().is_some_and(|tag| tag.chars().any(|c| c.is_ascii_digit()))
    }

    /// Whether the tag is `latest`, written out, with no digest to hold it.
    pub fn is_latest(&self) -> bool {
        self.digest.is_none() && self.tag.as_deref() == Some("latest")
    }

    /// Whether there is neither tag nor digest, which means `latest`.
    pub fn is_untagged(&self) -> bool {
        self.digest.is_none() && self.tag.is_none()
    }

    /// Whether the tag is a word without a number in it: a channel, a branch, an environment, a base system. Such a tag
    /// is moved to each new version; `latest` itself is told by [`ImageReference::is_latest`].
    pub fn is_moving(&self) -> bool {
        let numberless = |tag: &str| !tag.chars().any(|c| c.is_ascii_digit());
        self.digest.is_none()
            && !self.is_latest()
            && !self.names_release_of_system()
            && self.tag.as_deref().is_some_and(numberless)
    }

    /// Whether it is Python by its major version alone (`python:3`, `python:3-slim`), which each minor version moves: those
    /// take things away.
    pub fn is_any_python(&self) -> bool {
        let version = self.tag.as_deref().and_then(|tag| tag.split('-').next());
        self.digest.is_none()
            && matches!(
                self.repository.as_str(),
                "python" | "library/python" | "docker.io/python" | "docker.io/library/python"
            )
            && version == Some("3")
    }

    /// Whether the tag is the name of a system's release: `debian:bookworm-slim`, `ubuntu:noble`.
    fn names_release_of_system(&self) -> bool {
        const CHANNELS: [&str; 10] = [
            "stable",
            "oldstable",
            "oldoldstable",
            "testing",
            "unstable",
            "sid",
            "experimental",
            "rolling",
            "devel",
            "edge",
        ];
        let word = self.tag.as_deref().and_then(|tag| tag.split('-').next()).unwrap_or_default();
        matches!(self.name(), "debian" | "ubuntu" | "buildpack-deps") && !word.is_empty() && !CHANNELS.contains(&word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_no_tag() {
        let image = ImageReference::parse("registry.example.org:5000/team/app");
        assert_eq!((image.name(), image.tag.as_deref()), ("app", None));
        assert!(image.is_untagged());
    }

    #[test]
    fn a_digest_pins_whatever_the_tag() {
        let image = ImageReference::parse("python:latest@sha256:0123");
        assert!(image.is_pinned() && !image.is_latest() && !image.is_untagged());
    }

    #[test]
    fn moving_tags_are_told_from_versions() {
        let moving = |text| ImageReference::parse(text).is_moving();
        assert!(moving("acme/app:production-latest") && moving("acme/app:stable") && moving("nginx:mainline-latest"));
        assert!(!moving("python:3.13-slim") && !moving("acme/app:main-4f2a91c") && !moving("python:latest"));
        assert!(moving("nginx:alpine"), "a base system is no version");
        assert!(!moving("debian:bookworm-slim") && !moving("ubuntu:noble") && moving("debian:stable-slim"));
        let any = |text| ImageReference::parse(text).is_any_python();
        assert!(any("python:3") && any("python:3-slim") && !any("python:3.13") && !any("acme/python:3"));
    }
}
