use crate::findings::{Findings, Severity};
use crate::project::command::{app_server, django as django_command};
use crate::project::deployment::{Deployment, DjangoProcess, Service};
use crate::project::environment::Lookup;
use crate::project::evidence::named_in;
use crate::project::role::Role;
use crate::project::settings::{Reading, Settings};
use crate::project::value::Act;
use crate::rules::Cx;
use crate::source::Place;

/// The service that answers requests, with each that works behind it on the same project.
fn pairs(deployment: &Deployment) -> Vec<(&Service, &DjangoProcess, &Service, &DjangoProcess)> {
    let of_role = |roles: &'static [Role]| {
        let services = deployment.services_by_place().into_iter().filter(move |it| roles.contains(&it.role));
        services.filter_map(|service| Some((service, service.django.as_ref()?)))
    };
    let webs: Vec<_> = of_role(&[Role::Web]).collect();
    let behind = of_role(&[Role::Worker, Role::Scheduler, Role::Job]);
    let found = behind.filter_map(|(service, django)| {
        let mut same = webs.iter().filter(|(_, web)| web.project == django.project);
        // Several sites of one project have settings of their own, and workers too.
        match (same.next(), same.next()) {
            (Some((web, of_web)), None) => Some((*web, *of_web, service, django)),
            _ => None,
        }
    });
    found.collect()
}

/// `project/settings-module-differs`
pub fn settings_module_differs(deployment: &Deployment, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for (web, of_web, service, django) in pairs(deployment) {
        let (Some(ours), Some(theirs)) = (of_web.module.value.known(), django.module.value.known()) else { continue };
        let for_another = |module: &str| {
            let named = named_in(module).map(|(environment, _)| environment);
            named.is_some_and(|named| named != deployment.environment)
        };
        // A command may have settings of its own, made for it; and so may a worker.
        let made_for_it = ["worker", "celery", "beat", "task", "job", "cron", "migrat", "huey", "rq"]
            .iter()
            .any(|word| theirs.to_lowercase().contains(word));
        let apart = for_another(theirs) || (service.role != Role::Job && !made_for_it);
        // What is on there is told with the way that leads to it.
        if ours == theirs || !apart || (django.settings.debugs() && !of_web.settings.debugs()) {
            continue;
        }
        let chosen = |django: &DjangoProcess| {
            let mut steps = django.module.trail.iter().rev();
            steps.find(|step| matches!(step.act, Act::Chooses(_) | Act::Sets(_))).map(|step| step.place.clone())
        };
        let (own, other, of_own) = if for_another(ours) { (web, service, of_web) } else { (service, web, django) };
        let (here, there) = if for_another(ours) { (ours, theirs) } else { (theirs, ours) };
        let message = format!("`{}` runs with the settings `{here}`, and `{}` with `{there}`", own.name, other.name);
        let finding = findings.report(own.place.clone(), message);
        finding
            .help("set `DJANGO_SETTINGS_MODULE` once for both, such as by an anchor or in the image")
            .related(other.place.clone(), format!("runs with `{there}`"))
            .anchor(format!("service {}", own.name));
        if let Some(place) = chosen(of_own) {
            finding.related(place, format!("chooses `{here}`"));
        }
        if !for_another(here) {
            finding.at_most(Severity::Warning);
        }
    }
}

/// `project/worker-works-elsewhere`
pub fn worker_works_elsewhere(deployment: &Deployment, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for (web, of_web, service, django) in pairs(deployment) {
        // Two settings modules are one trouble, and told as such.
        if of_web.module.value != django.module.value {
            continue;
        }
        let Some((message, ours, theirs)) = differs(&of_web.settings, &django.settings, &web.name, &service.name)
        else {
            continue;
        };
        let falls_back = |reading: &Reading| {
            reading.value.trail.iter().any(|step| matches!(step.act, Act::FallsBack(_) | Act::Reads(_)))
                && !reading.value.trail.iter().any(|step| matches!(step.act, Act::Sets(_)))
        };
        // What a service lacks is mended where it is declared.
        let place = |service: &Service, django: &DjangoProcess, reading: &Reading| -> Place {
            if falls_back(reading) { service.place.clone() } else { django.place(reading) }
        };
        let (own, other) = (place(service, django, &theirs), place(web, of_web, &ours));
        if own == other {
            continue;
        }
        findings
            .report(own, message)
            .help("give both the same variables: one `env_file`, or an anchor for `environment`")
            .related(other, format!("what `{}` has", web.name))
            .trail(&theirs.value.trail)
            .anchor(format!("service {}", service.name));
    }
}

