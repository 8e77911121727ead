use super::tell;
use crate::findings::Findings;
use crate::project::deployment::DjangoProcess;
use crate::project::value::Value;
use crate::rules::Cx;

/// `settings/session-cookie-readable`
pub fn session_cookie_readable(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    let in_use = settings.lists("INSTALLED_APPS", "django.contrib.sessions") == Value::Known(true)
        || settings.has_middleware("django.contrib.sessions.middleware.SessionMiddleware");
    let hidden = settings.read(&["SESSION_COOKIE_HTTPONLY"]);
    // Django's check asks for `True` itself; to what sends the cookie a number or text is true as well.
    if in_use && hidden.value.truth() == Value::Known(false) {
        tell(
            findings,
            django,
            &hidden,
            "SESSION_COOKIE_HTTPONLY",
            "scripts in a page can read the session cookie".to_owned(),
        )
        .help("leave SESSION_COOKIE_HTTPONLY out: it is on by default");
    }
}

/// `settings/cookie-refused-by-browsers`
pub fn cookie_refused_by_browsers(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for cookie in ["SESSION_COOKIE", "CSRF_COOKIE"] {
        let site = django.settings.read(&[&format!("{cookie}_SAMESITE")]);
        let secure = django.settings.read(&[&format!("{cookie}_SECURE")]);
        if site.text().is_some_and(|site| site.eq_ignore_ascii_case("none")) && secure.is_falsy() {
            let setting = format!("{cookie}_SAMESITE");
            tell(
                findings,
                django,
                &site,
                &setting,
                format!("browsers refuse the cookie: {setting} is `None` and {cookie}_SECURE is off"),
            )
            .help(format!("set `{cookie}_SECURE = True`, or leave {setting} out"));
        }
    }
}

/// `settings/cookie-for-all-subdomains`
pub fn cookie_for_all_subdomains(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    // A form is checked against this very cookie, which any subdomain could then set.
    for setting in ["SESSION_COOKIE_DOMAIN", "CSRF_COOKIE_DOMAIN"] {
        let domain = django.settings.read(&[setting]);
        if let Some(text) = domain.text().filter(|text| !text.is_empty()) {
            let name = text.trim_start_matches('.');
            let message =
                format!("the cookie goes to every host below `{name}`, and each of them can set it: {setting}");
            tell(findings, django, &domain, setting, message)
                .help(format!("leave {setting} out, unless a site on another subdomain needs the cookie"));
            return;
        }
    }
}
