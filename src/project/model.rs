//! The whole model of a repository.

use super::built_images::OwnBases;
use super::compose::references::{self, Referred};
use super::compose::{Stack, StackProblem};
use super::deployment::{Build, Deployment, DjangoProcess, Layer, Service};
use super::django::versions::{self, DjangoVersions};
use super::django::{self, DjangoProject};
use super::django::{apps, requirements};
use super::env_files::misnamed::{self, Misnamed};
use super::env_files::templates;
use super::image::registries::Registries;
use super::image::{BuildStep, labels};
use super::migrations::{self, Migrations};
use super::proxy::{self, Edge};
use super::role::Role;
use super::script::{self, ScriptUse};
use super::secrecy::leaks::{self, Leak};
use super::secrecy::superuser;
use super::settings::PyValue;
use super::usage::{CommandUse, DockerfileUse, EnvFileUse, FileUse};
use super::value::Value;
use super::{built_images, link, pipeline, secrecy, uses};
use crate::config::Config;
use crate::source::{Place, RepoPath, Source, Span};
use crate::tree::{Entry, FileKind, GitStatus, Gitignores, Snapshot};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a repository would deploy, linked and evaluated. A pure function of a snapshot and a configuration.
pub struct Model {
    /// The files that it was made from.
    pub snapshot: Arc<Snapshot>,
    /// Whether it is a whole repository, so that what is missing is really missing; an example of a page is a part.
    pub complete: bool,
    /// The Django projects.
    pub projects: Vec<DjangoProject>,
    /// The deployments, sorted by environment and name.
    pub deployments: Vec<Deployment>,
    /// What stands before each deployment, in their order; then the proxies' configurations that belong to none.
    pub edges: Vec<Edge>,
    /// The Dockerfiles, sorted by path.
    pub dockerfiles: Vec<DockerfileUse>,
    /// The env files, sorted by path.
    pub env_files: Vec<EnvFileUse>,
    /// The commands that are written anywhere, sorted by place.
    pub commands: Vec<CommandUse>,
    /// The scripts, recipes and jobs that the commands make up, in the same order.
    pub scripts: Vec<ScriptUse>,
    /// The names of volumes, networks, secrets, configs and services that any compose file declares.
    pub declared: BTreeSet<(Referred, String)>,
    /// The migrations of its own apps.
    pub migrations: Migrations,
    /// The files that were recognised, with what reading them brought up, sorted by path.
    pub files: Vec<FileUse>,
    /// What `.gitignore` files say.
    pub gitignores: Gitignores,
    /// The installed apps that have models, sorted by folder.
    pub apps: Vec<apps::App>,
    /// The places that ask for Django.
    pub django_requirements: Vec<requirements::DjangoRequirement>,
    /// The templates of env files, sorted by path.
    pub env_templates: Vec<templates::EnvTemplate>,
    /// The pipelines of CI, sorted by path.
    pub pipelines: Vec<pipeline::PipelineUse>,
    /// The runs of Django's tests in CI whose settings can be told, sorted by place.
    pub test_runs: Vec<pipeline::TestRun>,
    /// The engines of the default databases that real users' data is in, each once.
    pub engines: BTreeSet<String>,
    /// The secrets that are written into files, sorted by place.
    pub leaks: Vec<Leak>,
    /// The registries that images may come from.
    pub registries: Registries,
    /// The variables that are given under a name which nothing reads, and were meant for others.
    pub misnamed: Vec<Misnamed>,
}

