//! What a check in memory is asked for. Apart from the rest of the support, so that tests which run the binary alone
//! need not know it.

use shipworthy::CheckOptions;
use shipworthy::config::Config;
use shipworthy::rules::catalogue::PAGES;
use shipworthy::rules::{CliChoice, Page, Selection};

/// A configuration, and the rules that it and a choice select of all pages.
pub struct Asked {
    config: Config,
    selection: Selection,
}

impl Asked {
    /// The rules of a configuration as a command line narrows or widens them.
    pub fn new(config: Config, choice: &CliChoice) -> Self {
        let pages: Vec<&Page> = PAGES.iter().collect();
        let selection = Selection::new(&config, choice, &pages).expect("the rules exist");
        Self { config, selection }
    }

    /// A check of every file in every environment, with suppressions; `complete` says whether the tree is all there is.
    pub fn options(&self, complete: bool) -> CheckOptions<'_> {
        CheckOptions {
            config: &self.config,
            selection: &self.selection,
            environment: None,
            paths: &[],
            suppressions: true,
            complete,
        }
    }
}
