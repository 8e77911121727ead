//! SARIF 2.1.0, as GitHub code scanning, GitLab and the editors' viewers take it. One run; suppressed findings are
//! left out, for GitHub opens alerts for them; no absolute path, no time.

mod model;

use super::position::{Locator, Unit, fit, line_content};
use super::secrets::Secrets;
use super::{Report, rule_url, sanitize};
use crate::findings::{Finding, Fix, Severity};
use crate::rules::Page;
use crate::source::{Place, RepoPath, Span};
use model::Text;
use std::collections::BTreeMap;
use std::io::{self, Write};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// Stands for the root of the repository; whoever reads the file knows where that is.
const ROOT: &str = "%SRCROOT%";
/// GitHub refuses longer descriptions.
const DESCRIPTION: usize = 1024;
/// GitHub shows no more tags.
const TAGS: usize = 10;
/// Longer regions, in bytes, are not quoted.
const SNIPPET: usize = 1000;

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut rules: BTreeMap<&str, usize> = report.findings.iter().map(|finding| (&*finding.rule, 0)).collect();
    for (index, (_, place)) in rules.iter_mut().enumerate() {
        *place = index;
    }
    let locator = Locator::new(report.sources, Unit::Utf16);
    let secrets = Secrets::new(report);
    let writer = Writer { locator: &locator, secrets: &secrets };
    let home = env!("CARGO_PKG_REPOSITORY");
    let driver = model::Driver {
        name: "shipworthy",
        full_name: format!("shipworthy {}", env!("CARGO_PKG_VERSION")),
        organization: "shipworthy",
        version: env!("CARGO_PKG_VERSION"),
        semantic_version: env!("CARGO_PKG_VERSION"),
        information_uri: (!home.is_empty()).then_some(home),
        rules: rules.keys().map(|id| rule(id, (report.pages)(id), report)).collect(),
    };
    let notifications = report
        .failures
        .iter()
        .map(|text| model::Notification { level: "error", message: Text::new(sanitize::lines(text)) });
    let run = model::Run {
        tool: model::Tool { driver },
        invocations: [model::Invocation {
            execution_successful: report.failures.is_empty(),
            tool_execution_notifications: notifications.collect(),
        }],
        original_uri_base_ids: BTreeMap::from([(
            ROOT,
            model::UriBase { description: Text::new("The root of the repository that was checked.") },
        )]),
        column_kind: "utf16CodeUnits",
        results: report.findings.iter().map(|finding| writer.outcome(finding, rules[&*finding.rule])).collect(),
    };
    let log = model::Log { schema: SCHEMA, version: "2.1.0", runs: [run] };
    writeln!(out, "{}", sanitize::json(serde_json::to_string_pretty(&log)?))
}

/// What is said of a rule: its page, or where it has none what its findings tell.
fn rule(id: &str, page: Option<&Page>, report: &Report) -> model::Rule {
    let family = id.split_once('/').map_or("", |(family, _)| family);
    let found = || report.findings.iter().filter(|finding| &*finding.rule == id).map(|finding| finding.severity).max();
    let severity = page.map(|page| page.severity.highest()).or_else(found).unwrap_or(Severity::Note);
    let summary = page.map_or_else(|| format!("What `{id}` reports."), |page| page.summary.to_string());
    let explanation = page.map_or("", |page| page.explanation.trim());
    // The summary may be the first sentence of the explanation, or stand before it.
    let full = match explanation {
        "" => summary.clone(),
        text if text.starts_with(&summary) => text.to_string(),
        text => format!("{summary}\n\n{text}"),
    };
    let cwe = page.map_or(&[][..], |page| page.cwe);
    let mut tags = Vec::new();
    if !cwe.is_empty() {
        tags.push("security".to_string());
        tags.extend(cwe.iter().map(|number| format!("external/cwe/cwe-{number:03}")));
    }
    tags.extend((!family.is_empty()).then(|| family.to_string()));
    tags.extend(page.into_iter().flat_map(|page| page.controls).map(|control| control.to_string()));
    tags.truncate(TAGS);
    model::Rule {
        id: id.into(),
        name: pascal_case(id),
        short_description: Text::new(clip(&summary)),
        full_description: Text::new(clip(&full)),
        default_configuration: model::Configuration { level: severity.name() },
        help: model::Help {
            markdown: page.map_or_else(|| full.clone(), |page| page.markdown.trim().to_string()),
            text: full,
        },
        help_uri: page.and_then(rule_url),
        properties: model::RuleProperties {
            tags,
            precision: "high",
            problem_severity: match severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "recommendation",
            },
            // In the middle of GitHub's bands: high, medium, low.
            security_severity: (!cwe.is_empty()).then_some(match severity {
                Severity::Error => "8.0",
                Severity::Warning => "5.5",
                Severity::Note => "2.5",
            }),
        },
    }
}

