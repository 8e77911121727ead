use super::*;
use crate::source::Problem;

fn read(text: &str) -> Yaml {
    let (yaml, problems) = parse(text);
    assert!(problems.is_empty(), "{problems:?} in {text:?}");
    yaml
}

fn get(yaml: &Yaml, path: &[&str]) -> NodeId {
    path.iter().fold(yaml.documents[0], |node, key| match key.parse::<usize>() {
        Ok(at) => yaml.items(node).unwrap()[at],
        Err(_) => yaml.get(node, key).unwrap_or_else(|| panic!("no {key}")),
    })
}

/// Spans lie in the text, on character boundaries, and children in their parents.
fn check(text: &str) -> (Yaml, Vec<Problem>) {
    let (yaml, problems) = parse(text);
    let fits = |span: Span| text.get(span.range()).is_some();
    for id in yaml.ids() {
        let node = yaml.node(id);
        assert!(fits(node.span), "{node:?} in {text:?}");
        for place in [&node.tag, &node.anchor].into_iter().flatten() {
            assert!(fits(place.span), "{node:?} in {text:?}");
        }
        let fragment = yaml.fragment(id);
        assert!(fits(fragment.span()));
        for at in (0..fragment.text().len()).step_by(1 + fragment.text().len() / 20) {
            assert!(fragment.to_file(Span::at(at)).end as usize <= text.len());
        }
        let children: Vec<NodeId> = match &node.kind {
            Kind::Sequence(items) => items.clone(),
            Kind::Mapping(pairs) => pairs.iter().flat_map(|&(key, value)| [key, value]).collect(),
            _ => Vec::new(),
        };
        for child in children {
            assert!(child > id, "a child stands after its parent");
            assert!(yaml.node(child).span.end <= node.span.end, "{text:?}: {:?} in {node:?}", yaml.node(child));
        }
        yaml.entries(id);
        yaml.duplicates(id);
    }
    assert!(yaml.comments.iter().all(|comment| fits(comment.span)));
    assert!(problems.iter().all(|problem| fits(problem.span)), "{problems:?}");
    (yaml, problems)
}

#[test]
fn block_collections_end_with_their_last_child() {
    let text = "a:\n  - x\n  - y: 1\n\n# c\nb: [1, {c: d}]\ne:\n";
    let yaml = read(text);
    assert_eq!(yaml.source(get(&yaml, &["a"])), "- x\n  - y: 1");
    assert_eq!(yaml.source(get(&yaml, &["a", "1"])), "y: 1");
    assert_eq!(yaml.source(get(&yaml, &["b"])), "[1, {c: d}]");
    assert_eq!(yaml.source(yaml.documents[0]), &text[..text.len() - 2]);
    let missing = get(&yaml, &["e"]);
    assert!(yaml.is_null(missing) && yaml.span(missing).is_empty());
    assert_eq!(yaml.comments[0].text, " c");
    check(text);
}

#[test]
fn block_scalars_do_not_swallow_what_follows() {
    let yaml = read("a: |\n  x\n  y\n\n  # not a comment\n\nb: >-\n  p\n  q\n");
    assert_eq!(yaml.source(get(&yaml, &["a"])), "x\n  y\n\n  # not a comment");
    assert_eq!(yaml.text(get(&yaml, &["a"])), Some("x\ny\n\n# not a comment\n"));
    assert_eq!(yaml.source(get(&yaml, &["b"])), "p\n  q");
    assert!(yaml.comments.is_empty());
}

#[test]
fn a_literal_block_maps_back_line_by_line() {
    for newline in ["\n", "\r\n"] {
        let text = "run: |\n  set -e\n\n  if true; then\n    gunicorn app \n  fi\nend: 1\n".replace('\n', newline);
        let yaml = read(&text);
        let script = yaml.fragment(get(&yaml, &["run"]));
        let at = script.text().find("gunicorn").unwrap();
        assert_eq!(&text[script.to_file(Span::new(at, at + 8)).range()], "gunicorn");
        let fi = script.text().find("fi\n").unwrap();
        assert_eq!(&text[script.to_file(Span::new(fi, fi + 2)).range()], "fi");
    }
}

