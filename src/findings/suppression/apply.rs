use super::{MALFORMED, Reach, Suppression, UNKNOWN_RULE, UNUSED, layout, peers, scan};
use crate::findings::{Finding, Findings, Scope};
use crate::rules::{Named, Names, Page};
use crate::source::{Place, RepoPath, Source, Span, Spanned};
use rayon::prelude::*;
use std::cell::{Cell, OnceCell};
use std::collections::HashMap;
use std::ops::RangeInclusive;

/// What needs to be known to apply comments.
pub struct Context<'a> {
    /// Every rule there is, selected or not.
    pub pages: &'a [&'a Page],
    /// Whether a rule ran on a file and all that it found there is among the findings. Where it did not (it is not
    /// selected, or findings were kept to one environment before), a comment for it is not called unused.
    pub ran: &'a dyn Fn(&Page, &RepoPath) -> bool,
    /// Whether the comments of other tools hold for equivalent rules.
    pub peers: bool,
    /// The block that begins at a 1-based line, for files that have a syntax model; `None` leaves it to the layout.
    pub block_at: &'a dyn Fn(&RepoPath, usize) -> Option<RangeInclusive<usize>>,
}

/// A finding that a comment suppresses.
#[derive(Clone, Debug)]
pub struct Suppressed {
    /// The finding.
    pub finding: Finding,
    /// The comment.
    pub comment: Place,
    /// Why, where the comment says it.
    pub reason: Option<String>,
}

/// What became of the findings.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    /// Those that no comment suppresses, in their order.
    pub kept: Vec<Finding>,
    /// The others.
    pub suppressed: Vec<Suppressed>,
    /// What is wrong with the comments themselves: findings of the rules [`UNUSED`], [`UNKNOWN_RULE`] and
    /// [`MALFORMED`], where these run.
    pub problems: Vec<Finding>,
}

/// Takes out the findings that comments in `sources` suppress, and reports the comments that do nothing. `findings`
/// are all there are, before any of them are folded or left out.
pub fn apply(findings: Vec<Finding>, sources: &[&Source], context: &Context<'_>) -> Applied {
    let names = Names::new(context.pages);
    let with_peers = context.peers;
    let scanned: Vec<_> = sources
        .par_iter()
        .map(|source| {
            let mut scanned = scan(source);
            if with_peers {
                scanned.suppressions.extend(peers::scan(source));
            }
            (*source, scanned)
        })
        .filter(|(_, scanned)| !scanned.suppressions.is_empty() || !scanned.malformed.is_empty())
        .collect();
    let files: Vec<File<'_>> = scanned
        .iter()
        .map(|(source, scanned)| File {
            source,
            comments: scanned.suppressions.iter().map(|it| Comment::new(it, &names)).collect(),
        })
        .collect();
    let by_path = files.iter().map(|file| (file.source.path.as_str(), file)).collect();
    let mut run = Run { names: &names, context, by_path, applied: Applied::default(), counts: HashMap::new() };

    for finding in findings {
        if let Some(finding) = run.sift(finding) {
            run.applied.kept.push(finding);
        }
    }
    // What is wrong with comments can be suppressed like anything else, so it comes in this order: what does not
    // depend on use; then what is unused; and last the comments for exactly that, which must not excuse themselves.
    for (source, scanned) in &scanned {
        for problem in &scanned.malformed {
            let finding = run.malformed(source, problem.span, &problem.message);
            run.sift_problem(finding);
        }
    }
    for file in &files {
        for (_, word) in file.words() {
            let finding = run.unknown(file.source, word);
            run.sift_problem(finding);
        }
        for (comment, word) in file.words().filter(|(_, word)| !word.names(UNUSED)) {
            let finding = run.unused(file.source, comment, word);
            run.sift_problem(finding);
        }
        for (comment, word) in file.words().filter(|(_, word)| word.names(UNUSED)) {
            let finding = run.unused(file.source, comment, word);
            run.applied.problems.extend(finding);
        }
    }
    run.applied
}

/// A file with comments.
struct File<'a> {
    source: &'a Source,
    comments: Vec<Comment<'a>>,
}

impl<'a> File<'a> {
    /// The words of our own comments.
    fn words(&self) -> impl Iterator<Item = (&Comment<'a>, &Word<'a>)> {
        let ours = self.comments.iter().filter(|comment| !comment.written.of_peer);
        ours.flat_map(|comment| comment.words.iter().map(move |word| (comment, word)))
    }
}

struct Comment<'a> {
    written: &'a Suppression,
    words: Vec<Word<'a>>,
    /// The lines that it holds for; found when first asked.
    lines: OnceCell<RangeInclusive<usize>>,
}

struct Word<'a> {
    written: &'a Spanned<String>,
    known: Known<'a>,
    used: Cell<bool>,
}

/// What the word of a comment names.
enum Known<'a> {
    Rules(Vec<&'a Page>),
    /// Nothing; with the message that says so.
    Not(String),
}

impl Word<'_> {
    fn names(&self, rule: &str) -> bool {
        matches!(&self.known, Known::Rules(pages) if pages.iter().any(|page| page.id == rule))
    }
}

