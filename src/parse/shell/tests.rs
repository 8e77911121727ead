use super::*;
use crate::project::environment::{Opening, Variables};
use crate::project::value::{Reason, Traced, Value};
use crate::source::Spanned;

fn script(text: &str) -> Script {
    let (script, problems) = parse(&Fragment::verbatim(text, 0));
    assert_eq!(problems, [], "{text}");
    script
}

/// Each command as its words joined by blanks.
fn commands(script: &Script) -> Vec<String> {
    script.commands.iter().map(words).collect()
}

fn words(command: &Command) -> String {
    command.words.iter().map(Word::text).collect::<Vec<_>>().join(" ")
}

fn command<'s>(script: &'s Script, name: &str) -> &'s Command {
    let found = script.commands.iter().find(|command| words(command).starts_with(name));
    found.unwrap_or_else(|| panic!("no {name} in {:?}", commands(script)))
}

fn variables(pairs: &[(&str, &str)]) -> Variables {
    let traced = |value: &str| Traced::new(Value::Known(value.to_owned()), Vec::new());
    Variables { set: pairs.iter().map(|(name, value)| ((*name).to_owned(), traced(value))).collect(), open: None }
}

fn open(pairs: &[(&str, &str)]) -> Variables {
    let reason = Reason::IgnoredFile(".env".to_owned());
    Variables { open: Some(Opening { reason, step: None }), ..variables(pairs) }
}

#[test]
fn lists_and_pipelines_become_commands_with_guards() {
    let script = script("a > x && b 2>&1 | tee log || c &\nd");
    assert_eq!(commands(&script), ["a", "b", "tee log", "c", "d"]);
    assert!(matches!(script.commands[1].guards.as_slice(), [Guard::And(_)]));
    assert_eq!(script.commands[1].pipeline, Some(PipelinePosition { index: 0, len: 2 }));
    assert_eq!(script.commands[1].redirects[0].kind, RedirectKind::Duplicate);
    assert!(matches!(script.commands[3].guards.as_slice(), [Guard::Or(_)]));
    assert!(script.commands[..4].iter().all(|command| command.background));
    assert!(!script.commands[4].background && script.commands[4].guards.is_empty());
    assert!(script.commands[0].tested && !script.commands[3].tested);
}

#[test]
fn branches_negate_those_before_them() {
    let text = "if [ \"$E\" = prod ]; then a; elif [ \"$E\" = test ]; then b; else c; fi";
    let script = script(text);
    let runs = |name: &str, value: &str| command(&script, name).runs(&variables(&[("E", value)]));
    assert_eq!((runs("a", "prod"), runs("b", "prod"), runs("c", "prod")), (Truth::True, Truth::False, Truth::False));
    assert_eq!((runs("a", "test"), runs("b", "test"), runs("c", "test")), (Truth::False, Truth::True, Truth::False));
    assert_eq!(runs("c", "dev"), Truth::True);
    assert_eq!(command(&script, "c").runs(&open(&[])), Truth::Unknown);
}

#[test]
fn the_first_branch_that_matches_is_taken() {
    let text = "case \"$1\" in web|api*) a ;; [Ww]orker) b ;; \"*\") c;; *) d ;& esac";
    let script = script(text);
    let taken = |value: &str| -> Vec<String> {
        let variables = variables(&[("1", value)]);
        script.commands.iter().filter(|command| command.runs(&variables) == Truth::True).map(words).collect()
    };
    assert_eq!(taken("web"), ["a"]);
    assert_eq!(taken("api-2"), ["a"]);
    assert_eq!(taken("worker"), ["b"]);
    assert_eq!(taken("*"), ["c"]);
    assert_eq!(taken("bash"), ["d"]);
    assert_eq!(command(&script, "a").runs(&variables(&[])), Truth::Unknown);
}

