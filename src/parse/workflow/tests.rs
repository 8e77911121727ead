use super::*;

const EVERYTHING: &str = r#"name: Deploy
run-name: Deploy by @${{ github.actor }}
on:
  push:
    branches: [main, "releases/**"]
  schedule:
    - cron: "30 5 * * 1,3"
  workflow_dispatch:
permissions:
  contents: read
  packages: write
env:
  DEBUG: True
  PYTHON: 3.10
  URL: "postgres://u:p@db/x"
  EMPTY:
defaults:
  run:
    shell: bash
    working-directory: ./scripts
concurrency: ${{ github.ref }}
jobs:
  test:
    name: Test é
    runs-on: [self-hosted, linux]
    container:
      image: node:18
      env: {NODE_ENV: development}
    services:
      postgres:
        image: "postgres:16"
        env:
          POSTGRES_PASSWORD: postgres
        ports: ["5432:5432"]
      redis: {image: redis}
    strategy:
      matrix: {version: [10, 12]}
    continue-on-error: ${{ matrix.experimental }}
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
      - name: Run
        id: run
        if: always() && github.ref == 'refs/heads/main'
        working-directory: app
        shell: sh
        env: &env
          A: b
        continue-on-error: true
        run: |
          pip install -r requirements.txt
          python manage.py test
      - run: >-
          python manage.py
          check
        env: *env
  deploy:
    needs: [test, lint]
    if: ${{ github.ref == 'refs/heads/main' }}
    environment:
      name: production
      url: https://example.com
    runs-on: {group: ubuntu-runners, labels: big}
    permissions: write-all
    defaults: {run: {working-directory: deploy}}
    steps:
      - run: "./deploy.sh \"$TARGET\""
  call:
    needs: deploy
    uses: octo-org/repo/.github/workflows/x.yml@v1
    with: {username: mona}
    secrets: inherit
"#;

fn read(source: &str) -> Workflow {
    let (workflow, problems) = parse(source);
    assert_eq!(problems, [], "{source}");
    workflow
}

fn values<'a>(texts: impl IntoIterator<Item = &'a Spanned<String>>) -> Vec<&'a str> {
    texts.into_iter().map(|text| text.value.as_str()).collect()
}

fn pairs(pairs: &[Pair]) -> Vec<(&str, &str)> {
    pairs.iter().map(|pair| (pair.name.as_str(), pair.value.text())).collect()
}

fn messages(source: &str) -> Vec<String> {
    parse(source).1.into_iter().map(|problem| problem.message).collect()
}

#[test]
fn everything_of_the_reference_is_read() {
    let workflow = read(EVERYTHING);
    assert_eq!(workflow.name.as_ref().unwrap().value, "Deploy");
    assert_eq!(values(&workflow.triggers), ["push", "schedule", "workflow_dispatch"]);
    let permissions = workflow.permissions.as_ref().unwrap();
    assert_eq!(pairs(&permissions.scopes), [("contents", "read"), ("packages", "write")]);
    assert!(EVERYTHING[permissions.span.range()].starts_with("permissions:"));
    assert!(EVERYTHING[permissions.span.range()].ends_with("write"));
    let env = [("DEBUG", "true"), ("PYTHON", "3.1"), ("URL", "postgres://u:p@db/x"), ("EMPTY", "")];
    assert_eq!(pairs(&workflow.env), env);

    let [test, deploy, call] = workflow.jobs.as_slice() else { panic!("three jobs") };
    assert_eq!((test.id.as_str(), test.name.as_ref().unwrap().as_str()), ("test", "Test é"));
    assert_eq!(values(&test.runs_on), ["self-hosted", "linux"]);
    let container = test.container.as_ref().unwrap();
    assert_eq!(values(&container.image), ["node:18"]);
    assert_eq!(pairs(&container.env), [("NODE_ENV", "development")]);
    let services: Vec<_> = test.services.iter().map(|s| (s.name.as_str(), values(&s.image))).collect();
    assert_eq!(services, [("postgres", vec!["postgres:16"]), ("redis", vec!["redis"])]);
    assert_eq!(pairs(&test.services[0].env), [("POSTGRES_PASSWORD", "postgres")]);
    assert_eq!(test.continue_on_error.unwrap().value, Switch::Unknown);

    assert_eq!(values(&deploy.needs), ["test", "lint"]);
    assert_eq!(values(&deploy.environment), ["production"]);
    assert_eq!(values(&deploy.condition), ["${{ github.ref == 'refs/heads/main' }}"]);
    assert_eq!((values(&deploy.runs_on), values(&deploy.runner_group)), (vec!["big"], vec!["ubuntu-runners"]));
    assert_eq!(values(&deploy.permissions.as_ref().unwrap().all), ["write-all"]);
    assert!(EVERYTHING[deploy.span.range()].starts_with("deploy:"));

    assert_eq!(
        (values(&call.needs), values(&call.uses)),
        (vec!["deploy"], vec!["octo-org/repo/.github/workflows/x.yml@v1"])
    );
    assert_eq!(pairs(&call.with), [("username", "mona")]);
    assert!(call.steps.is_empty());
}

