use crate::findings::Findings;
use crate::project::Model;
use crate::rules::Cx;
use crate::source::Place;

/// `project/database-committed`
pub fn database_committed(model: &Model, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for entry in model.committed_databases() {
        findings
            .report(Place::start_of(entry.path.clone()), format!("the database `{}` is committed", entry.path))
            .help(format!(
                "`git rm --cached {}`, ignore it, and change the passwords of the accounts in it",
                entry.path
            ))
            .anchor("database");
    }
}