#[test]
fn tests_are_taken_apart() {
    let holds = |test: &str, variables: &Variables| {
        let script = script(&format!("{test} && a"));
        script.commands.last().expect("a command").runs(variables)
    };
    let on = variables(&[("DEBUG", "true"), ("N", "3"), ("EMPTY", "")]);
    assert_eq!(holds("[ \"$DEBUG\" = \"true\" ]", &on), Truth::True);
    assert_eq!(holds("test \"$DEBUG\" != true", &on), Truth::False);
    assert_eq!(holds("[[ $DEBUG == t* && -z $EMPTY ]]", &on), Truth::True);
    assert_eq!(holds("[[ ! ($DEBUG == true || -n $NOPE) ]]", &on), Truth::False);
    assert_eq!(holds("[ \"$N\" -gt 2 -a -n \"$DEBUG\" ]", &on), Truth::True);
    assert_eq!(holds("[ \"x$DEBUG\" == 'xtrue' ]", &on), Truth::True);
    assert_eq!(holds("[ \"$EMPTY\" ]", &on), Truth::False);
    assert_eq!(holds("[ -f /app/x ]", &on), Truth::Unknown);
    assert_eq!(holds("[ -f /app/x ] && [ -z \"$DEBUG\" ]", &on), Truth::False);
    assert_eq!(holds("! [ -z \"$DEBUG\" ]", &on), Truth::True);
    assert_eq!(holds("[ \"${DEBUG,,}\" = true ]", &variables(&[("DEBUG", "True")])), Truth::True);
    assert_eq!(holds("[[ $DEBUG =~ ^(true|1)$ ]]", &on), Truth::Unknown);
    assert_eq!(holds("[ -z \"${NOPE+x}\" ]", &on), Truth::True);
    assert_eq!(holds("true", &on), Truth::True);
}

#[test]
fn a_default_holds_unless_something_outside_interferes() {
    let script = script("if [ \"${MIGRATE:-true}\" = \"true\" ]; then migrate; fi");
    let migrate = command(&script, "migrate");
    assert_eq!(migrate.runs(&variables(&[])), Truth::True);
    assert_eq!(migrate.runs(&variables(&[("MIGRATE", "false")])), Truth::False);
    assert_eq!(migrate.runs(&open(&[])), Truth::Unknown);
    assert_eq!(migrate.runs_value(&open(&[])), Value::Default(true));
}

#[test]
fn assignments_alone_end_with_their_line() {
    let script = script("A=1 B=2\nC=3 cmd x\nexport D=\"4 5\" \"E=$F\" -n G\nlist=(a \"b c\")\nH+=z");
    assert_eq!(commands(&script), ["", "cmd x", "export -n G", "", ""]);
    let names = |at: usize| -> Vec<&str> {
        script.commands[at].assignments.iter().map(|(name, _)| name.value.as_str()).collect()
    };
    assert_eq!((names(0), names(1), names(2)), (vec!["A", "B"], vec!["C"], vec!["D", "E"]));
    assert_eq!(script.commands[2].assignments[0].1.literal().as_deref(), Some("4 5"));
    let WordPart::Array(items) = &script.commands[3].assignments[0].1.parts[0] else { panic!("an array") };
    assert_eq!(items[1].literal().as_deref(), Some("b c"));
}

#[test]
fn here_documents_keep_their_text_and_place() {
    let text =
        "cat <<EOF arg > out | grep x && foo\n\n  hi $A it's\nEOF\nssh host <<-'END' &\n\tcd /srv\n\tmake\n\tEND\nb";
    let script = script(text);
    assert_eq!(commands(&script), ["cat arg", "grep x", "foo", "ssh host", "b"]);
    let document = script.commands[0].redirects[0].document.as_ref().expect("a document");
    assert_eq!(document.body.text(), "\n  hi $A it's\n");
    assert!(document.expanded);
    assert!(matches!(script.commands[2].guards.as_slice(), [Guard::And(_)]));
    let ssh = &script.commands[3];
    let document = ssh.redirects[0].document.as_ref().expect("a document");
    assert_eq!(document.body.text(), "cd /srv\nmake\n");
    assert!(!document.expanded && ssh.background);
    let make = document.body.to_file(Span::new(8, 12));
    assert_eq!(&text[make.range()], "make");
    assert_eq!(ssh.redirects[0].target.literal().as_deref(), Some("END"));
}

