use super::{tell, tell_setting};
use crate::findings::Findings;
use crate::project::deployment::DjangoProcess;
use crate::project::django::classes::SESSION_MIDDLEWARE;
use crate::project::value::Value;
use crate::rules::Cx;

/// `settings/session-cookie-readable`
pub fn session_cookie_readable(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    let in_use = settings.lists("INSTALLED_APPS", "django.contrib.sessions") == Value::Known(true)
        || settings.has_middleware(SESSION_MIDDLEWARE);
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
        if django.has_refused_cookie(cookie) {
            let setting = format!("{cookie}_SAMESITE");
            let message = format!("browsers refuse the cookie: {setting} is `None` and {cookie}_SECURE is off");
            tell_setting(findings, django, &setting, message)
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
