//! Whole projects: what each folder of `testdata/projects` gets is in its `expected.txt` (`UPDATE=1 cargo test`
//! rewrites it), and each folder of `testdata/ok` gets nothing. They are read into memory first, as files that git
//! tracks, so that neither our own repository nor the machine has a say.

#[path = "support/asked.rs"]
mod asked;

use asked::Asked;
use shipworthy::config::{self, Config};
use shipworthy::report::{self, Format, Report, Sources, Style, Summary};
use shipworthy::rules::CliChoice;
use shipworthy::rules::catalogue;
use shipworthy::source::{RepoPath, Source};
use shipworthy::tree::{MemoryFile, MemoryTree, Snapshot};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use walkdir::WalkDir;

const EXPECTED: &str = "expected.txt";

#[test]
fn projects_get_the_findings_that_are_expected() {
    let mut differences = String::new();
    for folder in folders("projects") {
        let (expected, found) = (folder.join(EXPECTED), check(&folder));
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&expected, &found).unwrap();
        }
        match fs::read_to_string(&expected) {
            Ok(text) if text == found => {}
            Ok(text) => write!(differences, "{}:\n{}\n", expected.display(), difference(&text, &found)).unwrap(),
            Err(error) => write!(differences, "{}: {error}; found is\n{found}\n", expected.display()).unwrap(),
        }
    }
    assert!(differences.is_empty(), "`-` is expected, `+` is found; UPDATE=1 accepts what is found\n\n{differences}");
}

#[test]
fn sound_projects_get_none() {
    let noise: String = folders("ok")
        .into_iter()
        .map(|folder| (check(&folder), folder))
        .filter(|(found, _)| !found.is_empty())
        .map(|(found, folder)| format!("{}:\n{found}\n", folder.display()))
        .collect();
    assert!(noise.is_empty(), "{noise}");
}

/// The folders of `testdata/<kind>`, sorted.
fn folders(kind: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(kind);
    let mut folders: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    assert!(!folders.is_empty());
    folders
}

/// What a project gets with its own configuration, a line a finding.
fn check(folder: &Path) -> String {
    let snapshot = Arc::new(Snapshot::new(tree(folder)));
    let config = match config::discover(folder, folder) {
        Some(found) => {
            let shown = found.path.file_name().unwrap().to_string_lossy();
            config::parse(&fs::read_to_string(&found.path).unwrap(), &shown, found.section).unwrap()
        }
        None => Config::default(),
    };
    let checked = shipworthy::check(&snapshot, &Asked::new(config, &CliChoice::default()).options(true));
    let report = Report {
        findings: &checked.findings,
        sources: &Texts(snapshot),
        pages: &catalogue::page,
        files_checked: checked.files_checked,
        summary: Summary::of(&checked.findings),
        statistics: false,
        failures: &[],
    };
    let mut bytes = Vec::new();
    report::write(Format::Concise, &report, Style::PLAIN, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// The files of a folder. The tree is without those that its `.gitignore` would leave out: none of them is committed.
fn tree(folder: &Path) -> MemoryTree {
    let files = WalkDir::new(folder).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file());
    MemoryTree::new(files.filter(|entry| entry.path() != folder.join(EXPECTED)).map(|entry| {
        let path = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/");
        let file = MemoryFile::new(RepoPath::new(&path).unwrap(), fs::read(entry.path()).unwrap());
        if executable(entry.path()) { file.executable() } else { file }
    }))
}

fn executable(path: &Path) -> bool {
    #[cfg(unix)]
    return std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o111 != 0;
    // There git keeps the bit to itself; what begins as a program is one.
    #[cfg(not(unix))]
    return fs::read(path).unwrap().starts_with(b"#!");
}

struct Texts(Arc<Snapshot>);

impl Sources for Texts {
    fn source(&self, path: &RepoPath) -> Option<Arc<Source>> {
        self.0.source(path).ok()
    }
}

/// The lines that only one of two texts has, in order.
fn difference(expected: &str, found: &str) -> String {
    let only = |sign: char, one: &str, other: &str| -> String {
        let lines = one.lines().filter(|line| !other.lines().any(|there| there == *line));
        lines.map(|line| format!("{sign} {line}\n")).collect()
    };
    match only('-', expected, found) + &only('+', found, expected) {
        same if same.is_empty() => format!("the same lines, in another order or number:\n{found}"),
        lines => lines,
    }
}
