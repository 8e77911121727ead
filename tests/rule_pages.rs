//! The pages under `rules/` themselves: the table has all of them, and their cases are what they say they are.

#[path = "support/asked.rs"]
mod asked;

use asked::Asked;
use shipworthy::config::{self, Config, Section};
use shipworthy::rules::cases::{self, Reported};
use shipworthy::rules::catalogue::PAGES;
use shipworthy::rules::page_format;
use shipworthy::rules::{Case, CaseFile, CliChoice, Page};
use shipworthy::source::RepoPath;
use shipworthy::tree::{GitStatus, MemoryFile, MemoryTree, Snapshot};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use walkdir::WalkDir;

#[test]
fn the_table_has_every_page_that_is_on_disk() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut ids = Vec::new();
    for entry in WalkDir::new(&root).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file()) {
        let path = entry.path().strip_prefix(&root).unwrap().with_extension("");
        let id = path.iter().map(|part| part.to_str().unwrap()).collect::<Vec<_>>().join("/");
        let page = page_format::parse(&id, &fs::read_to_string(entry.path()).unwrap());
        let page = page.unwrap_or_else(|complaints| panic!("{}: {complaints:?}", entry.path().display()));
        let compiled = PAGES.iter().find(|compiled| compiled.id == id).unwrap_or_else(|| panic!("{id} is missing"));
        assert_eq!(page.markdown, compiled.markdown, "{id}: the build has an older page");
        ids.push(id);
    }
    ids.sort();
    assert_eq!(ids, PAGES.iter().map(|page| page.id).collect::<Vec<_>>());
}

/// A slip in a case (an indent, a quote) would make it say something else than its title.
#[test]
fn cases_are_well_formed_in_their_languages() {
    let mut troubles = Vec::new();
    for page in PAGES.iter().filter(|page| page.family() != "file") {
        for case in page.cases {
            for file in case.files {
                if let Err(trouble) = well_formed(file) {
                    troubles.push(format!("{}, case \"{}\", {}: {trouble}", page.id, case.title, file.path));
                }
            }
        }
    }
    assert!(troubles.is_empty(), "{}", troubles.join("\n"));
}

fn well_formed(file: &CaseFile) -> Result<(), String> {
    let expected = language_of(file.path);
    if expected.is_some_and(|expected| expected != file.language) {
        return Err(format!("is `{}`, and not `{}`", expected.unwrap_or_default(), file.language));
    }
    match file.language {
        "yaml" => serde_yaml::from_str::<serde_yaml::Value>(file.text).map(drop).map_err(|error| error.to_string()),
        "json" => serde_json::from_str::<serde_json::Value>(file.text).map(drop).map_err(|error| error.to_string()),
        "toml" => toml::from_str::<toml::Table>(file.text).map(drop).map_err(|error| error.to_string()),
        "dockerfile" => parse_dockerfile::parse(file.text).map(drop).map_err(|error| error.to_string()),
        "python" => syntax(&tree_sitter_python::LANGUAGE.into(), file.text),
        "sh" => syntax(&tree_sitter_bash::LANGUAGE.into(), file.text),
        "ini" | "makefile" | "nginx" | "text" | "sql" | "html" => Ok(()),
        other => Err(format!("unknown language `{other}`")),
    }
}

/// The language that a file's name settles.
fn language_of(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((_, "yaml" | "yml")) => Some("yaml"),
        Some((_, "py")) => Some("python"),
        Some((_, "sh")) => Some("sh"),
        Some((_, "json")) => Some("json"),
        Some((_, "toml")) => Some("toml"),
        Some((_, "dockerignore")) => Some("text"),
        _ if name.contains("Dockerfile") => Some("dockerfile"),
        _ if name.contains(".env") => Some("ini"),
        _ => None,
    }
}

fn syntax(language: &tree_sitter::Language, text: &str) -> Result<(), String> {
    let mut parser = tree_sitter::Parser::new();
    parser.set_language(language).unwrap();
    let tree = parser.parse(text, None).unwrap();
    if tree.root_node().has_error() { Err(format!("broken: {}", tree.root_node().to_sexp())) } else { Ok(()) }
}

