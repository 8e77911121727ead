//! Comments of other tools: `# hadolint ignore=DL3008`, `# nosec`, `gitleaks:allow`. They hold for the rules whose pages
//! name what they name (`equivalents`), and no further; what they name besides is not our business.
//!
//! Where each tool looks for its comments is told in its documentation; where one is read a little more widely here (a
//! line above as well as the line itself), it is because ours may report the same thing a line off.

use super::scan::{alone_on_line, in_comment};
use super::{Reach, Suppression};
use crate::source::{Source, Span, Spanned};
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::sync::LazyLock;

/// More comments of other tools than this are not looked at in one file.
const MOST_COMMENTS: usize = 1000;

/// What begins a comment of another tool, and who reads it.
const MARKS: &[(&str, Reader)] = &[
    ("hadolint ", hadolint),
    ("shellcheck disable=", shellcheck),
    ("trivy:ignore:", trivy),
    ("checkov:skip=", checkov),
    ("kics-scan ", kics),
    ("nosemgrep", semgrep),
    ("gitleaks:allow", |comment| secrets(comment, "gitleaks")),
    ("betterleaks:allow", |comment| secrets(comment, "betterleaks")),
    ("kingfisher:ignore", |comment| secrets(comment, "kingfisher")),
    ("kingfisher:allow", |comment| secrets(comment, "kingfisher")),
    ("pragma: allowlist ", detect_secrets),
    ("pragma: allowlist-", detect_secrets),
    ("pragma: whitelist ", detect_secrets),
    ("pragma: whitelist-", detect_secrets),
    ("nosec", bandit),
    ("noqa", ruff),
    ("zizmor: ignore[", zizmor),
    ("squawk-ignore", squawk),
    ("dclint disable", dclint),
    ("dotenv-linter:off", dotenv_linter),
    ("IgnoreMigration()", django_migration_linter),
];

/// Reads what follows a mark.
type Reader = fn(&Comment<'_>) -> Option<Read>;

/// A mark with what stands around it.
struct Comment<'a> {
    /// From behind the mark to the end of the line, without what closes a comment.
    rest: &'a str,
    /// The byte offset of `rest`.
    start: usize,
    /// Whether a comment begins right before the mark.
    opened: bool,
    /// Whether the comment stands on a line of its own.
    alone: bool,
    /// Whether the file is a Dockerfile, by its name.
    dockerfile: bool,
}

/// What a comment says.
struct Read {
    /// `tool:rule`, or `tool:*` for all that the tool knows.
    words: Vec<Spanned<String>>,
    reach: Reach,
    reason: Option<String>,
}

/// Finds the comments of other tools in one file.
pub fn scan(source: &Source) -> Vec<Suppression> {
    static FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| {
        AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::DFA))
            .build(MARKS.iter().map(|(mark, _)| mark))
            .expect("a few short words are no large automaton")
    });
    let text = source.text.as_str();
    let mut found = Vec::new();
    for at in FINDER.find_iter(text).take(MOST_COMMENTS) {
        let line = source.lines().line(at.start());
        let line_span = source.lines().line_span(line).range();
        let before = &text[line_span.start..at.start()];
        let rest = text[at.end()..line_span.end.max(at.end())].trim_end();
        let rest = rest.strip_suffix("*/").or_else(|| rest.strip_suffix("-->")).unwrap_or(rest);
        let name = source.path.file_name();
        let comment = Comment {
            rest,
            start: at.end(),
            opened: in_comment(before),
            alone: alone_on_line(before),
            dockerfile: name.contains("Dockerfile") || name.contains("Containerfile"),
        };
        let Some(read) = (MARKS[at.pattern().as_usize()].1)(&comment) else { continue };
        if !read.words.is_empty() {
            found.push(Suppression {
                span: Span::new(at.start(), at.end() + rest.len()),
                line,
                reach: read.reach,
                rules: read.words,
                reason: read.reason,
                of_peer: true,
            });
        }
    }
    found
}

impl Comment<'_> {
    /// The words of `list`, a part of the rest, as rules of `tool`.
    fn rules(&self, tool: &str, list: &str, separators: &[char]) -> Vec<Spanned<String>> {
        let offset = list.as_ptr() as usize - self.rest.as_ptr() as usize;
        let mut at = self.start + offset;
        let mut words = Vec::new();
        for word in list.split(separators) {
            if !word.trim().is_empty() {
                words.push(Spanned::new(format!("{tool}:{}", word.trim()), Span::new(at, at + word.len())));
            }
            at += word.len() + 1;
        }
        words
    }

    /// All that `tool` knows.
    fn all(&self, tool: &str) -> Vec<Spanned<String>> {
        vec![Spanned::new(format!("{tool}:*"), Span::at(self.start))]
    }

    /// The line itself, or what follows a line of its own.
    fn here_or_below(&self) -> Reach {
        if self.alone { Reach::Below } else { Reach::Line }
    }
}

