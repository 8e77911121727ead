//! The Django projects of a repository: where each begins, and the settings modules that its entry points fall back to.

use super::Sources;
use super::value::{Act, Step};
use crate::parse::python::{Expr, ExprKind, Module, Stmt, StmtKind, walk_expressions};
use crate::source::{Place, RepoPath, Span, Spanned};
use crate::tree::FileKind;

/// One Django project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DjangoProject {
    /// The folder from which its modules are imported: that of `manage.py`, else that of the settings' package.
    pub root: RepoPath,
    /// `manage.py`, where there is one.
    pub manage: Option<RepoPath>,
    /// The settings modules that entry points fall back to, by the entry point's path.
    pub defaults: Vec<DefaultModule>,
    /// The settings modules below the root: dotted name and path, sorted by name.
    pub modules: Vec<(String, RepoPath)>,
}

/// `os.environ.setdefault("DJANGO_SETTINGS_MODULE", …)` in `manage.py`, `wsgi.py`, `asgi.py` or `celery.py`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultModule {
    /// The entry point.
    pub path: RepoPath,
    /// The module's dotted name, as written.
    pub module: Spanned<String>,
    /// Whether it is set whatever the environment says (`os.environ["DJANGO_SETTINGS_MODULE"] = …`).
    pub forced: bool,
}

impl DefaultModule {
    /// The step of a trail.
    pub fn step(&self) -> Step {
        Step::new(Place::new(self.path.clone(), self.module.span), Act::Chooses(self.module.value.clone()))
    }
}

impl DjangoProject {
    /// What the module `dotted` (`config.wsgi`, `config.celery`, `manage`) falls back to.
    pub fn default_of(&self, dotted: &str) -> Option<&DefaultModule> {
        let file = format!("{}.py", dotted.replace('.', "/"));
        let package = format!("{}/__init__.py", dotted.replace('.', "/"));
        let wanted = [self.root.join(&file), self.root.join(&package)];
        self.defaults.iter().find(|default| wanted.contains(&Some(default.path.clone())))
    }

    /// What `manage.py` falls back to.
    pub fn manage_default(&self) -> Option<&DefaultModule> {
        self.defaults.iter().find(|default| Some(&default.path) == self.manage.as_ref())
    }

    /// What a server's entry point falls back to: `wsgi.py`, else `asgi.py`, else `manage.py`.
    pub fn serving_default(&self) -> Option<&DefaultModule> {
        ["wsgi.py", "asgi.py"]
            .iter()
            .find_map(|name| self.defaults.iter().find(|default| default.path.file_name() == *name))
            .or_else(|| self.manage_default())
    }

    /// Whether `module` is one of its settings modules.
    pub fn has_module(&self, module: &str) -> bool {
        self.modules.iter().any(|(name, _)| name == module)
    }
}

/// Finds the projects, sorted by root. A repository without `manage.py` but with a settings module and a `wsgi.py` is
/// one, too.
pub fn find(sources: &Sources<'_>) -> Vec<DjangoProject> {
    let entries = || sources.files_of(FileKind::DjangoEntry);
    let mut roots: Vec<(RepoPath, Option<RepoPath>)> = entries()
        .filter(|path| path.file_name() == "manage.py" && mentions_django(sources, path))
        .map(|path| (path.parent().unwrap_or_else(RepoPath::root), Some(path)))
        .collect();
    let covered = |roots: &[(RepoPath, Option<RepoPath>)], path: &RepoPath| roots.iter().any(|(root, _)| path.is_under(root));
    for path in entries().filter(|path| matches!(path.file_name(), "wsgi.py" | "asgi.py")) {
        if covered(&roots, &path) {
            continue;
        }
        let Some(default) = default_module(sources, &path) else { continue };
        if let Some(root) = root_of_module(sources, &path, &default.module) {
            roots.push((root, None));
        }
    }
    roots.sort();
    roots.dedup_by(|a, b| a.0 == b.0);

    let mut projects: Vec<DjangoProject> = roots
        .iter()
        .map(|(root, manage)| DjangoProject { root: root.clone(), manage: manage.clone(), defaults: Vec::new(), modules: Vec::new() })
        .collect();
    // A file belongs to the innermost project that holds it.
    let owner = |path: &RepoPath| {
        (0..roots.len()).filter(|at| path.is_under(&roots[*at].0)).max_by_key(|at| roots[*at].0.as_str().len())
    };
    for path in entries() {
        if let (Some(at), Some(default)) = (owner(&path), default_module(sources, &path)) {
            projects[at].defaults.push(default);
        }
    }
    for path in sources.files_of(FileKind::Settings) {
        if let Some(at) = owner(&path)
            && let Some(name) = dotted_name(&path, &roots[at].0)
        {
            projects[at].modules.push((name, path));
        }
    }
    for project in &mut projects {
        project.modules.sort();
    }
    projects
}

