//! Which database an app's migrations run on: what the settings of its deployments say, else the database images
//! beside them.

use super::app::App;
use super::pending::project_of;
use crate::parse::migration::OperationKind;
use crate::project::deployment::{Deployment, DjangoProcess};
use crate::project::django::DjangoProject;
use crate::project::image::reference::ImageReference;
use crate::project::settings::PyValue;
use crate::source::RepoPath;
use std::collections::BTreeSet;

/// A maker of databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Vendor {
    /// PostgreSQL, PostGIS and the like.
    Postgres,
    /// MySQL and MariaDB.
    Mysql,
    /// SQLite and SpatiaLite.
    Sqlite,
    /// Any other.
    Other,
}

/// What is known of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Database {
    /// Who made it; `None` where nothing says so, or not the same everywhere.
    pub vendor: Option<Vendor>,
    /// Its major version.
    pub version: Option<u32>,
}

impl Database {
    /// Whether it is surely PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        self.vendor == Some(Vendor::Postgres)
    }

    /// Whether it is surely MySQL or MariaDB.
    pub fn is_mysql(&self) -> bool {
        self.vendor == Some(Vendor::Mysql)
    }
}

impl Vendor {
    /// By the `ENGINE` of `DATABASES`: `django.db.backends.postgresql`, `psqlextra.backend`.
    fn of_engine(engine: &str) -> Self {
        let has = |words: &[&str]| words.iter().any(|word| engine.contains(word));
        match engine {
            _ if has(&["postg", "psql", "psycopg", "timescale"]) => Vendor::Postgres,
            _ if has(&["mysql", "mariadb"]) => Vendor::Mysql,
            _ if has(&["sqlite", "spatialite"]) => Vendor::Sqlite,
            _ => Vendor::Other,
        }
    }

    /// By the name of an image: `postgres:17.2`, `postgis/postgis:17-3.5`, `mariadb:11`.
    fn of_image(image: &ImageReference) -> Option<Self> {
        let name = image.name();
        let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
        match name {
            _ if has(&["pgadmin", "pgbouncer", "exporter", "backup", "phpmyadmin"]) => None,
            _ if has(&["postgres", "postgis", "timescale", "pgvector"]) => Some(Vendor::Postgres),
            _ if has(&["mysql", "mariadb", "percona"]) => Some(Vendor::Mysql),
            _ => None,
        }
    }
}

/// The database of an app: as the deployments that serve users have it, else as any of the repository's has it.
pub(super) fn of_app(app: &App, projects: &[DjangoProject], deployments: &[Deployment]) -> Database {
    let project = project_of(app, projects);
    let real = |deployment: &&Deployment| deployment.serves_real_users();
    let uses = |deployment: &&Deployment| processes(deployment).any(|process| process.project == project);
    let all: Vec<&Deployment> = deployments.iter().collect();
    let own: Vec<&Deployment> = all.iter().copied().filter(uses).collect();
    let serving: Vec<&Deployment> = own.iter().copied().filter(real).collect();
    let seen = [serving, own, all].map(|deployments| seen_in(&deployments, &project));
    // SQLite is what many settings fall back to; a server that is started anywhere is there to be used.
    let server = |vendor: &Vendor| *vendor != Vendor::Sqlite;
    let vendors = || seen.iter().filter_map(|seen| seen.vendor);
    let fallback = uses_postgres(app).then_some(Vendor::Postgres);
    let vendor = vendors().find(server).or(fallback).or_else(|| vendors().next());
    // The oldest of those that are started: what is true of it is true of the others.
    let version =
        seen.iter().find_map(|seen| seen.versions.iter().filter(|(of, _)| Some(*of) == vendor).map(|it| it.1).min());
    Database { vendor, version }
}

/// What a number of deployments tell.
struct Seen {
    vendor: Option<Vendor>,
    versions: BTreeSet<(Vendor, u32)>,
}

/// What the settings of a project name, else the databases that are started beside it, where that is one.
fn seen_in(deployments: &[&Deployment], project: &RepoPath) -> Seen {
    let processes = deployments.iter().flat_map(|deployment| processes(deployment));
    let engines: BTreeSet<Vendor> = processes.filter(|process| process.project == *project).flat_map(engines).collect();
    let named = deployments.iter().flat_map(|deployment| &deployment.services).filter_map(|it| it.image.as_ref());
    let images: Vec<(Vendor, Option<u32>)> =
        named.filter_map(|image| Some((Vendor::of_image(&image.reference)?, version(&image.reference)))).collect();
    let one = |vendors: BTreeSet<Vendor>| {
        let servers: BTreeSet<Vendor> = vendors.iter().copied().filter(|vendor| *vendor != Vendor::Sqlite).collect();
        let left = if servers.is_empty() { vendors } else { servers };
        (left.len() == 1).then(|| left.into_iter().next()).flatten()
    };
    let settled = one(engines);
    let vendor = match settled {
        Some(Vendor::Sqlite) | None => one(images.iter().map(|(vendor, _)| *vendor).collect()).or(settled),
        known => known,
    };
    Seen { vendor, versions: images.into_iter().filter_map(|(vendor, version)| Some((vendor, version?))).collect() }
}

fn processes(deployment: &Deployment) -> impl Iterator<Item = &DjangoProcess> {
    deployment.services.iter().filter_map(|service| service.django.as_ref())
}

/// The makers of the databases that `DATABASES["default"]` may name.
fn engines(process: &DjangoProcess) -> BTreeSet<Vendor> {
    let entry = |value: &PyValue, key: &str| -> Vec<PyValue> {
        let found = value.as_dict().and_then(|dict| dict.entries.iter().find(|(name, _)| name.as_str() == Some(key)));
        found.map_or_else(Vec::new, |(_, item)| item.value.value.possible().unwrap_or_default().to_vec())
    };
    let databases = process.settings.values.get("DATABASES").and_then(|setting| setting.value.value.possible());
    let defaults = databases.unwrap_or_default().iter().flat_map(|value| entry(value, "default"));
    let engines: Vec<PyValue> = defaults.flat_map(|value| entry(&value, "ENGINE")).collect();
    engines.iter().filter_map(PyValue::as_str).map(Vendor::of_engine).collect()
}

/// The number at the beginning of a tag: `17.2-alpine` is 17; `16-3.4` of PostGIS is PostgreSQL 16.
fn version(image: &ImageReference) -> Option<u32> {
    let tag = image.tag.as_deref()?;
    let number = tag.trim_start_matches("pg");
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok().filter(|major| *major < 100)
}

/// Whether a migration asks for what only PostgreSQL has.
fn uses_postgres(app: &App) -> bool {
    app.migrations.iter().flat_map(|migration| &migration.file.operations.items).any(|operation| {
        matches!(
            operation.kind,
            OperationKind::Extension { .. }
                | OperationKind::AddIndex { concurrently: true, .. }
                | OperationKind::AddConstraint { not_valid: true, .. }
                | OperationKind::ValidateConstraint { .. }
        )
    })
}
