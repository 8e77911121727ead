//! Makes a package small that still shows a disagreement.

use super::compare::{Disagreement, Tally, compare};
use super::judge::{Answer, Judge, Package};
use std::fmt::Write;

/// How often the judge is asked for one disagreement.
const QUESTIONS: usize = 500;

/// The smallest package found that still disagrees on the same point, and the disagreement.
pub fn minimised(
    judge: &mut Judge,
    package: Package,
    answer: &Answer,
    disagreement: Disagreement,
) -> (Package, Disagreement) {
    let mut search = Search { judge, package, stops_with: answer.stops_with(), disagreement, left: QUESTIONS };
    while search.left > 0 && search.pass() {}
    (search.package, search.disagreement)
}

struct Search<'j> {
    judge: &'j mut Judge,
    package: Package,
    /// What the package raised before it was cut.
    stops_with: Option<String>,
    disagreement: Disagreement,
    left: usize,
}

impl Search<'_> {
    /// Leaves out what can be left out; whether anything could.
    fn pass(&mut self) -> bool {
        let mut smaller = false;
        for name in self.package.env.keys().cloned().collect::<Vec<_>>() {
            let mut without = self.package.clone();
            without.env.remove(&name);
            smaller |= self.take(without);
        }
        for path in self.package.files.keys().cloned().collect::<Vec<_>>() {
            let mut without = self.package.clone();
            without.files.remove(&path);
            if self.take(without) {
                smaller = true;
                continue;
            }
            let mut size = self.lines(&path).len() / 2;
            while size > 0 {
                let mut at = 0;
                while at < self.lines(&path).len() {
                    let mut lines = self.lines(&path);
                    lines.drain(at..lines.len().min(at + size));
                    let mut without = self.package.clone();
                    without.files.insert(path.clone(), lines.concat());
                    if self.take(without) {
                        smaller = true;
                    } else {
                        at += size;
                    }
                }
                size /= 2;
            }
        }
        smaller
    }

    fn lines(&self, path: &str) -> Vec<String> {
        self.package.files[path].split_inclusive('\n').map(str::to_owned).collect()
    }

    /// Goes on with this package if the disagreement is still there.
    fn take(&mut self, package: Package) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        let Ok(answer) = self.judge.judged(&package) else { return false };
        // What has come to fail since it was cut fails for another reason.
        if answer.stops_with() != self.stops_with {
            return false;
        }
        let found = compare(&package, &answer, &mut Tally::default());
        let same = found.into_iter().find(|found| found.about == self.disagreement.about);
        let Some(same) = same else { return false };
        self.package = package;
        self.disagreement = same;
        true
    }
}

/// A package as it can be written down.
pub fn written(package: &Package) -> String {
    let mut text = format!("seed {}, module {}\n", package.seed, package.module);
    for (name, value) in &package.env {
        let _ = writeln!(text, "{name}={value:?}");
    }
    for (path, content) in package.files.iter().filter(|(_, content)| !content.trim().is_empty()) {
        let _ = writeln!(text, "--- {path}\n{}", content.trim_end());
    }
    text
}
