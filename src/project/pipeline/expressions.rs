//! Expressions (`${{ … }}`) in workflows, and who can choose what they become.

use crate::source::{Fragment, Span};

/// One expression in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    /// What stands between the braces, trimmed.
    pub text: String,
    /// The expression with its braces, in the file.
    pub span: Span,
}

/// Who can choose the text that an expression becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Anybody who can open an issue or a pull request, or whose commit is merged.
    Anybody,
    /// The repository, GitHub, or those who may write to it.
    Team,
}

/// The properties of an event that are free text of whoever caused it.
/// Source: GitHub's "Script injections", list of contexts that end in these.
const FREE_TEXT: [&str; 9] =
    [".title", ".body", ".message", ".name", ".email", ".page_name", ".label", ".ref", ".default_branch"];

/// The parts of an event that somebody from outside fills in.
const OUTSIDE: [&str; 12] = [
    "github.event.issue.",
    "github.event.pull_request.title",
    "github.event.pull_request.body",
    "github.event.pull_request.head.",
    "github.event.comment.",
    "github.event.review.",
    "github.event.review_comment.",
    "github.event.discussion.",
    "github.event.pages",
    "github.event.commits",
    "github.event.head_commit.",
    "github.event.workflow_run.head_commit.",
];

impl Expression {
    /// Who chooses its text. What is not known to be free text of somebody outside is the team's.
    pub fn trust(&self) -> Trust {
        // Only the bare property becomes text; a comparison or a function such as `contains` does not.
        let plain =
            self.text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '[' | ']' | '*'));
        if !plain {
            return Trust::Team;
        }
        if matches!(self.text.as_str(), "github.head_ref" | "github.event.workflow_run.head_branch") {
            return Trust::Anybody;
        }
        let outside = OUTSIDE.iter().any(|part| self.text.starts_with(part));
        let free = FREE_TEXT.iter().any(|end| self.text.ends_with(end));
        if outside && free { Trust::Anybody } else { Trust::Team }
    }

    /// The secrets that it puts in: `secrets.NAME`.
    pub fn secrets(&self) -> Vec<&str> {
        let names = self.text.match_indices("secrets.").map(|(at, word)| &self.text[at + word.len()..]);
        let name = |rest: &'_ str| rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        names.map(|rest| &rest[..name(rest)]).filter(|name| !name.is_empty()).collect()
    }
}

/// The expressions of `text`, in order.
pub fn expressions(text: &Fragment) -> Vec<Expression> {
    let whole = text.text();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = whole[at..].find("${{").map(|length| at + length) {
        let Some(end) = whole[start..].find("}}").map(|length| start + length + 2) else { break };
        let inner = whole[start + 3..end - 2].trim().to_owned();
        found.push(Expression { text: inner, span: text.to_file(Span::new(start, end)) });
        at = end;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Expression {
        expressions(&Fragment::verbatim(text, 0)).remove(0)
    }

    #[test]
    fn free_text_from_outside_is_told_from_what_the_team_chooses() {
        for text in [
            "github.event.issue.title",
            "github.event.pull_request.head.ref",
            "github.event.comment.body",
            "github.head_ref",
            "github.event.head_commit.message",
            "github.event.commits[0].author.name",
        ] {
            assert_eq!(one(&format!("${{{{ {text} }}}}")).trust(), Trust::Anybody, "{text}");
        }
        for text in [
            "github.sha",
            "github.ref_name",
            "github.event.pull_request.head.sha",
            "github.event.pull_request.number",
            "github.event.inputs.tag",
            "contains(github.event.head_commit.message, 'skip')",
            "matrix.python",
        ] {
            assert_eq!(one(&format!("${{{{ {text} }}}}")).trust(), Trust::Team, "{text}");
        }
    }

    #[test]
    fn secrets_are_named() {
        assert_eq!(one("a${{ secrets.A_KEY || secrets.B }}").secrets(), ["A_KEY", "B"]);
        assert_eq!(expressions(&Fragment::verbatim("${{ ${{ }} ${{", 0)).len(), 1);
    }
}
