//! What Django's own checks refuse, beside security: languages, folders, caches in files.

use super::tell;
use crate::findings::{Findings, Severity};
use crate::project::deployment::{DjangoProcess, Service};
use crate::project::django::classes::{
    CSRF_MIDDLEWARE, FILE_CACHE, LOGIN_REQUIRED_MIDDLEWARE, SECURITY_MIDDLEWARE, SESSION_MIDDLEWARE,
};
use crate::project::settings::{PyValue, REPOSITORY, Reading, Settings};
use crate::rules::Cx;

/// `settings/language-unknown`
pub fn language_unknown(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    if let Some(code) = languages(settings).and_then(|codes| codes.into_iter().find(|code| !is_language(code))) {
        let offered = settings.read(&["LANGUAGES"]);
        let message = format!("LANGUAGES has `{code}`, which is no language code, and `migrate` stops with an error");
        tell(findings, django, &offered, "LANGUAGES", message).help("write it with a hyphen, as browsers do: `pt-br`");
        return;
    }
    let read_backwards = settings.list("LANGUAGES_BIDI").unwrap_or_default();
    if let Some((code, _)) = read_backwards.texts().find(|(code, _)| !is_language(code)) {
        let setting = settings.read(&["LANGUAGES_BIDI"]);
        let message =
            format!("LANGUAGES_BIDI has `{code}`, which is no language code, and `migrate` stops with an error");
        tell(findings, django, &setting, "LANGUAGES_BIDI", message).help("leave LANGUAGES_BIDI out: Django knows them");
        return;
    }
    let language = settings.read(&["LANGUAGE_CODE"]);
    let own = settings.assigns("LANGUAGE_CODE");
    let unset = !settings.values.contains_key("LANGUAGE_CODE") && settings.more.is_none();
    if let Some(offered) = languages(settings).filter(|offered| unset && !is_among("en-us", offered)) {
        let message = format!(
            "LANGUAGE_CODE is not set, and the default `en-us` is not in LANGUAGES ({}): `migrate` stops with an error",
            offered.join(", ")
        );
        let reading = settings.read(&["LANGUAGES"]);
        tell(findings, django, &reading, "LANGUAGE_CODE", message).help("set LANGUAGE_CODE to one of LANGUAGES");
        return;
    }
    let Some(code) = language.text().filter(|_| own) else { return };
    let trouble = if !is_language(code) {
        "is no language code"
    } else if languages(settings).is_some_and(|known| !is_among(code, &known)) {
        "is not in LANGUAGES"
    } else {
        return;
    };
    let help = match code.contains('_') {
        true => "write it with a hyphen, as browsers do: `pt-br`",
        false => "name one of LANGUAGES",
    };
    let message = format!("the language `{code}` {trouble}, and `migrate` stops with an error");
    tell(findings, django, &language, "LANGUAGE_CODE", message).help(help);
}

/// Django's `language_code_re`: `^[a-z]{1,8}(?:-[a-z0-9]{1,8})*(?:@[a-z0-9]{1,20})?$`.
fn is_language(code: &str) -> bool {
    let (code, variant) = code.split_once('@').map_or((code, None), |(code, variant)| (code, Some(variant)));
    let word = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let mut parts = code.split('-');
    parts.next().is_some_and(|first| word(first, 8) && first.bytes().all(|byte| byte.is_ascii_alphabetic()))
        && parts.all(|part| word(part, 8))
        && variant.is_none_or(|variant| word(variant, 20))
}

/// The codes of LANGUAGES, where the project has its own and all are known.
fn languages(settings: &Settings) -> Option<Vec<String>> {
    let list = settings.list("LANGUAGES").filter(|list| !list.more && settings.assigns("LANGUAGES"))?;
    let code = |value: &PyValue| Some(value.as_sequence()?.items.first()?.value.value.known()?.as_str()?.to_owned());
    list.items.iter().map(|item| item.value.value.known().and_then(code)).collect()
}

/// Whether a language is one of those, or stands in for it: `de-at` for `de`, `en` for `en-gb`.
fn is_among(code: &str, known: &[String]) -> bool {
    let first = |text: &str| text.split('-').next().unwrap_or_default().to_ascii_lowercase();
    known.iter().any(|other| first(other) == first(code))
}

/// `settings/login-required-too-early`
pub fn login_required_too_early(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(list) = django.settings.list("MIDDLEWARE").filter(|list| !list.more) else { return };
    let Some(at) = list.position(LOGIN_REQUIRED_MIDDLEWARE) else { return };
    let knows = |text: &str| text.ends_with("AuthenticationMiddleware");
    let unclear = list.texts().count() != list.items.len();
    // One of the project's own may be derived from it.
    let before = list.items[..at].iter().filter_map(|item| item.value.value.known()?.as_str()).any(knows);
    if !before && !unclear {
        let reading = list.items[at].reading(django.settings.assigned("MIDDLEWARE"));
        let message = "LoginRequiredMiddleware asks who is signed in before AuthenticationMiddleware tells";
        tell(findings, django, &reading, "MIDDLEWARE", message.to_owned())
            .help("put it right after `django.contrib.auth.middleware.AuthenticationMiddleware`");
    }
}

