use super::{tell, tell_setting};
use crate::findings::Findings;
use crate::project::deployment::DjangoProcess;
use crate::project::django::classes::COMMON_MIDDLEWARE;
use crate::project::env_files::taken_for_yes::says_no;
use crate::project::settings::{PyValue, Reading, Settings};
use crate::rules::Cx;

const CORS: &str = "corsheaders.middleware.CorsMiddleware";

/// The setting that lets every origin in, by its name of today or the one before, where the middleware reads it.
fn all_origins(settings: &Settings) -> Option<(&'static str, Reading)> {
    let name = ["CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL"]
        .into_iter()
        .find(|name| settings.values.contains_key(*name))?;
    let reading = settings.read(&[name]);
    // Who wrote "no" is told that any text means yes, by `settings/cors-switch-not-bool`.
    let meant = !(settings.has_app("corsheaders") && reading.text().is_some_and(says_no));
    (settings.has_middleware(CORS) && reading.is_truthy() && meant && !settings.debugs()).then_some((name, reading))
}

/// `settings/cors-allow-all`
pub fn cors_allow_all(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some((name, reading)) = all_origins(&django.settings) else { return };
    // Who names the addresses that are open has thought of it.
    let limited = django.settings.values.contains_key("CORS_URLS_REGEX");
    if !limited && !django.settings.read(&["CORS_ALLOW_CREDENTIALS"]).is_truthy() {
        tell(findings, django, &reading, name, format!("{name} lets scripts of every site read the answers"))
            .help("name the sites in CORS_ALLOWED_ORIGINS");
    }
}

/// `settings/cors-allow-all-with-credentials`
pub fn cors_allow_all_with_credentials(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some((name, reading)) = all_origins(&django.settings) else { return };
    let credentials = django.settings.read(&["CORS_ALLOW_CREDENTIALS"]);
    if credentials.is_truthy() {
        let place = django.place(&credentials);
        tell(findings, django, &reading, name, "scripts of every site can read what a signed-in user sees".to_owned())
            .help("name the sites in CORS_ALLOWED_ORIGINS")
            .related(place, "cookies are sent along");
    }
}

/// `settings/cors-middleware-missing`
pub fn cors_middleware_missing(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    const NAMES: [&str; 5] = [
        "CORS_ALLOWED_ORIGINS",
        "CORS_ALLOW_ALL_ORIGINS",
        "CORS_ALLOWED_ORIGIN_REGEXES",
        "CORS_ORIGIN_WHITELIST",
        "CORS_ORIGIN_ALLOW_ALL",
    ];
    let Some(name) = NAMES.into_iter().find(|name| settings.read(&[name]).is_truthy()) else { return };
    if settings.has_app("corsheaders") && settings.lacks_middleware("CorsMiddleware") {
        tell_setting(
            findings,
            django,
            "MIDDLEWARE",
            format!("{name} has no effect: the middleware of django-cors-headers is not in MIDDLEWARE"),
        )
        .help(format!("add `\"{CORS}\"` before `CommonMiddleware`"));
    }
}

/// `settings/cors-middleware-late`
pub fn cors_middleware_late(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let Some(list) = django.settings.likely_list("MIDDLEWARE").filter(|list| !list.more) else { return };
    let Some(at) = list.position(CORS) else { return };
    // WhiteNoise answers before it as well, with a header of its own.
    if list.position(COMMON_MIDDLEWARE).is_some_and(|common| common < at) {
        let reading = list.items[at].reading(django.settings.assigned("MIDDLEWARE"));
        let message = "`CommonMiddleware` answers before the CORS headers are set";
        tell(findings, django, &reading, "MIDDLEWARE", message.to_owned()).help(format!("put `\"{CORS}\"` before it"));
    }
}

/// `settings/cors-origin-malformed`
pub fn cors_origin_malformed(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    let name =
        ["CORS_ALLOWED_ORIGINS", "CORS_ORIGIN_WHITELIST"].into_iter().find(|name| settings.values.contains_key(*name));
    let Some(name) = name.filter(|_| settings.has_app("corsheaders")) else { return };
    for (text, item) in settings
        .list(name)
        .filter(|list| list.left_over().is_none())
        .unwrap_or_default()
        .texts()
        .filter(|(text, _)| !["null", "file://"].contains(text))
    {
        let trouble = match text.split_once("://") {
            None => "has no scheme",
            Some((scheme, host)) if scheme.is_empty() || host.is_empty() => "has no host",
            Some((_, host)) if host.contains(['/', '?', '#']) => "has something after the host",
            Some(_) => continue,
        };
        let reading = item.reading(settings.assigned(name));
        tell(
            findings,
            django,
            &reading,
            name,
            format!("the origin `{text}` {trouble}: `migrate` stops with an error, and no browser sends it"),
        )
        .help("write scheme, host and port alone: `https://app.example.org`")
        .evidence(text);
    }
}

/// `settings/cors-switch-not-bool`
pub fn cors_switch_not_bool(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    if !settings.has_app("corsheaders") {
        return;
    }
    for name in ["CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL", "CORS_ALLOW_CREDENTIALS"] {
        let switch = settings.read(&[name]);
        let plain =
            |value: &&PyValue| matches!(value, PyValue::Str(_) | PyValue::Int(_) | PyValue::None | PyValue::List(_));
        if let Some(wrong) = switch.value.value.known().filter(plain) {
            let seen = match wrong.as_str().filter(|text| says_no(text)) {
                Some(text) => format!("the text `{text}`, which counts as yes"),
                None => format!("of type {}", wrong.type_name()),
            };
            let message = format!("{name} is {seen}, and the checks of django-cors-headers stop `migrate`");
            tell(findings, django, &switch, name, message)
                .help(format!("make it `True` or `False`: `{name} = os.environ.get(\"{name}\") == \"1\"`"));
        }
    }
}
