//! Builds by workflow: steps that run scripts, and actions that build.

use super::shell::{Surroundings, may_build, push_if_pushed};
use super::{BuiltImage, ImageName, Known, Template, Told, environment_of};
use crate::parse::shell::{self, Script};
use crate::parse::workflow::{self, Combination, Job, Pair, Step, Workflow};
use crate::project::environment::Environment;
use crate::source::{Place, RepoPath, Spanned};
use crate::tree::{FileKind, Snapshot};
use std::collections::BTreeMap;

/// Workflows and actions that call one another are followed so deep.
const MAX_DEPTH: usize = 4;

pub(super) fn workflow(snapshot: &Snapshot, path: &RepoPath, found: &mut Vec<BuiltImage>) {
    let Ok(parsed) = snapshot.workflow(path) else { return };
    let workflow = &parsed.0;
    // What is only there to be called is read where it is called.
    let only_called = matches!(workflow.triggers.as_slice(), [one] if one.value == "workflow_call");
    if !(only_called && is_called(snapshot, path)) {
        let inputs = inputs(&workflow.inputs, &[], &Known::new());
        read_workflow(snapshot, path, &inputs, None, 0, found);
    }
}

/// Whether a workflow of the repository calls this one.
fn is_called(snapshot: &Snapshot, path: &RepoPath) -> bool {
    snapshot.files_of(FileKind::Workflow).any(|entry| {
        let parsed = snapshot.workflow(&entry.path);
        parsed.is_ok_and(|parsed| parsed.0.jobs.iter().any(|job| called(job).as_ref() == Some(path)))
    })
}

/// The workflow of the repository that a job is.
fn called(job: &Job) -> Option<RepoPath> {
    RepoPath::new(job.uses.as_ref()?.value.strip_prefix("./")?)
}

/// What inputs hold: what is given, else their defaults.
fn inputs(defaults: &[Pair], given: &[Pair], known: &Known) -> Known {
    let name = |pair: &Pair| format!("inputs.{}", pair.name.value);
    let of_defaults = defaults.iter().map(|pair| (name(pair), Template::of_text(pair.value.text(), &Known::new())));
    of_defaults.chain(given.iter().map(|pair| (name(pair), Template::of_text(pair.value.text(), known)))).collect()
}

/// `environment` is that of the job which calls it.
fn read_workflow(
    snapshot: &Snapshot,
    path: &RepoPath,
    inputs: &Known,
    environment: Option<&Environment>,
    depth: usize,
    found: &mut Vec<BuiltImage>,
) {
    let Ok(parsed) = snapshot.workflow(path) else { return };
    let workflow: &Workflow = &parsed.0;
    for job in &workflow.jobs {
        let calls = called(job).filter(|_| depth < MAX_DEPTH);
        if calls.is_none() && !job.steps.iter().any(|step| builds(step) || local_action(step).is_some()) {
            continue;
        }
        let told = environment_of(path, &job.id.value).or_else(|| environment.cloned());
        // Where the jobs of a matrix cannot be told, its values are as unknown as what is written nowhere.
        let alone = [Combination::new()];
        for values in job.matrix.as_deref().unwrap_or(&alone) {
            let mut known = inputs.clone();
            take_in(&workflow.env, &mut known);
            let of_matrix =
                |(name, value): (&String, &String)| (format!("matrix.{name}"), Template::of_text(value, &Known::new()));
            known.extend(values.iter().map(of_matrix));
            take_in(&job.env, &mut known);
            if let Some(callee) = &calls {
                let Ok(parsed) = snapshot.workflow(callee) else { continue };
                let given = self::inputs(&parsed.0.inputs, &job.with, &known);
                read_workflow(snapshot, callee, &given, told.as_ref(), depth + 1, found);
                continue;
            }
            let folder = |step: &Step| workflow.working_directory(job, step).cloned();
            let mut reading = Reading { snapshot, path, environment: told.clone(), depth, called: BTreeMap::new() };
            let from = found.len();
            let scripts = reading.steps(&job.steps, &folder, &mut known, found);
            push_if_pushed(&scripts.iter().collect::<Vec<_>>(), &mut found[from..]);
            if found.len() >= super::MAX_BUILDS {
                return;
            }
        }
    }
}

