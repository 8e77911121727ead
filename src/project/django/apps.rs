//! The apps of a project: those that its settings install and whose code is in the repository.

use crate::parse::python::{ClassDef, Expr, ExprKind, Stmt, StmtKind};
use crate::project::deployment::{Deployment, DjangoProcess};
use crate::source::{Place, RepoPath};
use crate::tree::{FileKind, Snapshot};
use std::collections::BTreeMap;

/// An installed app that has models of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// Its folder.
    pub folder: RepoPath,
    /// The name of the first model that has a table.
    pub model: String,
    /// Where that is declared.
    pub place: Place,
    /// Whether the repository has a migration of it.
    pub has_migrations: bool,
    /// Whether settings say that its migrations are elsewhere, or may say so.
    pub migrations_elsewhere: bool,
    /// A model that leaves the type of its key to the settings, and where it is; the app itself does not decide either.
    pub open_key: Option<(String, Place)>,
}

impl App {
    /// Where its first migration would lie.
    pub fn first_migration(&self) -> RepoPath {
        self.folder.join("migrations/0001_initial.py").unwrap_or_else(RepoPath::root)
    }
}

/// The apps that some deployment's settings install, sorted by folder.
pub fn installed(snapshot: &Snapshot, deployments: &[Deployment]) -> Vec<App> {
    let mut apps: BTreeMap<RepoPath, App> = BTreeMap::new();
    for django in deployments.iter().flat_map(|it| &it.services).filter_map(|service| service.django.as_ref()) {
        let installed = django.settings.get("INSTALLED_APPS");
        let Some(items) = installed.value.likely().and_then(|value| value.as_sequence()) else { continue };
        let elsewhere = !django.settings.get("MIGRATION_MODULES").value.is_absent();
        for item in &items.items {
            let Some(folder) =
                item.value.value.likely().and_then(|value| folder(snapshot, &django.project, value.as_str()?))
            else {
                continue;
            };
            if !apps.contains_key(&folder)
                && let Some((model, place)) = first_model(snapshot, &folder)
            {
                let has_migrations = snapshot.files_of(FileKind::Migration).any(|entry| entry.path.is_under(&folder));
                let app = App {
                    open_key: open_key(snapshot, &folder),
                    folder: folder.clone(),
                    model,
                    place,
                    has_migrations,
                    migrations_elsewhere: elsewhere,
                };
                apps.insert(folder, app);
            }
        }
    }
    apps.into_values().collect()
}

/// The folder of an installed app: `shop`, `shop.apps.ShopConfig`, seen from the project's root.
fn folder(snapshot: &Snapshot, root: &RepoPath, name: &str) -> Option<RepoPath> {
    let parts: Vec<&str> = name.split('.').collect();
    (1..=parts.len()).rev().find_map(|length| {
        let folder = root.join(&parts[..length].join("/"))?;
        (length + 2 >= parts.len() && snapshot.tree().is_dir(&folder)).then_some(folder)
    })
}

/// A library of template tags that several installed apps have under one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagLibrary {
    /// The name, as `{% load %}` has it.
    pub name: String,
    /// The file that `{% load %}` finds: that of the app which is listed last.
    pub found: RepoPath,
    /// The file that it hides; `None` for one of Django itself.
    pub hidden: Option<RepoPath>,
}

/// The libraries of template tags that hide another, in the order of the apps.
pub fn hidden_tags(snapshot: &Snapshot, django: &DjangoProcess) -> Vec<TagLibrary> {
    // Those that Django loads whatever is installed.
    let own = ["cache", "i18n", "l10n", "static", "tz"];
    let mut known: BTreeMap<String, Option<RepoPath>> = own.map(|name| (name.to_owned(), None)).into();
    let mut hidden = Vec::new();
    let apps = django.settings.list("INSTALLED_APPS").unwrap_or_default();
    for folder in apps.texts().filter_map(|(name, _)| folder(snapshot, &django.project, name)) {
        let Some(tags) = folder.join("templatetags") else { continue };
        let files = snapshot.tree().under(&tags).iter().filter(|entry| entry.path.parent().as_ref() == Some(&tags));
        for path in files.map(|entry| &entry.path) {
            let Some(name) = path.file_name().strip_suffix(".py").filter(|name| !name.starts_with('_')) else {
                continue;
            };
            // A module without a library is none that `{% load %}` finds.
            if !snapshot.source(path).is_ok_and(|source| source.text.contains("register")) {
                continue;
            }
            let before = known.insert(name.to_owned(), Some(path.clone()));
            if let Some(other) = before.filter(|other| other.as_ref() != Some(path)) {
                hidden.push(TagLibrary { name: name.to_owned(), found: path.clone(), hidden: other });
            }
        }
    }
    hidden
}

