use super::super::{FileKind, GitStatus, MemoryFile, MemoryTree, Snapshot, git_root};
use super::*;
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use tempfile::TempDir;

fn path(path: &str) -> RepoPath {
    RepoPath::new(path).unwrap()
}

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        write(folder.path(), name, content);
    }
    folder
}

fn write(root: &Path, name: &str, content: &str) {
    let file = root.join(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, content).unwrap();
}

/// Runs git as on a machine without any configuration, whoever runs the tests (a hook of git, for one).
fn git(at: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
        command.env_remove(name);
    }
    let output = command
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "protocol.file.allow=always"])
        .args(arguments)
        .current_dir(at)
        .output()
        .expect("git is needed to test what it writes");
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn open(root: &Path) -> WorkTree {
    WorkTree::open(root, &WalkOptions::default()).unwrap()
}

fn listed(tree: &WorkTree) -> Vec<&str> {
    tree.entries().iter().map(|entry| entry.path.as_str()).collect()
}

fn statuses(tree: &WorkTree) -> Vec<(&str, GitStatus)> {
    tree.entries().iter().map(|entry| (entry.path.as_str(), entry.git)).collect()
}

use GitStatus::{Ignored, Tracked, Unknown, Untracked};

#[test]
fn hidden_files_are_seen_and_vendored_ones_are_not() {
    let at = folder(&[
        (".env", ""),
        (".github/workflows/ci.yml", ""),
        (".dockerignore", ""),
        ("manage.py", ""),
        ("node_modules/x/Dockerfile", ""),
        ("venv/lib/x.py", ""),
        ("mine/pyvenv.cfg", ""),
        ("mine/lib/x.py", ""),
        ("a/__pycache__/x.pyc", ""),
        ("staticfiles/admin/x.js", ""),
        ("vendor/jquery/x.js", ""),
        ("shop/vendor/models.py", ""),
    ]);
    let tree = open(at.path());
    assert_eq!(
        listed(&tree),
        [".dockerignore", ".env", ".github/workflows/ci.yml", "manage.py", "shop/vendor/models.py"]
    );
    assert!(tree.problems().is_empty());
    let options = WalkOptions { include_vendored: true, ..Default::default() };
    assert_eq!(WorkTree::open(at.path(), &options).unwrap().entries().len(), 12);
}

#[test]
fn without_ignore_files_the_list_is_what_walkdir_finds_less_the_vendored() {
    let at = folder(&[
        ("a", "1"),
        ("a.b/c", "22"),
        ("a-b", ""),
        ("deep/er/and/deeper/.hidden", "333"),
        (".x/.y/z.py", ""),
        ("node_modules/a.js", ""),
        ("deep/node_modules/b.js", ""),
        ("deep/.tox/b.js", ""),
        ("ä/ö.txt", ""),
        ("with space/new\nline", ""),
        ("back\\slash", ""),
    ]);
    fs::create_dir_all(at.path().join("empty/er")).unwrap();
    let oracle: BTreeSet<(String, u64)> = walkdir::WalkDir::new(at.path())
        .into_iter()
        .filter_entry(|entry| !matches!(entry.file_name().to_str(), Some("node_modules" | ".tox")))
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let relative = entry.path().strip_prefix(at.path()).unwrap().to_str().unwrap().to_owned();
            (relative, entry.metadata().unwrap().len())
        })
        .collect();
    let tree = open(at.path());
    let ours: Vec<_> = tree.entries().iter().map(|entry| (entry.path.to_string(), entry.size)).collect();
    assert_eq!(ours, oracle.into_iter().collect::<Vec<_>>());
    assert!(ours.is_sorted());
}

