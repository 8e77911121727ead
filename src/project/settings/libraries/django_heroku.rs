//! `django_heroku.settings(locals())`: what it writes into the module that it is given.
//! After the source of django-heroku 0.3.1, core.py; django-on-heroku does the same.

use super::super::calls::Arguments;
use super::super::evaluator::{Eval, Evaluator};
use super::super::object::{Kind, Val};
use super::paths::join;
use crate::project::value::{Act, Reason, Step};
use std::rc::Rc;

/// Settings that it changes on the platform only.
const PERHAPS: [&str; 2] = ["DATABASES", "TEST_RUNNER"];

impl Evaluator<'_> {
    pub(super) fn django_heroku(&mut self, arguments: &Arguments) -> Eval {
        let Some(Kind::Module(module)) = arguments.positional.first().map(|module| module.kind.clone()) else {
            return Ok(Val::none());
        };
        let place = self.origin_place(arguments.origin);
        let off = |name: &str| arguments.keyword(name).is_some_and(|value| matches!(value.kind, Kind::Bool(false)));
        if !off("allowed_hosts") {
            let every = Val::str("*").at(arguments.origin);
            let step = Step::new(place.clone(), Act::Assigns("ALLOWED_HOSTS".to_owned()));
            let hosts = self.list(vec![every], false)?.at(arguments.origin).pushed(step);
            self.set_name(module, "ALLOWED_HOSTS", hosts);
        }
        for name in PERHAPS {
            if let Some(value) = self.name_in(module, name) {
                self.set_name(module, name, value.weakened());
            }
        }
        // WhiteNoise comes in, and nothing goes. The one puts it first, the other second.
        if !off("staticfiles")
            && let Some(value) = self.name_in(module, "MIDDLEWARE")
            && let Some((items, _)) = self.iterate(&value)
        {
            self.set_name(module, "MIDDLEWARE", Val { kind: Kind::Tuple(Rc::new(items), true), ..value });
        }
        if !off("staticfiles") {
            // A storage that newer Djangos ignore is not worth a word where nobody wrote it.
            let storage = Val::unknown(Reason::Unsupported("django_heroku.settings()".into()));
            let folder = self.name_in(module, "BASE_DIR").filter(|folder| folder.as_path().is_some());
            let root = folder.map(|folder| {
                let path = join(folder.as_path().unwrap_or_default(), "staticfiles");
                Val::derived(Kind::Str(Rc::from(path)), [&folder])
            });
            let root = root.unwrap_or_else(|| Val::unsupported("django_heroku.settings()"));
            for (name, value) in
                [("STATICFILES_STORAGE", storage), ("STATIC_ROOT", root), ("STATIC_URL", Val::str("/static/"))]
            {
                let step = Step::new(place.clone(), Act::Assigns(name.to_owned()));
                self.set_name(module, name, value.at(arguments.origin).pushed(step));
            }
        }
        if !off("logging") {
            let value = Val::unknown(Reason::Unsupported("django_heroku.settings()".into()));
            self.set_name(module, "LOGGING", value);
        }
        // The key is taken over where the platform sets one.
        if !off("secret_key")
            && let Some(value) = self.name_in(module, "SECRET_KEY")
        {
            self.set_name(module, "SECRET_KEY", value.weakened());
        }
        Ok(Val::none())
    }
}
