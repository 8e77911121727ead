use super::tell;
use crate::findings::Findings;
use crate::project::deployment::DjangoProcess;
use crate::rules::Cx;

/// `settings/password-validators-missing`
pub fn password_validators_missing(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    let validators = settings.read(&["AUTH_PASSWORD_VALIDATORS"]);
    if settings.has_app("django.contrib.auth") && validators.is_falsy() && !settings.debugs() {
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
    let known =
        |name: &str| settings.list(name).is_some_and(|list| !list.more && list.texts().count() == list.items.len());
    // A class of the project's own may well be derived from the one that is asked for.
    let standard = |name: &str, prefixes: &[&str]| {
        let list = settings.list(name).unwrap_or_default();
        list.texts().all(|(text, _)| prefixes.iter().any(|prefix| text.starts_with(prefix)) && !text.contains("xes"))
    };
    let backends = !settings.values.contains_key("AUTHENTICATION_BACKENDS") && settings.more.is_none()
        || known("AUTHENTICATION_BACKENDS")
            && standard("AUTHENTICATION_BACKENDS", &["django.contrib.", "allauth.", "guardian.", "rules."]);
    let off = settings.read(&["AXES_ENABLED"]).value.is_true().known() == Some(&false);
    let trouble = match (off, backends) {
        (true, _) => "AXES_ENABLED is off",
        (_, true) => "its backend is not among AUTHENTICATION_BACKENDS",
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
    .help("put `\"axes.backends.AxesStandaloneBackend\"` first in AUTHENTICATION_BACKENDS");
}