/// The folders of caches in files, by alias.
fn cache_folders(settings: &Settings) -> Vec<(String, Reading)> {
    let in_files = |cache: &Reading| cache.read(&["BACKEND"]).text() == Some(FILE_CACHE);
    let caches = settings.entries("CACHES").into_iter().filter(|(_, cache)| in_files(cache));
    caches.map(|(alias, cache)| (alias, cache.read(&["LOCATION"]))).collect()
}

fn path(reading: &Reading) -> Option<&str> {
    reading.value.value.known().and_then(PyValue::as_path).map(|path| path.trim_end_matches('/'))
}

/// Whether one folder is the other, or lies in it.
fn is_inside(inner: &str, outer: &str) -> bool {
    !outer.is_empty() && inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn shown(path: &str) -> &str {
    path.strip_prefix(REPOSITORY).map_or(path, |inside| inside.trim_start_matches('/'))
}

/// `settings/cache-in-public-folder`
pub fn cache_in_public_folder(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    for (alias, location) in cache_folders(settings) {
        let Some(folder) = path(&location).filter(|folder| folder.starts_with('/')) else { continue };
        let touches = |name: &&&str| {
            let public = settings.read(&[name]);
            path(&public).is_some_and(|public| is_inside(folder, public) || is_inside(public, folder))
        };
        if let Some(name) = ["MEDIA_ROOT", "STATIC_ROOT"].iter().find(touches) {
            let message = format!("the cache `{alias}` keeps its files in `{}`, which touches {name}", shown(folder));
            let finding = tell(findings, django, &location, "CACHES", message);
            finding.help("give the cache a folder of its own, or use Redis or Memcached").evidence(alias);
        }
    }
}

/// `settings/cache-path-relative`
pub fn cache_path_relative(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for (alias, location) in cache_folders(&django.settings) {
        let text = location.text().filter(|text| !text.is_empty() && !text.starts_with('/') && !text.contains(':'));
        if let Some(text) = text {
            let message = format!("the cache `{alias}` is in `{text}` below whatever folder the process starts in");
            tell(findings, django, &location, "CACHES", message)
                .help("write the whole path, such as `BASE_DIR / \"cache\"`")
                .evidence(alias);
        }
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

/// `settings/uploads-among-static-files`
pub fn uploads_among_static_files(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    if !settings.has_app("django.contrib.staticfiles") {
        return;
    }
    let (media, files) = (settings.read(&["MEDIA_ROOT"]), settings.read(&["STATIC_ROOT"]));
    if let (Some(inner), Some(outer)) = (path(&media), path(&files))
        && is_inside(inner, outer)
    {
        let same = inner == outer;
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

/// `settings/switch-is-number`
pub fn switch_is_number(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    const CHECKED: [(&str, &str); 7] = [
        ("SECURE_SSL_REDIRECT", "security.W008"),
        ("SECURE_HSTS_INCLUDE_SUBDOMAINS", "security.W005"),
        ("SECURE_HSTS_PRELOAD", "security.W021"),
        ("SECURE_CONTENT_TYPE_NOSNIFF", "security.W006"),
        ("SESSION_COOKIE_SECURE", "security.W012"),
        ("SESSION_COOKIE_HTTPONLY", "security.W015"),
        ("CSRF_COOKIE_SECURE", "security.W016"),
    ];
    for (name, check) in CHECKED {
        let switch = django.settings.read(&[name]);
        let value = match (switch.int(), switch.text()) {
            (Some(number), _) if number != 0 => format!("number {number}"),
            (_, Some(text)) if !text.is_empty() => format!("text `{text}`"),
            _ => continue,
        };
        if checks(django, check) {
            let message = format!("{name} is the {value}, which Django's check {check} takes for off");
            tell(findings, django, &switch, name, message).help(format!("`{name} = True`, or a value made into one"));
        }
    }
}

/// Whether Django gets as far as asking for the setting of one of its checks for switches.
fn checks(django: &DjangoProcess, check: &str) -> bool {
    let lists = |setting: &str, dotted: &str| django.lists(setting, dotted) == Some(true);
    let secured = || lists("MIDDLEWARE", SECURITY_MIDDLEWARE);
    let asks = match check {
        "security.W005" | "security.W021" => secured() && django.is_on("SECURE_HSTS_SECONDS"),
        "security.W006" | "security.W008" => secured(),
        "security.W012" | "security.W015" => {
            lists("INSTALLED_APPS", "django.contrib.sessions") && lists("MIDDLEWARE", SESSION_MIDDLEWARE)
        }
        _ => lists("MIDDLEWARE", CSRF_MIDDLEWARE) && !django.is_on("CSRF_USE_SESSIONS"),
    };
    asks && !django.silences(check)
}

/// `settings/async-safety-off`
pub fn async_safety_off(service: &Service, _: &Cx<'_>, findings: &mut Findings<'_>) {
    const NAME: &str = "DJANGO_ALLOW_ASYNC_UNSAFE";
    let Some(set) = service.process.variables.set.get(NAME).filter(|_| service.django.is_some()) else { return };
    // Any text will do; only the empty one is none.
    if set.value.likely().is_some_and(|value| !value.is_empty()) {
        let place = set.decided_at().cloned().unwrap_or_else(|| service.place.clone());
        findings
            .report(place, format!("`{NAME}` lets requests of `{}` share what no two may use at once", service.name))
            .help("take it out, and call the database by `sync_to_async` or the async methods of querysets")
            .trail(&set.trail)
            .anchor(format!("variable {NAME}"));
    }
}
