//! What only Unix has: links, pipes, names and rights of their own.

use super::*;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};

fn mkfifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn links_in_the_root_are_read_and_none_leads_out_of_it() {
    let outside = folder(&[("secret/.env", "KEY=1"), ("x.py", "")]);
    let at = folder(&[("real/Dockerfile", "FROM scratch"), ("real/x.py", "")]);
    let link = |target: &Path, name: &str| symlink(target, at.path().join(name)).unwrap();
    link(Path::new("real/Dockerfile"), "Dockerfile");
    link(&at.path().join("real/Dockerfile"), "Dockerfile.absolute");
    link(Path::new("nowhere"), "Dockerfile.dangling");
    link(Path::new("loop.b.sh"), "loop.a.sh");
    link(Path::new("loop.a.sh"), "loop.b.sh");
    link(Path::new("itself.sh"), "itself.sh");
    link(&outside.path().join("x.py"), "out.py");
    link(&outside.path().join("secret"), "out");
    link(outside.path().join("secret/.env").as_path(), ".env");
    link(Path::new("real"), "folder");
    link(Path::new(".."), "real/up");
    link(Path::new("/etc/passwd"), "passwd.txt");
    let tree = open(at.path());
    assert_eq!(listed(&tree), ["Dockerfile", "Dockerfile.absolute", "real/Dockerfile", "real/x.py"]);
    assert_eq!(tree.read(&path("Dockerfile")).unwrap(), b"FROM scratch");
    assert_eq!(tree.entry(&path("Dockerfile")).unwrap().kind, FileKind::Dockerfile);
    assert_eq!(tree.read(&path("folder/Dockerfile")).unwrap(), b"FROM scratch");
    assert_eq!(tree.read(&path("real/up/real/up/real/x.py")), Ok(vec![]));
    assert_eq!(tree.read(&path("Dockerfile.dangling")), Err(ReadError::NotFound));
    assert!(matches!(tree.read(&path("loop.a.sh")), Err(ReadError::Io(_))));
    for out in ["out.py", "out/.env", ".env", "passwd.txt"] {
        assert_eq!(tree.read(&path(out)), Err(ReadError::OutsideRoot), "{out}");
        assert_eq!(tree.find(&path(out)), None, "{out}");
    }
    assert!(tree.is_dir(&path("folder")) && !tree.is_dir(&path("out")));
    assert!(tree.problems().is_empty());
    let named = WalkOptions { named: vec!["out.py".into(), "out".into()], ..Default::default() };
    let tree = WorkTree::open(at.path(), &named).unwrap();
    assert_eq!((tree.entries().len(), tree.problems().len()), (4, 2));
}

#[test]
fn a_root_behind_a_link_is_the_folder_it_leads_to() {
    let at = folder(&[("real/a.py", ""), ("real/b/c.py", "")]);
    symlink("real", at.path().join("link")).unwrap();
    let root = at.path().join("link");
    let named = WalkOptions { named: vec![root.join("a.py"), root.join("b")], ..Default::default() };
    let tree = WorkTree::open(&root, &named).unwrap();
    assert_eq!((listed(&tree), tree.problems()), (vec!["a.py", "b/c.py"], &[][..]));
    assert_eq!(tree.relative(&root.join("b/../a.py")), Some(path("a.py")));
    assert_eq!(tree.relative(&root), Some(RepoPath::root()));
}

#[test]
fn pipes_and_sockets_are_no_files_and_hang_nothing() {
    let at = folder(&[("a.py", ""), ("sub/a.py", "")]);
    for name in [".env", "Dockerfile", "local.yml", "unknown", ".gitignore", ".shipworthyignore", "sub/.git"] {
        mkfifo(&at.path().join(name));
    }
    symlink("Dockerfile", at.path().join("Dockerfile.linked")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(at.path().join("x.sh")).unwrap();
    let named = WalkOptions { named: vec!["Dockerfile".into()], ..Default::default() };
    let tree = WorkTree::open(at.path(), &named).unwrap();
    assert_eq!(listed(&tree), ["a.py", "sub/a.py"]);
    assert_eq!(tree.problems()[0].to_string(), "Dockerfile: not a regular file");
    for name in [".env", "Dockerfile", "Dockerfile.linked", "unknown", "x.sh"] {
        assert_eq!(tree.read(&path(name)), Err(ReadError::NotAFile), "{name}");
    }
}

#[test]
fn a_git_folder_made_of_pipes_is_no_repository() {
    for name in ["HEAD", "commondir", "index"] {
        let at = folder(&[("a.py", "")]);
        git(at.path(), &["init", "-q"]);
        let file = at.path().join(".git").join(name);
        let _ = fs::remove_file(&file);
        mkfifo(&file);
        assert_eq!(statuses(&open(at.path())), [("a.py", Unknown)], "{name}");
        assert_eq!(git_root(at.path()), None, "{name}");
    }
}

#[test]
fn what_may_not_be_read_stays_in_the_list_or_is_a_problem() {
    let at = folder(&[("closed.py", "x"), ("unknown", "x"), ("folder/a.py", ""), ("open.py", "")]);
    for name in ["closed.py", "unknown", "folder"] {
        fs::set_permissions(at.path().join(name), fs::Permissions::from_mode(0o000)).unwrap();
    }
    let tree = open(at.path());
    // The superuser may read everything.
    let superuser = fs::read_dir(at.path().join("folder")).is_ok();
    fs::set_permissions(at.path().join("folder"), fs::Permissions::from_mode(0o700)).unwrap();
    assert!(tree.entry(&path("closed.py")).is_some() && tree.entry(&path("unknown")).is_some());
    if superuser {
        assert_eq!(tree.read(&path("closed.py")), Ok(b"x".to_vec()));
    } else {
        assert_eq!(tree.read(&path("closed.py")), Err(ReadError::Denied("permission denied".into())));
        assert_eq!(tree.problems()[0].to_string(), "folder: permission denied");
    }
}

#[test]
fn errors_of_the_system_are_said_in_our_style() {
    let denied = std::io::Error::from_raw_os_error(13);
    assert_eq!(ReadError::from(denied), ReadError::Denied("permission denied".into()));
}

#[test]
fn the_executable_bit_is_seen() {
    let at = folder(&[("run.sh", ""), ("lib.sh", "")]);
    fs::set_permissions(at.path().join("run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    let bits: Vec<_> = open(at.path()).entries().iter().map(|entry| entry.executable).collect();
    assert_eq!(bits, [false, true]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_name_that_is_not_utf_8_is_a_problem() {
    let at = folder(&[("sub/a.py", "")]);
    let name = std::ffi::OsStr::from_bytes(b"b\xFF.py");
    fs::write(at.path().join("sub").join(name), "").unwrap();
    let tree = open(at.path());
    assert_eq!(listed(&tree), ["sub/a.py"]);
    assert_eq!(tree.problems()[0].to_string(), "sub/b\u{FFFD}.py: the name is not UTF-8");
}

#[test]
fn a_very_deep_folder_costs_no_stack() {
    let at = folder(&[]);
    // As deep as paths may be long, give or take.
    let mut deep = at.path().to_path_buf();
    while deep.as_os_str().len() < 3900 {
        deep.push("d");
    }
    fs::create_dir_all(&deep).unwrap();
    fs::write(deep.join("a.py"), "").unwrap();
    fs::write(deep.join(".gitignore"), "x").unwrap();
    let tree = open(at.path());
    assert_eq!(tree.entries().len(), 2);
    assert!(tree.read(&tree.entries()[1].path).is_ok());
}
