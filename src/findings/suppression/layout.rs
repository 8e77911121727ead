//! Which lines belong together, told by the layout of the text alone. Right for YAML, Python, Dockerfiles, scripts and
//! braces; whoever has a syntax model knows better and is asked first.

use crate::source::Source;
use std::ops::RangeInclusive;

/// As many lines are looked at for one block, heredocs included: the bound keeps a hostile file from costing time.
const MOST_LINES: usize = 2000;
/// As many comment lines may stand between a comment and what it is about.
const MOST_COMMENTS: usize = 50;

/// The 1-based line that a comment on the line `comment` is about: the next one that is no comment.
pub(super) fn target(source: &Source, comment: usize) -> usize {
    let below = comment + 1..=comment + MOST_COMMENTS;
    below.clone().find(|&line| !is_comment(text(source, line))).unwrap_or(comment + 1)
}

/// The block that begins at the 1-based line `first`: what is indented below it, what closes its brackets, its
/// continuation lines and heredocs, the items of a YAML list beneath their key, and what a decorator decorates.
pub(super) fn block(source: &Source, first: usize) -> RangeInclusive<usize> {
    let opening = text(source, first);
    if opening.trim().is_empty() {
        return first..=first;
    }
    let depth = indent(opening);
    let key = opening.trim_end().ends_with(':') && !opening.trim_start().starts_with("- ");
    let mut decorated = opening.trim_start().starts_with('@');
    let mut continues = opening.trim_end().ends_with('\\');
    let mut budget = MOST_LINES;
    let mut last = heredoc_end(source, first, opening, &mut budget);
    let mut line = last + 1;
    while line <= source.lines().count() && budget > 0 {
        budget -= 1;
        let here = text(source, line);
        let word = here.trim();
        // Comments and blank lines neither end a block nor a continued instruction.
        if word.is_empty() || is_comment(here) {
            line += 1;
            continue;
        }
        let beside = indent(here) == depth;
        let closes = beside && word.starts_with([')', ']', '}']);
        let item = beside && key && (word == "-" || word.starts_with("- "));
        let subject = beside && decorated && !closes;
        if !(continues || indent(here) > depth || closes || item || subject) {
            break;
        }
        if subject {
            decorated = word.starts_with('@');
        }
        continues = word.ends_with('\\');
        last = heredoc_end(source, line, here, &mut budget);
        line = last + 1;
    }
    first..=last
}

/// The line on which the heredocs end that `here`, on `line`, opens; `line` itself where there is none.
fn heredoc_end(source: &Source, line: usize, here: &str, budget: &mut usize) -> usize {
    let mut end = line;
    let mut rest = here;
    while let Some((_, after)) = rest.split_once("<<") {
        rest = after;
        let word = after.trim_start_matches('-').trim_start_matches(['"', '\'']);
        let length = word.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(word.len());
        let word = &word[..length];
        if word.is_empty() || word.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        // A shift by a number of bits looks the same; then no such line comes.
        for below in end + 1..=source.lines().count() {
            if *budget == 0 {
                return end;
            }
            *budget -= 1;
            if text(source, below).trim() == word {
                end = below;
                break;
            }
        }
    }
    end
}

fn text(source: &Source, line: usize) -> &str {
    source.slice(source.lines().line_span(line))
}

/// Leading blanks, a tab like a space: only comparisons within a file matter.
fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

fn is_comment(line: &str) -> bool {
    let line = line.trim();
    let whole = |open: &str, close: &str| line.starts_with(open) && (line.ends_with(close) || !line.contains(close));
    line.starts_with('#')
        || line.starts_with("//")
        || line.starts_with("-- ")
        || line.starts_with(';')
        || matches!(line, "*" | "*/" | "--")
        || line.starts_with("* ")
        || whole("/*", "*/")
        || whole("<!--", "-->")
        || whole("{#", "#}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::RepoPath;

    /// The lines of the block that begins at the line with `from`, as text.
    fn block_at(text: &str, from: &str) -> String {
        let source = Source::new(RepoPath::new("x").unwrap(), text);
        let first = source.lines().line(text.find(from).unwrap());
        let lines: Vec<_> = block(&source, first).map(|line| super::text(&source, line).trim_end()).collect();
        lines.join("\n")
    }

    const COMPOSE: &str = "services:\n  web:\n    image: app\n\n    # why\n    ports:\n    - '80:80'\n    - '81:81'\n  # next\n  db:\n    image: postgres\n";

    #[test]
    fn a_yaml_key_holds_what_is_indented_below_it() {
        assert_eq!(
            block_at(COMPOSE, "  web"),
            "  web:\n    image: app\n\n    # why\n    ports:\n    - '80:80'\n    - '81:81'"
        );
        assert_eq!(block_at(COMPOSE, "    image: app"), "    image: app");
    }

    #[test]
    fn a_yaml_list_may_stand_flush_with_its_key() {
        assert_eq!(block_at(COMPOSE, "    ports"), "    ports:\n    - '80:80'\n    - '81:81'");
        assert_eq!(block_at(COMPOSE, "    - '80"), "    - '80:80'");
        assert_eq!(block_at("- a: 1\n  b: 2\n- c: 3\n", "- a"), "- a: 1\n  b: 2");
    }

    #[test]
    fn an_instruction_holds_its_continuations() {
        let text = "RUN a \\\n# why\n && b \\\n\n && c\nCMD d\n";
        assert_eq!(block_at(text, "RUN"), "RUN a \\\n# why\n && b \\\n\n && c");
        assert_eq!(block_at(text, " && b"), " && b \\\n\n && c");
    }

    #[test]
    fn an_instruction_holds_its_heredocs() {
        let text = "RUN <<A cat <<-'B'\none\nA\n\ttwo\n\tB\nCMD x\n";
        assert_eq!(block_at(text, "RUN"), "RUN <<A cat <<-'B'\none\nA\n\ttwo\n\tB");
        assert_eq!(block_at("web:\n  <<: *base\nx: 1\n", "web"), "web:\n  <<: *base");
        assert_eq!(block_at("y = 1 << BITS\nx = 1\n", "y"), "y = 1 << BITS");
    }

    #[test]
    fn a_statement_holds_its_brackets_and_its_body() {
        let text = "DATABASES = {\n    'default': {},\n}\nDEBUG = True\n@wraps(\n    f\n)\n@x\ndef g(\n    a,\n) -> int:\n    return a\n\ny = 1\n";
        assert_eq!(block_at(text, "DATABASES"), "DATABASES = {\n    'default': {},\n}");
        assert_eq!(block_at(text, "DEBUG"), "DEBUG = True");
        assert!(block_at(text, "@wraps").ends_with("    return a"));
        assert!(block_at(text, "def g").ends_with("    return a"));
    }

    #[test]
    fn a_comment_is_about_the_next_line_that_is_none() {
        let source = Source::new(RepoPath::new("x").unwrap(), "# a\n# b\n\nx\n# c\ny\n---\n");
        assert_eq!([1, 2, 5, 6].map(|line| target(&source, line)), [3, 3, 6, 7]);
    }
}
