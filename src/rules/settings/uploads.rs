use super::storages::{LEGACY, storage};
use super::tell;
use crate::findings::{Findings, Severity};
use crate::project::deployment::DjangoProcess;
use crate::project::settings::{lies_in, shown_path};
use crate::rules::Cx;

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
    let path = media.path().filter(|path| !path.is_empty());
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

/// `settings/uploads-among-static-files`
pub fn uploads_among_static_files(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    if !settings.has_app("django.contrib.staticfiles") {
        return;
    }
    let (media, files) = (settings.read(&["MEDIA_ROOT"]), settings.read(&["STATIC_ROOT"]));
    if let (Some(inner), Some(outer)) = (media.path(), files.path())
        && lies_in(inner, outer)
    {
        let same = lies_in(outer, inner);
        let message = match same {
            true => "MEDIA_ROOT and STATIC_ROOT are one folder, and Django refuses to work with static files",
            false => "MEDIA_ROOT lies in STATIC_ROOT: `collectstatic --clear` deletes the uploads",
        };
        let finding = tell(findings, django, &media, "MEDIA_ROOT", message.to_owned());
        finding.help("give uploads a folder of their own: `MEDIA_ROOT = BASE_DIR / \"media\"`");
        if !same {
            finding.at_most(Severity::Warning);
        }
        return;
    }
    let (media, files) = (settings.read(&["MEDIA_URL"]), settings.read(&["STATIC_URL"]));
    if media.text().is_some_and(|address| !address.is_empty() && Some(address) == files.text()) {
        let message = "MEDIA_URL and STATIC_URL are the same, and Django refuses to work with static files";
        tell(findings, django, &media, "MEDIA_URL", message.to_owned()).help("`MEDIA_URL = \"/media/\"`");
    }
}