/// `compose/privileged-service` → `ComposePrivilegedService`, as SARIF wants names.
fn pascal_case(id: &str) -> String {
    let words = id.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words
        .map(|word| {
            let mut letters = word.chars();
            letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
        })
        .collect()
}

/// `text` within the length that GitHub takes, cut between words.
fn clip(text: &str) -> String {
    if text.chars().count() <= DESCRIPTION {
        return text.into();
    }
    let room: String = text.chars().take(DESCRIPTION - 2).collect();
    let words = room.rsplit_once(char::is_whitespace).map_or(&*room, |(words, _)| words);
    format!("{} …", words.trim_end())
}

/// Turns findings into results.
struct Writer<'a> {
    locator: &'a Locator<'a>,
    secrets: &'a Secrets<'a>,
}

impl Writer<'_> {
    fn outcome<'f>(&self, finding: &'f Finding, rule_index: usize) -> model::Outcome<'f> {
        let fingerprint = finding.fingerprint();
        let environments: Vec<&str> = finding.environments.iter().map(|environment| environment.name()).collect();
        let related = finding.related.iter().enumerate().map(|(index, label)| model::Location {
            id: Some(index + 1),
            physical_location: self.location(&label.place),
            message: Some(Text::new(link_text(&label.message, &label.place))),
        });
        model::Outcome {
            rule_id: &finding.rule,
            rule_index,
            level: finding.severity.name(),
            message: Text::new(message(finding)),
            locations: [model::Location { id: None, physical_location: self.location(&finding.place), message: None }],
            related_locations: related.collect(),
            // GitHub keeps what a tool gives under its own key, in the form `hash:occurrence`.
            partial_fingerprints: BTreeMap::from([
                ("primaryLocationLineHash", format!("{fingerprint}:1")),
                ("shipworthy/v1", fingerprint),
            ]),
            fixes: finding.fix.as_ref().and_then(|fix| self.fix(fix)).into_iter().collect(),
            properties: (!environments.is_empty()).then_some(model::OutcomeProperties { environments }),
        }
    }

    fn location(&self, place: &Place) -> model::PhysicalLocation {
        let at = self.locator.visible_region(place);
        model::PhysicalLocation {
            artifact_location: artifact(&place.path),
            region: model::Region {
                start_line: at.start.line,
                start_column: at.start.column,
                end_line: at.end.line,
                end_column: at.end.column,
                snippet: self.snippet(place),
            },
        }
    }

    /// The text of a region, secrets masked.
    fn snippet(&self, place: &Place) -> Option<Text> {
        let source = self.locator.source(&place.path)?;
        let whole_file = place.span == Span::at(0);
        let range = if whole_file { line_content(&source, 1) } else { fit(&source.text, place.span) };
        (1..=SNIPPET)
            .contains(&range.len())
            .then(|| Text::new(self.secrets.mask(&place.path, range.clone(), &source.text[range])))
    }

    /// A fix, unless one of its files cannot be read.
    fn fix(&self, fix: &Fix) -> Option<model::Fix> {
        let mut changes: Vec<(&RepoPath, Vec<model::Replacement>)> = Vec::new();
        for edit in &fix.edits {
            self.locator.source(&edit.place.path)?;
            let at = self.locator.region(&edit.place);
            let replacement = model::Replacement {
                deleted_region: model::Region {
                    start_line: at.start.line,
                    start_column: at.start.column,
                    end_line: at.end.line,
                    end_column: at.end.column,
                    snippet: None,
                },
                inserted_content: Text::new(&edit.text),
            };
            match changes.iter_mut().find(|(path, _)| **path == edit.place.path) {
                Some((_, replacements)) => replacements.push(replacement),
                None => changes.push((&edit.place.path, vec![replacement])),
            }
        }
        let changes: Vec<_> = changes
            .into_iter()
            .map(|(path, replacements)| model::ArtifactChange { artifact_location: artifact(path), replacements })
            .collect();
        (!changes.is_empty()).then(|| model::Fix { description: Text::new(&fix.title), artifact_changes: changes })
    }
}

