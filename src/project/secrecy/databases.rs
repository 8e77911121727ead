//! Databases and dumps of them that stand in the repository.

use crate::project::model::Model;
use crate::source::RepoPath;
use crate::tree::{Entry, GitStatus, PathRole, role};

/// What a dump of Django's own tables has in it where rows are dumped: by PostgreSQL, MySQL and SQLite.
const ROWS: [&str; 6] = [
    "COPY public.auth_user (",
    "COPY public.django_session (",
    "INSERT INTO public.auth_user ",
    "INSERT INTO `auth_user` ",
    "INSERT INTO `django_session` ",
    "INSERT INTO \"auth_user\" ",
];

impl Model {
    /// The committed files that are databases or dumps of them, tests' and demonstrations' left out.
    pub fn committed_databases(&self) -> impl Iterator<Item = &Entry> {
        let entries = self.snapshot.tree().entries().iter();
        let committed = entries.filter(|entry| entry.git == GitStatus::Tracked && entry.size > 0);
        committed.filter(|entry| {
            let product = role(&entry.path) == PathRole::Product && !is_made(&entry.path);
            product && (is_named_database(&entry.path) || self.has_accounts(&entry.path))
        })
    }

    /// Whether a file with SQL fills Django's tables of accounts or sessions.
    fn has_accounts(&self, path: &RepoPath) -> bool {
        path.file_name().ends_with(".sql")
            && self.snapshot.source(path).is_ok_and(|source| ROWS.iter().any(|rows| source.text.contains(rows)))
    }
}

/// Whether a name says that the data were made to be handed out: a demonstration's, not somebody's.
fn is_made(path: &RepoPath) -> bool {
    let name = path.file_name().to_ascii_lowercase();
    let stem = name.split('.').next().unwrap_or_default();
    let made = |word: &str| {
        matches!(word, "demo" | "example" | "sample" | "samples" | "sandbox" | "seed" | "fixture" | "fixtures")
    };
    stem.split(['-', '_']).any(made)
}

/// Whether a name is that of an SQLite database or a dump, as Django and database tools name them.
fn is_named_database(path: &RepoPath) -> bool {
    let name = path.file_name().to_ascii_lowercase();
    let packed = [".gz", ".bz2", ".xz", ".zst"].iter().find_map(|end| name.strip_suffix(end));
    let plain = packed.unwrap_or(&name);
    let dump = |stem: &str| stem.split(['-', '_', '.']).any(|word| matches!(word, "dump" | "backup" | "pgdump"));
    name == "db.sqlite"
        || plain.ends_with(".sqlite3")
        // Nobody packs what is written by hand.
        || plain.strip_suffix(".sql").is_some_and(|stem| packed.is_some() || dump(stem))
        || [".dump", ".pgdump"].iter().any(|end| plain.ends_with(end))
}
