//! The format of a token: the table `[token]` of the front matter, by which a page alone makes a rule.

use super::fence::SPLICE;
use super::{Reader, line_at};
use serde::Deserialize;
use toml::Spanned;

/// The ways of checking a token without asking its maker. `src/secrets/checksum.rs` computes them.
pub const CHECKSUMS: [&str; 3] = ["atlassian", "github", "grafana"];

/// The shortest keyword: shorter ones stand in every file.
const SHORTEST_KEYWORD: usize = 3;

/// The format of a token.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenText {
    /// What people call it, with its article: `a GitHub token`.
    pub name: String,
    /// Texts of which one stands in each match.
    pub keywords: Vec<String>,
    /// The regular expression; the token is its group `secret`, or all of it.
    pub pattern: String,
    /// The least entropy, in bits a character.
    pub entropy: f64,
    /// One of [`CHECKSUMS`].
    pub checksum: Option<String>,
    /// Values that documentation shows, which are nobody's.
    pub samples: Vec<String>,
    /// The rule that speaks for both where its token stands in the same file: of the two halves of one key.
    pub unless: Option<String>,
    /// Whether its makers hand it to browsers as well, so that it is no secret in what browsers load.
    pub browser: bool,
    /// What to do with one that was found.
    pub revoke: String,
}

/// The table as TOML has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenTable {
    name: String,
    keywords: Vec<Spanned<String>>,
    pattern: Spanned<String>,
    #[serde(default = "usual_entropy")]
    entropy: Spanned<f64>,
    checksum: Option<Spanned<String>>,
    #[serde(default)]
    samples: Vec<String>,
    unless: Option<Spanned<String>>,
    #[serde(default)]
    browser: bool,
    revoke: String,
}

/// What a text of `x` and words has not, and nearly every random one has.
fn usual_entropy() -> Spanned<f64> {
    Spanned::new(0..0, 3.0)
}

impl Reader {
    /// Checks the table. Whether its pattern compiles is tested with the cases, since the build has no regex engine.
    pub(super) fn token(&mut self, id: &str, front: &str, table: Spanned<TokenTable>) -> TokenText {
        let line = line_at(front, Some(table.span()));
        let table = table.into_inner();
        if !id.starts_with("secret/") {
            self.complain(line, "only rules of the family `secret` find tokens");
        }
        if table.keywords.is_empty() {
            self.complain(line, "expected `keywords`: texts of which one stands in each token");
        }
        for keyword in &table.keywords {
            if keyword.get_ref().len() < SHORTEST_KEYWORD {
                let line = line_at(front, Some(keyword.span()));
                let message = format!("`{}` is too short for a keyword: every file has it", keyword.get_ref());
                self.complain(line, message);
            }
        }
        if table.pattern.get_ref().is_empty() {
            self.complain(line_at(front, Some(table.pattern.span())), "expected a `pattern`");
        }
        if !(0.0..=6.0).contains(table.entropy.get_ref()) {
            self.complain(line_at(front, Some(table.entropy.span())), "expected an `entropy` of 0 to 6 bits");
        }
        if let Some(checksum) = &table.checksum
            && !CHECKSUMS.contains(&checksum.get_ref().as_str())
        {
            let line = line_at(front, Some(checksum.span()));
            let known = CHECKSUMS.join(", ");
            self.complain(line, format!("unknown checksum `{}`: expected one of {known}", checksum.get_ref()));
        }
        if !table.name.starts_with("a ") && !table.name.starts_with("an ") {
            self.complain(line, format!("`name = \"{}\"`: expected a name with its article", table.name));
        }
        if let Some(other) = &table.unless {
            self.check_id(other.get_ref(), line_at(front, Some(other.span())));
        }
        TokenText {
            name: table.name,
            keywords: table.keywords.into_iter().map(Spanned::into_inner).collect(),
            pattern: table.pattern.into_inner(),
            entropy: table.entropy.into_inner(),
            checksum: table.checksum.map(Spanned::into_inner),
            samples: table.samples.iter().map(|sample| sample.replace(SPLICE, "")).collect(),
            unless: table.unless.map(Spanned::into_inner),
            browser: table.browser,
            revoke: table.revoke,
        }
    }
}
