//! Which rules run on which file, and how much they matter there, by the configuration and the command line.

use super::{Names, Page};
use crate::config::{Config, PathGlobs, RuleChoice, SeverityLevel};
use crate::findings::{Finding, Severity};
use crate::project::environment::Environment;
use crate::source::{RepoPath, Span, Spanned};
use std::collections::HashMap;
use std::fmt;

/// The words of `--select`, `--extend-select` and `--ignore`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CliChoice {
    /// What runs, in place of the defaults and of the configuration's `select`. Empty where it is not said.
    pub select: Vec<String>,
    /// What runs besides.
    pub extend_select: Vec<String>,
    /// What does not run.
    pub ignore: Vec<String>,
}

/// A word that names no rule, family or equivalent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownRule {
    /// The word.
    pub name: String,
    /// The word that was probably meant.
    pub suggestion: Option<String>,
    /// Its place in the configuration; `None` where it was said on the command line.
    pub span: Option<Span>,
}

impl fmt::Display for UnknownRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown rule `{}`", self.name)?;
        match &self.suggestion {
            Some(word) => write!(f, "; did you mean `{word}`?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for UnknownRule {}

/// Which rules run where. Three layers speak in this order: the top of the configuration, those of `[[overrides]]`
/// that hold for the path (in the order of the file), and the command line.
///
/// Within a layer the *narrowest* word about a rule decides: its id (or another tool's) before its family before
/// `all`; among equals, `ignore`. Over the layers, a `select` sets aside the defaults and what earlier layers
/// selected; an `ignore` holds against whatever earlier layers selected; and what an earlier layer ignores comes back
/// only by a word that is at least as narrow, so that `--select all` does not undo a decision about one rule.
#[derive(Debug)]
pub struct Selection {
    /// By rule id.
    rules: HashMap<&'static str, RuleSettings>,
    /// The paths of `[[overrides]]`, in the order of the file.
    overrides: Vec<PathGlobs>,
    /// What the extra environments of the configuration are judged as.
    alike: Vec<(Environment, Environment)>,
}

#[derive(Debug)]
struct RuleSettings {
    default: bool,
    /// What each layer says, the one with the least to say first.
    votes: Vec<Vote>,
    levels: Vec<Level>,
}

/// What one layer says about whether a rule runs.
#[derive(Debug)]
struct Vote {
    /// The override that it belongs to; `None` where it holds for every path.
    at: Option<usize>,
    /// Whether the layer has a `select`, which sets aside what came before.
    replaces: bool,
    /// The narrowest word of `select` and `extend-select` that names the rule.
    select: Option<u8>,
    /// The narrowest word of `ignore` that names it.
    ignore: Option<u8>,
}

#[derive(Debug)]
struct Level {
    at: Option<usize>,
    narrowness: u8,
    level: SeverityLevel,
}

/// The words of one layer.
struct Layer<'c> {
    at: Option<usize>,
    select: Option<Vec<Word<'c>>>,
    extend_select: Vec<Word<'c>>,
    ignore: Vec<Word<'c>>,
}

/// A word, and its place where it stands in the configuration.
type Word<'c> = (&'c str, Option<Span>);

impl Selection {
    /// Resolves every word of `config` and `cli` among `pages`.
    pub fn new(config: &Config, cli: &CliChoice, pages: &[&Page]) -> Result<Self, UnknownRule> {
        let names = Names::new(pages);
        let mut layers = vec![configured(None, &config.rules)];
        layers.extend(config.overrides.iter().enumerate().map(|(at, it)| configured(Some(at), &it.rules)));
        layers.push(commanded(cli));

        let mut rules: HashMap<&'static str, RuleSettings> = pages
            .iter()
            .map(|page| (page.id, RuleSettings { default: page.default, votes: Vec::new(), levels: Vec::new() }))
            .collect();
        for layer in &layers {
            vote(layer, &names, pages, &mut rules)?;
        }
        let tops = config.rules.severity.iter().map(|choice| (None, choice));
        let below = config
            .overrides
            .iter()
            .enumerate()
            .flat_map(|(at, it)| it.rules.severity.iter().map(move |choice| (Some(at), choice)));
        for (at, choice) in tops.chain(below) {
            let named = resolve(&names, (&choice.word, Some(choice.word.span)))?;
            for page in pages.iter().filter(|page| named.covers(page)) {
                let level = Level { at, narrowness: named.narrowness(), level: choice.level.clone() };
                rules.entry(page.id).and_modify(|settings| settings.levels.push(level));
            }
        }
        Ok(Self {
            rules,
            overrides: config.overrides.iter().map(|it| it.paths.clone()).collect(),
            alike: config
                .environments
                .iter()
                .map(|extra| (Environment::named(&extra.name), extra.like.clone()))
                .collect(),
        })
    }