#[test]
fn two_here_documents_on_a_line_follow_each_other() {
    let script = script("paste <<A - <<B\n1\nA\n2\nB\nnext");
    assert_eq!(commands(&script), ["paste -", "next"]);
    let bodies: Vec<_> =
        script.commands[0].redirects.iter().map(|r| r.document.as_ref().expect("a document").body.text()).collect();
    assert_eq!(bodies, ["1\n", "2\n"]);
}

#[test]
fn what_looks_like_a_here_document_is_none() {
    let script = script("x=$((1 << 2))\necho \"a << b\" # << c\ncat <<< \"$x\"\ny");
    assert_eq!(commands(&script), ["", "echo \"a << b\"", "cat", "y"]);
    assert_eq!(script.commands[2].redirects[0].kind, RedirectKind::HereString);
}

#[test]
fn words_are_taken_apart() {
    let script =
        script(r#"cmd 'a b'"c $D"e "${@:-gunicorn app}" $'x\n' a\ b *.sql "*" ${A:-${B:-c}} "" "it's \"q\"" x#y"#);
    let words = &script.commands[0].words;
    assert_eq!(words[1].text(), "'a b'\"c $D\"e");
    assert_eq!(words[1].parts[0], WordPart::Literal("a bc ".to_owned()));
    assert_eq!(words[1].parts[2], WordPart::Literal("e".to_owned()));
    let WordPart::Parameter(all) = &words[2].parts[0] else { panic!("a parameter") };
    assert!(all.is_all_arguments() && all.quoted);
    assert_eq!(all.default().and_then(Word::literal).as_deref(), Some("gunicorn app"));
    assert_eq!(words[3].literal().as_deref(), Some("x\n"));
    assert_eq!(words[4].literal().as_deref(), Some("a b"));
    assert_eq!(words[5].parts, [WordPart::Glob("*".to_owned()), WordPart::Literal(".sql".to_owned())]);
    assert_eq!(words[6].literal().as_deref(), Some("*"));
    assert_eq!(words[7].expand(&variables(&[])), Value::Known("c".to_owned()));
    assert_eq!(words[7].expand(&variables(&[("B", "d")])), Value::Known("d".to_owned()));
    assert_eq!(words[8].literal().as_deref(), Some(""));
    assert_eq!(words[9].literal().as_deref(), Some("it's \"q\""));
    assert_eq!(words[10].literal().as_deref(), Some("x#y"));
}

#[test]
fn substitutions_hold_scripts_of_their_own() {
    let text = "tag=$(git rev-parse \"$(echo ')')\") && docker rm $(docker ps -aq) `old`\ndiff <(a) >(b)";
    let script = script(text);
    let inner = script.commands[0].assignments[0].1.substitutions();
    assert_eq!(commands(inner[0]), ["git rev-parse \"$(echo ')')\""]);
    assert_eq!(&text[inner[0].commands[0].span.range()], "git rev-parse \"$(echo ')')\"");
    let docker = command(&script, "docker");
    assert_eq!(commands(docker.words[2].substitutions()[0]), ["docker ps -aq"]);
    assert_eq!(commands(docker.words[3].substitutions()[0]), ["old"]);
    assert_eq!(command(&script, "diff").words.len(), 3);
}

#[test]
fn a_here_document_in_a_substitution_may_hold_any_bracket() {
    let script = script("x=$(cat <<'EOF'\n:) it's \"\nEOF\n)\ny");
    assert_eq!(commands(&script), ["", "y"]);
    assert_eq!(commands(script.commands[0].assignments[0].1.substitutions()[0]), ["cat"]);
}

#[test]
fn expressions_of_workflows_and_templates_are_words() {
    let script = script("echo ${{ secrets.A && 'x' }} \"tag-${{ github.sha }}\"\ncd {{ app.path }} && up '{{.Names}}'");
    assert_eq!(commands(&script).len(), 3);
    assert_eq!(script.commands[0].words[1].parts, [WordPart::Expression("secrets.A && 'x'".to_owned())]);
    assert_eq!(
        script.commands[0].words[2].parts,
        [WordPart::Literal("tag-".to_owned()), WordPart::Expression("github.sha".to_owned())]
    );
    assert_eq!(script.commands[1].words[1].parts, [WordPart::Expression("app.path".to_owned())]);
    assert_eq!(script.commands[2].words[1].literal().as_deref(), Some("{{.Names}}"));
}

#[test]
fn options_are_found_where_they_are_switched() {
    let text = "#!/usr/bin/env -S bash -e\nset -uo pipefail\na\nset +e\nb\nset -o xtrace -- -e";
    let script = script(text);
    assert_eq!(script.interpreter(), Some("bash"));
    assert_eq!(script.shebang.as_ref().map(|s| s.value.as_str()), Some("/usr/bin/env -S bash -e"));
    assert!(script.options.on(ShellOption::Errexit).is_some_and(|span| span.start == 2));
    assert!(script.options.on(ShellOption::Pipefail).is_some());
    assert!(script.options.on_at(ShellOption::Errexit, 1));
    assert!(!script.options.on_at(ShellOption::Errexit, 3));
    assert!(script.options.on(ShellOption::Xtrace).is_some());
    assert_eq!(script.options.off(ShellOption::Errexit).map(|span| &text[span.range()]), Some("set +e"));
}

#[test]
fn failures_are_ignored_by_what_cannot_fail() {
    let ignored = |text: &str| script(text).commands[0].failure_ignored();
    assert!(ignored("a || true"));
    assert!(ignored("a || :"));
    assert!(ignored("a || echo failed"));
    assert!(ignored("a && b || true"));
    assert!(ignored("a || { echo x; exit 0; }"));
    assert!(ignored("{ a; b; } 2>/dev/null || true"));
    assert!(!ignored("a || exit 1"));
    assert!(!ignored("a || { echo failed; exit 1; }"));
    assert!(!ignored("a && true"));
    assert!(!ignored("a; b || true"));
}

#[test]
fn functions_know_their_commands() {
    let text = "deploy() {\n  a\n  b && c\n}\nfunction clean { d; } > log\ndeploy \"$@\"";
    let script = script(text);
    assert_eq!(commands(&script), ["a", "b", "c", "d", "deploy \"$@\""]);
    let names: Vec<_> = script.functions.iter().map(|f| (f.name.value.as_str(), f.commands.clone())).collect();
    assert_eq!(names, [("deploy", 0..3), ("clean", 3..4)]);
    assert_eq!(script.commands[3].function, Some(1));
    assert!(matches!(script.commands[0].guards.as_slice(), [Guard::Function(0)]));
    assert_eq!(script.commands[4].function, None);
}

#[test]
fn loops_guard_their_bodies() {
    let script = script(
        "until nc -z \"$H\" 5432; do sleep 1; done\nwhile read -r l; do ssh $l x; done < hosts\nfor s in web worker; do up $s; done\nfor ((i=0;i<3;i++)); do z; done",
    );
    let sleep = command(&script, "sleep");
    let Guard::Loop { condition, until: true } = &sleep.guards[0] else { panic!("a loop") };
    assert_eq!(condition.commands()[0].name().as_deref(), Some("nc"));
    assert!(command(&script, "nc").tested);
    assert_eq!(command(&script, "ssh").group_redirects[0].target.text(), "hosts");
    let Guard::For { variable, values } = &command(&script, "up").guards[0] else { panic!("a loop") };
    assert_eq!((variable.as_str(), values.len()), ("s", 2));
    assert!(matches!(&command(&script, "z").guards[0], Guard::For { .. }));
}

#[test]
fn spans_are_in_the_file() {
    let text = "x: |\n  a b \\\n    c && d 'é'";
    let start = text.find("a b").expect("there");
    let (script, _) = parse(&Fragment::verbatim(&text[start..], start));
    let d = command(&script, "d");
    assert_eq!(&text[d.span.range()], "d 'é'");
    assert_eq!(&text[d.words[1].span.range()], "'é'");
    assert_eq!(&text[script.commands[0].words[2].span.range()], "c");
}

#[test]
fn the_script_in_a_word_maps_back() {
    let text = r#"sh -c "cd \"$D\" && x" ; sh -c 'a b'; sh -c a\ b"#;
    let script = script(text);
    let inner = script.commands[0].words[2].script();
    assert_eq!(inner.text(), "cd \"$D\" && x");
    assert_eq!(&text[inner.to_file(Span::new(3, 7)).range()], "\"$D\\\"");
    let x = inner.text().find('x').expect("there");
    assert_eq!(&text[inner.to_file(Span::new(x, x + 1)).range()], "x");
    assert_eq!(script.commands[1].words[2].script().text(), "a b");
    assert_eq!(script.commands[2].words[2].script().text(), "a b");
}

#[test]
fn a_flag_is_cut_from_its_value() {
    let text = r#"x --file=a.yml "--env=$E" -fb '--c=d e'"#;
    let script = script(text);
    let cut = |at: usize, prefix: &str| script.commands[0].words[at].strip_prefix(prefix).expect("the prefix");
    assert_eq!(cut(1, "--file=").literal().as_deref(), Some("a.yml"));
    assert_eq!(&text[cut(1, "--file=").span.range()], "a.yml");
    assert_eq!(&text[cut(2, "--env=").span.range()], "$E");
    assert!(matches!(cut(2, "--env=").parts[0], WordPart::Parameter(_)));
    assert_eq!(cut(3, "-f").text(), "b");
    assert_eq!(cut(4, "--c=").literal().as_deref(), Some("d e"));
    assert_eq!(cut(4, "--c=").script().text(), "d e");
}

#[test]
fn broken_scripts_give_what_can_be_read() {
    let (script, problems) = parse(&Fragment::verbatim("a b\nif x; then\n  c\n\nd || e", 0));
    assert!(!problems.is_empty());
    assert!(commands(&script).contains(&"a b".to_owned()), "{script:?}");
    let c = script.commands.iter().find(|command| words(command) == "c").expect("it is read");
    assert_eq!(c.runs(&variables(&[])), Truth::Unknown);
    let (script, problems) = parse(&Fragment::verbatim("a; ; b\nc ) d\ne", 0));
    assert!(!problems.is_empty());
    assert!(commands(&script).contains(&"a".to_owned()) && commands(&script).contains(&"e".to_owned()));
}

#[test]
fn byte_order_marks_and_carriage_returns_are_no_text() {
    let script = script("\u{feff}#!/bin/sh -e\r\nmigrate --noinput\r\nif [ \"$A\" = b ]; then\r\n  c\r\nfi\r\n");
    assert_eq!(commands(&script), ["migrate --noinput", "[ \"$A\" = b ]", "c"]);
    assert_eq!(script.interpreter(), Some("sh"));
    assert_eq!(command(&script, "c").runs(&variables(&[("A", "b")])), Truth::True);
}

#[test]
fn scripts_of_other_interpreters_are_not_read() {
    let script = script("#!/usr/bin/env python3\nimport os; os.system('x'\n)");
    assert_eq!((script.interpreter(), script.commands.len()), (Some("python3"), 0));
}

#[test]
fn comments_are_kept() {
    let script = script("#!/bin/sh\n# shipworthy: allow x\na # b\nif c; then # d\n e\nfi");
    let comments: Vec<_> = script.comments.iter().map(|comment: &Spanned<String>| comment.value.as_str()).collect();
    assert_eq!(comments, ["# shipworthy: allow x", "# b", "# d"]);
}

/// Runs `work` on a stack as small as those of worker threads.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(work).expect("a thread");
    thread.join().expect("no panic");
}

