//! Traefik's configuration, flattened: `entryPoints.web.http.redirections.entryPoint.to` and its value. YAML, TOML,
//! command line flags and labels all say the same, so that one list of names serves them all.

use super::yaml::{self, Kind, NodeId, Yaml};
use crate::source::{Span, Spanned};

/// Collections within collections are followed so deep.
const MAX_DEPTH: usize = 24;
/// The most options of one file.
const MAX_OPTIONS: usize = 5_000;

/// One option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name in lower case, parts joined by dots; items of a list have the name of the list.
    pub name: String,
    /// Its value as text, with the place of the value.
    pub value: Spanned<String>,
}

impl Setting {
    /// An option as a flag or label says it: `--entrypoints.web.address=:80`. A name alone is a switch that is on.
    pub fn of_text(text: &str, span: Span) -> Self {
        let text = text.trim_start_matches('-');
        let (name, value) = text.split_once('=').unwrap_or((text, "true"));
        Self { name: name.trim().to_ascii_lowercase(), value: Spanned::new(value.trim().to_owned(), span) }
    }
}

/// Reads a file of YAML.
pub fn parse_yaml(text: &str) -> Vec<Setting> {
    let (yaml, _) = yaml::parse(text);
    let mut settings = Vec::new();
    for root in &yaml.documents {
        flatten(&yaml, *root, "", 0, &mut settings);
    }
    settings
}

fn flatten(yaml: &Yaml, id: NodeId, name: &str, depth: usize, settings: &mut Vec<Setting>) {
    if depth > MAX_DEPTH || settings.len() >= MAX_OPTIONS {
        return;
    }
    match &yaml.get_node(id).kind {
        Kind::Mapping(pairs) => {
            for (key, value) in pairs {
                let key = yaml.text(*key).unwrap_or_default().to_ascii_lowercase();
                let inner = if name.is_empty() { key } else { format!("{name}.{key}") };
                flatten(yaml, *value, &inner, depth + 1, settings);
            }
        }
        Kind::Sequence(items) => items.iter().for_each(|item| flatten(yaml, *item, name, depth + 1, settings)),
        Kind::Scalar { value, .. } => {
            settings.push(Setting { name: name.to_owned(), value: Spanned::new(value.clone(), yaml.span(id)) });
        }
        Kind::Alias { .. } => {}
    }
}

/// Reads a file of TOML: tables and keys line by line, which is all that Traefik's files have.
pub fn parse_toml(text: &str) -> Vec<Setting> {
    let (mut settings, mut table, mut at) = (Vec::new(), String::new(), 0);
    for line in text.split_inclusive('\n').take(MAX_OPTIONS) {
        let trimmed = line.trim();
        if let Some(name) = trimmed.strip_prefix('[') {
            table = name.trim_matches(['[', ']', ' ']).to_ascii_lowercase().replace('"', "");
        } else if let Some((name, value)) = trimmed.split_once('=').filter(|_| !trimmed.starts_with('#')) {
            let start = at + line.len() - line.trim_start().len();
            let value = value.split(" #").next().unwrap_or("").trim().trim_matches(['"', '\'']);
            let name = name.trim().to_ascii_lowercase();
            let name = if table.is_empty() { name } else { format!("{table}.{name}") };
            let span = Span::new(start, start + trimmed.len());
            settings.push(Setting { name, value: Spanned::new(value.to_owned(), span) });
        }
        at += line.len();
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_toml_and_flags_say_the_same() {
        let yaml = parse_yaml("entryPoints:\n  web:\n    address: ':80'\n");
        let toml = parse_toml("[entryPoints]\n  [entryPoints.web]\n    address = \":80\"\n");
        let flag = Setting::of_text("--entryPoints.web.address=:80", Span::at(0));
        let plain = |setting: &Setting| (setting.name.clone(), setting.value.value.clone());
        assert_eq!(plain(&yaml[0]), plain(&toml[0]));
        assert_eq!(plain(&yaml[0]), plain(&flag));
    }

    #[test]
    fn hostile_input_is_bounded() {
        parse_yaml(&"- ".repeat(10_000));
        parse_yaml("a: &a [*a, *a]\nb: *a\n");
        parse_toml("[\n=\n[[é\né=é # é\n");
    }
}
