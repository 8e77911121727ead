//! What only a disk can hold.

use super::*;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

/// Files that are looked for by their names as well as by walking.
const NAMES: [&str; 9] = [
    "Dockerfile",
    "compose.prod.yaml",
    ".env",
    ".env.web",
    "config/settings.py",
    "entrypoint.sh",
    ".gitignore",
    ".dockerignore",
    "pyproject.toml",
];

/// The sound project with something else in place of each of the names, one at a time and all at once.
fn in_place_of_each(put: impl Fn(&Repository, &str)) {
    let all = sound();
    for name in NAMES {
        let one = sound();
        for repository in [&one, &all] {
            fs::remove_file(repository.path(name)).unwrap();
            put(repository, name);
        }
        report(&one, CHECK);
    }
    check(&all);
}

#[test]
fn folders() {
    in_place_of_each(|repository, name| fs::create_dir(repository.path(name)).unwrap());
    in_place_of_each(|repository, name| repository.write(&format!("{name}/{name}"), "A=1"));
    let repository = sound();
    fs::create_dir(repository.path("Dockerfile.prod")).unwrap();
    assert_eq!(report(&repository, CHECK).code, 0, "a folder is not looked at as a file");
}

#[test]
fn links_that_lead_nowhere_round_or_out() {
    in_place_of_each(|repository, name| symlink("gone", repository.path(name)).unwrap());
    in_place_of_each(|repository, name| {
        symlink(repository.path(name).file_name().unwrap(), repository.path(name)).unwrap();
    });
    in_place_of_each(|repository, name| symlink("/etc/passwd", repository.path(name)).unwrap());
    in_place_of_each(|repository, name| symlink("/dev/zero", repository.path(name)).unwrap());
    let repository = sound();
    symlink("..", repository.path("config/up")).unwrap();
    symlink(".", repository.path("config/here")).unwrap();
    symlink("/", repository.path("everything")).unwrap();
    assert_eq!(check(&repository).code, 0);
}

#[test]
fn pipes() {
    in_place_of_each(mkfifo);
    let repository = sound();
    mkfifo(&repository, "Dockerfile.prod");
    let asked = report(&repository, &["check", "--format", "json", "Dockerfile.prod"]);
    assert_eq!(asked.code, 2);
    assert_eq!(asked.stderr, "shipworthy: Dockerfile.prod: not a regular file\n");
}

fn mkfifo(repository: &Repository, name: &str) {
    assert!(Command::new("mkfifo").arg(repository.path(name)).status().unwrap().success());
}

#[test]
fn files_and_folders_that_may_not_be_read() {
    let close = |repository: &Repository, name: &str| {
        fs::set_permissions(repository.path(name), fs::Permissions::from_mode(0o000)).unwrap();
    };
    let repository = sound();
    close(&repository, "Dockerfile");
    if fs::read(repository.path("Dockerfile")).is_ok() {
        return; // The superuser may read everything.
    }
    let found = check(&repository);
    assert!(found.has("file/unreadable", "Dockerfile") && found.code == 1, "{:?}", found.found);
    let asked = report(&repository, &["check", "--format", "json", "Dockerfile"]);
    assert_eq!((asked.code, asked.stderr.as_str()), (2, "shipworthy: Dockerfile: permission denied\n"));

    let repository = sound();
    close(&repository, "shop");
    let found = report(&repository, CHECK);
    fs::set_permissions(repository.path("shop"), fs::Permissions::from_mode(0o700)).unwrap();
    assert!(found.stderr.contains("shop: permission denied"), "{}", found.stderr);
}

#[test]
fn names_that_are_no_names() {
    use std::os::unix::ffi::OsStrExt;
    let repository = sound();
    for name in ["new\nline.env", "\x1b[31m.env", " .env", "a\tDockerfile", "::error::.env", "%0a.env", "{}.env"] {
        repository.write(name, "DEBUG=1\nSECRET_KEY=abc\n");
        repository.write(&format!("in {name}/Dockerfile"), "FROM x:latest\n");
    }
    let no_text = std::ffi::OsStr::from_bytes(b"\xff\xfe.env");
    // Some file systems refuse it.
    let _ = fs::write(repository.root().join(no_text), "A=1\n");
    check(&repository);
    for format in ["full", "concise", "github", "sarif"] {
        let run = repository.run(["check", "--format", format]);
        assert!(!run.stdout.contains('\x1b'), "{}", run.stdout);
    }
}

/// Whoever reads may stop: `shipworthy check | head -1`.
#[test]
fn a_reader_that_goes_away() {
    let repository = sound();
    let services = (0..2_000).map(|n| format!("  a{n}: {{image: 'nginx:latest'}}\n"));
    repository.write("compose.prod.yaml", "services:\n".to_owned() + &services.collect::<String>());
    for format in ["full", "concise", "json", "sarif", "github"] {
        let mut command = repository.command(["check", "--format", format]);
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let run = support::finish_into(&mut command, writer.into());
        assert_eq!((run.code, run.stderr.as_str()), (1, ""), "{format}");
    }
    for arguments in
        [&["rules"][..], &["explain", "image-latest"], &["inspect"], &["--help"], &["check", "--show-files"]]
    {
        let mut command = repository.command(arguments);
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let run = support::finish_into(&mut command, writer.into());
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{arguments:?}");
    }
}