#[test]
fn hostile_scripts_end_soon() {
    on_a_small_stack(|| {
        let openings = [
            "$(",
            "\"$(",
            "${a:-",
            "if ",
            "$((",
            "(",
            "{ ",
            "`",
            "a|",
            "a\n|",
            "a|\n",
            "a&&",
            "a()",
            "` 2>&1",
            "||",
            "[[ ! ",
            "case x in a) ",
            "<(",
            "\"${a:-",
        ];
        for opening in openings {
            for count in [30, 190, 2_000, 8_000] {
                let text = opening.repeat(count);
                let _ = parse(&Fragment::verbatim(text, 0));
            }
        }
        let text = "if a; then b; else ".repeat(3_000) + &"fi; ".repeat(3_000);
        let _ = parse(&Fragment::verbatim(text, 0));
        let text = "$(a; ".repeat(150) + &")".repeat(150);
        let _ = parse(&Fragment::verbatim(text, 0));
        let mut nested = "x".to_owned();
        for _ in 0..8 {
            let (open, close) = ("if a; then b; ".repeat(55), "fi; ".repeat(55));
            nested = format!("{open} x=\"${{y:-$({nested})}}\"; {close}");
        }
        let _ = parse(&Fragment::verbatim(nested, 0));
        let _ = parse(&Fragment::verbatim("cat <<E\n".repeat(20_000), 0));
        let _ = parse(&Fragment::verbatim("a\0b\n\0\0", 0));
        let _ = parse(&Fragment::verbatim("x".repeat(2 << 20), 0));
    });
}

