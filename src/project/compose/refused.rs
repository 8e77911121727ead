//! What Docker Compose refuses of files that are put together: services that contradict themselves, values that it cannot
//! read, circles.

use super::context::Context;
use super::{Command, Flag, Interpolated, Limits, Placed, Resource, Service, Stack, StackProblem, Text};
use crate::parse::compose as file;
use crate::project::value::{Reason, Value};
use crate::source::Place;
use std::collections::BTreeSet;

/// The lists that may say nothing twice and that Compose does not make unique, be it files or services that are put
/// together.
pub(super) fn repeated<'l>(
    name: &str,
    layers: impl Iterator<Item = (&'l Context, &'l file::Service)>,
) -> Vec<StackProblem> {
    type List = fn(&file::Service) -> &file::Setting<Vec<file::Text>>;
    let lists: [(&str, List); 3] = [
        ("security_opt", |service| &service.security_opt),
        ("group_add", |service| &service.group_add),
        ("volumes_from", |service| &service.volumes_from),
    ];
    let layers: Vec<_> = layers.collect();
    let mut found = Vec::new();
    for (key, list) in lists {
        let mut known: Vec<Interpolated> = Vec::new();
        for (cx, service) in &layers {
            let Some(field) = list(service) else { continue };
            if field.tag != file::MergeTag::Merge {
                known.clear();
            }
            for text in field.value.iter().flatten() {
                let item = cx.text(text);
                if item.known().is_some() && known.iter().any(|other| other.known() == item.known()) {
                    let message = format!("`services.{name}.{key}` has the same item twice");
                    let place = cx.place(text.span());
                    found.push(StackProblem::new(place, message));
                }
                known.push(item);
            }
        }
    }
    found
}

/// Why Compose refuses the merged stack, a service at a time. What is not known is no reason.
pub(super) fn refused(stack: &Stack) -> Vec<StackProblem> {
    let mut found = Found { problems: Vec::new() };
    for service in stack.services.values() {
        found.contradictions(service, stack);
        found.limits(service);
        found.mounts(service);
        found.unreadable(service);
    }
    if stack.maybe_more.is_none() {
        for (section, resources, keys) in [
            ("secret", &stack.secrets, "`file` or `environment`"),
            ("config", &stack.configs, "`file`, `environment` or `content`"),
        ] {
            for resource in resources.values() {
                found.source(section, resource, keys);
            }
        }
    }
    for volume in stack.volumes.values() {
        found.external(volume);
    }
    found.circles(stack);
    found.problems
}

/// How a text is made a number.
type Read = fn(&str) -> Option<f64>;

struct Found {
    problems: Vec<StackProblem>,
}

impl Found {
    fn add(&mut self, place: Place, services: &[&str], message: String) {
        if self.problems.len() < 100 {
            let services = services.iter().map(|name| (*name).to_owned()).collect();
            self.problems.push(StackProblem { services, ..StackProblem::new(place, message) });
        }
    }

