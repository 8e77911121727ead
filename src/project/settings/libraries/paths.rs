//! `pathlib`, `os.path`, and files: <https://docs.python.org/3/library/pathlib.html>. The repository's folder in the
//! container is not known; [`REPOSITORY`] stands for it.

use super::super::calls::Arguments;
use super::super::evaluator::{Eval, Evaluator};
use super::super::object::{Kind, LibraryObject, Origin, Val};
use super::super::value::REPOSITORY;
use crate::project::environment::Opening;
use crate::project::value::Reason;
use crate::source::RepoPath;
use std::rc::Rc;

/// A file that a setting is read from is small.
const MAX_READ: usize = 64 << 10;

/// `os.path.join(a, b)`.
pub(in super::super) fn join(a: &str, b: &str) -> String {
    if b.starts_with('/') || a.is_empty() {
        b.to_owned()
    } else if a.ends_with('/') {
        format!("{a}{b}")
    } else {
        format!("{a}/{b}")
    }
}

/// A path without `.`, `..` and doubled slashes; an absolute one stays absolute.
pub(super) fn normalised(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            // What lies around the repository is not known.
            ".." if parts.len() == 1 && absolute && format!("/{}", parts[0]) == REPOSITORY => parts.push(part),
            ".." if parts.last().is_some_and(|last| *last != "..") => _ = parts.pop(),
            ".." if absolute && parts.is_empty() => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (absolute, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

const ABOVE: &str = "a folder above the repository";

/// Whether a normalised path leads out of the repository.
fn above(path: &str) -> bool {
    path.strip_prefix(REPOSITORY).is_some_and(|rest| rest == "/.." || rest.starts_with("/../"))
}

fn parent(path: &str) -> &str {
    match path.trim_end_matches('/').rsplit_once('/') {
        Some(("", _)) => "/",
        Some((parent, _)) => parent,
        None => "",
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn suffix(name: &str) -> &str {
    match name.rfind('.') {
        Some(at) if at > 0 && at + 1 < name.len() => &name[at..],
        _ => "",
    }
}

/// What `pathlib` makes of a text.
pub(in super::super) fn pure(path: &str) -> String {
    let mut text = String::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if !text.is_empty() || path.starts_with('/') {
            text.push('/');
        }
        text.push_str(part);
    }
    match (text.is_empty(), path.starts_with('/')) {
        (true, true) => "/".to_owned(),
        (true, false) => ".".to_owned(),
        _ => text,
    }
}

/// An attribute of a `pathlib` path that is no method.
pub(in super::super) fn attribute(path: &str, name: &str) -> Option<Kind> {
    let text = |text: &str| Some(Kind::Str(Rc::from(text)));
    let last = file_name(path);
    match name {
        "parent" | "name" | "stem" | "suffix" if above(path) || path == REPOSITORY => {
            Some(Kind::Unknown(Reason::Unsupported(ABOVE.into())))
        }
        "parent" => Some(Kind::Path(Rc::from(if parent(path).is_empty() { "." } else { parent(path) }))),
        "parents" => {
            let mut parents = Vec::new();
            let mut at = path;
            while !parent(at).is_empty() && parent(at) != at && parents.len() < 64 {
                if at == REPOSITORY {
                    let above = Val::unknown(Reason::Unsupported(ABOVE.into()));
                    parents.extend(vec![above; 4]);
                    break;
                }
                at = parent(at);
                parents.push(Val::new(Kind::Path(Rc::from(at))));
                if at == "/" {
                    break;
                }
            }
            Some(Kind::Tuple(Rc::new(parents), false))
        }
        "name" => text(last),
        "suffix" => text(suffix(last)),
        "stem" => text(last.strip_suffix(suffix(last)).unwrap_or(last)),
        _ => None,
    }
}

/// What the file system tells of a path.
enum OnDisk {
    File,
    Folder,
    /// Not in the repository, though it could be.
    Nothing,
    /// In the repository or on the server, but surely not where the program runs.
    LeftOut,
    /// git ignores it, or it lies outside.
    Unknown(Reason),
}

impl Evaluator<'_> {
    /// The path in the repository that a text stands for; relative ones start from the folder the process starts in,
    /// which is that of `manage.py` as far as one can tell.
    pub fn repository_path(&self, path: &str) -> Option<RepoPath> {
        let path = normalised(path);
        match path.strip_prefix(REPOSITORY) {
            Some(inside) => RepoPath::new(inside.trim_start_matches('/')),
            None if path.starts_with('/') => None,
            None => self.roots.first().cloned().unwrap_or_else(RepoPath::root).join(&path),
        }
    }

    fn on_disk(&self, path: &str) -> OnDisk {
        let Some(inside) = self.repository_path(path) else {
            return OnDisk::Unknown(Reason::MissingFile(path.to_owned()));
        };
        if self.files.left_out(&inside) {
            return OnDisk::LeftOut;
        }
        if !self.development && self.files.ignored_by_git(&inside) {
            return OnDisk::Unknown(Reason::IgnoredFile(inside.to_string()));
        }
        if self.files.is_file(&inside) {
            OnDisk::File
        } else if self.files.is_dir(&inside) {
            OnDisk::Folder
        } else {
            OnDisk::Nothing
        }
    }

    fn exists(&mut self, about: &Val, path: &str, test: &str) -> Val {
        let found = self.on_disk(path);
        // A program that asks for a file of variables loads it where it is there.
        if let OnDisk::Nothing | OnDisk::Unknown(Reason::IgnoredFile(_)) = found
            && !self.development
            && file_name(path).contains("env")
        {
            let reason = Reason::MissingFile(super::super::value::shown_path(path).to_owned());
            self.env_files.push(Opening { reason, step: None });
        }
        match found {
            OnDisk::File => Val::derived(Kind::Bool(test != "isdir"), [about]),
            OnDisk::Folder => Val::derived(Kind::Bool(test != "isfile"), [about]),
            OnDisk::LeftOut => Val::derived(Kind::Bool(false), [about]),
            OnDisk::Nothing => Val::derived(Kind::Bool(false), [about]).weakened(),
            OnDisk::Unknown(Reason::IgnoredFile(_)) => Val::derived(Kind::Bool(false), [about]).weakened(),
            OnDisk::Unknown(reason) => Val::derived(Kind::Unknown(reason), [about]),
        }
    }

    /// The text of a file, for `open(path).read()`.
    pub(super) fn file_text(&mut self, about: &Val, path: &str, origin: Origin) -> Eval {
        let reason = match (self.on_disk(path), self.repository_path(path)) {
            (OnDisk::File, Some(inside)) => match self.files.text(&inside) {
                Some(text) if text.len() <= MAX_READ => {
                    let kind = self.text(text)?;
                    return Ok(Val::derived(kind, [about]));
                }
                _ => Reason::Limit("file size".into()),
            },
            (OnDisk::Nothing, _) if self.catches("FileNotFoundError") => {
                let doubt = about.clone().weakened();
                return self.raise("FileNotFoundError", origin, &[&doubt], true);
            }
            (OnDisk::Unknown(reason), _) => reason,
            _ => Reason::MissingFile(path.to_owned()),
        };
        self.may_raise = true;
        Ok(Val::derived(Kind::Unknown(reason), [about]).at(origin))
    }

    /// `open(path)`: what it is remains in its arguments.
    pub fn open(&mut self, arguments: Arguments) -> Eval {
        self.opaque("open", arguments)
    }

    pub(super) fn read_file(&mut self, object: &LibraryObject, name: &str, origin: Origin) -> Eval {
        let Some(file) = object.arguments.first() else { return Ok(Val::unsupported("open()")) };
        let Some(path) = file.as_path().map(str::to_owned) else { return Ok(Val::unknown_like(file)) };
        let text = self.file_text(file, &path, origin)?;
        let Some(whole) = text.as_str() else { return Ok(text) };
        match name {
            "read" => Ok(text),
            "readline" => {
                let line = whole.split_inclusive('\n').next().unwrap_or("");
                Ok(Val::derived(Kind::Str(Rc::from(line)), [&text]))
            }
            _ => {
                let lines = whole.split_inclusive('\n').map(|line| Val::derived(Kind::Str(Rc::from(line)), [&text]));
                let lines = lines.collect();
                self.list(lines, false)
            }
        }
    }

    /// `os.path`, `pathlib`, and the parts of `os` that are about files.
    pub(super) fn call_path(&mut self, name: &str, mut arguments: Arguments) -> Eval {
        for argument in &mut arguments.positional {
            if let Some(text) = self.environ_path_text(argument) {
                *argument = text;
            }
        }
        let origin = arguments.origin;
        let first = arguments.positional.first().cloned();
        match (name, &first) {
            ("pathlib.Path" | "pathlib.PurePath" | "pathlib.PosixPath" | "os.path.join", Some(_)) => {
                self.join_all(name != "os.path.join", &arguments)
            }
            ("pathlib.Path", None) => Ok(Val::new(Kind::Path(Rc::from(".")))),
            ("pathlib.Path.cwd" | "os.getcwd", _) => {
                let root = self.roots.first().map_or("", |root| root.as_str());
                let here = normalised(&format!("{REPOSITORY}/{root}"));
                Ok(if name == "os.getcwd" { Val::str(here) } else { Val::new(Kind::Path(Rc::from(here))) }.weakened())
            }
            ("pathlib.Path.home" | "os.path.expanduser", _) => Ok(Val::unsupported("the home folder")),
            ("os.urandom", _) => Ok(Val::new(Kind::Random)),
            (_, Some(value)) => {
                let Some(path) = value.as_path().map(str::to_owned) else {
                    return match name {
                        _ if matches!(value.kind, Kind::None) && name.starts_with("os.path.") => {
                            self.none_of_variable(value, origin)
                        }
                        _ if value.unknown_reason().is_some() => Ok(Val::unknown_like(value)),
                        _ => self.opaque(name, arguments),
                    };
                };
                let text = |text: &str| Ok(Val::derived(Kind::Str(Rc::from(text)), [value]));
                match name {
                    "os.path.abspath" | "os.path.realpath" => {
                        let here = self.roots.first().map_or("", |root| root.as_str());
                        match normalised(&join(&format!("{REPOSITORY}/{here}"), &path)) {
                            outside if above(&outside) => Ok(Val::unsupported(ABOVE)),
                            inside => text(&inside),
                        }
                    }
                    "os.path.dirname" | "os.path.basename" if path == REPOSITORY => Ok(Val::unsupported(ABOVE)),
                    "os.path.normpath" if above(&normalised(&path)) => Ok(Val::unsupported(ABOVE)),
                    "os.path.normpath" => text(&normalised(&path)),
                    "os.path.dirname" => text(parent_of_text(&path)),
                    "os.path.basename" => text(file_name(&path)),
                    "os.path.isabs" => Ok(Val::derived(Kind::Bool(path.starts_with('/')), [value])),
                    "os.path.splitext" => {
                        let ending = suffix(file_name(&path));
                        let stem = path.strip_suffix(ending).unwrap_or(&path);
                        Ok(Val::derived(Kind::Tuple(Rc::new(vec![Val::str(stem), Val::str(ending)]), false), [value]))
                    }
                    "os.path.exists" => Ok(self.exists(value, &path, "exists")),
                    "os.path.isfile" => Ok(self.exists(value, &path, "isfile")),
                    "os.path.isdir" => Ok(self.exists(value, &path, "isdir")),
                    "os.fspath" => text(&path),
                    "os.makedirs" | "os.mkdir" | "os.chmod" | "os.umask" => Ok(Val::none()),
                    _ => {
                        let what = format!("{name}()");
                        Ok(self.unsupported(origin, what))
                    }
                }
            }
            _ => self.opaque(name, arguments),
        }
    }

    fn join_all(&mut self, path: bool, arguments: &Arguments) -> Eval {
        let mut joined = String::new();
        for part in &arguments.positional {
            let Some(text) = part.as_path() else {
                if let Kind::OneOf(_) | Kind::Unknown(_) | Kind::Random = part.kind {
                    return Ok(Val::unknown_like(part));
                }
                if let Kind::None = part.kind {
                    return self.none_of_variable(part, arguments.origin);
                }
                return Ok(Val::unsupported("a path of this"));
            };
            joined = join(&joined, text);
        }
        if arguments.more {
            return Ok(Val::unsupported("a path of parts that are not known"));
        }
        let kind = if path { Kind::Path(Rc::from(pure(&joined))) } else { self.text(joined)? };
        Ok(Val::derived(kind, &arguments.positional))
    }

    /// A method of a `pathlib` path.
    pub fn path_method(&mut self, receiver: &Val, path: &str, name: &str, arguments: &Arguments) -> Eval {
        let made = |path: String| Ok(Val::derived(Kind::Path(Rc::from(path)), [receiver]));
        let first = arguments.positional.first().and_then(Val::as_path);
        match (name, first) {
            ("resolve" | "absolute" | "expanduser", _) => {
                let here = self.roots.first().map_or("", |root| root.as_str());
                match normalised(&join(&format!("{REPOSITORY}/{here}"), path)) {
                    outside if above(&outside) => Ok(Val::unsupported(ABOVE)),
                    inside => made(inside),
                }
            }
            ("joinpath", _) => {
                let mut all = Arguments::new(arguments.origin);
                all.positional = [receiver.clone()].into_iter().chain(arguments.positional.iter().cloned()).collect();
                self.join_all(true, &all)
            }
            ("as_posix" | "__str__" | "__fspath__", _) => Ok(Val::derived(Kind::Str(Rc::from(path)), [receiver])),
            ("with_suffix" | "with_name", _) if path == REPOSITORY => Ok(Val::unsupported(ABOVE)),
            ("with_suffix", Some(ending)) => {
                let stem = path.strip_suffix(suffix(file_name(path))).unwrap_or(path);
                made(format!("{stem}{ending}"))
            }
            ("with_name", Some(name)) => made(pure(&join(parent(path), name))),
            ("exists", _) => Ok(self.exists(receiver, path, "exists")),
            ("is_file", _) => Ok(self.exists(receiver, path, "isfile")),
            ("is_dir", _) => Ok(self.exists(receiver, path, "isdir")),
            ("read_text", _) => self.file_text(receiver, path, arguments.origin),
            ("open", _) => {
                let mut all = Arguments::new(arguments.origin);
                all.positional = vec![receiver.clone()];
                self.opaque("open", all)
            }
            ("mkdir" | "touch" | "unlink" | "chmod", _) => Ok(Val::none()),
            _ => Ok(self.unsupported(arguments.origin, format!("Path.{name}()"))),
        }
    }
}

/// `os.path.dirname`, which keeps what a text has.
fn parent_of_text(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some(("", _)) => "/",
        Some((parent, _)) => parent,
        None => "",
    }
}
