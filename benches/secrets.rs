//! How fast one core scans for secrets: `cargo bench --bench secrets -- FOLDER…`.
//!
//! Reads every file below the folders, keeps those that are text, and scans them five times without and with the language
//! that a name gives them. The best run counts; reading is not measured.

use shipworthy::secrets::{Language, scan};
use shipworthy::source::{RepoPath, Source};
use shipworthy::tree::{FileKind, HEAD, classify};
use std::time::Instant;
use walkdir::WalkDir;

fn main() {
    let folders = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let mut files: Vec<(Source, Option<Language>)> = Vec::new();
    for entry in folders.flat_map(WalkDir::new).flatten().filter(|entry| entry.file_type().is_file()) {
        let path = entry.path().to_string_lossy();
        let (Some(path), Ok(bytes)) = (RepoPath::new(path.trim_start_matches('/')), std::fs::read(entry.path())) else {
            continue;
        };
        let kind = classify(&path, &bytes[..bytes.len().min(HEAD)]);
        if kind != FileKind::Binary && bytes.len() < 8 << 20 {
            let language = Language::of(&path, kind);
            files.push((Source::decode(path, bytes), language));
        }
    }
    let size: usize = files.iter().map(|(source, _)| source.text.len()).sum();
    let measure = |with_language: bool| {
        let (mut best, mut found) = (f64::MAX, 0);
        for _ in 0..5 {
            let begin = Instant::now();
            let scanned = files.iter().map(|(source, language)| scan(&source.text, language.filter(|_| with_language)));
            found = scanned.map(|found| found.len()).sum();
            best = best.min(begin.elapsed().as_secs_f64());
        }
        (size as f64 / best / 1e6, found)
    };
    for (what, with_language) in [("formats, keys and addresses", false), ("and names", true)] {
        let (speed, found) = measure(with_language);
        println!("{what}: {speed:.0} MB/s over {} MB in {} files, {found} found", size / 1_000_000, files.len());
    }
}
