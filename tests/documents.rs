//! What the documents show can be typed: their YAML and TOML is well-formed, and the program knows every command.

use clap::Parser;
use shipworthy::cli::args::Args;
use std::fs;
use std::path::{Path, PathBuf};

/// README.md and the pages under docs/, each with its code blocks: language and text.
fn blocks() -> Vec<(PathBuf, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let mut found = Vec::new();
    for path in docs.chain([root.join("README.md"), root.join("CONTRIBUTING.md")]) {
        let text = fs::read_to_string(&path).unwrap();
        let mut parts = text.split("\n```");
        parts.next();
        while let (Some(block), rest) = (parts.next(), parts.next()) {
            let (language, body) = block.split_once('\n').unwrap_or((block, ""));
            found.push((path.clone(), language.to_owned(), body.to_owned()));
            if rest.is_none() {
                break;
            }
        }
    }
    found
}

#[test]
fn every_command_in_the_documents_is_one() {
    let mut seen = 0;
    for (path, _, body) in blocks().iter().filter(|(_, language, _)| matches!(&**language, "sh" | "yaml" | "console")) {
        for line in body.lines() {
            let Some((_, rest)) = line.split_once("shipworthy ").filter(|(before, _)| is_call(before)) else {
                continue;
            };
            let words: Vec<&str> =
                rest.split_whitespace().take_while(|word| !matches!(*word, "#" | ">" | "|")).collect();
            let parsed = Args::try_parse_from(["shipworthy"].iter().chain(&words));
            assert!(parsed.is_ok(), "{}: {line}\n{}", path.display(), parsed.err().unwrap());
            seen += 1;
        }
    }
    assert!(seen >= 10, "{seen}");
}

/// Whether what stands before our name on a line makes it a command.
fn is_call(before: &str) -> bool {
    let before = before.trim_start().trim_start_matches("- ").trim_start_matches("run: ").trim_start_matches("$ ");
    before.is_empty() || before == ".cargo/bin/"
}

#[test]
fn data_in_the_documents_is_well_formed() {
    for (path, language, body) in blocks() {
        let trouble = match &*language {
            "yaml" => serde_yaml::from_str::<serde_yaml::Value>(&body).err().map(|error| error.to_string()),
            "toml" => toml::from_str::<toml::Table>(&body).err().map(|error| error.to_string()),
            "json" => serde_json::from_str::<serde_json::Value>(&body).err().map(|error| error.to_string()),
            _ => None,
        };
        assert_eq!(trouble, None, "{}:\n{body}", path.display());
    }
}

/// The hook runs what the documents say it runs.
#[test]
fn the_hook_is_a_command() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml");
    let hooks: serde_yaml::Value = serde_yaml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let hook = &hooks[0];
    assert_eq!((hook["id"].as_str(), hook["language"].as_str()), (Some("shipworthy"), Some("rust")));
    assert_eq!(hook["pass_filenames"].as_bool(), Some(false));
    assert!(Args::try_parse_from(hook["entry"].as_str().unwrap().split(' ')).is_ok());
}
