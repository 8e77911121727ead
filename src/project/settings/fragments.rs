//! Lists that were cut out of a text in another notation than the one it is in: `["a","b"]` at its commas.

use super::Settings;
use super::value::Items;
use crate::project::value::Act;

/// Lists of Django and of what many install beside it, which take texts.
const LISTS: [&str; 8] = [
    "ALLOWED_HOSTS",
    "CSRF_TRUSTED_ORIGINS",
    "CORS_ALLOWED_ORIGINS",
    "CORS_ORIGIN_WHITELIST",
    "CORS_ALLOWED_ORIGIN_REGEXES",
    "INTERNAL_IPS",
    "SECRET_KEY_FALLBACKS",
    "DISALLOWED_USER_AGENTS",
];

/// A list whose entries keep parts of another notation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragments {
    /// The setting.
    pub name: &'static str,
    /// What is left at its ends: `quotes` or `brackets`.
    pub left: &'static str,
    /// The variable that its text comes from.
    pub variable: Option<String>,
}

impl Settings {
    /// The lists that consist of fragments.
    pub fn fragments(&self) -> Vec<Fragments> {
        let cut = LISTS.into_iter().filter_map(|name| Some((name, self.list(name)?.left_over()?)));
        cut.map(|(name, left)| {
            let variable = self.effective(name).trail.iter().find_map(|step| match &step.act {
                Act::Reads(variable) => Some(variable.clone()),
                _ => None,
            });
            Fragments { name, left, variable }
        })
        .collect()
    }
}

impl Items {
    /// What of another notation is left at the ends of a list that was cut at its commas.
    pub fn left_over(&self) -> Option<&'static str> {
        let texts: Vec<&str> =
            self.items.iter().map(|item| item.value.value.known()?.as_str()).collect::<Option<_>>()?;
        let (first, last) = (texts.first()?.trim(), texts.last()?.trim());
        let quoted = |text: &str| ['"', '\''].iter().any(|quote| text.starts_with(*quote) || text.ends_with(*quote));
        // `[::1]` is a host.
        let cut = first.starts_with('[') && last.ends_with(']') && (texts.len() > 1 && !first.ends_with(']'));
        let inner = |text: &str| quoted(text.trim_start_matches('[').trim_end_matches(']'));
        if cut || (first.starts_with('[') && inner(first)) {
            Some("brackets")
        } else if quoted(first) && quoted(last) {
            Some("quotes")
        } else {
            None
        }
    }
}
