//! The Django that a repository asks for.

use super::DjangoProject;
use crate::parse::python_manifest;
use crate::parse::requirements::{self, Condition, Requirement};
use crate::project::evidence::named_by_path;
use crate::source::{Place, RepoPath, Source};
use crate::tree::{Entry, FileKind, PathRole, Snapshot, role};
use std::sync::Arc;

/// A place that asks for Django.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DjangoRequirement {
    /// Where.
    pub place: Place,
    /// As written: `Django>=4.2`; of a lock file the version.
    pub written: String,
    /// The conditions on the version.
    pub conditions: Vec<Condition>,
    /// Whether it is the one version of a lock file.
    pub locked: bool,
}

/// A series of Django (`4.2`) and the month in which its security fixes ended.
type Series = ((u32, u32), Option<&'static str>);

/// The series and when their support ended, those that are supported at the time of this release without.
/// As of November 2026, from djangoproject.com/download, "Supported Versions", compared with endoflife.date.
const SERIES: [Series; 23] = [
    ((1, 4), Some("October 2015")),
    ((1, 5), Some("September 2014")),
    ((1, 6), Some("April 2015")),
    ((1, 7), Some("December 2015")),
    ((1, 8), Some("April 2018")),
    ((1, 9), Some("April 2017")),
    ((1, 10), Some("December 2017")),
    ((1, 11), Some("April 2020")),
    ((2, 0), Some("April 2019")),
    ((2, 1), Some("December 2019")),
    ((2, 2), Some("April 2022")),
    ((3, 0), Some("April 2021")),
    ((3, 1), Some("December 2021")),
    ((3, 2), Some("April 2024")),
    ((4, 0), Some("April 2023")),
    ((4, 1), Some("December 2023")),
    ((4, 2), Some("April 2026")),
    ((5, 0), Some("April 2025")),
    ((5, 1), Some("December 2025")),
    ((5, 2), None),
    ((6, 0), None),
    ((6, 1), None),
    ((6, 2), None),
];

/// A series whose support has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// `4.1`.
    pub series: String,
    /// `December 2023`.
    pub month: &'static str,
}

impl DjangoRequirement {
    /// Whether any later version may be installed: nothing bounds it above.
    pub fn takes_newest(&self) -> bool {
        !bounded_above(&self.conditions)
    }

    /// The newest series that it allows, where the support of that has ended.
    pub fn ended(&self) -> Option<Ended> {
        let ((major, minor), month) =
            SERIES.iter().rev().find(|(series, _)| self.conditions.iter().all(|it| allows(it, *series)))?;
        Some(Ended { series: format!("{major}.{minor}"), month: (*month)? })
    }
}

/// Whether some release of `series` satisfies the condition.
fn allows(condition: &Condition, series: (u32, u32)) -> bool {
    let mut parts = condition.version.split('.').map(|part| part.parse::<u32>().ok());
    let Some(Some(major)) = parts.next() else { return true };
    let minor = parts.next();
    let patch = parts.next().flatten().unwrap_or(0);
    // `4.*` is any of four; `4` alone is 4.0.
    let any_minor = minor == Some(None);
    let wanted = (major, minor.flatten().unwrap_or(0));
    let parts = condition.version.split('.').count();
    match condition.operator.as_str() {
        "==" | "===" if any_minor => series.0 == major,
        "==" | "===" => series == wanted,
        "~=" if parts > 2 => series == wanted,
        "~=" => series.0 == major && series >= wanted,
        "^" => series.0 == major && series >= wanted,
        "~" if parts > 1 => series == wanted,
        "~" => series.0 == major,
        ">=" | ">" => series >= wanted,
        "<" if patch > 0 => series <= wanted,
        "<" => series < wanted,
        "<=" => series <= wanted,
        _ => true,
    }
}

/// The places that ask for Django for what is shipped, sorted. Where a lock file holds a version, it alone is told.
pub fn django(snapshot: &Snapshot, projects: &[DjangoProject]) -> Vec<DjangoRequirement> {
    let of_kind = |kind: FileKind| {
        let shipped = |entry: &&Entry| role(&entry.path) == PathRole::Product && !serves_developers(&entry.path);
        snapshot
            .files_of(kind)
            .filter(shipped)
            .filter_map(|entry| snapshot.source(&entry.path).ok())
            .collect::<Vec<_>>()
    };
    let mut found: Vec<DjangoRequirement> =
        of_kind(FileKind::LockFile).iter().filter_map(|source| locked(source)).collect();
    if !found.is_empty() || projects.is_empty() {
        return found;
    }
    for source in of_kind(FileKind::Requirements) {
        if !is_compiled(snapshot, &source.path) {
            found.extend(required(snapshot, &source));
        }
    }
    // A project's own manifest lies above it; that of a library of theirs does not.
    let of_project = |source: &Arc<Source>| {
        let folder = source.path.parent().unwrap_or_else(RepoPath::root);
        projects.iter().any(|project| project.root.is_under(&folder))
    };
    if found.is_empty() {
        for (kind, read) in [
            (FileKind::Pyproject, python_manifest::in_pyproject as fn(&str, &str) -> Option<Requirement>),
            (FileKind::Pipfile, python_manifest::in_pipfile),
        ] {
            let sources = of_kind(kind).into_iter().filter(of_project);
            found.extend(sources.filter_map(|source| Some(requirement(&source, &read(&source.text, "django")?))));
        }
    }
    found
}

