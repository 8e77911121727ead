//! The Django projects of a repository: where each begins, and the settings modules that its entry points fall back to.

pub mod apps;
pub mod classes;
pub mod headers;
pub mod https;
mod installed;
pub mod labels;
pub mod packages;
pub mod requirements;
mod unmigrated;
pub mod versions;
pub mod views;

use super::value::{Act, Step};
use crate::parse::python::{CompareOperator, Expr, ExprKind, ImportedNames, Module, Stmt, StmtKind};
use crate::source::{Place, RepoPath, Span, Spanned};
use crate::tree::{FileKind, PathRole, Snapshot, role};
use versions::DjangoVersions;

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
    /// The versions of Django that its requirements allow.
    pub versions: DjangoVersions,
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
    /// The class of django-configurations that it falls back to, in the same way (`DJANGO_CONFIGURATION`).
    pub configuration: Option<Spanned<String>>,
    /// The call that reads an env file before the settings are loaded (`dotenv.load_dotenv()`), where there is one.
    pub env_file: Option<Span>,
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
        let named = |name: &'static str| self.defaults.iter().filter(move |default| default.path.file_name() == name);
        let mut all = ["wsgi.py", "asgi.py"].into_iter().flat_map(named);
        // One that names no module of the project was left behind, or belongs to a library that was taken in.
        let own = all.clone().find(|default| self.has_module(&default.module));
        own.or_else(|| all.next()).or_else(|| self.manage_default())
    }

    /// Whether `module` is one of its settings modules.
    pub fn has_module(&self, module: &str) -> bool {
        self.modules.iter().any(|(name, _)| name == module)
    }
}

/// Finds the projects, sorted by root. A repository without `manage.py` but with a settings module and a `wsgi.py` is
/// one, too.
pub fn find(snapshot: &Snapshot) -> Vec<DjangoProject> {
    // A project among the tests or the templates of a product is not what is deployed.
    let product = |path: &RepoPath| role(path) == PathRole::Product;
    let entries = || snapshot.files_of(FileKind::DjangoEntry).map(|entry| entry.path.clone()).filter(product);
    let mut roots: Vec<(RepoPath, Option<RepoPath>)> = entries()
        .filter(|path| path.file_name() == "manage.py" && mentions_django(snapshot, path))
        .map(|path| (path.parent().unwrap_or_else(RepoPath::root), Some(path)))
        .collect();
    let covered =
        |roots: &[(RepoPath, Option<RepoPath>)], path: &RepoPath| roots.iter().any(|(root, _)| path.is_under(root));
    for path in entries().filter(|path| matches!(path.file_name(), "wsgi.py" | "asgi.py")) {
        if covered(&roots, &path) {
            continue;
        }
        let Some(default) = default_module(snapshot, &path) else { continue };
        if let Some(root) = root_of_module(snapshot, &path, &default.module) {
            roots.push((root, None));
        }
    }
    roots.sort();
    roots.dedup_by(|a, b| a.0 == b.0);

    let mut projects: Vec<DjangoProject> = roots
        .iter()
        .map(|(root, manage)| DjangoProject {
            root: root.clone(),
            manage: manage.clone(),
            defaults: Vec::new(),
            modules: Vec::new(),
            versions: versions::find(snapshot, root),
        })
        .collect();
    // A file belongs to the innermost project that holds it.
    let owner = |path: &RepoPath| {
        (0..roots.len()).filter(|at| path.is_under(&roots[*at].0)).max_by_key(|at| roots[*at].0.as_str().len())
    };
    for path in entries() {
        if let (Some(at), Some(default)) = (owner(&path), default_module(snapshot, &path)) {
            projects[at].defaults.push(default);
        }
    }
    for path in snapshot.files_of(FileKind::Settings).map(|entry| entry.path.clone()) {
        if let Some(at) = owner(&path)
            && let Some(name) = dotted_name(&path, &roots[at].0)
        {
            projects[at].modules.push((name, path));
        }
    }
    for project in &mut projects {
        let parts = parts(snapshot, project);
        project.modules.retain(|(_, path)| !parts.contains(path));
        project.modules.sort();
    }
    projects
}

