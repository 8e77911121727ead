//! The commands that are written in files.

use super::dockerfiles::inline_dockerfiles;
use crate::findings::Scope;
use crate::parse::dockerfile::{CommandForm, Dockerfile, InstructionKind, plain_words};
use crate::parse::makefile::Makefile;
use crate::parse::shell::{self, Word};
use crate::parse::workflow::Pair;
use crate::project::command::{Invocation, compose, from_fragments, invocations, script_invocations};
use crate::project::deployment::Deployment;
use crate::project::environment::Environment;
use crate::project::evidence::{named_by_path, named_in};
use crate::project::script;
use crate::project::script::shells::Standing;
use crate::project::usage::{CommandUse, Origin};
use crate::source::{Fragment, RepoPath};
use crate::tree::{Entry, FileKind, PathRole, Snapshot, role};
use rayon::prelude::*;
use std::collections::{BTreeSet, HashMap, HashSet};

/// Every command that is written anywhere but in a container's start, sorted by place.
pub fn commands(snapshot: &Snapshot) -> Vec<CommandUse> {
    // Most files of a repository are of kinds that hold none, and cheaper to tell by it than by their role.
    let may_hold = |entry: &&Entry| {
        !matches!(entry.kind, FileKind::Text | FileKind::Binary)
            && !entry.kind.is_python()
            && role(&entry.path) == PathRole::Product
    };
    let entries: Vec<&Entry> = snapshot.tree().entries().iter().filter(may_hold).collect();
    let found: Vec<Vec<CommandUse>> = entries.par_iter().map(|entry| commands_of(snapshot, entry)).collect();
    found.into_iter().flatten().collect()
}

fn commands_of(snapshot: &Snapshot, entry: &Entry) -> Vec<CommandUse> {
    let path = &entry.path;
    let mut found = Vec::new();
    let mut part = 0;
    let mut add_all = |invocations: Vec<Invocation>, origin: &Origin, scope: &Scope| {
        found.extend(invocations.into_iter().map(|invocation| CommandUse {
            path: path.clone(),
            invocation,
            origin: origin.clone(),
            scope: scope.clone(),
            stack: None,
            part,
            standing: Standing::default(),
        }));
        part += 1;
    };
    match entry.kind {
        FileKind::Script => {
            if let Ok(parsed) = snapshot.script(path)
                && parsed.0.interpreter().is_none_or(|interpreter| interpreter.ends_with("sh"))
            {
                let scope = scope_of_name(path.as_str());
                add_all(script_invocations(&parsed.0), &Origin::Script, &scope);
            }
        }
        FileKind::Makefile | FileKind::Justfile => {
            if let Ok(parsed) = snapshot.makefile(path, entry.kind) {
                let scopes = scopes_of_targets(&parsed.0);
                for target in &parsed.0.targets {
                    let scope = scopes.get(target.name.value.as_str()).cloned().unwrap_or_default();
                    let origin = Origin::Recipe { target: target.name.value.clone() };
                    target.recipes.iter().for_each(|recipe| add_all(of_text(&recipe.script), &origin, &scope));
                }
            }
        }
        FileKind::Workflow => {
            if let Ok(parsed) = snapshot.workflow(path) {
                for job in &parsed.0.jobs {
                    let scope = scope_of_name(&job.id.value);
                    let origin = Origin::Workflow { job: job.id.value.clone() };
                    for step in &job.steps {
                        let run = step.run.as_ref().map(|run| {
                            let mut invocations = of_text(run);
                            let given = [&parsed.0.env, &job.env, &step.env].into_iter().flatten();
                            given_by_pipeline(&mut invocations, &given.collect::<Vec<_>>());
                            invocations
                        });
                        let invocations = run.or_else(|| script::sent_by_action(step));
                        add_all(invocations.unwrap_or_default(), &origin, &scope);
                    }
                }
            }
        }
        FileKind::GitlabCi => {
            if let Ok(parsed) = snapshot.gitlab_ci(path) {
                for job in &parsed.0.jobs {
                    let scope = scope_of_name(&job.name.value);
                    let origin = Origin::Workflow { job: job.name.value.clone() };
                    let parts = [&job.before_script, &job.script, &job.after_script].into_iter().flatten();
                    parts.flat_map(|script| &script.lines).for_each(|line| add_all(of_text(line), &origin, &scope));
                }
            }
        }
        kind if kind.is_manifest() => {
            if let Ok(parsed) = snapshot.manifest(path, kind) {
                let lines = parsed.0.other_commands();
                lines.for_each(|line| add_all(of_text(line), &Origin::Platform, &Scope::default()));
            }
        }
        FileKind::Dockerfile => {
            if let Ok(parsed) = snapshot.dockerfile(path) {
                for (stage, invocations) in of_build(&parsed.0) {
                    add_all(invocations, &Origin::Build { stage }, &Scope::default());
                }
            }
        }
        _ => {}
    }
    found
}

