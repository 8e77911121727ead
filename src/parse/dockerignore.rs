//! `.dockerignore`: what of a build context Docker does not send.
//!
//! The rules are those of moby's pattern matcher: the last pattern that matches a path or a folder above it decides,
//! `!` takes back, `**` is any number of folders, the rest is Go's `filepath.Match`.

use crate::source::{Problem, Span, Spanned};

/// The patterns of a `.dockerignore`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dockerignore {
    /// The valid patterns, in order.
    pub patterns: Vec<Pattern>,
    /// The comment lines, from the `#` to the end of the line.
    pub comments: Vec<Span>,
}

/// One pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The pattern as written, with its `!`.
    pub text: Spanned<String>,
    /// Whether it takes files back (`!`).
    pub negated: bool,
    /// The pattern as it is matched: without `!`, `.`, `..` and slashes at its ends.
    pub cleaned: String,
    glob: Glob,
}

impl Pattern {
    /// Whether the pattern matches `path` (relative to the context) or a folder above it.
    pub fn matches(&self, path: &str) -> bool {
        self.glob.matches_path_or_parent(path)
    }
}

impl Dockerignore {
    /// Whether the file or folder at `path`, relative to the context, stays out of the build. The context itself
    /// never does.
    pub fn excludes(&self, path: &str) -> bool {
        self.deciding(path).is_some_and(|pattern| !pattern.negated)
    }

    /// The pattern that decides on `path`; `None` where none matches.
    pub fn deciding(&self, path: &str) -> Option<&Pattern> {
        let path = clean(path);
        let path = path.trim_start_matches('/');
        if path == "." {
            return None;
        }
        self.patterns.iter().rev().find(|pattern| pattern.matches(path))
    }
}

/// Reads a `.dockerignore`. A pattern that Docker refuses is a problem and left out.
pub fn parse(text: &str) -> (Dockerignore, Vec<Problem>) {
    let mut file = Dockerignore::default();
    let mut problems = Vec::new();
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    for line in text[at..].split_inclusive('\n') {
        let start = at;
        at += line.len();
        let content = line.trim_end_matches(['\n', '\r']);
        if content.starts_with('#') {
            file.comments.push(Span::new(start, start + content.len()));
            continue;
        }
        let written = content.trim();
        if written.is_empty() {
            continue;
        }
        let start = start + (content.len() - content.trim_start().len());
        let text = Spanned::new(written.to_owned(), Span::new(start, start + written.len()));
        match pattern(text) {
            Ok(pattern) => file.patterns.push(pattern),
            Err(problem) => problems.push(problem),
        }
    }
    (file, problems)
}

fn pattern(text: Spanned<String>) -> Result<Pattern, Problem> {
    let (negated, rest) = match text.strip_prefix('!') {
        Some(rest) => (true, rest.trim()),
        None => (false, text.as_str()),
    };
    if rest.is_empty() {
        return Err(Problem::new(text.span, "`!` without a pattern"));
    }
    let mut cleaned = clean(rest);
    if cleaned.len() > 1 && cleaned.starts_with('/') {
        cleaned.remove(0);
    }
    match Glob::new(&cleaned) {
        Some(glob) => Ok(Pattern { negated, cleaned, glob, text }),
        None => Err(Problem::new(text.span, "a pattern with a bracket or an escape that is not closed")),
    }
}

/// Go's `filepath.Clean`: the shortest path that means the same, without looking at files.
pub(crate) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    match (rooted, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => parts.join("/"),
    }
}

