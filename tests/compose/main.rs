//! Docker Compose as the judge: what we make of a stack of compose files has to be what `docker compose config` makes of it.
//!
//! `SHIPWORTHY_COMPOSE_STACKS=5000` asks for more generated stacks, `SHIPWORTHY_COMPOSE_SEED=7` starts at another one.
//! `SHIPWORTHY_DOCKER_COMPOSE` names a binary where `docker compose` is not installed.

#[cfg(unix)]
mod compare;
#[cfg(unix)]
mod generate;
#[cfg(unix)]
mod judge;
#[cfg(unix)]
mod ours;
#[cfg(unix)]
mod points;
#[cfg(unix)]
#[path = "../support/seeds.rs"]
mod seeds;
#[cfg(unix)]
mod theirs;
#[cfg(unix)]
mod values;
#[cfg(unix)]
mod yaml;

#[cfg(unix)]
#[test]
fn stacks_are_what_docker_compose_makes_of_them() {
    use compare::Tally;
    use std::collections::BTreeMap;
    use std::fmt::Write as _;
    use std::sync::Mutex;

    let Some(judge) = docker_compose() else { return };
    let shown = seeds::number("SHIPWORTHY_COMPOSE_SHOWN", 1) as usize;

    let (all, reports) = (Mutex::new(Tally::default()), Mutex::new(BTreeMap::<String, Vec<_>>::new()));
    seeds::each(seeds::asked("SHIPWORTHY_COMPOSE", "STACKS", 200), |seeds| {
        let mut tally = Tally::default();
        for seed in seeds {
            let case = generate::generated(seed);
            for disagreement in differences(&judge, &case, seed, &mut tally).unwrap_or_default() {
                let kind = disagreement.kind();
                let known = {
                    let mut reports = reports.lock().unwrap();
                    let of_kind = reports.entry(kind.clone()).or_default();
                    of_kind.push(format!("seed {seed}, {}: {}", disagreement.about, disagreement.text));
                    of_kind.len()
                };
                if known <= shown {
                    let (small, disagreement) = minimised(&judge, case.clone(), disagreement);
                    let mut text = format!("seed {seed}, {}: {}\n", disagreement.about, disagreement.text);
                    for (path, content) in small.texts() {
                        let _ = writeln!(text, "--- {path}\n{}", content.trim_end());
                    }
                    reports.lock().unwrap().get_mut(&kind).unwrap()[known - 1] = text;
                }
            }
        }
        all.lock().unwrap().add(tally);
    });
    let (tally, reports) = (all.into_inner().unwrap(), reports.into_inner().unwrap());
    seeds::say(&format!(
        "Docker Compose judged {} stacks: {} points compared, {} are unknown to us; it refuses {} more, {} of them for what we call a problem",
        tally.stacks, tally.points, tally.unknown, tally.refused, tally.refused_by_us
    ));
    let mut text = String::new();
    for (seed, refusal) in tally.refusals.iter().filter(|_| std::env::var_os("SHIPWORTHY_COMPOSE_REFUSALS").is_some()) {
        seeds::say(&format!("seed {seed} refused: {refusal}"));
    }
    for (kind, reports) in &reports {
        let _ = writeln!(text, "== {kind}: {}", reports.len());
        for report in reports.iter().take(shown) {
            let _ = writeln!(text, "{report}");
        }
    }
    assert!(reports.is_empty(), "{} disagreements\n\n{text}", reports.values().map(Vec::len).sum::<usize>());
}

