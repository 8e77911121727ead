//! Whatever is done to the files of a deployment, a run ends, and each place that the model or a finding names lies in
//! its file on the boundaries of characters. The files are those of the pages' cases, the changes come from a seed:
//! `MUTATIONS=20000 SEED=7 cargo test --test mutations` looks further.

#[path = "support/asked.rs"]
mod asked;

use asked::Asked;
use rayon::prelude::*;
use shipworthy::config::Config;
use shipworthy::project::Model;
use shipworthy::project::value::Traced;
use shipworthy::rules::catalogue::PAGES;
use shipworthy::rules::{Case, CliChoice};
use shipworthy::source::{Place, RepoPath};
use shipworthy::tree::{MemoryFile, MemoryTree, Snapshot};
use std::collections::BTreeMap;
use std::sync::Arc;

/// So many changed projects are looked at where nothing else is said.
const MUTATIONS: u64 = 1500;

/// What is put in: what begins, ends or turns something over in one of the languages.
const PIECES: &[&str] = &[
    "\\",
    "\n",
    "\r\n",
    "\r",
    "\"",
    "'",
    "`",
    "$",
    "${",
    "}",
    "${A:-",
    "$$",
    "<<EOF\n",
    "EOF\n",
    "<<-'X'",
    "[",
    "]",
    "{",
    "#",
    " ",
    "\t",
    "=",
    ":",
    ": ",
    "- ",
    "|\n",
    ">-\n",
    "&a ",
    "*a",
    "<<: *a",
    "!reset ",
    "!override ",
    "? ",
    "--",
    "--from=",
    "--mount=type=secret,id=x ",
    "é",
    "🎉",
    "\u{a0}",
    "\u{feff}",
    "\0",
    "~",
    "null",
    "&&",
    ";",
    "||",
    "\"$@\"",
    "exec ",
    "FROM ",
    "FROM x AS y\n",
    "ONBUILD ",
    "SHELL [\"powershell\"]\n",
    "ARG A=$A\n",
    "# escape=`\n",
    "COPY --from=0 . .\n",
    "{{ x }}",
    "{% if x %}",
    "0",
    "-1",
    "99999999999999999999",
    "extends: {service: web}\n",
    "include: [compose.yml]\n",
    "services:\n",
    "environment:\n",
    "/",
    "../",
    "[[",
    "'''",
    "\"\"\"",
];

/// Whether a file says how something is deployed.
fn is_mutable(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
    let extension = name.rsplit('.').next().unwrap_or_default();
    name.contains("dockerfile")
        || name.contains(".env")
        || matches!(extension, "yml" | "yaml" | "sh" | "toml" | "dockerignore" | "procfile")
        || matches!(name.as_str(), "procfile" | "app.json")
}

fn mutated(text: &str, other: &str, random: &mut fastrand::Rng) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for _ in 0..=random.usize(..4) {
        let at = random.usize(..=characters.len());
        match random.usize(..6) {
            0 => {
                let end = (at + random.usize(..12)).min(characters.len());
                characters.drain(at..end);
            }
            1 => {
                let piece: Vec<char> = characters[at..(at + random.usize(..60)).min(characters.len())].to_vec();
                let to = random.usize(..=characters.len());
                characters.splice(to..to, piece);
            }
            // A line of another file of the project.
            2 => {
                let lines: Vec<&str> = other.lines().collect();
                let line = lines.get(random.usize(..lines.len().max(1))).copied().unwrap_or_default();
                characters.splice(at..at, line.chars().chain(['\n']));
            }
            3 => characters.truncate(at.max(1)),
            _ => {
                characters.splice(at..at, PIECES[random.usize(..PIECES.len())].chars());
            }
        }
    }
    characters.into_iter().collect()
}

