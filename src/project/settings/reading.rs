//! Settings as rules ask for them: what stands under a path of keys, what a list has, how Django takes a switch.

use super::value::{Item, Items, PyValue, REPOSITORY};
use super::{Setting, Settings};
use crate::project::django::classes::LOCAL_MEMORY_CACHE;
use crate::project::value::{Reason, Traced, Value};
use crate::source::{Place, RepoPath};

/// A value that stands in a setting, or is one.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// What it is; absent where there surely is no such key.
    pub value: Traced<PyValue>,
    /// Where it is decided: what sets the variable that it is read from, else where it is written, else the assignment
    /// of the setting. `None` where no module assigns the setting.
    pub place: Option<Place>,
}

impl Reading {
    /// The path, where it is one or a text, and certain.
    pub fn path(&self) -> Option<&str> {
        self.value.value.known().and_then(PyValue::as_path)
    }

    /// The file or folder of the repository that it surely names; not the repository itself.
    pub fn inside_repository(&self) -> Option<RepoPath> {
        let path = self.path()?.strip_prefix(REPOSITORY)?;
        RepoPath::new(path.trim_matches('/')).filter(|path| !path.is_root())
    }

    /// The text, where it certainly is one.
    pub fn text(&self) -> Option<&str> {
        self.value.value.known().and_then(PyValue::as_str)
    }

    /// The number, where it certainly is an int.
    pub fn int(&self) -> Option<i64> {
        self.value.value.known().and_then(PyValue::as_int)
    }

    /// Whether the value certainly is `None`.
    pub fn is_none(&self) -> bool {
        self.value.value.known() == Some(&PyValue::None)
    }

    /// Whether the value is certainly true as `bool(…)` has it.
    pub fn is_truthy(&self) -> bool {
        self.value.truth() == Value::Known(true)
    }

    /// Whether the value is certainly false as `bool(…)` has it, or not there.
    pub fn is_falsy(&self) -> bool {
        self.value.truth() == Value::Known(false) || self.value.value.is_absent()
    }

    /// What stands under further keys of a dict.
    pub fn read(&self, keys: &[&str]) -> Reading {
        keys.iter().fold(self.clone(), |outer, key| outer.under(key))
    }

    fn under(&self, key: &str) -> Reading {
        let unclear = || Value::Unknown(Reason::Unsupported("a value that is known in part".into()));
        let trail = || self.value.trail.clone();
        let without = |value| Reading { value: Traced::new(value, trail()), place: self.place.clone() };
        let Some(outer) = self.value.value.likely() else {
            return without(if self.value.value.is_absent() { Value::Absent } else { unclear() });
        };
        match outer.as_dict().map(|entries| entries.get(key)) {
            Some(Ok(Some(item))) => {
                let sure = self.value.value.known().is_some();
                let mut reading = item.reading(self.place.as_ref());
                if !sure && let Value::Known(value) = reading.value.value {
                    reading.value.value = Value::Default(value);
                }
                reading
            }
            Some(Ok(None)) if self.value.value.known().is_some() => without(Value::Absent),
            // Another value than the fallback may have the key; what is no dict has none that is known.
            _ => without(unclear()),
        }
    }
}

/// Where a file that is not Python decides a value: an env file, say. In Python the place that uses a name says more
/// than the one that defines it (`BASE_DIR`).
fn outside(value: &Traced<PyValue>) -> Option<&Place> {
    value.decided_at().filter(|place| place.path.extension() != Some("py"))
}

impl Item {
    /// The item as it is read; `outer` is the place of what it stands in.
    pub fn reading(&self, outer: Option<&Place>) -> Reading {
        let place = outside(&self.value).or(self.place.as_ref()).or(outer).cloned();
        Reading { value: self.value.clone(), place }
    }
}

impl Items {
    /// The position of the item that is surely `text`.
    pub fn position(&self, text: &str) -> Option<usize> {
        self.items.iter().position(|item| item.value.value.known().and_then(PyValue::as_str) == Some(text))
    }

    /// The texts that are certain, or in it unless something outside decides otherwise.
    pub fn likely_texts(&self) -> impl Iterator<Item = &str> {
        self.items.iter().filter_map(|item| item.value.value.likely().and_then(PyValue::as_str))
    }

    /// The items that are certain texts, with their places; those that are not are left out.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &Item)> {
        self.items.iter().filter_map(|item| Some((item.value.value.known()?.as_str()?, item)))
    }
}