/// The first word of `text` by blanks, and the rest without the marks that set off a reason.
fn word_and_reason(text: &str) -> (&str, Option<String>) {
    let text = text.trim_start();
    let (word, reason) = text.split_once([' ', '\t']).unwrap_or((text, ""));
    let reason = reason.trim_start_matches(['#', '-', ':', ' ']).trim();
    (word, (!reason.is_empty()).then(|| reason.to_owned()))
}

/// `# hadolint ignore=DL3006,SC2086 # why` above an instruction, `# hadolint global ignore=…` for the file.
fn hadolint(comment: &Comment<'_>) -> Option<Read> {
    let rest = comment.rest.trim_start();
    let (global, rest) = match rest.strip_prefix("global") {
        Some(rest) => (true, rest.trim_start()),
        None => (false, rest),
    };
    let list = rest.strip_prefix("ignore=")?;
    let (list, reason) = match list.split_once('#') {
        Some((list, reason)) => (list, Some(reason.trim().to_owned())),
        None => (list, None),
    };
    let mut words = comment.rules("hadolint", list, &[',']);
    // What hadolint says of shell code are ShellCheck's words.
    words.extend(comment.rules("shellcheck", list, &[',']));
    let reach = if global { Reach::File } else { Reach::Below };
    (comment.opened && comment.alone).then_some(Read { words, reach, reason })
}

/// `# shellcheck disable=SC2086,SC2046` above a command.
fn shellcheck(comment: &Comment<'_>) -> Option<Read> {
    let (list, reason) = word_and_reason(comment.rest);
    let words = comment.rules("shellcheck", list, &[',']);
    comment.opened.then_some(Read { words, reach: Reach::Below, reason })
}

/// `# trivy:ignore:AVD-DS-0002[:exp:2027-01-01]`; secrets have words of their own.
fn trivy(comment: &Comment<'_>) -> Option<Read> {
    let (word, reason) = word_and_reason(comment.rest);
    let id = word.split(':').next()?;
    let words = comment.rules("trivy-checks", id.strip_prefix("AVD-").unwrap_or(id), &[',']);
    Some(Read { words, reach: comment.here_or_below(), reason })
}

/// `# checkov:skip=CKV_DOCKER_3:why`, in the thing that it is about; a Dockerfile is one thing.
fn checkov(comment: &Comment<'_>) -> Option<Read> {
    let (ids, reason) = comment.rest.split_once(':').unwrap_or((comment.rest, ""));
    let words = comment.rules("checkov", ids.split_whitespace().next()?, &[',']);
    let reach = if comment.dockerfile { Reach::File } else { comment.here_or_below() };
    let reason = Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    comment.opened.then_some(Read { words, reach, reason })
}

/// `# kics-scan ignore-line` and `ignore-block` above what they are about, `# kics-scan ignore` for the file. The ids of
/// `disable=` are numbers of its queries, which pages do not name.
fn kics(comment: &Comment<'_>) -> Option<Read> {
    let (verb, _) = word_and_reason(comment.rest);
    let reach = match verb {
        "ignore-line" | "ignore-block" => Reach::Below,
        "ignore" => Reach::File,
        _ => return None,
    };
    comment.opened.then_some(Read { words: comment.all("kics"), reach, reason: None })
}

/// `# nosemgrep`, `# nosemgrep: path.to.rule, other-rule` on the line or above it.
fn semgrep(comment: &Comment<'_>) -> Option<Read> {
    let reach = comment.here_or_below();
    if !comment.opened {
        return None;
    }
    let Some(list) = comment.rest.strip_prefix(':') else {
        let bare = comment.rest.is_empty() || comment.rest.starts_with([' ', '\t']);
        let words = comment.all("semgrep-rules").into_iter().chain(comment.all("semgrep-ops")).collect();
        return bare.then_some(Read { words, reach, reason: None });
    };
    let mut words = comment.rules("semgrep-rules", list, &[',', ' ']);
    for word in &mut words {
        // Their registry puts folders before the name: `yaml.docker-compose.security.privileged-service`.
        let name = word.value.rsplit(['.', ':']).next().unwrap_or_default();
        word.value = format!("semgrep-rules:{name}");
    }
    Some(Read { words, reach, reason: None })
}

