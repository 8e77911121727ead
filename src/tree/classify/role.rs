use crate::source::RepoPath;

/// What a file is for, told by its path. Rules may lower a severity by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathRole {
    /// Part of what is shipped.
    Product,
    /// Part of the tests.
    Test,
    /// An example or a template.
    Example,
    /// Documentation.
    Documentation,
}

/// What the file at `path` is for. The outermost folder that says so decides; then the file's name.
///
/// A name of an environment says nothing here: `settings/test.py`, `test_settings.py` and `compose.test.yml`
/// configure the environment `testing`, they are not tests.
pub fn role(path: &RepoPath) -> PathRole {
    let name = path.file_name().to_lowercase();
    let python = name.ends_with(".py");
    for (depth, part) in path.parts().rev().skip(1).collect::<Vec<_>>().into_iter().rev().enumerate() {
        // A Django app may well be called `docs`, `samples` or `demo`; only at the top is it no app.
        let counts = depth == 0 || !python;
        match part.to_lowercase().as_str() {
            "docs" | "doc" | "documentation" if counts => return PathRole::Documentation,
            "example" | "examples" | "sample" | "samples" | "demo" | "demos" | "example_project"
            | "example-project" | "project_template" | "project-template" | "app_template"
                if counts =>
            {
                return PathRole::Example;
            }
            "test" | "tests" | "__tests__" | "testing" | "e2e" | "cypress" | "testdata" | "test_data" | "test-data"
            | "fixtures" | "test_project" | "testproject" | "integration_tests" | "integration-tests"
            | "unit_tests" | "unit-tests" | "unittests" | "functional_tests" | "cassettes" | "test_utils"
            | "test-utils" | "testutils" => {
                return PathRole::Test;
            }
            // As Perl has it, and Celery.
            "t" if depth == 0 => return PathRole::Test,
            _ => {}
        }
    }
    if python {
        let stem = path.file_stem().to_lowercase();
        let settings = stem.contains("settings") || path.parts().rev().nth(1) == Some("settings");
        // `0132_remove_configs_from_test.py`
        let migration = path.parts().rev().nth(1).is_some_and(|folder| folder.ends_with("migrations"));
        let test = stem == "tests" || stem == "conftest" || stem.starts_with("test_") || stem.ends_with("_test");
        return if test && !settings && !migration { PathRole::Test } else { PathRole::Product };
    }
    if [".md", ".rst", ".adoc"].iter().any(|extension| name.ends_with(extension)) {
        return PathRole::Documentation;
    }
    // `openapi.yaml`, `schema.openapi.json`, `openapi/v2.yaml`: the answers of an API with made-up values.
    let data = [".yml", ".yaml", ".json"].iter().any(|extension| name.ends_with(extension));
    if data && path.parts().any(|part| part.split(['.', '-', '_']).any(|word| matches!(word, "openapi" | "swagger"))) {
        return PathRole::Documentation;
    }
    let mut words = name.split(['.', '-', '_']).enumerate();
    // `nginx.conf.template` is rendered and used, `template.yaml` is the name of a whole.
    let rendered = name.contains(".conf") || name.contains(".service") || name.contains(".html");
    let example = words.any(|(at, word)| match word {
        "example" | "sample" => true,
        "template" | "dist" | "tpl" | "tmpl" => at > 0 && !rendered,
        _ => false,
    });
    if example { PathRole::Example } else { PathRole::Product }
}
