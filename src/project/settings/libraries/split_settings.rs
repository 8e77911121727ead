//! django-split-settings: <https://django-split-settings.readthedocs.io/>. `include("base.py", optional("local.py"))` runs
//! files in the namespace of the module that calls it.

use super::super::evaluator::{Eval, Evaluator, Exit, Flow, Frame};
use super::super::object::{Kind, Origin, Val};
use crate::parse::python::Call;
use crate::project::value::Reason;
use crate::source::RepoPath;

impl Evaluator<'_> {
    pub fn include_settings(&mut self, frame: &mut Frame, call: &Call, origin: Origin) -> Eval {
        for argument in &call.arguments {
            let value = self.expression(frame, argument)?;
            let (pattern, optional) = match &value.kind {
                Kind::Object(object) if &*object.function == "split_settings.tools.optional" => {
                    (object.arguments.first().cloned().unwrap_or_else(Val::none), true)
                }
                _ => (value, false),
            };
            let here = self.paths[frame.file].parent().unwrap_or_else(RepoPath::root);
            let file = pattern.as_str().and_then(|pattern| match pattern.strip_prefix(super::super::REPOSITORY) {
                Some(inside) => RepoPath::new(inside.trim_start_matches('/')),
                None => here.join(pattern),
            });
            let Some(file) = file.filter(|file| !file.as_str().contains(['*', '?', '['])) else {
                let reason = pattern.unknown_reason();
                let reason = reason.unwrap_or_else(|| Reason::Unsupported("a pattern of files to include".into()));
                self.unresolved(self.origin_place(origin), reason.clone());
                self.set_more(frame.globals, reason);
                continue;
            };
            if !self.development && self.files.ignored_by_git(&file) {
                let reason = Reason::IgnoredFile(file.to_string());
                self.unresolved(self.origin_place(origin), reason.clone());
                self.weaken_all(frame.globals);
                if !optional {
                    self.set_more(frame.globals, reason);
                }
                continue;
            }
            match self.code(&file) {
                Some(code) => self.include_file(frame, file, &code.body)?,
                None if optional => {}
                None => return self.raise("OSError", origin, &[], true),
            }
        }
        Ok(Val::none())
    }

    fn include_file(&mut self, frame: &mut Frame, file: RepoPath, body: &[crate::parse::python::Stmt]) -> Eval<()> {
        // A file that includes itself comes back here until the bound.
        self.modules_read.push(file.clone());
        let outer = frame.file;
        frame.file = self.paths.len();
        self.set_name(frame.globals, "__file__", Val::str(format!("{}/{file}", super::super::REPOSITORY)));
        self.paths.push(file);
        let ran = self.called(|evaluator| evaluator.block(frame, body));
        frame.file = outer;
        match ran {
            Some(Flow::Exit(Exit::Raise(raised))) => Err(Exit::Raise(raised)),
            Some(Flow::Exit(Exit::Stop)) => Err(Exit::Stop),
            _ => Ok(()),
        }
    }
}