#[test]
fn steps_keep_the_way_back_into_the_file() {
    let workflow = read(EVERYTHING);
    let [checkout, run, folded] = workflow.jobs[0].steps.as_slice() else { panic!("three steps") };
    let uses = checkout.uses.as_ref().unwrap();
    assert_eq!(&EVERYTHING[uses.span.range()], "actions/checkout@v4");
    assert_eq!(pairs(&checkout.with), [("fetch-depth", "0")]);
    assert!(checkout.run.is_none());

    assert_eq!((values(&run.name), values(&run.id)), (vec!["Run"], vec!["run"]));
    assert_eq!(values(&run.condition), ["always() && github.ref == 'refs/heads/main'"]);
    assert_eq!(run.continue_on_error.unwrap().value, Switch::On);
    let script = run.run.as_ref().unwrap();
    assert_eq!(script.text(), "pip install -r requirements.txt\npython manage.py test\n");
    let at = script.text().find("manage.py").unwrap();
    let place = script.to_file(Span::new(at, at + 9));
    assert_eq!(place.start as usize, EVERYTHING.find("manage.py test").unwrap());

    assert_eq!(folded.run.as_ref().unwrap().text(), "python manage.py check");
    assert_eq!(pairs(&folded.env), [("A", "b")], "through the alias");
    let quoted = workflow.jobs[1].steps[0].run.as_ref().unwrap();
    assert_eq!(quoted.text(), r#"./deploy.sh "$TARGET""#);
    let at = quoted.text().find("$TARGET").unwrap();
    assert_eq!(&EVERYTHING[quoted.to_file(Span::new(at, at + 7)).range()], "$TARGET");
}

#[test]
fn the_most_specific_default_holds() {
    let workflow = read(EVERYTHING);
    let shell = |job: usize, step: usize| {
        workflow.shell(&workflow.jobs[job], &workflow.jobs[job].steps[step]).unwrap().as_str()
    };
    let folder = |job: usize, step: usize| {
        workflow.working_directory(&workflow.jobs[job], &workflow.jobs[job].steps[step]).unwrap().as_str()
    };
    assert_eq!((shell(0, 1), folder(0, 1)), ("sh", "app"));
    assert_eq!((shell(0, 2), folder(0, 2)), ("bash", "./scripts"));
    assert_eq!((shell(1, 0), folder(1, 0)), ("bash", "deploy"));
}

#[test]
fn on_is_text_in_each_of_its_forms() {
    for source in ["on: push", "on: [push]", "\"on\": push", "on:\n  push:\n", "on: {push: {branches: [main]}}"] {
        assert_eq!(values(&read(source).triggers), ["push"], "{source}");
    }
    assert_eq!(values(&read("on: [push, fork]").triggers), ["push", "fork"]);
    assert!(read("true: push").triggers.is_empty(), "GitHub knows no key `true`");
}

#[test]
fn absent_and_empty_permissions_differ() {
    assert!(read("on: push").permissions.is_none());
    let empty = read("permissions: {}").permissions.unwrap();
    assert!(empty.all.is_none() && empty.scopes.is_empty());
}

#[test]
fn short_forms_are_read() {
    let source = "jobs: {a: {runs-on: ubuntu-latest, container: 'node:18', environment: staging, needs: b}}";
    let job = &read(source).jobs[0];
    assert_eq!((values(&job.runs_on), values(&job.environment)), (vec!["ubuntu-latest"], vec!["staging"]));
    assert_eq!(values(&job.container.as_ref().unwrap().image), ["node:18"]);
    assert_eq!(values(&job.needs), ["b"]);
}

#[test]
fn an_expression_may_stand_for_anything() {
    let job = "runs-on: '${{ fromJSON(x) }}', env: '${{ x }}', steps: '${{ x }}', services: '${{ x }}'";
    let workflow = read(&format!("jobs: {{a: {{{job}, environment: '${{{{ inputs.to }}}}'}}}}"));
    assert_eq!(values(&workflow.jobs[0].environment), ["${{ inputs.to }}"]);
    assert!(workflow.jobs[0].env.is_empty() && workflow.jobs[0].steps.is_empty());
}

#[test]
fn merge_keys_and_aliases_are_followed() {
    let source = "jobs:\n  a: &a\n    runs-on: x\n    steps: &steps\n      - &one {run: make}\n      - *one\n  \
                  b:\n    <<: *a\n    needs: a\n  c:\n    steps: *steps\n  d: *a\n";
    let workflow = read(source);
    for job in &workflow.jobs {
        let runs: Vec<_> = job.steps.iter().map(|step| step.run.as_ref().unwrap().text()).collect();
        assert_eq!(runs, ["make", "make"], "{}", job.id.value);
    }
    assert_eq!(&source[workflow.jobs[3].span.range()], "d", "the alias's target stands elsewhere");
}

#[test]
fn wrong_shapes_are_problems_and_the_rest_is_there() {
    let source = "on: push\nenv: [A=1]\njobs:\n  a:\n    steps:\n      - make\n      - run: [a]\n      - run: make\n";
    let (workflow, problems) = parse(source);
    let places: Vec<_> = problems.iter().map(|problem| &source[problem.span.range()]).collect();
    assert_eq!(places, ["[A=1]", "make", "[a]"]);
    assert_eq!(problems[0].message, "`env` must be a mapping");
    assert_eq!(workflow.jobs[0].steps.len(), 2);
    assert_eq!(messages("jobs: {a: {continue-on-error: perhaps}}"), ["`continue-on-error` must be `true` or `false`"]);
    assert_eq!(messages("jobs: {a: {steps: {run: x}}}"), ["`steps` must be a list"]);
    assert_eq!(messages("jobs: {a: x}"), ["`a` must be a mapping"]);
    assert_eq!(messages("- on: push"), ["`workflow` must be a mapping"]);
    assert_eq!(messages("on: push\non: fork"), ["the key `on` stands twice in this mapping"]);
    assert_eq!(messages("on: push\n---\non: fork"), ["only one YAML document may stand in this file"]);
}

#[test]
fn empty_files_and_missing_values_are_silent() {
    for source in ["", "---\n", "# nothing\n", "on:\njobs:\nenv:\n", "jobs:\n  a:\n    steps:\n    env:\n    needs:\n"]
    {
        read(source);
    }
}

#[test]
fn the_steps_of_a_composite_action_are_read() {
    let source = "name: Hello\ninputs: {who: {default: World}}\nruns:\n  using: \"composite\"\n  steps:\n    \
                  - run: echo Hello ${{ inputs.who }}.\n      shell: bash\n    - uses: actions/cache@v4\n";
    let (action, problems) = parse_action(source);
    assert_eq!(problems, []);
    assert_eq!((values(&action.name), values(&action.using)), (vec!["Hello"], vec!["composite"]));
    assert_eq!(action.steps[0].run.as_ref().unwrap().text(), "echo Hello ${{ inputs.who }}.");
    assert_eq!(values(&action.steps[0].shell), ["bash"]);
    assert_eq!(values(&action.steps[1].uses), ["actions/cache@v4"]);
    let (docker, _) = parse_action("runs: {using: docker, image: Dockerfile}");
    assert_eq!(values(&docker.image), ["Dockerfile"]);
}

#[test]
fn aliases_do_not_multiply_without_end() {
    let steps = "    - {run: make}\n".repeat(2_000);
    let jobs: String = (0..2_000).map(|n| format!("  j{n}: {{steps: *s}}\n")).collect();
    let (workflow, problems) = parse(&format!("x: &s\n{steps}jobs:\n{jobs}"));
    assert_eq!(problems.len(), 1, "said once");
    assert!(problems[0].message.contains("aliases"));
    assert!(workflow.jobs.iter().map(|job| job.steps.len()).sum::<usize>() < 250_000);

    let long = "x".repeat(1 << 20);
    let jobs: String = (0..1_000).map(|n| format!("  j{n}: {{name: *s}}\n")).collect();
    let (workflow, problems) = parse(&format!("x: &s {long}\njobs:\n{jobs}"));
    assert_eq!(problems.len(), 1, "said once");
    assert!(workflow.jobs.iter().filter(|job| job.name.is_some()).count() < 20);
}

#[test]
fn cycles_end() {
    for source in [
        "jobs: &a\n  x: *a\n",
        "jobs:\n  x: &a\n    <<: *a\n    steps: &s\n      - *s\n      - *a\n",
        "&a on: *a\njobs: &j {a: *j, <<: *j}\n",
        "&r\njobs: *r\nenv: *r\n",
    ] {
        parse(source);
    }
    parse(&"[".repeat(100_000));
    parse(&format!("jobs: {}", "{a: ".repeat(10_000)));
}

fn check_spans(source: &str) {
    let fits = |span: Span| assert!(source.get(span.range()).is_some(), "{span:?} in {source:?}");
    let fragment_fits = |fragment: &Fragment| {
        fits(fragment.span());
        for (at, c) in fragment.text().char_indices() {
            fits(fragment.to_file(Span::new(at, at + c.len_utf8())));
        }
    };
    let pairs_fit = |pairs: &[Pair]| {
        for pair in pairs {
            fits(pair.name.span);
            fits(pair.span);
            fragment_fits(&pair.value);
        }
    };
    let (workflow, problems) = parse(source);
    problems.iter().for_each(|problem| fits(problem.span));
    workflow.triggers.iter().for_each(|trigger| fits(trigger.span));
    workflow.permissions.iter().for_each(|permissions| fits(permissions.span));
    pairs_fit(&workflow.env);
    for job in &workflow.jobs {
        fits(job.span);
        fits(job.id.span);
        pairs_fit(&job.env);
        job.needs.iter().chain(&job.runs_on).chain(&job.environment).for_each(|text| fits(text.span));
        for step in &job.steps {
            fits(step.span);
            step.run.iter().for_each(fragment_fits);
            step.uses.iter().chain(&step.name).chain(&step.condition).for_each(|text| fits(text.span));
            pairs_fit(&step.env);
            pairs_fit(&step.with);
        }
    }
    problems.iter().for_each(|problem| assert!(!problem.message.ends_with('.')));
    parse_action(source);
}

#[test]
fn mutations_never_break_a_span() {
    let boundaries: Vec<usize> = EVERYTHING.char_indices().map(|(at, _)| at).collect();
    let pieces =
        ["", "\n", "\t", "é:", "\"", "[", "}", ": ", "- ", "|\n", "${{", "*env", "&env ", "\0", "~", "<<: *env"];
    let mut state = 7_u64;
    for _ in 0..1_000 {
        let mut next = |bound: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % bound
        };
        let from = boundaries[next(boundaries.len())];
        let to = boundaries[next(boundaries.len())].clamp(from, from + 40);
        let to = (to..).find(|&at| EVERYTHING.is_char_boundary(at)).unwrap();
        check_spans(&format!("{}{}{}", &EVERYTHING[..from], pieces[next(pieces.len())], &EVERYTHING[to..]));
    }
    for cut in boundaries.into_iter().step_by(7) {
        check_spans(&EVERYTHING[..cut]);
    }
    check_spans(&EVERYTHING.replace('\n', "\r\n"));
    check_spans(&format!("\u{feff}{EVERYTHING}"));
}