/// The requirements of one file that have no upper bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LooseRequirements {
    /// The first of them.
    pub place: Place,
    /// Their names, in order.
    pub names: Vec<String>,
}

/// The loose requirements of what is shipped, for each of pip's files; none where a lock file or constraints hold them.
pub fn loose(snapshot: &Snapshot) -> Vec<LooseRequirements> {
    if snapshot.files_of(FileKind::LockFile).next().is_some() {
        return Vec::new();
    }
    let shipped = |entry: &&Entry| role(&entry.path) == PathRole::Product && !serves_developers(&entry.path);
    let files = snapshot.files_of(FileKind::Requirements).filter(shipped);
    let loose_in = |entry: &Entry| {
        let file = requirements::parse(&snapshot.source(&entry.path).ok()?.text);
        let is_loose = |it: &&Requirement| !it.direct && !bounded_above(&it.conditions);
        let entries: Vec<&Requirement> = file.entries.iter().filter(is_loose).collect();
        let first = entries.first().filter(|_| file.constraints.is_empty() && !is_compiled(snapshot, &entry.path))?;
        let names = entries.iter().map(|it| it.name.value.clone()).collect();
        Some(LooseRequirements { place: Place::new(entry.path.clone(), first.span), names })
    };
    files.filter_map(loose_in).collect()
}

fn bounded_above(conditions: &[Condition]) -> bool {
    conditions.iter().any(|it| matches!(it.operator.as_str(), "==" | "===" | "~=" | "<" | "<=" | "^" | "~"))
}

fn locked(source: &Source) -> Option<DjangoRequirement> {
    let version = python_manifest::in_lock_file(&source.text, "django")?;
    Some(DjangoRequirement {
        place: version.place(&source.path),
        conditions: requirements::conditions(&version.value),
        written: version.value,
        locked: true,
    })
}

/// The line that asks for Django; a constraint on it, where the file names one, says which.
fn required(snapshot: &Snapshot, source: &Source) -> Option<DjangoRequirement> {
    let file = requirements::parse(&source.text);
    let is_django = |entry: &&Requirement| entry.normalised() == "django" && !entry.direct;
    let mut found = requirement(source, file.entries.iter().find(is_django)?);
    let folder = source.path.parent()?;
    for constraint in &file.constraints {
        let constraints = folder.join(&constraint.value).and_then(|path| snapshot.source(&path).ok())?;
        let file = requirements::parse(&constraints.text);
        found.conditions.extend(file.entries.iter().filter(is_django).flat_map(|entry| entry.conditions.clone()));
    }
    Some(found)
}

fn requirement(source: &Source, entry: &Requirement) -> DjangoRequirement {
    DjangoRequirement {
        place: Place::new(source.path.clone(), entry.span),
        written: source.slice(entry.span).to_owned(),
        conditions: entry.conditions.clone(),
        locked: false,
    }
}

/// Whether a file of requirements is for developers, tests or documentation.
fn serves_developers(path: &RepoPath) -> bool {
    let by_name = named_by_path(path).map(|(environment, _)| environment);
    let words = path.file_stem().to_ascii_lowercase();
    by_name.is_some_and(|environment| !environment.serves_real_users())
        || words
            .split(['-', '_', '.'])
            .any(|word| matches!(word, "docs" | "doc" | "lint" | "constraints" | "tox" | "mypy"))
}

/// Whether another file is made from it: `requirements.in` beside `requirements.txt`.
fn is_compiled(snapshot: &Snapshot, path: &RepoPath) -> bool {
    path.extension() == Some("in")
        && path.parent().is_some_and(|folder| {
            let made = folder.join(&format!("{}.txt", path.file_stem()));
            made.is_some_and(|made| snapshot.shares(&made))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(conditions: &str) -> String {
        let requirement = DjangoRequirement {
            place: Place::start_of(RepoPath::root()),
            written: String::new(),
            conditions: requirements::conditions(conditions),
            locked: false,
        };
        requirement.ended().map_or_else(String::new, |ended| ended.series)
    }

    #[test]
    fn the_newest_series_that_is_allowed_counts() {
        for (conditions, series) in [
            ("==3.2.25", "3.2"),
            ("==4.*", "4.2"),
            ("==4", "4.0"),
            ("~=4.1.3", "4.1"),
            ("~=4.1", "4.2"),
            (">=3.2,<4", "3.2"),
            (">=3.2,<4.0", "3.2"),
            ("<4.1.5", "4.1"),
            ("^5.0", ""),
            ("^4.0", "4.2"),
            ("~5.1", "5.1"),
            ("==5.2.8", ""),
            (">=3.2", ""),
            ("", ""),
            ("==7.1", ""),
            ("!=4.2.1,==4.2.2", "4.2"),
        ] {
            assert_eq!(ended(conditions), series, "{conditions}");
        }
    }
}
