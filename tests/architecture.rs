//! The walls of docs/architecture.md, held by reading the code.

use std::fs;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// The code of each source file below `src/<folder>`, without tests and comments.
fn code(folder: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder);
    let files = WalkDir::new(&root).into_iter().map(Result::unwrap).map(|entry| entry.into_path());
    let is_code = |path: &PathBuf| {
        let parts: Vec<_> = path.iter().filter_map(|part| part.to_str()).collect();
        path.extension().is_some_and(|it| it == "rs") && !parts.contains(&"tests") && !path.ends_with("tests.rs")
    };
    files
        .filter(is_code)
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            let lines: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            (path, lines.join("\n"))
        })
        .collect()
}

fn nobody_says(folder: &str, words: &[&str], except: &[&str]) {
    for (path, text) in code(folder) {
        let shown = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(&path).display().to_string();
        if except.iter().any(|prefix| shown.starts_with(prefix)) {
            continue;
        }
        for word in words {
            assert!(!text.contains(word), "{shown} says `{word}`");
        }
    }
}

#[test]
fn no_parser_librarys_type_leaves_parse() {
    nobody_says("", &["tree_sitter", "granit_parser", "squawk_"], &["src/parse/"]);
}

#[test]
fn rules_do_no_io_and_know_no_format() {
    nobody_says("rules", &["std::fs", "std::io", "println!", "miette", "serde_json", "std::env"], &[]);
}

#[test]
fn rules_ask_the_model_not_the_files() {
    // A rule may hand the snapshot on to a function of the model; what it makes of files is a fact of the model.
    nobody_says("rules", &["snapshot.", "Snapshot"], &[]);
}

#[test]
fn the_core_touches_no_disk() {
    for folder in ["parse", "secrets", "project", "findings", "source"] {
        nobody_says(folder, &["std::fs", "std::process", "std::net", "println!", "SystemTime", "Instant::now"], CLOCKS);
    }
}

/// Parsers ask the clock for one thing: to give up on made-up input that a library would take minutes for.
const CLOCKS: &[&str] = &["src/parse/python/mod.rs", "src/parse/shell/mod.rs"];

#[test]
fn looking_for_secrets_is_a_function_of_text_and_pages() {
    let beyond =
        ["crate::project", "crate::parse", "crate::config", "crate::report", "crate::cli", "Snapshot", "tree::Tree"];
    nobody_says("secrets", &beyond, &[]);
    // What was found is judged by its span: no value is written anywhere.
    nobody_says("secrets", &["std::io", "serde", "derive(Debug, Serialize)"], &[]);
}

#[test]
fn each_part_knows_only_what_comes_before_it() {
    nobody_says("source", &["crate::parse", "crate::tree", "crate::project", "crate::rules"], &[]);
    nobody_says("parse", &["crate::tree", "crate::rules", "crate::findings", "crate::config"], &[]);
    // The words of a shell are worth what its variables are.
    nobody_says("parse", &["crate::project"], &["src/parse/shell/"]);
    nobody_says("tree", &["crate::project", "crate::rules", "crate::findings"], &[]);
    nobody_says("project", &["crate::report", "crate::cli", "rules::catalogue", "rules::engine"], &[]);
    nobody_says("rules", &["crate::report", "crate::cli"], &[]);
}

#[test]
fn only_reports_and_the_command_line_serialise_or_colour() {
    nobody_says("", &["miette::", "serde_json::to_", "serde::Serialize"], &["src/report/", "src/cli/"]);
    nobody_says("", &["println!", "eprintln!"], &[]);
}

#[test]
fn nothing_is_left_for_later() {
    nobody_says("", &["todo!", "unimplemented!", "dbg!", "#[allow(dead_code)]"], &[]);
}