/// A pattern, ready to match.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Glob(Vec<Token>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Character(char),
    /// `?`: any character but `/`.
    One,
    /// `*`: any text without `/`.
    Any,
    /// `**` in the middle: nothing, or any text that ends with `/`. [`Token::InFolders`] always follows, and stands
    /// for having begun such a text.
    Folders,
    /// Inside the folders of `**`.
    InFolders,
    /// `**` at the end: any text.
    All,
    /// `[…]`.
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Glob {
    /// `None` where `filepath.Match` has an error.
    fn new(pattern: &str) -> Option<Self> {
        let mut tokens = Vec::new();
        let characters: Vec<char> = pattern.chars().collect();
        let mut at = 0;
        while let Some(&character) = characters.get(at) {
            at += 1;
            let token = match character {
                '*' if characters.get(at) == Some(&'*') => {
                    at += 1;
                    let slash = characters.get(at) == Some(&'/');
                    at += usize::from(slash);
                    if at == characters.len() {
                        Token::All
                    } else if tokens.is_empty() && !slash && !pattern[2..].contains(['*', '?', '[', ']', '\\']) {
                        // `**name` is a suffix for moby: it matches `some-name` too.
                        Token::All
                    } else {
                        tokens.push(Token::Folders);
                        Token::InFolders
                    }
                }
                '*' => Token::Any,
                '?' => Token::One,
                '\\' => {
                    at += 1;
                    Token::Character(*characters.get(at - 1)?)
                }
                '[' => class(&characters, &mut at)?,
                character => Token::Character(character),
            };
            tokens.push(token);
        }
        Some(Self(tokens))
    }

    /// Follows all ways through the pattern at once, so its time is bounded by pattern × path.
    fn matches_path_or_parent(&self, path: &str) -> bool {
        let accepting = self.0.len();
        let mut here = vec![false; accepting + 1];
        let mut next = vec![false; accepting + 1];
        here[0] = true;
        self.skip_empty(&mut here);
        for character in path.chars() {
            if character == '/' && here[accepting] {
                return true;
            }
            next.fill(false);
            let mut alive = false;
            for (at, token) in self.0.iter().enumerate().filter(|(at, _)| here[*at]) {
                let step = match token {
                    Token::Character(wanted) => (*wanted == character).then_some(1),
                    Token::One => (character != '/').then_some(1),
                    Token::Any => (character != '/').then_some(0),
                    Token::All => Some(0),
                    Token::Folders if character == '/' => Some(2),
                    Token::Folders => Some(1),
                    Token::InFolders => Some(usize::from(character == '/')),
                    Token::Class { negated, ranges } => {
                        let inside = ranges.iter().any(|&(low, high)| (low..=high).contains(&character));
                        (inside != *negated).then_some(1)
                    }
                };
                let Some(step) = step else { continue };
                alive = true;
                next[at + step] = true;
                // A slash may end the folders, and may as well stand among them.
                match token {
                    Token::Folders => next[at + 1] = true,
                    Token::InFolders => next[at] = true,
                    _ => {}
                }
            }
            if !alive {
                return false;
            }
            self.skip_empty(&mut next);
            std::mem::swap(&mut here, &mut next);
        }
        here[accepting]
    }

    /// Lets tokens that may be empty be empty.
    fn skip_empty(&self, states: &mut [bool]) {
        for (at, token) in self.0.iter().enumerate() {
            match token {
                Token::Any | Token::All if states[at] => states[at + 1] = true,
                Token::Folders if states[at] => states[at + 2] = true,
                _ => {}
            }
        }
    }
}

/// After the `[` of a class.
fn class(characters: &[char], at: &mut usize) -> Option<Token> {
    let negated = characters.get(*at) == Some(&'^');
    *at += usize::from(negated);
    let mut ranges = Vec::new();
    while ranges.is_empty() || characters.get(*at) != Some(&']') {
        let low = class_character(characters, at)?;
        let mut high = low;
        if characters.get(*at) == Some(&'-') {
            *at += 1;
            high = class_character(characters, at)?;
        }
        ranges.push((low, high));
    }
    *at += 1;
    Some(Token::Class { negated, ranges })
}