/// Two cases with the same files would say nothing new, or contradict each other.
#[test]
fn no_two_cases_of_a_page_are_the_same() {
    let files = |case: &Case| -> Vec<(String, String, u32, [bool; 4])> {
        let marks = |file: &CaseFile| [file.ignored, file.utf16, file.crlf, file.unreadable];
        case.files.iter().map(|file| (file.path.into(), file.text.into(), file.mode, marks(file))).collect()
    };
    for page in PAGES {
        for (index, case) in page.cases.iter().enumerate() {
            let twin = page.cases[..index].iter().find(|other| files(other) == files(case));
            assert!(twin.is_none(), "{}: \"{}\" is \"{}\" again", page.id, case.title, twin.unwrap().title);
        }
    }
}

/// The tutorial's example is a page that the build would take.
#[test]
fn the_example_of_the_tutorial_is_a_good_page() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/writing-rules.md");
    let text = fs::read_to_string(path).unwrap();
    let (_, example) = text.split_once("\n~~~~markdown\n").expect("the example stands between `~~~~`");
    let (example, _) = example.split_once("\n~~~~\n").expect("the example has an end");
    let page = page_format::parse("compose/privileged-service", example);
    assert!(page.is_ok(), "{page:?}");
}

/// Every case, three ways: Bad reports this rule just where it is marked, Good is silent for it, and Good is silent under
/// all default rules. `PAGE=compose/image-latest cargo test` runs the cases of one page.
#[test]
fn cases_say_what_their_pages_say() {
    let only = std::env::var("PAGE").ok();
    // Without the parser nothing is said about SQL.
    let built = |page: &&Page| cfg!(feature = "sql") || !page.id.starts_with("migration/sql-");
    let pages = PAGES.iter().filter(|page| only.as_deref().is_none_or(|only| page.id == only)).filter(built);
    let failures = cases::check(pages, run);
    let told: Vec<String> = failures.iter().map(ToString::to_string).collect();
    assert!(failures.is_empty(), "{} failures\n{}", told.len(), told.join("\n"));
}

fn run(case: &Case, selection: cases::Selection<'_>) -> Vec<Reported> {
    let snapshot = Arc::new(Snapshot::new(MemoryTree::new(case.files.iter().map(memory_file))));
    let choice = match selection {
        // Suppressions are judged by the rules that run, so that their pages' cases need these.
        cases::Selection::Only(rule) if rule.starts_with("file/suppression") => {
            CliChoice { extend_select: vec![rule.to_owned()], ..CliChoice::default() }
        }
        cases::Selection::Only(rule) => CliChoice { select: vec![rule.to_owned()], ..CliChoice::default() },
        cases::Selection::Defaults => {
            let absence = PAGES.iter().filter(|page| page.absence).map(|page| page.id.to_owned());
            CliChoice { ignore: absence.collect(), ..CliChoice::default() }
        }
    };
    let written = case.files.iter().find(|file| file.path == "shipworthy.toml");
    let config = written.map_or_else(Config::default, |file| {
        config::parse(file.text, file.path, Section::Whole).unwrap_or_else(|error| panic!("{}: {error}", case.title))
    });
    let checked = shipworthy::check(&snapshot, &Asked::new(config, &choice).options(case.complete));
    let report = checked.findings.into_iter().map(|finding| {
        let path = &finding.place.path;
        let line = snapshot.source(path).map_or(1, |source| source.lines().line(finding.place.span.start as usize));
        Reported { path: path.to_string(), line, rule: finding.rule.to_string(), message: finding.message }
    });
    report.collect()
}

fn memory_file(file: &CaseFile) -> MemoryFile {
    let path = RepoPath::new(file.path).expect("a path of a case is normal");
    let bytes: Vec<u8> = match (file.utf16, file.crlf) {
        (true, _) => [0xFF, 0xFE].into_iter().chain(file.text.encode_utf16().flat_map(u16::to_le_bytes)).collect(),
        (false, true) => file.text.replace('\n', "\r\n").into(),
        (false, false) => file.text.into(),
    };
    let mut memory = MemoryFile::new(path, bytes);
    if file.mode & 0o111 != 0 {
        memory = memory.executable();
    }
    if file.ignored {
        memory = memory.with_git(GitStatus::Ignored);
    }
    if file.unreadable { memory.denied() } else { memory }
}
