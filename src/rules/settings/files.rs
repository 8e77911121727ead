use super::{tell, tell_setting};
use crate::findings::{Findings, Severity};
use crate::project::Model;
use crate::project::command::django as django_command;
use crate::project::deployment::{DjangoProcess, Service};
use crate::project::image::CopySource;
use crate::project::settings::{PyValue, Settings, shown_path};
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

/// The class of a storage, by the setting of today or the one before; `None` where it is not certain.
fn storage(settings: &Settings, alias: &str) -> Option<String> {
    let legacy = if alias == "default" { "DEFAULT_FILE_STORAGE" } else { "STATICFILES_STORAGE" };
    let today = settings.read(&["STORAGES", alias, "BACKEND"]);
    today.text().map(str::to_owned).or_else(|| settings.read(&[legacy]).text().map(str::to_owned))
}

/// The settings that `STORAGES` has taken the place of.
const LEGACY: [(&str, &str); 2] = [("DEFAULT_FILE_STORAGE", "default"), ("STATICFILES_STORAGE", "staticfiles")];

/// `settings/storage-setting-ignored`
pub fn storage_setting_ignored(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    if settings.values.contains_key("STORAGES")
        || settings.more.is_some()
        || cx.model.django_versions(django).since((5, 1)) != Some(true)
    {
        return;
    }
    for (name, alias) in LEGACY {
        let storage = settings.read(&[name]);
        let Some(class) = storage.text() else { continue };
        // The defaults do what is asked for.
        if ["FileSystemStorage", "django.contrib.staticfiles.storage.StaticFilesStorage"]
            .iter()
            .any(|end| class.ends_with(end))
        {
            continue;
        }
        let finding = tell(
            findings,
            django,
            &storage,
            name,
            format!("Django 5.1 and later ignore {name}, so that `{class}` is not used"),
        );
        finding.help(format!(
            "write `STORAGES = {{\"{alias}\": {{\"BACKEND\": \"{class}\"}}, …}}`, with both `default` and `staticfiles`"
        ));
        // Uploads are lost; static files are still served, without what the class would have added.
        if alias == "staticfiles" {
            finding.at_most(Severity::Warning);
        }
    }
}

/// `settings/storages-conflict`
pub fn storages_conflict(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let versions = cx.model.django_versions(django);
    let settings = &django.settings;
    if versions.since((4, 2)) != Some(true) || versions.since((5, 1)) != Some(false) || !settings.assigns("STORAGES") {
        return;
    }
    for (name, _) in LEGACY.into_iter().filter(|(name, _)| settings.assigns(name)) {
        tell_setting(findings, django, name, format!("{name} and STORAGES are both set, and Django does not start"))
            .help(format!("take {name} out"));
    }
}

/// `settings/storages-incomplete`
pub fn storages_incomplete(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    if cx.model.django_versions(django).since((4, 2)) == Some(false) || !settings.assigns("STORAGES") {
        return;
    }
    let storages = settings.read(&["STORAGES"]);
    let lacks = |alias: &str| storages.read(&[alias]).value.value.is_absent();
    let uploads = settings.read(&["MEDIA_ROOT"]).is_truthy() || settings.read(&["MEDIA_URL"]).is_truthy();
    let trouble = if lacks("staticfiles") && settings.has_app("django.contrib.staticfiles") {
        "has no `staticfiles`: commands stop with an error, and `{% static %}` fails"
    } else if lacks("default") && uploads {
        "has no `default`: the first upload fails"
    } else {
        return;
    };
    tell(findings, django, &storages, "STORAGES", format!("STORAGES {trouble}"))
        .help("name both: STORAGES takes the place of Django's default as a whole");
}

/// `settings/uploads-not-kept`
pub fn uploads_not_kept(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    let media = settings.read(&["MEDIA_ROOT"]);
    let on_disk = match storage(settings, "default") {
        Some(class) => class.ends_with("FileSystemStorage"),
        None => {
            LEGACY.iter().all(|(name, _)| !settings.values.contains_key(*name))
                && !settings.values.contains_key("STORAGES")
        }
    };
    let path = media.value.value.known().and_then(PyValue::as_path).filter(|path| !path.is_empty());
    let Some(path) = path.filter(|_| on_disk && django.serves && settings.more.is_none() && !settings.debugs()) else {
        return;
    };
    let service = cx.deployment.and_then(|deployment| deployment.service(&django.service));
    let Some(service) = service.filter(|service| service.keeps(path) == Some(false)) else { return };
    // Many set the folder that never take a file.
    if !cx.model.takes_uploads(django) {
        return;
    }
    let message = format!(
        "uploads go to `{}` inside the container of `{}`, and are lost when it is replaced",
        shown_path(path),
        service.name
    );
    tell(findings, django, &media, "MEDIA_ROOT", message)
        .help("mount a named volume there, or keep uploads in an object store (django-storages)")
        .related(service.place.clone(), "has no volume there");
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
    let Some(root) = root.value.value.known().and_then(PyValue::as_path).map(|path| path.trim_end_matches('/')) else {
        return;
    };
    let folders = settings.list("STATICFILES_DIRS").unwrap_or_default();
    for item in folders.items.iter().filter(|_| settings.has_app("django.contrib.staticfiles")) {
        let reading = item.reading(settings.assigned("STATICFILES_DIRS"));
        let path =
            reading.value.value.known().and_then(PyValue::as_path).map(|path| path.trim_end_matches('/').to_owned());
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

/// `settings/upload-permissions-decimal`
pub fn upload_permissions_decimal(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for name in ["FILE_UPLOAD_PERMISSIONS", "FILE_UPLOAD_DIRECTORY_PERMISSIONS"] {
        let mode = django.settings.read(&[name]);
        let Some(number) = mode.int() else { continue };
        // What people write for modes; as decimal numbers these are modes that nobody means.
        if [600, 640, 644, 660, 664, 666, 700, 750, 755, 770, 775, 777].contains(&number) {
            tell(
                findings,
                django,
                &mode,
                name,
                format!("{name} is the decimal number {number}, which is the mode {number:o}"),
            )
            .help(format!("write it in octal: `0o{number}`"));
        }
    }
}

/// `settings/upload-limits-off`
pub fn upload_limits_off(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    const LIMITS: [(&str, &str); 3] = [
        ("DATA_UPLOAD_MAX_MEMORY_SIZE", "a body of any size is read into memory"),
        ("DATA_UPLOAD_MAX_NUMBER_FIELDS", "a form may have any number of fields"),
        ("DATA_UPLOAD_MAX_NUMBER_FILES", "a form may have any number of files"),
    ];
    let off =
        LIMITS.into_iter().find(|(name, _)| django.settings.assigns(name) && django.settings.read(&[name]).is_none());
    if let Some((name, what)) = off {
        let limit = django.settings.read(&[name]);
        tell(findings, django, &limit, name, format!("{name} is None: {what}"))
            .help("write the number that your largest form needs");
    }
}

/// `settings/upload-folder-missing`
pub fn upload_folder_missing(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let folder = django.settings.read(&["FILE_UPLOAD_TEMP_DIR"]);
    let service = cx.deployment.and_then(|deployment| deployment.service(&django.service));
    let (Some(path), Some(service)) = (folder.inside_repository(), service) else { return };
    if service.lacks_folder(cx.model, &path) {
        let message = format!(
            "the folder `{path}` is not in the repository, and nothing makes it: `migrate` stops with an error"
        );
        tell(findings, django, &folder, "FILE_UPLOAD_TEMP_DIR", message)
            .help("leave FILE_UPLOAD_TEMP_DIR out, or make the folder in the Dockerfile");
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
