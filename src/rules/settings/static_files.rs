use super::storages::storage;
use super::tell;
use crate::findings::{Findings, Severity};
use crate::project::Model;
use crate::project::command::django as django_command;
use crate::project::deployment::{DjangoProcess, Service};
use crate::project::image::CopySource;
use crate::project::settings::PyValue;
use crate::project::usage::{CommandUse, Origin};
use crate::rules::Cx;
use crate::source::Place;

/// `settings/static-root-missing`
pub fn static_root_missing(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    let root = settings.read(&["STATIC_ROOT"]);
    let to_disk = match storage(settings, "staticfiles") {
        None => !settings.values.contains_key("STORAGES") && !settings.values.contains_key("STATICFILES_STORAGE"),
        Some(class) => class.starts_with("django.contrib.staticfiles.") || class.starts_with("whitenoise."),
    };
    if !settings.has_app("django.contrib.staticfiles") || !root.is_falsy() || settings.more.is_some() || !to_disk {
        return;
    }
    let service = cx.deployment.and_then(|deployment| deployment.service(&django.service));
    let Some(place) = service.and_then(|service| collects(service, cx.model)) else { return };
    tell(findings, django, &root, "STATIC_ROOT", "collectstatic is run without STATIC_ROOT, and fails".to_owned())
        .help("set `STATIC_ROOT = BASE_DIR / \"staticfiles\"`")
        .related(place, "runs collectstatic");
}

/// Where a service collects static files: when it starts, or while its image is built.
fn collects(service: &Service, model: &Model) -> Option<Place> {
    let starts = service.process.runs.iter().filter(|run| run.likely());
    let at_start = starts.filter(|run| is_collectstatic(&run.invocation)).map(|run| run.place()).next();
    let in_build = || {
        let build = service.build.as_ref()?;
        let built = |command: &&CommandUse| matches!(command.origin, Origin::Build { stage } if build.has_stage(&command.path, stage));
        let mut commands = model.commands.iter().filter(built);
        commands.find(|command| is_collectstatic(&command.invocation)).map(|command| command.place())
    };
    at_start.or_else(in_build)
}

fn is_collectstatic(invocation: &crate::project::command::Invocation) -> bool {
    // With settings of its own it may have a STATIC_ROOT of its own.
    django_command(invocation)
        .is_some_and(|command| command.name.as_str() == "collectstatic" && command.settings.is_none())
}

/// `settings/whitenoise-late`
pub fn whitenoise_late(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(list) = django.settings.likely_list("MIDDLEWARE").filter(|list| !list.more) else { return };
    let Some(at) = list.position("whitenoise.middleware.WhiteNoiseMiddleware") else { return };
    let works = [
        "SessionMiddleware",
        "CommonMiddleware",
        "AuthenticationMiddleware",
        "GZipMiddleware",
        "UpdateCacheMiddleware",
        "LocaleMiddleware",
    ];
    let before = list.items[..at].iter().filter_map(|item| item.value.value.known()?.as_str());
    let first = before.filter_map(|path| path.rsplit('.').next()).find(|class| works.contains(class));
    if let Some(class) = first {
        let reading = list.items[at].reading(django.settings.assigned("MIDDLEWARE"));
        tell(
            findings,
            django,
            &reading,
            "MIDDLEWARE",
            format!("each static file goes through `{class}` before WhiteNoise serves it"),
        )
        .help("put WhiteNoise right after `SecurityMiddleware`")
        .at_most(Severity::Warning);
    }
}

/// `settings/static-root-among-sources`
pub fn static_root_among_sources(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    let root = settings.read(&["STATIC_ROOT"]);
    let Some(root) = root.path().map(|path| path.trim_end_matches('/')) else {
        return;
    };
    let folders = settings.list("STATICFILES_DIRS").unwrap_or_default();
    for item in folders.items.iter().filter(|_| settings.has_app("django.contrib.staticfiles")) {
        let reading = item.reading(settings.assigned("STATICFILES_DIRS"));
        let path = reading.path().map(|path| path.trim_end_matches('/').to_owned());
        if path.is_some_and(|path| !path.is_empty() && path == root) {
            tell(
                findings,
                django,
                &reading,
                "STATICFILES_DIRS",
                "STATICFILES_DIRS has STATIC_ROOT in it, and collectstatic stops with an error".to_owned(),
            )
            .help("give collected files a folder of their own: `STATIC_ROOT = BASE_DIR / \"staticfiles\"`");
        }
    }
}