impl Model {
    /// Links and evaluates a snapshot.
    pub fn build(snapshot: Arc<Snapshot>, config: &Config, complete: bool) -> Self {
        let snap = &*snapshot;
        let ((projects, built), (mut commands, scripts)) = rayon::join(
            || (django::find(snap), built_images::find(snap)),
            || {
                let mut commands = uses::commands(snap);
                let scripts = script::gather(snap, &mut commands);
                (commands, scripts)
            },
        );
        let bases = &OwnBases::find(snap, &built);
        // Deployments come to their settings one after the other; what does not depend on them is found meanwhile.
        let (deployments, (apart, own)) = rayon::join(
            || link::deployments(snap, config, &projects, &commands, &built, bases),
            || rayon::join(|| Apart::find(snap, &projects), || migrations::read(snap)),
        );
        let ((edges, mut dockerfiles), ((env_files, leaks), (migrations, apps))) = rayon::join(
            || {
                let edges = proxy::edges(snap, &deployments);
                (edges, uses::dockerfiles(snap, &projects, &deployments, &commands, &built, bases))
            },
            || {
                rayon::join(
                    || {
                        let env_files = uses::env_files(snap, &deployments);
                        let leaks = leaks::find(snap, &env_files, &deployments);
                        (env_files, leaks)
                    },
                    || {
                        let migrations = migrations::find(own, config, &projects, &deployments);
                        (migrations, apps::installed(snap, &deployments))
                    },
                )
            },
        );
        let engines = link::engines(&deployments);
        commands.extend(uses::inline_commands(&deployments));
        labels::judge(&mut dockerfiles, config, &deployments, &built);
        let Apart { files, gitignores, pipelines, test_runs, env_templates, django_requirements, declared } = apart;
        let mut model = Self {
            snapshot,
            complete,
            declared,
            projects,
            deployments,
            edges,
            dockerfiles,
            env_files,
            commands,
            scripts,
            migrations,
            leaks,
            files,
            gitignores,
            apps,
            django_requirements,
            env_templates,
            pipelines,
            test_runs,
            engines,
            registries: Registries::of(config),
            misnamed: Vec::new(),
        };
        model.misnamed = misnamed::misnamed(&model);
        model
    }

    /// What stands before a deployment of this model.
    pub fn edge(&self, deployment: &Deployment) -> Option<&Edge> {
        let at = self.deployments.iter().position(|other| std::ptr::eq(other, deployment))?;
        self.edges.get(at)
    }

