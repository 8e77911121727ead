//! Shell patterns: `*`, `?` and bracket expressions.

/// A pattern, put together from quoted text and pattern characters.
#[derive(Clone, Debug, Default)]
pub(super) struct Pattern(Vec<Item>);

#[derive(Clone, Debug)]
enum Item {
    Char(char),
    Any,
    Run,
    Set { negated: bool, ranges: Vec<(char, char)> },
}

impl Pattern {
    /// Appends text that stands for itself.
    pub fn push_text(&mut self, text: &str) {
        self.0.extend(text.chars().map(Item::Char));
    }

    /// Appends `*`, `?` or a bracket expression.
    pub fn push_glob(&mut self, glob: &str) {
        match glob {
            "*" => self.0.push(Item::Run),
            "?" => self.0.push(Item::Any),
            _ => self.0.push(set(glob)),
        }
    }

    /// Whether the whole of `text` matches. Takes time proportional to the product of the lengths at most.
    pub fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        let (mut item, mut at) = (0, 0);
        // Where to go on when a mismatch follows a `*`: the item after it, and how far it reached.
        let mut retry: Option<(usize, usize)> = None;
        while at < text.len() {
            match self.0.get(item) {
                Some(Item::Run) => {
                    retry = Some((item + 1, at));
                    item += 1;
                }
                Some(one) if one.accepts(text[at]) => {
                    item += 1;
                    at += 1;
                }
                _ => match retry {
                    Some((after, reached)) => {
                        retry = Some((after, reached + 1));
                        item = after;
                        at = reached + 1;
                    }
                    None => return false,
                },
            }
        }
        self.0[item.min(self.0.len())..].iter().all(|item| matches!(item, Item::Run))
    }
}

impl Item {
    fn accepts(&self, c: char) -> bool {
        match self {
            Item::Char(own) => *own == c,
            Item::Any => true,
            Item::Run => false,
            Item::Set { negated, ranges } => {
                ranges.iter().any(|(first, last)| (*first..=*last).contains(&c)) != *negated
            }
        }
    }
}

fn set(glob: &str) -> Item {
    let inner: Vec<char> = glob.trim_start_matches('[').trim_end_matches(']').chars().collect();
    let negated = matches!(inner.first(), Some('!' | '^'));
    let inner = &inner[usize::from(negated)..];
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < inner.len() {
        if inner.get(at + 1) == Some(&'-') && at + 2 < inner.len() {
            ranges.push((inner[at], inner[at + 2]));
            at += 3;
        } else {
            ranges.push((inner[at], inner[at]));
            at += 1;
        }
    }
    Item::Set { negated, ranges }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(parts: &[&str]) -> Pattern {
        let mut pattern = Pattern::default();
        for part in parts {
            if part.starts_with(['*', '?', '[']) { pattern.push_glob(part) } else { pattern.push_text(part) }
        }
        pattern
    }

    #[test]
    fn stars_reach_as_far_as_they_must() {
        assert!(pattern(&["a", "*", "b"]).matches("a-b-b"));
        assert!(!pattern(&["a", "*", "b"]).matches("a-b-c"));
        assert!(pattern(&["*"]).matches(""));
        assert!(pattern(&["?", "[0-9x]"]).matches("a7"));
        assert!(!pattern(&["[!y]", "es"]).matches("yes"));
        assert!(pattern(&["[yY]", "*"]).matches("Yes"));
    }

    #[test]
    fn many_stars_end_in_time() {
        let stars = ["*", "a"].repeat(200);
        assert!(!pattern(&stars).matches(&"a".repeat(199)));
    }
}
