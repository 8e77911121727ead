//! Looking at generated cases by seed, as many at a time as there are processors.

use std::io::Write;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// The seeds that `<prefix>_SEED` and `<prefix>_<what>` ask for: where to start, and how many. From 1 on unless told.
pub fn asked(prefix: &str, what: &str, count: u64) -> Range<u64> {
    let first = number(&format!("{prefix}_SEED"), 1);
    first..first + number(&format!("{prefix}_{what}"), count)
}

/// A number that a variable of the environment gives.
pub fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}

/// Gives each seed to one of several workers. `worker` has the seeds one by one, in no order in particular.
pub fn each(seeds: Range<u64>, worker: impl Fn(&mut dyn Iterator<Item = u64>) + Sync) {
    let next = AtomicU64::new(seeds.start);
    let work = || {
        let mut own =
            std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| *seed < seeds.end));
        worker(&mut own);
    };
    let workers = std::thread::available_parallelism().map_or(2, usize::from).min(8);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(work);
        }
    });
}

/// Writes a line to the stream itself: what a test that passes prints is not shown.
pub fn say(text: &str) {
    drop(writeln!(std::io::stderr(), "{text}"));
}