#[test]
fn git_says_what_is_tracked_untracked_and_ignored() {
    let at = folder(&[
        (".gitignore", ".env*\n!.env.example\n*.log\n/build/\nlocal_settings.py\n"),
        (".env", "SECRET=1"),
        (".env.example", ""),
        ("deploy/.env.prod", ""),
        ("app.py", ""),
        ("new.py", ""),
        ("x.log", ""),
        ("forced.log", ""),
        ("build/out.py", ""),
        ("build/forced.py", ""),
        ("local_settings.py", ""),
    ]);
    git(at.path(), &["init", "-q"]);
    git(at.path(), &["add", ".gitignore", "app.py", ".env.example"]);
    git(at.path(), &["add", "-f", "forced.log", "build/forced.py"]);
    let tree = open(at.path());
    assert_eq!(
        statuses(&tree),
        [
            (".env", Ignored),
            (".env.example", Tracked),
            (".gitignore", Tracked),
            ("app.py", Tracked),
            ("build/forced.py", Tracked),
            ("deploy/.env.prod", Ignored),
            ("forced.log", Tracked),
            ("new.py", Untracked),
        ]
    );
    let stand_ins =
        ["forced.log", "build/forced.py", "app.py", ".env", "new.py"].map(|name| tree.stands_in(&path(name)));
    assert_eq!(stand_ins, [true, true, false, false, false]);
    // What is left out is found when asked for, and says what it is.
    let settings = tree.find(&path("local_settings.py")).unwrap();
    assert_eq!((settings.kind, settings.git), (FileKind::Settings, Ignored));
    assert_eq!(tree.find(&path("build/out.py")).unwrap().git, Ignored);
    assert!(tree.entry(&path("build/out.py")).is_none() && tree.read(&path("build/out.py")).is_ok());
    assert!(tree.is_dir(&path("build")) && !tree.is_dir(&path("nowhere")) && !tree.is_dir(&path("app.py")));
}

#[test]
fn an_ignored_folder_of_env_files_is_looked_into_for_these() {
    let at = folder(&[
        (".gitignore", ".envs/\nenv/\nsecret/\n"),
        (".envs/.production/.django", "A=1"),
        (".envs/README.md", ""),
        ("env/prod", "A=1"),
        ("env/notes", "some words"),
        ("secret/.env", "A=1"),
    ]);
    git(at.path(), &["init", "-q"]);
    let tree = open(at.path());
    assert_eq!(
        statuses(&tree),
        [(".envs/.production/.django", Ignored), (".gitignore", Untracked), ("env/prod", Ignored)]
    );
    assert!(tree.entries().iter().all(|entry| entry.git != Ignored || entry.kind == FileKind::EnvFile));
    assert!(!tree.is_dir(&path("secret")), "it exists on this machine only");
}

#[test]
fn ignore_files_nest_and_the_inner_one_decides() {
    let at = folder(&[
        (".gitignore", "*.txt\n"),
        ("a/.gitignore", "!keep.txt\n/only.py\n"),
        ("a/keep.txt", ""),
        ("a/b/keep.txt", ""),
        ("a/only.py", ""),
        ("a/b/only.py", ""),
        ("keep.txt", ""),
    ]);
    // No repository is needed for that: an archive of one behaves the same.
    let tree = open(at.path());
    assert_eq!(
        statuses(&tree),
        [
            (".gitignore", Unknown),
            ("a/.gitignore", Unknown),
            ("a/b/keep.txt", Unknown),
            ("a/b/only.py", Unknown),
            ("a/keep.txt", Unknown)
        ]
    );
    assert_eq!(tree.find(&path("keep.txt")).unwrap().git, Ignored);
}

#[test]
fn our_own_ignore_files_and_excludes_leave_out_tracked_files_too() {
    let at = folder(&[
        (".shipworthyignore", "legacy/\n*.gen.py\n"),
        ("sub/.shipworthyignore", "!keep.gen.py\n"),
        ("legacy/a.py", ""),
        ("a.gen.py", ""),
        ("sub/keep.gen.py", ""),
        ("out/b.py", ""),
        ("deep/out/b.py", ""),
        (".env", ""),
    ]);
    let options = WalkOptions { exclude: vec!["/out".into(), ".env".into()], ..Default::default() };
    let tree = WorkTree::open(at.path(), &options).unwrap();
    assert_eq!(listed(&tree), [".shipworthyignore", "deep/out/b.py", "sub/.shipworthyignore", "sub/keep.gen.py"]);
    assert!(tree.read(&path("legacy/a.py")).is_ok());
    let wrong = WalkOptions { exclude: vec!["[z-a]".into()], ..Default::default() };
    assert!(matches!(WorkTree::open(at.path(), &wrong), Err(OpenError::Glob { glob, .. }) if glob == "[z-a]"));
}