    /// Whether the rule of `page` runs on the file at `path`.
    pub fn enabled(&self, page: &Page, path: &RepoPath) -> bool {
        match self.rules.get(page.id) {
            Some(settings) => settings.enabled(|at| self.overrides[at].matches(path)),
            None => page.default,
        }
    }

    /// Whether the rule of `page` may run on any file at all. Where it does not, its subjects need no look.
    pub fn enabled_somewhere(&self, page: &Page) -> bool {
        let Some(settings) = self.rules.get(page.id) else { return page.default };
        // Only an override that selects can turn on what is off elsewhere.
        settings.enabled(|_| false) || settings.votes.iter().any(|vote| vote.at.is_some() && vote.select.is_some())
    }

    /// The severity that the configuration gives the rule of `page` on the file at `path`: in `environment`, or for
    /// what serves none in particular. `None` where it leaves that to the page.
    pub fn severity_override(
        &self,
        page: &Page,
        environment: Option<&Environment>,
        path: &RepoPath,
    ) -> Option<Severity> {
        let settings = self.rules.get(page.id)?;
        // A later layer before an earlier one, a narrow word before a broad one.
        let mut best = None;
        for level in &settings.levels {
            if level.at.is_some_and(|at| !self.overrides[at].matches(path)) {
                continue;
            }
            if let Some(severity) = self.level_in(&level.level, environment)
                && best.is_none_or(|(weight, _)| (level.at, level.narrowness) >= weight)
            {
                best = Some(((level.at, level.narrowness), severity));
            }
        }
        best.map(|(_, severity)| severity)
    }

    fn level_in(&self, level: &SeverityLevel, environment: Option<&Environment>) -> Option<Severity> {
        match (level, environment) {
            (SeverityLevel::Everywhere(severity), _) => Some(*severity),
            (SeverityLevel::ByEnvironment(_), None) => None,
            (SeverityLevel::ByEnvironment(table), Some(environment)) => {
                let find = |wanted: &Environment| table.iter().find(|(known, _)| known == wanted).map(|(_, it)| *it);
                let like = || self.alike.iter().find(|(name, _)| name == environment).map(|(_, like)| like);
                find(environment).or_else(|| find(like()?))
            }
        }
    }

    /// Gives `finding`, of the rule of `page`, the severity that the configuration wants: the highest over its
    /// environments, where those that the configuration does not mention keep what they had at most.
    pub fn adjust(&self, page: &Page, finding: &mut Finding) {
        if self.rules.get(page.id).is_none_or(|settings| settings.levels.is_empty()) {
            return;
        }
        let path = &finding.place.path;
        let wanted = if finding.environments.is_empty() {
            self.severity_override(page, None, path)
        } else {
            let within = |environment: &Environment| {
                let given = || page.severity.within(environment).map(|severity| severity.min(finding.severity));
                self.severity_override(page, Some(environment), path).or_else(given)
            };
            finding.environments.iter().filter_map(within).max()
        };
        finding.severity = wanted.unwrap_or(finding.severity);
    }
}

impl RuleSettings {
    fn enabled(&self, holds: impl Fn(usize) -> bool) -> bool {
        let mut enabled = self.default;
        // How narrow the word is that an earlier layer ignores the rule by.
        let mut ignored: Option<u8> = None;
        for vote in self.votes.iter().filter(|vote| vote.at.is_none_or(&holds)) {
            if vote.replaces {
                enabled = false;
            }
            if vote.select > vote.ignore {
                if vote.select >= ignored {
                    enabled = true;
                    ignored = None;
                }
            } else if vote.ignore.is_some() {
                enabled = false;
                ignored = ignored.max(vote.ignore);
            }
        }
        enabled
    }
}

fn configured(at: Option<usize>, choice: &RuleChoice) -> Layer<'_> {
    fn words(words: &[Spanned<String>]) -> Vec<Word<'_>> {
        words.iter().map(|word| (word.as_str(), Some(word.span))).collect()
    }
    Layer {
        at,
        select: choice.select.as_deref().map(words),
        extend_select: words(&choice.extend_select),
        ignore: words(&choice.ignore),
    }
}

fn commanded(cli: &CliChoice) -> Layer<'_> {
    fn words(words: &[String]) -> Vec<Word<'_>> {
        words.iter().map(|word| (word.as_str(), None)).collect()
    }
    Layer {
        at: None,
        select: (!cli.select.is_empty()).then(|| words(&cli.select)),
        extend_select: words(&cli.extend_select),
        ignore: words(&cli.ignore),
    }
}