    /// The `RUN` instructions of all that an image is built from; `None` where a Dockerfile of these cannot be seen.
    pub fn steps_of(&self, build: &Build) -> Option<Vec<&BuildStep>> {
        let of_layer = |layer: Layer<'_>| {
            let dockerfile = self.dockerfiles.iter().find(|dockerfile| dockerfile.name == *layer.dockerfile)?;
            Some(dockerfile.steps_below(*layer.image.stages.last()?))
        };
        build.layers().map(of_layer).collect::<Option<Vec<_>>>().map(|steps| steps.concat())
    }

    /// Whether nothing of a deployment was recognised.
    pub fn is_empty(&self) -> bool {
        self.deployments.is_empty() && self.dockerfiles.is_empty() && self.projects.is_empty()
    }

    /// How many files were recognised and read. Those that git ignores are not counted: each machine has others.
    pub fn files_checked(&self) -> usize {
        let tree = self.snapshot.tree();
        let shared = |path: &RepoPath| tree.entry(path).is_some_and(|entry| entry.git != GitStatus::Ignored);
        self.files.iter().filter(|file| file.unreadable.is_none() && shared(&file.path)).count()
    }

    /// The texts of the recognised files and of those with secrets in them, sorted by path: where comments may suppress
    /// findings.
    pub fn sources_of_text(&self) -> Vec<Arc<Source>> {
        let leaks = self.leaks.iter().map(|leak| &leak.place.path);
        let paths: BTreeSet<&RepoPath> = self.files.iter().map(|file| &file.path).chain(leaks).collect();
        paths.into_par_iter().filter_map(|path| self.snapshot.source(path).ok()).collect()
    }

    /// The byte ranges of values in a file that look like secrets, so that no report quotes them: every value of an env
    /// file, a compose file's or Dockerfile's variable, or a settings module's string whose name speaks of one.
    pub fn secrets(&self, path: &RepoPath) -> Vec<Span> {
        let mut spans = secrecy::spans(&self.snapshot, path);
        spans.extend(self.superuser_passwords(path));
        spans
    }

    /// The byte ranges of passwords that calls of `create_superuser` in a file write out.
    pub fn superuser_passwords(&self, path: &RepoPath) -> Vec<Span> {
        self.snapshot.source(path).map(|source| superuser::literal_passwords(&source.text)).unwrap_or_default()
    }

    /// The versions of Django that a process may be run with.
    pub fn django_versions(&self, django: &DjangoProcess) -> DjangoVersions {
        let project = self.projects.iter().find(|project| project.root == django.project);
        // Without an entry point there is no project, but requirements all the same.
        project.map_or_else(|| versions::find(&self.snapshot, &django.project), |project| project.versions)
    }

    /// Whether one of the recognised files, requirements and lock files among them, has one of these words in it.
    pub fn mentions(&self, words: &[&str]) -> bool {
        self.sources_of_text().par_iter().any(|source| words.iter().any(|word| source.text.contains(word)))
    }

    /// Whether a program of the repository takes files from its users, or an app that is made for that is installed.
    pub fn takes_uploads(&self, django: &DjangoProcess) -> bool {
        const WORDS: [&str; 7] = [
            "FileField",
            "ImageField",
            "ThumbnailerField",
            "UploadingField",
            "default_storage",
            ".FILES",
            "UploadedFile",
        ];
        const APPS: [&str; 15] = [
            "ckeditor_uploader",
            "cms",
            "django_ckeditor_5",
            "django_summernote",
            "easy_thumbnails",
            "filebrowser",
            "filer",
            "froala_editor",
            "imagekit",
            "martor",
            "oscar",
            "photologue",
            "tinymce",
            "versatileimagefield",
            "wagtail",
        ];
        let installed = django.settings.likely_list("INSTALLED_APPS").unwrap_or_default();
        let mut apps = installed.likely_texts().filter_map(|text| text.split('.').next());
        let entries = self.snapshot.tree().entries().par_iter();
        apps.any(|app| APPS.contains(&app))
            || entries.filter(|entry| entry.path.extension() == Some("py")).any(|entry| {
                let source = self.snapshot.source_once(&entry.path);
                source.is_ok_and(|source| WORDS.iter().any(|word| source.text.contains(word)))
            })
    }

    /// Whether a compose file of the repository declares a service by that name: it may be started beside another stack.
    pub fn declares_host(&self, name: &str) -> bool {
        let mut files = self.snapshot.files_of(FileKind::Compose);
        files.any(|entry| {
            let Ok(parsed) = self.snapshot.compose(&entry.path) else { return false };
            let mut services = parsed.0.documents().flat_map(|document| document.services().iter());
            services.any(|service| service.name.value.eq_ignore_ascii_case(name))
        })
    }

    /// Whether the syntax of a file is broken at a place, of which `file/broken-syntax` tells.
    pub fn told_by_syntax(&self, place: &Place) -> bool {
        let file = self.files.iter().find(|file| file.path == place.path);
        file.is_some_and(|file| !file.problems.is_empty())
    }

    /// Whether what is missing may be there in the end: in another file, which is merged before those of the stack, or as
    /// a file that the repository does not bring along.
    pub fn may_be_completed(&self, stack: &Stack, problem: &StackProblem) -> bool {
        if let Some(missing) = &problem.missing {
            // It is made on the server, or its folder is another repository's.
            return self.ignores(missing) || !missing.parent().is_some_and(|folder| self.has_folder(&folder));
        }
        let mut files = self.snapshot.files_of(FileKind::Compose).filter(|entry| !stack.files.contains(&entry.path));
        let overlays = stack.files.iter().any(|path| path.file_name().contains("override"));
        problem.partial
            && (overlays
                || files.any(|entry| {
                    let Ok(parsed) = self.snapshot.compose(&entry.path) else { return false };
                    let declares =
                        |name: &String| parsed.0.documents().any(|document| document.service(name).is_some());
                    problem.services.is_empty() || problem.services.iter().any(declares)
                }))
    }

    /// The file at `path`, be it left out of the listing.
    pub fn file(&self, path: &RepoPath) -> Option<Entry> {
        self.snapshot.tree().find(path)
    }

    /// Whether the repository has the folder.
    pub fn has_folder(&self, path: &RepoPath) -> bool {
        self.snapshot.tree().is_dir(path)
    }

    /// Whether some `.gitignore` keeps the file out of the repository, be it there or not.
    pub fn ignores(&self, path: &RepoPath) -> bool {
        self.snapshot.tree().ignores(path) || self.gitignores.deciding(path).is_some()
    }

    /// The file at `path` as it was recognised.
    pub fn kind(&self, path: &RepoPath) -> Option<FileKind> {
        self.snapshot.tree().entry(path).map(|entry| entry.kind)
    }

    /// Whether `folder` of the repository holds the program that `service` runs, as opposed to data or configuration.
    pub fn is_code(&self, folder: &RepoPath, service: &Service) -> bool {
        let tree = self.snapshot.tree();
        if tree.entry(folder).is_some() || !tree.is_dir(folder) {
            return false;
        }
        let context = service.build.as_ref().map(|build| &build.context);
        let files = tree.under(folder);
        let here = |kind: FileKind| {
            files.iter().any(|entry| entry.kind == kind && entry.path.parent().as_ref() == Some(folder))
        };
        let has_file = |name: &str| folder.join(name).is_some_and(|path| tree.entry(&path).is_some());
        context == Some(folder)
            || self.projects.iter().any(|project| project.root.is_under(folder))
            || here(FileKind::Dockerfile)
            // An app of a project, as opposed to its configuration.
            || (self.projects.iter().any(|project| folder.is_under(&project.root)) && has_file("__init__.py"))
    }

    /// What could not be told, and why: place-less reasons are left out.
    pub fn unknowns(&self) -> Vec<Unknown> {
        let mut unknowns = Vec::new();
        for deployment in &self.deployments {
            for service in &deployment.services {
                if let Some(reason) = &service.process.maybe_more {
                    unknowns.push(Unknown::new(deployment, &service.name, "what it runs", reason.to_string()));
                }
                if let Some(opening) = &service.variables.open {
                    unknowns.push(Unknown::new(deployment, &service.name, "its variables", opening.reason.to_string()));
                }
                let Some(django) = &service.django else {
                    if matches!(service.role, Role::Web | Role::Worker | Role::Scheduler | Role::Job) {
                        let why = "no settings module of the repository could be told for it".to_owned();
                        unknowns.push(Unknown::new(deployment, &service.name, "its settings", why));
                    }
                    continue;
                };
                if let Some(crash) = &django.settings.raises {
                    let why = format!("loading them seems to stop with {}", crash.exception);
                    unknowns.push(Unknown::new(deployment, &service.name, "the settings after that", why));
                }
                if let Some(reason) = &django.settings.more {
                    unknowns.push(Unknown::new(
                        deployment,
                        &service.name,
                        "whether it has more settings",
                        reason.to_string(),
                    ));
                }
                for setting in django.settings.values.values() {
                    let what = format!("the setting {}", setting.name);
                    let why = match &setting.value.value {
                        Value::Unknown(reason) => reason.to_string(),
                        Value::Known(PyValue::Object(made)) | Value::Default(PyValue::Object(made)) => {
                            format!("{}() is not evaluated", made.function)
                        }
                        _ => continue,
                    };
                    unknowns.push(Unknown::new(deployment, &service.name, &what, why));
                }
            }
        }
        unknowns
    }
}

