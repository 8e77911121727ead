//! Whether the labels of images are what the team asks for.

use crate::config::{Config, LabelKind};
use crate::project::built_images::BuiltImage;
use crate::project::deployment::Deployment;
use crate::project::usage::{DockerfileUse, StageUse};
use crate::project::value::{Act, Traced};
use crate::source::{Place, RepoPath};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The labels that a team asks for; none where it says nothing.
#[derive(Clone, Debug, Default)]
struct LabelSchema {
    kinds: BTreeMap<String, LabelKind>,
    /// Whether there may be no others.
    strict: bool,
}

/// What is wrong with the labels of a stage.
#[derive(Clone, Debug, Default)]
pub struct LabelFaults {
    /// Those that it lacks.
    pub missing: Vec<String>,
    /// Those that nobody asks for, each with its place.
    pub superfluous: Vec<(String, Place)>,
    /// Those whose values surely are not what they should be.
    pub malformed: Vec<MalformedLabel>,
}

/// A label that is not as the team wants it.
#[derive(Clone, Debug)]
pub struct MalformedLabel {
    /// Its name.
    pub name: String,
    /// What it should be; `None` where it is empty.
    pub wanted: Option<LabelKind>,
    /// Where it is set.
    pub place: Place,
}

/// Holds the images that containers are made of against what the configuration says of labels.
pub fn judge(dockerfiles: &mut [DockerfileUse], config: &Config, deployments: &[Deployment], built: &[BuiltImage]) {
    let kinds = config.labels.iter().map(|label| (label.name.value.clone(), label.kind)).collect();
    let schema = LabelSchema { kinds, strict: config.strict_labels };
    if schema.kinds.is_empty() && !schema.strict {
        return;
    }
    for dockerfile in dockerfiles {
        let labelled = is_labelled_elsewhere(&dockerfile.name, deployments, built);
        for stage in dockerfile.stages.iter_mut().filter(|stage| stage.is_target) {
            let missing = if labelled { Vec::new() } else { missing(stage, &schema) };
            stage.labels =
                LabelFaults { missing, superfluous: superfluous(stage, &schema), malformed: malformed(stage, &schema) };
        }
    }
}

/// Whether something that builds a Dockerfile gives its image labels.
fn is_labelled_elsewhere(dockerfile: &RepoPath, deployments: &[Deployment], built: &[BuiltImage]) -> bool {
    let by_command = |built: &BuiltImage| {
        built.labelled && built.recipe.as_ref().is_none_or(|recipe| recipe.dockerfile == *dockerfile)
    };
    let services = deployments.iter().flat_map(|deployment| &deployment.services);
    let mut builds =
        services.filter(|service| service.build.as_ref().is_some_and(|build| build.dockerfile == *dockerfile));
    built.iter().any(by_command)
        || builds.any(|service| {
            let build = service.compose.as_ref().and_then(|merged| merged.build.as_ref());
            build.is_some_and(|build| !build.value.labels.is_empty())
        })
}

/// Where a label is set.
fn set_at<'l>(name: &str, value: &'l Traced<String>) -> Option<&'l Place> {
    let sets = |act: &Act| matches!(act, Act::Sets(set) if set == name);
    value.trail.iter().rev().find(|step| sets(&step.act)).map(|step| &step.place)
}

fn missing(stage: &StageUse, schema: &LabelSchema) -> Vec<String> {
    schema.kinds.keys().filter(|name| !stage.image.labels.contains_key(*name)).cloned().collect()
}

fn superfluous(stage: &StageUse, schema: &LabelSchema) -> Vec<(String, Place)> {
    let labels = stage.image.labels.iter().filter(|(name, _)| schema.strict && !schema.kinds.contains_key(*name));
    labels.filter_map(|(name, value)| Some((name.clone(), set_at(name, value)?.clone()))).collect()
}

fn malformed(stage: &StageUse, schema: &LabelSchema) -> Vec<MalformedLabel> {
    let mut found = Vec::new();
    for (name, kind) in &schema.kinds {
        let Some(label) = stage.image.labels.get(name) else { continue };
        let Some(text) = label.value.known() else { continue };
        let wanted = match text.trim().is_empty() {
            true => None,
            false if kind.accepts(text) => continue,
            false => Some(*kind),
        };
        let Some(place) = set_at(name, label).cloned() else { continue };
        found.push(MalformedLabel { name: name.clone(), wanted, place });
    }
    found
}

impl LabelKind {
    /// Whether a value is of this kind.
    pub fn accepts(self, text: &str) -> bool {
        match self {
            LabelKind::Text => true,
            LabelKind::Url => is_match(&URL, r"^[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#]+[^\s]*$|^(?:mailto|urn):\S+$", text),
            LabelKind::Rfc3339 => is_match(
                &TIME,
                r"^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt ](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$",
                text,
            ),
            LabelKind::Spdx => spdx::Expression::parse(text).is_ok(),
            LabelKind::Hash => is_match(&HASH, r"^(?:[0-9a-fA-F]{7,40}|[0-9a-fA-F]{64})$", text),
            LabelKind::Semver => semver::Version::parse(text).is_ok(),
            LabelKind::Email => is_match(&EMAIL, r#"^[^\s@<>(),;:\\"]+@[^\s@<>(),;:\\"]+\.[^\s@<>(),;:\\".]+$"#, text),
        }
    }
}

type Pattern = OnceLock<Option<regex::Regex>>;
static URL: Pattern = OnceLock::new();
static TIME: Pattern = OnceLock::new();
static HASH: Pattern = OnceLock::new();
static EMAIL: Pattern = OnceLock::new();

fn is_match(pattern: &'static Pattern, text: &str, value: &str) -> bool {
    pattern.get_or_init(|| regex::Regex::new(text).ok()).as_ref().is_none_or(|pattern| pattern.is_match(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_of_their_kind() {
        let good = [
            (LabelKind::Text, "anything at all"),
            (LabelKind::Url, "https://school.example.org/docs?page=1"),
            (LabelKind::Url, "git+ssh://example.org/school.git"),
            (LabelKind::Rfc3339, "2026-11-21T10:54:43Z"),
            (LabelKind::Rfc3339, "2026-11-21T10:54:43.25+01:00"),
            (LabelKind::Spdx, "MIT OR Apache-2.0"),
            (LabelKind::Spdx, "AGPL-3.0-or-later"),
            (LabelKind::Hash, "1a2b3c4"),
            (LabelKind::Hash, "8a1c0ffee0ddba11deadbeefcafe0123456789ab"),
            (LabelKind::Semver, "2.7.1-rc.1+build.5"),
            (LabelKind::Email, "ops@school.example.org"),
        ];
        for (kind, text) in good {
            assert!(kind.accepts(text), "{kind:?} {text}");
        }
        let bad = [
            (LabelKind::Url, "school.example.org"),
            (LabelKind::Url, "https://"),
            (LabelKind::Rfc3339, "2026-11-21"),
            (LabelKind::Rfc3339, "2026-13-21T10:54:43Z"),
            (LabelKind::Spdx, "The licence of the house"),
            (LabelKind::Hash, "main"),
            (LabelKind::Hash, "1a2b3"),
            (LabelKind::Semver, "v2.7"),
            (LabelKind::Email, "The team <ops@example.org>"),
            (LabelKind::Email, "ops"),
        ];
        for (kind, text) in bad {
            assert!(!kind.accepts(text), "{kind:?} {text}");
        }
    }
}
