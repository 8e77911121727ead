use super::{tell, tell_setting};
use crate::findings::{Findings, Severity};
use crate::project::deployment::DjangoProcess;
use crate::project::settings::Settings;
use crate::rules::Cx;

/// The class of a storage, by the setting of today or the one before; `None` where it is not certain.
pub(super) fn storage(settings: &Settings, alias: &str) -> Option<String> {
    let legacy = if alias == "default" { "DEFAULT_FILE_STORAGE" } else { "STATICFILES_STORAGE" };
    let today = settings.read(&["STORAGES", alias, "BACKEND"]);
    today.text().map(str::to_owned).or_else(|| settings.read(&[legacy]).text().map(str::to_owned))
}

/// The settings that `STORAGES` has taken the place of.
pub(super) const LEGACY: [(&str, &str); 2] =
    [("DEFAULT_FILE_STORAGE", "default"), ("STATICFILES_STORAGE", "staticfiles")];

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
