//! Imports: <https://docs.python.org/3/reference/import.html>, as far as files of the repository are concerned.

use super::evaluator::{Eval, Evaluator, Exit, Flow, Frame};
use super::heap::{Id, Object};
use super::names::names_assigned;
use super::object::{Kind, Origin, Val};
use super::value::REPOSITORY;
use crate::parse::python::{Alias, ImportedNames};
use crate::project::value::{Act, Reason};
use crate::source::{RepoPath, Span};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Where a module is.
enum Located {
    /// A file of the repository, and whether it is a package's `__init__.py`.
    File(RepoPath, bool),
    /// A folder without `__init__.py`.
    Folder(RepoPath),
    /// git ignores the file that it would be.
    Ignored(RepoPath),
    /// Not in the repository.
    Elsewhere,
}

/// What an import finds.
pub(super) enum Imported {
    Module(Id),
    /// Not in the repository, or by its name surely a library.
    Library,
    Ignored(RepoPath),
}

impl Evaluator<'_> {
    fn locate(&self, module: &str) -> Located {
        let relative = module.replace('.', "/");
        let mut folder = None;
        let mut ignored = None;
        for root in &self.roots {
            let Some(base) = root.join(&relative) else { continue };
            for (file, is_package) in [(base.join("__init__.py"), true), (root.join(&format!("{relative}.py")), false)]
            {
                let Some(file) = file else { continue };
                let exists = self.files.is_file(&file);
                if exists && (self.development || !self.files.ignored_by_git(&file)) {
                    return Located::File(file, is_package);
                }
                // A folder that is not there makes no package, whatever git ignores.
                let in_place = file.parent().is_some_and(|parent| parent.is_root() || self.files.is_dir(&parent));
                if exists || (!self.development && in_place && self.files.ignored_by_git(&file)) {
                    ignored.get_or_insert(file);
                }
            }
            if folder.is_none() && self.files.is_dir(&base) {
                folder = Some(base);
            }
        }
        match (ignored, folder) {
            (Some(file), _) => Located::Ignored(file),
            (None, Some(folder)) => Located::Folder(folder),
            (None, None) => Located::Elsewhere,
        }
    }

    /// The file of a module, where the repository has it.
    pub fn find_module(&self, module: &str) -> Option<RepoPath> {
        match self.locate(module) {
            Located::File(path, _) => Some(path),
            _ => None,
        }
    }

    /// Imports a module with the packages around it, and gives its namespace; `None` where the repository does not have it.
    pub fn import_module(&mut self, module: &str) -> Eval<Option<Id>> {
        match self.import_absolute(module)? {
            Imported::Module(id) => Ok(Some(id)),
            _ => Ok(None),
        }
    }

    /// Imports a module by its whole name.
    pub fn import_absolute(&mut self, module: &str) -> Eval<Imported> {
        let mut parent: Option<Id> = None;
        for end in module.match_indices('.').map(|(at, _)| at).chain([module.len()]) {
            let name = &module[..end];
            let imported = self.import_one(name)?;
            let Imported::Module(id) = imported else { return Ok(imported) };
            if let Some(parent) = parent {
                let last = name.rsplit('.').next().unwrap_or(name);
                self.set_name(parent, last, Val::new(Kind::Module(id)));
            }
            parent = Some(id);
        }
        Ok(parent.map_or(Imported::Library, Imported::Module))
    }

    fn import_one(&mut self, name: &str) -> Eval<Imported> {
        if let Some(id) = self.modules.get(name) {
            return Ok(Imported::Module(*id));
        }
        self.step(20)?;
        let (path, is_package, code) = match self.locate(name) {
            Located::Elsewhere => return Ok(Imported::Library),
            Located::Ignored(path) => return Ok(Imported::Ignored(path)),
            // A folder of a library's name (`celery/` with configuration files) is no package of the project.
            Located::Folder(_) if is_known_library(name) => return Ok(Imported::Library),
            Located::Folder(path) => (path, true, None),
            Located::File(path, is_package) => {
                let code = self.code(&path);
                (path, is_package, code)
            }
        };
        let id = self.heap.new_names();
        self.modules.insert(name.to_owned(), id);
        self.set_name(id, "__name__", Val::str(name));
        self.set_name(id, "__file__", Val::str(format!("{REPOSITORY}/{path}")));
        let package = if is_package { name } else { name.rsplit_once('.').map_or("", |(package, _)| package) };
        self.set_name(id, "__package__", Val::str(package));
        if code.is_none() && self.files.is_dir(&path) {
            return Ok(Imported::Module(id));
        }
        self.modules_read.push(path.clone());
        let file = self.paths.len();
        self.paths.push(path.clone());
        let Some(code) = code else {
            self.set_more(id, Reason::MissingFile(path.to_string()));
            return Ok(Imported::Module(id));
        };
        let mut frame = Frame::of_module(file, id, Rc::from(name), is_package);
        // A module that somebody wrote to be imported is not taken to raise.
        let may_raise = self.may_raise;
        let ran = self.called(|evaluator| {
            for statement in &code.body {
                match evaluator.statement(&mut frame, statement) {
                    Flow::Exit(Exit::Stop) => return Err(Exit::Stop),
                    Flow::Exit(Exit::Raise(raised)) if evaluator.would_catch(&raised) => {
                        return Err(Exit::Raise(raised));
                    }
                    Flow::Exit(Exit::Raise(raised)) => {
                        // The program ends here; we go on, and know nothing of what this statement was to give.
                        evaluator.crash(&raised);
                        let reason = Reason::Unsupported(format!("a statement that raises {}", raised.classes[0]));
                        evaluator.forget_names(&mut frame, std::slice::from_ref(statement), &reason);
                    }
                    _ => {}
                }
            }
            Ok(())
        });
        self.may_raise = may_raise;
        match ran {
            Some(Ok(())) => Ok(Imported::Module(id)),
            Some(Err(exit)) => {
                self.modules.remove(name);
                Err(exit)
            }
            None => {
                self.set_more(id, Reason::Limit("imports within each other".into()));
                Ok(Imported::Module(id))
            }
        }
    }

    /// `import a.b as c`.
    pub fn import_statement(&mut self, frame: &mut Frame, aliases: &[Alias], span: Span) -> Eval<()> {
        for alias in aliases {
            let origin = Origin { file: frame.file, span: alias.name.span };
            let name = alias.name.value.as_str();
            let imported = self.import_absolute(name)?;
            let (bound, value) = match (&alias.alias, imported) {
                (Some(alias), Imported::Module(id)) => (alias.as_str(), Val::new(Kind::Module(id))),
                (None, Imported::Module(_)) => {
                    let top = name.split('.').next().unwrap_or(name);
                    (top, self.modules.get(top).map_or_else(Val::none, |id| Val::new(Kind::Module(*id))))
                }
                (alias, Imported::Library) => {
                    self.outside_import(name, origin)?;
                    match alias {
                        Some(alias) => (alias.as_str(), Val::library(name)),
                        None => {
                            let top = name.split('.').next().unwrap_or(name);
                            // `import os.path` binds `os`; a part of the project may have that name already.
                            match self.modules.get(top) {
                                Some(id) => (top, Val::new(Kind::Module(*id))),
                                None => (top, Val::library(top)),
                            }
                        }
                    }
                }
                (alias, Imported::Ignored(path)) => {
                    let reason = self.ignored_import(frame, &path, origin)?;
                    (alias.as_deref().unwrap_or(name), Val::unknown(reason))
                }
            };
            self.bind_name(frame, bound, value, span)?;
        }
        Ok(())
    }

    /// `from a import b`.
    pub fn import_from(
        &mut self,
        frame: &mut Frame,
        level: usize,
        module: &str,
        names: &ImportedNames,
        span: Span,
    ) -> Eval<()> {
        let origin = Origin { file: frame.file, span };
        let Some(module) = absolute_name(frame, level, module) else {
            return self.raise("ImportError", origin, &[], true);
        };
        match self.import_absolute(&module)? {
            Imported::Module(id) => match names {
                ImportedNames::Star => self.import_star(frame, &module, id, span),
                ImportedNames::Names(aliases) => {
                    for alias in aliases {
                        self.import_name(frame, &module, id, alias, span)?;
                    }
                    Ok(())
                }
            },
            Imported::Library if level > 0 || self.modules.contains_key(top_of(&module)) => {
                self.raise("ModuleNotFoundError", origin, &[], true)
            }
            Imported::Library => self.import_from_library(frame, &module, names, span),
            Imported::Ignored(path) => {
                // Said before the import may fail: under `except ImportError`, too, the file may be there.
                if matches!(names, ImportedNames::Star) {
                    self.set_more(frame.locals, Reason::IgnoredFile(path.to_string()));
                }
                let reason = self.ignored_import(frame, &path, origin)?;
                match names {
                    ImportedNames::Star => self.set_more(frame.locals, reason),
                    ImportedNames::Names(aliases) => {
                        for alias in aliases {
                            let bound = alias.alias.as_deref().unwrap_or(&alias.name.value);
                            self.bind_name(frame, bound, Val::unknown(reason.clone()), span)?;
                        }
                    }
                }
                Ok(())
            }
        }
    }

    fn import_star(&mut self, frame: &mut Frame, module: &str, from: Id, span: Span) -> Eval<()> {
        let Object::Names { names, more } = self.heap.get(from).clone() else { return Ok(()) };
        let listed = names.get("__all__").and_then(|all| self.known_texts(all));
        let act = Act::Imports(module.to_owned());
        let step = self.step_at(Origin { file: frame.file, span }, act);
        self.step(names.len())?;
        for (name, value) in &names {
            let taken = match &listed {
                Some(listed) => listed.iter().any(|wanted| **wanted == **name),
                None => !name.starts_with('_'),
            };
            if !taken {
                continue;
            }
            let mut value = value.clone();
            if value.is_missing() {
                // A name that may be there later on: what this module has is kept, with less certainty.
                match self.name_in(frame.locals, name) {
                    Some(known) => value = Val::derived(known.kind.clone(), [&known, &value]),
                    None => value.certain = false,
                }
            }
            if carries_data(&value) {
                value.trail = value.trail.push(step.clone());
            }
            let value = self.under_controls(value);
            self.set_name(frame.locals, name, value);
            if let Some(place) = self.assignments.get(&(from, name.clone())).cloned() {
                self.assignments.insert((frame.locals, name.clone()), place);
            }
        }
        if let Some(reason) = more {
            self.set_more(frame.locals, reason);
        }
        Ok(())
    }

    fn import_name(&mut self, frame: &mut Frame, module: &str, from: Id, alias: &Alias, span: Span) -> Eval<()> {
        let name = alias.name.value.as_str();
        let bound = alias.alias.as_deref().unwrap_or(name);
        let value = match self.name_in(from, name) {
            Some(value) if !value.is_missing() => value,
            _ => match self.import_absolute(&format!("{module}.{name}"))? {
                Imported::Module(id) => Val::new(Kind::Module(id)),
                Imported::Ignored(path) => {
                    let origin = Origin { file: frame.file, span: alias.name.span };
                    Val::unknown(self.ignored_import(frame, &path, origin)?)
                }
                Imported::Library => match self.more_of(from) {
                    Some(reason) => Val::unknown(reason),
                    None => {
                        let origin = Origin { file: frame.file, span: alias.name.span };
                        return self.raise("ImportError", origin, &[], false);
                    }
                },
            },
        };
        let step = self.step_at(Origin { file: frame.file, span }, Act::Imports(module.to_owned()));
        let value = if carries_data(&value) { value.pushed(step) } else { value };
        let place = self.assignments.get(&(from, Rc::from(name))).cloned();
        self.bind_name(frame, bound, value, span)?;
        if let Some(place) = place {
            self.assignments.insert((frame.locals, Rc::from(bound)), place);
        }
        Ok(())
    }

    fn import_from_library(&mut self, frame: &mut Frame, module: &str, names: &ImportedNames, span: Span) -> Eval<()> {
        let origin = Origin { file: frame.file, span };
        match names {
            ImportedNames::Names(aliases) => {
                self.outside_import(module, origin)?;
                for alias in aliases {
                    let bound = alias.alias.as_deref().unwrap_or(&alias.name.value);
                    let value = self.library_attribute(&format!("{module}.{}", alias.name.value));
                    self.bind_name(frame, bound, value, span)?;
                }
                Ok(())
            }
            // These only hold what Django has anyway.
            ImportedNames::Star if is_known_library(module) => Ok(()),
            ImportedNames::Star => {
                // `try: from local_settings import *`: no library is imported like this, but a file that is not there.
                if self.catches("ImportError") {
                    return self.raise("ModuleNotFoundError", origin, &[], true);
                }
                let reason = Reason::MissingFile(format!("the module `{module}`"));
                self.unresolved(self.origin_place(origin), reason.clone());
                self.weaken_all(frame.locals);
                self.set_more(frame.locals, reason);
                Ok(())
            }
        }
    }

    /// Something is imported from outside the repository. It is installed, unless the program says that it may not be.
    fn outside_import(&mut self, module: &str, origin: Origin) -> Eval<()> {
        if is_known_library(module) || !self.catches("ImportError") {
            return Ok(());
        }
        match self.imports_fail {
            Some(true) => self.raise("ModuleNotFoundError", origin, &[], true),
            Some(false) => Ok(()),
            None => {
                self.import_in_doubt = true;
                Ok(())
            }
        }
    }

    /// A file that git ignores is imported: it may be there, and set anything.
    fn ignored_import(&mut self, frame: &Frame, path: &RepoPath, origin: Origin) -> Eval<Reason> {
        let reason = Reason::IgnoredFile(path.to_string());
        self.unresolved(self.origin_place(origin), reason.clone());
        self.weaken_all(frame.locals);
        if self.catches("ImportError") {
            // What is not set here may be set there.
            self.set_more(frame.locals, reason.clone());
            let mut doubt = Val::none();
            doubt.certain = false;
            return self.raise("ModuleNotFoundError", origin, &[&doubt], true);
        }
        Ok(reason)
    }

    /// The names that a piece of code would assign: unknown from here on.
    pub fn forget_names(&mut self, frame: &mut Frame, code: &[crate::parse::python::Stmt], reason: &Reason) {
        for name in names_assigned(code) {
            let known = self.name_in(frame.locals, &name).filter(|known| !known.is_missing());
            let mut value = Val::unknown(reason.clone());
            if let Some(known) = known {
                value.trail = known.trail;
            }
            self.set_name(frame.locals, &name, value);
        }
    }

    pub fn name_in(&self, namespace: Id, name: &str) -> Option<Val> {
        match self.heap.get(namespace) {
            Object::Names { names, .. } => names.get(name).cloned(),
            _ => None,
        }
    }

    pub fn more_of(&self, namespace: Id) -> Option<Reason> {
        match self.heap.get(namespace) {
            Object::Names { more, .. } => more.clone(),
            _ => None,
        }
    }

    pub fn set_name(&mut self, namespace: Id, name: &str, value: Val) {
        if let Object::Names { names, .. } = self.heap.write(namespace) {
            names.insert(Rc::from(name), value);
        }
    }

    pub fn set_more(&mut self, namespace: Id, reason: Reason) {
        if let Object::Names { more, .. } = self.heap.write(namespace) {
            more.get_or_insert(reason);
        }
    }

    /// Something outside may have changed any of these names.
    pub fn weaken_all(&mut self, namespace: Id) {
        if let Object::Names { names, .. } = self.heap.write(namespace) {
            let weaken: BTreeMap<_, _> =
                std::mem::take(names).into_iter().map(|(name, value)| (name, value.weakened())).collect();
            *names = weaken;
        }
    }
}

