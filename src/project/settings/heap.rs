//! What has identity: containers and namespaces, and how two ways through a program are joined again.

use super::object::{Kind, Val};
use crate::project::value::Reason;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Longer lists than this are not compared item by item.
const MAX_COMPARED: usize = 2_000;

/// An object's place in the heap.
pub(super) type Id = usize;

#[derive(Clone, Debug)]
pub(super) enum Object {
    /// A list or set: the items that are known, and whether there may be more.
    Items { items: Vec<Val>, more: bool },
    /// A dict: the entries that are known, in order, and whether there may be more.
    Entries { entries: Vec<(Val, Val)>, more: bool },
    /// A module's, class's or function's names, an instance's attributes, or variables that the program has set.
    Names { names: BTreeMap<Rc<str>, Val>, more: Option<Reason> },
}

/// All objects. While a journal is open, what they were before is kept.
#[derive(Debug, Default)]
pub(super) struct Heap {
    objects: Vec<Rc<Object>>,
    journals: Vec<Journal>,
    /// How many entries of objects were copied or compared since somebody last asked.
    handled: usize,
}

#[derive(Debug)]
struct Journal {
    /// Objects from here on are younger than the journal: nothing that is rolled back to knows them.
    first_new: Id,
    before: BTreeMap<Id, Rc<Object>>,
}

/// What a way through the program did to the heap.
pub(super) type Changes = BTreeMap<Id, Rc<Object>>;

impl Heap {
    pub fn new_object(&mut self, object: Object) -> Id {
        self.objects.push(Rc::new(object));
        self.objects.len() - 1
    }

    pub fn new_names(&mut self) -> Id {
        self.new_object(Object::Names { names: BTreeMap::new(), more: None })
    }

    pub fn get(&self, id: Id) -> &Object {
        &self.objects[id]
    }

    /// How many entries of objects were copied or compared since the last call: what a branch costs.
    pub fn take_handled(&mut self) -> usize {
        std::mem::take(&mut self.handled)
    }

    pub fn write(&mut self, id: Id) -> &mut Object {
        self.remember(id);
        if Rc::strong_count(&self.objects[id]) > 1 {
            self.handled += self.objects[id].len();
        }
        Rc::make_mut(&mut self.objects[id])
    }

    fn remember(&mut self, id: Id) {
        if let Some(journal) = self.journals.last_mut()
            && id < journal.first_new
        {
            journal.before.entry(id).or_insert_with(|| self.objects[id].clone());
        }
    }

    /// Starts to record.
    pub fn begin(&mut self) {
        self.journals.push(Journal { first_new: self.objects.len(), before: BTreeMap::new() });
    }

    /// Undoes everything since the last [`begin`](Self::begin), and tells what it was.
    pub fn rollback(&mut self) -> Changes {
        let journal = self.journals.pop().expect("every rollback has its begin");
        let undo = |(id, before)| (id, std::mem::replace(&mut self.objects[id], before));
        journal.before.into_iter().map(undo).collect()
    }

    /// Keeps everything since the last [`begin`](Self::begin).
    pub fn commit(&mut self) {
        let journal = self.journals.pop().expect("every commit has its begin");
        if let Some(outer) = self.journals.last_mut() {
            for (id, before) in journal.before.into_iter().filter(|(id, _)| *id < outer.first_new) {
                outer.before.entry(id).or_insert(before);
            }
        }
    }

    /// Does again what was undone.
    pub fn apply(&mut self, changes: Changes) {
        for (id, object) in changes {
            self.remember(id);
            self.objects[id] = object;
        }
    }

    /// Leaves what is true after either way.
    pub fn apply_either(&mut self, a: Changes, b: Changes) {
        let ids: Vec<Id> = a.keys().chain(b.keys()).copied().collect();
        for id in ids {
            let after_a = a.get(&id).unwrap_or(&self.objects[id]).clone();
            let after_b = b.get(&id).unwrap_or(&self.objects[id]).clone();
            self.handled += cost_of_either(&after_a, &after_b);
            let joined = either(&after_a, &after_b);
            self.remember(id);
            self.objects[id] = Rc::new(joined);
        }
    }

