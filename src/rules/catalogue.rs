//! All rules by their pages: the table that `build.rs` makes of `rules/`, and ways to find a page in it.

use super::page::{Case, CaseFile, FixKind, Page, SeverityTable, Token};
use crate::findings::Severity;

include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// The page of the rule called `id`, also by a former id.
pub fn page(id: &str) -> Option<&'static Page> {
    match PAGES.binary_search_by(|page| page.id.cmp(id)) {
        Ok(index) => PAGES.get(index),
        Err(_) => PAGES.iter().find(|page| page.aliases.contains(&id)),
    }
}

/// The pages that say to report what another tool's rule (`hadolint:DL3007`) reports, sorted by id. Upper and lower
/// case are the same.
pub fn by_equivalent(equivalent: &str) -> Vec<&'static Page> {
    let same = |known: &&str| known.eq_ignore_ascii_case(equivalent);
    PAGES.iter().filter(|page| page.equivalents.iter().any(same)).collect()
}

/// The pages of the rules called `name` in any family, sorted by id.
pub fn by_name(name: &str) -> Vec<&'static Page> {
    PAGES.iter().filter(|page| page.name() == name).collect()
}

/// The id, or the other tool's id, that was most likely meant by `unknown`; `None` where nothing is near.
pub fn suggest(unknown: &str) -> Option<&'static str> {
    let unknown = unknown.to_ascii_lowercase();
    if unknown.contains(':') {
        return nearest(&unknown, PAGES.iter().flat_map(|page| page.equivalents.iter().map(|known| (*known, *known))));
    }
    let former = PAGES.iter().flat_map(|page| page.aliases.iter().map(|alias| (*alias, page.id)));
    nearest(&unknown, PAGES.iter().map(|page| (page.id, page.id)).chain(former)).or_else(|| {
        // The family is left out, or wrong.
        let name = unknown.rsplit('/').next().unwrap_or(&unknown);
        nearest(name, PAGES.iter().map(|page| (page.name(), page.id)))
    })
}

/// The second of the pair whose first is nearest to `word`, if it is near enough to be meant.
fn nearest(word: &str, pairs: impl Iterator<Item = (&'static str, &'static str)>) -> Option<&'static str> {
    let (_, distance, found) = pairs
        .map(|(known, found)| (known, strsim::damerau_levenshtein(word, &known.to_ascii_lowercase()), found))
        .min_by_key(|(_, distance, _)| *distance)?;
    // A third of the letters: more, and the suggestion is a guess.
    (distance * 3 <= word.chars().count()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_found_by_its_id() {
        assert_eq!(page("settings/debug-enabled").unwrap().name(), "debug-enabled");
        assert!(page("settings/debug").is_none());
        assert!(page("").is_none());
    }

    #[test]
    fn a_page_is_found_by_its_former_ids() {
        for known in PAGES {
            assert!(known.aliases.iter().all(|alias| page(alias).unwrap().id == known.id));
        }
    }

    #[test]
    fn a_page_is_found_by_the_id_of_the_same_check_elsewhere() {
        let found: Vec<_> = by_equivalent("hadolint:dl3007").iter().map(|page| page.id).collect();
        assert_eq!(found, ["dockerfile/image-latest"]);
        assert!(by_equivalent("hadolint:DL0000").is_empty());
        assert!(by_equivalent("checkov:CKV_DOCKER_7").len() > 1, "one check elsewhere may be several here");
    }

    #[test]
    fn a_slip_is_understood() {
        assert_eq!(suggest("settings/debug-enable"), Some("settings/debug-enabled"));
        assert_eq!(suggest("debug-enabled"), Some("settings/debug-enabled"));
        assert_eq!(suggest("setings/Debug-Enabled"), Some("settings/debug-enabled"));
        assert_eq!(suggest("compose/debug-enabled"), Some("settings/debug-enabled"));
        assert_eq!(suggest("hadolin:DL3007"), Some("hadolint:DL3007"));
    }

    #[test]
    fn what_is_near_to_nothing_gets_no_suggestion() {
        assert_eq!(suggest("frobnicate"), None);
        assert_eq!(suggest(""), None);
        assert_eq!(suggest("x:y"), None);
    }
}