fn builds(step: &Step) -> bool {
    step.run.as_ref().is_some_and(|run| may_build(run.text())) || step.uses.as_ref().is_some_and(|it| is_build(it))
}

/// The folder of an action of the repository that a step uses.
fn local_action(step: &Step) -> Option<RepoPath> {
    RepoPath::new(step.uses.as_ref()?.value.strip_prefix("./")?)
}

/// The steps of one job, or of an action that it uses.
struct Reading<'a> {
    snapshot: &'a Snapshot,
    path: &'a RepoPath,
    environment: Option<Environment>,
    depth: usize,
    /// What `docker/metadata-action` calls the image, by the step's id.
    called: BTreeMap<String, Vec<Template>>,
}

impl Reading<'_> {
    /// Reads steps in their order; `known` is what holds after them. Their scripts.
    fn steps(
        &mut self,
        steps: &[Step],
        folder: &dyn Fn(&Step) -> Option<Spanned<String>>,
        known: &mut Known,
        found: &mut Vec<BuiltImage>,
    ) -> Vec<Script> {
        let &mut Reading { snapshot, path, .. } = self;
        let mut scripts: Vec<Script> = Vec::new();
        for step in steps {
            let mut here = known.clone();
            take_in(&step.env, &mut here);
            if let Some(run) = &step.run {
                let script = shell::parse(run).0;
                let folder = folder(step).map(|folder| Template::of_text(&folder, &here));
                let folder = folder.map_or(Some(RepoPath::root()), |folder| RepoPath::new(&folder.literal()?));
                let folders = folder.into_iter().collect();
                let environment = self.environment.clone();
                let mut around = Surroundings { snapshot, path, known: here.clone(), folders, environment };
                around.read(&script, found);
                hand_on(&script, step, &around.known, known);
                scripts.push(script);
            }
            let Some(uses) = &step.uses else { continue };
            if let Some(action) = local_action(step).filter(|_| self.depth < MAX_DEPTH) {
                scripts.extend(self.action(&action, step, &here, found));
                continue;
            }
            let action = uses.value.split('@').next().unwrap_or_default().to_ascii_lowercase();
            if action == "docker/metadata-action" {
                let images = input(step, "images").map(|text| lines(text, &here)).unwrap_or_default();
                self.called.extend(step.id.as_ref().map(|id| (id.value.clone(), images)));
                continue;
            }
            let Some(told) = told(step, &action, &here) else { continue };
            let place = Place::new(path.clone(), uses.span);
            let mut built = told.build(snapshot, &[RepoPath::root()], place, self.environment.clone());
            let by_metadata = input(step, "tags").and_then(|tags| {
                self.called.iter().find(|(id, _)| tags.contains(&format!("steps.{id}.outputs"))).map(|(_, names)| names)
            });
            if let Some(names) = by_metadata {
                built.names = names.iter().map(|name| ImageName::new(name).with_unknown_tag()).collect();
            }
            built.labelled = input(step, "labels").is_some();
            built.pushed = input(step, "push").is_some_and(|push| push != "false") || !action.starts_with("docker/");
            if !built.names.is_empty() {
                found.push(built);
            }
        }
        scripts
    }

    /// The steps of an action of the repository.
    fn action(&self, folder: &RepoPath, step: &Step, here: &Known, found: &mut Vec<BuiltImage>) -> Vec<Script> {
        let files = ["action.yml", "action.yaml"].into_iter().filter_map(|name| folder.join(name));
        let Some(path) = files.into_iter().find(|path| self.snapshot.shares(path)) else { return Vec::new() };
        let Ok(source) = self.snapshot.source(&path) else { return Vec::new() };
        let action = workflow::parse_action(&source.text).0;
        let mut known = inputs(&action.inputs, &step.with, here);
        let environment = self.environment.clone();
        let depth = self.depth + 1;
        let mut inner = Reading { snapshot: self.snapshot, path: &path, environment, depth, called: BTreeMap::new() };
        inner.steps(&action.steps, &|step| step.working_directory.clone(), &mut known, found)
    }
}

fn take_in(pairs: &[Pair], known: &mut Known) {
    for pair in pairs {
        let value = Template::of_text(pair.value.text(), known);
        // What a secret is worth nobody knows, but what it is called.
        let value = if value == Template::unnamed() { Template::variable(&pair.name.value) } else { value };
        known.insert(pair.name.value.clone(), value);
    }
}