/// `from ..base import x` in `a.b.c` means `a.base`; `None` where the dots lead out of the top.
fn absolute_name(frame: &Frame, level: usize, module: &str) -> Option<String> {
    if level == 0 {
        return Some(module.to_owned());
    }
    let mut package = &*frame.module;
    for _ in 0..level - usize::from(frame.is_package) {
        package = package.rsplit_once('.')?.0;
    }
    Some(if module.is_empty() { package.to_owned() } else { format!("{package}.{module}") })
}

fn top_of(module: &str) -> &str {
    module.split('.').next().unwrap_or(module)
}

/// Whether a value says anything by itself, so that its way is worth telling.
fn carries_data(value: &Val) -> bool {
    !matches!(value.kind, Kind::Function(_) | Kind::Class(_) | Kind::Module(_) | Kind::Library(_) | Kind::Builtin(_))
}

/// Libraries that are there wherever Django runs: Python's own, and Django.
fn is_known_library(module: &str) -> bool {
    let top = top_of(module);
    top == "django" || STANDARD_LIBRARY.split_ascii_whitespace().any(|known| known == top)
}

/// Top-level names of Python's standard library (`sys.stdlib_module_names`) that a settings module could want.
const STANDARD_LIBRARY: &str = "__future__ abc argparse ast asyncio base64 binascii bisect builtins calendar codecs \
    collections concurrent configparser contextlib copy csv ctypes dataclasses datetime decimal difflib email enum \
    errno faulthandler fcntl fileinput fnmatch fractions ftplib functools gc getpass gettext glob gzip hashlib heapq \
    hmac html http imaplib importlib inspect io ipaddress itertools json keyword linecache locale logging lzma \
    mailbox marshal math mimetypes multiprocessing netrc numbers operator os pathlib pickle pkgutil platform plistlib \
    posixpath pprint pwd queue random re resource runpy sched secrets select shelve shlex shutil signal site smtplib \
    socket socketserver sqlite3 ssl stat statistics string struct subprocess sys sysconfig syslog tarfile tempfile \
    textwrap threading time timeit tomllib traceback types typing unicodedata unittest urllib uuid warnings weakref \
    webbrowser wsgiref xml zipfile zlib zoneinfo";
