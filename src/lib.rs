//! shipworthy: is this Django deployment fit to ship?
//!
//! The pipeline in a sentence: a [`Snapshot`](tree::Snapshot) of a tree is linked into a [`Model`](project::Model), the
//! [rules](rules::rules) are run over its subjects, suppressions are applied, and what is left is folded and sorted for a
//! [report](report::write). See `docs/architecture.md`.

pub mod cli;
pub mod config;
pub mod findings;
pub mod parse;
pub mod project;
pub mod report;
pub mod rules;
pub mod secrets;
pub mod source;
pub mod tree;

use config::Config;
use findings::{Finding, filter, suppression};
use project::Model;
use project::environment::Environment;
use rules::{Page, Rule, Selection};
use source::RepoPath;
use std::borrow::Cow;
use std::sync::Arc;
use tree::{GitStatus, Snapshot};

/// What to check, and what of it to report. None of it changes the model.
pub struct CheckOptions<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// Which rules run, and how much they matter.
    pub selection: &'a Selection,
    /// Report only what holds in this environment.
    pub environment: Option<&'a Environment>,
    /// Report only what has its primary place in one of these files or folders; the root reports all.
    pub paths: &'a [RepoPath],
    /// Whether comments may suppress findings.
    pub suppressions: bool,
    /// Whether the tree is a whole repository, so that what is missing from it is really missing.
    pub complete: bool,
}

/// What a check found.
pub struct Checked {
    /// The findings to report: folded and sorted.
    pub findings: Vec<Finding>,
    /// How many more comments suppress.
    pub suppressed: usize,
    /// How many files were looked at.
    pub files_checked: usize,
}

/// Checks a snapshot.
pub fn check(snapshot: &Arc<Snapshot>, options: &CheckOptions<'_>) -> Checked {
    let model = Model::build(snapshot.clone(), options.config, options.complete);
    check_model(&model, options)
}

/// Checks a model that is built already.
pub fn check_model(model: &Model, options: &CheckOptions<'_>) -> Checked {
    let selection = options.selection;
    let selected: Vec<&Rule> = rules::rules()
        .iter()
        .filter(|rule| selection.enabled_somewhere(rule.page))
        .filter(|rule| model.complete || !rule.needs_whole_repository())
        .collect();
    let mut findings = rules::check(model, &selected);
    let pages: Vec<&Page> = rules::catalogue::PAGES.iter().collect();
    findings.retain_mut(|finding| localise(finding, model) && adjust(finding, options));
    findings.iter_mut().for_each(redact);
    let asked = |finding: &Finding| {
        options.paths.is_empty() || options.paths.iter().any(|path| finding.place.path.is_under(path))
    };

    let mut suppressed = 0;
    if options.suppressions {
        let sources = model.sources_of_text();
        let sources: Vec<&source::Source> = sources.iter().map(|source| &**source).collect();
        let ran = |page: &Page, path: &RepoPath| {
            // What is wrong with comments is found by the filter itself; no check stands for it.
            let by_filter = rules::rules().iter().all(|rule| rule.page.id != page.id);
            options.environment.is_none()
                && selection.enabled(page, path)
                && (by_filter || selected.iter().any(|rule| rule.page.id == page.id))
        };
        let peers = options.config.honour_peer_comments;
        let context = suppression::Context { pages: &pages, ran: &ran, peers, block_at: &|_, _| None };
        let applied = suppression::apply(findings, &sources, &context);
        findings = applied.kept;
        let mut problems = applied.problems;
        problems.retain_mut(|finding| localise(finding, model) && adjust(finding, options));
        findings.append(&mut problems);
        let hidden = applied.suppressed.into_iter().map(|it| it.finding).filter(asked).collect();
        suppressed = filter::fold(hidden).len();
    }
    findings.retain(asked);
    let mut findings = filter::fold(rules::fold_root_causes(model, findings));
    filter::sort(&mut findings);
    Checked { findings, suppressed, files_checked: model.files_checked() }
}

/// Takes tokens out of what a finding says: a rule that quotes a command or a value may have quoted one.
fn redact(finding: &mut Finding) {
    let texts = [&mut finding.message].into_iter().chain(&mut finding.help);
    for text in texts.chain(finding.related.iter_mut().map(|label| &mut label.message)) {
        if let Cow::Owned(redacted) = secrets::redact(text) {
            *text = redacted;
        }
    }
}

/// What stands in a file that git ignores is true of one machine, and so of development alone; whether anything is left.
fn localise(finding: &mut Finding, model: &Model) -> bool {
    let path = &finding.place.path;
    if model.snapshot.tree().entry(path).is_none_or(|entry| entry.git != GitStatus::Ignored) {
        return true;
    }
    let development = |environment: &Environment| *environment == Environment::Development;
    let everywhere = finding.environments.is_empty();
    if !everywhere && !finding.environments.iter().any(development) {
        return false;
    }
    finding.environments = [Environment::Development].into();
    true
}

/// Narrows a finding to the environment that is asked for and gives it the configured severity; whether it stays.
fn adjust(finding: &mut Finding, options: &CheckOptions<'_>) -> bool {
    let Some(page) = rules::catalogue::page(&finding.rule) else { return true };
    if let Some(wanted) = options.environment
        && !finding.environments.is_empty()
    {
        if !finding.environments.contains(wanted) {
            return false;
        }
        finding.environments.retain(|environment| environment == wanted);
    }
    options.selection.adjust(page, finding);
    options.selection.enabled(page, &finding.place.path)
}