/// Every span of a script, those in words and nested scripts included.
fn spans(script: &Script, found: &mut Vec<Span>) {
    found.extend(script.comments.iter().map(|comment| comment.span));
    found.extend(script.shebang.iter().map(|shebang| shebang.span));
    found.extend(script.functions.iter().flat_map(|function| [function.span, function.name.span]));
    for command in &script.commands {
        found.push(command.span);
        found.extend(command.assignments.iter().map(|(name, _)| name.span));
        found.extend(command.redirects.iter().map(|redirect| redirect.span));
        let values = command.assignments.iter().map(|(_, value)| value);
        let targets = command.redirects.iter().map(|redirect| &redirect.target);
        for word in command.words.iter().chain(values).chain(targets) {
            found.push(word.span);
            let inner = word.script();
            found.push(inner.span());
            if inner.text() != word.text() && inner.text().contains(' ') {
                spans(&parse(&inner).0, found);
            }
            word.substitutions().into_iter().for_each(|script| spans(script, found));
        }
    }
}

const ENTRYPOINT: &str = r#"#!/usr/bin/env bash
set -o errexit -o pipefail

# wait for the database – é
wait_for() {
  python << END
import sys
sys.exit(0)
END
}
until wait_for; do
  >&2 echo "waiting… ${POSTGRES_HOST:-db}:$((5000 + 432))"
  sleep 1
