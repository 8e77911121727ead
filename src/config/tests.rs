use super::*;

fn read(text: &str) -> Config {
    parse(text, "shipworthy.toml", Section::Whole).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(text: &str) -> String {
    parse(text, "shipworthy.toml", Section::Whole).expect_err("should be refused").to_string()
}

fn words(words: &[Spanned<String>]) -> Vec<&str> {
    words.iter().map(|word| word.as_str()).collect()
}

const EVERYTHING: &str = r#"
select = ["all"]
extend-select = ["compose/x"]
ignore = ["hadolint:DL3008", "secret"]
exclude = ["legacy/**"]
include-vendored = true
fail-on = "error"
min-severity = "note"
honour-peer-comments = false
provided = ["DATABASE_URL"]
allowed-registries = ["docker.io", "ghcr.io/school"]
severity = { "compose/x" = "warning", settings = { production = "note", qa = "error" } }

[[environments]]
name = "qa"
like = "staging"

[[deployments]]
name = "shop"
environment = "production"
compose = ["compose.yml", "./deploy/compose.prod.yml"]
env-file = ".env.prod"
profiles = ["worker"]
dockerfile = "docker/Dockerfile"
target = "runtime"
settings = "config.settings.production"
project = "web"

[[deployments]]
environment = "qa"
compose = "compose.qa.yml"

[[overrides]]
paths = ["legacy/**", "!legacy/live"]
select = ["secret"]
ignore = ["compose"]
severity = { all = "note" }
"#;

#[test]
fn every_key_is_read() {
    let config = read(EVERYTHING);
    assert_eq!(words(config.rules.select.as_ref().unwrap()), ["all"]);
    assert_eq!(words(&config.rules.extend_select), ["compose/x"]);
    assert_eq!(words(&config.rules.ignore), ["hadolint:DL3008", "secret"]);
    assert!(config.exclude.matches(&RepoPath::new("legacy/a/b.py").unwrap()));
    assert!(config.include_vendored && !config.honour_peer_comments);
    assert_eq!(config.fail_on, Some(FailOn::At(Severity::Error)));
    assert_eq!(config.min_severity, Some(Severity::Note));
    assert_eq!(words(&config.provided), ["DATABASE_URL"]);
    assert_eq!(words(&config.allowed_registries), ["docker.io", "ghcr.io/school"]);
    let levels: Vec<_> = config.rules.severity.iter().map(|it| (it.word.as_str(), it.level.clone())).collect();
    let qa = Environment::Other("qa".into());
    let by_environment = vec![(Environment::Production, Severity::Note), (qa.clone(), Severity::Error)];
    assert_eq!(
        levels,
        [
            ("compose/x", SeverityLevel::Everywhere(Severity::Warning)),
            ("settings", SeverityLevel::ByEnvironment(by_environment))
        ]
    );
    assert_eq!(config.environment("qa"), Some(qa.clone()));
    assert_eq!(config.like(&qa), Environment::Staging);
    assert_eq!(config.like(&Environment::Testing), Environment::Testing);
    assert_eq!(config.overrides.len(), 1);
    assert_eq!(words(config.overrides[0].rules.select.as_ref().unwrap()), ["secret"]);
}

#[test]
fn deployments_keep_their_places() {
    let config = read(EVERYTHING);
    let [shop, qa] = &config.deployments[..] else { panic!("two deployments") };
    assert_eq!((shop.label(), qa.label()), ("shop", "qa"));
    let paths: Vec<_> = shop.compose.iter().map(|path| path.as_str()).collect();
    assert_eq!(paths, ["compose.yml", "deploy/compose.prod.yml"]);
    assert_eq!(shop.env_file[0].as_str(), ".env.prod");
    assert_eq!(shop.settings.as_ref().unwrap().as_str(), "config.settings.production");
    assert_eq!(&EVERYTHING[shop.compose[1].span.range()], "\"./deploy/compose.prod.yml\"");
    assert_eq!(&EVERYTHING[shop.environment.span.range()], "\"production\"");
    assert_eq!(&EVERYTHING[shop.span.range()], "[[deployments]]");
    assert!(qa.span.start > shop.span.start);
}

#[test]
fn an_empty_file_is_the_default() {
    let config = read("");
    assert!(config.rules.select.is_none() && config.honour_peer_comments && !config.include_vendored);
    assert_eq!(FailOn::default(), FailOn::At(Severity::Warning));
}

#[test]
fn a_pyproject_gives_only_its_section() {
    let text = "[project]\nname = 'x'\n[tool.ruff]\nselect = ['E']\n[tool.shipworthy]\nignore = ['compose']\n";
    let config = parse(text, "pyproject.toml", Section::Pyproject).unwrap();
    assert_eq!(words(&config.rules.ignore), ["compose"]);
    let config = parse("[project]\nname = 'x'\n", "pyproject.toml", Section::Pyproject).unwrap();
    assert!(config.rules.ignore.is_empty());
    let nested = "[tool.shipworthy]\n[[tool.shipworthy.deployments]]\nenvironment = 'production'\ncompose = 'c.yml'\n";
    assert_eq!(parse(nested, "pyproject.toml", Section::Pyproject).unwrap().deployments.len(), 1);
}

#[test]
fn migrations_that_are_old_are_named_by_app() {
    let config = parse("[migrations]\nsince = { shop = '0042_add_price' }", "x.toml", Section::Whole).unwrap();
    let last = &config.migrations_since[0];
    assert_eq!((last.app.as_str(), last.migration.as_str()), ("shop", "0042_add_price"));
    for wrong in ["[migrations]\nbefore = 1", "migrations = ['shop']", "[migrations]\nsince = { shop = 'a/b.py' }"] {
        assert!(parse(wrong, "x.toml", Section::Whole).is_err(), "{wrong}");
    }
}

#[test]
fn registries_are_hosts() {
    assert!(refused("allowed-registries = ['https://ghcr.io/']").contains("ghcr.io"));
    assert!(refused("allowed-registries = ['school']").contains("takes hosts"));
    assert_eq!(words(&read("allowed-registries = '*.example.org'").allowed_registries), ["*.example.org"]);
}

#[test]
fn unknown_keys_are_refused_with_their_place() {
    assert_eq!(
        refused("ignore = []\nselct = ['all']\n"),
        "shipworthy.toml:2:1: unknown key `selct`; did you mean `select`?"
    );
    assert_eq!(
        refused("[[deployments]]\nenvironment = 'production'\ncompose_files = 'c.yml'\n"),
        "shipworthy.toml:3:1: unknown key `compose_files`; did you mean `compose`?"
    );
    assert_eq!(
        refused("[[overrides]]\npaths = ['a']\nfail-on = 'never'\n"),
        "shipworthy.toml:3:1: unknown key `fail-on`"
    );
    assert_eq!(refused("[tool.shipworthy]\nignore = []\n"), "shipworthy.toml:1:2: unknown key `tool`");
}

#[test]
fn unknown_environments_are_refused_with_their_place() {
    assert_eq!(
        refused("[[deployments]]\nenvironment = 'prod'\ncompose = 'c.yml'\n"),
        "shipworthy.toml:2:15: unknown environment `prod`; did you mean `production`?"
    );
    assert_eq!(
        refused("severity = { 'compose/x' = { qa = 'note' } }"),
        "shipworthy.toml:1:30: unknown environment `qa`: name it under `[[environments]]`"
    );
    assert_eq!(
        refused("[[environments]]\nname = 'qa'\nlike = 'stag'\n"),
        "shipworthy.toml:3:8: `like` is `production`, `staging`, `testing` or `development`, not `stag`; \
         did you mean `staging`?"
    );
}

#[test]
fn wrong_types_and_words_are_refused() {
    assert_eq!(refused("select = 3"), "shipworthy.toml:1:10: `select` takes a list of strings, not a number");
    assert_eq!(refused("select = ['a', 3]"), "shipworthy.toml:1:16: `select` takes a list of strings, not a number");
    assert_eq!(
        refused("fail-on = 'warn'"),
        "shipworthy.toml:1:11: `fail-on` is `error`, `warning`, `note` or `never`, not `warn`; did you mean `warning`?"
    );
    assert_eq!(
        refused("deployments = 'x'"),
        "shipworthy.toml:1:15: `deployments` takes tables, each under `[[deployments]]`, not a string"
    );
    assert_eq!(
        refused("include-vendored = 'yes'"),
        "shipworthy.toml:1:20: `include-vendored` takes `true` or `false`, not a string"
    );
}

#[test]
fn deployments_are_checked_for_sense() {
    assert_eq!(refused("[[deployments]]\ncompose = 'a'"), "shipworthy.toml:1:1: a deployment needs an `environment`");
    assert_eq!(
        refused("[[deployments]]\nenvironment = 'staging'"),
        "shipworthy.toml:1:1: a deployment needs `compose`, `dockerfile` or `settings`: something that is deployed"
    );
    assert_eq!(
        refused("[[deployments]]\nenvironment = 'staging'\ncompose = '../c.yml'"),
        "shipworthy.toml:3:11: `compose` takes paths relative to the root and inside it, and `../c.yml` is not"
    );
    assert_eq!(
        refused("[[deployments]]\nenvironment = 'staging'\nsettings = 'config/settings/prod.py'"),
        "shipworthy.toml:3:12: `settings` takes the dotted name of a module, unlike `config/settings/prod.py`; \
         did you mean `config.settings.prod`?"
    );
}

#[test]
fn a_variable_with_its_value_is_refused_without_repeating_it() {
    let message = refused("provided = ['SECRET_KEY=hunter2']");
    assert!(message.starts_with("shipworthy.toml:1:13: ") && !message.contains("hunter2"), "{message}");
}

#[test]
fn broken_patterns_are_refused_with_their_place() {
    let message = refused("exclude = ['fine', 'a[b']");
    assert!(message.starts_with("shipworthy.toml:1:20: this pattern cannot be used: "), "{message}");
    assert_eq!(refused("[[overrides]]\nignore = ['x']"), "shipworthy.toml:1:1: an override needs `paths`");
}

#[test]
fn broken_toml_is_refused_with_its_place() {
    let message = refused("ignore = [\n'a'\n");
    assert!(message.starts_with("shipworthy.toml:") && !message.contains('\n'), "{message}");
    for text in ["select = ", "🎉 = ", "\u{feff}selct = 1", "a = '''", "[", "a\0", "select = [1,\r\n"] {
        refused(text);
    }
}

#[test]
fn hostile_nesting_is_refused_without_harm() {
    for text in
        ["a=".to_owned() + &"[".repeat(200_000), "[".to_owned() + &"a.".repeat(200_000) + "a]", "a={b=".repeat(100_000)]
    {
        refused(&text);
    }
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_read() {
    let config = read("\u{feff}ignore = ['compose']\r\nfail-on = 'never'\r\n");
    assert_eq!((words(&config.rules.ignore), config.fail_on), (vec!["compose"], Some(FailOn::Never)));
}

/// The code blocks of the documentation that are configurations.
fn documented() -> Vec<String> {
    let page = include_str!("../../docs/configuration.md");
    let blocks = page.split("```toml\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn every_example_of_the_documentation_is_read() {
    let examples = documented();
    assert!(examples.len() >= 10, "only {} examples", examples.len());
    for example in &examples {
        let section = if example.contains("[tool.shipworthy") { Section::Pyproject } else { Section::Whole };
        let config =
            parse(example, "docs/configuration.md", section).unwrap_or_else(|error| panic!("{error}\n{example}"));
        let says_something = !config.rules.ignore.is_empty()
            || !config.rules.extend_select.is_empty()
            || !config.rules.severity.is_empty()
            || !config.exclude.is_empty()
            || !config.deployments.is_empty()
            || !config.overrides.is_empty()
            || !config.provided.is_empty()
            || !config.allowed_registries.is_empty()
            || !config.migrations_since.is_empty()
            || !config.labels.is_empty()
            || !config.honour_peer_comments;
        assert!(says_something, "nothing was read from\n{example}");
    }
}

#[test]
fn every_key_is_documented_with_an_example() {
    let page = include_str!("../../docs/configuration.md");
    let examples = documented().join("\n");
    for key in parse::known_keys() {
        assert!(
            page.contains(&format!("`{key}`")) || page.contains(&format!("`[[{key}]]`")),
            "{key} is not documented"
        );
        let assigned = examples.lines().any(|line| line.starts_with(&format!("{key} = ")));
        let header = examples.contains(&format!("[[{key}]]")) || examples.contains(&format!("[{key}]"));
        assert!(assigned || header || key == "select", "{key} has no example");
    }
}