/// What is known without the deployments.
struct Apart {
    files: Vec<FileUse>,
    gitignores: Gitignores,
    pipelines: Vec<pipeline::PipelineUse>,
    test_runs: Vec<pipeline::TestRun>,
    env_templates: Vec<templates::EnvTemplate>,
    django_requirements: Vec<requirements::DjangoRequirement>,
    declared: BTreeSet<(Referred, String)>,
}

impl Apart {
    fn find(snapshot: &Snapshot, projects: &[DjangoProject]) -> Self {
        Self {
            files: uses::files(snapshot),
            gitignores: Gitignores::of(snapshot),
            pipelines: pipeline::find(snapshot),
            test_runs: link::test_runs(snapshot, projects),
            env_templates: templates::find(snapshot),
            django_requirements: requirements::django(snapshot, projects),
            declared: references::declared_anywhere(snapshot),
        }
    }
}

/// Something that could not be told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unknown {
    /// The deployment.
    pub deployment: String,
    /// Its environment.
    pub environment: String,
    /// The service.
    pub service: String,
    /// What is not known of it.
    pub what: String,
    /// Why.
    pub why: String,
}

impl Unknown {
    fn new(deployment: &Deployment, service: &str, what: &str, why: String) -> Self {
        Self {
            deployment: deployment.name.clone(),
            environment: deployment.environment.name().to_owned(),
            service: service.to_owned(),
            what: what.to_owned(),
            why,
        }
    }
}