#[test]
fn a_folded_block_maps_back_word_by_word() {
    let text = "run: >\n  gunicorn app\n  --bind 0.0.0.0:8000\n\n  --reload\n    --more\n  --last\n\nend: 1\n";
    let yaml = read(text);
    let script = yaml.fragment(get(&yaml, &["run"]));
    assert_eq!(script.text(), "gunicorn app --bind 0.0.0.0:8000\n--reload\n  --more\n--last\n");
    for word in ["gunicorn", "--bind", "--reload", "--more", "--last"] {
        let at = script.text().find(word).unwrap();
        assert_eq!(&text[script.to_file(Span::new(at, at + word.len())).range()], word);
    }
}

#[test]
fn quoted_scalars_map_back_over_escapes_and_folds() {
    let cases = [
        ("a: 'it''s here'", "it's here", "here"),
        ("a: \"x\\t\\u00e9\\x41 \\U0001F389 here\"", "x\té\u{41} \u{1F389} here", "here"),
        ("a: \"\\uD83C\\uDF89 here\"", "\u{1F389} here", "here"),
        ("a: \"x \\\n   y\n\n\n  here\"", "x y\n\nhere", "here"),
        ("a: one\n  two\n\n  here", "one two\nhere", "here"),
    ];
    for (text, value, word) in cases {
        let yaml = read(text);
        let fragment = yaml.fragment(get(&yaml, &["a"]));
        assert_eq!(fragment.text(), value);
        let at = value.find(word).unwrap();
        assert_eq!(&text[fragment.to_file(Span::new(at, at + word.len())).range()], word, "{text:?}");
    }
}

#[test]
fn the_core_schema_types_what_is_not_quoted() {
    let yaml = read(
        "- true\n- 'true'\n- yes\n- 0x1F\n- 017\n- 1.5e3\n- ~\n- ''\n- !!str 5\n- 22:22\n- 2024-01-01\n- .5\n- '~'\n- 0o17",
    );
    let items = yaml.items(yaml.documents[0]).unwrap();
    assert_eq!(items.iter().filter_map(|&id| yaml.as_bool(id)).collect::<Vec<_>>(), [true]);
    assert_eq!((yaml.as_str(items[1]), yaml.as_str(items[2])), (Some("true"), Some("yes")));
    assert_eq!((yaml.as_int(items[3]), yaml.as_int(items[4]), yaml.as_int(items[13])), (Some(31), Some(17), Some(15)));
    assert_eq!((yaml.as_float(items[5]), yaml.as_float(items[11])), (Some(1500.0), Some(0.5)));
    assert!(yaml.is_null(items[6]) && !yaml.is_null(items[7]) && !yaml.is_null(items[12]));
    assert_eq!([8, 9, 10].map(|at| yaml.as_str(items[at])), [Some("5"), Some("22:22"), Some("2024-01-01")]);
}

#[test]
fn go_prints_typed_scalars_its_own_way() {
    let printed = ["True", "1.10", "1e3", "0x1f", "1e21", "0.00001", "yes", "007", "-0", "a b", "12345678901234567890"];
    let printed: Vec<_> = printed.iter().map(|text| go_text(text).unwrap()).collect();
    let expected = ["true", "1.1", "1000", "31", "1e+21", "1e-05", "yes", "7", "0", "a b", "12345678901234567890"];
    assert_eq!(printed, expected);
    assert_eq!(go_text("~"), None);
}

#[test]
fn merge_keys_give_way_to_own_keys_and_to_earlier_merges() {
    let text = "base: &base\n  a: 1\n  b: 2\nmore: &more\n  <<: *base\n  b: 3\n  c: 4\nall:\n  <<: [*more, *base]\n  a: own\n  '<<': text\n";
    let yaml = read(text);
    let all = get(&yaml, &["all"]);
    let value = |key: &str| yaml.get(all, key).and_then(|id| yaml.text(id));
    assert_eq!([value("a"), value("b"), value("c"), value("<<")], [Some("own"), Some("3"), Some("4"), Some("text")]);
    let entries = yaml.entries(all);
    let names: Vec<_> = entries.iter().filter_map(|entry| yaml.text(entry.key)).collect();
    assert_eq!(names, ["a", "<<", "b", "c"]);
    assert_eq!(entries[0].merged_by, None);
    let by = entries[2].merged_by.unwrap();
    assert_eq!(&text[yaml.span(by).range()], "[*more, *base]");
    assert_eq!(&text[yaml.span(entries[2].key).range()], "b");
}