/// `settings/static-manifest-missing`
pub fn static_manifest_missing(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    let class = storage(settings, "staticfiles").filter(|class| class.ends_with("ManifestStaticFilesStorage"));
    let Some(class) = class.filter(|_| cx.model.complete && django.serves && !settings.debugs()) else { return };
    // The old name is read until Django 5.0; from 5.1 on it has a rule of its own.
    let versions = cx.model.django_versions(django);
    let in_force = settings.assigns("STORAGES") || versions.since((5, 1)) == Some(false);
    if in_force && settings.has_app("django.contrib.staticfiles") && !cx.model.mentions(&["collectstatic"]) {
        let setting = if settings.assigns("STORAGES") { "STORAGES" } else { "STATICFILES_STORAGE" };
        let about = settings.read(&[setting]);
        let class = class.rsplit('.').next().unwrap_or(&class).to_owned();
        tell(
            findings,
            django,
            &about,
            setting,
            format!("`{class}` needs the manifest that collectstatic writes, and nothing runs it"),
        )
        .help("run `python manage.py collectstatic --noinput` while the image is built");
    }
}

/// `settings/static-folder-missing`
pub fn static_folder_missing(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    let service = cx.deployment.and_then(|deployment| deployment.service(&django.service));
    let build = service.and_then(|service| service.build.as_ref());
    // What a front end builds is copied from another stage, and mounts have what is not in the repository.
    let plain = build.is_some_and(|build| build.copies().all(|(_, copy)| copy.from == CopySource::Context))
        && service.and_then(|service| service.compose.as_ref()).is_some_and(|compose| compose.volumes.is_empty());
    if !cx.model.complete || !plain || !settings.has_app("django.contrib.staticfiles") {
        return;
    }
    for item in settings.list("STATICFILES_DIRS").unwrap_or_default().items {
        let reading = item.reading(settings.assigned("STATICFILES_DIRS"));
        let Some(path) = reading.inside_repository().filter(|path| !cx.model.has_folder(path)) else { continue };
        let message = format!("STATICFILES_DIRS has `{path}`, which is not in the repository");
        tell(findings, django, &reading, "STATICFILES_DIRS", message)
            .help("take it out, or make it where static files are collected")
            .evidence(path.as_str());
    }
}

/// `settings/static-folder-malformed`
pub fn static_folder_malformed(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    if !settings.has_app("django.contrib.staticfiles") {
        return;
    }
    let whole = settings.read(&["STATICFILES_DIRS"]);
    if matches!(whole.value.value.known(), Some(PyValue::Str(_) | PyValue::Path(_) | PyValue::Set(_))) {
        let message = "STATICFILES_DIRS is no list or tuple, and `migrate` stops with an error";
        tell(findings, django, &whole, "STATICFILES_DIRS", message.to_owned())
            .help("write a list; a tuple of one needs a comma behind it");
        return;
    }
    for item in settings.list("STATICFILES_DIRS").unwrap_or_default().items {
        let reading = item.reading(settings.assigned("STATICFILES_DIRS"));
        let pair = reading.value.value.known().and_then(PyValue::as_sequence).filter(|pair| pair.items.len() == 2);
        let prefix = pair.and_then(|pair| pair.items[0].value.value.known()?.as_str().map(str::to_owned));
        if let Some(prefix) = prefix.filter(|prefix| prefix.ends_with('/')) {
            let message = format!("the prefix `{prefix}` ends with a slash, and `migrate` stops with an error");
            tell(findings, django, &reading, "STATICFILES_DIRS", message).help("leave the slash out").evidence(prefix);
        }
    }
}
