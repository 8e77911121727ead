use super::*;
use crate::project::environment::Opening;

fn variables(open: bool) -> Variables {
    let place = Place::new(RepoPath::new(".env").unwrap(), Span::new(0, 3));
    let set = |name: &str, value: &str| {
        let step = Step::new(place.clone(), Act::Sets(name.to_owned()));
        (name.to_owned(), Traced::known(value.to_owned(), step))
    };
    let mut set: std::collections::BTreeMap<_, _> = [set("TAG", "1.2"), set("EMPTY", "")].into();
    let hidden = Value::Unknown(Reason::IgnoredFile(".env".to_owned()));
    set.insert("HIDDEN".to_owned(), Traced::new(hidden, Vec::new()));
    let either = Value::OneOf(vec!["a".to_owned(), String::new()]);
    set.insert("EITHER".to_owned(), Traced::new(either, Vec::new()));
    let reason = Reason::OutsideVariable("the shell".to_owned());
    Variables { set, open: open.then_some(Opening { reason, step: None }) }
}

fn fill(text: &str, open: bool) -> Interpolated {
    interpolate(&Fragment::verbatim(text, 100), &RepoPath::new("compose.yml").unwrap(), &variables(open))
}

fn known(text: &str) -> Value<String> {
    Value::Known(text.to_owned())
}

fn default(text: &str) -> Value<String> {
    Value::Default(text.to_owned())
}

fn outside(name: &str) -> Value<String> {
    Value::Unknown(Reason::OutsideVariable(name.to_owned()))
}

#[test]
fn the_operators_do_what_the_specification_says_where_everything_is_shown() {
    let cases = [
        ("app:$TAG", "app:1.2"),
        ("app:${TAG}", "app:1.2"),
        ("${NONE}|$NONE|", "||"),
        ("${EMPTY:-d} ${EMPTY-d} ${NONE-d} ${NONE:-d} ${TAG:-d}", "d  d d 1.2"),
        ("${TAG:?err} ${EMPTY?err}", "1.2 "),
        ("${TAG:+a}${EMPTY:+a}${EMPTY+b}${NONE+a}", "ab"),
        ("${NONE:-${EMPTY:-${TAG}}}", "1.2"),
        ("${NONE:-{\"a\": 1}}!", "{\"a\": 1}!"),
        ("$$TAG $${TAG} $$$TAG", "$TAG ${TAG} $1.2"),
        ("5$ $1 $-", "5$ $1 $-"),
        ("$TAG-x ${NONE:-a:b/c?d}", "1.2-x a:b/c?d"),
    ];
    for (text, expected) in cases {
        assert_eq!(fill(text, false).traced.value, known(expected), "{text}");
        assert_eq!(fill(text, false).text.text(), expected, "{text}");
    }
}

#[test]
fn a_required_variable_must_come_from_outside() {
    assert_eq!(fill("${NONE:?set it}", false).traced.value, outside("NONE"));
    assert_eq!(fill("${EMPTY:?set it}", false).traced.value, outside("EMPTY"));
}

#[test]
fn what_may_be_set_outside_is_unknown_or_a_default() {
    assert_eq!(fill("x${NONE}", true).traced.value, outside("NONE"));
    assert_eq!(fill("x${NONE:-y}", true).traced.value, default("xy"));
    assert_eq!(fill("x${TAG:-y}", true).traced.value, known("x1.2"));
    assert_eq!(fill("x${HIDDEN:-y}", true).traced.value, Value::Unknown(Reason::IgnoredFile(".env".to_owned())));
    assert_eq!(fill("${NONE:+y}", true).traced.value, Value::OneOf(vec![String::new(), "y".to_owned()]));
    assert_eq!(fill("${NONE:-${OTHER}}", true).traced.value, outside("OTHER"));
}

#[test]
fn one_of_several_stays_one_of_several() {
    let one_of = |texts: &[&str]| Value::OneOf(texts.iter().map(|&text| text.to_owned()).collect());
    assert_eq!(fill("x${EITHER}", false).traced.value, one_of(&["xa", "x"]));
    assert_eq!(fill("x${EITHER:-d}", false).traced.value, one_of(&["xa", "xd"]));
    assert!(fill(&"${EITHER}".repeat(5), false).traced.value.is_unknown(), "bounded");
}

#[test]
fn what_is_known_of_an_unknown_text_is_kept() {
    let image = fill("registry/postgres:${NONE}-alpine", true);
    assert_eq!(image.literal_prefix, "registry/postgres:");
    assert_eq!(image.text.text(), "registry/postgres:${NONE}-alpine");
    assert_eq!(image.variables[0].span, Span::new(118, 125));
    assert_eq!(fill("${NONE:-a}b${NONE}c", true).literal_prefix, "ab");
}

#[test]
fn the_trail_leads_from_the_place_that_sets_to_the_place_that_reads() {
    let acts = |text: &str| -> Vec<Act> { fill(text, false).traced.trail.into_iter().map(|step| step.act).collect() };
    assert_eq!(acts("${TAG}"), [Act::Sets("TAG".to_owned()), Act::Reads("TAG".to_owned())]);
    assert_eq!(acts("${NONE:-d}"), [Act::FallsBack("NONE".to_owned())]);
    let trail = fill("ab${NONE:-dflt}", false).traced.trail;
    assert_eq!(trail[0].place.span, Span::new(110, 114), "the fallback itself");
}

#[test]
fn the_text_keeps_the_way_back() {
    let filled = fill("${TAG} then $$HOME", false);
    let at = filled.text.text().find("$HOME").unwrap();
    assert_eq!(filled.text.to_file(Span::new(at + 1, at + 5)), Span::new(114, 118));
    assert_eq!(filled.text.to_file(Span::new(0, 1)).start, 100);
}

#[test]
fn what_is_malformed_is_unknown_and_stays_as_it_is() {
    for text in ["a${", "a${}", "a${1}", "a${A", "a${A:-", "a${A:-${B}", "a${A/b/c}", "a${A b}"] {
        let filled = fill(text, false);
        assert!(filled.traced.value.is_unknown(), "{text}");
        assert_eq!(filled.text.text(), text);
    }
}

#[test]
fn nesting_and_repetition_are_bounded() {
    let deep = format!("{}x{}", "${A:-".repeat(50_000), "}".repeat(50_000));
    assert!(fill(&deep, false).traced.value.is_unknown());
    fill(&"${A:-".repeat(20_000), false);
    let long = Traced::new(known(&"x".repeat(10_000)), Vec::new());
    let variables = Variables { set: [("L".to_owned(), long)].into(), open: None };
    let text = Fragment::verbatim("$L ".repeat(10_000), 0);
    let filled = interpolate(&text, &RepoPath::root(), &variables);
    assert!(filled.traced.value.is_unknown() && filled.text.text().len() < 200_000);
}
