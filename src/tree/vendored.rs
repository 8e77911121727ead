//! Folders that hold other people's code, or what tools made.

/// Whether a folder of this name is left out, whatever it holds.
pub(super) fn by_name(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "node_modules",
        "bower_components",
        "jspm_packages",
        "site-packages",
        "dist-packages",
        "venv",
        ".venv",
        "virtualenv",
        ".virtualenv",
        ".virtualenvs",
        ".tox",
        ".nox",
        ".eggs",
        "__pycache__",
        "__pypackages__",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        ".direnv",
        ".terraform",
        ".svn",
        ".hg",
        ".bzr",
    ];
    NAMES.contains(&name) || name.ends_with(".egg-info") || name.ends_with(".dist-info")
}

/// Whether a folder of this name, whose children have these names, is left out: a virtual environment under any
/// name, vendored code, and collected static files, unless it is a Django app that is called so (a shop has vendors).
pub(super) fn by_children<'a>(name: &str, children: impl Iterator<Item = &'a str> + Clone) -> bool {
    let has = |wanted: &[&str]| children.clone().any(|child| wanted.contains(&child));
    if has(&["pyvenv.cfg", "conda-meta"]) {
        return true;
    }
    let suspicious = matches!(
        name,
        "vendor"
            | "vendors"
            | "_vendor"
            | "third_party"
            | "third-party"
            | "staticfiles"
            | "static_root"
            | "staticroot"
            | "static_collected"
            | "collected_static"
    );
    suspicious && !has(&["apps.py", "models.py", "models", "views.py", "urls.py", "migrations", "manage.py"])
}
