//! uWSGI's configuration, as INI or as YAML: the options of its section `uwsgi`, in order. Of its little language of
//! conditions only that there is one is kept; what it fills in (`%(name)`, `$(NAME)`) stays as it is written.

use crate::source::{Span, Spanned};

/// One file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UwsgiFile {
    /// The options, in order.
    pub options: Vec<UwsgiOption>,
    /// Whether there may be more: another file, another section, loops.
    pub open: bool,
}

/// One option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UwsgiOption {
    /// Its name, with dashes: `http-socket`.
    pub name: Spanned<String>,
    /// Its value; `true` where none is written.
    pub value: String,
    /// Whether it holds only under a condition.
    pub conditional: bool,
}

/// Reads a file of options; `yaml` tells which of the two forms it has.
pub fn parse(text: &str, yaml: bool) -> UwsgiFile {
    let mut file = UwsgiFile::default();
    let (mut inside, mut conditions, mut at) = (false, 0usize, 0);
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        let top = !line.starts_with([' ', '\t']);
        let section = match yaml {
            true => trimmed.strip_suffix(':').filter(|_| top),
            false => trimmed.strip_prefix('[').and_then(|name| name.split_once(']')).map(|(name, _)| name),
        };
        if let Some(name) = section {
            inside = name == "uwsgi";
            continue;
        }
        if !inside {
            continue;
        }
        let (name, value) = trimmed.split_once(if yaml { ':' } else { '=' }).unwrap_or((trimmed, "true"));
        let (name, value) = (name.trim().replace('_', "-"), without_comment(value.trim()));
        if name.is_empty() {
            continue;
        }
        if name == "end" || name == "endif" || name == "endfor" {
            conditions = conditions.saturating_sub(1);
        } else if name.starts_with("if-") {
            conditions += 1;
        } else if matches!(
            name.as_str(),
            "ini" | "include" | "yaml" | "yml" | "json" | "xml" | "inherit" | "for" | "import"
        ) {
            file.open = true;
            conditions += usize::from(name == "for");
        } else {
            let offset = start + line.find(trimmed).unwrap_or_default();
            let name = Spanned::new(name, Span::new(offset, offset + trimmed.len()));
            file.options.push(UwsgiOption { name, value: value.to_owned(), conditional: conditions > 0 });
        }
    }
    file
}

/// The value without what a comment says behind it, and without quotes.
fn without_comment(value: &str) -> &str {
    let end = [" #", "\t#", " ;", "\t;"].iter().filter_map(|mark| value.find(mark)).min().unwrap_or(value.len());
    value[..end].trim().trim_matches(['"', '\''])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, yaml: bool) -> Vec<(String, String, bool)> {
        let options = parse(text, yaml).options.into_iter();
        options.map(|option| (option.name.value, option.value, option.conditional)).collect()
    }

    #[test]
    fn options_of_the_section() {
        let text =
            "# c\n[other]\nsocket=x\n[uwsgi]\nsocket = :8000 # here\nmaster\nif-env = A\nprocesses = 2\nendif =\n";
        let option = |name: &str, value: &str, conditional| (name.to_owned(), value.to_owned(), conditional);
        let expected =
            vec![option("socket", ":8000", false), option("master", "true", false), option("processes", "2", true)];
        assert_eq!(read(text, false), expected);
        assert_eq!(
            read("uwsgi:\n  http-socket: 0.0.0.0:8000\n", true),
            vec![option("http-socket", "0.0.0.0:8000", false)]
        );
    }

    #[test]
    fn other_files_leave_it_open() {
        assert!(parse("[uwsgi]\nini = :base\n", false).open && !parse("[uwsgi]\nmaster = 1\n", false).open);
        assert!(parse("[uwsgi\n=\n]\n:", false).options.is_empty());
    }
}
