use crate::findings::Findings;
use crate::project::Model;
use crate::project::build_context::is_database;
use crate::rules::Cx;
use crate::source::Place;
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
