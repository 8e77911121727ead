//! `sorted`, `list.sort`, `min` and `max`, with `key` and `reverse`.

use super::calls::Arguments;
use super::evaluator::{Eval, Evaluator};
use super::object::{Kind, Val};
use super::operators::order;
use std::cmp::Ordering;

impl Evaluator<'_> {
    /// The items in order, by the keywords `key` and `reverse`; `None` where the order cannot be told.
    pub fn in_order(&mut self, items: Vec<Val>, arguments: &Arguments) -> Eval<Option<Vec<Val>>> {
        self.step(items.len())?;
        let reverse = match arguments.keyword("reverse").map(|reverse| self.truth(reverse)) {
            None | Some(Some(false)) => false,
            Some(Some(true)) => true,
            Some(None) => return Ok(None),
        };
        let Some(keys) = self.sort_keys(&items, arguments)? else { return Ok(None) };
        let comparable = keys.windows(2).all(|pair| order(&pair[0], &pair[1]).is_some());
        if !comparable {
            return Ok((items.len() < 2).then_some(items));
        }
        let mut pairs: Vec<(Val, Val)> = keys.into_iter().zip(items).collect();
        // Equal ones keep their order either way.
        pairs.sort_by(|(a, _), (b, _)| {
            let (a, b) = if reverse { (b, a) } else { (a, b) };
            order(a, b).unwrap_or(Ordering::Equal)
        });
        Ok(Some(pairs.into_iter().map(|(_, item)| item).collect()))
    }

    /// What each item is compared by.
    fn sort_keys(&mut self, items: &[Val], arguments: &Arguments) -> Eval<Option<Vec<Val>>> {
        let Some(key) = arguments.keyword("key").filter(|key| !matches!(key.kind, Kind::None)).cloned() else {
            return Ok(Some(items.to_vec()));
        };
        let mut keys = Vec::new();
        for item in items {
            let value = self.call_with(&key, vec![item.clone()], arguments.origin)?;
            if value.is_unknown() {
                return Ok(None);
            }
            keys.push(value);
        }
        Ok(Some(keys))
    }

    /// `min(…)` and `max(…)`.
    pub fn extreme(&mut self, max: bool, arguments: &Arguments) -> Eval {
        let unclear = || Val::unsupported("the least or greatest of what is known in part");
        if arguments.keywords.iter().any(|(name, _)| !matches!(&**name, "key" | "default")) {
            return Ok(unclear());
        }
        let items = match arguments.positional.as_slice() {
            [one] => match self.iterate(one) {
                Some((items, false)) => items,
                _ => return Ok(unclear()),
            },
            items => items.to_vec(),
        };
        if items.is_empty() {
            return match arguments.keyword("default") {
                Some(default) => Ok(default.clone()),
                None => self.raise("ValueError", arguments.origin, &[], true),
            };
        }
        let Some(keys) = self.sort_keys(&items, arguments)? else { return Ok(unclear()) };
        let mut best = 0;
        for at in 1..items.len() {
            match order(&keys[at], &keys[best]) {
                Some(Ordering::Greater) if max => best = at,
                Some(Ordering::Less) if !max => best = at,
                Some(_) => {}
                None => return Ok(unclear()),
            }
        }
        Ok(Val::derived(items[best].kind.clone(), &items))
    }
}
