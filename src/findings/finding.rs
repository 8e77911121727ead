use super::Severity;
use crate::project::environment::Environment;
use crate::project::value::{Act, Step};
use crate::source::{Place, Span};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;

/// One trouble, at the place where it would be fixed.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule's id: `compose/privileged-service`.
    pub rule: Arc<str>,
    /// How much it matters, after every lowering.
    pub severity: Severity,
    /// Where it would be fixed: one line, the narrowest.
    pub place: Place,
    /// What was seen, in lower case and without a full stop. Never a secret.
    pub message: String,
    /// What to do now.
    pub help: Option<String>,
    /// The environments it holds in; empty where it is about none in particular.
    pub environments: BTreeSet<Environment>,
    /// Other places that make it so, in the order of the story.
    pub related: Vec<Label>,
    /// A change that resolves it.
    pub fix: Option<Fix>,
    /// What it is about, in words that outlive edits elsewhere: `service web`, `setting DEBUG`.
    pub anchor: String,
    /// What was seen, normalised; tells two findings of one rule at one anchor apart. Never a weak secret.
    pub evidence: String,
    /// Whether the same in other files is one decision with it; then the file is no part of its identity.
    pub across_files: bool,
}

/// A place with a word on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// What is there, in lower case and without a full stop.
    pub message: String,
}

/// A proposed change. Built by rules whose page says that they have one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What the change does, as an instruction.
    pub title: String,
    /// Whether it may be applied without a look.
    pub safety: Safety,
    /// Replacements, which do not overlap; several files are possible.
    pub edits: Vec<Edit>,
}

/// Whether a fix may be applied without a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safety {
    /// It cannot change what works.
    Safe,
    /// It needs a person's judgement.
    Unsafe,
}

/// One replacement of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; an empty span inserts.
    pub place: Place,
    /// The new text.
    pub text: String,
}

impl Finding {
    /// Sets what to do now.
    pub fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into());
        self
    }

    /// Adds another place that makes it so.
    pub fn related(&mut self, place: Place, message: impl Into<String>) -> &mut Self {
        self.related.push(Label { place, message: message.into() });
        self
    }

    /// Adds the steps of a chain as related places, one for each place. What lies in the primary place is seen there,
    /// and so is the assignment that it lies in.
    pub fn trail(&mut self, steps: &[Step]) -> &mut Self {
        for step in steps {
            let (place, primary) = (&step.place, &self.place);
            let around = matches!(step.act, Act::Assigns(_)) && place.encloses(primary);
            let seen = primary.encloses(place) || around;
            if !seen && self.related.iter().all(|label| label.place != *place) {
                self.related.push(Label { place: place.clone(), message: step.act.to_string() });
            }
        }
        self
    }

    /// Sets what the finding is about: `service web`, `setting DEBUG`. Part of its identity.
    pub fn anchor(&mut self, anchor: impl Into<String>) -> &mut Self {
        self.anchor = anchor.into();
        self
    }

    /// Sets the normalised evidence. Part of its identity.
    pub fn evidence(&mut self, evidence: impl Into<String>) -> &mut Self {
        self.evidence = evidence.into();
        self
    }

    /// Says that the same in other files is one decision with it: they become related places of the first.
    pub fn across_files(&mut self) -> &mut Self {
        self.across_files = true;
        self
    }

    /// Lowers the severity to `limit` where it is above it.
    pub fn at_most(&mut self, limit: Severity) -> &mut Self {
        self.severity = self.severity.min(limit);
        self
    }

    /// Proposes a change.
    pub fn fix(&mut self, fix: Fix) -> &mut Self {
        self.fix = Some(fix);
        self
    }

    /// The identity: 16 hexadecimal digits over rule, file (but [across files](Self::across_files)), anchor and evidence. No line, no time, no commit, so
    /// that it survives edits elsewhere; the key of baselines and of SARIF's partial fingerprints.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        let path = if self.across_files { "" } else { self.place.path.as_str() };
        for part in [&*self.rule, path, &self.anchor, &self.evidence] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        hash.finalize()[..8].iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// The span of the primary place.
    pub fn span(&self) -> Span {
        self.place.span
    }
}
