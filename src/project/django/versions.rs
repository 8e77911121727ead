//! The versions of Django that a project may be run with, as its requirements and lock files have it.

use super::headers;
use crate::source::RepoPath;
use crate::tree::{FileKind, PathRole, Snapshot, role};

/// Major and minor number.
pub type Release = (u32, u32);

/// The versions of Django between which the installed one lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DjangoVersions {
    /// The least one; `None` where nothing tells.
    pub least: Option<Release>,
    /// The greatest one; `None` where nothing tells, or any later one will do.
    pub most: Option<Release>,
}

impl DjangoVersions {
    /// Whether it is that release or a later one; `None` where it cannot be told.
    pub fn since(&self, release: Release) -> Option<bool> {
        if self.least.is_some_and(|least| least >= release) {
            return Some(true);
        }
        self.most.filter(|most| *most < release).map(|_| false)
    }

    fn exactly(release: Release) -> Self {
        Self { least: Some(release), most: Some(release) }
    }

    /// What holds where two files speak of the same project: the wider of both.
    fn or(self, other: Self) -> Self {
        let both = |a: Option<Release>, b: Option<Release>, pick: fn(Release, Release) -> Release| Some(pick(a?, b?));
        Self { least: both(self.least, other.least, Ord::min), most: both(self.most, other.most, Ord::max) }
    }
}

/// The versions for the project at `root`: by lock files that are nearest above it or below it, else by requirements;
/// the least one by the headers of migrations, where these leave it open.
pub fn find(snapshot: &Snapshot, root: &RepoPath) -> DjangoVersions {
    let near = |path: &RepoPath| {
        let folder = path.parent().unwrap_or_else(RepoPath::root);
        (root.is_under(&folder) || folder.is_under(root)) && role(path) == PathRole::Product
    };
    let told = |kind: FileKind| {
        let files = snapshot.files_of(kind).map(|entry| &entry.path).filter(|path| near(path));
        let each = files.filter_map(|path| in_text(&snapshot.source(path).ok()?.text, kind));
        each.reduce(DjangoVersions::or)
    };
    let kinds = [FileKind::LockFile, FileKind::Requirements, FileKind::Pipfile, FileKind::Pyproject];
    let versions = kinds.into_iter().find_map(told).unwrap_or_default();
    if versions.least.is_some() {
        return versions;
    }
    // Nobody goes back behind the release that made a migration.
    let least = headers::latest(snapshot, root).filter(|least| versions.most.is_none_or(|most| *least <= most));
    DjangoVersions { least, ..versions }
}

/// What a file says of Django; `None` where it does not name it.
fn in_text(text: &str, kind: FileKind) -> Option<DjangoVersions> {
    match kind {
        FileKind::LockFile => in_lock(text),
        FileKind::Pyproject | FileKind::Pipfile => text.lines().find_map(in_toml),
        _ => text.lines().find_map(in_requirement),
    }
}

/// `name = "django"` and the `version` below it, or `"django": {"version": "==5.1"}` of Pipfile.lock.
fn in_lock(text: &str) -> Option<DjangoVersions> {
    let mut lines = text.lines();
    lines.find(|line| {
        let line = line.trim().to_ascii_lowercase();
        line == "name = \"django\"" || line == "\"django\": {"
    })?;
    let version = lines.take(80).take_while(|line| !line.trim().starts_with("[[")).find_map(|line| {
        let line = line.trim();
        let value = line.strip_prefix("version = ").or_else(|| line.strip_prefix("\"version\": "))?;
        release(value.trim_matches(['"', ',', ' ']).trim_start_matches("=="))
    });
    version.map(DjangoVersions::exactly)
}

/// A line of `requirements.txt`: `Django==5.1.2`, `django[argon2] >= 4.2, < 5.3  # …`.
fn in_requirement(line: &str) -> Option<DjangoVersions> {
    let line = line.trim();
    let rest = line.get(..6).filter(|name| name.eq_ignore_ascii_case("django")).map(|_| &line[6..])?;
    let rest = rest.trim_start();
    let rest = match rest.strip_prefix('[') {
        Some(extras) => extras.split_once(']')?.1.trim_start(),
        None => rest,
    };
    // `django-environ` is another package.
    if !rest.is_empty() && !rest.starts_with(['=', '<', '>', '~', '!', ';', '#', '(', '\\']) {
        return None;
    }
    Some(constraints(rest.split(['#', ';', '\\']).next().unwrap_or("").trim_matches(['(', ')', ' '])))
}

/// A line of `pyproject.toml` or `Pipfile`: `"django>=5.1",` in a list, `django = "^5.1"`, `django = {version = "~5.1"}`.
fn in_toml(line: &str) -> Option<DjangoVersions> {
    let line = line.trim();
    if let Some(quoted) =
        line.rsplit_once('[').map_or(Some(line), |(_, rest)| Some(rest))?.trim().strip_prefix(['"', '\''])
        && let Some(found) = in_requirement(quoted.split(['"', '\'']).next()?)
    {
        return Some(found);
    }
    let (name, value) = line.split_once('=')?;
    if !name.trim().trim_matches('"').eq_ignore_ascii_case("django") {
        return None;
    }
    let value = value.split_once("version").map_or(value, |(_, rest)| rest.trim_start_matches([' ', '=']));
    let version = value.trim().trim_start_matches(['"', '\'']);
    Some(constraints(version.split(['"', '\'']).next()?))
}