#[test]
fn neither_the_users_nor_the_clones_own_ignore_files_count() {
    let at = folder(&[("a.py", ""), ("b.py", ""), (".ignore", "b.py\n")]);
    git(at.path(), &["init", "-q"]);
    write(at.path(), ".git/info/exclude", "a.py\n");
    assert_eq!(listed(&open(at.path())), [".ignore", "a.py", "b.py"]);
}

#[test]
fn a_subfolder_as_root_knows_the_repository_above() {
    let at = folder(&[
        (".gitignore", "*.log\n/back/out/\n/front/\n"),
        ("back/.gitignore", "*.tmp\n"),
        ("back/api/a.py", ""),
        ("back/api/a.log", ""),
        ("back/api/a.tmp", ""),
        ("back/api/.env", ""),
        ("back/out/x.py", ""),
        ("front/x.js", ""),
    ]);
    git(at.path(), &["init", "-q"]);
    git(at.path(), &["add", "back/api/a.py"]);
    assert_eq!(
        statuses(&open(&at.path().join("back"))),
        [(".gitignore", Untracked), ("api/.env", Untracked), ("api/a.py", Tracked)]
    );
    assert_eq!(statuses(&open(&at.path().join("back/api"))), [(".env", Untracked), ("a.py", Tracked)]);
    assert_eq!(git_root(&at.path().join("back/api/a.py")).unwrap(), at.path().canonicalize().unwrap());
    // A root that its repository ignores is none of its business.
    assert_eq!(statuses(&open(&at.path().join("front"))), [("x.js", Unknown)]);
}

#[test]
fn submodules_work_trees_and_clones_in_a_repository() {
    let at = folder(&[("inner/tracked.py", ""), ("inner/.gitignore", "*.log\n"), ("outer/a.py", "")]);
    let (inner, outer) = (at.path().join("inner"), at.path().join("outer"));
    git(&inner, &["init", "-q"]);
    git(&inner, &["add", "."]);
    git(&inner, &["commit", "-qm", "x"]);
    git(&outer, &["init", "-q"]);
    git(&outer, &["submodule", "--quiet", "add", "../inner", "sub"]);
    git(&outer, &["add", "."]);
    git(&outer, &["commit", "-qm", "x"]);
    git(&outer, &["worktree", "add", "-q", "other"]);
    git(&outer, &["clone", "-q", "../inner", "clone"]);
    write(&outer, "sub/new.py", "");
    write(&outer, "sub/x.log", "");
    let tree = open(&outer);
    assert_eq!(
        statuses(&tree),
        [
            (".gitmodules", Tracked),
            ("a.py", Tracked),
            ("clone/.gitignore", Untracked),
            ("clone/tracked.py", Untracked),
            ("sub/.gitignore", Tracked),
            ("sub/new.py", Untracked),
            ("sub/tracked.py", Tracked),
        ]
    );
    // As a root of its own, each is what git says.
    assert_eq!(statuses(&open(&outer.join("other"))), [(".gitmodules", Tracked), ("a.py", Tracked)]);
    assert_eq!(git_root(&outer.join("sub")), outer.join("sub").canonicalize().ok());
    // A folder of repositories, itself in none.
    let all = open(at.path());
    assert_eq!(all.entry(&path("inner/tracked.py")).unwrap().git, Tracked);
    assert_eq!(all.entry(&path("outer/sub/tracked.py")).unwrap().git, Tracked);
}

#[test]
fn a_broken_index_makes_the_status_unknown() {
    let at = folder(&[("a.py", ""), ("b.log", ""), (".gitignore", "*.log")]);
    git(at.path(), &["init", "-q"]);
    assert_eq!(open(at.path()).entry(&path("a.py")).unwrap().git, Untracked);
    git(at.path(), &["add", "."]);
    git(at.path(), &["commit", "-qm", "x"]);
    assert_eq!(open(at.path()).entry(&path("a.py")).unwrap().git, Tracked);
    let index = at.path().join(".git/index");
    let whole = fs::read(&index).unwrap();
    for broken in [vec![], b"DIRC".to_vec(), whole[..whole.len() / 2].to_vec(), vec![0xFF; 4096]] {
        fs::write(&index, broken).unwrap();
        assert_eq!(statuses(&open(at.path())), [(".gitignore", Unknown), ("a.py", Unknown)]);
    }
    // Any byte that is off is noticed by the checksum, and none brings the process down.
    for at_byte in 0..whole.len() {
        let mut broken = whole.clone();
        broken[at_byte] ^= 0x55;
        fs::write(&index, broken).unwrap();
        assert_eq!(open(at.path()).entry(&path("a.py")).unwrap().git, Unknown, "byte {at_byte}");
    }
    fs::remove_file(&index).unwrap();
    assert_eq!(open(at.path()).entry(&path("a.py")).unwrap().git, Unknown);
}

