//! Builds by workflow: steps that run scripts, and actions that build.

use super::shell::{Surroundings, may_build, push_if_pushed};
use super::{BuiltImage, ImageName, Known, Template, Told, environment_of};
use crate::parse::shell::{self, Script};
use crate::parse::workflow::{Pair, Step, Workflow};
use crate::source::{Place, RepoPath};
use crate::tree::Snapshot;
use std::collections::BTreeMap;

pub(super) fn workflow(snapshot: &Snapshot, path: &RepoPath, found: &mut Vec<BuiltImage>) {
    let Ok(parsed) = snapshot.workflow(path) else { return };
    let workflow: &Workflow = &parsed.0;
    let builds = |step: &Step| {
        step.run.as_ref().is_some_and(|run| may_build(run.text())) || step.uses.as_ref().is_some_and(|it| is_build(it))
    };
    for job in workflow.jobs.iter().filter(|job| job.steps.iter().any(builds)) {
        let mut known = Known::new();
        take_in(&workflow.env, &mut known);
        take_in(&job.env, &mut known);
        let environment = environment_of(path, &job.id.value);
        let from = found.len();
        // What `docker/metadata-action` calls the image, by the step's id.
        let mut called: BTreeMap<&str, Vec<Template>> = BTreeMap::new();
        let mut scripts: Vec<Script> = Vec::new();
        for step in &job.steps {
            let mut here = known.clone();
            take_in(&step.env, &mut here);
            if let Some(run) = &step.run {
                let script = shell::parse(run).0;
                let folder = workflow.working_directory(job, step).map(|folder| Template::of_text(folder, &here));
                let folder = folder.map_or(Some(RepoPath::root()), |folder| RepoPath::new(&folder.literal()?));
                let folders = folder.into_iter().collect();
                let mut around =
                    Surroundings { snapshot, path, known: here.clone(), folders, environment: environment.clone() };
                around.read(&script, found);
                hand_on(&script, step, &around.known, &mut known);
                scripts.push(script);
            }
            let Some(uses) = &step.uses else { continue };
            let action = uses.value.split('@').next().unwrap_or_default().to_ascii_lowercase();
            if action == "docker/metadata-action" {
                let images = input(step, "images").map(|text| lines(text, &here)).unwrap_or_default();
                called.extend(step.id.as_ref().map(|id| (id.value.as_str(), images)));
                continue;
            }
            let Some(told) = told(step, &action, &here) else { continue };
            let place = Place::new(path.clone(), uses.span);
            let folders = [RepoPath::root()];
            let mut built = told.build(snapshot, &folders, place, environment.clone());
            let by_metadata = input(step, "tags").and_then(|tags| {
                called.iter().find(|(id, _)| tags.contains(&format!("steps.{id}.outputs"))).map(|(_, names)| names)
            });
            if let Some(names) = by_metadata {
                built.names = names.iter().map(|name| ImageName::new(name).with_unknown_tag()).collect();
            }
            built.pushed = input(step, "push").is_some_and(|push| push != "false") || !action.starts_with("docker/");
            if !built.names.is_empty() {
                found.push(built);
            }
        }
        push_if_pushed(&scripts.iter().collect::<Vec<_>>(), &mut found[from..]);
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
