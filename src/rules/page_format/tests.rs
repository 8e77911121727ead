use super::*;

const PAGE: &str = r##"+++
severity = { staging = "warning", production = "error" }
controls = ["CMP-3"]
cwe = [250]
equivalents = ["kics:privileged_containers_enabled"]
aliases = ["compose/privileged"]
fix = "unsafe"
+++
# privileged-service

A service runs
privileged.

Why it hurts.

```yaml
## Bad is no heading in a code block
```

When to suppress it.

## Bad

### a service asks for all privileges

Words about the case.

```yaml file=compose.yaml
services:
  web:
    # error
    privileged: true
```

## Good

### it asks for nothing {complete}

````yaml file=compose.yaml
web: "```"
````

```json file=app/data.json mode=755 ignored
{}
```

### it asks for less

~~~yaml file=compose.yaml
web:
~~~

## References

* [Runtime privilege](https://docs.docker.com/engine/containers/run/#runtime_(and)_more)
- <https://example.org/a>
"##;

fn read(text: &str) -> PageText {
    parse("compose/privileged-service", text).unwrap()
}

/// What is said of the page with `old` replaced by `new`.
#[track_caller]
fn said(old: &str, new: &str) -> String {
    assert!(PAGE.contains(old), "{old}");
    let complaints = parse("compose/privileged-service", &PAGE.replacen(old, new, 1)).unwrap_err();
    complaints.iter().map(|complaint| complaint.to_string()).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_page_is_read() {
    let page = read(PAGE);
    assert_eq!(page.id, "compose/privileged-service");
    assert_eq!(page.summary, "A service runs privileged.");
    assert!(page.explanation.starts_with("Why it hurts.\n\n```yaml\n"), "{}", page.explanation);
    assert!(page.explanation.ends_with("When to suppress it."), "{}", page.explanation);
    assert!(page.markdown.starts_with("# privileged-service\n"));
    let levels = vec![("production".into(), Level::Error), ("staging".into(), Level::Warning)];
    assert_eq!(page.severity, SeverityText::ByEnvironment(levels), "from the environment that matters most");
    assert!(page.default);
    assert_eq!((page.cwe, page.fix), (vec![250], FixText::Unsafe));
    assert_eq!(page.aliases, ["compose/privileged"]);
    let links = ["https://docs.docker.com/engine/containers/run/#runtime_(and)_more", "https://example.org/a"];
    assert_eq!(page.references, links);
}

#[test]
fn cases_are_read_with_their_files_and_marks() {
    let page = read(PAGE);
    let [bad, complete, less] = &page.cases[..] else { panic!("{:?}", page.cases) };
    assert_eq!((bad.title.as_str(), bad.bad, bad.complete), ("a service asks for all privileges", true, false));
    assert_eq!(bad.files[0].text, "services:\n  web:\n    # error\n    privileged: true\n");
    assert_eq!((&bad.files[0].errors, &bad.files[0].misses), (&vec![4], &vec![]));
    assert_eq!((complete.title.as_str(), complete.bad, complete.complete), ("it asks for nothing", false, true));
    assert_eq!(complete.files[0].text, "web: \"```\"\n", "a longer fence holds a shorter one");
    assert_eq!((complete.files[1].mode, complete.files[1].ignored), (0o755, true));
    assert_eq!((complete.files[1].language.as_str(), complete.files[1].path.as_str()), ("json", "app/data.json"));
    assert_eq!(less.files[0].mode, 0o644);
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_change_nothing() {
    assert_eq!(read(&format!("\u{feff}{}", PAGE.replace('\n', "\r\n"))), read(PAGE));
}

#[test]
fn markers_are_comments_of_many_languages() {
    for marker in ["# error", "// error", "<!-- error -->", "-- error", "; error", "\t#error "] {
        let page = read(&PAGE.replace("    # error", marker));
        assert_eq!(page.cases[0].files[0].errors, [4], "{marker}");
    }
    let page = read(&PAGE.replace("# error", "# todo-error"));
    assert_eq!((&page.cases[0].files[0].errors, &page.cases[0].files[0].misses), (&vec![], &vec![4]));
    assert!(said("# error", "# error: none").contains("marks no line"));
}

#[test]
fn lines_are_marked_by_number_where_a_comment_cannot_stand() {
    let page =
        read(&PAGE.replace("```yaml file=compose.yaml\nservices", "```yaml file=compose.yaml error=1,2\nservices"));
    assert_eq!(page.cases[0].files[0].errors, [1, 2, 4]);
    let said = said("```yaml file=compose.yaml\nservices", "```yaml file=compose.yaml error=9\nservices");
    assert_eq!(said, "28: `error=9`: the file has the lines 1 to 4");
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let cases = [
        ("fix = \"unsafe\"", "fixes = 1", "7: front matter: unknown field `fixes`"),
        ("\"unsafe\"", "\"maybe\"", "7: front matter: unknown variant `maybe`"),
        ("\"error\" }", "\"fatal\" }", "2: unknown severity `fatal`: expected error, warning or note"),
        ("staging =", "stage =", "2: unknown environment `stage`: expected one of production"),
        ("[\"CMP-3\"]", "[\"cmp3\"]", "3: `cmp3` is no control"),
        ("kics:privileged", "kics-privileged", "5: `kics-privileged_containers_enabled` is no equivalent"),
        ("compose/privileged\"", "nowhere/privileged\"", "6: unknown family `nowhere`"),
        ("+++\n# p", "# p", "1: no front matter"),
        ("# privileged-service", "# privileged", "9: the title is `privileged`: expected `privileged-service`"),
        ("privileged.\n\nWhy", "privileged\n\nWhy", "11: expected a summary in one sentence"),
        ("A service runs\n", "One. A service runs\n", "11: the summary, which is the first paragraph, has more"),
        ("## Good", "## Fine", "35: `## Fine` has no place here: expected a case `### …` or `## Good`"),
        ("## Bad\n\n##", "## Good\n\n##", "22: `## Good` has no place here: expected `## Bad`"),
        ("    # error\n", "", "24: bad case \"a service asks for all privileges\" marks no line"),
        ("web:\n~~~", "# error\nweb:\n~~~", "47: good case \"it asks for less\" marks a line"),
        ("    privileged: true\n", "", "31: a marker marks the line below it: expected code there"),
        ("### it asks for less\n\n~~~yaml file=compose.yaml\nweb:\n~~~\n", "", "37: expected at least two cases under"),
        (
            "### it asks for nothing {complete}",
            "### it asks for less",
            "47: another case is called \"it asks for less\"",
        ),
        ("file=app/data.json", "file=../data.json", "43: `file=../data.json`: expected a path below the project"),
        ("file=app/data.json", "file=compose.yaml", "43: this case has two files `compose.yaml`"),
        ("mode=755", "mode=999", "43: `mode=999`: expected Unix permissions"),
        (" ignored", " ignore", "43: unknown word `ignore`"),
        ("json file=app/data.json", "file=app/data.json", "43: expected a language and a file"),
        ("json file=app/data.json", "json", "43: expected `file=`"),
        ("<https://example.org/a>", "<http://example.org/a>", "56: this link is not encrypted"),
        ("- <https://example.org/a>", "Nothing.", "56: expected a list of links"),
    ];
    for (old, new, expected) in cases {
        let said = said(old, new);
        assert!(said.lines().any(|line| line.starts_with(expected)), "{old} → {new}:\n{said}\nexpected {expected}");
    }
}

#[test]
fn all_is_told_at_once_in_the_order_of_lines() {
    let said = parse("compose/no-x", &PAGE.replace("CMP-3", "cmp").replace("## References", "## Links")).unwrap_err();
    let lines: Vec<usize> = said.iter().map(|complaint| complaint.line).collect();
    assert!(lines.is_sorted() && lines.len() >= 4, "{said:?}");
}

#[test]
fn names_say_what_is_found() {
    for (id, expected) in [
        ("compose/no-latest", "begins with `no-`"),
        ("compose/require-tag", "begins with `require-`"),
        ("compose/Image_Latest", "is no rule name"),
        ("compose/image--latest", "is no rule name"),
        ("docker/image-latest", "unknown family `docker`"),
        ("image-latest", "expected `family/name`"),
    ] {
        let complaints = parse(id, PAGE).unwrap_err();
        assert!(complaints[0].message.contains(expected), "{id}: {complaints:?}");
    }
    assert!(parse("compose/node-without-name", &PAGE.replace("# privileged-service", "# node-without-name")).is_ok());
}

#[test]
fn hostile_pages_are_refused_without_a_panic() {
    let hostile = [
        "".to_string(),
        "+++".into(),
        "+++\n+++".into(),
        "+++\nseverity = \"error\"\n+++\n".into(),
        "+++\nseverity = {}\n+++\n# x".into(),
        "+++\nseverity = 1\n+++\n```\n".into(),
        format!("+++\nseverity = {}1{}\n+++\n", "[".repeat(100_000), "]".repeat(100_000)),
        format!("+++\nseverity = \"error\"\n+++\n{}", "#".repeat(100_000)),
        "+++\nseverity = \"ß".into(),
        format!("{PAGE}\n```\n"),
    ];
    for page in &hostile {
        assert!(parse("compose/privileged-service", page).is_err());
    }
    for (end, _) in PAGE.char_indices() {
        let _ = parse("compose/privileged-service", &PAGE[..end]);
    }
}

/// The page with a token's table for its front matter.
fn token_page(table: &str) -> String {
    let front = PAGE.replace("privileged-service", "school-token");
    front.replace("fix = \"unsafe\"\n", &format!("fix = \"unsafe\"\n[token]\n{table}\n"))
}

const TABLE: &str =
    "name = \"a School token\"\nkeywords = [\"sch_\"]\npattern = '''sch_[a-z]{20}'''\nrevoke = \"revoke it\"";

#[test]
fn the_format_of_a_token_is_read() {
    let token = parse("secret/school-token", &token_page(TABLE)).unwrap().token.unwrap();
    assert_eq!((token.name.as_str(), token.pattern.as_str()), ("a School token", "sch_[a-z]{20}"));
    assert_eq!((token.keywords, token.entropy, token.checksum), (vec!["sch_".to_owned()], 3.0, None));
}

#[test]
fn what_is_wrong_with_a_format_is_told() {
    for (old, new, expected) in [
        ("\"sch_\"", "\"s\"", "10: `s` is too short for a keyword"),
        ("[\"sch_\"]", "[]", "8: expected `keywords`"),
        ("sch_[a-z]{20}", "", "11: expected a `pattern`"),
        ("revoke =", "entropy = 9.0\nrevoke =", "12: expected an `entropy` of 0 to 6 bits"),
        ("revoke =", "checksum = \"md5\"\nrevoke =", "12: unknown checksum `md5`: expected one of atlassian"),
        ("revoke =", "unless = \"nowhere/x\"\nrevoke =", "12: unknown family `nowhere`"),
        ("\"a School", "\"School", "8: `name = \"School token\"`: expected a name with its article"),
        ("revoke =", "remove =", "12: front matter: unknown field `remove`"),
    ] {
        let said = parse("secret/school-token", &token_page(&TABLE.replace(old, new))).unwrap_err();
        let said: Vec<String> = said.iter().map(ToString::to_string).collect();
        assert!(said.iter().any(|line| line.starts_with(expected)), "{old} → {new}: {said:?}, expected {expected}");
    }
    let said = parse("compose/school-token", &token_page(TABLE)).unwrap_err();
    assert!(said[0].message.starts_with("only rules of the family `secret`"), "{said:?}");
}

#[test]
fn made_up_tokens_are_put_together() {
    let page = PAGE.replace("privileged: true", "privileged: tr{+}ue");
    let page = parse("compose/privileged-service", &page).unwrap();
    assert!(page.cases[0].files[0].text.ends_with("    privileged: true\n"));
    assert!(page.markdown.contains("tr{+}ue"), "what people and scanners see stays as it is written");
}