    fn contradictions(&mut self, service: &Service, stack: &Stack) {
        let name = service.name.as_str();
        let has_image = |image: &Placed<Interpolated>| image.value.known() != Some("");
        let provided = || service.other.iter().any(|other| other.value.name == "provider");
        if service.build.is_none()
            && !service.image.as_ref().is_some_and(has_image)
            && service.maybe_more.is_none()
            && !provided()
            // What it extends may not be there, which is told already.
            && stack.problems.is_empty()
            && let Some(place) = service.declared.first()
        {
            self.add(place.clone(), &[name], format!("service `{name}` has neither an image nor a build"));
            if let Some(problem) = self.problems.last_mut() {
                problem.partial = true;
            }
        }
        let mode = service.network_mode.as_ref().filter(|mode| mode.value.known().is_some_and(|mode| !mode.is_empty()));
        if let (Some(mode), false) = (mode, service.networks.is_empty()) {
            self.add(mode.entry(), &[name], format!("service `{name}` has both `network_mode` and `networks`"));
        }
        let build = service.build.as_ref().map(|build| &build.value);
        if let Some((file, inline)) =
            build.and_then(|it| Some((it.dockerfile.as_ref()?, it.dockerfile_inline.as_ref()?)))
            && [file, inline].iter().all(|text| text.value.known().is_some_and(|text| !text.is_empty()))
        {
            let message = format!("service `{name}` is built from both `dockerfile` and `dockerfile_inline`");
            self.add(inline.key_place(), &[name], message);
        }
        let test = service.healthcheck.as_ref().and_then(|health| health.value.test.as_ref());
        if let Some(test) = test
            && let Command::Words(words) = &test.value
            && let Some(first) = words.first().and_then(Interpolated::known)
            && !matches!(first, "CMD" | "CMD-SHELL" | "NONE")
        {
            let message =
                format!("the health check of `{name}` is a list that begins with none of `CMD`, `CMD-SHELL`, `NONE`");
            self.add(test.entry(), &[name], message);
        }
    }

    /// What is in memory cannot be a volume as well.
    fn mounts(&mut self, service: &Service) {
        let targets: Vec<_> = service.volumes.iter().filter_map(|mount| mount.value.target.as_ref()?.known()).collect();
        for memory in &service.tmpfs {
            let Some(path) = memory.value.known().and_then(|text| text.split(':').next()) else { continue };
            if targets.contains(&path) {
                let message = format!("service `{}` mounts both a `tmpfs` and a volume at `{path}`", service.name);
                self.add(memory.place.clone(), &[&service.name], message);
            }
        }
    }

    /// The old keys and those of `deploy` must say the same, and what one of them says the other must not leave out.
    fn limits(&mut self, service: &Service) {
        let Some(deploy) = service.deploy.as_ref().map(|deploy| &deploy.value) else { return };
        if let (Some(scale), Some(replicas)) = (&service.scale, &deploy.replicas) {
            self.twins(service, scale, Some(replicas), "scale", "deploy.replicas", whole);
        }
        let part = |limits: &Option<Placed<Limits>>| limits.as_ref().map(|limits| limits.value.clone());
        if let Some(limits) = part(&deploy.limits) {
            let twins: [(&Text, &Text, &str, &str, Read); 3] = [
                (&service.cpus, &limits.cpus, "cpus", "cpus", number),
                (&service.mem_limit, &limits.memory, "mem_limit", "memory", bytes),
                (&service.pids_limit, &limits.pids, "pids_limit", "pids", whole),
            ];
            for (old, new, key, twin, read) in twins {
                if let Some(old) = old {
                    let twin = format!("deploy.resources.limits.{twin}");
                    self.twins(service, old, new.as_ref(), key, &twin, read);
                }
            }
        }
        if let (Some(reservations), Some(old)) = (part(&deploy.reservations), &service.mem_reservation) {
            let twin = "deploy.resources.reservations.memory";
            self.twins(service, old, reservations.memory.as_ref(), "mem_reservation", twin, bytes);
        }
    }

    fn twins(
        &mut self,
        service: &Service,
        old: &Placed<Interpolated>,
        new: Option<&Placed<Interpolated>>,
        key: &str,
        twin: &str,
        read: Read,
    ) {
        let Some(own) = old.value.known().and_then(read) else { return };
        let other = match new {
            Some(new) => match new.value.known().and_then(read) {
                Some(other) => other,
                None => return,
            },
            None => 0.0,
        };
        // Zero counts as not said, but not of `scale`.
        if own == other || (own == 0.0 && key != "scale") {
            return;
        }
        let name = &service.name;
        let message = match new {
            Some(_) => format!("service `{name}` says one thing with `{key}` and another with `{twin}`"),
            None => format!("service `{name}` has `{key}` and a `deploy` whose limits lack `{twin}`"),
        };
        self.add(old.entry(), &[name], message);
    }

