//! Items and entries: how they are set, deleted, merged and forgotten.

use super::equality::equal;
use super::evaluator::{Eval, Evaluator};
use super::heap::{Id, Object};
use super::lookups::Found;
use super::object::{Kind, Origin, Val};
use crate::project::value::Reason;
use std::rc::Rc;

impl Evaluator<'_> {
    /// Puts a value under a key or index.
    pub fn set_item(&mut self, object: &Val, key: &Val, value: Val, origin: Origin) -> Eval<()> {
        self.step(1)?;
        match &object.kind {
            Kind::Dict(id) => {
                let id = *id;
                let found = self.entry_position(id, key);
                self.allocate(2 * size_of::<Val>())?;
                if let Object::Entries { entries, more } = self.heap.write(id) {
                    match found {
                        Ok(Some(at)) => entries[at].1 = value,
                        // Very large dicts are data, and finding a key takes longer with each entry.
                        Ok(None) if entries.len() >= super::methods::MAX_ENTRIES => *more = true,
                        Ok(None) => entries.push((key.clone(), value)),
                        Err(reason) => {
                            // Some entry, perhaps one that is there, has this value now.
                            *more = true;
                            for (_, known) in entries.iter_mut() {
                                *known = Val::unknown(reason.clone());
                            }
                        }
                    }
                }
                Ok(())
            }
            Kind::List(id) if matches!(key.kind, Kind::Slice(_)) => self.set_slice(*id, key, &value),
            Kind::List(id) => {
                let id = *id;
                if let Object::Items { items, more } = self.heap.write(id) {
                    let length = items.len() as i64;
                    let at = key.as_int().map(|at| if at < 0 { at + length } else { at });
                    match at.and_then(|at| usize::try_from(at).ok()).filter(|at| *at < items.len() && !*more) {
                        Some(at) => items[at] = value,
                        None => {
                            items.clear();
                            *more = true;
                        }
                    }
                }
                Ok(())
            }
            Kind::Module(id) => {
                match key.as_str() {
                    Some(name) => {
                        let place = self.origin_place(origin);
                        self.assignments.insert((*id, Rc::from(name)), place);
                        self.set_name(*id, name, value);
                    }
                    None => {
                        self.weaken_all(*id);
                        self.set_more(*id, Reason::Unsupported("names that are assigned through globals()".into()));
                    }
                }
                Ok(())
            }
            Kind::Library(name) if &**name == "os.environ" => {
                self.set_environ(key, value);
                Ok(())
            }
            Kind::OneOf(values) => {
                let values = values.clone();
                values.iter().for_each(|value| self.forget(value));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Where a key is among a dict's entries; `Err` where that cannot be told.
    fn entry_position(&mut self, dict: Id, key: &Val) -> Result<Option<usize>, Reason> {
        if let Some(reason) = key.unknown_reason() {
            return Err(reason);
        }
        let Object::Entries { entries, .. } = self.heap.get(dict) else { return Ok(None) };
        Ok(entries.iter().position(|(known, _)| equal(&self.heap, known, key) == Some(true)))
    }

    /// `list[1:1] = other`.
    fn set_slice(&mut self, id: Id, key: &Val, value: &Val) -> Eval<()> {
        let Kind::Slice(parts) = &key.kind else { return Ok(()) };
        let (others, others_more) = self.iterate(value).unwrap_or((Vec::new(), true));
        let others: Vec<Val> = others.into_iter().map(|item| self.under_controls(item)).collect();
        self.step(others.len())?;
        self.allocate(others.len() * size_of::<Val>())?;
        let room = super::methods::MAX_ENTRIES;
        if let Object::Items { items, more } = self.heap.write(id) {
            let bounds = super::lookups::slice_bounds(parts, items.len()).filter(|_| !*more);
            match bounds {
                Some((start, stop)) if items.len() + others.len() <= room => _ = items.splice(start..stop, others),
                _ => {
                    items.clear();
                    *more = true;
                }
            }
            *more |= others_more;
        }
        Ok(())
    }

    pub fn delete_item(&mut self, object: &Val, key: &Val) {
        if let Kind::Dict(id) = object.kind {
            match self.entry_position(id, key) {
                Ok(Some(at)) => {
                    if let Object::Entries { entries, .. } = self.heap.write(id) {
                        entries.remove(at);
                    }
                }
                Ok(None) => {}
                Err(_) => self.forget(object),
            }
        } else if let (Kind::List(_), Some(_)) = (&object.kind, key.as_int()) {
            self.remove_at(object, key);
        } else {
            self.forget(object);
        }
    }

    /// Nothing of a container's contents is known any more.
    pub fn forget(&mut self, value: &Val) {
        if let Kind::OneOf(values) = &value.kind {
            values.iter().for_each(|value| self.forget(value));
        }
        if let Kind::List(id) | Kind::Set(id) | Kind::Dict(id) = value.kind {
            match self.heap.write(id) {
                Object::Items { items, more } => {
                    items.clear();
                    *more = true;
                }
                Object::Entries { entries, more } => {
                    entries.clear();
                    *more = true;
                }
                Object::Names { .. } => {}
            }
        }
    }

    /// `a.update(b)`: of what is not known of `b`, any key may have changed, but most likely none that is known.
    pub fn update_dict(&mut self, dict: &Val, other: &Val, origin: Origin) -> Eval<()> {
        let Kind::Dict(id) = dict.kind else { return Ok(()) };
        let pairs = match &other.kind {
            Kind::Dict(other) => match self.heap.get(*other) {
                Object::Entries { entries, more } => Some((entries.clone(), *more)),
                _ => None,
            },
            Kind::Library(name) if &**name == "os.environ" => None,
            _ => self.pairs(other),
        };
        let Some((pairs, more)) = pairs else {
            let reason = other.unknown_reason().unwrap_or_else(|| Reason::Unsupported("update() with this".into()));
            if let Object::Entries { entries, more } = self.heap.write(id) {
                *more = true;
                for (_, value) in entries.iter_mut() {
                    *value = Val::unknown(reason.clone());
                }
            }
            return Ok(());
        };
        self.step(pairs.len())?;
        // What else there may be in it may take the place of what is there.
        if more && let Object::Entries { entries, .. } = self.heap.write(id) {
            for (_, value) in entries.iter_mut() {
                *value = Val::unknown(Reason::Unsupported("update() with a dict that is known in part".into()));
            }
        }
        for (key, mut value) in pairs {
            if !other.certain {
                value.rests_on(other);
            }
            let value = self.under_controls(value);
            self.set_item(dict, &key, value, origin)?;
        }
        if more && let Object::Entries { more, .. } = self.heap.write(id) {
            *more = true;
        }
        Ok(())
    }

    /// The pairs of a list of pairs.
    fn pairs(&self, value: &Val) -> Option<(Vec<(Val, Val)>, bool)> {
        let (items, more) = self.iterate(value)?;
        let pair = |item: Val| match self.iterate(&item)? {
            (pair, false) => <[Val; 2]>::try_from(pair).ok().map(|[key, value]| (key, value)),
            _ => None,
        };
        Some((items.into_iter().map(pair).collect::<Option<Vec<_>>>()?, more))
    }

    pub fn copy_dict(&mut self, dict: &Val) -> Eval {
        let Kind::Dict(id) = dict.kind else { return Ok(Val::unknown_like(dict)) };
        let (entries, more) = match self.heap.get(id) {
            Object::Entries { entries, more } => (entries.clone(), *more),
            _ => (Vec::new(), true),
        };
        let mut copy = self.dict(entries, more)?;
        copy.rests_on(dict);
        Ok(copy)
    }

    /// Whether a key is in a dict, as the entry.
    pub fn dict_found(&self, dict: &Val, key: &Val) -> Option<Found> {
        match dict.kind {
            Kind::Dict(id) => Some(self.dict_get(id, key)),
            _ => None,
        }
    }
}
