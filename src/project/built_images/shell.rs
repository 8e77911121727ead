//! Builds by command: `docker build -t`, `docker buildx build`, `podman build`, `buildah bud`, kaniko's executor.

use super::{BuiltImage, ImageName, Known, Template, Told, environment_of};
use crate::parse::shell::{self, Script, Word, WordPart};
use crate::project::command::{Flags, Invocation, Syntax, docker, script_invocations};
use crate::project::environment::Environment;
use crate::source::{Fragment, Place, RepoPath};
use crate::tree::{FileKind, Snapshot};
use std::collections::BTreeSet;

/// Commands that are read, and what is known where they stand.
pub(super) struct Surroundings<'a> {
    pub snapshot: &'a Snapshot,
    pub path: &'a RepoPath,
    pub known: Known,
    /// The folders that the next command may run in, all as likely as each other.
    pub folders: Vec<RepoPath>,
    pub environment: Option<Environment>,
}

/// Whether a text can build an image at all: most cannot, and are not worth being read.
pub(super) fn may_build(text: &str) -> bool {
    ["docker", "podman", "buildah", "executor"].iter().any(|word| text.contains(word))
        && ["build", "bud", "executor"].iter().any(|word| text.contains(word))
}

pub(super) fn script(snapshot: &Snapshot, path: &RepoPath, found: &mut Vec<BuiltImage>) {
    if !snapshot.source(path).is_ok_and(|source| may_build(&source.text)) {
        return;
    }
    let Ok(parsed) = snapshot.script(path) else { return };
    let own = path.parent().unwrap_or_else(RepoPath::root);
    // Scripts in a folder of their own are mostly started from the root.
    let mut folders = vec![RepoPath::root(), own];
    folders.dedup();
    let environment = environment_of(path, "");
    let mut around = Surroundings { snapshot, path, known: Known::new(), folders, environment };
    let from = found.len();
    around.read(&parsed.0, found);
    push_if_pushed(&[&parsed.0], &mut found[from..]);
}

pub(super) fn recipes(snapshot: &Snapshot, path: &RepoPath, kind: FileKind, found: &mut Vec<BuiltImage>) {
    let Ok(parsed) = snapshot.makefile(path, kind) else { return };
    let from = found.len();
    let mut scripts = Vec::new();
    for target in &parsed.0.targets {
        for recipe in target.recipes.iter().filter(|recipe| may_push_or_build(recipe.script.text())) {
            let script = shell::parse(&recipe.script).0;
            let folders = vec![path.parent().unwrap_or_else(RepoPath::root)];
            let environment = environment_of(path, &target.name.value);
            let mut around = Surroundings { snapshot, path, known: Known::new(), folders, environment };
            around.read(&script, found);
            scripts.push(script);
        }
    }
    push_if_pushed(&scripts.iter().collect::<Vec<_>>(), &mut found[from..]);
}

pub(super) fn gitlab(snapshot: &Snapshot, path: &RepoPath, found: &mut Vec<BuiltImage>) {
    let Ok(parsed) = snapshot.gitlab_ci(path) else { return };
    let pipeline = &parsed.0;
    let mut of_all = Known::new();
    for pair in &pipeline.variables {
        let value = Template::of_text(pair.value.text(), &of_all);
        of_all.insert(pair.name.value.clone(), value);
    }
    let from = found.len();
    let mut scripts = Vec::new();
    for job in pipeline.jobs.iter().filter(|job| !job.is_template()) {
        let mut known = of_all.clone();
        let variables = pipeline.inherited(job, |job| (!job.variables.is_empty()).then_some(&job.variables));
        for pair in variables.into_iter().flatten() {
            let value = Template::of_text(pair.value.text(), &known);
            known.insert(pair.name.value.clone(), value);
        }
        let environment = environment_of(path, &job.name.value);
        let folders = vec![RepoPath::root()];
        let mut around = Surroundings { snapshot, path, known, folders, environment };
        let before = pipeline.inherited(job, |job| job.before_script.as_ref());
        let script = pipeline.inherited(job, |job| job.script.as_ref());
        let lines: Vec<&Fragment> = before
            .or(pipeline.defaults.before_script.as_ref())
            .into_iter()
            .chain(script)
            .flat_map(|it| &it.lines)
            .collect();
        if !lines.iter().any(|line| may_push_or_build(line.text())) {
            continue;
        }
        for line in lines {
            let script = shell::parse(line).0;
            around.read(&script, found);
            scripts.push(script);
        }
    }
    push_if_pushed(&scripts.iter().collect::<Vec<_>>(), &mut found[from..]);
}

fn may_push_or_build(text: &str) -> bool {
    may_build(text) || text.contains("push") || text.contains("docker tag")
}

/// Notes what `docker push` sends on. Which of several is meant is rarely written as it was in the build.
pub(super) fn push_if_pushed(scripts: &[&Script], found: &mut [BuiltImage]) {
    let pushes = |invocation: &Invocation| docker(invocation).is_some_and(|docker| docker.name == "push");
    if found.iter().any(|built| !built.pushed)
        && scripts.iter().any(|script| script_invocations(script).iter().any(pushes))
    {
        found.iter_mut().for_each(|built| built.pushed = true);
    }
}