/// Adds what `layer` says to every rule that it says anything about.
fn vote(
    layer: &Layer<'_>,
    names: &Names<'_>,
    pages: &[&Page],
    rules: &mut HashMap<&'static str, RuleSettings>,
) -> Result<(), UnknownRule> {
    let resolved = |words: &[Word<'_>]| words.iter().map(|word| resolve(names, *word)).collect::<Result<Vec<_>, _>>();
    let mut select = resolved(layer.select.as_deref().unwrap_or_default())?;
    select.extend(resolved(&layer.extend_select)?);
    let ignore = resolved(&layer.ignore)?;
    for page in pages {
        let narrowest = |words: &[super::Named<'_, '_>]| {
            words.iter().filter(|named| named.covers(page)).map(|named| named.narrowness()).max()
        };
        let vote = Vote {
            at: layer.at,
            replaces: layer.select.is_some(),
            select: narrowest(&select),
            ignore: narrowest(&ignore),
        };
        if vote.replaces || vote.select.is_some() || vote.ignore.is_some() {
            rules.entry(page.id).and_modify(|settings| settings.votes.push(vote));
        }
    }
    Ok(())
}

fn resolve<'n, 'a>(names: &'n Names<'a>, (word, span): Word<'_>) -> Result<super::Named<'n, 'a>, UnknownRule> {
    names.resolve(word).ok_or_else(|| UnknownRule {
        name: word.trim().to_owned(),
        suggestion: names.suggestion(word),
        span,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Section, parse};
    use crate::findings::{Findings, Scope};
    use crate::rules::SeverityTable;
    use crate::rules::testing::page;
    use crate::source::Place;
    use std::collections::BTreeSet;

    fn pages() -> [Page; 4] {
        [
            Page { aliases: &["compose/was-a"], equivalents: &["hadolint:DL3007"], ..page("compose/a") },
            Page { default: false, ..page("compose/opt-in") },
            page("settings/b"),
            Page {
                severity: SeverityTable::ByEnvironment(&[
                    ("production", Severity::Error),
                    ("staging", Severity::Warning),
                    ("development", Severity::Note),
                ]),
                ..page("settings/c")
            },
        ]
    }

    fn choice(select: &str, extend: &str, ignore: &str) -> CliChoice {
        let words = |list: &str| list.split_whitespace().map(str::to_owned).collect();
        CliChoice { select: words(select), extend_select: words(extend), ignore: words(ignore) }
    }

    fn selection(config: &str, cli: &CliChoice) -> Result<Selection, UnknownRule> {
        let pages = pages();
        let config = parse(config, "shipworthy.toml", Section::Whole).unwrap();
        Selection::new(&config, cli, &pages.each_ref())
    }

    fn path(path: &str) -> RepoPath {
        RepoPath::new(path).unwrap()
    }

    /// The ids that run on a file, without their families.
    fn running(config: &str, cli: &CliChoice, at: &str) -> String {
        let selection = selection(config, cli).unwrap();
        let pages = pages();
        let on: Vec<_> = pages.iter().filter(|page| selection.enabled(page, &path(at))).map(Page::name).collect();
        for page in pages.iter().filter(|page| on.contains(&page.name())) {
            assert!(selection.enabled_somewhere(page), "{}", page.id);
        }
        on.join(" ")
    }

    #[test]
    fn the_defaults_run_unless_something_is_said() {
        assert_eq!(running("", &CliChoice::default(), "x"), "a b c");
        assert_eq!(running("extend-select = ['compose/opt-in']", &CliChoice::default(), "x"), "a opt-in b c");
        assert_eq!(running("ignore = ['settings']", &CliChoice::default(), "x"), "a");
        assert_eq!(running("select = ['settings']", &CliChoice::default(), "x"), "b c");
        assert_eq!(running("select = []", &CliChoice::default(), "x"), "");
    }

    #[test]
    fn aliases_and_other_tools_ids_are_names_too() {
        assert_eq!(running("", &choice("hadolint:DL3007 settings/b", "", ""), "x"), "a b");
        assert_eq!(running("", &choice("", "", "compose/was-a"), "x"), "b c");
    }

    #[test]
    fn the_narrower_word_decides_and_ignore_among_equals() {
        assert_eq!(running("ignore = ['all']\nextend-select = ['settings/b']", &CliChoice::default(), "x"), "b");
        assert_eq!(running("select = ['all']\nignore = ['compose', 'settings/b']", &CliChoice::default(), "x"), "c");
        assert_eq!(running("extend-select = ['settings']\nignore = ['settings']", &CliChoice::default(), "x"), "a");
    }

    #[test]
    fn the_command_line_has_the_last_word() {
        assert_eq!(running("select = ['compose']", &choice("settings", "", ""), "x"), "b c");
        assert_eq!(running("select = ['compose']", &choice("", "settings/b", ""), "x"), "a opt-in b");
        assert_eq!(running("extend-select = ['compose/opt-in']", &choice("", "", "compose"), "x"), "b c");
        assert_eq!(running("ignore = ['settings/b']", &choice("settings/b", "", ""), "x"), "b");
    }

    #[test]
    fn a_broad_select_does_not_undo_a_narrow_ignore() {
        assert_eq!(running("ignore = ['settings/b']", &choice("all", "", ""), "x"), "a opt-in c");
    }

    #[test]
    fn overrides_hold_for_their_paths_only() {
        let config = "extend-select = ['compose/opt-in']\n[[overrides]]\npaths = ['legacy/**']\nignore = ['compose']\n\
                      [[overrides]]\npaths = ['legacy/live/**']\nselect = ['compose/a']\n";
        assert_eq!(running(config, &CliChoice::default(), "compose.yml"), "a opt-in b c");
        assert_eq!(running(config, &CliChoice::default(), "legacy/compose.yml"), "b c");
        assert_eq!(running(config, &CliChoice::default(), "legacy/live/compose.yml"), "a");
    }

    #[test]
    fn what_only_an_override_selects_runs_somewhere() {
        let config = "[[overrides]]\npaths = ['new/**']\nextend-select = ['compose/opt-in']\n";
        assert_eq!(running(config, &CliChoice::default(), "new/compose.yml"), "a opt-in b c");
        assert!(!selection("", &CliChoice::default()).unwrap().enabled_somewhere(&pages()[1]));
    }

    #[test]
    fn unknown_words_are_told_with_their_place() {
        let text = "[[overrides]]\npaths = ['x']\nignore = ['compose/optin']\n";
        let unknown = selection(text, &CliChoice::default()).unwrap_err();
        assert_eq!(unknown.to_string(), "unknown rule `compose/optin`; did you mean `compose/opt-in`?");
        assert_eq!(&text[unknown.span.unwrap().range()], "'compose/optin'");
        assert_eq!(selection("", &choice("setings", "", "")).unwrap_err().suggestion.as_deref(), Some("settings"));
        assert!(selection("severity = { 'hadolint:DL1' = 'note' }", &CliChoice::default()).is_err());
    }

    #[test]
    fn severities_are_given_by_the_narrowest_word_and_by_environment() {
        let config = "severity = { all = 'note', settings = 'warning', 'settings/c' = { qa = 'error', staging = 'note' } }\n\
                      [[environments]]\nname = 'qa'\nlike = 'development'\n\
                      [[environments]]\nname = 'pre'\nlike = 'staging'\n\
                      [[overrides]]\npaths = ['legacy/**']\nseverity = { settings = 'note' }\n";
        let selection = selection(config, &CliChoice::default()).unwrap();
        let [a, _, b, c] = pages();
        let at = |page: &Page, environment: Option<&str>, on: &str| {
            selection.severity_override(page, environment.map(Environment::named).as_ref(), &path(on))
        };
        assert_eq!(at(&a, None, "x"), Some(Severity::Note));
        assert_eq!(at(&b, Some("production"), "x"), Some(Severity::Warning));
        assert_eq!(at(&b, None, "legacy/x"), Some(Severity::Note));
        assert_eq!(at(&c, Some("production"), "x"), Some(Severity::Warning));
        assert_eq!(at(&c, Some("qa"), "x"), Some(Severity::Error));
        assert_eq!(at(&c, Some("pre"), "x"), Some(Severity::Note));
    }

    #[test]
    fn a_finding_keeps_what_the_configuration_does_not_mention() {
        let [.., c] = pages();
        let found = |config: &str, environments: &[&str], lowered: Severity| {
            let selection = selection(config, &CliChoice::default()).unwrap();
            let environments: BTreeSet<_> = environments.iter().map(|name| Environment::named(name)).collect();
            let scope = Scope { environments, ..Scope::default() };
            let mut found = Vec::new();
            Findings::new(&c, &scope, &mut found).report(Place::start_of(path("x")), "m").at_most(lowered);
            selection.adjust(&c, &mut found[0]);
            found[0].severity
        };
        let lower = "severity = { 'settings/c' = { production = 'note' } }";
        assert_eq!(found("", &["production"], Severity::Error), Severity::Error);
        assert_eq!(found(lower, &["production"], Severity::Error), Severity::Note);
        assert_eq!(found(lower, &["production", "staging"], Severity::Error), Severity::Warning);
        assert_eq!(found(lower, &["staging"], Severity::Note), Severity::Note);
        assert_eq!(found("severity = { settings = 'error' }", &["development"], Severity::Note), Severity::Error);
    }
}
