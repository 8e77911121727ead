use super::*;

fn compose(text: &str) -> EnvFile {
    let (file, problems) = parse(text, Dialect::Compose);
    assert_eq!(problems, [], "{text}");
    file
}

fn python(text: &str) -> EnvFile {
    let (file, problems) = parse(text, Dialect::PythonDotenv);
    assert_eq!(problems, [], "{text}");
    file
}

fn host(name: &str) -> Option<String> {
    (name == "HOST").then(|| "host".to_owned())
}

fn values(file: &EnvFile) -> Vec<(String, Option<String>)> {
    file.resolve(&host).into_iter().map(|(key, resolved)| (key, resolved.value)).collect()
}

fn value(file: &EnvFile, key: &str) -> Option<String> {
    file.resolve(&host).remove(key).and_then(|resolved| resolved.value)
}

#[test]
fn compose_reads_every_form_of_an_entry() {
    for (text, expected) in [
        ("FOO=bar", "bar"),
        ("FOO =bar", "bar"),
        ("FOO= bar", "bar"),
        (" FOO=bar ", "bar"),
        ("FOO: bar", "bar"),
        ("export FOO=bar", "bar"),
        ("export\tFOO=bar", "bar"),
        ("FOO=\"bar\"", "bar"),
        ("FOO='bar'", "bar"),
        ("FOO=", ""),
        ("FOO=\"\"", ""),
        ("FOO=a=b", "a=b"),
        ("FOO=1:B", "1:B"),
        ("FOO=bar # comment", "bar"),
        ("FOO=bar #", "bar"),
        ("FOO= # a value", "# a value"),
        ("FOO=bar\t# no comment", "bar\t# no comment"),
        ("FOO=123#no-comment", "123#no-comment"),
        ("FOO=\"bar#baz\" # comment", "bar#baz"),
        ("FOO='bar#baz' # comment", "bar#baz"),
        ("FOO=\"a\\\"b\"", "a\"b"),
        ("FOO='a\\'b'", "a'b"),
        ("FOO='a\\nb'", "a\\nb"),
        ("FOO=\"a\\nb\"", "a\nb"),
        ("FOO=a\\tb", "a\\tb"),
        ("FOO=\"Z\\aZ\\bZ\\fZ\\nZ\\rZ\\tZ\\vZ\\\\Z\\0123Z\"", "Z\u{7}Z\u{8}Z\u{c}Z\nZ\rZ\tZ\u{b}Z\\ZSZ"),
        ("FOO=\"\\x07 \\0999\"", "\\x07 \\0999"),
        ("FOO=\"two\nlines\"", "two\nlines"),
        ("FOO='two\r\nlines'\r\n", "two\r\nlines"),
        ("FOO=bar\r\n", "bar"),
        ("FOO=$HOST", "host"),
        ("FOO=\"${HOST}s\"", "hosts"),
        ("FOO='$HOST'", "$HOST"),
        ("FOO=\"\\$HOST\"", "$HOST"),
        ("FOO=$$HOST", "$HOST"),
        ("FOO=${NONE:-d}", "d"),
        ("FOO=${NONE-d}", "d"),
        ("FOO=${NONE:-${HOST:-d}}x", "hostx"),
        ("FOO=${NONE:-{a}}", "{a}"),
        ("FOO=${HOST:+yes}", "yes"),
        ("FOO=$NONE", ""),
        ("FOO=cost: 5$ or $5", "cost: 5$ or $5"),
        ("\u{feff}FOO=bar", "bar"),
        ("# comment\n\n  # another\nFOO=bar", "bar"),
    ] {
        assert_eq!(values(&compose(text)), [("FOO".to_owned(), Some(expected.to_owned()))], "{text}");
    }
}

