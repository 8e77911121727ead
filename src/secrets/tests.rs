//! The formats of the pages, and texts that no page shows.

use super::*;
use crate::rules::Token;
use crate::rules::catalogue::{PAGES, TOKENS};

/// The first token of a format that a bad case of its page shows.
fn shown(token: &Token) -> String {
    let page = PAGES.iter().find(|page| page.id == token.rule).unwrap();
    let files = page.cases.iter().filter(|case| case.bad).flat_map(|case| case.files);
    let found = files.flat_map(|file| scan(file.text, None).into_iter().map(|it| (it, file.text)));
    let mut own = found.filter(|(found, _)| found.token().is_some_and(|it| it.rule == token.rule));
    let (found, text) = own.next().unwrap_or_else(|| panic!("{}: no bad case has its token", token.rule));
    text[found.span.range()].to_owned()
}

#[test]
fn patterns_compile_and_match_what_their_pages_show() {
    for token in TOKENS {
        let regex = tokens::compile(token.pattern).unwrap_or_else(|error| panic!("{}: {error}", token.rule));
        assert!(!regex.is_match(b""), "{}: its pattern matches nothing at all", token.rule);
        assert!(shown(token).len() >= 16, "{}: too short to be told from words", token.rule);
    }
}

/// A format whose keyword is not in the match would be found by luck; one that another format finds, twice.
#[test]
fn keywords_stand_in_what_is_matched_and_formats_do_not_overlap() {
    for token in TOKENS {
        let page = PAGES.iter().find(|page| page.id == token.rule).unwrap();
        let regex = tokens::compile(token.pattern).unwrap();
        let files = page.cases.iter().filter(|case| case.bad).flat_map(|case| case.files);
        for found in files.flat_map(|file| regex.find_iter(file.text.as_bytes())) {
            let text = String::from_utf8_lossy(found.as_bytes()).into_owned();
            let lower = text.to_ascii_lowercase();
            let has = |keyword: &&str| {
                text.contains(*keyword) || token.pattern.starts_with("(?i)") && lower.contains(*keyword)
            };
            assert!(token.keywords.iter().any(has), "{}: no keyword in a match", token.rule);
        }
        let rules: Vec<_> = scan(&shown(token), None).iter().filter_map(|it| Some(it.token()?.rule)).collect();
        assert!(rules.len() <= 1, "{}: {rules:?}", token.rule);
    }
}

/// Hosts refuse pushes with tokens in them, and other scanners would report this repository.
#[test]
fn no_page_holds_a_token_in_one_piece() {
    for page in PAGES {
        let found = scan(page.markdown, None);
        let real = found.iter().find(|it| matches!(it.kind, Kind::Token(_) | Kind::PrivateKey(_)));
        assert!(real.is_none(), "{}: write `{{+}}` into the token: {:?}", page.id, real.map(|it| it.span));
    }
}

#[test]
fn a_token_is_found_wherever_it_stands_on_a_line() {
    for token in
        TOKENS.iter().filter(|token| !token.pattern.starts_with("(?i)") && !token.pattern.contains("(?<secret>"))
    {
        let secret = shown(token);
        for (before, behind) in [("", ""), ("\"", "\""), ("x = '", "';"), ("ü", "ü"), ("a\\n", "\\n"), ("(", ")")] {
            let text = format!("\r\n{before}{secret}{behind}\r\n");
            let found = scan(&text, None);
            let spans: Vec<&str> =
                found.iter().filter(|it| it.token().is_some()).map(|it| &text[it.span.range()]).collect();
            assert_eq!(spans, [secret.as_str()], "{}: {before:?} {behind:?}", token.rule);
        }
        let inside = format!("x{secret}9");
        assert!(scan(&inside, None).iter().all(|it| it.token().is_none()), "{}: inside of a longer text", token.rule);
    }
}

#[test]
fn redacting_leaves_nothing_of_a_token() {
    for token in TOKENS {
        let page = PAGES.iter().find(|page| page.id == token.rule).unwrap();
        let secret = shown(token);
        for file in page.cases.iter().filter(|case| case.bad).flat_map(|case| case.files) {
            assert!(!redact(file.text).contains(&secret), "{}", token.rule);
        }
    }
    assert!(matches!(redact("gunicorn school.wsgi"), std::borrow::Cow::Borrowed(_)));
}

#[test]
fn what_is_no_text_is_left_alone() {
    let secret = shown(&TOKENS[0]);
    assert!(scan(&format!("\0{secret}"), None).is_empty());
    assert!(scan("", Some(Language::Env)).is_empty());
}

#[test]
fn a_text_made_of_keywords_is_bounded() {
    let text = "ghp_sk_live_AKIA-----BEGIN ://:@password=\"token\":".repeat(20_000);
    for language in [None, Some(Language::Python), Some(Language::Yaml), Some(Language::Ini)] {
        assert!(scan(&text, language).len() < text.len());
    }
}

#[test]
fn every_cut_of_a_key_is_read_without_a_panic() {
    let page = PAGES.iter().find(|page| page.id == "secret/private-key").unwrap();
    for file in page.cases.iter().filter(|case| case.bad).flat_map(|case| case.files).take(2) {
        for (end, _) in file.text.char_indices() {
            let _ = scan(&file.text[..end], Some(Language::Env));
        }
    }
}
