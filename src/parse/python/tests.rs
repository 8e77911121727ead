use super::*;

fn one(text: &str) -> StmtKind {
    let (mut module, problems) = parse(text);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(module.body.len(), 1, "{module:#?}");
    module.body.remove(0).kind
}

fn value(text: &str) -> ExprKind {
    match one(text) {
        StmtKind::Expr(expr) => expr.kind,
        StmtKind::Assign { value, .. } => value.kind,
        other => panic!("{other:?}"),
    }
}

fn string(text: &str) -> String {
    match value(text) {
        ExprKind::Str { text, .. } => text.text().to_owned(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn assignments_chain_and_carry_annotations() {
    let StmtKind::Assign { targets, value, annotation } = one("a = b.c = d[0] = 5\n") else { panic!() };
    assert_eq!(targets.len(), 3);
    assert_eq!((value.kind, annotation), (ExprKind::Int(5), None));
    let StmtKind::Assign { annotation: Some(annotation), .. } = one("DEBUG: bool = False\n") else { panic!() };
    assert_eq!(annotation.as_name(), Some("bool"));
    assert!(matches!(one("DEBUG: bool\n"), StmtKind::Declare { .. }));
    let StmtKind::AugAssign { operator, .. } = one("A //= 2\n") else { panic!() };
    assert_eq!(operator, BinaryOperator::FloorDiv);
    let StmtKind::Assign { targets, .. } = one("a, *b = c\n") else { panic!() };
    let ExprKind::Tuple(items) = &targets[0].kind else { panic!() };
    assert!(matches!(items[1].kind, ExprKind::Starred(_)));
}

#[test]
fn a_star_is_around_the_whole_item() {
    for text in ["[*a.b(c)]\n", "[*f(x)]\n", "[*a[0], 1]\n", "[*a + b]\n", "(*a.b,)\n", "{*a.b()}\n"] {
        let StmtKind::Expr(expression) = one(text) else { panic!("{text}") };
        let (ExprKind::List(items) | ExprKind::Tuple(items) | ExprKind::Set(items)) = expression.kind else {
            panic!("{text}")
        };
        let ExprKind::Starred(inner) = &items[0].kind else { panic!("{text}: {items:?}") };
        assert!(!matches!(inner.kind, ExprKind::Name(_)), "{text}");
    }
    let StmtKind::Expr(expression) = one("f(*a.b(c), 1)\n") else { panic!() };
    let ExprKind::Call(call) = expression.kind else { panic!() };
    assert!(matches!(call.arguments[0].kind, ExprKind::Starred(_)));
    let StmtKind::Assign { value, .. } = one("X = *a.b(), 1\n") else { panic!() };
    let ExprKind::Tuple(items) = value.kind else { panic!() };
    assert!(matches!(items[0].kind, ExprKind::Starred(_)));
}

#[test]
fn strings_are_decoded_and_joined() {
    assert_eq!(string(r#"'a\n\x41\u00e9\101\'' "b" r"\n""#), "a\nA\u{e9}A'b\\n");
    assert_eq!(string("'''a\nb'''"), "a\nb");
    assert_eq!(string("'a\\\nb'"), "ab");
    assert_eq!(string(r"'\d \8'"), r"\d \8");
    assert_eq!(string("('a'\n 'b')"), "ab");
    assert_eq!(string("''"), "");
    assert_eq!(string("'{{x}}'"), "{{x}}");
    assert!(matches!(value(r"b'\xff\u0041'"), ExprKind::Str { text, bytes: true } if text.text() == "\u{ff}\\u0041"));
}

#[test]
fn text_inside_of_a_string_maps_back_to_the_file() {
    let file = "sql = 'SELECT \\'a\\'' \\\n  ' FROM t'\n";
    let ExprKind::Str { text, .. } = value(file) else { panic!() };
    assert_eq!(text.text(), "SELECT 'a' FROM t");
    let at = text.text().find("FROM").unwrap();
    assert_eq!(&file[text.to_file(Span::new(at, at + 4)).range()], "FROM");
    let at = text.text().find("SELECT").unwrap();
    assert_eq!(&file[text.to_file(Span::new(at, at + 6)).range()], "SELECT");
}

#[test]
fn f_strings_have_parts() {
    let ExprKind::FString(parts) = value("'a' f'b{{{x.y!r:>{w}}}} {1 + 1}c' 'd'") else { panic!() };
    let shown: Vec<_> = parts
        .iter()
        .map(|part| match part {
            FStringPart::Text(text) => text.text().to_owned(),
            FStringPart::Field { value, conversion, format, .. } => {
                format!("<{}|{conversion:?}|{format}>", value.dotted().unwrap_or_default())
            }
        })
        .collect();
    assert_eq!(shown, ["ab{", "<x.y|Some('r')|>{w}>", "} ", "<|None|>", "cd"]);
    let ExprKind::FString(parts) = value("f'{x=}'") else { panic!() };
    assert!(matches!(&parts[0], FStringPart::Field { label: Some(label), conversion: Some('r'), .. } if label == "x="));
}

#[test]
fn numbers_of_every_base() {
    assert_eq!(value("0o644"), ExprKind::Int(0o644));
    assert_eq!(value("0xFF_FF"), ExprKind::Int(0xFFFF));
    assert_eq!(value("31_536_000"), ExprKind::Int(31_536_000));
    assert_eq!(value("1_0.5e3"), ExprKind::Float(10_500.0));
    assert_eq!(value("99999999999999999999"), ExprKind::Other("number"));
    assert_eq!(value("3j"), ExprKind::Other("number"));
}

#[test]
fn calls_have_every_kind_of_argument() {
    let ExprKind::Call(call) = value("env.bool('A', *b, default=False, **c)") else { panic!() };
    assert_eq!(call.function.dotted().as_deref(), Some("env.bool"));
    assert_eq!(call.arguments.len(), 2);
    assert_eq!(call.keyword("default").map(|e| &e.kind), Some(&ExprKind::Bool(false)));
    assert_eq!(call.keywords[1].name, None);
    let ExprKind::Call(call) = value("any(x for x in y if x if z)") else { panic!() };
    let ExprKind::Comprehension(comprehension) = &call.arguments[0].kind else { panic!() };
    assert_eq!(comprehension.clauses[0].conditions.len(), 2);
}

#[test]
fn operators_keep_their_shape() {
    let ExprKind::BoolOp { and: false, operands } = value("a or b or c and d") else { panic!() };
    assert_eq!(operands.len(), 3);
    assert!(matches!(operands[2].kind, ExprKind::BoolOp { and: true, .. }));
    let ExprKind::Compare { rest, .. } = value("a < b not in c is not None") else { panic!() };
    assert_eq!(
        rest.iter().map(|(operator, _)| *operator).collect::<Vec<_>>(),
        [CompareOperator::Less, CompareOperator::NotIn, CompareOperator::IsNot]
    );
    let ExprKind::Conditional { test, .. } = value("x = a if b else c") else { panic!() };
    assert_eq!(test.as_name(), Some("b"));
    let ExprKind::Subscript { index, .. } = value("a[1:]") else { panic!() };
    assert!(matches!(index.kind, ExprKind::Slice { start: Some(_), stop: None, step: None }));
    let ExprKind::Subscript { index, .. } = value("a[::2]") else { panic!() };
    assert!(matches!(index.kind, ExprKind::Slice { start: None, stop: None, step: Some(_) }));
    let ExprKind::Dict(entries) = value("{'a': 1, **b}") else { panic!() };
    assert!(matches!(entries[1], DictEntry::Unpack(_)));
    assert!(matches!(value("{}"), ExprKind::Dict(entries) if entries.is_empty()));
    assert!(matches!(value("(1,)"), ExprKind::Tuple(items) if items.len() == 1));
    assert!(matches!(value("x = 1,"), ExprKind::Tuple(items) if items.len() == 1));
    assert!(matches!(value("1, 2"), ExprKind::Tuple(items) if items.len() == 2));
    assert_eq!(value("(1)"), ExprKind::Int(1));
}

#[test]
fn imports_of_every_form() {
    let StmtKind::ImportFrom { level, module, names: ImportedNames::Star } = one("from ..base . x import *\n") else {
        panic!()
    };
    assert_eq!((level, module.value.as_str()), (2, "base.x"));
    let StmtKind::ImportFrom { level, module, names: ImportedNames::Names(names) } =
        one("from . import (a as b, # why\n c,)\n")
    else {
        panic!()
    };
    assert_eq!((level, module.value.as_str()), (1, ""));
    assert_eq!((names[0].name.value.as_str(), names[0].alias.as_deref()), ("a", Some("b")));
    let StmtKind::Import(names) = one("import a.b, c as d\n") else { panic!() };
    assert_eq!(names[0].name.value, "a.b");
    let StmtKind::ImportFrom { module, .. } = one("from __future__ import annotations\n") else { panic!() };
    assert_eq!(module.value, "__future__");
}

#[test]
fn compound_statements_have_all_their_parts() {
    let StmtKind::If { tests, otherwise } = one("if a:\n  pass\nelif b:\n  x\n  y\nelse: z\n") else { panic!() };
    assert_eq!((tests.len(), tests[1].1.len(), otherwise.len()), (2, 2, 1));
    let text = "try:\n  a\nexcept (KeyError, ValueError) as e:\n  b\nexcept ImportError:\n  pass\nexcept:\n  c\nelse:\n  d\nfinally:\n  f\n";
    let StmtKind::Try { handlers, otherwise, finally, .. } = one(text) else { panic!() };
    assert_eq!(handlers.len(), 3);
    assert_eq!(handlers[0].name.as_deref(), Some("e"));
    assert!(matches!(&handlers[0].exception.as_ref().unwrap().kind, ExprKind::Tuple(items) if items.len() == 2));
    assert_eq!(handlers[1].exception.as_ref().unwrap().as_name(), Some("ImportError"));
    assert!(handlers[2].exception.is_none());
    assert_eq!((otherwise.len(), finally.len(), handlers[0].body.len()), (1, 1, 1));
    let StmtKind::With { items, .. } = one("with open(p) as f, g:\n  a = f.read()\n") else { panic!() };
    assert_eq!(items[0].1.as_ref().and_then(Expr::as_name), Some("f"));
    assert!(items[1].1.is_none());
    let StmtKind::FunctionDef(function) =
        one("@property\nasync def f(a, /, b: int = 1, *args, c=None, **kw) -> str:\n  return a\n")
    else {
        panic!()
    };
    let kinds: Vec<_> = function.parameters.iter().map(|p| (p.name.as_str(), p.kind)).collect();
    use ParameterKind::*;
    let expected = [("a", PositionalOnly), ("b", Normal), ("args", Positionals), ("c", KeywordOnly), ("kw", Keywords)];
    assert_eq!(kinds, expected);
    assert!(function.is_async && function.decorators.len() == 1);
    let StmtKind::ClassDef(class) = one("class A(B, metaclass=M):\n  x = 1\n") else { panic!() };
    assert_eq!((class.bases.len(), class.keywords.len(), class.body.len()), (1, 1, 1));
    let StmtKind::Match { cases, .. } =
        one("match a:\n  case 'x' | 'y':\n    b\n  case None: c\n  case n: d\n  case _:\n    e\n")
    else {
        panic!()
    };
    assert!(matches!(&cases[0].pattern, Pattern::Or(choices) if choices.len() == 2));
    assert!(matches!(cases[1].pattern, Pattern::Value(_)));
    assert!(matches!(&cases[2].pattern, Pattern::Capture(name) if name == "n"));
    assert_eq!(cases[3].pattern, Pattern::Wildcard);
}

#[test]
fn comments_are_kept_and_a_walrus_is_read() {
    let (module, _) = parse("# one\nif (x := y): # two\n    pass\n");
    let comments: Vec<_> = module.comments.iter().map(|comment| comment.value.as_str()).collect();
    assert_eq!(comments, [" one", " two"]);
    let StmtKind::If { tests, .. } = &module.body[0].kind else { panic!() };
    assert!(matches!(&tests[0].0.kind, ExprKind::Named { name, .. } if name == "x"));
}

#[test]
fn statements_around_an_error_are_there() {
    let (module, problems) = parse("A = 1\nB = [1, 2\nC = = 3\nD = 4\n");
    assert!(!problems.is_empty());
    assert!(module.body.iter().any(|stmt| matches!(&stmt.kind, StmtKind::Assign { targets, value, .. }
        if targets[0].as_name() == Some("A") && value.kind == ExprKind::Int(1))));
    let (module, problems) = parse("A = 1\n)\nDEBUG = True\n");
    assert!(!problems.is_empty());
    assert!(module.body.len() >= 2, "{module:#?}");
}

#[test]
fn a_conflict_left_by_git_does_not_hide_the_rest() {
    let (module, problems) = parse("A = 1\n<<<<<<< HEAD\nB = 2\n=======\nB = 3\n>>>>>>> other\nC = 4\n");
    assert!(!problems.is_empty());
    assert!(
        module
            .body
            .iter()
            .any(|stmt| matches!(&stmt.kind, StmtKind::Assign { targets, .. } if targets[0].as_name() == Some("C")))
    );
}

#[test]
fn what_would_abort_the_parser_is_refused() {
    let mut deep = String::new();
    for level in 0..600 {
        deep.push_str(&" ".repeat(level));
        deep.push_str("if x:\n");
    }
    deep.push_str(&" ".repeat(600));
    deep.push_str("f'{a}'\n");
    assert_eq!(parse(&deep).1.len(), 1);
    assert_eq!(parse("a\0b").1[0].message, "contains a NUL byte");
    assert_eq!(parse(&"a\n".repeat(2 << 20)).1.len(), 1);
}

#[test]
fn hostile_nesting_ends_in_a_problem() {
    for text in [
        "(".repeat(50_000),
        "[".repeat(50_000) + &"]".repeat(50_000),
        format!("x = {}1", "-".repeat(50_000)),
        format!("x = {}1", "not ".repeat(50_000)),
        format!("x = a{}", ".b".repeat(50_000)),
        format!("x = a{}", "()".repeat(50_000)),
        format!("x = {}1", "1 + ".repeat(50_000)),
        format!("x = {}1", "1 or ".repeat(50_000)),
        format!("x = {}1", "lambda: ".repeat(50_000)),
        format!("{}1", "x = ".repeat(50_000)),
        format!("x = {}'a'", "'a' ".repeat(50_000)),
        "f'{".repeat(5_000),
        format!("if a: pass\n{}", "elif a: pass\n".repeat(20_000)),
    ] {
        let (module, _) = parse(&text);
        drop(module);
    }
    let (module, problems) = parse(&format!("x = {}1{}\nDEBUG = True\n", "(".repeat(1_000), ")".repeat(1_000)));
    assert_eq!(module.body.len(), 2);
    assert_eq!(problems.len(), 1);
}

#[test]
fn every_cut_of_a_file_can_be_parsed() {
    let text = "from .base import *  # é\nX = {'a': [f'{b!r:>{w}}', *c], **d}\n\ndef f(a, *, b=1):\n\ttry:\n\t\treturn os.environ['é']\n\texcept KeyError as e:\n\t\traise X(f'''{a=}''') from e\n";
    for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
        parse(&text[..end]);
        parse(&text[end..]);
    }
}