/// What was seen; the related places as links, which is the only way that GitHub shows them; what to do.
fn message(finding: &Finding) -> String {
    let mut text = plain(&sanitize::line(&finding.message));
    text.push('.');
    if !finding.environments.is_empty() {
        text.push_str(&format!(" Environments: {}.", plain(&super::environments(finding))));
    }
    if !finding.related.is_empty() {
        let links = finding.related.iter().enumerate().map(|(index, label)| {
            let text = link_text(&label.message, &label.place);
            format!("[{}]({})", text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]"), index + 1)
        });
        text.push_str(&format!(" See: {}.", links.collect::<Vec<_>>().join("; ")));
    }
    if let Some(help) = &finding.help {
        let help = sanitize::lines(help.trim_end());
        text.push_str(&format!("\n\nHelp: {}", plain(&help)));
        // A recipe of several lines ends as it likes.
        if !help.ends_with('.') && !help.contains('\n') {
            text.push('.');
        }
    }
    text
}

/// `text` that cannot be taken for a link.
fn plain(text: &str) -> String {
    text.replace("](", "] (")
}

fn link_text(message: &str, place: &Place) -> String {
    if message.is_empty() { super::path(&place.path) } else { sanitize::line(message).into_owned() }
}

fn artifact(path: &RepoPath) -> model::ArtifactLocation {
    model::ArtifactLocation { uri: uri(path), uri_base_id: ROOT }
}

/// A relative reference (RFC 3986): all but unreserved characters and `/` percent-encoded, also the `:` that would
/// make a scheme of a file name.
fn uri(path: &RepoPath) -> String {
    if path.is_root() {
        return ".".into();
    }
    let mut uri = String::with_capacity(path.as_str().len());
    for byte in path.as_str().bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(byte as char),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_relative_reference_whatever_it_holds() {
        let uri = |path: &str| uri(&RepoPath::new(path).unwrap());
        assert_eq!(uri("deploy/a b#c?.yml"), "deploy/a%20b%23c%3F.yml");
        assert_eq!(uri("c:x"), "c%3Ax");
        assert_eq!(uri("ü/100%"), "%C3%BC/100%25");
        assert_eq!(uri(""), ".");
    }

    #[test]
    fn names_are_in_pascal_case() {
        assert_eq!(pascal_case("compose/privileged-service"), "ComposePrivilegedService");
    }

    #[test]
    fn a_description_is_cut_between_words() {
        let clipped = clip(&"word ".repeat(1000));
        assert!(clipped.chars().count() <= DESCRIPTION);
        assert!(clipped.ends_with("word …"));
        assert_eq!(clip("short"), "short");
        assert!(clip(&"x".repeat(5000)).chars().count() <= DESCRIPTION);
    }
}
