//! Production that nobody migrates, as far as the repository tells.

use crate::project::Model;
use crate::project::deployment::Service;
use crate::project::environment::Environment;
use crate::project::role::Role;
use crate::tree::{Entry, FileKind, GitStatus};

impl Model {
    /// The service that serves production where tables are to be made, and no file of the repository, prose included, has
    /// a word about `migrate`.
    pub fn never_migrated(&self) -> Option<&Service> {
        let of_production = |it: &&crate::project::deployment::Deployment| {
            it.environment == Environment::Production && !it.is_assumed()
        };
        let production = self.deployments.iter().filter(of_production);
        let mut services = production.flat_map(|deployment| deployment.services_by_place());
        let known = |it: &&Service| {
            it.role == Role::Web && it.compose.is_some() && it.django.is_some() && it.process.maybe_more.is_none()
        };
        let service = services.find(known)?;
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
