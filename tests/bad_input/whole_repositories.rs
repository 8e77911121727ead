//! What is there, and what is asked for.

use super::*;

#[test]
fn an_empty_one_is_said_to_be_empty() {
    let report = check(&Repository::new::<&str, &str>([]));
    assert_eq!(report.code, 0);
    assert_eq!(report.stderr, "shipworthy: nothing of a deployment was recognised here\n");
}

#[test]
fn a_path_that_does_not_exist() {
    for arguments in [&["check", "gone"][..], &["check", ".", "gone/x.py"], &["check", "--config", "gone.toml"]] {
        let run = sound().run(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(run.stderr.starts_with("shipworthy: gone") && run.stderr.contains(": no such file"), "{}", run.stderr);
    }
}

#[test]
fn a_path_outside_of_the_repository() {
    let other = Repository::new([("x.py", "")]);
    let repository = sound();
    for outside in [other.path("x.py"), other.root().to_owned(), repository.path("..")] {
        let run = repository.run(["check".as_ref(), ".".as_ref(), outside.as_os_str()]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{outside:?}");
        assert!(run.stderr.contains("outside"), "{}", run.stderr);
    }
}
