//! Compiles the rule pages under `rules/` into the static table that `src/rules/catalogue.rs` includes. A page that is
//! wrong fails the build, with its path, its line and what is expected.

#[path = "src/rules/page_format/mod.rs"]
mod page_format;

use page_format::{CaseText, FileText, PageText, SeverityText, TokenText};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=rules");
    let mut pages = Vec::new();
    for family in entries(Path::new("rules"))? {
        if !family.is_dir() {
            refuse(&family);
            continue;
        }
        for path in entries(&family)? {
            match (path.extension().and_then(|it| it.to_str()), path.file_stem().and_then(|it| it.to_str())) {
                (Some("md"), Some(name)) => {
                    let family = family.file_name().unwrap_or_default().to_string_lossy();
                    match page_format::parse(&format!("{family}/{name}"), &fs::read_to_string(&path)?) {
                        Ok(page) => pages.push(page),
                        Err(complaints) => {
                            for complaint in complaints {
                                println!("cargo::error={}:{complaint}", path.display());
                            }
                        }
                    }
                }
                _ => refuse(&path),
            }
        }
    }
    pages.sort_by(|a, b| a.id.cmp(&b.id));
    let target = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("pages.rs");
    fs::write(target, table(&pages))
}

/// What a folder holds, sorted, without what editors and desktops leave behind.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        !name.starts_with('.') && !name.ends_with('~')
    });
    paths.sort();
    Ok(paths)
}

fn refuse(path: &Path) {
    println!("cargo::error={}:1: this has no place here: expected rules/<family>/<name>.md", path.display());
}

/// The pages as Rust, in the types of `src/rules/page.rs`.
fn table(pages: &[PageText]) -> String {
    let mut code = String::from("/// Every page under `rules/`, sorted by id.\npub static PAGES: &[Page] = &[\n");
    for page in pages {
        let severity = match &page.severity {
            SeverityText::Everywhere(level) => format!("SeverityTable::Everywhere(Severity::{level:?})"),
            SeverityText::ByEnvironment(levels) => {
                let rows: String =
                    levels.iter().map(|(name, level)| format!("({name:?}, Severity::{level:?}), ")).collect();
                format!("SeverityTable::ByEnvironment(&[{rows}])")
            }
        };
        let _ = writeln!(
            code,
            "Page {{ id: {:?}, aliases: &{:?}, summary: {:?}, markdown: {:?}, explanation: {:?}, severity: {severity}, \
             default: {:?}, absence: {:?}, controls: &{:?}, cwe: &{:?}, equivalents: &{:?}, fix: FixKind::{:?}, references: &{:?}, \
             cases: &[{}] }},",
            page.id,
            page.aliases,
            page.summary,
            page.markdown,
            page.explanation,
            page.default,
            page.absence,
            page.controls,
            page.cwe,
            page.equivalents,
            page.fix,
            page.references,
            page.cases.iter().map(case).collect::<String>(),
        );
    }
    code.push_str(
        "];\n\n/// The formats of tokens that pages give, sorted by rule.\npub static TOKENS: &[Token] = &[\n",
    );
    for (id, token) in pages.iter().filter_map(|page| Some((&page.id, page.token.as_ref()?))) {
        let TokenText { name, keywords, pattern, entropy, checksum, samples, unless, browser, revoke } = token;
        // Split as in the cases, so that no page holds a token in one piece.
        let samples: Vec<String> = samples.iter().map(|sample| sample.replace("{+}", "")).collect();
        let _ = writeln!(
            code,
            "Token {{ rule: {id:?}, name: {name:?}, keywords: &{keywords:?}, pattern: {pattern:?}, entropy: {entropy:?}, \
             checksum: {checksum:?}, samples: &{samples:?}, unless: {unless:?}, browser: {browser:?}, revoke: {revoke:?} }},",
        );
    }
    code.push_str("];\n");
    code
}

fn case(case: &CaseText) -> String {
    let files: String = case.files.iter().map(file).collect();
    let CaseText { title, bad, complete, .. } = case;
    format!("Case {{ title: {title:?}, bad: {bad}, complete: {complete}, files: &[{files}] }}, ")
}

fn file(file: &FileText) -> String {
    let FileText { language, path, text, errors, misses, mode, ignored, utf16, crlf, unreadable } = file;
    format!(
        "CaseFile {{ language: {language:?}, path: {path:?}, text: {text:?}, errors: &{errors:?}, misses: &{misses:?}, \
         mode: {mode}, ignored: {ignored}, utf16: {utf16}, crlf: {crlf}, unreadable: {unreadable} }}, "
    )
}