#[test]
fn duplicate_keys_are_visible_and_the_last_holds() {
    let text = "a: 1\nb: 2\na: 3\n";
    let yaml = read(text);
    let duplicates = yaml.duplicates(yaml.documents[0]);
    assert_eq!(duplicates.len(), 1);
    assert_eq!((yaml.span(duplicates[0].first).start, yaml.span(duplicates[0].again).start), (0, 10));
    assert_eq!(yaml.text(get(&yaml, &["a"])), Some("3"));
    assert_eq!(yaml.text(yaml.entries(yaml.documents[0])[0].value), Some("3"));
}

#[test]
fn tags_and_anchors_keep_their_places() {
    let text = "ports: !reset []\nenv: !override\n  &x a: !vault |\n    secret\n";
    let yaml = read(text);
    assert_eq!(yaml.tag(get(&yaml, &["ports"])), Some("!reset"));
    let env = get(&yaml, &["env"]);
    let tag = yaml.node(env).tag.as_ref().unwrap();
    assert_eq!((tag.value.as_str(), &text[tag.span.range()]), ("!override", "!override"));
    assert_eq!(yaml.tag(yaml.get(env, "a").unwrap()), Some("!vault"));
    let key = yaml.entry(env, "a").unwrap().key;
    assert_eq!(&text[yaml.node(key).anchor.as_ref().unwrap().span.range()], "&x");
}

#[test]
fn an_error_ends_its_document_but_not_the_file() {
    let text = "a: 1\nb:\n\tc: 2\n---\nd: 4\n---\ne: [1, 2\nf: 3\n";
    let (yaml, problems) = check(text);
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert_eq!(&text[problems[0].span.range()], "\t");
    assert!(problems[0].message.contains("tab"));
    assert_eq!(yaml.documents.len(), 3);
    assert_eq!(yaml.text(get(&yaml, &["a"])), Some("1"));
    assert_eq!(yaml.get(yaml.documents[1], "d").and_then(|id| yaml.as_int(id)), Some(4));
    assert_eq!(yaml.get(yaml.documents[2], "e").map(|id| yaml.items(id).unwrap().len()), Some(1));
}

#[test]
fn an_alias_to_nothing_is_a_problem_and_null() {
    let text = "a: *gone\nb: 1\n";
    let (yaml, problems) = check(text);
    assert_eq!(&text[problems[0].span.range()], "*gone");
    assert!(yaml.is_null(get(&yaml, &["a"])));
    assert_eq!(yaml.as_int(get(&yaml, &["b"])), Some(1));
}

#[test]
fn a_byte_order_mark_and_crlf_shift_nothing() {
    let text = "\u{feff}a: 1\r\nb:\r\n  - \"é\"\r\n";
    let (yaml, problems) = check(text);
    assert!(problems.is_empty());
    assert_eq!(yaml.span(yaml.entry(yaml.documents[0], "a").unwrap().key), Span::new(3, 4));
    assert_eq!(yaml.source(get(&yaml, &["b", "0"])), "\"é\"");
}

#[test]
fn a_key_may_be_followed_by_many_comments() {
    let text = format!("a:\n{}  b: 1\n", "  # no\n".repeat(2_000));
    let (yaml, problems) = check(&text);
    assert!(problems.is_empty());
    assert_eq!(yaml.comments.len(), 2_000);
    assert_eq!(yaml.as_int(get(&yaml, &["a", "b"])), Some(1));
}

