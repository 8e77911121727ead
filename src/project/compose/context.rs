use super::budget::Budget;
use super::{FilePath, Flag, Interpolated, Location, Placed, Text, interpolate};
use crate::parse::compose::{self as file, MergeTag, truth};
use crate::project::environment::Variables;
use crate::project::value::{Reason, Traced, Value};
use crate::source::{Place, RepoPath, Span};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// What the values of one file are seen with, and the rules by which they join those of earlier files.
#[derive(Debug)]
pub(super) struct Context {
    /// The file.
    pub path: RepoPath,
    /// The folder that its relative paths start from; `None` where that lies outside the repository.
    pub base: Option<RepoPath>,
    /// The folder of the project, where a build context is that nobody names; other than `base` in a file that is extended.
    pub project: Option<RepoPath>,
    /// What interpolation finds.
    pub variables: Arc<Variables>,
    pub budget: Rc<Budget>,
}

impl Context {
    pub fn place(&self, span: Span) -> Place {
        Place::new(self.path.clone(), span)
    }

    /// `text` with its variables filled in.
    pub fn text(&self, text: &file::Text) -> Interpolated {
        let filled = interpolate(text, &self.path, &self.variables);
        if self.budget.spend_bytes(filled.text.text().len()) {
            return filled;
        }
        let traced = Traced::new(Value::Unknown(Reason::Limit("interpolated text".to_owned())), Vec::new());
        Interpolated { traced, text: text.clone(), literal_prefix: String::new(), variables: Vec::new() }
    }

    pub fn texts(&self, texts: &[file::Text]) -> Vec<Interpolated> {
        texts.iter().map(|text| self.text(text)).collect()
    }

    pub fn flag(&self, text: &file::Text) -> Traced<bool> {
        let Traced { value, trail } = self.text(text).traced;
        Traced { value: flag_value(value), trail }
    }

    /// A path that starts from this file's base.
    pub fn file_path(&self, text: &file::Text) -> FilePath {
        let text = self.text(text);
        let location = text.traced.value.as_ref().map(|path| Location::of_path(path, self.base.as_ref()));
        FilePath { text, location }
    }

    /// Puts a value that replaces the earlier one into `slot`. Null leaves what is there.
    pub fn set<F, T>(
        &self,
        slot: &mut Option<Placed<T>>,
        field: &file::Setting<F>,
        read: impl FnOnce(&F) -> (T, Span),
    ) {
        let Some(field) = field else { return };
        match &field.value {
            _ if field.tag == MergeTag::Reset => *slot = None,
            None => {}
            Some(value) => {
                let (value, span) = read(value);
                let overridden = overridden(slot.take());
                *slot = Some(Placed { value, place: self.place(span), key: field.key, overridden });
            }
        }
    }

    pub fn set_text(&self, slot: &mut Text, field: &file::Setting<file::Text>) {
        self.set(slot, field, |text| (self.text(text), text.span()));
    }

    pub fn set_flag(&self, slot: &mut Flag, field: &file::Setting<file::Text>) {
        self.set(slot, field, |text| (self.flag(text), text.span()));
    }

    /// Merges a mapping with keys of its own into `slot`. `span` is the mapping's, or the key's where it is not kept.
    pub fn merge<F, T: Default>(
        &self,
        slot: &mut Option<Placed<T>>,
        field: &file::Setting<F>,
        span: impl FnOnce(&F) -> Option<Span>,
        join: impl FnOnce(&mut T, &F),
    ) {
        let Some(field) = field else { return };
        if field.tag != MergeTag::Merge {
            *slot = None;
        }
        let Some(value) = &field.value else { return };
        let (mut merged, overridden) = match slot.take() {
            Some(before) => {
                let places = before.overridden.into_iter().chain([before.place]).collect();
                (before.value, places)
            }
            None => (T::default(), Vec::new()),
        };
        join(&mut merged, value);
        let span = span(value).unwrap_or(field.key);
        *slot = Some(Placed { value: merged, place: self.place(span), key: field.key, overridden });
    }

    /// Adds the items of a list to `list`. One whose key is there already replaces that item; `None` is no key.
    pub fn extend<F, T>(
        &self,
        list: &mut Vec<Placed<T>>,
        field: &file::Setting<Vec<F>>,
        key: impl Fn(&T) -> Option<String>,
        read: impl Fn(&F) -> (T, Span),
    ) {
        self.extend_tagged(list, field, key, |item| {
            let (value, span) = read(item);
            Item { value, span, key: span, tag: MergeTag::Merge }
        });
    }

    /// The same for items with tags and keys of their own.
    pub fn extend_tagged<F, T>(
        &self,
        list: &mut Vec<Placed<T>>,
        field: &file::Setting<Vec<F>>,
        key: impl Fn(&T) -> Option<String>,
        read: impl Fn(&F) -> Item<T>,
    ) {
        let Some(field) = field else { return };
        if field.tag != MergeTag::Merge {
            list.clear();
        }
        let Some(items) = &field.value else { return };
        if !self.budget.spend_values(items.len()) {
            return;
        }
        let mut index: HashMap<String, usize> = HashMap::new();
        for (at, item) in list.iter().enumerate() {
            index.extend(key(&item.value).map(|key| (key, at)));
        }
        let mut removed = Vec::new();
        for item in items {
            let Item { value, span, key: key_span, tag } = read(item);
            let name = key(&value);
            let known = name.as_ref().and_then(|name| index.get(name).copied());
            if tag == MergeTag::Reset {
                removed.extend(known);
                continue;
            }
            let mut placed = Placed { value, place: self.place(span), key: key_span, overridden: Vec::new() };
            match known {
                Some(at) => {
                    let before = &mut list[at];
                    placed.overridden = std::mem::take(&mut before.overridden);
                    placed.overridden.push(before.place.clone());
                    *before = placed;
                }
                None => {
                    index.extend(name.map(|name| (name, list.len())));
                    list.push(placed);
                }
            }
        }
        removed.sort_unstable();
        removed.dedup();
        for at in removed.into_iter().rev() {
            list.remove(at);
        }
    }

    /// Adds texts to `list`; the same text stands once.
    pub fn extend_texts(&self, list: &mut Vec<Placed<Interpolated>>, field: &file::Setting<Vec<file::Text>>) {
        self.extend(list, field, |text| Some(text.text.text().to_owned()), |text| (self.text(text), text.span()));
    }
}

/// An item of a list on its way into the merged one.
pub(super) struct Item<T> {
    pub value: T,
    pub span: Span,
    pub key: Span,
    pub tag: MergeTag,
}

fn overridden<T>(before: Option<Placed<T>>) -> Vec<Place> {
    before.map_or_else(Vec::new, |before| before.overridden.into_iter().chain([before.place]).collect())
}

/// The boolean of a text, as Compose casts it.
pub(super) fn flag_value(value: Value<String>) -> Value<bool> {
    let unfit = || Value::Unknown(Reason::Unsupported("a text that is no boolean".to_owned()));
    match value {
        Value::Known(text) => truth(&text).map_or_else(unfit, Value::Known),
        Value::Default(text) => truth(&text).map_or_else(unfit, Value::Default),
        Value::OneOf(texts) => {
            texts.iter().map(|text| truth(text)).collect::<Option<_>>().map_or_else(unfit, Value::OneOf)
        }
        Value::Absent => Value::Absent,
        Value::Unknown(reason) => Value::Unknown(reason),
    }
}
