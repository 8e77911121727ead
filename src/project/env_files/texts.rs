//! Texts of a repository in which names of variables stand.

use crate::project::model::Model;
use crate::source::Source;
use crate::tree::Entry;
use std::sync::Arc;

/// Texts that are looked through for names.
pub(in crate::project) struct Texts(Vec<Arc<Source>>);

impl Texts {
    /// Those of the files that `tells` picks; what cannot be read has no say.
    pub fn of(model: &Model, tells: impl Fn(&Entry) -> bool) -> Self {
        let entries = model.snapshot.tree().entries().iter().filter(|entry| tells(entry));
        Self(entries.filter_map(|entry| model.snapshot.source_once(&entry.path).ok()).collect())
    }

    /// Whether one of them has `name` as a word.
    pub fn name(&self, name: &str) -> bool {
        self.any(|source| has_word(&source.text, name))
    }

    /// Whether a condition holds for one of them.
    pub fn any(&self, holds: impl Fn(&Source) -> bool) -> bool {
        self.0.iter().any(|source| holds(source))
    }
}

/// Whether `name` stands in `text` as a word.
pub(super) fn has_word(text: &str, name: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| !text[..at].ends_with(word) && !text[at + name.len()..].starts_with(word))
}

/// Variables that images and tools read whose code is elsewhere.
pub(super) fn is_for_an_image(name: &str) -> bool {
    const PREFIXES: [&str; 14] = [
        "POSTGRES_",
        "PG",
        "MYSQL_",
        "REDIS_",
        "RABBITMQ_",
        "MINIO_",
        "COMPOSE_",
        "DOCKER_",
        "PYTHON",
        "DJANGO_SUPERUSER_",
        "CELERY_",
        "AWS_",
        "GUNICORN_",
        "FLOWER_",
    ];
    PREFIXES.iter().any(|prefix| name.starts_with(prefix)) || matches!(name, "TZ" | "WEB_CONCURRENCY" | "PORT")
}