#[test]
fn deep_nesting_is_a_problem_with_a_place() {
    for piece in ["[", "- ", "? ", ": ", "{a: ", "a: [", "!!x ", "&a "] {
        let text = piece.repeat(100_000);
        let (_, problems) = check(&text);
        assert!(!problems.is_empty(), "{piece}");
    }
    let deep: String = (0..3_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    assert!(!check(&deep).1.is_empty());
}

#[test]
fn alias_bombs_cost_nothing() {
    let levels = |open: &str, item: &str, close: &str| -> String {
        let mut text = "l0: &l0 {k: v}\n".to_owned();
        for level in 1..40 {
            let items = vec![item.replace('N', &(level - 1).to_string()); 9].join(", ");
            text += &format!("l{level}: &l{level} {open}{items}{close}\n");
        }
        text
    };
    for text in [
        levels("[", "*lN", "]"),
        levels("{<<: [", "*lN", "]}"),
        levels("{", "? *lN : 1", "}"),
        "a: &a\n  <<: *a\n  b: &b [*a, *b]\n".to_owned(),
    ] {
        let (yaml, _) = check(&text);
        assert!(!yaml.entries(yaml.documents[0]).is_empty());
    }
}

#[test]
fn templates_and_rubbish_are_no_reason_to_panic() {
    for text in [
        "",
        "\n",
        "\0",
        "a: \0b",
        "---",
        "...",
        "%YAML 9.9\n---\n",
        "%TAG ! !",
        "\u{feff}",
        "\t",
        "{{ cookiecutter.x }}",
        "image: {{ image }}:{{ tag }}",
        "{% if x %}\na: 1\n{% endif %}\nb: 2",
        "'",
        "\"\\",
        "\"\\u12",
        "|",
        "a: |9\n x",
        "? ",
        "- - -",
        "!<",
        "&",
        "*",
        "a: 'x\n",
        "\u{85}\u{2028}a: b",
        "[,]",
        "{,}",
        "a:\r- b\r",
        "💥: 💥",
        "a: >+\n\n\n",
        "a: |\n \n  x\n",
        "\"a\\\r\n b\"",
        "--- |\n%\n",
        "a: \"\\uD83C\"",
    ] {
        check(text);
    }
}

#[test]
fn a_line_of_ten_megabytes_is_read() {
    let text = format!("a: {}\nb: 1\n", "x".repeat(10_000_000));
    let (yaml, problems) = parse(&text);
    assert!(problems.is_empty());
    assert_eq!(yaml.as_int(get(&yaml, &["b"])), Some(1));
}

#[test]
fn mutations_of_real_text_never_break_a_span() {
    let text = "x-a: &a {k: 'v''w', \"p\\tq\": é}\nservices:\n  web: # c\n    <<: *a\n    command: >-\n      run\n       it\n\n    ports: !reset\n    - \"80:80\"\n    - |\n      a\n\n      b\n---\nb: ? [x]\n";
    let boundaries: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let pieces =
        ["", "\n", "\t", "'", "\"", "[", "}", ": ", "- ", "|\n", "\r\n", "*a", "&a ", "#", "\\", "é", "\0", "---\n"];
    let mut state = 7_u64;
    for _ in 0..3_000 {
        let mut next = |bound: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % bound
        };
        let from = boundaries[next(boundaries.len())];
        let to = boundaries[next(boundaries.len())].clamp(from, (from + 12).min(text.len()));
        let to = (from..=to).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(from);
        check(&format!("{}{}{}", &text[..from], pieces[next(pieces.len())], &text[to..]));
    }
}

/// What our tree says, as another library's value.
fn as_value(yaml: &Yaml, id: NodeId) -> serde_yaml::Value {
    use serde_yaml::Value;
    match &yaml.get_node(id).kind {
        Kind::Sequence(items) => Value::Sequence(items.iter().map(|&item| as_value(yaml, item)).collect()),
        Kind::Mapping(pairs) => {
            Value::Mapping(pairs.iter().map(|&(key, value)| (as_value(yaml, key), as_value(yaml, value))).collect())
        }
        _ if yaml.is_null(id) => Value::Null,
        _ => yaml
            .as_bool(id)
            .map(Value::from)
            .or_else(|| yaml.as_int(id).map(Value::from))
            .or_else(|| yaml.as_float(id).map(Value::from))
            .unwrap_or_else(|| Value::from(yaml.text(id).unwrap_or(""))),
    }
}

