//! Whether a service tells how it is.

use crate::project::compose::Probe;
use crate::project::deployment::Service;
use crate::project::image::known::{canonical, runs_as_root};
use crate::project::image::reference::ImageReference;

/// What is known of a service's health check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It has one.
    Checked,
    /// It surely has none.
    Missing,
    /// The image may bring one.
    Unknown,
}

/// Official images without a `HEALTHCHECK`, beside those that programs are built upon.
const UNCHECKED: [&str; 16] = [
    "adminer",
    "caddy",
    "haproxy",
    "httpd",
    "mariadb",
    "memcached",
    "mongo",
    "mysql",
    "nginx",
    "pgvector/pgvector",
    "postgis/postgis",
    "postgres",
    "rabbitmq",
    "redis",
    "traefik",
    "valkey/valkey",
];

impl Service {
    /// Whether it has a health check, its image's included.
    pub fn health(&self) -> Health {
        if self.platform.as_ref().is_some_and(|platform| platform.health.is_some()) {
            return Health::Checked;
        }
        let Some(merged) = self.compose.as_ref().filter(|merged| merged.maybe_more.is_none()) else {
            return Health::Unknown;
        };
        match merged.healthcheck.as_ref().map(|check| check.value.probe()) {
            Some(Probe::Disabled) => return Health::Missing,
            Some(Probe::Shell(_) | Probe::Exec(_)) => return Health::Checked,
            Some(Probe::Image) | None => {}
        }
        let unchecked = |name: &ImageReference| UNCHECKED.contains(&canonical(name)) || runs_as_root(name);
        match (&self.build, &self.image) {
            (Some(build), _) => match &build.image.healthcheck {
                Some(check) if check.command.is_some() => Health::Checked,
                Some(_) => Health::Missing,
                None => {
                    let base = build.image.base.value.likely().map(|base| ImageReference::parse(base));
                    if base.as_ref().is_some_and(unchecked) { Health::Missing } else { Health::Unknown }
                }
            },
            (None, Some(image)) if merged.build.is_none() && unchecked(&image.reference) => Health::Missing,
            _ => Health::Unknown,
        }
    }
}
