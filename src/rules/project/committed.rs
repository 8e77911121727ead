use crate::findings::Findings;
use crate::project::Model;
use crate::rules::Cx;
use crate::source::{Place, RepoPath};
use crate::tree::{GitStatus, PathRole, role};

/// `project/database-committed`
pub fn database_committed(model: &Model, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let entries = model.snapshot.tree().entries().iter();
    let committed = entries.filter(|entry| entry.git == GitStatus::Tracked && entry.size > 0);
    for entry in committed.filter(|entry| is_database(&entry.path) && role(&entry.path) == PathRole::Product) {
        findings
            .report(Place::start_of(entry.path.clone()), format!("the database `{}` is committed", entry.path))
            .help(format!(
                "`git rm --cached {}`, ignore it, and change the passwords of the accounts in it",
                entry.path
            ))
            .anchor("database");
    }
}

/// Whether a name is that of an SQLite database or a dump, as Django and database tools name them.
fn is_database(path: &RepoPath) -> bool {
    let name = path.file_name().to_ascii_lowercase();
    let plain = name.strip_suffix(".gz").unwrap_or(&name);
    // Made to be handed out: a demonstration's data, not somebody's.
    let stem = plain.split('.').next().unwrap_or_default();
    let made = |word: &str| {
        matches!(word, "demo" | "example" | "sample" | "samples" | "sandbox" | "seed" | "fixture" | "fixtures")
    };
    if stem.split(['-', '_']).any(made) {
        return false;
    }
    let dump = |stem: &str| stem.split(['-', '_', '.']).any(|word| matches!(word, "dump" | "backup" | "pgdump"));
    name == "db.sqlite"
        || plain.ends_with(".sqlite3")
        || plain.strip_suffix(".sql").is_some_and(dump)
        || [".dump", ".pgdump"].iter().any(|end| plain.ends_with(end))
}