/// Each folder of `testdata/compose-config`, whose answer of Docker Compose is recorded in `expected.json`; `UPDATE=1`
/// asks it again. `how.json` says how it is called.
#[cfg(unix)]
#[test]
fn recorded_stacks_are_what_docker_compose_makes_of_them() {
    use serde_json::Value as Json;
    use std::fmt::Write as _;
    use std::fs;

    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/compose-config");
    let update = std::env::var_os("UPDATE").is_some();
    let judge = update.then(docker_compose).flatten();
    let (mut tally, mut text) = (compare::Tally::default(), String::new());
    for case in fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()) {
        let entries = walkdir::WalkDir::new(&case).sort_by_file_name().into_iter().map(Result::unwrap);
        let files = entries.filter(|entry| entry.file_type().is_file()).map(|entry| {
            let name = entry.path().strip_prefix(&case).unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(entry.path()).unwrap())
        });
        let (about, files): (Vec<_>, Vec<_>) =
            files.partition(|(name, _)| name == "how.json" || name == "expected.json");
        let how = about.iter().find(|(name, _)| name == "how.json").expect("how.json").1.clone();
        let how: Json = serde_json::from_str(&how).unwrap();
        let list = |key: &str| -> Vec<String> {
            how[key].as_array().into_iter().flatten().filter_map(|it| Some(it.as_str()?.to_owned())).collect()
        };
        let (stacked, profiles) = (list("files"), list("profiles"));
        let shell = how["shell"].as_object().into_iter().flatten();
        let shell: Vec<_> =
            shell.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned())).collect();
        let question = judge::Question { files: &files, stacked: &stacked, profiles: &profiles, shell: &shell };
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let recorded = case.join("expected.json");
        if let Some(judge) = &judge {
            let answer = judge.asked(&question).unwrap_or_else(|why| panic!("{name}: {why}"));
            fs::write(&recorded, format!("{answer:#}\n")).unwrap();
        }
        let answer = serde_json::from_str(&fs::read_to_string(&recorded).expect("expected.json")).unwrap();
        for disagreement in compare::compare(&question, &answer, &mut tally) {
            let _ = writeln!(text, "{name}, {}: {}", disagreement.about, disagreement.text);
        }
    }
    assert!(text.is_empty(), "\n{text}");
    assert!(tally.stacks > 0 && tally.points > 100);
}

#[cfg(unix)]
fn differences(
    judge: &judge::Judge,
    case: &generate::Case,
    seed: u64,
    tally: &mut compare::Tally,
) -> Option<Vec<compare::Disagreement>> {
    let files = case.texts();
    let question =
        judge::Question { files: &files, stacked: &case.stacked, profiles: &case.profiles, shell: &case.shell };
    match judge.asked(&question) {
        Ok(answer) => Some(compare::compare(&question, &answer, tally)),
        Err(why) => {
            tally.refused += 1;
            tally.refusals.push((seed, why.clone()));
            if !ours::asked(&question).problems.is_empty() {
                tally.refused_by_us += 1;
                return None;
            }
            let excused = compare::NOT_OURS.iter().any(|words| words.iter().all(|word| why.contains(word)));
            // Names and numbers change while the stack gets smaller.
            let words = why.split_whitespace().filter(|word| word.chars().all(char::is_alphabetic));
            let about = format!("refused.{}", words.collect::<Vec<_>>().join(" "));
            (!excused).then(|| vec![compare::Disagreement { about, text: why }])
        }
    }
}

/// A smaller stack with the same disagreement.
#[cfg(unix)]
fn minimised(
    judge: &judge::Judge,
    mut case: generate::Case,
    mut disagreement: compare::Disagreement,
) -> (generate::Case, compare::Disagreement) {
    let mut tries = 0;
    let mut still = |small: &generate::Case, known: &compare::Disagreement| {
        tries += 1;
        let found = (tries < 500).then(|| differences(judge, small, 0, &mut compare::Tally::default())).flatten()?;
        found.into_iter().find(|it| it.about == known.about)
    };
    loop {
        let mut smaller = false;
        for at in (0..case.files.len()).rev() {
            let mut without = case.clone();
            let (name, _) = without.files.remove(at);
            without.stacked.retain(|path| *path != name);
            if !without.stacked.is_empty()
                && let Some(same) = still(&without, &disagreement)
            {
                (case, disagreement, smaller) = (without, same, true);
            }
        }
        for at in 0..case.files.len() {
            let mut number = 0;
            while number < case.files[at].1.pieces() {
                let mut without = case.clone();
                without.files[at].1 = case.files[at].1.without(number);
                match still(&without, &disagreement) {
                    Some(same) => (case, disagreement, smaller) = (without, same, true),
                    None => number += 1,
                }
            }
        }
        if !smaller {
            return (case, disagreement);
        }
    }
}

/// Written to the stream itself: what a test that passes prints is not shown.
/// Docker Compose. Where there is none, that is said.
#[cfg(unix)]
fn docker_compose() -> Option<judge::Judge> {
    match judge::Judge::installed() {
        Ok(judge) => Some(judge),
        Err(why) => {
            let text = format!("NOT RUN: Docker Compose did not judge our stacks: {why}");
            assert!(std::env::var_os("SHIPWORTHY_REQUIRE_COMPOSE").is_none_or(|it| it.is_empty()), "{text}");
            seeds::say(&text);
            None
        }
    }
}