impl Settings {
    /// What stands under a setting's name and the keys of dicts in it, Django's defaults included:
    /// `["DATABASES", "default", "ENGINE"]`.
    pub fn read(&self, path: &[&str]) -> Reading {
        let Some((name, keys)) = path.split_first() else {
            return Reading { value: Traced::absent(), place: None };
        };
        let value = self.effective(name);
        let place = outside(&value).or_else(|| self.assigned(name)).cloned();
        Reading { value, place }.read(keys)
    }

    /// The entries of a dict of dicts (`DATABASES`, `CACHES`) that are known, by key.
    pub fn entries(&self, name: &str) -> Vec<(String, Reading)> {
        let whole = self.read(&[name]);
        let Some(entries) = whole.value.value.known().and_then(PyValue::as_dict) else { return Vec::new() };
        let keys = entries.entries.iter().filter_map(|(key, _)| key.as_str());
        keys.map(|key| (key.to_owned(), whole.read(&[key]))).collect()
    }

    /// The items of a list, where the setting certainly is one; with what may be missing from it.
    pub fn list(&self, name: &str) -> Option<Items> {
        self.effective(name).value.known()?.as_sequence().cloned()
    }

    /// The items of a list as they are unless something outside the repository decides otherwise. What is in it for
    /// certain and what is added `if DEBUG` cannot be told apart once a variable decides on `DEBUG`.
    pub fn likely_list(&self, name: &str) -> Option<Items> {
        self.effective(name).value.likely()?.as_sequence().cloned()
    }

    /// Whether the modules assign the setting for certain.
    pub fn assigns(&self, name: &str) -> bool {
        self.values.get(name).is_some_and(|setting: &Setting| !setting.may_be_absent)
    }

    /// Whether the dotted name stands in a list: unknown where there may be more in it. Something of the same last name
    /// may be made from it and do the same, so that it cannot be told either.
    pub fn lists(&self, name: &str, dotted: &str) -> Value<bool> {
        let last = dotted.rsplit('.').next().unwrap_or(dotted);
        let kin = |text: &str| text != dotted && text.rsplit('.').next() == Some(last);
        self.effective(name).test(|list| {
            let items = list.as_sequence()?;
            let derived = items.likely_texts().any(kin);
            items.contains_str(dotted).filter(|listed| *listed || !derived)
        })
    }

    /// The item of `INSTALLED_APPS` that installs the app, by its name or by a configuration class in it, unless something
    /// outside decides otherwise.
    pub fn installed(&self, app: &str) -> Option<Item> {
        let configuration = format!("{app}.apps.");
        let apps = self.likely_list("INSTALLED_APPS")?;
        apps.texts().find(|(text, _)| *text == app || text.starts_with(&configuration)).map(|(_, item)| item.clone())
    }

    /// Whether the app is installed, unless something outside decides otherwise.
    pub fn has_app(&self, app: &str) -> bool {
        self.installed(app).is_some()
    }

    /// Whether the middleware is there, by its full name, unless something outside decides otherwise.
    pub fn has_middleware(&self, name: &str) -> bool {
        self.lists("MIDDLEWARE", name).likely() == Some(&true)
    }

    /// Whether `MIDDLEWARE` is known throughout, has something, and nothing whose name ends in `class`: a subclass of the
    /// project's own mostly keeps the name.
    pub fn lacks_middleware(&self, class: &str) -> bool {
        let Some(list) = self.list("MIDDLEWARE").filter(|list| !list.more && !list.items.is_empty()) else {
            return false;
        };
        let texts: Vec<&str> = list.texts().map(|(text, _)| text).collect();
        texts.len() == list.items.len() && !texts.iter().any(|text| text.ends_with(class))
    }

    /// Whether `DEBUG` is on, or may well be: what hangs on it is then no trouble of its own.
    pub fn debugs(&self) -> bool {
        self.effective("DEBUG").truth().likely() == Some(&true)
    }

    /// The class that a cache is made by, by alias: Django's own default where no module assigns `CACHES`.
    pub fn cache_backend(&self, alias: &str) -> Reading {
        if self.values.contains_key("CACHES") || self.more.is_some() {
            return self.read(&["CACHES", alias, "BACKEND"]);
        }
        let local = PyValue::Str(LOCAL_MEMORY_CACHE.to_owned());
        Reading { value: Traced::new(Value::Known(local), Vec::new()), place: None }
    }
}
