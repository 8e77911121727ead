//! What stands in something else, deeper than any stack.

use super::*;

#[test]
fn a_hundred_thousand_brackets() {
    for (path, begin, bracket, end) in [
        ("compose.prod.yaml", "services: ", "[", ""),
        ("compose.prod.yaml", "services: ", "{a: ", ""),
        ("compose.prod.yaml", "", "- ", "a"),
        ("compose.prod.yaml", "", "? ", "a"),
        ("compose.prod.yaml", "a: ", "!!a ", "a"),
        ("compose.prod.yaml", "services: {web: {image: \"", "${A:-", "\"}}"),
        (".github/workflows/ci.yml", "on: ", "[", ""),
        (".gitlab-ci.yml", "a: ", "[", ""),
        ("config/settings.py", "A = ", "(", ""),
        ("config/settings.py", "A = ", "[", ""),
        ("config/settings.py", "A = ", "{1: ", ""),
        ("config/settings.py", "A = ", "f(", ""),
        ("config/settings.py", "A = a", "[0]", ""),
        ("config/settings.py", "A = a", ".b", ""),
        ("config/settings.py", "A = a", "()", ""),
        ("config/settings.py", "A = a", " + 1", ""),
        ("config/settings.py", "A = a", " or 1", ""),
        ("config/settings.py", "A = ", "not ", "a"),
        ("config/settings.py", "A = ", "-", "1"),
        ("config/settings.py", "A = ", "lambda: ", "1"),
        ("config/settings.py", "A = ", "1 if a else ", "1"),
        ("config/settings.py", "A = ", "f\"{", ""),
        ("config/settings.py", "", "A = ", "1"),
        ("config/settings.py", "", "if a:\n  pass\nel", ""),
        ("entrypoint.sh", "", "(", ""),
        ("entrypoint.sh", "", "{ ", ""),
        ("entrypoint.sh", "", "$(", ""),
        ("entrypoint.sh", "", "\"$(", ""),
        ("entrypoint.sh", "", "`", ""),
        ("entrypoint.sh", "A=", "${A:-", ""),
        ("entrypoint.sh", "", "if a; then ", ""),
        ("entrypoint.sh", "", "while ", ""),
        ("entrypoint.sh", "", "case a in a) ", ""),
        ("entrypoint.sh", "", "! ", "a"),
        ("entrypoint.sh", "", "a | ", "a"),
        ("entrypoint.sh", "", "a && ", "a"),
        ("entrypoint.sh", "", "sh -c \"", ""),
        ("entrypoint.sh", "", "sudo ", "a"),
        ("entrypoint.sh", "[ ", "! ", "a ]"),
        ("entrypoint.sh", "[[ ", "( ", "a ]]"),
        ("entrypoint.sh", "echo $((", "(", "1"),
        ("Dockerfile", "FROM x\nCMD ", "[", ""),
        ("Dockerfile", "FROM x\nCMD ", "[\"a\",", ""),
        ("Dockerfile", "FROM x\nRUN ", "(", ""),
        ("Dockerfile", "FROM x\nENV A=", "${A:-", ""),
        ("Dockerfile", "FROM x\n", "ONBUILD ", "RUN a"),
        ("Dockerfile", "FROM x\nRUN ", "--mount=", "a"),
        (".env", "A=", "${A:-", ""),
        (".env", "A=\"", "\\", ""),
        ("Makefile", "A := ", "$(A", ""),
        ("Makefile", "", "ifdef A\n", ""),
        ("Makefile", "", "define A\n", ""),
        ("pyproject.toml", "[tool.shipworthy]\nselect = ", "[", ""),
        ("pyproject.toml", "[tool.shipworthy", ".a", "]"),
        ("app.json", "", "[", ""),
        ("nginx.conf", "", "http { ", ""),
        (".dockerignore", "", "**/", "a"),
        (".gitignore", "", "**/", "a"),
    ] {
        report(&with(path, begin.to_owned() + &bracket.repeat(100_000) + end + "\n"), CHECK);
    }
}

/// Each line stands deeper than the one before; the file's length bounds how deep.
#[test]
fn deeper_with_every_line() {
    for (path, begin, line) in [
        ("compose.prod.yaml", "", "a:"),
        ("compose.prod.yaml", "", "- a:"),
        ("config/settings.py", "", "if a:"),
        ("config/settings.py", "", "def f():"),
        ("config/settings.py", "", "try:"),
        ("config/settings.py", "", "for a in b:"),
        ("entrypoint.sh", "", "if a; then"),
        (".gitlab-ci.yml", "", "a:"),
        ("Makefile", "", "ifdef A"),
    ] {
        let lines = (0..1_500).map(|depth| format!("{}{line}\n", " ".repeat(depth)));
        report(&with(path, begin.to_owned() + &lines.collect::<String>()), CHECK);
    }
}

#[test]
fn both_ways_of_every_branch() {
    let import = |depth: usize| format!("{}try:\n{0} import a{depth}\n", " ".repeat(depth));
    let handler = |depth: usize| format!("{}except ImportError:\n{0} A = {depth}\n", " ".repeat(depth));
    let tries: String = (0..40).map(import).chain((0..40).rev().map(handler)).collect();
    let ifs = (0..40).map(|depth| format!("{}if a{depth}:\n{0} A = {depth}\n", " ".repeat(depth)));
    for text in [tries, ifs.collect(), "A = a() or b() and c() if d() else e()\n".repeat(500)] {
        report(&with("config/settings.py", text), CHECK);
    }
}
