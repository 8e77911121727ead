//! Long files, long lines, many lines.

use super::*;

#[test]
fn a_hundred_megabytes_in_each_file() {
    let repository = sound();
    for (path, _) in SOUND {
        let file = fs::File::create(repository.path(path)).unwrap();
        file.set_len(100 << 20).unwrap();
    }
    let report = check(&repository);
    assert!(report.has("file/unreadable", "Dockerfile") && report.has("file/unreadable", ".env"));
    assert_eq!(report.code, 1);
    let asked = repository.run(["check", "Dockerfile"]);
    assert_eq!(asked.code, 2, "it was asked for and not read");
}

/// One line just below and far above the length up to which files are read.
#[test]
fn one_line_of_megabytes() {
    for length in [7 << 20, 10 << 20] {
        let long = "a".repeat(length);
        for (path, text) in [
            ("Dockerfile", format!("FROM x\nRUN {long}\n")),
            ("compose.prod.yaml", format!("services:\n  web:\n    image: {long}\n")),
            (".env", format!("A={long}\n")),
            ("config/settings.py", format!("A = '{long}'\n")),
            ("entrypoint.sh", format!("#!/bin/sh\necho {long}\n")),
        ] {
            let report = super::report(&with(path, text), CHECK);
            assert_eq!(report.has("file/unreadable", path), length > 8 << 20, "{path}");
        }
    }
}

#[test]
fn one_line_of_many_words() {
    for (path, begin, word) in [
        ("Dockerfile", "FROM x\nRUN ", "ab "),
        ("Dockerfile", "FROM x\nENV ", "A=b "),
        ("Dockerfile", "FROM x\nRUN ", "a && "),
        ("compose.prod.yaml", "services: [", "a, "),
        ("compose.prod.yaml", "services: {web: {command: \"", "a "),
        ("compose.prod.yaml", "services: {web: {image: \"", "${A}"),
        (".env", "A=", "${A}"),
        (".env", "A=", "b # "),
        ("config/settings.py", "A = [", "1, "),
        ("config/settings.py", "A = ", "'a' "),
        ("config/settings.py", "", "a; "),
        ("entrypoint.sh", "", "a; "),
        ("entrypoint.sh", "", "$A"),
        ("entrypoint.sh", "", "\"'a'\" "),
        ("Makefile", "A = ", "$(A) "),
        ("Procfile", "web: ", "a "),
    ] {
        report(&with(path, begin.to_owned() + &word.repeat(200_000 / word.len()) + "\n"), CHECK);
    }
}

/// What grows with the square of the lines, or doubles with each, would not end. `%` is the line's number.
#[test]
fn many_lines() {
    const CASES: &[(&str, &str, &str)] = &[
        ("Dockerfile", "FROM x\n", "RUN a%\n"),
        ("Dockerfile", "", "FROM x AS a%\n"),
        ("Dockerfile", "FROM x AS a\n", "FROM a AS a\n"),
        ("Dockerfile", "FROM x AS a0\n", "FROM x AS b%\nCOPY --from=b%0 / /\n"),
        ("Dockerfile", "FROM x AS a\n", "ONBUILD RUN a\nFROM a AS a\n"),
        ("Dockerfile", "FROM x\nENV A=b\n", "ENV A=$A$A\n"),
        ("Dockerfile", "FROM x\n", "RUN a \\\n"),
        ("Dockerfile", "FROM x\n", "RUN <<A\n"),
        (".env.web", "", "A%=${A%}\n"),
        (".env.web", "", "A='\n"),
        (".env", "A0=1234567890\n", "A%1=${A%}${A%}\n"),
        (".env", "A=1\n", "A=${A}${A}\n"),
        ("compose.prod.yaml", "services:\n  web:\n    environment:\n", "      A%: ${A%:-${B%}}\n"),
        ("compose.prod.yaml", "services:\n", "  a%: {image: b, depends_on: [a%0, a%1]}\n"),
        ("compose.prod.yaml", "services:\n  a0: {image: b}\n", "  a%1: {extends: {service: a%}}\n"),
        ("compose.prod.yaml", "services: {}\ninclude:\n", "  - compose.prod.yaml\n"),
        ("compose.prod.yaml", "", "---\n"),
        ("config/settings.py", "", "A% = 1\n"),
        ("config/settings.py", "A = []\n", "A += [A]\n"),
        ("config/settings.py", "A = 'a'\n", "A = A + A\n"),
        ("config/settings.py", "A = {}\n", "A = {'a': A, 'b': A}\n"),
        ("config/settings.py", "A = ''\n", "A = f'{A}{A}a'\n"),
        ("config/settings.py", "A = 9\n", "A = A ** A\n"),
        ("config/settings.py", "", "try:\n    import a%\nexcept ImportError:\n    A% = 1\n"),
        ("config/settings.py", "import os\n", "if os.environ.get('A%'):\n    A% = 1\n"),
        ("config/settings.py", "def f0(a): return a\n", "def f%1(a): return f%(f%(a))\nA = f%1(1)\n"),
        ("entrypoint.sh", "", "if [ \"$A%\" = 1 ]; then A%=2; fi\n"),
        ("entrypoint.sh", "", "A=$A${A}a\n"),
        ("entrypoint.sh", "", "export A%=1\n"),
        ("entrypoint.sh", "", "f%() { f%0; f%1; }\nf%\n"),
        ("entrypoint.sh", "", ". ./lib.sh\n./entrypoint.sh\n"),
        ("entrypoint.sh", "", "cat <<A\n"),
        ("Makefile", "", "A% := $(A%0)$(A%1)\nt%: t%1\n\t$(A%)\n"),
        (".gitlab-ci.yml", "", "a%: {extends: a%1, script: [a]}\n"),
        (".dockerignore", "", "**/a%*/**\n"),
        (".gitignore", "", "**/a%*/**\n"),
    ];
    for (path, begin, line) in CASES {
        let lines = (0..20_000 / line.len()).map(|number| line.replace('%', &number.to_string()));
        report(&with(path, begin.to_string() + &lines.collect::<String>()), CHECK);
    }
}