/// Settings modules that cannot be loaded alone: the module that an entry point names imports everything of them, and
/// they neither import another module so nor say which apps there are.
fn parts(snapshot: &Snapshot, project: &DjangoProject) -> Vec<RepoPath> {
    let mut found = Vec::new();
    for default in &project.defaults {
        let file = default.module.replace('.', "/");
        let candidates = [project.root.join(&format!("{file}.py")), project.root.join(&format!("{file}/__init__.py"))];
        let Some(path) = candidates.into_iter().flatten().find(|path| snapshot.shares(path)) else { continue };
        if path.parent().is_some_and(|folder| !folder.is_root()) && includes_pieces(snapshot, &path) {
            let folder = path.parent().unwrap_or_else(RepoPath::root);
            let beside = project.modules.iter().map(|(_, module)| module);
            found.extend(beside.filter(|module| module.is_under(&folder) && **module != path).cloned());
        }
        let imported = stars(snapshot, project, &path);
        let alone = |path: &&RepoPath| stars(snapshot, project, path).is_empty() && !names_apps(snapshot, path);
        found.extend(imported.iter().filter(alone).cloned());
    }
    found
}

/// Whether a module is put together from the files around it by django-split-settings.
fn includes_pieces(snapshot: &Snapshot, path: &RepoPath) -> bool {
    let Ok(parsed) = snapshot.python(path) else { return false };
    let mut found = false;
    for_each_statement(&parsed.0.body, &mut |statement| {
        found |=
            matches!(&statement.kind, StmtKind::ImportFrom { module, .. } if module.value == "split_settings.tools");
    });
    found
}

/// The settings modules that a module imports everything of, in whatever condition.
fn stars(snapshot: &Snapshot, project: &DjangoProject, path: &RepoPath) -> Vec<RepoPath> {
    let (Ok(parsed), Some(name)) = (snapshot.python(path), dotted_name(path, &project.root)) else { return Vec::new() };
    let is_package = path.file_name() == "__init__.py";
    let mut found = Vec::new();
    for_each_statement(&parsed.0.body, &mut |statement| {
        let StmtKind::ImportFrom { level, module, names: ImportedNames::Star } = &statement.kind else { return };
        let up = level.saturating_sub(usize::from(is_package));
        let mut base: Vec<&str> = if *level == 0 { Vec::new() } else { name.split('.').collect() };
        base.truncate(base.len().saturating_sub(up));
        let whole = base.into_iter().chain([module.value.as_str()]).collect::<Vec<_>>().join(".");
        found.extend(project.modules.iter().filter(|(name, _)| *name == whole).map(|(_, path)| path.clone()));
    });
    found
}

fn names_apps(snapshot: &Snapshot, path: &RepoPath) -> bool {
    let source = snapshot.source(path);
    source.is_ok_and(|source| source.text.contains("INSTALLED_APPS") || source.text.contains("ROOT_URLCONF"))
}

/// `manage.py` of Flask-Script and others is not Django's.
fn mentions_django(snapshot: &Snapshot, path: &RepoPath) -> bool {
    snapshot.source(path).is_ok_and(|source| source.text.contains(VARIABLE) || source.text.contains("django"))
}

/// The dotted name of the module in `path`, imported from `root`.
pub fn dotted_name(path: &RepoPath, root: &RepoPath) -> Option<String> {
    let relative = path.relative_to(root)?.strip_suffix(".py")?;
    let relative = relative.strip_suffix("/__init__").unwrap_or(relative);
    Some(relative.replace('/', "."))
}

/// The folder from which `module` can be imported, at or above the folder of `path`.
fn root_of_module(snapshot: &Snapshot, path: &RepoPath, module: &str) -> Option<RepoPath> {
    let file = module.replace('.', "/");
    std::iter::successors(path.parent(), RepoPath::parent).find(|folder| {
        [format!("{file}.py"), format!("{file}/__init__.py")]
            .iter()
            .any(|name| folder.join(name).is_some_and(|path| snapshot.shares(&path)))
    })
}

/// The settings module that a file falls back to.
fn default_module(snapshot: &Snapshot, path: &RepoPath) -> Option<DefaultModule> {
    let parsed = snapshot.python(path).ok()?;
    let (module, forced) = chosen_in(&parsed.0, VARIABLE)?;
    let configuration = chosen_in(&parsed.0, CONFIGURATION).map(|(class, _)| class);
    let env_file = env_file_call(&parsed.0);
    Some(DefaultModule { path: path.clone(), module, forced, configuration, env_file })
}