fn class_character(characters: &[char], at: &mut usize) -> Option<char> {
    let character = match characters.get(*at)? {
        '-' | ']' => return None,
        '\\' => {
            *at += 1;
            *characters.get(*at)?
        }
        character => *character,
    };
    *at += 1;
    Some(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excludes(file: &str, path: &str) -> bool {
        let (file, problems) = parse(file);
        assert_eq!(problems, []);
        file.excludes(path)
    }

    #[test]
    fn patterns_match_as_docker_documents_them() {
        for (pattern, path, expected) in [
            ("*/temp*", "somedir/temporary.txt", true),
            ("*/temp*", "somedir/temp", true),
            ("*/temp*", "somedir/sub/temp", false),
            ("*/*/temp*", "somedir/subdir/temporary.txt", true),
            ("temp?", "tempa", true),
            ("temp?", "temp", false),
            ("temp?", "a/tempa", false),
            ("**/*.go", "a.go", true),
            ("**/*.go", "a/b/c.go", true),
            ("**/*.go", "a/b/c.got", false),
            ("*.md", "README.md", true),
            ("*.md", "docs/README.md", false),
            ("node_modules", "node_modules/a/b.js", true),
            ("node_modules", "web/node_modules/a.js", false),
            ("**/node_modules", "web/node_modules/a.js", true),
            ("**/node_modules/", "node_modules/a.js", true),
            ("/foo/bar", "foo/bar", true),
            ("foo/bar/", "foo/bar/baz", true),
            ("./foo", "foo", true),
            ("foo/../bar", "bar", true),
            (".env*", ".env.prod", true),
            (".env", ".env.prod", false),
            ("**", "anything/at/all", true),
            ("a/**", "a/b", true),
            ("a/**", "a", false),
            ("a/**/b", "a/b", true),
            ("a/**/b", "a/x/y/b", true),
            ("a/**/b", "a/xb", false),
            ("**/b", "ab", false),
            ("**b", "ab", true),
            ("foo**", "foobar/baz", true),
            ("[a-c]x", "bx", true),
            ("[^a-c]x", "bx", false),
            ("[^a-c]x", "dx", true),
            ("\\*", "*", true),
            ("\\*", "a", false),
            ("a.c", "abc", false),
            ("*", ".", false),
            ("*", "./x", true),
            ("é*", "été", true),
        ] {
            assert_eq!(excludes(pattern, path), expected, "{pattern} and {path}");
        }
    }

    #[test]
    fn the_last_match_decides() {
        let file = "*.md\n!README*.md\nREADME-secret.md\n";
        assert!(!excludes(file, "README.md"));
        assert!(excludes(file, "README-secret.md"));
        assert!(excludes(file, "a.md"));
        assert!(!excludes("*\n!src\n", "src/a.py"));
        assert!(excludes("!src\n*\n", "src/a.py"));
        assert!(!excludes("*\n! src/*.py\n", "src/a.py"));
        assert!(excludes("*\n!src/*.py\n", "src/a.txt"));
    }

    #[test]
    fn comments_blanks_and_line_breaks_are_no_pattern() {
        let text = "\u{feff}# comment\r\n\r\n  .git  \r\n # no comment\r\n";
        let (file, problems) = parse(text);
        assert_eq!(problems, []);
        let patterns: Vec<&str> = file.patterns.iter().map(|pattern| pattern.text.as_str()).collect();
        assert_eq!(patterns, [".git", "# no comment"]);
        assert_eq!(&text[file.patterns[0].text.span.range()], ".git");
        assert_eq!(&text[file.comments[0].range()], "# comment");
        assert_eq!(file.deciding(".git/config").unwrap().text.value, ".git");
    }

    #[test]
    fn what_docker_refuses_is_a_problem() {
        for text in ["!", "[", "[]", "[a", "a[-x]", "a\\", "[x-]"] {
            let (file, problems) = parse(text);
            assert_eq!((file.patterns.len(), problems.len()), (0, 1), "{text}");
        }
    }

    #[test]
    fn hostile_patterns_take_bounded_time() {
        let path = "a/".repeat(1000);
        for pattern in ["*a".repeat(500), "**/".repeat(500) + "x", "**a".repeat(500), "?".repeat(10_000)] {
            let _ = excludes(&pattern, &path);
        }
        parse(&"[".repeat(100_000));
        parse(&"a/../".repeat(100_000));
    }
}