impl App {
    /// Whether a process's settings surely install it.
    pub fn is_installed(&self, snapshot: &Snapshot, django: &DjangoProcess) -> bool {
        let apps = django.settings.list("INSTALLED_APPS").unwrap_or_default();
        apps.texts().any(|(name, _)| folder(snapshot, &django.project, name).as_ref() == Some(&self.folder))
    }
}

/// A model whose key is left to `DEFAULT_AUTO_FIELD`; none where a module of the app speaks of that itself.
fn open_key(snapshot: &Snapshot, app: &RepoPath) -> Option<(String, Place)> {
    let modules = snapshot.tree().under(app).iter().filter(|entry| entry.path.parent().as_ref() == Some(app));
    let decides = |path: &RepoPath| {
        path.extension() == Some("py")
            && snapshot.source(path).is_ok_and(|source| source.text.contains("default_auto_field"))
    };
    if modules.map(|entry| &entry.path).any(decides) {
        return None;
    }
    let keyed = |statement: &Stmt| {
        let (StmtKind::Assign { value, .. } | StmtKind::Expr(value)) = &statement.kind else { return false };
        matches!(&value.kind, ExprKind::Call(call) if call.keyword("primary_key").is_some())
    };
    // What a second class brings along is not known.
    model_in(snapshot, app, |class| class.bases.len() == 1 && !class.body.iter().any(keyed))
}

/// The first model with a table in the models of the app in `folder`.
fn first_model(snapshot: &Snapshot, folder: &RepoPath) -> Option<(String, Place)> {
    model_in(snapshot, folder, |_| true)
}

/// The first model with a table, among those that are wanted.
fn model_in(snapshot: &Snapshot, folder: &RepoPath, wanted: impl Fn(&ClassDef) -> bool) -> Option<(String, Place)> {
    let of_app = |path: &RepoPath| {
        let relative = path.relative_to(folder).unwrap_or("");
        relative == "models.py" || relative.starts_with("models/")
    };
    let files = snapshot.tree().under(folder).iter();
    files.filter(|entry| entry.kind == FileKind::Models && of_app(&entry.path)).find_map(|entry| {
        let parsed = snapshot.python(&entry.path).ok()?;
        let classes = parsed.0.body.iter().filter_map(|statement| match &statement.kind {
            StmtKind::ClassDef(class) if is_model(class) && wanted(class) => Some(class),
            _ => None,
        });
        let class = classes.into_iter().next()?;
        Some((class.name.value.clone(), class.name.place(&entry.path)))
    })
}

/// Whether a class derives from Django's `Model` at first hand and has a table that migrations make.
fn is_model(class: &ClassDef) -> bool {
    let from_model = class.bases.iter().any(|base| match &base.kind {
        ExprKind::Attribute { name, object } => name.value == "Model" && object.as_name() == Some("models"),
        _ => false,
    });
    from_model && !class.body.iter().any(is_meta_without_table)
}

/// `class Meta:` with `abstract = True`, `proxy = True`, `managed = …` or another app's label.
fn is_meta_without_table(statement: &Stmt) -> bool {
    let StmtKind::ClassDef(meta) = &statement.kind else { return false };
    let says = |statement: &Stmt| match &statement.kind {
        StmtKind::Assign { targets, .. } => targets
            .iter()
            .filter_map(Expr::as_name)
            .any(|name| matches!(name, "abstract" | "proxy" | "managed" | "app_label")),
        _ => false,
    };
    meta.name.value == "Meta" && meta.body.iter().any(says)
}
