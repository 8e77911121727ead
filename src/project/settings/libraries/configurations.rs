//! django-configurations: <https://django-configurations.readthedocs.io/>. A variable names the class whose attributes the
//! settings are. After the source of 2.5, base.py and importer.py.

use super::super::evaluator::{Eval, Evaluator, Exit};
use super::super::heap::{Id, Object};
use super::super::inheritance::member_of_class;
use super::super::object::{Binding, Class, Instance, Kind, Origin, Val};
use super::super::statements::last_part;
use super::dotenv::Dialect;
use super::os_environ::Held;
use crate::project::value::Reason;
use crate::source::Span;
use std::collections::BTreeMap;
use std::rc::Rc;

const VARIABLE: &str = "DJANGO_CONFIGURATION";
/// Bases of bases.
const MAX_DEPTH: usize = 12;
/// These a class has from its bases as any class has; all others are copied into each class.
const NOT_COPIED: [&str; 4] =
    ["DEFAULT_AUTO_FIELD", "DEFAULT_FILE_STORAGE", "STATICFILES_STORAGE", "PASSWORD_RESET_TIMEOUT_DAYS"];

/// What a class has under a name: a value, with the names of the class that it is written in; else Django's default.
type Attributes = BTreeMap<Rc<str>, Option<(Val, Id)>>;