fn of_text(text: &Fragment) -> Vec<Invocation> {
    script_invocations(&shell::parse(text).0)
}

/// Gives the commands of Compose what the environment of their pipeline, job and step says to it. What runs on another
/// machine does not get it, nor what the script itself exports.
fn given_by_pipeline(invocations: &mut [Invocation], given: &[&Pair]) {
    let to_compose = |pair: &&&Pair| pair.name.value.starts_with("COMPOSE_") && !pair.value.text().contains("${{");
    let given: Vec<_> = given.iter().filter(to_compose).collect();
    let exported = |invocations: &[Invocation], name: &str| {
        let exports = invocations.iter().filter(|invocation| invocation.program == "export");
        exports.flat_map(|export| &export.environment).any(|(known, _)| known.value == name)
    };
    for pair in given.into_iter().rev() {
        if exported(invocations, &pair.name.value) {
            continue;
        }
        for invocation in invocations.iter_mut().filter(|it| it.host().is_none() && it.container().is_none()) {
            if compose(invocation).is_some() {
                invocation.environment.insert(0, (pair.name.clone(), Word::of_fragment(pair.value.clone())));
            }
        }
    }
}

/// What the `RUN` instructions of a Dockerfile run, text by text, each with the stage that it stands in.
pub(super) fn of_build(file: &Dockerfile) -> Vec<(usize, Vec<Invocation>)> {
    let bourne = file.read_by_bourne();
    let mut found = Vec::new();
    for stage in &file.stages {
        for (at, instruction) in file.body(stage) {
            // What `ONBUILD` holds back runs in images that are built on this one.
            let instruction = instruction.effective();
            let InstructionKind::Run(form) = &instruction.kind else { continue };
            let mut add = |invocations| found.push((stage.index, invocations));
            match form {
                CommandForm::Shell(text) if !bourne[at] => {
                    add(invocations(&from_fragments(&plain_words(text).unwrap_or_default())));
                }
                CommandForm::Heredoc { .. } if !bourne[at] => {}
                CommandForm::Shell(text) => add(of_text(text)),
                CommandForm::Exec(words) => add(invocations(&from_fragments(words))),
                CommandForm::Heredoc { command, script, interpreter } => {
                    add(of_text(command));
                    let shell = interpreter.as_ref().is_none_or(|name| name.ends_with("sh"));
                    let body = script.filter(|_| shell).and_then(|at| instruction.heredocs.get(at));
                    body.into_iter().for_each(|it| add(of_text(&it.body)));
                }
            }
        }
    }
    found
}

/// The scope that a name speaks of: `deploy-prod`, `scripts/dev.sh`. None in particular where it does not.
fn scope_of_name(name: &str) -> Scope {
    let told = RepoPath::new(name).and_then(|path| named_by_path(&path)).or_else(|| named_in(name));
    told.map_or_else(Scope::default, |(environment, _)| Scope::of(environment, false))
}

/// The scopes of a Makefile's targets: as their names say, else those of the targets that have them made before.
fn scopes_of_targets(file: &Makefile) -> HashMap<&str, Scope> {
    let mut made_before: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut scopes: HashMap<&str, Scope> = HashMap::new();
    for target in &file.targets {
        let name = target.name.value.as_str();
        made_before.entry(name).or_default().extend(target.prerequisites.iter().map(|it| it.value.as_str()));
        scopes.insert(name, scope_of_name(name));
    }
    let silent: HashSet<&str> = scopes.iter().filter(|(_, scope)| scope.is_empty()).map(|(name, _)| *name).collect();
    let told: BTreeSet<Environment> = scopes.values().flat_map(|scope| &scope.environments).cloned().collect();
    for environment in told {
        let own = scopes.iter().filter(|(_, scope)| scope.environments.contains(&environment));
        let mut open: Vec<&str> = own.map(|(name, _)| *name).collect();
        let mut left = silent.clone();
        while let Some(target) = open.pop() {
            for before in made_before.get(target).into_iter().flatten().copied() {
                if left.remove(before) {
                    scopes.entry(before).or_default().add(environment.clone(), false);
                    open.push(before);
                }
            }
        }
    }
    scopes
}

/// The commands of the builds whose Dockerfile is written into a compose file.
pub fn inline_commands(deployments: &[Deployment]) -> Vec<CommandUse> {
    let mut found = Vec::new();
    for (part, (_, inline)) in inline_dockerfiles(deployments).into_iter().enumerate() {
        for (at, (stage, invocations)) in of_build(&inline.file).into_iter().enumerate() {
            found.extend(invocations.into_iter().map(|invocation| CommandUse {
                path: inline.path.clone(),
                invocation,
                origin: Origin::Build { stage },
                scope: Scope::default(),
                // Apart from those of the other Dockerfiles of the file.
                part: part * MAX_PARTS + at,
                standing: Standing::default(),
                stack: None,
            }));
        }
    }
    found
}

/// More texts of one Dockerfile are not told apart from those of the next in the file.
const MAX_PARTS: usize = 1 << 16;
