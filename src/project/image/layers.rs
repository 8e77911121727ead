//! What package managers leave behind in the layers of a stage.

use super::super::command::{Action, Manager, PackageCommand};
use super::super::usage::StageUse;
use super::BuildStep;
use crate::source::Place;

impl StageUse {
    /// Where pip installs and keeps what it downloaded.
    pub fn pip_caches(&self) -> Vec<Place> {
        let mut settled = false;
        let mut places = Vec::new();
        for step in &self.steps {
            // `pip config set global.no-cache-dir true`, or a `pip.conf` that is written with `echo`.
            settled |= step.commands.iter().any(|command| {
                let says = |text: &str| command.arguments().iter().any(|word| word.text().contains(text));
                (command.program == "echo" || says("config")) && says("no-cache-dir")
            });
            let off = settled
                || step.has_variable("PIP_NO_CACHE_DIR")
                || Manager::Pip.caches().iter().any(|part| step.mounts(part));
            for (index, command) in step.packages.iter().filter(|(_, command)| is_install(command, Manager::Pip)) {
                let own = &step.commands[*index];
                let by_prefix = own.environment.iter().any(|(name, _)| name.value == "PIP_NO_CACHE_DIR");
                let cleaned = step
                    .packages
                    .iter()
                    .any(|(at, other)| at > index && other.manager == Manager::Pip && other.action == Action::Clean);
                let flagged = command.flags.has(&["--no-cache-dir", "--no-cache"]);
                if !(off
                    || by_prefix
                    || cleaned
                    || flagged
                    || step.removes("/.cache", *index)
                    || step.removes("cache/pip", *index))
                {
                    places.push(step.at(own.words_span()));
                }
            }
        }
        places
    }

    /// Where the lists of apt are fetched for an installation and stay.
    pub fn apt_lists(&self) -> Vec<Place> {
        let stays = |step: &&BuildStep| {
            let apt = |action: Action| {
                move |(_, command): &&(usize, PackageCommand)| command.manager.is_apt() && command.action == action
            };
            let fetched = step.packages.iter().find(apt(Action::Refresh));
            fetched.is_some_and(|(at, _)| !step.removes("/var/lib/apt/lists", *at) && !is_dist_cleaned(step))
                && step.packages.iter().any(|found| apt(Action::Install)(&found))
                && !step.mounts("/var/lib/apt")
        };
        let steps = self.steps.iter().filter(stays);
        steps.filter_map(|step| self.first_of(step, Action::Refresh, Manager::is_apt)).collect()
    }

    /// Where apk installs and keeps its index.
    pub fn apk_caches(&self) -> Vec<Place> {
        let mut places = Vec::new();
        for step in &self.steps {
            let off = Manager::Apk.caches().iter().any(|part| step.mounts(part) || step.removes(part, 0));
            for (index, command) in step.packages.iter().filter(|(_, command)| is_install(command, Manager::Apk)) {
                if !off && !command.flags.has(&["--no-cache"]) {
                    places.push(step.at(step.commands[*index].words_span()));
                }
            }
        }
        places
    }

    /// Where a manager installs, and neither it nor `rm` cleans up after it in the same step.
    pub fn caches(&self, manager: fn(Manager) -> bool) -> Vec<Place> {
        let mut places = Vec::new();
        for step in &self.steps {
            let mut own = step.packages.iter().filter(|(_, command)| manager(command.manager));
            let Some((index, command)) = own.clone().rfind(|(_, command)| command.action == Action::Install) else {
                continue;
            };
            let caches = command.manager.caches();
            let removed = caches.iter().any(|part| step.mounts(part) || step.removes(part, *index));
            let cleaned = own.any(|(at, command)| at > index && command.action == Action::Clean);
            if !removed && !cleaned {
                places.push(step.at(step.commands[*index].words_span()));
            }
        }
        places
    }

    /// Where apt installs and no `apt-get clean` follows in the same step.
    pub fn apt_without_clean(&self) -> Vec<Place> {
        let apt = |step: &BuildStep, action: Action| {
            step.packages.iter().any(|(_, command)| command.manager.is_apt() && command.action == action)
        };
        let steps = self.steps.iter().filter(|step| {
            apt(step, Action::Install)
                && !apt(step, Action::Clean)
                && !step.mounts("/var/cache/apt")
                && !step.removes("/var/cache/apt", 0)
        });
        steps.filter_map(|step| self.first_of(step, Action::Install, Manager::is_apt)).collect()
    }

    /// Where a list of packages is fetched and not used in the same step, each with whether a later step of the stage
    /// installs by it.
    pub fn lone_refreshes(&self) -> Vec<(Place, Manager, bool)> {
        let used = |step: &BuildStep, manager: Manager| {
            step.packages.iter().any(|(_, other)| {
                // `apk add --no-cache` fetches a list for itself.
                let own = other.manager == Manager::Apk && other.flags.has(&["--no-cache", "--update-cache", "-U"]);
                same_lists(other.manager, manager)
                    && !own
                    && matches!(other.action, Action::Install | Action::Upgrade | Action::DistUpgrade)
            })
        };
        // `apk add --no-cache` fetches the lists for itself.
        let used_later = |step: &BuildStep, manager: Manager| {
            let fetches = |other: &PackageCommand| other.manager == Manager::Apk && other.flags.has(&["--no-cache"]);
            used(step, manager) && !step.packages.iter().all(|(_, other)| other.manager != manager || fetches(other))
        };
        let refreshes = |step: &BuildStep, manager: Manager| {
            step.packages.iter().any(|(_, other)| same_lists(other.manager, manager) && other.action == Action::Refresh)
        };
        let mut found = Vec::new();
        for (at, step) in self.steps.iter().enumerate() {
            let refresh = step.packages.iter().find(|(_, command)| command.action == Action::Refresh);
            let Some((index, command)) = refresh.filter(|(_, command)| !used(step, command.manager)) else { continue };
            let next = self.steps[at + 1..]
                .iter()
                .find(|later| used_later(later, command.manager) || refreshes(later, command.manager));
            let later = next.is_some_and(|later| !refreshes(later, command.manager));
            found.push((step.at(step.commands[*index].words_span()), command.manager, later));
        }
        found
    }

    /// The first command of a step that does `action` with a manager of this kind.
    fn first_of(&self, step: &BuildStep, action: Action, manager: fn(Manager) -> bool) -> Option<Place> {
        let (index, _) =
            step.packages.iter().find(|(_, command)| manager(command.manager) && command.action == action)?;
        Some(step.at(step.commands[*index].words_span()))
    }
}

fn is_install(command: &PackageCommand, manager: Manager) -> bool {
    command.manager == manager && command.action == Action::Install
}

fn same_lists(a: Manager, b: Manager) -> bool {
    a == b || (a.is_apt() && b.is_apt()) || (a.is_dnf() && b.is_dnf())
}

/// `apt-get distclean` removes the lists, too.
fn is_dist_cleaned(step: &BuildStep) -> bool {
    step.packages.iter().any(|(at, command)| {
        command.manager.is_apt()
            && command.action == Action::Clean
            && step.commands[*at].arguments().iter().any(|word| word.is("distclean") || word.is("dist-clean"))
    })
}
