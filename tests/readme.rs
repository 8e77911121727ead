//! README.md says nothing that a run does not show.

use std::fs;
use std::path::Path;
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The run that the README shows is what the program prints. `UPDATE=1 cargo test` writes it anew.
#[test]
fn the_run_in_the_readme_is_real() {
    let output = Command::new(env!("CARGO_BIN_EXE_shipworthy"))
        .args(["check", "--color", "never", "testdata/projects/readme"])
        .current_dir(root())
        .env_remove("SHIPWORTHY_FORMAT")
        .env("COLUMNS", "100")
        .output()
        .expect("the binary starts");
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    let path = root().join("README.md");
    let readme = fs::read_to_string(&path).expect("README.md");
    let start = "```console\n$ shipworthy check\n";
    let from = readme.find(start).expect("the run begins with `$ shipworthy check`") + start.len();
    let to = from + readme[from..].find("```").expect("the block ends");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path, format!("{}{}{}", &readme[..from], printed, &readme[to..])).expect("README.md");
        return;
    }
    assert_eq!(&readme[from..to], printed, "UPDATE=1 cargo test --test readme");
}

/// Install and first check stand where a reader still is.
#[test]
fn the_first_check_stands_before_line_40() {
    let readme = fs::read_to_string(root().join("README.md")).expect("README.md");
    let line = readme.lines().position(|line| line.contains("cargo install")).expect("an install line") + 1;
    assert!(line < 40, "line {line}");
}

/// What CI calls is what the README says.
#[test]
fn ci_runs_the_test_command_of_the_readme() {
    let readme = fs::read_to_string(root().join("README.md")).expect("README.md");
    let ci = fs::read_to_string(root().join(".ci/run")).expect(".ci/run");
    for command in ["cargo test", "cargo clippy --all-targets -- -D warnings", "cargo fmt --check"] {
        assert!(ci.lines().any(|line| line == command), "{command}");
    }
    assert!(readme.contains("\ncargo test\n"));
}
