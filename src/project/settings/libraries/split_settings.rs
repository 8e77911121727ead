//! django-split-settings: <https://django-split-settings.readthedocs.io/>. `include("base.py", optional("local.py"))` runs
//! files in the namespace of the module that calls it.

use super::super::branches::control_of;
use super::super::evaluator::{Eval, Evaluator, Flow, Frame};
use super::super::names::names_assigned;
use super::super::object::{Kind, Origin, Val};
use super::super::value::REPOSITORY;
use crate::parse::python::{Call, Expr, ExprKind, Stmt};
use crate::project::proxy::container::matches;
use crate::project::value::Reason;
use crate::source::RepoPath;
use std::collections::BTreeSet;

impl Evaluator<'_> {
    pub fn include_settings(&mut self, frame: &mut Frame, call: &Call, origin: Origin) -> Eval {
        for argument in &call.arguments {
            let value = self.expression(frame, argument)?;
            let patterns = match argument.kind {
                ExprKind::Starred(_) => match self.iterate(&value) {
                    Some((items, false)) => items,
                    _ => vec![Val::unknown_like(&value)],
                },
                _ => vec![value],
            };
            for pattern in patterns {
                self.include_pattern(frame, pattern, origin)?;
            }
        }
        Ok(Val::none())
    }

    fn include_pattern(&mut self, frame: &mut Frame, value: Val, origin: Origin) -> Eval<()> {
        let (pattern, optional) = match &value.kind {
            Kind::Object(object) if &*object.function == "split_settings.tools.optional" => {
                (object.arguments.first().cloned().unwrap_or_else(Val::none), true)
            }
            _ => (value, false),
        };
        if optional && (matches!(pattern.kind, Kind::None) || pattern.as_str() == Some("")) {
            return Ok(());
        }
        let here = self.paths[frame.file].parent().unwrap_or_else(RepoPath::root);
        let file = pattern.as_path().and_then(|pattern| match pattern.strip_prefix(REPOSITORY) {
            Some(inside) => RepoPath::new(inside.trim_start_matches('/')),
            None => here.join(pattern),
        });
        // A pattern in the folder's name is rare.
        let file = file.filter(|file| {
            !file.parent().is_some_and(|folder| has_pattern(folder.as_str()) || file.file_name().contains('['))
        });
        let Some(file) = file else {
            let reason = pattern.unknown_reason();
            let reason = reason.unwrap_or_else(|| Reason::Unsupported("a pattern of files to include".into()));
            self.unresolved(self.origin_place(origin), reason.clone());
            self.weaken_all(frame.globals);
            self.set_more(frame.globals, reason);
            return Ok(());
        };
        let control = control_of(&pattern);
        self.under(control, |evaluator| evaluator.include_found(frame, &pattern, file, optional, origin))
    }

    /// `exec(open(path).read())` of a file in the repository, at the top of a module: as an include. Whether it was that.
    pub fn exec_file(&mut self, frame: &mut Frame, call: &Call, origin: Origin) -> Eval<bool> {
        let Some(path) = call.arguments.first().and_then(read_path).filter(|_| !frame.is_function && !frame.is_class)
        else {
            return Ok(false);
        };
        let value = self.expression(frame, path)?;
        let inside =
            value.as_path().and_then(|path| path.strip_prefix(REPOSITORY)).map(|it| it.trim_start_matches('/'));
        match inside.and_then(RepoPath::new) {
            Some(file) if self.code(&file).is_some() && call.arguments.len() == 1 => {
                self.under(control_of(&value), |evaluator| {
                    evaluator.include_found(frame, &value, file, false, origin)
                })?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn include_found(
        &mut self,
        frame: &mut Frame,
        pattern: &Val,
        file: RepoPath,
        optional: bool,
        origin: Origin,
    ) -> Eval<()> {
        if has_pattern(file.file_name()) {
            return self.include_all(frame, &file, optional, origin);
        }
        if !self.development && self.files.ignored_by_git(&file) {
            let reason = Reason::IgnoredFile(file.to_string());
            self.unresolved(self.origin_place(origin), reason.clone());
            self.weaken_all(frame.globals);
            self.set_more(frame.globals, reason);
            return Ok(());
        }
        match self.code(&file) {
            Some(code) => self.include_file(frame, file, &code.body),
            None if optional => Ok(()),
            None => self.raise("OSError", origin, &[pattern], true),
        }
    }

    /// `components/*.py`: which comes first is up to the file system.
    fn include_all(&mut self, frame: &mut Frame, pattern: &RepoPath, optional: bool, origin: Origin) -> Eval<()> {
        let folder = pattern.parent().unwrap_or_else(RepoPath::root);
        let found = self.files.files_in(&folder).into_iter().filter(|file| fits(pattern.file_name(), file.file_name()));
        let codes: Vec<_> = found.filter_map(|file| Some((self.code(&file)?, file))).collect();
        if codes.is_empty() && !optional {
            return self.raise("OSError", origin, &[], true);
        }
        let (mut seen, mut several) = (BTreeSet::new(), BTreeSet::new());
        for (code, _) in &codes {
            let names = names_assigned(&code.body).into_iter().filter(|name| name.chars().all(|it| !it.is_lowercase()));
            for name in names {
                if !seen.insert(name.clone()) {
                    several.insert(name);
                }
            }
        }
        for (code, file) in codes {
            self.include_file(frame, file, &code.body)?;
        }
        for name in several {
            let reason = Reason::Unsupported("a name that several files of a pattern assign".into());
            self.set_name(frame.globals, &name, Val::unknown(reason));
        }
        Ok(())
    }

    fn include_file(&mut self, frame: &mut Frame, file: RepoPath, body: &[Stmt]) -> Eval<()> {
        // Each file is run once; one that includes itself comes back here no more.
        let once = format!("{INCLUDED}{file}");
        if self.name_in(frame.globals, &once).is_some() {
            return Ok(());
        }
        self.set_name(frame.globals, &once, Val::none());
        self.modules_read.push(file.clone());
        let outer = frame.file;
        frame.file = self.paths.len();
        self.paths.push(file);
        let ran = self.called(|evaluator| evaluator.block(frame, body));
        frame.file = outer;
        match ran {
            Some(Flow::Exit(exit)) => Err(exit),
            _ => Ok(()),
        }
    }
}

/// The path in `open(path).read()`, `path.read_text()` and `compile` of them.
fn read_path(text: &Expr) -> Option<&Expr> {
    let ExprKind::Call(call) = &text.kind else { return None };
    match &call.function.kind {
        ExprKind::Name(name) if name == "compile" => call.arguments.first().and_then(read_path),
        ExprKind::Attribute { object, name } if name.value == "read_text" => Some(object),
        ExprKind::Attribute { object, name } if name.value == "read" => match &object.kind {
            ExprKind::Call(open) if open.function.as_name() == Some("open") => open.arguments.first(),
            _ => None,
        },
        _ => None,
    }
}

/// No program has such a name.
const INCLUDED: &str = "<included> ";

fn has_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// Whether a name is what `*` and `?` stand for; hidden files have to be named.
fn fits(pattern: &str, name: &str) -> bool {
    (pattern.starts_with('.') || !name.starts_with('.')) && matches(pattern, name)
}