impl Evaluator<'_> {
    /// Turns the module of a chosen class into what it is after the class is set up. Gives the reason where the
    /// module's names are not what Django sees, and what it sees cannot be told.
    pub fn configure(&mut self, namespace: Id, file: usize) -> Eval<Option<Reason>> {
        let Object::Names { names, .. } = self.heap.get(namespace) else { return Ok(None) };
        let is_one = |value: &Val| matches!(&value.kind, Kind::Class(class) if is_configuration(class));
        if !names.values().any(is_one) {
            return Ok(None);
        }
        let unsupported = |what: &str| Ok(Some(Reason::Unsupported(what.to_owned())));
        let chosen = match self.held(VARIABLE) {
            Held::Set(value) => value,
            Held::Unset | Held::Perhaps(_) => return Ok(Some(Reason::OutsideVariable(VARIABLE.to_owned()))),
        };
        let origin = Origin { file, span: Span::at(0) };
        self.variable_read(VARIABLE, origin, None, false);
        let Some(name) = chosen.as_str() else { return Ok(Val::unknown_like(&chosen).unknown_reason()) };
        let class = match self.name_in(namespace, name).map(|value| value.kind) {
            Some(Kind::Class(class)) if is_configuration(&class) => class,
            _ => return unsupported("a class of django-configurations that the module does not have"),
        };
        if has_unknown_base(&class) {
            return unsupported("a class of django-configurations with a base that is not known");
        }
        let attributes = self.copied(&class, 0)?;
        self.set_up(namespace, &class, &attributes, origin)?;
        let module = self.name_in(namespace, "__name__").and_then(|name| name.as_str().map(str::to_owned));
        let whole = Val::str(format!("{}.{name}", module.unwrap_or_default()));
        self.set_name(namespace, "CONFIGURATION", whole);
        self.hook(&class, "post_setup", origin)?;
        if !chosen.certain {
            self.weaken_all(namespace);
        }
        Ok(None)
    }

    /// The attributes in capitals that the class ends up with.
    fn copied(&mut self, class: &Rc<Class>, depth: usize) -> Eval<Attributes> {
        let mut found = Attributes::new();
        if depth > MAX_DEPTH {
            return Ok(found);
        }
        let configuration = is_configuration(class);
        let (order, _) = Self::ancestry(class);
        if configuration {
            found.extend(django_settings());
            for base in class.bases.iter().rev() {
                match &base.kind {
                    Kind::Class(base) => {
                        found.extend(self.copied(&base.clone(), depth + 1)?.into_iter().map(handed_on))
                    }
                    Kind::Library(_) => found.extend(django_settings()),
                    _ => {}
                }
            }
            NOT_COPIED.iter().for_each(|name| _ = found.remove(*name));
            let inherited = order
                .iter()
                .rev()
                .flat_map(|class| NOT_COPIED.iter().filter_map(|name| Some((Rc::from(*name), self.own(class, name)?))));
            found.extend(inherited.map(|(name, value)| (name, Some(value))));
        }
        // A mix-in has what its own bases have, as Python has it.
        let classes = if configuration { &order[..1] } else { &order[..] };
        for class in classes.iter().rev() {
            let Object::Names { names, .. } = self.heap.get(class.namespace) else { continue };
            let settings = names.iter().filter(|(name, value)| is_capital(name) && !value.is_missing());
            let settings: Vec<_> = settings.map(|(name, value)| (name.clone(), value.clone())).collect();
            self.step(settings.len())?;
            found.extend(settings.into_iter().map(|(name, value)| (name, Some((value, class.namespace)))));
        }
        Ok(found)
    }

    fn own(&self, class: &Rc<Class>, name: &str) -> Option<(Val, Id)> {
        let value = self.name_in(class.namespace, name).filter(|value| !value.is_missing())?;
        Some((value, class.namespace))
    }

    fn set_up(&mut self, module: Id, class: &Rc<Class>, attributes: &Attributes, origin: Origin) -> Eval<()> {
        for (name, attribute) in attributes {
            match attribute {
                Some((value, _)) => self.set_name(class.namespace, name, value.clone()),
                // A class further back may have it, and is not asked.
                None if self.class_member(class, name).is_ok() => {
                    let reason = Reason::Unsupported("a default of Django's that hides a setting".into());
                    self.set_name(class.namespace, name, Val::unknown(reason));
                }
                None => {}
            }
        }
        if let Some(path) = self.name_in(class.namespace, "DOTENV").and_then(|it| it.as_path().map(str::to_owned)) {
            self.load_env_file(&path, Dialect::DjangoEnviron, false, origin)?;
        }
        self.hook(class, "pre_setup", origin)?;
        let mut names: Vec<(Rc<str>, Id)> = Vec::new();
        for (name, attribute) in attributes {
            match attribute {
                Some((_, written)) => names.push((name.clone(), *written)),
                None => self.remove_name(module, name),
            }
        }
        // What `pre_setup` has added.
        if let Object::Names { names: all, .. } = self.heap.get(class.namespace) {
            let known = |name: &Rc<str>| names.iter().any(|(known, _)| known == name);
            let added: Vec<Rc<str>> = all.keys().filter(|name| is_capital(name) && !known(name)).cloned().collect();
            // What is not a default any more.
            let set = |name: &Rc<str>| attributes.get(name).is_none_or(|it| it.is_none());
            names.extend(added.into_iter().filter(set).map(|name| (name, class.namespace)));
        }
        names.retain(|(name, _)| {
            let hidden = matches!(attributes.get(name), Some(None));
            let value = self.name_in(class.namespace, name);
            !(hidden && value.is_none_or(|value| value.is_unknown()))
        });
        for (name, _) in &names {
            if let Some(value) = self.name_in(class.namespace, name) {
                let ready = self.ready(value, name, class.namespace, module, true);
                let ready = self.survived(ready)?;
                self.set_name(class.namespace, name, ready);
            }
        }
        let instance = Rc::new(Instance { class: class.clone(), attributes: self.heap.new_names() });
        let object = Val::new(Kind::Instance(instance.clone()));
        for (name, written) in names {
            let value = self.instance_attribute(&object, &instance, &name, origin);
            let value = match value {
                Ok(value) => self.called_as_setting(value, origin),
                raised => raised,
            };
            let value = match value {
                Ok(value) => self.ready(value, &name, class.namespace, module, false),
                raised => raised,
            };
            let value = self.survived(value)?;
            if let Some(place) = self.assignments.get(&(written, name.clone())).cloned() {
                self.assignments.insert((module, name.clone()), place);
            }
            self.set_name(module, &name, value);
        }
        Ok(())
    }

    /// What a method or property gives where it may raise: then the program does not start.
    fn survived(&mut self, value: Eval) -> Eval {
        match value {
            Err(Exit::Raise(raised)) => {
                self.crash(&raised);
                Ok(Val::unsupported(format!("a setting that raises {}", raised.classes[0])))
            }
            value => value,
        }
    }

    /// A setting that can be called is called.
    fn called_as_setting(&mut self, value: Val, origin: Origin) -> Eval {
        match &value.kind {
            Kind::Bound(_) | Kind::Function(_) | Kind::Class(_) | Kind::Builtin(_) => {
                self.call_with(&value, Vec::new(), origin)
            }
            Kind::Library(name) => Ok(Val::unsupported(format!("{name}()"))),
            _ => Ok(value),
        }
    }

    /// A setting that is no `Value` any more. What a `Value` gives several settings for puts them beside itself.
    fn ready(&mut self, value: Val, name: &str, class: Id, module: Id, in_class: bool) -> Eval {
        let Kind::Object(object) = &value.kind else { return Ok(value) };
        let Some(kind) = object.function.strip_prefix("configurations.values.") else { return Ok(value) };
        let origin = value.origin.unwrap_or(Origin { file: 0, span: Span::at(0) });
        let object = object.clone();
        let made = self.configuration_value(kind, &object, name, origin)?;
        if kind == "EmailURLValue" {
            for key in self.iterate(&made).unwrap_or_default().0 {
                let part = self.subscript(&made, &key, origin)?;
                if let Some(key) = key.as_str() {
                    if in_class {
                        self.set_name(class, key, part.clone());
                    }
                    self.set_name(module, key, part);
                }
            }
        }
        Ok(made)
    }

    fn hook(&mut self, class: &Rc<Class>, name: &str, origin: Origin) -> Eval<()> {
        let Ok(hook) = self.class_member(class, name) else { return Ok(()) };
        let hook = member_of_class(hook, class);
        let ran = self.call_with(&hook, Vec::new(), origin);
        self.survived(ran).map(drop)
    }

    fn remove_name(&mut self, namespace: Id, name: &str) {
        if let Object::Names { names, .. } = self.heap.write(namespace) {
            names.remove(name);
        }
    }
}