impl Surroundings<'_> {
    /// Reads one script after the other; folders and variables are kept.
    pub fn read(&mut self, script: &Script, found: &mut Vec<BuiltImage>) {
        self.assign(script);
        for invocation in script_invocations(script) {
            if invocation.program == "cd" {
                self.enter(invocation.words.get(1));
                continue;
            }
            if let Some(docker) = docker(&invocation)
                && docker.name == "tag"
                && let [from, to, ..] = docker.arguments.as_slice()
            {
                self.tag(from, to, found);
            }
            let Some((told, pushed)) = self.told(&invocation) else { continue };
            if told.tags.is_empty() {
                continue;
            }
            let place = Place::new(self.path.clone(), invocation.words_span());
            let built = told.build(self.snapshot, &self.folders, place, self.environment.clone());
            found.push(BuiltImage { pushed, ..built });
        }
    }

    /// What variables hold that are given one value in a script, and no other.
    fn assign(&mut self, script: &Script) {
        let assignments = || script.commands.iter().flat_map(|command| &command.assignments);
        let mut several = BTreeSet::new();
        let mut seen = BTreeSet::new();
        for (name, _) in assignments() {
            if !seen.insert(name.value.as_str()) {
                several.insert(name.value.as_str());
            }
        }
        for (name, word) in assignments() {
            let value = if several.contains(name.value.as_str()) {
                Template::unnamed()
            } else {
                Template::of_word(word, &self.known)
            };
            // `TAG=${TAG:-latest}` and `TAG=$1` keep the name that is asked for elsewhere.
            let value = if value == Template::unnamed() { Template::variable(&name.value) } else { value };
            self.known.insert(name.value.clone(), value);
        }
    }

    /// `cd`: to a folder of the repository, to the script's own, or to the checkout on another machine.
    fn enter(&mut self, word: Option<&Word>) {
        let Some(word) = word else { return };
        let text = word.text();
        if text.contains("dirname") || text.contains("BASH_SOURCE") {
            let after = match word.parts.last() {
                Some(WordPart::Literal(text)) if word.parts.len() > 1 => text.trim_start_matches('/'),
                _ => "",
            };
            let own = self.path.parent().unwrap_or_else(RepoPath::root);
            self.folders = own.join(after).into_iter().collect();
            return;
        }
        let template = Template::of_word(word, &self.known);
        let folders = match template.literal() {
            Some(path) if !path.starts_with(['/', '~']) => {
                self.folders.iter().filter_map(|folder| folder.join(&path)).collect()
            }
            _ => vec![RepoPath::root()],
        };
        self.folders = folders;
    }

    /// What a command builds, and whether it pushes that at once.
    fn told(&self, invocation: &Invocation) -> Option<(Told, bool)> {
        let template = |word: &Word| Template::of_word(word, &self.known);
        let templates = |words: &[Word]| words.iter().map(template).collect::<Vec<_>>();
        if let Some(build) = docker(invocation).and_then(|docker| docker.build()) {
            let context = build.context.as_ref().map_or_else(Template::unnamed, template);
            let told = Told {
                file: build.file.as_ref().map(template),
                context: Some(context),
                target: build.target.as_ref().map(template),
                arguments: templates(&build.arguments),
                tags: templates(&build.tags),
                labelled: build.labelled,
            };
            return Some((told, build.push));
        }
        let (flags, rest) = match invocation.program.as_str() {
            "buildah" => {
                let (verb, rest) = invocation.arguments().split_first()?;
                if !verb.is("bud") && !verb.is("build") {
                    return None;
                }
                let flags = Flags::read(rest, &BUILDAH);
                let context = flags.arguments.last().cloned();
                (flags, context)
            }
            // kaniko
            "executor" => {
                let flags = invocation.flags(&KANIKO);
                flags.get(&["-d", "--destination"])?;
                let context = flags.value(&["-c", "--context"]).cloned();
                (flags, context)
            }
            _ => return None,
        };
        let told = Told {
            file: flags.value(&["-f", "--file", "--dockerfile"]).map(template),
            context: Some(rest.as_ref().map_or_else(
                || Template::of_text(".", &Known::new()),
                |word| Template::of_word(word, &self.known).without_prefix("dir://"),
            )),
            target: flags.value(&["--target"]).map(template),
            arguments: templates(&flags.values(&["--build-arg"])),
            tags: templates(&flags.values(&["-t", "--tag", "-d", "--destination"])),
            labelled: flags.has(&["--label"]),
        };
        Some((told, invocation.program == "executor"))
    }

    /// `docker tag`: what is built under the one name has the other, too.
    fn tag(&self, from: &Word, to: &Word, found: &mut [BuiltImage]) {
        let name = |word: &Word| ImageName::new(&Template::of_word(word, &self.known));
        let (from, to) = (name(from), name(to));
        let here = found.iter_mut().rev().filter(|built| built.place.path == *self.path);
        let mut named = here.filter(|built| {
            built
                .names
                .iter()
                .any(|name| name.likeness(&from) == Some(super::Likeness::Same) && name.tags(&from).is_some())
        });
        if let Some(built) = named.next()
            && built.names.len() < super::MAX_NAMES
        {
            built.names.push(to);
        }
    }
}

const BUILDAH: Syntax = Syntax::switches(&["--no-cache", "--pull", "--layers", "-q", "--quiet", "--squash", "--rm"]);
const KANIKO: Syntax =
    Syntax::valued(&["-c", "--context", "-d", "--destination", "-f", "--dockerfile", "--build-arg", "--target"]);
