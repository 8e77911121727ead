use super::tell;
use crate::findings::Findings;
use crate::project::deployment::DjangoProcess;
use crate::project::django::classes::LOGIN_REQUIRED_MIDDLEWARE;
use crate::project::settings::{Item, PyValue, Settings};
use crate::rules::Cx;

/// `settings/password-validators-missing`
pub fn password_validators_missing(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    let validators = settings.read(&["AUTH_PASSWORD_VALIDATORS"]);
    let by_password = !settings.values.contains_key("AUTHENTICATION_BACKENDS") || only_standard_backends(settings);
    if settings.has_app("django.contrib.auth") && by_password && validators.is_falsy() && !settings.debugs() {
        tell(findings, django, &validators, "AUTH_PASSWORD_VALIDATORS", "any password will do, `1` too".to_owned())
            .help("list the validators that `startproject` writes, `MinimumLengthValidator` and `CommonPasswordValidator` at least");
    }
}

/// `settings/weak-password-hasher`
pub fn weak_password_hasher(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    const WEAK: [&str; 6] = [
        "MD5PasswordHasher",
        "SHA1PasswordHasher",
        "UnsaltedMD5PasswordHasher",
        "UnsaltedSHA1PasswordHasher",
        "CryptPasswordHasher",
        "PlainTextPasswordHasher",
    ];
    let Some(first) = django.settings.list("PASSWORD_HASHERS").and_then(|list| list.items.into_iter().next()) else {
        return;
    };
    let reading = first.reading(django.settings.assigned("PASSWORD_HASHERS"));
    let name = reading.text().and_then(|path| path.rsplit('.').next()).unwrap_or_default().to_owned();
    if WEAK.contains(&name.as_str()) {
        tell(
            findings,
            django,
            &reading,
            "PASSWORD_HASHERS",
            format!("passwords are stored with `{name}`, which is guessed a billion times in a second"),
        )
        .help("put `PBKDF2PasswordHasher` or `Argon2PasswordHasher` first, and keep this one for tests");
    }
}

/// `settings/lockout-not-in-force`
pub fn lockout_not_in_force(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    let Some(app) = settings.installed("axes") else { return };
    let backends = settings.read(&["AUTHENTICATION_BACKENDS"]);
    let axes = backends.value.test(|list| Some(list.as_sequence()?.texts().any(|(text, _)| text.contains("xes"))));
    let unset = !settings.values.contains_key("AUTHENTICATION_BACKENDS") && settings.more.is_none();
    // A class of the project's own may well be derived from the one that is asked for.
    let backends = unset || (axes.known() == Some(&false) && only_standard_backends(settings));
    let off = settings.read(&["AXES_ENABLED"]).value.is_true().known() == Some(&false);
    let by_cache = settings.read(&["AXES_HANDLER"]).text() == Some("axes.handlers.cache.AxesCacheHandler");
    let alias = settings.read(&["AXES_CACHE"]).text().unwrap_or("default").to_owned();
    let forgets = by_cache && settings.cache_backend(&alias).text().is_some_and(|class| class.ends_with(".DummyCache"));
    let (trouble, help) = match (off, backends) {
        (true, _) => ("AXES_ENABLED is off", "take `AXES_ENABLED` out of the settings of production"),
        (_, true) => (
            "its backend is not among AUTHENTICATION_BACKENDS",
            "put `\"axes.backends.AxesStandaloneBackend\"` first in AUTHENTICATION_BACKENDS",
        ),
        _ if forgets => (
            "it counts in a cache that keeps nothing",
            "give AXES_CACHE a cache in Redis, or leave AXES_HANDLER out: it then counts in the database",
        ),
        _ => return,
    };
    let reading = app.reading(settings.assigned("INSTALLED_APPS"));
    tell(
        findings,
        django,
        &reading,
        "INSTALLED_APPS",
        format!("django-axes is installed and locks nobody out: {trouble}"),
    )
    .help(help);
}

/// `settings/lockout-without-answer`
pub fn lockout_without_answer(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    let Some(app) = settings.installed("axes").filter(|_| settings.lacks_middleware("AxesMiddleware")) else { return };
    let reading = app.reading(settings.assigned("INSTALLED_APPS"));
    let message = "django-axes is installed without its middleware: whoever is locked out is told of a wrong password";
    tell(findings, django, &reading, "INSTALLED_APPS", message.to_owned())
        .help("put `\"axes.middleware.AxesMiddleware\"` last in MIDDLEWARE");
}

/// `settings/lockout-without-address`
pub fn lockout_without_address(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    let parameters = settings.read(&["AXES_LOCKOUT_PARAMETERS"]);
    let Some(list) = parameters.value.value.known().and_then(PyValue::as_sequence).filter(|list| !list.more) else {
        return;
    };
    let by_address = |item: &Item| match item.value.value.known() {
        Some(value) => match value.as_sequence() {
            Some(parts) => parts.more || parts.texts().any(|(text, _)| text == "ip_address"),
            None => value.as_str() == Some("ip_address"),
        },
        None => true,
    };
    if settings.has_app("axes") && !list.items.is_empty() && !list.items.iter().any(by_address) {
        let message = "django-axes counts failures without regard to the address that they come from";
        tell(findings, django, &parameters, "AXES_LOCKOUT_PARAMETERS", message.to_owned())
            .help("`AXES_LOCKOUT_PARAMETERS = [\"ip_address\", [\"username\", \"user_agent\"]]`");
    }
}

/// Whether all authentication backends are known, and of packages that leave passwords to Django.
fn only_standard_backends(settings: &Settings) -> bool {
    const PACKAGES: [&str; 5] = ["django.contrib.auth.", "allauth.", "axes.", "guardian.", "rules."];
    let Some(list) = settings.list("AUTHENTICATION_BACKENDS").filter(|list| !list.more) else { return false };
    let standard = |text: &str| PACKAGES.iter().any(|package| text.starts_with(package)) && !text.contains("Remote");
    list.texts().count() == list.items.len() && list.texts().all(|(text, _)| standard(text))
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