/// A class method is handed on bound to the class that it comes from, which is not set up.
fn handed_on((name, attribute): (Rc<str>, Option<(Val, Id)>)) -> (Rc<str>, Option<(Val, Id)>) {
    let bound = |value: &Val| matches!(&value.kind, Kind::Function(function) if function.binding == Binding::Class);
    let attribute = attribute.map(|(value, written)| match bound(&value) {
        true => (Val::unsupported("a class method of a base as a setting"), written),
        false => (value, written),
    });
    (name, attribute)
}

fn is_capital(name: &str) -> bool {
    name == name.to_uppercase() && !name.starts_with('_')
}

fn is_of_library(base: &Val) -> bool {
    matches!(&base.kind, Kind::Library(base)
        if base.split('.').next() == Some("configurations") && last_part(base) == "Configuration")
}

fn is_configuration(class: &Rc<Class>) -> bool {
    Evaluator::ancestry(class).0.iter().any(|class| class.bases.iter().any(is_of_library))
}

fn has_unknown_base(class: &Rc<Class>) -> bool {
    let known = |base: &Val| matches!(base.kind, Kind::Class(_) | Kind::Builtin("object")) || is_of_library(base);
    !Evaluator::ancestry(class).0.iter().all(|class| class.bases.iter().all(known))
}

fn django_settings() -> impl Iterator<Item = (Rc<str>, Option<(Val, Id)>)> {
    DJANGO_SETTINGS.split_ascii_whitespace().map(|name| (Rc::from(name), None))
}

