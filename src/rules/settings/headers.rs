use super::{tell, tell_setting};
use crate::findings::Findings;
use crate::project::deployment::DjangoProcess;
use crate::project::django::classes::{FRAME_MIDDLEWARE, SECURITY_MIDDLEWARE};
use crate::project::settings::{PyValue, Settings};
use crate::rules::Cx;

/// `settings/clickjacking-protection-missing`
pub fn clickjacking_protection_missing(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    let by_policy = settings.list("MIDDLEWARE").is_some_and(|list| list.texts().any(|(text, _)| text.contains("csp")));
    if settings.lacks_middleware("XFrameOptionsMiddleware") && !by_policy && settings.has_app("django.contrib.admin") {
        tell_setting(
            findings,
            django,
            "MIDDLEWARE",
            "nothing keeps other sites from showing these pages in a frame".to_owned(),
        )
        .help(format!("add `\"{FRAME_MIDDLEWARE}\"` to MIDDLEWARE"));
    }
}

/// `settings/frame-options-without-effect`
pub fn frame_options_without_effect(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let options = django.settings.read(&["X_FRAME_OPTIONS"]);
    let Some(text) = options.text().filter(|_| django.settings.has_middleware(FRAME_MIDDLEWARE)) else { return };
    let known = ["DENY", "SAMEORIGIN"].iter().any(|known| text.trim().eq_ignore_ascii_case(known));
    if !known && !django.silences("security.W019") {
        tell(
            findings,
            django,
            &options,
            "X_FRAME_OPTIONS",
            format!(
                "browsers do not know `{text}` for X-Frame-Options, and let every site show these pages in a frame"
            ),
        )
        .help("write `DENY` or `SAMEORIGIN`; for named sites use `frame-ancestors` of a Content-Security-Policy");
    }
}

/// `settings/frames-of-same-origin`
pub fn frames_of_same_origin(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let options = django.settings.read(&["X_FRAME_OPTIONS"]);
    let Some(text) = options.text().filter(|_| django.settings.has_middleware(FRAME_MIDDLEWARE)) else { return };
    if text != "DENY" && !django.silences("security.W019") {
        tell(findings, django, &options, "X_FRAME_OPTIONS", format!("X_FRAME_OPTIONS is `{text}`, and not `DENY`"))
            .help("leave X_FRAME_OPTIONS out, unless pages show each other in frames");
    }
}

/// `settings/referrer-policy-missing`
pub fn referrer_policy_missing(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let policy = django.settings.read(&["SECURE_REFERRER_POLICY"]);
    if django.settings.has_middleware(SECURITY_MIDDLEWARE) && policy.is_none() {
        tell(findings, django, &policy, "SECURE_REFERRER_POLICY", "no Referrer-Policy is sent".to_owned())
            .help("leave SECURE_REFERRER_POLICY out: the default is `same-origin`");
    }
}

/// `settings/security-header-invalid`
pub fn security_header_invalid(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    if !django.settings.has_middleware(SECURITY_MIDDLEWARE) {
        return;
    }
    let referrer = django.settings.read(&["SECURE_REFERRER_POLICY"]);
    let opener = django.settings.read(&["SECURE_CROSS_ORIGIN_OPENER_POLICY"]);
    let wrong_opener = opener
        .value
        .value
        .known()
        .filter(|it| **it != PyValue::None && !OPENER.contains(&it.as_str().unwrap_or_default()));
    let wrong = [
        ("SECURE_REFERRER_POLICY", invalid_referrer(&django.settings), referrer),
        ("SECURE_CROSS_ORIGIN_OPENER_POLICY", wrong_opener.map(shown), opener.clone()),
    ];
    for (name, value, reading) in wrong {
        if let Some(value) = value {
            tell(
                findings,
                django,
                &reading,
                name,
                format!("{name} has the value `{value}`, which browsers ignore and Django's checks refuse"),
            )
            .help("use a value of the documentation, such as `same-origin`");
        }
    }
}

const OPENER: [&str; 3] = ["same-origin", "same-origin-allow-popups", "unsafe-none"];

const REFERRER: [&str; 8] = [
    "no-referrer",
    "no-referrer-when-downgrade",
    "origin",
    "origin-when-cross-origin",
    "same-origin",
    "strict-origin",
    "strict-origin-when-cross-origin",
    "unsafe-url",
];

/// The part of the referrer policy that is no policy.
fn invalid_referrer(settings: &Settings) -> Option<String> {
    let policy = settings.read(&["SECURE_REFERRER_POLICY"]);
    let known = policy.value.value.known()?;
    let parts: Vec<&str> = match known.as_sequence() {
        Some(items) => items.texts().map(|(text, _)| text).collect(),
        None => known.as_str()?.split(',').map(str::trim).collect(),
    };
    parts.into_iter().find(|part| !REFERRER.contains(part)).map(str::to_owned)
}

fn shown(value: &PyValue) -> String {
    value.as_str().map_or_else(|| value.type_name().to_owned(), str::to_owned)
}