/// `manage.py` of Flask-Script and others is not Django's.
fn mentions_django(sources: &Sources<'_>, path: &RepoPath) -> bool {
    sources.text(path).is_some_and(|text| text.contains("DJANGO_SETTINGS_MODULE") || text.contains("django"))
}

/// The dotted name of the module in `path`, imported from `root`.
pub fn dotted_name(path: &RepoPath, root: &RepoPath) -> Option<String> {
    let relative = path.relative_to(root)?.strip_suffix(".py")?;
    let relative = relative.strip_suffix("/__init__").unwrap_or(relative);
    Some(relative.replace('/', "."))
}

/// The folder from which `module` can be imported, at or above the folder of `path`.
fn root_of_module(sources: &Sources<'_>, path: &RepoPath, module: &str) -> Option<RepoPath> {
    let file = module.replace('.', "/");
    std::iter::successors(path.parent(), RepoPath::parent).find(|folder| {
        [format!("{file}.py"), format!("{file}/__init__.py")]
            .iter()
            .any(|name| folder.join(name).is_some_and(|path| sources.is_file(&path)))
    })
}

/// The settings module that a file falls back to.
fn default_module(sources: &Sources<'_>, path: &RepoPath) -> Option<DefaultModule> {
    let module = sources.python(path)?;
    let (module, forced) = chosen_module(&module)?;
    Some(DefaultModule { path: path.clone(), module, forced })
}

const VARIABLE: &str = "DJANGO_SETTINGS_MODULE";

/// Looks for `os.environ.setdefault(VARIABLE, "…")`, `os.environ[VARIABLE] = "…"` and, for Celery's sake,
/// `os.environ.get(VARIABLE, "…")`, wherever in the file.
fn chosen_module(module: &Module) -> Option<(Spanned<String>, bool)> {
    let mut chosen = None;
    let mut note = |value: &Expr, forced: bool| {
        if chosen.is_none()
            && let Some(text) = value.as_str()
        {
            let span = if value.span.is_empty() { Span::at(0) } else { value.span };
            chosen = Some((Spanned::new(text.to_owned(), span), forced));
        }
    };
    walk_expressions(module, &mut |expression| {
        if let ExprKind::Call(call) = &expression.kind
            && let ExprKind::Attribute { name, .. } = &call.function.kind
            && matches!(name.as_str(), "setdefault" | "get" | "getenv")
            && call.arguments.first().and_then(Expr::as_str) == Some(VARIABLE)
            && let Some(value) = call.arguments.get(1)
        {
            note(value, false);
        }
    });
    for_each_assignment(&module.body, &mut |target, value| {
        if let ExprKind::Subscript { index, .. } = &target.kind
            && index.as_str() == Some(VARIABLE)
        {
            note(value, true);
        }
    });
    chosen
}

fn for_each_assignment(body: &[Stmt], visit: &mut impl FnMut(&Expr, &Expr)) {
    for statement in body {
        match &statement.kind {
            StmtKind::Assign { targets, value, .. } => targets.iter().for_each(|target| visit(target, value)),
            StmtKind::FunctionDef(function) => for_each_assignment(&function.body, visit),
            StmtKind::If { tests, otherwise } => {
                tests.iter().for_each(|(_, body)| for_each_assignment(body, visit));
                for_each_assignment(otherwise, visit);
            }
            StmtKind::Try { body, .. } => for_each_assignment(body, visit),
            _ => {}
        }
    }
}