    /// Texts of which Compose wants to make numbers, sizes and durations.
    fn unreadable(&mut self, service: &Service) {
        let deploy = service.deploy.as_ref().map(|placed| &placed.value);
        let health = service.healthcheck.as_ref().map(|placed| &placed.value);
        let limits = deploy.into_iter().flat_map(|it| [&it.limits, &it.reservations]).flatten();
        let memory: Vec<&Text> = limits.map(|limits| &limits.value.memory).collect();
        let sizes = [&service.mem_limit, &service.mem_reservation, &service.memswap_limit, &service.shm_size];
        for text in sizes.into_iter().chain(memory).flatten() {
            self.unfit(service, text, "size: write `512m` or `2g`", |text| text == "-1" || bytes(text).is_some());
        }
        let policy = deploy.and_then(|it| it.restart_policy.as_ref()).map(|placed| &placed.value);
        let rollouts = deploy.into_iter().flat_map(|it| [&it.update_config, &it.rollback_config]).flatten();
        let durations = [&service.stop_grace_period]
            .into_iter()
            .chain(health.into_iter().flat_map(|it| [&it.interval, &it.timeout, &it.start_period, &it.start_interval]))
            .chain(policy.into_iter().flat_map(|it| [&it.delay, &it.window]))
            .chain(rollouts.flat_map(|it| [&it.value.delay, &it.value.monitor]));
        for text in durations.flatten() {
            self.unfit(service, text, "duration: write `30s` or `1m30s`", is_duration);
        }
        let numbers = [&service.scale, &service.pids_limit]
            .into_iter()
            .chain(deploy.map(|it| &it.replicas))
            .chain(health.map(|it| &it.retries));
        for text in numbers.flatten() {
            self.unfit(service, text, "number", |text| whole(text).is_some());
        }
        let flags: [&Flag; 6] = [
            &service.privileged,
            &service.read_only,
            &service.init,
            &service.tty,
            &service.stdin_open,
            &service.oom_kill_disable,
        ];
        for flag in flags.into_iter().flatten() {
            if matches!(&flag.value.value, Value::Unknown(Reason::Unsupported(_))) {
                self.add(
                    flag.entry(),
                    &[],
                    format!("service `{}` has a text where Compose wants a boolean", service.name),
                );
            }
        }
        for host in service.extra_hosts.iter().filter(|host| host.value.value.is_none()) {
            self.add(
                host.place.clone(),
                &[],
                format!("service `{}` has an `extra_hosts` without address", service.name),
            );
        }
    }

    fn unfit(&mut self, service: &Service, text: &Placed<Interpolated>, what: &str, fits: fn(&str) -> bool) {
        let wrong = text.value.known().filter(|value| !value.is_empty() && !fits(value));
        if let Some(value) = wrong.filter(|value| value.len() < 40) {
            self.add(text.entry(), &[], format!("service `{}` says `{value}`, which is no {what}", service.name));
        }
    }

    fn source(&mut self, section: &str, resource: &Resource, keys: &str) {
        let Some(place) = resource.declared.last() else { return };
        let given = [resource.file.is_some(), resource.environment.is_some(), resource.content.is_some()];
        let name = &resource.name;
        match given.iter().filter(|given| **given).count() {
            0 if resource.external.is_none() && resource.driver.is_none() => {
                self.add(place.clone(), &[], format!("the {section} `{name}` has none of {keys}"));
            }
            2.. => self.add(place.clone(), &[], format!("the {section} `{name}` has more than one of {keys}")),
            _ => {}
        }
    }

    fn external(&mut self, volume: &Resource) {
        let is_external = volume.external.as_ref().is_some_and(|flag| flag.value.value.known() == Some(&true));
        let more = [
            ("driver", volume.driver.as_ref().map(Placed::entry)),
            ("driver_opts", volume.driver_opts.first().map(|option| option.place.clone())),
            ("labels", volume.labels.first().map(|label| label.place.clone())),
        ];
        if let Some((key, Some(place))) = more.into_iter().find(|(_, place)| place.is_some() && is_external) {
            self.add(place, &[], format!("the volume `{}` is external, and has `{key}`", volume.name));
        }
    }