    /// Leaves what is true after the way was taken any number of times, or never.
    pub fn apply_repeated(&mut self, changes: Changes, reason: &Reason) {
        for (id, after) in changes {
            let before = self.objects[id].clone();
            self.handled += cost_of_either(&before, &after);
            let widened = match (&*before, &*after) {
                (Object::Names { names: before, more }, Object::Names { names: after, more: more_after }) => {
                    let mut names = before.clone();
                    for (name, value) in after {
                        if !before.get(name).is_some_and(|old| old.same(value)) {
                            names.insert(name.clone(), Val::unknown(reason.clone()).with_trail(value.trail.clone()));
                        }
                    }
                    Object::Names { names, more: more.clone().or_else(|| more_after.clone()) }
                }
                _ => match either(&before, &after) {
                    Object::Items { items, .. } => Object::Items { items, more: true },
                    Object::Entries { entries, .. } => Object::Entries { entries, more: true },
                    names => names,
                },
            };
            self.remember(id);
            self.objects[id] = Rc::new(widened);
        }
    }
}

impl Object {
    fn len(&self) -> usize {
        match self {
            Object::Items { items, .. } => items.len(),
            Object::Entries { entries, .. } => entries.len(),
            Object::Names { names, .. } => names.len(),
        }
    }
}

/// How many entries [`either`] looks at, at worst.
fn cost_of_either(a: &Object, b: &Object) -> usize {
    match (a, b) {
        (Object::Names { .. }, _) | (_, Object::Names { .. }) => a.len() + b.len(),
        (Object::Items { .. }, _) if a.len().max(b.len()) > MAX_COMPARED => 0,
        _ => a.len() + a.len().abs_diff(b.len()) * a.len().min(b.len()),
    }
}

fn either(a: &Object, b: &Object) -> Object {
    match (a, b) {
        (Object::Items { items: a, more: more_a }, Object::Items { items: b, more: more_b }) => {
            let (items, differ) = common(a, b);
            Object::Items { items, more: *more_a || *more_b || differ }
        }
        (Object::Entries { entries: a, more: more_a }, Object::Entries { entries: b, more: more_b }) => {
            let mut entries = Vec::new();
            for (key, value) in a {
                if let Some((_, other)) = b.iter().find(|(other, _)| other.same(key)) {
                    entries.push((key.clone(), Val::either(value, other)));
                }
            }
            let differ = entries.len() < a.len() || entries.len() < b.len();
            Object::Entries { entries, more: *more_a || *more_b || differ }
        }
        (Object::Names { names: a, more: more_a }, Object::Names { names: b, more: more_b }) => {
            let missing = Val::new(Kind::Missing);
            let mut names = BTreeMap::new();
            for name in a.keys().chain(b.keys()) {
                if !names.contains_key(name) {
                    let joined = Val::either(a.get(name).unwrap_or(&missing), b.get(name).unwrap_or(&missing));
                    names.insert(name.clone(), joined);
                }
            }
            Object::Names { names, more: more_a.clone().or_else(|| more_b.clone()) }
        }
        _ => a.clone(),
    }
}

/// The items of both lists that stand in the same order (found greedily), and whether that leaves any out.
fn common(a: &[Val], b: &[Val]) -> (Vec<Val>, bool) {
    if a.len().max(b.len()) > MAX_COMPARED {
        return (Vec::new(), true);
    }
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let mut items = Vec::new();
    let mut from = 0;
    for item in short {
        if let Some(found) = long[from..].iter().position(|other| other.same(item)) {
            items.push(Val::either(item, &long[from + found]));
            from += found + 1;
        }
    }
    let differ = items.len() < long.len();
    (items, differ)
}
