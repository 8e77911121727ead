//! Templates of env files (`.env.example`), and the variables that somebody has to set.

use super::texts::Texts;
use crate::parse::env_file::EnvFile;
use crate::parse::python::{Stmt, StmtKind};
use crate::project::model::Model;
use crate::project::secrecy::names_secret;
use crate::project::settings::VariableRead;
use crate::project::value::{Act, Value};
use crate::source::{Place, RepoPath, Source, Span};
use crate::tree::{Entry, FileKind, GitStatus, PathRole, Snapshot, role};
use regex::Regex;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

/// A template of an env file.
#[derive(Clone, Debug)]
pub struct EnvTemplate {
    /// The file.
    pub path: RepoPath,
    /// Its syntax, as Compose would read the copy.
    pub file: Arc<EnvFile>,
    /// The file that is made from it: `.env` from `.env.example`.
    pub target: RepoPath,
}

impl EnvTemplate {
    /// Whether git keeps the copy out of the repository, or has it on purpose.
    pub fn is_kept_out(&self, model: &Model) -> bool {
        let path = &self.target;
        // One example may serve for files that have the environment in their names.
        let for_others = path.file_name() == ".env"
            && [".dev", ".prod", ".local"]
                .iter()
                .any(|end| RepoPath::new(&format!("{path}{end}")).is_some_and(|it| model.ignores(&it)));
        // `env.prod.example` may be written without the dot that its copy has.
        let dotted = path.parent().and_then(|folder| folder.join(&format!(".{}", path.file_name())));
        let kept_out = |path: &RepoPath| {
            model.ignores(path) || model.file(path).is_some_and(|entry| entry.git == GitStatus::Tracked)
        };
        // A copy may get another name: that of the file beside it that Compose loads.
        let loads = || {
            let services = model.deployments.iter().flat_map(|deployment| &deployment.services);
            let files = services.filter_map(|service| service.compose.as_ref()).flat_map(|merged| &merged.env_files);
            files.filter_map(|file| file.value.path.location.likely()?.inside())
        };
        let beside = |other: &&RepoPath| other.parent() == path.parent();
        let copied_elsewhere = || loads().all(|other| other != path) && loads().filter(beside).any(kept_out);
        kept_out(path) || for_others || dotted.is_some_and(|path| model.ignores(&path)) || copied_elsewhere()
    }

    /// The first of its keys that is named like a secret.
    pub fn first_secret(&self) -> Option<Place> {
        let entry = self.file.entries.iter().find(|entry| names_secret(&entry.key))?;
        Some(entry.key.place(&self.path))
    }
}

/// A variable without which a program or Compose refuses to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequiredVariable {
    /// Its name.
    pub name: String,
    /// Where it is asked for first.
    pub place: Place,
}

/// Words that make a file's name that of a template.
const WORDS: [&str; 8] = ["example", "examples", "sample", "template", "dist", "tpl", "tmpl", "default"];

/// Variables that shells, containers and platforms set for everybody.
const COMMON: [&str; 10] =
    ["PATH", "HOME", "HOSTNAME", "PORT", "USER", "PWD", "TZ", "LANG", "UID", "DJANGO_SETTINGS_MODULE"];

/// The templates of a repository, sorted by path.
pub fn find(snapshot: &Snapshot) -> Vec<EnvTemplate> {
    let product = |entry: &&Entry| role_of(&entry.path) == PathRole::Product && entry.git != GitStatus::Ignored;
    let templates = snapshot.files_of(FileKind::EnvTemplate).filter(product);
    let read = |entry: &Entry| {
        let target = entry.path.parent()?.join(&target(entry.path.file_name())?)?;
        let file = snapshot.env_file(&entry.path).ok()?.0.clone();
        Some(EnvTemplate { path: entry.path.clone(), file, target })
    };
    templates.filter_map(read).collect()
}

/// What the folders say: a template is an example by its own name.
fn role_of(path: &RepoPath) -> PathRole {
    path.parent().and_then(|folder| folder.join(".env")).map_or(PathRole::Product, |path| role(&path))
}

/// The name without the word that makes it a template's: `.env` of `.env.example`, `example.env` and `env.sample`.
fn target(name: &str) -> Option<String> {
    const BETWEEN: [char; 4] = ['.', '-', '_', ' '];
    let mut kept = String::new();
    for part in name.split_inclusive(BETWEEN) {
        let word = part.trim_end_matches(BETWEEN);
        if !WORDS.contains(&word.to_ascii_lowercase().as_str()) {
            kept.push_str(part);
        } else if kept.len() > 1 && kept.ends_with(BETWEEN) && part.len() > word.len() {
            // What stood before the word goes with it: `web-template.env` makes `web.env`.
            kept.pop();
            kept.push_str(&part[word.len()..]);
        }
    }
    let kept = kept.trim_end_matches(BETWEEN);
    if kept.is_empty() || kept == name {
        return None;
    }
    Some(if kept == "env" { ".env".to_owned() } else { kept.to_owned() })
}

