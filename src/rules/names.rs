use super::Page;
use crate::config::suggest::closest;
use std::collections::{BTreeMap, BTreeSet};

/// Tools that report secrets of all kinds: a value that one of them lets pass is let pass by all.
const SECRET_SCANNERS: [&str; 4] = ["betterleaks", "detect-secrets", "gitleaks", "kingfisher"];

/// What rules are called: ids, former ids, families, and the ids of equivalent checks in other tools.
#[derive(Debug)]
pub struct Names<'a> {
    /// Rules by id and by alias.
    rules: BTreeMap<&'a str, &'a Page>,
    /// Rules by `tool:rule`, in lower case: other tools' users are not sure of theirs.
    peers: BTreeMap<String, Vec<&'a Page>>,
    families: BTreeSet<&'a str>,
}

/// What one word names.
#[derive(Clone, Debug)]
pub enum Named<'n, 'a> {
    /// Every rule there is: `all`.
    All,
    /// The rules of a family: `compose`.
    Family(&'a str),
    /// One rule, by id or alias: `compose/privileged-service`.
    Rule(&'a Page),
    /// The rules that another tool's rule is equivalent to: `hadolint:DL3007`.
    Peer(&'n [&'a Page]),
}

impl Named<'_, '_> {
    /// Whether `page` is among them.
    pub fn covers(&self, page: &Page) -> bool {
        match self {
            Named::All => true,
            Named::Family(family) => page.family() == *family,
            Named::Rule(rule) => rule.id == page.id,
            Named::Peer(rules) => rules.iter().any(|rule| rule.id == page.id),
        }
    }

    /// How narrow the word is: 0 for `all`, 1 for a family, 2 for a rule or another tool's rule.
    pub fn narrowness(&self) -> u8 {
        match self {
            Named::All => 0,
            Named::Family(_) => 1,
            Named::Rule(_) | Named::Peer(_) => 2,
        }
    }
}

impl<'a> Names<'a> {
    /// The names of `pages`.
    pub fn new(pages: &[&'a Page]) -> Self {
        let mut names = Self { rules: BTreeMap::new(), peers: BTreeMap::new(), families: BTreeSet::new() };
        // Aliases first, so that an id is never hidden by another rule's former name.
        for page in pages {
            for alias in page.aliases {
                names.rules.insert(alias, page);
            }
        }
        for page in pages {
            names.rules.insert(page.id, page);
            names.families.insert(page.family());
            for peer in page.equivalents {
                names.peers.entry(peer.to_lowercase()).or_default().push(page);
            }
        }
        names
    }

    /// The rule called `id`, by its present or a former name.
    pub fn rule(&self, id: &str) -> Option<&'a Page> {
        self.rules.get(id).copied()
    }

    /// What `word` names.
    pub fn resolve<'n>(&'n self, word: &str) -> Option<Named<'n, 'a>> {
        let word = word.trim();
        if word == "all" {
            return Some(Named::All);
        }
        if let Some(family) = self.families.get(word) {
            return Some(Named::Family(family));
        }
        if let Some(page) = self.rules.get(word) {
            return Some(Named::Rule(page));
        }
        // Without another tool's colon no key can match.
        if !word.contains(':') {
            return None;
        }
        self.peers.get(&word.to_lowercase()).map(|pages| Named::Peer(pages))
    }

    /// The rules that report what `tool` reports: where it is told to look away, it is told of all of these.
    pub fn of_tool(&self, tool: &str) -> Vec<&'a Page> {
        let of_secrets = SECRET_SCANNERS.contains(&tool);
        let reports = |page: &&'a Page| {
            let tools = page.equivalents.iter().filter_map(|equivalent| Some(equivalent.split_once(':')?.0));
            let same = tools.clone().any(|other| other == tool);
            same || (of_secrets && (page.family() == "secret" || tools.clone().any(|it| SECRET_SCANNERS.contains(&it))))
        };
        let mut pages: Vec<&'a Page> = self.rules.values().copied().filter(reports).collect();
        pages.sort_by_key(|page| page.id);
        pages.dedup_by_key(|page| page.id);
        pages
    }

    /// The word that was probably meant by one that names nothing.
    pub fn suggestion(&self, word: &str) -> Option<String> {
        let word = word.trim();
        // `privileged-service` for `compose/privileged-service`; `DL3007` for `hadolint:DL3007`.
        let by_name =
            |name: &str| self.rules.iter().find(|(_, page)| page.name() == name).map(|(id, _)| (*id).to_owned());
        let peer = |name: &str| {
            let name = name.to_lowercase();
            let found = self.peers.iter().find(|(key, _)| key.split_once(':').is_some_and(|(_, rule)| rule == name))?;
            let written = found.1.first()?.equivalents.iter().find(|written| written.to_lowercase() == *found.0)?;
            Some((*written).to_owned())
        };
        let near = || {
            let words = self.rules.keys().copied().chain(self.families.iter().copied());
            let peers = self.peers.values().flatten().flat_map(|page| page.equivalents.iter().copied());
            closest(word, words).or_else(|| closest(word, peers)).map(str::to_owned)
        };
        let last = word.rsplit(['/', ':']).next().unwrap_or(word);
        by_name(last).or_else(|| peer(last)).or_else(near)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::page;

    #[test]
    fn words_of_every_kind_are_resolved() {
        let (one, two) = (
            Page { aliases: &["compose/old"], equivalents: &["hadolint:DL3007"], ..page("compose/new") },
            Page { equivalents: &["hadolint:DL3007"], ..page("dockerfile/tag") },
        );
        let names = Names::new(&[&one, &two]);
        let covers = |word: &str| {
            let named = names.resolve(word)?;
            Some((named.covers(&one), named.covers(&two), named.narrowness()))
        };
        assert_eq!(covers("all"), Some((true, true, 0)));
        assert_eq!(covers("compose"), Some((true, false, 1)));
        assert_eq!(covers("compose/old"), Some((true, false, 2)));
        assert_eq!(covers("dockerfile/tag"), Some((false, true, 2)));
        assert_eq!(covers("hadolint:dl3007"), Some((true, true, 2)));
        assert_eq!(covers("hadolint:DL9999"), None);
        assert_eq!(covers("settings"), None);
    }

    #[test]
    fn what_was_meant_is_guessed() {
        let page = Page { equivalents: &["hadolint:DL3007"], ..page("compose/privileged-service") };
        let names = Names::new(&[&page]);
        let guess = |word: &str| names.suggestion(word);
        assert_eq!(guess("privileged-service").as_deref(), Some("compose/privileged-service"));
        assert_eq!(guess("docker/privileged-service").as_deref(), Some("compose/privileged-service"));
        assert_eq!(guess("compose/priviledged-service").as_deref(), Some("compose/privileged-service"));
        assert_eq!(guess("DL3007").as_deref(), Some("hadolint:DL3007"));
        assert_eq!(guess("comopse").as_deref(), Some("compose"));
        assert_eq!(guess("nothing-like-it"), None);
    }
}
