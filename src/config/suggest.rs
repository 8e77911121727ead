//! "Did you mean …": the nearest of the words that would have been right.

/// The candidate that `word` was most likely meant to be, the first of several that are equally near; `None` where
/// nothing is near.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = normalised(word);
    if wanted.is_empty() || wanted.len() > 100 {
        return None;
    }
    let allowed = (wanted.chars().count() / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let known = normalised(candidate);
        // `prod` for `production`: short forms are further away than any typing error, and surer.
        let shortened = wanted.len() >= 3 && (known.starts_with(&wanted) || wanted.starts_with(&known));
        let distance = if known == wanted {
            0
        } else if shortened {
            1
        } else {
            strsim::damerau_levenshtein(&wanted, &known)
        };
        if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

fn normalised(word: &str) -> String {
    word.trim().to_lowercase().replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_short_forms_and_underscores_are_understood() {
        assert_eq!(closest("selct", ["ignore", "select"]), Some("select"));
        assert_eq!(closest("fail_on", ["fail-on"]), Some("fail-on"));
        assert_eq!(closest("prod", ["staging", "production"]), Some("production"));
        assert_eq!(closest("Warning", ["error", "warning"]), Some("warning"));
    }

    #[test]
    fn what_is_far_from_everything_is_left_alone() {
        assert_eq!(closest("colour", ["select", "ignore"]), None);
        assert_eq!(closest("", ["a"]), None);
    }
}
