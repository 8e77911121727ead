use super::{Finding, Severity};
use crate::project::environment::Environment;
use crate::rules::{Page, SeverityTable};
use crate::source::Place;
use std::collections::BTreeSet;

/// For whom a subject is checked: the environments that it serves, and how sure that is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Environments that evidence says the subject serves.
    pub environments: BTreeSet<Environment>,
    /// Environments that it serves by assumption only, for want of evidence.
    pub assumed: BTreeSet<Environment>,
}

impl Scope {
    /// A subject of one environment.
    pub fn of(environment: Environment, assumed: bool) -> Self {
        let mut scope = Self::default();
        scope.add(environment, assumed);
        scope
    }

    /// Adds an environment; evidence wins over assumption.
    pub fn add(&mut self, environment: Environment, assumed: bool) {
        if !assumed {
            self.assumed.remove(&environment);
            self.environments.insert(environment);
        } else if !self.environments.contains(&environment) {
            self.assumed.insert(environment);
        }
    }

    /// Whether real users are served in one of the environments, be it by assumption.
    pub fn serves_real_users(&self) -> bool {
        self.environments.iter().chain(&self.assumed).any(Environment::serves_real_users)
    }

    /// Whether it serves no environment in particular.
    pub fn is_empty(&self) -> bool {
        self.environments.is_empty() && self.assumed.is_empty()
    }
}

/// Collects what one rule reports on its subjects, and gives each finding severity and environments by the rule's page.
pub struct Findings<'a> {
    page: &'a Page,
    scope: &'a Scope,
    found: &'a mut Vec<Finding>,
    /// Takes what is reported where the rule says nothing for the environments of the subject.
    discarded: Option<Box<Finding>>,
}

impl<'a> Findings<'a> {
    /// A collector for the rule of `page` on a subject of `scope`.
    pub fn new(page: &'a Page, scope: &'a Scope, found: &'a mut Vec<Finding>) -> Self {
        Self { page, scope, found, discarded: None }
    }

    /// Reports a trouble at `place`; what it returns takes help, related places, anchor and evidence.
    pub fn report(&mut self, place: Place, message: impl Into<String>) -> &mut Finding {
        let judged = judge(&self.page.severity, self.scope);
        let (severity, environments, assumed) = match judged {
            Some((severity, environments, assumed)) => (Some(severity), environments, assumed),
            None => (None, BTreeSet::new(), false),
        };
        let mut message = message.into();
        if assumed && let Some(environment) = environments.first() {
            message.push_str(&assumption(environment));
        }
        let finding = Finding {
            rule: self.page.id.into(),
            severity: severity.unwrap_or(Severity::Note),
            place,
            message,
            help: None,
            environments,
            related: Vec::new(),
            fix: None,
            anchor: String::new(),
            evidence: String::new(),
            across_files: false,
        };
        if severity.is_some() {
            self.found.push(finding);
            self.found.last_mut().expect("just pushed")
        } else {
            self.discarded.insert(Box::new(finding))
        }
    }
}

/// What is said behind a message that rests on an assumption.
pub fn assumption(environment: &Environment) -> String {
    format!(" (if this serves {environment}, as nothing in the repository says otherwise)")
}

/// The highest severity that the page gives for the environments of the scope, those environments, and whether only
/// assumption speaks for them. What rests on an assumption is at most a warning.
fn judge(table: &SeverityTable, scope: &Scope) -> Option<(Severity, BTreeSet<Environment>, bool)> {
    if scope.is_empty() {
        return table.anywhere().map(|severity| (severity, BTreeSet::new(), false));
    }
    let concerned = |environments: &BTreeSet<Environment>| -> BTreeSet<Environment> {
        environments.iter().filter(|environment| table.within(environment).is_some()).cloned().collect()
    };
    let (evident, assumed) = (concerned(&scope.environments), concerned(&scope.assumed));
    let highest = |environments: &BTreeSet<Environment>| environments.iter().filter_map(|it| table.within(it)).max();
    match (highest(&evident), highest(&assumed)) {
        (None, None) => None,
        (Some(certain), Some(guess)) => {
            let all = evident.union(&assumed).cloned().collect();
            Some((certain.max(guess.min(Severity::Warning)), all, false))
        }
        (Some(certain), None) => Some((certain, evident, false)),
        (None, Some(guess)) => Some((guess.min(Severity::Warning), assumed, !table.is_uniform())),
    }
}
