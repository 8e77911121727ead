//! Code blocks: the files of a case, with what stands after the backticks and the lines that are marked.

use super::body::Body;
use super::{FileText, Reader};

/// The beginning of a code block.
pub(super) struct Fence<'a> {
    mark: char,
    length: usize,
    pub info: &'a str,
}

impl<'a> Fence<'a> {
    pub fn opening(line: &'a str) -> Option<Self> {
        let mark = line.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
        let info = line.trim_start_matches(mark);
        let length = line.len() - info.len();
        (length >= 3).then(|| Self { mark, length, info: info.trim() })
    }

    pub fn closed_by(&self, line: &str) -> bool {
        let line = line.trim_end();
        line.len() >= self.length && line.chars().all(|c| c == self.mark)
    }
}

/// What a marker comment says of the line below it.
enum Mark {
    Error,
    KnownMiss,
}

impl Mark {
    /// The marker that is all there is on `line`, in the comment of any language that has one of these forms.
    fn on(line: &str) -> Option<Self> {
        let line = line.trim();
        [("#", ""), ("//", ""), ("<!--", "-->"), ("--", ""), (";", "")].iter().find_map(|(open, close)| {
            match line.strip_prefix(open)?.strip_suffix(close)?.trim() {
                "error" => Some(Mark::Error),
                "todo-error" => Some(Mark::KnownMiss),
                _ => None,
            }
        })
    }
}

/// Stands inside a made-up token of a case and is taken out of it, so that no page holds the token in one piece:
/// what scans repositories for tokens, as hosts do before they take a push, would stop at it.
pub(super) const SPLICE: &str = "{+}";

impl Reader {
    /// Takes a code block of a case in as one of its files.
    pub(super) fn file(&mut self, gathered: &mut Body, fence: &Fence, text: String, number: usize) {
        let Some(mut file) = self.fence_words(fence.info, number) else { return };
        let count = text.lines().count();
        if let Some(line) = file.errors.iter().find(|line| **line == 0 || **line > count) {
            self.complain(number, format!("`error={line}`: the file has the lines 1 to {count}"));
        }
        let lines: Vec<&str> = text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let Some(mark) = Mark::on(line) else { continue };
            let below = lines.get(index + 1).filter(|below| !below.trim().is_empty() && Mark::on(below).is_none());
            if below.is_none() {
                self.complain(number + 1 + index, "a marker marks the line below it: expected code there");
                continue;
            }
            match mark {
                Mark::Error => file.errors.push(index + 2),
                Mark::KnownMiss => file.misses.push(index + 2),
            }
        }
        file.errors.sort_unstable();
        file.text = text.replace(SPLICE, "");
        match gathered.cases.last_mut() {
            Some((_, case)) if case.files.iter().any(|other| other.path == file.path) => {
                let message = format!("this case has two files `{}`", file.path);
                self.complain(number, message);
            }
            Some((_, case)) => case.files.push(file),
            None => self.complain(number, "expected a case, `### ` and its title, before its files"),
        }
    }

    /// Reads the words after the backticks: `yaml file=compose.yaml mode=755 ignored error=3,7`.
    fn fence_words(&mut self, info: &str, number: usize) -> Option<FileText> {
        let mut words = info.split_whitespace();
        let language = words.next().filter(|word| !word.contains('='));
        let mut file = FileText {
            language: language.unwrap_or_default().into(),
            path: String::new(),
            text: String::new(),
            errors: Vec::new(),
            misses: Vec::new(),
            mode: 0o644,
            ignored: false,
            utf16: false,
            crlf: false,
            unreadable: false,
        };
        if language.is_none() {
            self.complain(number, "expected a language and a file: ```yaml file=compose.yaml");
            return None;
        }
        for word in words {
            match word.split_once('=') {
                Some(("file", path)) => file.path = path.into(),
                Some(("mode", mode)) => match u32::from_str_radix(mode, 8) {
                    Ok(mode) if mode <= 0o777 => file.mode = mode,
                    _ => self.complain(number, format!("`{word}`: expected Unix permissions such as `mode=755`")),
                },
                Some(("error", lines)) => match lines.split(',').map(str::parse).collect::<Result<Vec<usize>, _>>() {
                    Ok(lines) => file.errors = lines,
                    Err(_) => self.complain(number, format!("`{word}`: expected line numbers such as `error=3,7`")),
                },
                Some(("encoding", "utf-16")) => file.utf16 = true,
                None if word == "crlf" => file.crlf = true,
                None if word == "ignored" => file.ignored = true,
                None if word == "unreadable" => file.unreadable = true,
                _ => {
                    let known = "`file=`, `mode=`, `encoding=utf-16`, `crlf`, `ignored`, `unreadable` and `error=`";
                    self.complain(number, format!("unknown word `{word}`: a code block of a case knows {known}"));
                }
            }
        }
        let parts = file.path.split('/');
        if file.path.is_empty() {
            self.complain(number, "expected `file=` with the file's path in the case's project");
            return None;
        } else if parts.clone().any(|part| part.is_empty() || part == "." || part == "..") || file.path.contains('\\') {
            self.complain(number, format!("`file={}`: expected a path below the project, with `/`", file.path));
        }
        Some(file)
    }
}
