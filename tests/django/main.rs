//! Real Django as the judge: settings packages are generated, and what we say of each has to be what Django says.
//!
//! `SHIPWORTHY_DJANGO_PACKAGES=5000` asks for more of them, `SHIPWORTHY_DJANGO_SEED=7` starts at another one. With
//! `SHIPWORTHY_REQUIRE_DJANGO=1` it is a failure where no release of Django can be had.

#[cfg(unix)]
#[path = "../support/asked.rs"]
mod asked;
#[cfg(unix)]
mod checkouts;
#[cfg(unix)]
mod compare;
#[cfg(unix)]
mod judge;
#[cfg(unix)]
mod minimise;
#[cfg(unix)]
#[path = "../support/seeds.rs"]
mod seeds;
#[cfg(unix)]
mod setup;

#[cfg(unix)]
#[test]
fn settings_are_what_django_makes_of_them() {
    use compare::{Tally, compare};
    use judge::Judge;
    use minimise::{minimised, written};
    use std::fmt::Write as _;
    use std::sync::Mutex;

    let pythons = pythons();
    if pythons.is_empty() {
        return;
    }
    let shown = seeds::number("SHIPWORTHY_DJANGO_SHOWN", 5) as usize;

    let (all, reports) = (Mutex::new(Tally::default()), Mutex::new(Vec::new()));
    seeds::each(seeds::asked("SHIPWORTHY_DJANGO", "PACKAGES", 300), |seeds| {
        let mut judges: Vec<Judge> = pythons.iter().map(Judge::start).collect();
        let mut tally = Tally::default();
        for seed in seeds {
            // Each release judges its share.
            let judge = seed as usize % judges.len();
            let judge = &mut judges[judge];
            let (package, answer) = judge.generated(seed);
            for disagreement in compare(&package, &answer, &mut tally) {
                let known = {
                    let mut reports = reports.lock().unwrap();
                    reports.push((seed, disagreement.about.clone(), disagreement.text.clone(), None));
                    reports.len() - 1
                };
                if known < shown {
                    let (small, disagreement) = minimised(judge, package.clone(), &answer, disagreement);
                    let text = format!("{}: {}\n{}", disagreement.about, disagreement.text, written(&small));
                    reports.lock().unwrap()[known].3 = Some(text);
                }
            }
        }
        all.lock().unwrap().add(tally);
    });

    let (tally, reports) = (all.into_inner().unwrap(), reports.into_inner().unwrap());
    seeds::say(&format!(
        "Django judged {} packages: {} settings and {} findings compared, {} settings are unknown to us, {} packages stop",
        tally.packages, tally.settings, tally.ids, tally.unknown, tally.stopped
    ));
    let mut text = String::new();
    for (seed, about, difference, small) in &reports {
        let _ = match small {
            Some(small) => writeln!(text, "{small}"),
            None => writeln!(text, "seed {seed}, {about}: {difference}"),
        };
    }
    assert!(reports.is_empty(), "{} disagreements\n\n{text}", reports.len());
}

/// What `django-admin startproject` writes.
#[cfg(unix)]
#[test]
fn a_new_project_is_what_django_makes_of_it() {
    pythons().iter().for_each(new_project);
}

#[cfg(unix)]
fn new_project(python: &setup::Python) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = python.module("django");
    assert!(command.args(["startproject", "school"]).arg(folder.path()).status().unwrap().success());
    let settings = std::fs::read_to_string(folder.path().join("school/settings.py")).unwrap();
    let urls = "urlpatterns = []\n".to_owned();
    let package = judge::Package {
        seed: 0,
        files: [("school/__init__.py", String::new()), ("school/urls.py", urls), ("school/settings.py", settings)]
            .map(|(path, text)| (path.to_owned(), text))
            .into(),
        env: Default::default(),
        module: "school.settings".to_owned(),
        release: python.release,
    };
    let answer = judge::Judge::start(python).judged(&package).unwrap();
    let mut tally = compare::Tally::default();
    let found = compare::compare(&package, &answer, &mut tally);
    assert!(found.is_empty() && tally.unknown == 0, "{found:?} {tally:?}");
}

/// Real repositories: `SHIPWORTHY_CHECKOUTS=../shop:../school` names their folders. See CONTRIBUTING.md.
#[cfg(unix)]
#[test]
#[ignore = "judges the folders that SHIPWORTHY_CHECKOUTS names"]
fn settings_of_checkouts_are_what_python_makes_of_them() {
    let folders = std::env::var_os("SHIPWORTHY_CHECKOUTS").expect("SHIPWORTHY_CHECKOUTS names folders");
    let given = std::env::var("SHIPWORTHY_CHECKOUTS_PYTHON").ok();
    let command = match given {
        Some(program) => setup::script_with(&program, "checkouts.py"),
        None => pythons().last().expect("Python with Django").script("checkouts.py"),
    };
    let folders: Vec<_> = std::env::split_paths(&folders).collect();
    let wrong = checkouts::judge(command, &folders);
    assert_eq!(wrong, 0, "settings are claimed that Python has otherwise");
}

/// Python with each release of Django. Where there is none, that is said, on the stream itself: what a test that passes
/// prints is not shown.
#[cfg(unix)]
fn pythons() -> Vec<setup::Python> {
    use std::sync::{Mutex, PoisonError};
    // Two tests would install it at the same time.
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (pythons, missing) = setup::Python::all_installed();
    for why in &missing {
        seeds::say(&format!("NOT RUN: one release of Django did not judge our settings: {why}"));
    }
    let required = std::env::var_os("SHIPWORTHY_REQUIRE_DJANGO").is_some_and(|it| !it.is_empty());
    assert!(!pythons.is_empty() || !required, "no release of Django judged our settings: {}", missing.join("; "));
    pythons
}
