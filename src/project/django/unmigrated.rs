//! Production that nobody migrates, as far as the repository tells.

use crate::project::Model;
use crate::project::command::app_server;
use crate::project::deployment::{Deployment, Service};
use crate::project::role::Role;
use crate::tree::{Entry, FileKind, GitStatus};

impl Model {
    /// The service that serves a deployment where tables are to be made, and no file of the repository, prose included, has
    /// a word about `migrate`.
    pub fn never_migrated<'d>(&self, deployment: &'d Deployment) -> Option<&'d Service> {
        let known = |it: &&Service| {
            let serves = it.process.server().map(|at| &it.process.runs[at].invocation).and_then(app_server);
            it.role == Role::Web
                && it.compose.is_some()
                && it.django.is_some()
                && it.process.maybe_more.is_none()
                && serves.is_some_and(|server| !server.is_development())
        };
        let service = deployment.services_by_place().into_iter().find(known)?;
        let has_tables = self.apps.iter().any(|app| app.has_migrations && !app.migrations_elsewhere);
        (has_tables && !self.speaks_of_migrating()).then_some(service)
    }

    fn speaks_of_migrating(&self) -> bool {
        let counts = |entry: &&Entry| {
            !matches!(entry.kind, FileKind::Binary | FileKind::LockFile)
                && entry.git != GitStatus::Ignored
                && !entry.path.as_str().split('/').any(|part| part == "migrations")
        };
        let mut entries = self.snapshot.tree().entries().iter().filter(counts);
        // What cannot be read may speak of it.
        entries.any(|entry| {
            let source = self.snapshot.source_once(&entry.path);
            source.map_or(true, |source| source.text.to_ascii_lowercase().contains("migrate"))
        })
    }
}