#[test]
fn an_index_without_a_checksum_that_is_broken_brings_nothing_down() {
    let at = folder(&[("a.py", ""), ("b/c.py", ""), ("b/d.py", "")]);
    git(at.path(), &["init", "-q"]);
    git(at.path(), &["-c", "index.skipHash=true", "add", "."]);
    let index = at.path().join(".git/index");
    let whole = fs::read(&index).unwrap();
    assert_eq!(open(at.path()).entry(&path("b/c.py")).unwrap().git, Tracked);
    for at_byte in 0..whole.len() - 20 {
        for flip in [0xFF, 0x01, 0x80] {
            let mut broken = whole.clone();
            broken[at_byte] ^= flip;
            fs::write(&index, broken).unwrap();
            assert_eq!(open(at.path()).entries().len(), 3);
        }
    }
}

#[test]
fn named_files_and_folders_count_whatever_leaves_them_out() {
    let at = folder(&[
        (".gitignore", "out/\n*.log\n"),
        ("out/a.py", ""),
        ("out/b.log", ""),
        ("out/deep/c.py", ""),
        ("node_modules/x/Dockerfile", ""),
        ("x.log", ""),
        ("y.log", ""),
        ("skip/z.py", ""),
    ]);
    let named = |paths: &[&str]| WalkOptions {
        named: paths.iter().map(PathBuf::from).collect(),
        exclude: vec!["skip/".into()],
        ..Default::default()
    };
    let tree =
        WorkTree::open(at.path(), &named(&["out", "./x.log", "node_modules/x", "skip/z.py", ".", "out"])).unwrap();
    assert_eq!(
        listed(&tree),
        [".gitignore", "node_modules/x/Dockerfile", "out/a.py", "out/deep/c.py", "skip/z.py", "x.log"]
    );
    assert_eq!(tree.entry(&path("x.log")).unwrap().git, Ignored);
    assert_eq!(tree.entry(&path("out/a.py")).unwrap().git, Ignored);
    assert!(tree.problems().is_empty());

    let absolute = at.path().join("y.log");
    let tree = WorkTree::open(at.path(), &named(&[absolute.to_str().unwrap(), "gone.py", "/", "../x"])).unwrap();
    assert!(tree.entry(&path("y.log")).is_some());
    let problems: Vec<_> = tree.problems().iter().map(|p| (p.to_string(), p.named)).collect();
    let wanted = ["../x: leads out of the root", "/: leads out of the root", "gone.py: not found"];
    assert_eq!(problems, wanted.map(|problem| (problem.to_owned(), true)));
}

#[test]
fn a_folder_named_like_a_file_is_a_folder_and_an_empty_file_a_file() {
    let at = folder(&[("Dockerfile/inner.txt", ""), ("sub/Dockerfile", ""), (".env/bin/x", "")]);
    let tree = open(at.path());
    assert_eq!(listed(&tree), [".env/bin/x", "Dockerfile/inner.txt", "sub/Dockerfile"]);
    assert_eq!(tree.read(&path("Dockerfile")), Err(ReadError::NotAFile));
    assert_eq!(tree.read(&RepoPath::root()), Err(ReadError::NotAFile));
    assert_eq!(tree.find(&path("Dockerfile")), None);
    assert_eq!(tree.read(&path("sub/Dockerfile")), Ok(vec![]));
    assert_eq!(tree.entry(&path("sub/Dockerfile")).unwrap().size, 0);
}