impl<'a> Comment<'a> {
    fn new(written: &'a Suppression, names: &Names<'a>) -> Self {
        let is_of_peer = written.of_peer;
        let word = |written: &'a Spanned<String>| {
            if let Some(tool) = written.strip_suffix(":*").filter(|_| is_of_peer) {
                return Word { written, known: Known::Rules(names.of_tool(tool)), used: Cell::new(false) };
            }
            let known = match names.resolve(written) {
                Some(Named::Rule(page)) => Known::Rules(vec![page]),
                Some(Named::Peer(pages)) => Known::Rules(pages.to_vec()),
                Some(Named::All | Named::Family(_)) => {
                    Known::Not(format!("`{}` is no rule: a comment names rules one by one", **written))
                }
                None => Known::Not(format!("there is no rule `{}`", **written)),
            };
            Word { written, known, used: Cell::new(false) }
        };
        Self { written, words: written.rules.iter().map(word).collect(), lines: OnceCell::new() }
    }

    /// Whether it holds for what stands on the 1-based `lines` of its file.
    fn holds(&self, lines: &RangeInclusive<usize>, source: &Source, context: &Context<'_>) -> bool {
        match self.written.reach {
            Reach::File => true,
            Reach::Line => lines.contains(&self.written.line),
            Reach::Below if *lines.start() < self.written.line => false,
            Reach::Below => {
                let below = self.lines.get_or_init(|| {
                    let target = layout::target(source, self.written.line);
                    let block =
                        (context.block_at)(&source.path, target).unwrap_or_else(|| layout::block(source, target));
                    // Its own line too: what is about the whole file stands at the first line, comment or not.
                    self.written.line..=*block.end()
                });
                below.contains(lines.start())
            }
        }
    }
}

struct Run<'a, 'c> {
    names: &'a Names<'a>,
    context: &'c Context<'c>,
    by_path: HashMap<&'a str, &'a File<'a>>,
    applied: Applied,
    /// How often a word was complained of in a file: tells the findings apart by something that outlives edits.
    counts: HashMap<(RepoPath, String), usize>,
}

impl Run<'_, '_> {
    /// Puts `finding` among the suppressed where a comment holds for it, and gives it back where none does. Every
    /// such comment counts as used.
    fn sift(&mut self, finding: Finding) -> Option<Finding> {
        let Some(file) = self.by_path.get(finding.place.path.as_str()) else { return Some(finding) };
        let index = file.source.lines();
        let span = finding.place.span.range();
        let lines = index.line(span.start)..=index.line(span.end.saturating_sub(1).max(span.start));
        let mut by: Option<&Suppression> = None;
        for comment in &file.comments {
            for word in comment.words.iter().filter(|word| word.names(&finding.rule)) {
                if comment.holds(&lines, file.source, self.context) {
                    word.used.set(true);
                    by.get_or_insert(comment.written);
                }
            }
        }
        let Some(by) = by else { return Some(finding) };
        let comment = Place::new(file.source.path.clone(), by.span);
        self.applied.suppressed.push(Suppressed { finding, comment, reason: by.reason.clone() });
        None
    }

    fn sift_problem(&mut self, finding: Option<Finding>) {
        let kept = finding.and_then(|finding| self.sift(finding));
        self.applied.problems.extend(kept);
    }

    fn malformed(&mut self, source: &Source, span: Span, message: &str) -> Option<Finding> {
        let anchor = format!("comment {}", source.slice(span));
        let help = "write `shipworthy: ignore[family/rule] reason`, or `ignore-file[…]` for the whole file";
        self.report(MALFORMED, source, span, anchor, format!("this comment has no effect: {message}"), help.into())
    }

    fn unknown(&mut self, source: &Source, word: &Word<'_>) -> Option<Finding> {
        let Known::Not(message) = &word.known else { return None };
        let help = match self.names.suggestion(word.written) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "see `shipworthy rules` for all rules".to_owned(),
        };
        let anchor = format!("word {}", **word.written);
        self.report(UNKNOWN_RULE, source, word.written.span, anchor, message.clone(), help)
    }

    fn unused(&mut self, source: &Source, comment: &Comment<'_>, word: &Word<'_>) -> Option<Finding> {
        let Known::Rules(pages) = &word.known else { return None };
        if word.used.get() || !pages.iter().all(|page| (self.context.ran)(page, &source.path)) {
            return None;
        }
        let reach = match comment.written.reach {
            Reach::Line => "on this line",
            Reach::Below => "on the line below, or in the block that begins there",
            Reach::File => "in this file",
        };
        let written = &**word.written;
        let message = format!("nothing {reach} is found by `{written}`");
        let help = "remove the word, or move the comment to the line that it is meant for";
        self.report(UNUSED, source, word.written.span, format!("word {written}"), message, help.into())
    }

    /// A finding of `rule`; `None` where that rule does not run.
    fn report(
        &mut self,
        rule: &str,
        source: &Source,
        span: Span,
        anchor: String,
        message: String,
        help: String,
    ) -> Option<Finding> {
        let page = self.names.rule(rule).filter(|page| (self.context.ran)(page, &source.path))?;
        let count = self.counts.entry((source.path.clone(), format!("{rule} {anchor}"))).or_default();
        *count += 1;
        let mut found = Vec::new();
        Findings::new(page, &Scope::default(), &mut found)
            .report(Place::new(source.path.clone(), span), message)
            .help(help)
            .anchor(anchor)
            .evidence(count.to_string());
        found.pop()
    }
}