#[test]
fn an_independent_reader_agrees_on_valid_documents() {
    let documents = [
        "services:\n  web:\n    image: app:1.2\n    ports: [\"80:80\", 443]\n    privileged: false\n",
        "x: &x\n  a: 1\ny:\n  <<: *x\n  b: [*x, *x]\n",
        "on:\n  push:\n    branches: [main]\njobs:\n  test:\n    steps:\n      - run: |\n          set -e\n          pytest\n      - uses: actions/checkout@v4\n",
        "a: >\n  folded\n  text\n\n  next\n    more\n  end\nb: |-\n  x\n\n\nc: |+\n  y\n\n\n",
        "a: 'it''s'\nb: \"tab\\there \\u00e9\"\nc: plain with spaces  # comment\n",
        "- 1\n- -2\n- 1.5\n- .5\n- 1e3\n- 0x1F\n- 0o17\n- true\n- null\n- ~\n-\n- ''\n",
        "? complex key\n: value\n? [a, b]\n: {c: d}\n",
        "a: one\n  two\n  three\n\n  four\nb: \"x\n  y\n\n  z\"\n",
        "a:\n- x\n- - y\n  - z\n- k: v\n  w: q\n",
        "{a: [1, 2, {b: c}], \"d\": 'e', f: }\n",
        "a: yes\nb: on\nc: 22:22\nd: 2024-01-01\ne: 1_000\nf: v1.2\n",
        "%YAML 1.2\n---\na: 1\n...\n",
        "a: |2\n    two more\n  none\nb: 1\n",
        "key with spaces: http://example.com:80/x#y\nother: a - b ? c, d\n",
        "a: \"\"\nb: ''\nc: !!str 5\nd: - \n",
        "healthcheck:\n  test: [\"CMD-SHELL\", \"pg_isready -U $${POSTGRES_USER:-postgres}\"]\n  interval: 10s\n",
    ];
    let mut compared = 0;
    for text in documents {
        let Ok(expected) = serde_yaml::from_str::<serde_yaml::Value>(text) else { continue };
        let yaml = read(text);
        assert_eq!(as_value(&yaml, yaml.documents[0]), expected, "{text}");
        compared += 1;
    }
    assert!(compared >= 14, "{compared}");
}

/// Tags of Compose (`!override`) are kept beside our tree's values.
fn untagged(value: serde_yaml::Value) -> serde_yaml::Value {
    use serde_yaml::Value;
    match value {
        Value::Tagged(tagged) => untagged(tagged.value),
        Value::Sequence(items) => Value::Sequence(items.into_iter().map(untagged).collect()),
        Value::Mapping(pairs) => Value::Mapping(pairs.into_iter().map(|(key, value)| (key, untagged(value))).collect()),
        plain => plain,
    }
}

/// The compose files, workflows and manifests in the cases of all pages.
#[test]
fn an_independent_reader_agrees_on_the_cases_of_pages() {
    let files = crate::rules::catalogue::PAGES.iter().flat_map(|page| page.cases).flat_map(|case| case.files);
    // serde_yaml takes `0022` for a text; by the core schema it is a number.
    let zeros = regex::Regex::new(r"(?m)[:-] +0[0-9]+\s*$").unwrap();
    let yaml = files.filter(|file| file.path.ends_with(".yml") || file.path.ends_with(".yaml"));
    let yaml = yaml.filter(|file| !zeros.is_match(file.text));
    let (mut compared, mut told) = (0, Vec::new());
    for file in yaml {
        let Ok(expected) = serde_yaml::from_str::<serde_yaml::Value>(file.text) else { continue };
        let (read, problems) = parse(file.text);
        assert!(problems.is_empty(), "{problems:?}\n{}", file.text);
        let Some(root) = read.documents.first() else { continue };
        compared += 1;
        if as_value(&read, *root) != untagged(expected) {
            told.push(file.text);
        }
    }
    assert!(told.is_empty(), "{} of {compared}\n{}", told.len(), told.join("\n---\n"));
    assert!(compared > 800, "{compared}");
}