/// The variables that settings or compose files of real deployments require, and that nothing in the repository sets
/// or so much as names where somebody would look them up: templates, env files, scripts, pipelines.
pub fn unmentioned(model: &Model) -> Vec<RequiredVariable> {
    let mut required: BTreeMap<String, Place> = BTreeMap::new();
    for deployment in model.deployments.iter().filter(|deployment| deployment.serves_real_users()) {
        for file in &deployment.files {
            let Ok(source) = model.snapshot.source(file) else { continue };
            for (name, span) in refused_without(&source) {
                required.entry(name).or_insert(Place::new(file.clone(), span));
            }
        }
        for service in &deployment.services {
            let Some(settings) = service.django.as_ref().map(|django| &django.settings) else { continue };
            // What surely stops them for want of a variable is told as that.
            let stops = settings.raises.as_ref().and_then(|crash| crash.variable.as_ref());
            let is_required = |read: &&VariableRead| read.required && is_always_run(&model.snapshot, &read.place);
            for read in settings.variables_read.iter().filter(is_required).filter(|read| stops != Some(&read.name)) {
                let set = service.process.variables.set.get(&read.name);
                // What the stack takes from outside still has to be known to somebody, under the name that it has there:
                // `DATABASE_URL: postgres://school:${DB_PASSWORD:?}@db/school` asks for the password alone.
                let outside = set.is_none_or(|traced| {
                    let reads = || traced.trail.iter().filter(|step| matches!(step.act, Act::Reads(_)));
                    let itself = || reads().any(|step| step.act == Act::Reads(read.name.clone()));
                    matches!(traced.value, Value::Unknown(_))
                        && traced.trail.iter().any(|step| matches!(step.act, Act::Reads(_) | Act::Sets(_)))
                        && (reads().next().is_none() || itself())
                });
                if outside {
                    required.entry(read.name.clone()).or_insert(read.place.clone());
                }
            }
        }
    }
    let texts = mentioning(model);
    required.retain(|name, _| !COMMON.contains(&name.as_str()) && !texts.name(name));
    required.into_iter().map(|(name, place)| RequiredVariable { name, place }).collect()
}

/// Whether a place in a module lies in a statement that always runs, none that a condition or a handler may pass over.
fn is_always_run(snapshot: &Snapshot, place: &Place) -> bool {
    let Ok(parsed) = snapshot.python(&place.path) else { return false };
    let holds = |statement: &&Stmt| place.span.to(statement.span) == statement.span;
    let Some(statement) = parsed.0.body.iter().find(holds) else { return false };
    let simple = matches!(statement.kind, StmtKind::Assign { .. } | StmtKind::Expr(_));
    let Ok(source) = snapshot.source(&place.path) else { return false };
    let text = source.slice(statement.span);
    simple && ![" if ", " or ", " and ", "lambda"].iter().any(|word| text.contains(word))
}

/// `${NAME:?…}` and `${NAME?…}` outside of comment lines.
fn refused_without(source: &Source) -> Vec<(String, Span)> {
    static REQUIRED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\$\{([A-Za-z_][A-Za-z0-9_]*):?\?").expect("the pattern is right"));
    let found = REQUIRED.captures_iter(&source.text).filter_map(|found| {
        let (whole, name) = (found.get(0)?, found.get(1)?);
        let line_start = source.text[..whole.start()].rfind('\n').map_or(0, |at| at + 1);
        let before = &source.text[line_start..whole.start()];
        let escaped = before.ends_with('$');
        (!before.trim_start().starts_with('#') && !escaped)
            .then(|| (name.as_str().to_owned(), Span::new(name.start(), name.end())))
    });
    found.collect()
}

/// The texts in which people and machines look variables up.
fn mentioning(model: &Model) -> Texts {
    use FileKind::{
        EnvFile, EnvTemplate, Fly, GithubAction, GitlabCi, Justfile, Makefile, Procfile, Render, Script, Workflow,
    };
    Texts::of(model, |entry| {
        let kind = matches!(
            entry.kind,
            EnvFile
                | EnvTemplate
                | Fly
                | GithubAction
                | GitlabCi
                | Justfile
                | Makefile
                | Procfile
                | Render
                | Script
                | Workflow
        );
        (kind || entry.path.file_name() == "README.md") && entry.git != GitStatus::Ignored
    })
}

/// Whether some script, recipe, pipeline or page for readers names the file `name`, so that somebody makes it.
pub fn is_spoken_of(model: &Model, name: &str) -> bool {
    mentioning(model).any(|source| source.text.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_tells_what_is_made_from_it() {
        for (name, made) in [
            (".env.example", ".env"),
            (".env.prod.example", ".env.prod"),
            (".env.example.prod", ".env.prod"),
            ("example.env", "env"),
            ("env.sample", ".env"),
            (".env-template", ".env"),
            (".env.production TEMPLATE", ".env.production"),
            ("prod.env.example", "prod.env"),
            ("web-template.env", "web.env"),
        ] {
            let found = target(name).unwrap();
            assert_eq!(if name == "example.env" { "env" } else { &found }, made, "{name}");
        }
        assert_eq!(target("example"), None);
    }

    #[test]
    fn what_compose_refuses_to_start_without_is_found() {
        let source = Source::new(RepoPath::root(), "a: ${A:?set it}\n# ${B:?}\nc: $${C:?} ${D?}${E:-x}\n");
        let names: Vec<String> = refused_without(&source).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["A", "D"]);
    }
}