#[test]
fn no_change_panics_and_every_place_lies_in_its_file() {
    let number = |name: &str, without: u64| std::env::var(name).ok().and_then(|it| it.parse().ok()).unwrap_or(without);
    let (count, seed) = (number("MUTATIONS", MUTATIONS), number("SEED", 1));
    let cases: Vec<&Case> = PAGES.iter().flat_map(|page| page.cases).collect();
    let mutable: Vec<&Case> =
        cases.into_iter().filter(|case| case.files.iter().any(|file| is_mutable(file.path))).collect();
    let choice = CliChoice { select: vec!["all".to_owned()], ..CliChoice::default() };
    let asked = Asked::new(Config::default(), &choice);
    (0..count).into_par_iter().for_each(|round| {
        let mut random = fastrand::Rng::with_seed(seed << 32 | round);
        let case = mutable[random.usize(..mutable.len())];
        let which: Vec<usize> = (0..case.files.len()).filter(|at| is_mutable(case.files[*at].path)).collect();
        let chosen = which[random.usize(..which.len())];
        let other = case.files[random.usize(..case.files.len())].text;
        let files: BTreeMap<RepoPath, String> = case
            .files
            .iter()
            .enumerate()
            .map(|(at, file)| {
                let text = if at == chosen { mutated(file.text, other, &mut random) } else { file.text.to_owned() };
                (RepoPath::new(file.path).unwrap(), text)
            })
            .collect();
        let tree = files.iter().map(|(path, text)| MemoryFile::new(path.clone(), text.as_str()));
        let snapshot = Arc::new(Snapshot::new(MemoryTree::new(tree)));
        let options = asked.options(random.usize(..2) == 0);
        let fits = |place: &Place, what: &str| {
            let text = snapshot.source(&place.path).map(|source| source.text.clone()).unwrap_or_default();
            let range = place.span.range();
            assert!(text.get(range).is_some(), "{what} at {place:?}, round {round} of seed {seed}\n{text}");
        };
        let model = Model::build(snapshot.clone(), options.config, options.complete);
        places(&model, &fits);
        for finding in shipworthy::check_model(&model, &options).findings {
            fits(&finding.place, &finding.rule);
            finding.related.iter().for_each(|label| fits(&label.place, &finding.rule));
        }
    });
}

/// The places of the model, as far as rules point at them.
fn places(model: &Model, fits: &dyn Fn(&Place, &str)) {
    fn traced<T>(value: &Traced<T>, fits: &dyn Fn(&Place, &str)) {
        value.trail.iter().for_each(|step| fits(&step.place, "a step"));
    }
    for command in &model.commands {
        fits(&command.place(), "a command");
        command.invocation.words.iter().for_each(|word| fits(&Place::new(command.path.clone(), word.span), "a word"));
    }
    for dockerfile in &model.dockerfiles {
        for stage in &dockerfile.stages {
            fits(&stage.base_place, "a base");
            stage.image.environment.values().for_each(|value| traced(value, fits));
            stage.image.copies.iter().for_each(|copy| fits(&copy.place, "a copy"));
        }
    }
    for deployment in &model.deployments {
        deployment.evidence.iter().for_each(|evidence| fits(&evidence.place, "evidence"));
        for service in &deployment.services {
            fits(&service.place, "a service");
            service.variables.set.values().for_each(|value| traced(value, fits));
            for run in &service.process.runs {
                fits(&run.place(), "a run");
                run.trail.iter().for_each(|step| fits(&step.place, "a step of a run"));
            }
            let Some(merged) = &service.compose else { continue };
            merged.declared.iter().for_each(|place| fits(place, "a declaration"));
            merged.ports.iter().for_each(|port| fits(&port.place, "a port"));
            merged.volumes.iter().for_each(|mount| fits(&mount.source_place(), "a mount"));
            merged.environment.iter().for_each(|variable| fits(&variable.entry(), "a variable"));
            merged.image.iter().for_each(|image| fits(&image.entry(), "an image"));
        }
        for problem in deployment.stack.iter().flat_map(|stack| &stack.problems) {
            fits(&problem.place, "a problem");
        }
    }
    for leak in &model.leaks {
        fits(&leak.place, "a leak");
    }
    for file in &model.files {
        file.problems.iter().for_each(|problem| fits(&Place::new(file.path.clone(), problem.span), "a problem"));
    }
}
