//! Configurations and arguments that are refused.

use super::*;

/// Runs a check with a configuration that is refused, and tells what is said.
fn refused(name: &str, text: impl AsRef<[u8]>) -> String {
    let run = with(name, text).run(["check"]);
    assert!(run.code == 2 && run.stdout.is_empty(), "{}: {}", run.code, run.stdout);
    run.stderr
}

#[test]
fn what_is_unknown_is_refused_at_its_place_and_with_what_may_be_meant() {
    for (text, expected) in [
        ("selct = ['all']\n", "shipworthy.toml:1:1: unknown key `selct`; did you mean `select`?"),
        (
            "\nignore = ['compose/image-latst']\n",
            "shipworthy.toml:2:11: unknown rule `compose/image-latst`; did you mean `compose/image-latest`?",
        ),
        (
            "select = ['hadolint:DL3007x']\n",
            "shipworthy.toml:1:11: unknown rule `hadolint:DL3007x`; did you mean `hadolint:DL3007`?",
        ),
        ("[severity]\n'compose' = 'eror'\n", "did you mean `error`?"),
        ("[severity]\n'compse/image-latest' = 'error'\n", "did you mean `compose/image-latest`?"),
        ("fail-on = 'warnings'\n", "did you mean `warning`?"),
        ("[[deployments]]\nenvironment = 'prodution'\ncompose = ['compose.prod.yaml']\n", "did you mean `production`?"),
        ("[[overrides]]\npath = ['a']\n", "shipworthy.toml:2:1: unknown key `path`; did you mean `paths`?"),
        ("select = 1\n", "shipworthy.toml:1:10: "),
        ("exclude = ['a[']\n", "shipworthy.toml:1:12: "),
        ("select = \n", "shipworthy.toml:1:"),
        ("a = 1\na = 2\n", "shipworthy.toml:"),
    ] {
        let said = refused("shipworthy.toml", text);
        assert!(said.starts_with("shipworthy: shipworthy.toml:") && said.contains(expected), "{text}{said}");
    }
    let said = refused("pyproject.toml", "[project]\nname = 'x'\n\n[tool.shipworthy]\nselct = []\n");
    assert!(said.starts_with("shipworthy: pyproject.toml:5:1: unknown key `selct`"), "{said}");
}

#[test]
fn what_is_no_toml_and_no_text_is_refused() {
    for bytes in [&b"\0"[..], b"\xff\xfea\0", b"a = \xff\n", b"[[[[", b"\xef\xbb\xbf= 1"] {
        let said = refused("shipworthy.toml", bytes);
        assert!(said.starts_with("shipworthy: ") && said.contains("shipworthy.toml"), "{said}");
    }
    refused("shipworthy.toml", "a=".to_owned() + &"[".repeat(100_000));
    refused("shipworthy.toml", "[".to_owned() + &"a.".repeat(100_000) + "a]");
}

#[test]
fn the_command_line_is_as_strict() {
    for (arguments, expected) in [
        (&["--env", "prod"][..], "did you mean `production`?"),
        (&["--env", "nowhere"], "unknown environment `nowhere`; there are production, staging, testing, development"),
        (&["--select", "compose/image-latst"], "did you mean `compose/image-latest`?"),
        (&["--ignore", "hadolint:DL3007x"], "did you mean `hadolint:DL3007`?"),
        (&["--extend-select", "nothing"], "unknown rule `nothing`"),
        (&["--format", "jsn"], "json"),
        (&["--fail-on", "eror"], "error"),
        (&["--output", "jsn=x"], "`jsn` is no format"),
        (&["--output", "json=gone/x"], "gone/x: "),
        (&["--config", "."], "shipworthy: "),
        (&["--jobs", "many"], "many"),
    ] {
        let run = sound().run(["check"].iter().chain(arguments));
        assert_eq!(run.code, 2, "{arguments:?}");
        assert!(run.stdout.is_empty() && run.stderr.contains(expected), "{arguments:?}: {}", run.stderr);
    }
    let run = sound().run(["explain", "compose/image-latst"]);
    assert!(run.code == 2 && run.stderr.contains("did you mean `compose/image-latest`?"), "{}", run.stderr);
}
