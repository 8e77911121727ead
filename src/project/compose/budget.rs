use std::cell::Cell;

/// Values that one stack may merge, over all its services: `extends` repeats what it extends.
const MAX_VALUES: usize = 1_000_000;
/// Bytes that interpolation may make in one stack: a long variable may be named often.
const MAX_BYTES: usize = 64 << 20;

/// What is left of a stack's bounds.
#[derive(Debug)]
pub(super) struct Budget {
    values: Cell<usize>,
    bytes: Cell<usize>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { values: Cell::new(MAX_VALUES), bytes: Cell::new(MAX_BYTES) }
    }
}

impl Budget {
    /// Whether `count` more values may be merged.
    pub fn spend_values(&self, count: usize) -> bool {
        spend(&self.values, count)
    }

    /// Whether `count` more bytes of text may be made.
    pub fn spend_bytes(&self, count: usize) -> bool {
        spend(&self.bytes, count)
    }

    /// Whether a bound was reached: what was merged is then not all there is.
    pub fn exhausted(&self) -> bool {
        self.values.get() == 0 || self.bytes.get() == 0
    }
}

fn spend(left: &Cell<usize>, count: usize) -> bool {
    let enough = count <= left.get();
    left.set(if enough { left.get() - count } else { 0 });
    enough
}
