use super::Interpolated;
use crate::project::value::Traced;
use crate::source::{Place, Span};

/// A value, the place that gives it, and the places that it overrides.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// The value's text in the file that gives it.
    pub place: Place,
    /// The key in that file; of an item of a list the item itself.
    pub key: Span,
    /// The places of values that this one replaces, or is merged into, oldest first.
    pub overridden: Vec<Place>,
}

/// A scalar setting, where any file gives it.
pub type Text = Option<Placed<Interpolated>>;

/// A boolean setting, where any file gives it.
pub type Flag = Option<Placed<Traced<bool>>>;

impl<T> Placed<T> {
    /// The key together with the value, where the value follows its key; that of an alias stands elsewhere.
    pub fn entry(&self) -> Place {
        let value = self.place.span;
        let span = if value.start >= self.key.end { self.key.to(value) } else { self.key };
        Place::new(self.place.path.clone(), span)
    }

    /// The key alone.
    pub fn key_place(&self) -> Place {
        Place::new(self.place.path.clone(), self.key)
    }
}