    /// Services that wait for each other, each circle once.
    fn circles(&mut self, stack: &Stack) {
        let mut done: BTreeSet<&str> = BTreeSet::new();
        for start in stack.services.keys() {
            // A path of services, each with those that are still to be followed.
            let mut path: Vec<(&str, Vec<(&str, Place)>)> = Vec::new();
            let mut next = Some((start.as_str(), None));
            loop {
                if let Some((name, place)) = next.take() {
                    if let Some(from) = path.iter().position(|(known, _)| *known == name) {
                        let members: Vec<&str> = path[from..].iter().map(|(name, _)| *name).collect();
                        let shown: Vec<String> =
                            members.iter().chain([&name]).map(|name| format!("`{name}`")).collect();
                        if let Some(place) = place {
                            let message = format!("services wait for each other: {}", shown.join(" → "));
                            self.add(place, &members, message);
                        }
                    } else if !done.contains(name)
                        && let Some(service) = stack.services.get(name)
                    {
                        path.push((name, waits_for(service)));
                    }
                }
                match path.last_mut() {
                    None => break,
                    Some((name, open)) => match open.pop() {
                        Some((other, place)) => next = Some((other, Some(place))),
                        None => {
                            done.insert(name);
                            path.pop();
                        }
                    },
                }
            }
        }
    }
}

/// The services that have to be started before this one, each with where that is said.
fn waits_for(service: &Service) -> Vec<(&str, Place)> {
    let dependencies =
        service.depends_on.iter().map(|it| (it.value.service.as_str(), Place::new(it.place.path.clone(), it.key)));
    dependencies.chain(shared_with(service)).collect()
}

/// The services that this one is linked to, or whose volumes, network or processes it shares.
pub(super) fn shared_with(service: &Service) -> impl Iterator<Item = (&str, Place)> {
    let first = |text: &'_ Placed<Interpolated>| text.value.known().is_some();
    let listed = service.links.iter().chain(&service.volumes_from).filter(move |text| first(text));
    let listed = listed.filter_map(|text| {
        let name = text.value.known()?.split(':').next()?;
        (name != "container").then(|| (name, text.place.clone()))
    });
    let modes = [&service.network_mode, &service.ipc, &service.pid, &service.uts, &service.cgroup];
    let modes = modes.into_iter().flatten();
    listed.chain(modes.filter_map(|mode| Some((mode.value.known()?.strip_prefix("service:")?, mode.entry()))))
}

fn whole(text: &str) -> Option<f64> {
    text.parse::<i64>().ok().map(|number| number as f64)
}

fn number(text: &str) -> Option<f64> {
    text.parse::<f32>().ok().map(f64::from)
}

/// `512m`, `1.5gb`, `2GiB`: a number and a unit, powers of 1024.
fn bytes(text: &str) -> Option<f64> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text[..end].parse().ok()?;
    let unit = text[end..].trim_start().to_ascii_lowercase();
    let power = match unit.trim_end_matches('b').trim_end_matches('i') {
        "" if matches!(unit.as_str(), "" | "b") => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        "p" => 5,
        _ => return None,
    };
    Some((number * 1024_f64.powi(power)).trunc())
}

/// `1m30s`, `0.5h`: numbers, each with its unit.
fn is_duration(text: &str) -> bool {
    let mut rest = text.trim_start_matches(['+', '-']);
    if rest == "0" {
        return true;
    }
    while !rest.is_empty() {
        let after = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let unit = ["ns", "us", "µs", "ms", "s", "m", "h", "d", "w"].into_iter().find(|unit| after.starts_with(unit));
        match unit {
            Some(unit) if after.len() < rest.len() => rest = &after[unit.len()..],
            _ => return false,
        }
    }
    !text.is_empty()
}
