use super::read;
use std::fs;
use std::path::{Path, PathBuf};

/// Where in its file a configuration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// The whole file: `shipworthy.toml`, `.shipworthy.toml`, or any file named with `--config`.
    Whole,
    /// The table `tool.shipworthy` of a `pyproject.toml`.
    Pyproject,
}

impl Section {
    /// The section that a file of this name is read for.
    pub fn of(path: &Path) -> Self {
        if path.file_name().is_some_and(|name| name == "pyproject.toml") { Section::Pyproject } else { Section::Whole }
    }
}

/// A configuration file that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFile {
    /// Its path, below what the search started from.
    pub path: PathBuf,
    /// Where in it the configuration stands.
    pub section: Section,
}

/// Searches `start` and the folders above it up to and including `stop` (the git root), and takes the first of
/// `shipworthy.toml`, `.shipworthy.toml`, and a `pyproject.toml` that has a section `[tool.shipworthy]`. Where `stop`
/// does not hold `start`, only `start` is searched.
pub fn discover(start: &Path, stop: &Path) -> Option<ConfigFile> {
    let last = if start.starts_with(stop) { stop } else { start };
    let mut folder = Some(start);
    while let Some(here) = folder {
        if let Some(found) = in_folder(here) {
            return Some(found);
        }
        folder = if here == last { None } else { here.parent() };
    }
    None
}

fn in_folder(folder: &Path) -> Option<ConfigFile> {
    for name in ["shipworthy.toml", ".shipworthy.toml"] {
        let path = folder.join(name);
        if path.is_file() {
            return Some(ConfigFile { path, section: Section::Whole });
        }
    }
    let path = folder.join("pyproject.toml");
    if !path.is_file() {
        return None;
    }
    // One that cannot be read counts as found: whoever reads it next says so, instead of a run by other rules.
    let ours = fs::read(&path).map_or(true, |bytes| read::has_section(&String::from_utf8_lossy(&bytes)));
    ours.then_some(ConfigFile { path, section: Section::Pyproject })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    #[test]
    fn a_pyproject_without_the_section_does_not_end_the_search() {
        let root = project(&[("shipworthy.toml", ""), ("web/pyproject.toml", "[tool.ruff]\n"), ("web/app/x", "")]);
        let found = discover(&root.path().join("web/app"), root.path()).unwrap();
        assert_eq!(found, ConfigFile { path: root.path().join("shipworthy.toml"), section: Section::Whole });
    }

    #[test]
    fn a_pyproject_with_the_section_is_taken_even_when_it_is_broken_elsewhere() {
        let root = project(&[("pyproject.toml", "[project]\nname = \n[tool.shipworthy]\nselect = ['all']\n")]);
        assert_eq!(discover(root.path(), root.path()).unwrap().section, Section::Pyproject);
    }

    #[test]
    fn a_file_of_its_own_comes_before_the_pyproject_beside_it() {
        let root = project(&[(".shipworthy.toml", ""), ("pyproject.toml", "[tool.shipworthy]\n")]);
        assert!(discover(root.path(), root.path()).unwrap().path.ends_with(".shipworthy.toml"));
    }

    #[test]
    fn the_search_stops_at_the_git_root() {
        let root = project(&[("shipworthy.toml", ""), ("repo/app/x", "")]);
        assert_eq!(discover(&root.path().join("repo/app"), &root.path().join("repo")), None);
        assert_eq!(discover(&root.path().join("repo/app"), Path::new("/somewhere/else")), None);
    }

    #[test]
    fn hostile_nesting_does_no_harm() {
        let deep = ["a=".to_owned() + &"[".repeat(200_000), "[".to_owned() + &"a.".repeat(200_000) + "a]"];
        for text in deep {
            let root = project(&[("pyproject.toml", &(text + "\n# shipworthy\n"))]);
            assert_eq!(discover(root.path(), root.path()), None);
        }
    }
}
