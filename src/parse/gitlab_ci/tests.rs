use super::*;

const EVERYTHING: &str = r#"include:
  - local: /ci/build.yml
  - template: Jobs/Build.gitlab-ci.yml
  - ci/*.yml
  - https://example.com/ci.yml
stages: [build, test, deploy]
variables:
  DEBUG: "1"
  VERSION: 1.10
  DEPLOY_ENVIRONMENT:
    value: "staging"
    description: "Where to deploy é"
  ASKED: {description: "No value"}
default:
  image: {name: "python:3.12", entrypoint: [""]}
  services:
    - postgres:16
    - {name: "docker:dind", alias: docker}
  before_script:
    - pip install -r requirements.txt
.setup: &setup
  script:
    - echo setup
.lines: &lines
  - echo one
  - echo two
.deploy:
  stage: deploy
  environment: {name: production, url: https://example.com, deployment_tier: production}
  script: [./deploy.sh]
  only: [main]
test:
  <<: *setup
  stage: test
  image: python:3.11
  variables: {A: b}
  after_script: rm -rf "$TMP"
  allow_failure: {exit_codes: 137}
job2:
  script:
    - *lines
    - !reference [.setup, script]
    - |
      set -e
      python manage.py migrate
    - 'echo "a: b"'
  allow_failure: true
  when: manual
  needs:
    - test
    - {job: lint, artifacts: true}
    - {project: group/other, job: build, ref: main}
  before_script: []
production:
  extends: .deploy
  environment: production/$CI_COMMIT_REF_SLUG
  rules:
    - if: $CI_COMMIT_BRANCH == "main"
      when: manual
stop:
  extends: [.setup, .deploy]
  environment: {name: production, action: stop}
"#;

fn read(source: &str) -> Pipeline {
    let (pipeline, problems) = parse(source);
    assert_eq!(problems, [], "{source}");
    pipeline
}

fn values<'a>(texts: impl IntoIterator<Item = &'a Spanned<String>>) -> Vec<&'a str> {
    texts.into_iter().map(|text| text.value.as_str()).collect()
}

fn lines(script: &Option<Script>) -> Vec<&str> {
    script.iter().flat_map(|script| &script.lines).map(Fragment::text).collect()
}

fn pairs(pairs: &[Pair]) -> Vec<(&str, &str)> {
    pairs.iter().map(|pair| (pair.name.as_str(), pair.value.text())).collect()
}

fn messages(source: &str) -> Vec<String> {
    parse(source).1.into_iter().map(|problem| problem.message).collect()
}

#[test]
fn the_top_of_the_file_is_read() {
    let pipeline = read(EVERYTHING);
    assert_eq!(values(&pipeline.stages), ["build", "test", "deploy"]);
    let variables = [("DEBUG", "1"), ("VERSION", "1.1"), ("DEPLOY_ENVIRONMENT", "staging"), ("ASKED", "")];
    assert_eq!(pairs(&pipeline.variables), variables);
    assert_eq!(values(&pipeline.defaults.image), ["python:3.12"]);
    let services: Vec<_> = pipeline.defaults.services.iter().map(|s| (s.image.as_str(), values(&s.alias))).collect();
    assert_eq!(services, [("postgres:16", vec![]), ("docker:dind", vec!["docker"])]);
    assert_eq!(lines(&pipeline.defaults.before_script), ["pip install -r requirements.txt"]);
    let local: Vec<_> = pipeline.includes.iter().map(|include| values(&include.local)).collect();
    assert_eq!(local, [vec!["/ci/build.yml"], vec![], vec!["ci/*.yml"], vec![]]);
    let names: Vec<_> = pipeline.jobs.iter().map(|job| job.name.as_str()).collect();
    assert_eq!(names, [".setup", ".deploy", "test", "job2", "production", "stop"]);
    assert!(pipeline.jobs[0].is_template() && !pipeline.jobs[2].is_template());
}

#[test]
fn jobs_are_read() {
    let pipeline = read(EVERYTHING);
    let test = pipeline.job("test").unwrap();
    assert_eq!((values(&test.stage), values(&test.image)), (vec!["test"], vec!["python:3.11"]));
    assert_eq!(lines(&test.script), ["echo setup"], "through the merge key");
    assert_eq!(lines(&test.after_script), ["rm -rf \"$TMP\""]);
    assert_eq!(test.allow_failure.unwrap().value, Switch::Unknown);
    assert_eq!(pairs(&test.variables), [("A", "b")]);

    let second = pipeline.job("job2").unwrap();
    let expected = ["echo one", "echo two", "echo setup", "set -e\npython manage.py migrate\n", "echo \"a: b\""];
    assert_eq!(lines(&second.script), expected);
    assert_eq!(second.allow_failure.unwrap().value, Switch::On);
    assert_eq!((values(&second.when), values(&second.needs)), (vec!["manual"], vec!["test", "lint"]));
    assert!(second.before_script.as_ref().unwrap().lines.is_empty(), "it takes the default away");
    let block = &second.script.as_ref().unwrap().lines[3];
    let at = block.text().find("manage.py").unwrap();
    let place = block.to_file(Span::new(at, at + 9));
    assert_eq!(place.start as usize, EVERYTHING.find("manage.py").unwrap());

    let production = pipeline.job("production").unwrap();
    let environment = production.environment.as_ref().unwrap();
    assert_eq!(values(&environment.name), ["production/$CI_COMMIT_REF_SLUG"]);
    assert!(EVERYTHING[production.rules.unwrap().range()].starts_with("rules:"));
    assert!(EVERYTHING[production.rules.unwrap().range()].ends_with("manual"));
    let stop = pipeline.job("stop").unwrap().environment.as_ref().unwrap();
    assert_eq!((values(&stop.name), values(&stop.action)), (vec!["production"], vec!["stop"]));
    let template = pipeline.job(".deploy").unwrap();
    assert_eq!(&EVERYTHING[template.only.unwrap().range()], "only: [main]");
    assert_eq!(values(&template.environment.as_ref().unwrap().tier), ["production"]);
}

#[test]
fn extends_inherits_from_the_last_parent_first() {
    let pipeline = read(EVERYTHING);
    let script = |name: &str| {
        let job = pipeline.job(name).unwrap();
        pipeline.inherited(job, |job| job.script.as_ref()).unwrap().lines[0].text()
    };
    assert_eq!(script("production"), "./deploy.sh");
    assert_eq!(script("stop"), "./deploy.sh");
    let pipeline = read("a: {extends: b}\nb: {extends: [a, b, gone]}\nc: {extends: [.x, .y], script: z}\n");
    assert_eq!(pipeline.inherited(&pipeline.jobs[0], |job| job.stage.as_ref()), None, "the circle ends");
}

#[test]
fn settings_at_the_top_are_defaults_too() {
    let pipeline = read("image: ruby:3.0\nbefore_script: [a]\ndefault: {before_script: [b]}\nservices: [redis]\n");
    assert_eq!(values(&pipeline.defaults.image), ["ruby:3.0"]);
    assert_eq!(lines(&pipeline.defaults.before_script), ["b"]);
    assert_eq!(pipeline.defaults.services[0].image.value, "redis");
    assert!(pipeline.jobs.is_empty());
}

#[test]
fn a_script_is_one_text_or_a_list_of_lists() {
    let pipeline = read("a: {script: make}\nb:\n  script: |\n    one\n    two\nc: {script: [[a, [b]], c]}\n");
    assert_eq!(lines(&pipeline.jobs[0].script), ["make"]);
    assert_eq!(lines(&pipeline.jobs[1].script), ["one\ntwo\n"]);
    assert_eq!(lines(&pipeline.jobs[2].script), ["a", "b", "c"]);
}

#[test]
fn references_are_followed_within_the_file() {
    let source = ".vars:\n  variables: {URL: http://x}\n  image: alpine\n.a:\n  script:\n    - !reference [.b, script]\n    \
                  - a\n.b: {script: [b]}\nt:\n  image: !reference [.vars, image]\n  variables:\n    \
                  U: !reference [.vars, variables, URL]\n  script: !reference [.a, script]\n  \
                  needs: [!reference [.n, needs]]\n.n: {needs: [x, y]}\n";
    let pipeline = read(source);
    let job = pipeline.job("t").unwrap();
    assert_eq!((values(&job.image), lines(&job.script)), (vec!["alpine"], vec!["b", "a"]));
    assert_eq!((pairs(&job.variables), values(&job.needs)), (vec![("U", "http://x")], vec!["x", "y"]));
    assert!(!job.script.as_ref().unwrap().incomplete);
}

#[test]
fn a_reference_out_of_the_file_leaves_a_script_incomplete() {
    let pipeline = read("t:\n  image: !reference [.x, image]\n  script:\n    - a\n    - !reference [.x, script]\n");
    let script = pipeline.jobs[0].script.as_ref().unwrap();
    assert!(script.incomplete);
    assert_eq!(script.lines.len(), 1);
    assert!(pipeline.jobs[0].image.is_none());
}

#[test]
fn the_header_of_an_included_file_is_not_the_pipeline() {
    let source = "spec:\n  inputs:\n    stage: {default: test}\n---\n\"$[[ inputs.stage ]]-scan\":\n  \
                  stage: $[[ inputs.stage ]]\n  script: $[[ inputs.commands ]]\n  rules: $[[ inputs.rules ]]\n  \
                  variables: $[[ inputs.variables ]]\n";
    let pipeline = read(source);
    assert_eq!(pipeline.jobs.len(), 1);
    assert_eq!(pipeline.jobs[0].name.value, "$[[ inputs.stage ]]-scan");
    assert!(pipeline.jobs[0].script.as_ref().unwrap().incomplete);
}

#[test]
fn booleans_are_those_of_yaml_1_1() {
    for (value, expected) in [("yes", Switch::On), ("True", Switch::On), ("off", Switch::Off), ("false", Switch::Off)] {
        let pipeline = read(&format!("t: {{allow_failure: {value}}}"));
        assert_eq!(pipeline.jobs[0].allow_failure.unwrap().value, expected, "{value}");
    }
}

#[test]
fn wrong_shapes_are_problems_and_the_rest_is_there() {
    let source = "t:\n  script:\n    - echo a: b\n    - make\n  needs: {a: b}\n  stage: [x]\n";
    let (pipeline, problems) = parse(source);
    let places: Vec<_> = problems.iter().map(|problem| &source[problem.span.range()]).collect();
    assert_eq!(places, ["echo a: b", "[x]"]);
    assert_eq!(lines(&pipeline.jobs[0].script), ["make"]);
    assert_eq!(messages("foo: bar"), ["`foo` must be a mapping"]);
    assert_eq!(messages("- a"), ["`pipeline` must be a mapping"]);
    assert_eq!(messages("t: {variables: [A]}"), ["`variables` must be a mapping"]);
    assert_eq!(messages(".x: [1]\n.y: text\n.z: {script: {a: b}}"), Vec::<String>::new(), "a template may be anything");
}

#[test]
fn empty_files_and_missing_values_are_silent() {
    for source in ["", "---\n", "# x\n", "stages:\nvariables:\ndefault:\ninclude:\n", "t:\n  script:\n  needs:\n"] {
        read(source);
    }
}

#[test]
fn aliases_and_references_do_not_multiply_without_end() {
    let mut source = String::from(".l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n");
    for n in 1..9 {
        let list = vec![format!("*l{}", n - 1); 10].join(", ");
        source += &format!(".l{n}: &l{n} [{list}]\n");
    }
    let (pipeline, problems) = parse(&format!("{source}t: {{script: *l8}}\n"));
    assert_eq!(problems.len(), 1, "said once: {problems:?}");
    assert!(pipeline.jobs[0].script.as_ref().unwrap().lines.len() < 250_000);

    let long = "x".repeat(1 << 20);
    let items = "*s, ".repeat(10_000);
    let (pipeline, problems) = parse(&format!(".s: &s {long}\nt: {{script: [{items}]}}\n"));
    assert_eq!(problems.len(), 1, "said once");
    assert!(pipeline.jobs[0].script.as_ref().unwrap().lines.len() < 20);
}

#[test]
fn references_into_a_huge_mapping_end_soon() {
    let variables: String = (0..20_000).map(|n| format!("  V{n}: v\n")).collect();
    let items = "    - !reference [.x, V7]\n".repeat(20_000);
    let (pipeline, problems) = parse(&format!(".x:\n{variables}t:\n  script:\n{items}"));
    assert_eq!(problems.len(), 1, "said once");
    assert!(pipeline.jobs[1].script.as_ref().unwrap().incomplete);
}

#[test]
fn cycles_end() {
    for source in [
        "t: {script: &a [*a, *a, *a]}\n",
        ".a: {script: !reference [.b, script]}\n.b: {script: !reference [.a, script]}\nt: {script: !reference [.a, script]}\n",
        ".a: {script: [!reference [.a, script], !reference [.a, script]]}\nt: {script: [!reference [.a, script]]}\n",
        "t: {needs: [!reference [t, needs], !reference [t, needs]], services: [!reference [t, services]]}\n",
        "t: &t {<<: *t, variables: &v {A: *v}, t: *t}\n",
        "include: &i [*i]\nt: {needs: &n [*n, [*n]], image: &m {name: *m}}\n",
        "t: {script: !reference [], image: !reference x, stage: !reference [[a]]}\n",
    ] {
        parse(source);
    }
    parse(&format!("t: {{script: {}", "[".repeat(100_000)));
    parse(&format!("t: {{script: {}x{}}}", "[".repeat(200), "]".repeat(200)));
}

fn check_spans(source: &str) {
    let fits = |span: Span| assert!(source.get(span.range()).is_some(), "{span:?} in {source:?}");
    let script_fits = |script: &Script| {
        fits(script.span);
        for line in &script.lines {
            fits(line.span());
            for (at, c) in line.text().char_indices() {
                fits(line.to_file(Span::new(at, at + c.len_utf8())));
            }
        }
    };
    let (pipeline, problems) = parse(source);
    problems.iter().for_each(|problem| fits(problem.span));
    pipeline.stages.iter().for_each(|stage| fits(stage.span));
    pipeline.includes.iter().for_each(|include| fits(include.span));
    pipeline.defaults.before_script.iter().for_each(script_fits);
    for job in &pipeline.jobs {
        fits(job.span);
        fits(job.name.span);
        [&job.before_script, &job.script, &job.after_script].into_iter().flatten().for_each(script_fits);
        [job.only, job.except, job.rules].into_iter().flatten().for_each(fits);
        job.needs.iter().chain(&job.extends).chain(&job.image).for_each(|text| fits(text.span));
        pipeline.inherited(job, |job| job.script.as_ref());
    }
    for pair in pipeline.variables.iter().chain(pipeline.jobs.iter().flat_map(|job| &job.variables)) {
        fits(pair.name.span);
        fits(pair.span);
        fits(pair.value.span());
    }
}

#[test]
fn mutations_never_break_a_span() {
    let boundaries: Vec<usize> = EVERYTHING.char_indices().map(|(at, _)| at).collect();
    let pieces =
        ["", "\n", "\t", "é:", "\"", "[", "}", ": ", "- ", "|\n", "$[[", "*lines", "&lines ", "\0", "!reference "];
    let mut state = 5_u64;
    for _ in 0..1_000 {
        let mut next = |bound: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % bound
        };
        let from = boundaries[next(boundaries.len())];
        let to = (from + next(30)..).find(|&at| at >= EVERYTHING.len() || EVERYTHING.is_char_boundary(at)).unwrap();
        let rest = EVERYTHING.get(to..).unwrap_or("");
        check_spans(&format!("{}{}{rest}", &EVERYTHING[..from], pieces[next(pieces.len())]));
    }
    for cut in boundaries.into_iter().step_by(7) {
        check_spans(&EVERYTHING[..cut]);
    }
    check_spans(&EVERYTHING.replace('\n', "\r\n"));
}