/// The names in `django/conf/global_settings.py` of Django 5.2.
const DJANGO_SETTINGS: &str = "\
    ABSOLUTE_URL_OVERRIDES ADMINS ALLOWED_HOSTS APPEND_SLASH AUTHENTICATION_BACKENDS AUTH_PASSWORD_VALIDATORS \
    AUTH_USER_MODEL CACHES CACHE_MIDDLEWARE_ALIAS CACHE_MIDDLEWARE_KEY_PREFIX CACHE_MIDDLEWARE_SECONDS \
    CSRF_COOKIE_AGE CSRF_COOKIE_DOMAIN CSRF_COOKIE_HTTPONLY CSRF_COOKIE_NAME CSRF_COOKIE_PATH CSRF_COOKIE_SAMESITE \
    CSRF_COOKIE_SECURE CSRF_FAILURE_VIEW CSRF_HEADER_NAME CSRF_TRUSTED_ORIGINS CSRF_USE_SESSIONS DATABASES \
    DATABASE_ROUTERS DATA_UPLOAD_MAX_MEMORY_SIZE DATA_UPLOAD_MAX_NUMBER_FIELDS DATA_UPLOAD_MAX_NUMBER_FILES \
    DATETIME_FORMAT DATETIME_INPUT_FORMATS DATE_FORMAT DATE_INPUT_FORMATS DEBUG DEBUG_PROPAGATE_EXCEPTIONS \
    DECIMAL_SEPARATOR DEFAULT_AUTO_FIELD DEFAULT_CHARSET DEFAULT_EXCEPTION_REPORTER \
    DEFAULT_EXCEPTION_REPORTER_FILTER DEFAULT_FROM_EMAIL DEFAULT_INDEX_TABLESPACE DEFAULT_TABLESPACE \
    DISALLOWED_USER_AGENTS EMAIL_BACKEND EMAIL_HOST EMAIL_HOST_PASSWORD EMAIL_HOST_USER EMAIL_PORT \
    EMAIL_SSL_CERTFILE EMAIL_SSL_KEYFILE EMAIL_SUBJECT_PREFIX EMAIL_TIMEOUT EMAIL_USE_LOCALTIME EMAIL_USE_SSL \
    EMAIL_USE_TLS FILE_UPLOAD_DIRECTORY_PERMISSIONS FILE_UPLOAD_HANDLERS FILE_UPLOAD_MAX_MEMORY_SIZE \
    FILE_UPLOAD_PERMISSIONS FILE_UPLOAD_TEMP_DIR FIRST_DAY_OF_WEEK FIXTURE_DIRS FORCE_SCRIPT_NAME FORMAT_MODULE_PATH \
    FORMS_URLFIELD_ASSUME_HTTPS FORM_RENDERER IGNORABLE_404_URLS INSTALLED_APPS INTERNAL_IPS LANGUAGES \
    LANGUAGES_BIDI LANGUAGE_CODE LANGUAGE_COOKIE_AGE LANGUAGE_COOKIE_DOMAIN LANGUAGE_COOKIE_HTTPONLY \
    LANGUAGE_COOKIE_NAME LANGUAGE_COOKIE_PATH LANGUAGE_COOKIE_SAMESITE LANGUAGE_COOKIE_SECURE LOCALE_PATHS LOGGING \
    LOGGING_CONFIG LOGIN_REDIRECT_URL LOGIN_URL LOGOUT_REDIRECT_URL MANAGERS MEDIA_ROOT MEDIA_URL MESSAGE_STORAGE \
    MIDDLEWARE MIGRATION_MODULES MONTH_DAY_FORMAT NUMBER_GROUPING PASSWORD_HASHERS PASSWORD_RESET_TIMEOUT \
    PREPEND_WWW SECRET_KEY SECRET_KEY_FALLBACKS SECURE_CONTENT_TYPE_NOSNIFF SECURE_CROSS_ORIGIN_OPENER_POLICY \
    SECURE_HSTS_INCLUDE_SUBDOMAINS SECURE_HSTS_PRELOAD SECURE_HSTS_SECONDS SECURE_PROXY_SSL_HEADER \
    SECURE_REDIRECT_EXEMPT SECURE_REFERRER_POLICY SECURE_SSL_HOST SECURE_SSL_REDIRECT SERVER_EMAIL \
    SESSION_CACHE_ALIAS SESSION_COOKIE_AGE SESSION_COOKIE_DOMAIN SESSION_COOKIE_HTTPONLY SESSION_COOKIE_NAME \
    SESSION_COOKIE_PATH SESSION_COOKIE_SAMESITE SESSION_COOKIE_SECURE SESSION_ENGINE SESSION_EXPIRE_AT_BROWSER_CLOSE \
    SESSION_FILE_PATH SESSION_SAVE_EVERY_REQUEST SESSION_SERIALIZER SHORT_DATETIME_FORMAT SHORT_DATE_FORMAT \
    SIGNED_COOKIE_LEGACY_SALT_FALLBACK SIGNING_BACKEND SILENCED_SYSTEM_CHECKS STATICFILES_DIRS STATICFILES_FINDERS \
    STATIC_ROOT STATIC_URL STORAGES TEMPLATES TEST_NON_SERIALIZED_APPS TEST_RUNNER THOUSAND_SEPARATOR TIME_FORMAT \
    TIME_INPUT_FORMATS TIME_ZONE USE_I18N USE_THOUSAND_SEPARATOR USE_TZ USE_X_FORWARDED_HOST USE_X_FORWARDED_PORT \
    WSGI_APPLICATION X_FRAME_OPTIONS YEAR_MONTH_FORMAT";