/// What a script hands to later steps: `echo "NAME=value" >> $GITHUB_ENV`, or `$GITHUB_OUTPUT`.
fn hand_on(script: &Script, step: &Step, here: &Known, known: &mut Known) {
    for command in &script.commands {
        if command.name().as_deref() != Some("echo") {
            continue;
        }
        let to = |name: &str| command.redirects.iter().any(|redirect| redirect.target.text().contains(name));
        let Some(said) = command.words.get(1).filter(|_| command.words.len() == 2) else { continue };
        let Some((name, Some(value))) = Template::of_word(said, here).split_assignment() else { continue };
        if to("GITHUB_ENV") {
            let value = if value == Template::unnamed() { Template::variable(&name) } else { value };
            known.insert(name, value);
        } else if to("GITHUB_OUTPUT")
            && let Some(id) = &step.id
        {
            known.insert(format!("steps.{}.outputs.{name}", id.value), value);
        }
    }
}

fn is_build(uses: &str) -> bool {
    let action = uses.split('@').next().unwrap_or_default().to_ascii_lowercase();
    matches!(
        action.as_str(),
        "docker/build-push-action" | "elgohr/publish-docker-github-action" | "mr-smithers-excellent/docker-build-push"
    )
}

/// What an action that builds is told.
fn told(step: &Step, action: &str, known: &Known) -> Option<Told> {
    let of = |name: &str| input(step, name).map(|text| Template::of_text(text, known));
    let all = |name: &str| input(step, name).map(|text| lines(text, known)).unwrap_or_default();
    match action {
        // Version 1 spoke of `repository`, `path` and `dockerfile`.
        "docker/build-push-action" if input(step, "repository").is_some() => Some(Told {
            file: of("dockerfile"),
            context: of("path"),
            target: of("target"),
            arguments: all("build_args"),
            tags: of("repository").into_iter().collect(),
            ..Told::default()
        }),
        "docker/build-push-action" => {
            // Without a context, or with `{{defaultContext}}:folder`, the commit itself is built from.
            let folder = input(step, "context").and_then(|text| text.trim().strip_prefix("{{defaultContext}}"));
            let folder = folder.map(|rest| Template::of_text(rest.trim_start_matches(':'), known));
            let file = of("file").map(|file| match &folder {
                Some(folder) => folder.clone().joined(&file),
                None => file,
            });
            Some(Told {
                file,
                context: folder.or_else(|| of("context")),
                target: of("target"),
                arguments: input(step, "build-args")
                    .map(|text| text.lines().map(|line| Template::of_text(line.trim(), known)).collect())
                    .unwrap_or_default(),
                tags: all("tags"),
                ..Told::default()
            })
        }
        "elgohr/publish-docker-github-action" => Some(Told {
            file: match (of("workdir"), of("dockerfile")) {
                (Some(folder), Some(file)) => Some(folder.joined(&file)),
                (_, file) => file,
            },
            context: of("context").or_else(|| of("workdir")),
            tags: of("name").into_iter().collect(),
            ..Told::default()
        }),
        "mr-smithers-excellent/docker-build-push" => Some(Told {
            file: of("dockerfile"),
            context: of("directory"),
            target: of("target"),
            tags: match (of("registry"), of("image")) {
                (Some(registry), Some(image)) => vec![registry.joined(&image)],
                (_, image) => image.into_iter().collect(),
            },
            ..Told::default()
        }),
        _ => None,
    }
}

fn input<'s>(step: &'s Step, name: &str) -> Option<&'s str> {
    let pair = step.with.iter().find(|pair| pair.name.value == name)?;
    Some(pair.value.text().trim()).filter(|text| !text.is_empty())
}

/// The entries of a list that is written as text: by lines or commas.
fn lines(text: &str, known: &Known) -> Vec<Template> {
    let entries = text.split(['\n', ',']).map(str::trim).filter(|entry| !entry.is_empty());
    let entries = entries.map(|entry| entry.strip_prefix("name=").unwrap_or(entry));
    entries.map(|entry| Template::of_text(entry, known)).collect()
}