#[test]
fn compose_takes_a_key_alone_from_its_own_environment() {
    let file = compose("HOST\nNONE\n");
    assert_eq!(values(&file), [("HOST".into(), Some("host".into())), ("NONE".into(), None)]);
    assert_eq!(value(&compose("A=1\nA\n"), "A").as_deref(), Some("1"));
    assert_eq!(value(&compose("A"), "A"), None);
}

#[test]
fn earlier_keys_are_substituted_after_the_environment() {
    let file = compose("A=1\nB=${A}2\nHOST=file\nC=$HOST\nA=3\n");
    assert_eq!(value(&file, "B").as_deref(), Some("12"));
    assert_eq!(value(&file, "C").as_deref(), Some("host"));
    assert_eq!(value(&file, "A").as_deref(), Some("3"));
    assert_eq!(file.overridden().len(), 1);
    assert_eq!(file.resolve(&host)["A"].entry, 4);
    assert_eq!(value(&compose("A=${NONE:?needed}"), "A"), None);
}

#[test]
fn what_compose_refuses_is_a_problem_and_the_rest_is_read() {
    for text in [
        "A B=1\nKEY=1",
        "=1\nKEY=1",
        "A+B=1\nKEY=1",
        "A=\"open\nKEY=1",
        "A='open\nKEY=1",
        "A=${open\nKEY=1",
        "A=${X|y}\nKEY=1",
        "A=\"x\"y z\nKEY=1",
        "{% if %}\nKEY=1",
    ] {
        let (file, problems) = parse(text, Dialect::Compose);
        assert_eq!(problems.len(), 1, "{text}");
        assert_eq!(value(&file, "KEY").as_deref(), Some("1"), "{text}");
        assert!(text.get(problems[0].span.range()).is_some());
    }
}

#[test]
fn places_are_those_of_the_file() {
    let text = "# top\nexport KEY = \"a\\n${X:-d}\" # why\nEMPTY=  \nPLAIN=v # w\n";
    for dialect in [Dialect::Compose, Dialect::PythonDotenv] {
        let (file, problems) = parse(text, dialect);
        assert_eq!(problems, []);
        let key = &file.entries[0];
        let quoted = key.value.as_ref().unwrap();
        assert!(key.export);
        assert_eq!(&text[key.key.span.range()], "KEY");
        assert_eq!(&text[quoted.span.range()], "\"a\\n${X:-d}\"");
        assert_eq!(quoted.raw.value, "a\\n${X:-d}");
        assert_eq!((quoted.quote, quoted.literal()), (Quote::Double, None));
        let variable = quoted.variables()[0];
        assert_eq!(&text[variable.span.range()], "${X:-d}");
        assert_eq!(&text[variable.name.span.range()], "X");
        let empty = file.entries[1].value.as_ref().unwrap();
        assert_eq!((empty.literal().unwrap(), empty.span), (String::new(), Span::at(text.find("  \nPLAIN").unwrap())));
        assert_eq!(&text[file.entries[2].span.range()], "PLAIN=v");
        let comments: Vec<&str> = file.comments.iter().map(|comment| comment.value.as_str()).collect();
        assert_eq!(comments, ["# top", "# why", "# w"], "{dialect:?}");
        assert!(file.comments.iter().all(|comment| text[comment.span.range()] == comment.value));
    }
}

#[test]
fn python_dotenv_reads_every_form_of_an_entry() {
    for (text, expected) in [
        ("FOO=bar", Some("bar")),
        ("export FOO = bar", Some("bar")),
        ("'FOO'=bar", Some("bar")),
        ("FOO", None),
        ("FOO=", Some("")),
        ("FOO= # comment", Some("")),
        ("FOO=#no-comment", Some("#no-comment")),
        ("FOO=a#b", Some("a#b")),
        ("FOO=a\t# comment", Some("a")),
        ("FOO=a b ", Some("a b")),
        ("FOO='a\\'b\\n'", Some("a'b\\n")),
        ("FOO=\"a\\\"b\\n\\x\"", Some("a\"b\n\\x")),
        ("FOO=\"two\nlines\" # comment", Some("two\nlines")),
        ("FOO=$HOST", Some("$HOST")),
        ("FOO=${HOST}", Some("host")),
        ("FOO='${HOST}'", Some("host")),
        ("FOO=${NONE}", Some("")),
        ("FOO=${NONE:-d}", Some("d")),
        ("FOO=${NONE:-${HOST}}", Some("${HOST}")),
        ("FOO=${NONE-d}", Some("")),
        ("FOO=${HOST:?x}", Some("${HOST:?x}")),
        ("FOO=$${HOST}", Some("$host")),
        ("FOO=bar\rNEXT", Some("bar")),
        ("\u{feff}FOO=bar\r\n", Some("bar")),
    ] {
        assert_eq!(value(&python(text), "FOO").as_deref(), expected, "{text}");
    }
}