#[test]
fn what_goes_between_walk_and_read_is_not_found() {
    let at = folder(&[("a/compose.yml", ""), ("b.py", "")]);
    let tree = open(at.path());
    fs::remove_dir_all(at.path().join("a")).unwrap();
    fs::remove_file(at.path().join("b.py")).unwrap();
    fs::create_dir(at.path().join("b.py")).unwrap();
    assert_eq!(tree.read(&path("a/compose.yml")), Err(ReadError::NotFound));
    assert_eq!(tree.read(&path("b.py")), Err(ReadError::NotAFile));
    assert_eq!(tree.read(&path("b.py/x/y")), Err(ReadError::NotFound));
}

#[test]
fn odd_paths_are_not_found() {
    let at = folder(&[("a.py", ""), (".git/config", "secret")]);
    let tree = open(at.path());
    for odd in ["a.py/b", "a\0b", &"x".repeat(5000), &"x/".repeat(5000), ".git/config", ".GIT/config"] {
        assert_eq!(tree.read(&path(odd)), Err(ReadError::NotFound), "{:.20}", odd);
    }
}

#[test]
fn a_big_file_is_listed_but_not_read() {
    let at = folder(&[("small.py", "12345678")]);
    let big = fs::File::create(at.path().join("big.sql")).unwrap();
    big.set_len(MAX_FILE_SIZE + 1).unwrap();
    let edge = fs::File::create(at.path().join("edge.sql")).unwrap();
    edge.set_len(MAX_FILE_SIZE).unwrap();
    let tree = open(at.path());
    assert_eq!(listed(&tree), ["big.sql", "edge.sql", "small.py"]);
    assert_eq!(tree.read(&path("big.sql")), Err(ReadError::TooLarge { size: MAX_FILE_SIZE + 1 }));
    assert_eq!(tree.read(&path("edge.sql")).unwrap().len() as u64, MAX_FILE_SIZE);
    let tight = WalkOptions { max_file_size: 7, ..Default::default() };
    let tree = WorkTree::open(at.path(), &tight).unwrap();
    assert_eq!(tree.read(&path("small.py")), Err(ReadError::TooLarge { size: 8 }));
}

#[test]
fn an_ignore_file_that_is_wrong_or_huge_is_said() {
    let at = folder(&[("a.py", ""), (".shipworthyignore", "[z-a]\na.py\n"), ("sub/x.py", "")]);
    write(at.path(), "sub/.gitignore", &"x.py\n".repeat(100_000));
    fs::create_dir(at.path().join("sub/.shipworthyignore")).unwrap();
    let tree = open(at.path());
    assert_eq!(listed(&tree), [".shipworthyignore", "sub/.gitignore", "sub/x.py"]);
    let at: Vec<_> = tree.problems().iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(at, [".shipworthyignore", "sub/.gitignore"]);
}

#[test]
fn braces_in_an_ignore_file_are_letters_as_git_has_it() {
    let at = folder(&[
        (".gitignore", "{{ cookiecutter.slug }}/out/\n*.{a,b}\n"),
        ("{{ cookiecutter.slug }}/out/x.py", ""),
        ("{{ cookiecutter.slug }}/y.py", ""),
        ("x.a", ""),
        ("x.{a,b}", ""),
    ]);
    assert_eq!(listed(&open(at.path())), [".gitignore", "x.a", "{{ cookiecutter.slug }}/y.py"]);
}

#[test]
fn a_root_must_be_a_folder() {
    let at = folder(&[("a.py", "")]);
    let open = |name: &str| WorkTree::open(&at.path().join(name), &WalkOptions::default()).unwrap_err();
    assert_eq!(open("gone"), OpenError::Root(ReadError::NotFound));
    assert_eq!(open("a.py"), OpenError::Root(ReadError::NotAFile));
}

#[test]
fn a_work_tree_and_the_same_files_in_memory_are_alike() {
    let files = [("Dockerfile", "FROM scratch\n"), ("bin/run", "#!/bin/sh\n"), ("local.yml", "services:\n")];
    let at = folder(&files);
    let on_disk = open(at.path());
    let in_memory =
        MemoryTree::new(files.map(|(name, text)| MemoryFile::new(path(name), text).with_git(GitStatus::Unknown)));
    assert_eq!(on_disk.entries(), in_memory.entries());
    let (disk, memory) = (Snapshot::new(on_disk), Snapshot::new(in_memory));
    for (name, _) in files {
        assert_eq!(disk.source(&path(name)).unwrap().text, memory.source(&path(name)).unwrap().text);
    }
}

#[cfg(unix)]
mod unix;