/// `gitleaks:allow` anywhere in the line.
fn secrets(comment: &Comment<'_>, tool: &str) -> Option<Read> {
    let reach = comment.here_or_below();
    Some(Read { words: comment.all(tool), reach, reason: None })
}

/// `pragma: allowlist secret` on the line, `pragma: allowlist nextline secret` above it.
fn detect_secrets(comment: &Comment<'_>) -> Option<Read> {
    let reach = match word_and_reason(comment.rest).0 {
        "secret" => Reach::Line,
        "nextline" => Reach::Below,
        _ => return None,
    };
    Some(Read { words: comment.all("detect-secrets"), reach, reason: None })
}

/// `# nosec`, `# nosec B105, B106`.
fn bandit(comment: &Comment<'_>) -> Option<Read> {
    let reason = comment.rest.trim_start_matches([':', ' ']);
    let is_id = |word: &&str| word.starts_with('B') && word[1..].bytes().all(|byte| byte.is_ascii_digit());
    let last = reason.split([',', ' ']).take_while(|word| word.is_empty() || is_id(word)).map(|word| word.len() + 1);
    let list = &reason[..last.sum::<usize>().min(reason.len())];
    let named = comment.rules("bandit", list, &[',', ' ']);
    let bare = comment.rest.is_empty() || comment.rest.starts_with([' ', '\t', ':']);
    let words = if named.is_empty() { comment.all("bandit") } else { named };
    (comment.opened && bare).then_some(Read { words, reach: Reach::Line, reason: None })
}

/// `# noqa`, `# noqa: S105, E501`; the same words are flake8's.
fn ruff(comment: &Comment<'_>) -> Option<Read> {
    let words = match comment.rest.strip_prefix(':') {
        Some(list) => comment.rules("ruff", list, &[',', ' ']),
        None if comment.rest.is_empty() || comment.rest.starts_with([' ', '\t']) => comment.all("ruff"),
        None => return None,
    };
    comment.opened.then_some(Read { words, reach: Reach::Line, reason: None })
}

/// `# zizmor: ignore[rule, rule] why`, anywhere in what it is about.
fn zizmor(comment: &Comment<'_>) -> Option<Read> {
    let (list, reason) = comment.rest.split_once(']')?;
    let reason = Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    let words = comment.rules("zizmor", list, &[',']);
    comment.opened.then_some(Read { words, reach: comment.here_or_below(), reason })
}

/// `-- squawk-ignore rule, rule` above a statement, `-- squawk-ignore-file [rules]`.
fn squawk(comment: &Comment<'_>) -> Option<Read> {
    let (reach, list) = match comment.rest.strip_prefix("-file") {
        Some(list) => (Reach::File, list),
        None => (Reach::Below, comment.rest),
    };
    let named = comment.rules("squawk", list, &[',', ' ', '\t']);
    let words = if named.is_empty() && reach == Reach::File { comment.all("squawk") } else { named };
    comment.opened.then_some(Read { words, reach, reason: None })
}

/// `# dclint disable-line [rules]`; `# dclint disable [rules]` and `disable-file` for the file.
fn dclint(comment: &Comment<'_>) -> Option<Read> {
    let (reach, list) = match comment.rest.strip_prefix("-line") {
        Some(list) => (Reach::Line, list),
        None => (Reach::File, comment.rest.strip_prefix("-file").unwrap_or(comment.rest)),
    };
    let named = comment.rules("dclint", list, &[',', ' ', '\t']);
    let words = if named.is_empty() { comment.all("dclint") } else { named };
    comment.opened.then_some(Read { words, reach, reason: None })
}

/// `# dotenv-linter:off DuplicatedKey, LowercaseKey`, from there on.
fn dotenv_linter(comment: &Comment<'_>) -> Option<Read> {
    let words = comment.rules("dotenv-linter", comment.rest, &[',', ' ']);
    (comment.opened && comment.alone).then_some(Read { words, reach: Reach::File, reason: None })
}

/// The operation by which django-migration-linter leaves a migration alone.
fn django_migration_linter(comment: &Comment<'_>) -> Option<Read> {
    let words = comment.all("django-migration-linter");
    (!comment.opened).then_some(Read { words, reach: Reach::File, reason: None })
}
