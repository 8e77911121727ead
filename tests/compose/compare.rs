//! Ours held against Docker Compose's.

use super::judge::Question;
use super::points::is_nothing;
use super::{ours, theirs};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// What Docker Compose refuses and the stack does not tell, by the words of its message.
pub const NOT_OURS: [&[&str]; 7] = [
    // Rules of their own say so.
    &["env file", "not found"],
    &["container name", "already in use"],
    &["container name must be unique"],
    // The other service is of a profile that is off, and which ones are on is not known of a repository.
    &["depends on undefined service"],
    // A fault of Docker Compose: it has made a list of the first file's mapping.
    &["validating", "volumes.", "labels must be a mapping"],
    // Nobody does that.
    &["cannot override x-"],
    &["volumes[", "already mounted as", ".volumes["],
];

/// A point on which we and Docker Compose differ.
#[derive(Clone, Debug)]
pub struct Disagreement {
    /// The point.
    pub about: String,
    /// Both sides.
    pub text: String,
}

impl Disagreement {
    /// The kind of point: the same in a smaller stack.
    pub fn kind(&self) -> String {
        let mut parts = self.about.split('.');
        let section = parts.next().unwrap_or_default();
        parts.next();
        let rest: Vec<&str> = parts.take(2).collect();
        format!("{section} {}", rest.first().copied().unwrap_or_default())
    }
}

/// How much was compared.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub stacks: usize,
    pub points: usize,
    pub unknown: usize,
    pub refused: usize,
    pub refused_by_us: usize,
    pub refusals: Vec<(u64, String)>,
}

impl Tally {
    pub fn add(&mut self, other: Tally) {
        self.stacks += other.stacks;
        self.points += other.points;
        self.unknown += other.unknown;
        self.refused += other.refused;
        self.refused_by_us += other.refused_by_us;
        self.refusals.extend(other.refusals);
    }
}

/// Holds the one against the other. Docker Compose writes `$` as `$$`, so that its output can be read again.
pub fn compare(question: &Question<'_>, answer: &Json, tally: &mut Tally) -> Vec<Disagreement> {
    let (ours, theirs) = (ours::asked(question), theirs::points(&unescaped(answer)));
    tally.stacks += 1;
    let mut found: Vec<Disagreement> = ours
        .problems
        .iter()
        .map(|problem| Disagreement { about: "problems.".to_owned(), text: format!("ours {problem:?}, Docker none") })
        .collect();
    let names: BTreeSet<&String> = ours.points.keys().chain(theirs.keys()).collect();
    for name in names {
        let their = theirs.get(name).filter(|value| !is_nothing(value));
        let own = match ours.points.get(name) {
            Some(None) => {
                tally.unknown += 1;
                continue;
            }
            Some(Some(value)) => Some(value).filter(|value| !is_nothing(value)),
            None => None,
        };
        // What no service uses is left out; what has no name gets one.
        let section = name.split('.').next().unwrap_or_default();
        let unused = section != "services" && {
            let top = name.splitn(3, '.').take(2).collect::<Vec<_>>().join(".");
            !theirs.contains_key(&top) || (own.is_none() && (name.ends_with(".name") || top == "networks.default"))
        };
        if unused || name == "name" && own.is_none() {
            continue;
        }
        tally.points += 1;
        if own != their && !is_implied(name, own, their) {
            let shown = |value: Option<&Json>| value.map_or("nothing".to_owned(), Json::to_string);
            found.push(Disagreement {
                about: name.clone(),
                text: format!("ours {}, Docker {}", shown(own), shown(their)),
            });
        }
    }
    found
}

/// What Docker Compose adds of itself.
fn is_implied(name: &str, own: Option<&Json>, their: Option<&Json>) -> bool {
    let restart = name.contains(".depends_on.") && name.ends_with(".restart");
    let driver = name.ends_with(".driver") && their.is_some_and(|it| it == "default");
    own.is_none() && (driver || restart && their.is_none())
}

fn unescaped(json: &Json) -> Json {
    match json {
        Json::String(text) => Json::String(text.replace("$$", "$")),
        Json::Array(items) => Json::Array(items.iter().map(unescaped).collect()),
        Json::Object(entries) => {
            Json::Object(entries.iter().map(|(key, value)| (key.replace("$$", "$"), unescaped(value))).collect())
        }
        other => other.clone(),
    }
}