/// The statement that reads an env file: `load_dotenv()`, `dotenv.read_dotenv(…)`, `environ.Env.read_env(…)`.
fn env_file_call(module: &Module) -> Option<Span> {
    let mut found = None;
    for_each_statement(&module.body, &mut |statement| {
        let StmtKind::Expr(expression) = &statement.kind else { return };
        let ExprKind::Call(call) = &expression.kind else { return };
        let name = match &call.function.kind {
            ExprKind::Attribute { name, .. } => name.value.as_str(),
            ExprKind::Name(name) => name.as_str(),
            _ => return,
        };
        if found.is_none() && matches!(name, "load_dotenv" | "read_dotenv" | "read_env") {
            found = Some(expression.span);
        }
    });
    found
}

const VARIABLE: &str = "DJANGO_SETTINGS_MODULE";
/// The variable that names the class of django-configurations.
pub const CONFIGURATION: &str = "DJANGO_CONFIGURATION";

/// Looks for `os.environ.setdefault(variable, "…")` and `os.environ[variable] = "…"` as statements, wherever in the
/// file, and for `os.environ.get(variable, "…")` in what they set.
fn chosen_in(module: &Module, variable: &str) -> Option<(Spanned<String>, bool)> {
    let mut chosen: Option<(Spanned<String>, bool)> = None;
    for_each_statement(&module.body, &mut |statement| {
        if chosen.is_none() {
            chosen = match &statement.kind {
                StmtKind::Expr(expression) => {
                    fallback(expression, "setdefault", variable).map(|module| (module, false))
                }
                StmtKind::Assign { targets, value, .. }
                    if targets.iter().any(|target| sets_variable(target, variable)) =>
                {
                    let literal = value.as_str().map(|text| (Spanned::new(text.to_owned(), value.span), true));
                    let read = |method| fallback(value, method, variable).map(|it| (it, false));
                    literal.or_else(|| read("get")).or_else(|| read("getenv"))
                }
                _ => None,
            };
        }
    });
    chosen
}

/// The second argument of a call of `method` whose first is the variable's name.
fn fallback(expression: &Expr, method: &str, variable: &str) -> Option<Spanned<String>> {
    let ExprKind::Call(call) = &expression.kind else { return None };
    let ExprKind::Attribute { name, .. } = &call.function.kind else { return None };
    if name.value != method || call.arguments.first().and_then(Expr::as_str) != Some(variable) {
        return None;
    }
    let value = call.arguments.get(1)?;
    value.as_str().map(|text| Spanned::new(text.to_owned(), value.span))
}

/// Whether a target is `os.environ[variable]`.
fn sets_variable(target: &Expr, variable: &str) -> bool {
    matches!(&target.kind, ExprKind::Subscript { index, .. } if index.as_str() == Some(variable))
}

/// Visits the statements of a module, those of its functions, conditions and `try` blocks included. What holds for some
/// commands only (`if "test" in sys.argv:`) is left out: it tells nothing about the others.
fn for_each_statement(body: &[Stmt], visit: &mut impl FnMut(&Stmt)) {
    for statement in body {
        visit(statement);
        match &statement.kind {
            StmtKind::FunctionDef(function) => for_each_statement(&function.body, visit),
            StmtKind::If { tests, otherwise } => {
                let general = tests.iter().filter(|(test, _)| !asks_for_command(test));
                general.for_each(|(_, body)| for_each_statement(body, visit));
                for_each_statement(otherwise, visit);
            }
            StmtKind::Try { body, handlers, .. } => {
                for_each_statement(body, visit);
                handlers.iter().for_each(|handler| for_each_statement(&handler.body, visit));
            }
            StmtKind::Match { cases, .. } => cases.iter().for_each(|case| for_each_statement(&case.body, visit)),
            _ => {}
        }
    }
}

/// `"test" in sys.argv`, `sys.argv[1] == "test"`, and either beside other conditions.
fn asks_for_command(test: &Expr) -> bool {
    match &test.kind {
        ExprKind::Compare { left, rest } => {
            let words = |operand: &Expr| match &operand.kind {
                ExprKind::Subscript { object, .. } => is_argv(object),
                _ => is_argv(operand),
            };
            let asks = |operator: &CompareOperator| matches!(operator, CompareOperator::In | CompareOperator::Equal);
            rest.iter().any(|(operator, right)| asks(operator) && (words(left) || words(right)))
        }
        ExprKind::BoolOp { operands, .. } => operands.iter().any(asks_for_command),
        _ => false,
    }
}

fn is_argv(expression: &Expr) -> bool {
    matches!(expression.dotted().as_deref(), Some("sys.argv" | "argv"))
}