done
if [ "$DATABASE" = "postgres" ] && [[ ! -f /x && $A == b* ]]; then
  while ! nc -z $SQL_HOST "$SQL_PORT"; do sleep 0.1; done
fi
case "${1:-web}" in
  web|api*) exec gunicorn "config.wsgi:application" --bind 0.0.0.0:8000 ;;
  *) echo `date` $(whoami | tr a-z A-Z) 'é' > "/tmp/$1.log" 2>&1 || true ;;
esac
export PATH="$PATH:/x" A=b && exec "${@:-python manage.py runserver}"
"#;

#[test]
fn mutated_scripts_are_read_without_panic_and_spans_stay_inside() {
    let mut rng = fastrand::Rng::with_seed(1);
    let mut random = |below: usize| rng.usize(..below.max(1));
    let insertions = [
        "'", "\"", "$(", "${", "`", "(", ")", "{", "}", "<<E\n", "\\", "\n", "é", "|", "&&", ";;", "[[", "\0", "#",
        "${{ x }}", "\\é", "=", "((", "<(",
    ];
    for _ in 0..1_000 {
        let mut characters: Vec<char> = ENTRYPOINT.chars().collect();
        for _ in 0..=random(6) {
            let at = random(characters.len());
            let length = random(12).min(characters.len() - at);
            let insertion = insertions[random(insertions.len())].chars();
            characters.splice(at..at + length, insertion);
        }
        let text: String = characters.into_iter().collect();
        // Not at the start of the file, as embedded scripts are.
        let file = format!("é: |\n{text}");
        let offset = file.len() - text.len();
        let (script, problems) = parse(&Fragment::verbatim(text, offset));
        let mut found: Vec<Span> = problems.iter().map(|problem| problem.span).collect();
        spans(&script, &mut found);
        for span in found {
            assert!(file.get(span.range()).is_some() && span.start as usize >= offset, "{span:?} in {file}");
        }
    }
}
