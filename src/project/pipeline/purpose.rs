//! What a command of CI is there for.

use crate::parse::shell::Word;
use crate::project::command::{Invocation, compose, django, docker};

/// What a check looks for. Ordered from what matters most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckKind {
    /// That the program works.
    Tests,
    /// That models and migrations agree, or that Django's own checks pass.
    Project,
    /// Known holes and bad habits.
    Security,
    /// Types.
    Types,
    /// Style.
    Lint,
}

/// What `invocation` checks, if it is there to fail.
pub(super) fn check(invocation: &Invocation) -> Option<CheckKind> {
    if let Some(command) = django(invocation) {
        return match command.name.as_str() {
            "test" => Some(CheckKind::Tests),
            "check" if command.has_flag(&["--deploy"]) => Some(CheckKind::Security),
            "check" => Some(CheckKind::Project),
            "makemigrations" | "migrate" if command.has_flag(&["--check"]) => Some(CheckKind::Project),
            _ => None,
        };
    }
    if let Some(command) = compose(invocation) {
        let ends = command.is("up") && command.has_flag(&["--exit-code-from", "--abort-on-container-exit"]);
        return ends.then_some(CheckKind::Tests);
    }
    let arguments: Vec<String> = invocation.arguments().iter().filter_map(Word::literal).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let first = arguments.iter().find(|argument| !argument.starts_with('-')).map(String::as_str);
    match invocation.program.as_str() {
        "pytest" | "py.test" | "tox" | "nox" | "jest" | "vitest" | "runtests.py" => {
            (!has("--version") && !has("--help")).then_some(CheckKind::Tests)
        }
        "coverage" => (first == Some("run")).then_some(CheckKind::Tests),
        "npm" | "yarn" | "pnpm" | "bun" | "hatch" => {
            let script =
                arguments.iter().find(|it| !it.starts_with('-') && !matches!(it.as_str(), "run" | "run-script"));
            script.and_then(|script| by_name(script))
        }
        "make" | "just" => arguments.iter().find_map(|target| by_name(target)),
        "ruff" => (first == Some("check") || has("--check")).then_some(CheckKind::Lint),
        "flake8" | "pylint" => (!has("--exit-zero")).then_some(CheckKind::Lint),
        "black" | "isort" | "djlint" | "prettier" => {
            (has("--check") || has("--check-only") || has("-c")).then_some(CheckKind::Lint)
        }
        "eslint" | "pre-commit" | "hadolint" => Some(CheckKind::Lint),
        "mypy" | "pyright" | "basedpyright" => Some(CheckKind::Types),
        "bandit" | "pip-audit" | "safety" | "trivy" | "semgrep" | "snyk" | "gitleaks" => Some(CheckKind::Security),
        program if program.ends_with(".sh") => by_name(program.trim_end_matches(".sh")),
        _ => None,
    }
}

/// What the name of a script or target says: `test`, `run-tests`, `lint`, `test:unit`.
fn by_name(name: &str) -> Option<CheckKind> {
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    words.find_map(|word| match word {
        "test" | "tests" | "pytest" | "unittest" => Some(CheckKind::Tests),
        "lint" | "flake8" | "eslint" => Some(CheckKind::Lint),
        "audit" => Some(CheckKind::Security),
        "typecheck" | "mypy" => Some(CheckKind::Types),
        _ => None,
    })
}

/// Whether `invocation` brings a new version to where users are. `own_machine`: it runs on a machine of the team's, so
/// that starting containers there is a deploy.
pub(super) fn deploys(invocation: &Invocation, own_machine: bool) -> bool {
    if let Some(command) = compose(invocation) {
        return command.is("up")
            && (invocation.host().is_some() || own_machine && command.has_flag(&["-d", "--detach"]));
    }
    if let Some(command) = docker(invocation) {
        return command.name.as_str() == "stack" && command.arguments.first().is_some_and(|word| word.is("deploy"));
    }
    let arguments: Vec<String> = invocation.arguments().iter().filter_map(Word::literal).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).filter(|word| !word.starts_with('-')).collect();
    let remote = invocation.host().is_some();
    match (invocation.program.as_str(), words.as_slice()) {
        ("git", ["pull", ..]) | ("systemctl", ["restart" | "reload", ..]) | ("supervisorctl", ["restart", ..]) => {
            remote
        }
        ("kubectl", ["apply", ..] | ["set", "image", ..] | ["rollout", "restart", ..]) => true,
        ("helm", ["upgrade", ..]) => true,
        ("fly" | "flyctl" | "serverless" | "eb" | "copilot" | "zappa" | "kamal", ["deploy", ..]) => true,
        ("railway", ["up", ..]) | ("heroku", ["container:release", ..]) => true,
        ("git", ["push", remote, ..]) => remote.contains("heroku") || remote.contains("dokku"),
        ("aws", ["ecs", "update-service", ..]) | ("gcloud", ["run", "deploy", ..] | ["app", "deploy", ..]) => true,
        // A script that is run on the server and called so.
        (program, _) => remote && named_deploy(program),
    }
}

fn named_deploy(program: &str) -> bool {
    program.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| matches!(word, "deploy" | "redeploy" | "release"))
}

/// Whether what it runs is not read here: a recipe, a script, a container's own command.
pub(super) fn is_opaque(invocation: &Invocation) -> bool {
    // What runs on the server comes after the deploy.
    if invocation.host().is_some() {
        return false;
    }
    let container = compose(invocation).is_some_and(|command| {
        command.is("run") || command.is("up") && !command.has_flag(&["-d", "--detach", "--wait"])
    });
    let builds = docker(invocation).and_then(|command| command.build()).is_some_and(|build| build.target.is_some());
    let runs = docker(invocation).is_some_and(|command| command.name.as_str() == "run");
    matches!(invocation.program.as_str(), "make" | "just" | "task" | "invoke" | "earthly" | "dagger" | "")
        || invocation.program.ends_with(".sh")
        || container
        || builds
        || runs
}