#[test]
fn what_python_dotenv_cannot_parse_is_a_problem_and_the_rest_is_read() {
    for text in ["A=\"open\nKEY=1", "A='x' y\nKEY=1", "=x\nKEY=1", "'A=1\nKEY=1", "A B=1\nKEY=1", "''=1\nKEY=1"] {
        let (file, problems) = parse(text, Dialect::PythonDotenv);
        assert_eq!(problems.len(), 1, "{text}");
        assert_eq!(value(&file, "KEY").as_deref(), Some("1"), "{text}");
    }
}

#[test]
fn hostile_files_are_read_in_bounded_time_and_space() {
    let lines = 30_000;
    let doubling: String = (0..200).map(|_| "A=x${A}${A}\n").collect();
    for text in [
        doubling,
        "A=\"open\n".repeat(lines),
        "A='open\n".repeat(lines),
        "'open\n".repeat(lines),
        format!("A={}", "${A:-".repeat(lines)),
        format!("A={}", "${".repeat(lines)),
        format!("A={}:", "${".repeat(lines)),
        format!("A={}", "${A:x".repeat(lines)),
        format!("A=\"{}\"", "\\".repeat(2 * lines)),
        "=".repeat(1_000_000),
        "#\n".repeat(lines),
        "A=é\u{a0}\u{85}\\\n\"🎉'$".repeat(100),
        "export ".repeat(lines),
    ] {
        for dialect in [Dialect::Compose, Dialect::PythonDotenv] {
            let start = std::time::Instant::now();
            let (file, problems) = parse(&text, dialect);
            file.resolve(&|_| None);
            assert!(start.elapsed().as_secs() < 10);
            for span in problems.iter().map(|problem| problem.span).chain(file.entries.iter().map(|entry| entry.span)) {
                assert!(text.get(span.range()).is_some());
            }
        }
    }
}

#[test]
fn every_prefix_of_a_file_is_read_and_all_spans_lie_inside() {
    let text = "# é\nexport A=\"b\\\"🎉${C:-${D}}\\0123\" # x\nE='f\\'\ng'\nH: ${I:?é}$J$$\nK=  # c\n'L'=m # n\nO\n";
    for (end, _) in text.char_indices() {
        for dialect in [Dialect::Compose, Dialect::PythonDotenv] {
            let text = &text[..end];
            let (file, problems) = parse(text, dialect);
            let mut spans: Vec<Span> = problems.iter().map(|problem| problem.span).collect();
            spans.extend(file.comments.iter().map(|comment| comment.span));
            for entry in &file.entries {
                spans.extend([entry.span, entry.key.span]);
                if let Some(value) = &entry.value {
                    spans.extend([value.span, value.raw.span]);
                    spans.extend(value.variables().into_iter().flat_map(|v| [v.span, v.name.span]));
                    spans.extend(value.parts.iter().filter_map(|part| match part {
                        Part::Literal { text, .. } => Some(text.span),
                        Part::Variable(_) => None,
                    }));
                }
            }
            for span in spans {
                assert!(text.get(span.range()).is_some(), "{span:?} in {text:?}");
            }
        }
    }
}