/// What two processes have to share, where they surely do not.
fn differs(web: &Settings, worker: &Settings, ours: &str, theirs: &str) -> Option<(String, Reading, Reading)> {
    let both = |path: &[&str]| {
        let (a, b) = (web.read(path), worker.read(path));
        (a.text().is_some() && b.text().is_some()).then_some((a, b))
    };
    let last = |reading: &Reading| reading.text().unwrap_or_default().rsplit('.').next().unwrap_or_default().to_owned();
    if let Some((a, b)) = both(&["DATABASES", "default", "ENGINE"])
        && (last(&a) == "sqlite3") != (last(&b) == "sqlite3")
    {
        let message =
            format!("`{theirs}` works on another database than `{ours}`: `{}`, and not `{}`", last(&b), last(&a));
        return Some((message, a, b));
    }
    if let Some((a, b)) = both(&["DATABASES", "default", "NAME"])
        && last(&web.read(&["DATABASES", "default", "ENGINE"])) != "sqlite3"
        && a.text() != b.text()
    {
        let message = format!(
            "`{theirs}` works on another database than `{ours}`: `{}`, and not `{}`",
            b.text().unwrap_or_default(),
            a.text().unwrap_or_default()
        );
        return Some((message, a, b));
    }
    for name in ["CELERY_BROKER_URL", "BROKER_URL"] {
        if let Some((a, b)) = both(&[name])
            && without_account(&a) != without_account(&b)
        {
            return Some((format!("`{theirs}` waits for tasks at another broker than `{ours}` sends them to"), a, b));
        }
    }
    let (a, b) = both(&["SECRET_KEY"])?;
    (a.text() != b.text()).then(|| {
        (format!("`{theirs}` has another SECRET_KEY than `{ours}`, which refuses the links that it signs"), a, b)
    })
}

/// An address without the account that is used there: each process may have its own.
fn without_account(address: &Reading) -> String {
    let text = address.text().unwrap_or_default();
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    format!("{scheme}://{}", rest.trim_end_matches('/'))
}

/// `project/image-version-differs`
pub fn image_version_differs(deployment: &Deployment, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let roles = [Role::Web, Role::Worker, Role::Scheduler, Role::Job];
    let services: Vec<_> = deployment.services_by_place().into_iter().filter(|it| roles.contains(&it.role)).collect();
    let tag = |service: &Service| {
        let image = service.image.as_ref()?;
        let tag = image.reference.tag.clone()?;
        let digits = tag.trim_start_matches('v');
        // `web-1.2` and `worker-1.2` are two images, not two versions.
        let version = digits.contains('.') && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        version.then(|| (image.reference.repository.clone(), tag))
    };
    let Some(web) = services.iter().find(|it| it.role == Role::Web) else { return };
    let Some((repository, ours)) = tag(web) else { return };
    for service in services.iter().filter(|it| it.role != Role::Web) {
        let Some((_, theirs)) = tag(service).filter(|(of, theirs)| *of == repository && *theirs != ours) else {
            continue;
        };
        let Some(image) = &service.image else { continue };
        let finding = findings.report(
            image.place.clone(),
            format!("`{}` runs version {theirs} of `{repository}`, and `{}` version {ours}", service.name, web.name),
        );
        finding
            .help("give both the same tag, such as by a variable: `image: …:${TAG}`")
            .anchor(format!("service {}", service.name));
        if let Some(image) = &web.image {
            finding.related(image.place.clone(), format!("`{}` has version {ours}", web.name));
        }
    }
}

/// `project/command-settings-differ`
pub fn command_settings_differ(service: &Service, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    const VARIABLE: &str = "DJANGO_SETTINGS_MODULE";
    let Some(django) = &service.django else { return };
    let project = cx.model.projects.iter().find(|project| project.root == django.project);
    let Some(default) = project.and_then(|project| project.manage_default()) else { return };
    let Some(ours) = django.module.value.known().filter(|ours| **ours != default.module.value) else { return };
    let unset = matches!(service.process.variables.lookup(VARIABLE), Lookup::Unset);
    let serves = service.process.runs.iter().any(|run| run.likely() && app_server(&run.invocation).is_some());
    if !unset || !serves || default.forced {
        return;
    }
    // Other commands ask nothing of settings that differ between modules.
    let telling = |name: &str| matches!(name, "migrate" | "migrate_schemas" | "collectstatic" | "createcachetable");
    let runs = service.process.runs.iter().filter(|run| run.likely());
    let command = runs.filter_map(|run| Some((run, django_command(&run.invocation)?)));
    let first = command.into_iter().find(|(_, command)| command.settings.is_none() && telling(&command.name));
    let Some((run, command)) = first else { return };
    let theirs = &default.module;
    let finding = findings.report(
        run.place(),
        format!("`{}` runs with the settings `{}`, and the server with `{ours}`", command.name.value, theirs.value),
    );
    finding
        .help(format!("set `{VARIABLE}={ours}` in the image or for the service"))
        .related(Place::new(default.path.clone(), theirs.span), "manage.py falls back to this")
        .trail(&django.module.trail)
        .anchor(format!("command {}", command.name.value));
    if named_in(theirs).is_none_or(|(environment, _)| environment == django.environment) {
        finding.at_most(Severity::Warning);
    }
}

/// `project/development-settings`
pub fn development_settings(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(module) = django.module.value.known() else { return };
    // Where DEBUG is on, that is said, with the way that leads to it.
    if !django.loads_developers_module() || django.settings.debugs() {
        return;
    }
    let chosen = django.module.trail.iter().find(|step| matches!(step.act, Act::Sets(_) | Act::Chooses(_)));
    let Some(place) = chosen.map(|step| step.place.clone()) else { return };
    findings
        .report(place, format!("`{}` runs with the settings of developers in {}", django.service, django.environment))
        .help("name the settings module of this environment in `DJANGO_SETTINGS_MODULE`")
        .trail(&django.module.trail)
        .anchor(format!("service {}", django.service))
        .evidence(module.clone());
}