/// `>=4.2,<5.3`, `~=5.1.0`, `^5.1`, `5.1.*`.
fn constraints(text: &str) -> DjangoVersions {
    let mut versions = DjangoVersions::default();
    for part in text.split(',').map(str::trim) {
        let number = part.trim_start_matches(['=', '<', '>', '~', '^', '!', ' ']);
        let Some((major, minor)) = release(number) else { continue };
        let operator = part[..part.len() - number.len()].trim();
        let parts = number.split('.').filter(|part| part.bytes().all(|byte| byte.is_ascii_digit())).count();
        match operator {
            "==" | "===" | "" => return DjangoVersions::exactly((major, minor)),
            ">=" | ">" => versions.least = Some((major, minor)),
            "<=" => versions.most = Some((major, minor)),
            // `<5.0` leaves 4.2 as the last: every major release of Django ends with `.2`.
            "<" if parts <= 2 => versions.most = before((major, minor)),
            "<" => versions.most = Some((major, minor)),
            "~=" | "~" if parts >= 3 || (operator == "~" && parts == 2) => {
                return DjangoVersions::exactly((major, minor));
            }
            "~=" | "~" | "^" => versions = DjangoVersions { least: Some((major, minor)), most: Some((major, 2)) },
            _ => {}
        }
    }
    versions
}

/// The last release before another.
fn before((major, minor): Release) -> Option<Release> {
    match minor {
        0 => Some((major.checked_sub(1)?, 2)),
        minor => Some((major, minor - 1)),
    }
}

/// `5.1.2`, `5`, `5.1rc1`.
pub(super) fn release(text: &str) -> Option<Release> {
    let mut parts = text.split('.');
    let digits = |part: &str| part.bytes().take_while(u8::is_ascii_digit).count();
    let major = parts.next()?;
    let major = major.get(..digits(major))?.parse().ok()?;
    let minor = parts.next().unwrap_or("0");
    Some((major, minor.get(..digits(minor))?.parse().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(found: Option<DjangoVersions>) -> String {
        let show =
            |release: Option<Release>| release.map_or("?".to_owned(), |(major, minor)| format!("{major}.{minor}"));
        found.map_or("none".to_owned(), |found| format!("{} {}", show(found.least), show(found.most)))
    }

    #[test]
    fn requirements() {
        let line = |text| told(in_text(text, FileKind::Requirements));
        assert_eq!(line("gunicorn==23\nDjango==5.1.2 # lts next\n"), "5.1 5.1");
        assert_eq!(line("django[argon2] >= 4.2, < 5.3"), "4.2 5.2");
        assert_eq!(line("django~=5.1.0"), "5.1 5.1");
        assert_eq!(line("django<5"), "? 4.2");
        assert_eq!(line("Django"), "? ?");
        assert_eq!(line("django==4.2.11 \\"), "4.2 4.2");
        for none in ["django-environ==0.11", "# django==5", "djangorestframework==3.15", "-r base.txt", "Djängo==1", ""]
        {
            assert_eq!(line(none), "none", "{none}");
        }
    }

    #[test]
    fn project_files_and_locks() {
        let toml = |text| told(in_text(text, FileKind::Pyproject));
        assert_eq!(toml("dependencies = [\n    \"django>=5.1\",\n]"), "5.1 ?");
        assert_eq!(toml("dependencies = [\"django==5.2\", \"gunicorn\"]"), "5.2 5.2");
        assert_eq!(toml("[tool.poetry.dependencies]\ndjango = \"^4.1\"\n"), "4.1 4.2");
        assert_eq!(toml("django = {extras = [\"bcrypt\"], version = \"~4.2\"}"), "4.2 4.2");
        assert_eq!(toml("name = \"django\"\n"), "none");
        let lock = |text| told(in_text(text, FileKind::LockFile));
        assert_eq!(lock("[[package]]\nname = \"django\"\nversion = \"5.0.6\"\n"), "5.0 5.0");
        assert_eq!(lock("  \"django\": {\n   \"hashes\": [\n  \"x\"\n ],\n \"version\": \"==3.2.9\"\n}"), "3.2 3.2");
        assert_eq!(lock("[[package]]\nname = \"django\"\n[[package]]\nname = \"x\"\nversion = \"1.0\"\n"), "none");
    }

    #[test]
    fn what_is_since() {
        let versions = |least, most| DjangoVersions { least, most };
        assert_eq!(versions(Some((5, 1)), None).since((5, 1)), Some(true));
        assert_eq!(versions(Some((4, 2)), Some((5, 2))).since((5, 1)), None);
        assert_eq!(versions(None, Some((4, 2))).since((5, 1)), Some(false));
        assert_eq!(DjangoVersions::default().since((5, 1)), None);
    }
}
