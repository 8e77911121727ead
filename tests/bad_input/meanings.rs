//! Well-formed, and yet without an end.

use super::*;

#[test]
fn aliases_that_multiply() {
    let bomb: String = (1..40).map(|n| format!("x-{n}: &a{n} [{}]\n", format!("*a{}, ", n - 1).repeat(10))).collect();
    let merges: String =
        (1..40).map(|n| format!("x-{n}: &a{n} {{<<: [*a{0}, *a{0}], k{n}: *a{0}}}\n", n - 1)).collect();
    for begin in ["x-0: &a0 [a]\n", "x-0: &a0 {a: b}\n"] {
        for body in [&bomb, &merges] {
            for end in ["services: *a39\n", "services:\n  web: *a39\n", "services:\n  web:\n    <<: *a39\n"] {
                for path in ["compose.prod.yaml", ".gitlab-ci.yml", ".github/workflows/ci.yml"] {
                    report(&with(path, format!("{begin}{body}{end}")), CHECK);
                }
            }
        }
    }
    for text in ["a: &a [*a]\n", "services: &a\n  web: *a\n", "services: &a\n  <<: *a\n", "a: *a\n", "&a *a\n"] {
        report(&with("compose.prod.yaml", text), CHECK);
    }
}

#[test]
fn heredocs_without_an_end() {
    for text in ["FROM x\nRUN <<EOF\na\n", "FROM x\nCOPY <<A <<B /\na\nA\n", "FROM x\nRUN <<-'", "FROM x\nRUN <<"] {
        report(&with("Dockerfile", text), CHECK);
    }
    for text in ["cat <<EOF\na\n", "cat <<A <<B\nA\n", "cat <<'", "cat <<", "cat <<$(cat <<A", "a <<A; b <<A\n"] {
        report(&with("entrypoint.sh", text), CHECK);
    }
}

#[test]
fn circles() {
    let circles: &[&[(&str, &str)]] = &[
        &[("config/settings.py", "from config.extra import *\n"), ("config/extra.py", "from .settings import *\n")],
        &[("config/settings.py", "from config.settings import *\nfrom . import *\nimport config.settings\n")],
        &[("config/settings.py", "def f(): return f()\nA = f()\nclass B(B): pass\nC = [C]\n")],
        &[("config/settings.py", "A = []\nA.append(A)\nB = {}\nB['b'] = B\nC = str(A) + repr(B)\nD = A == A\n")],
        &[
            ("compose.prod.yaml", "include: [compose.prod.yaml, more.compose.yaml]\n"),
            ("more.compose.yaml", "include: [compose.prod.yaml]\n"),
        ],
        &[(
            "compose.prod.yaml",
            "services:\n  a: {extends: {service: b}}\n  b: {extends: {service: a}}\n  c: {extends: c}\n",
        )],
        &[(
            "compose.prod.yaml",
            "services:\n  a: {image: a, depends_on: [b]}\n  b: {image: a, depends_on: [a], network_mode: 'service:a'}\n",
        )],
        &[("entrypoint.sh", "#!/bin/sh\n. ./lib.sh\n./entrypoint.sh\n"), ("lib.sh", ". ./entrypoint.sh\n")],
        &[("entrypoint.sh", "f() { g; }\ng() { f; }\nf\n")],
        &[("Dockerfile", "FROM b AS a\nFROM a AS b\nFROM c AS c\nCOPY --from=c . .\nCOPY --from=2 . .\n")],
        &[("Dockerfile", "ARG A=$B\nARG B=$A\nFROM $A$B\nENV C=$D D=$C\n")],
        &[(".env", "A=${B}\nB=${A}\nC=${C}\n")],
        &[("Makefile", "A = $(B)\nB = $(A)\na: b\n\t$(A) $(MAKE) a\nb: a\n\tmake b\ninclude Makefile\n")],
        &[("requirements.txt", "-r requirements.txt\n-c requirements.txt\n")],
        &[(".gitlab-ci.yml", "include: .gitlab-ci.yml\na: {extends: b}\nb: {extends: [a, b]}\nc: !reference [c]\n")],
        &[(".github/workflows/ci.yml", "jobs:\n  a:\n    uses: ./.github/workflows/ci.yml\n    needs: [a]\n")],
    ];
    for circle in circles {
        let repository = sound();
        circle.iter().for_each(|(path, text)| repository.write(path, text));
        report(&repository, CHECK);
    }
}

#[test]
fn settings_that_never_end() {
    for text in [
        "while True: pass\n",
        "A = 1\nwhile True:\n    A = A + 1\n",
        "A = []\nwhile A is not None:\n    A.append(A)\n",
        "for a in range(10**12):\n    for b in range(10**12): pass\n",
        "A = [a for a in range(10**9) for b in range(10**9)]\n",
        "A = 'a' * 10**12\nB = [0] * 10**12\nC = 10**10**10\nD = 1 << 10**10\nE = '%1000000000d' % 1\n",
        "import itertools\nfor a in itertools.count(): pass\n",
        "a = iter(lambda: 1, 2)\nfor b in a: c = list(a)\n",
    ] {
        report(&with("config/settings.py", text), CHECK);
    }
}

#[test]
fn keys_twice_and_tabs() {
    let report =
        super::report(&with("compose.prod.yaml", "services:\n  web:\n    image: a:1\n    image: b:latest\n"), CHECK);
    assert!(report.has("file/broken-syntax", "compose.prod.yaml"), "{:?}", report.found);
    let report = super::report(&with("compose.prod.yaml", "services:\n  web:\n\timage: a:latest\n"), CHECK);
    assert!(report.has("file/broken-syntax", "compose.prod.yaml"), "{:?}", report.found);
    let report = super::report(&with(".env.web", "A=1\nA=2\n\tB\t=\t3\n=4\nexport\n"), CHECK);
    assert!(report.code < 2);
}
