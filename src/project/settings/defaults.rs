//! Django's own defaults: `django/conf/global_settings.py` of Django 4.2 to 6.0.

use super::value::{Entries, Items, PyValue};
use crate::project::django::classes::SMTP_BACKEND;
use crate::project::django::versions::DjangoVersions;

/// What Django takes a setting to be where a project does not assign it; `None` for names that Django does not know,
/// or whose default is a structure that no rule asks for. Only what all releases since 4.2 share.
fn django_default(name: &str) -> Option<PyValue> {
    let text = |text: &str| PyValue::Str(text.to_owned());
    Some(match name {
        "DEBUG"
        | "DEBUG_PROPAGATE_EXCEPTIONS"
        | "PREPEND_WWW"
        | "USE_X_FORWARDED_HOST"
        | "USE_X_FORWARDED_PORT"
        | "SECURE_SSL_REDIRECT"
        | "SECURE_HSTS_INCLUDE_SUBDOMAINS"
        | "SECURE_HSTS_PRELOAD"
        | "SESSION_COOKIE_SECURE"
        | "SESSION_SAVE_EVERY_REQUEST"
        | "SESSION_EXPIRE_AT_BROWSER_CLOSE"
        | "LANGUAGE_COOKIE_SECURE"
        | "LANGUAGE_COOKIE_HTTPONLY"
        | "CSRF_COOKIE_SECURE"
        | "CSRF_COOKIE_HTTPONLY"
        | "CSRF_USE_SESSIONS"
        | "EMAIL_USE_LOCALTIME"
        | "EMAIL_USE_TLS"
        | "EMAIL_USE_SSL"
        | "USE_THOUSAND_SEPARATOR" => PyValue::Bool(false),
        "APPEND_SLASH" | "USE_I18N" | "SECURE_CONTENT_TYPE_NOSNIFF" | "SESSION_COOKIE_HTTPONLY" => PyValue::Bool(true),
        "ALLOWED_HOSTS"
        | "INSTALLED_APPS"
        | "MIDDLEWARE"
        | "TEMPLATES"
        | "ADMINS"
        | "MANAGERS"
        | "INTERNAL_IPS"
        | "CSRF_TRUSTED_ORIGINS"
        | "SECRET_KEY_FALLBACKS"
        | "AUTH_PASSWORD_VALIDATORS"
        | "STATICFILES_DIRS"
        | "SILENCED_SYSTEM_CHECKS"
        | "DATABASE_ROUTERS"
        | "FIXTURE_DIRS"
        | "DISALLOWED_USER_AGENTS"
        | "IGNORABLE_404_URLS"
        | "LOCALE_PATHS"
        | "SECURE_REDIRECT_EXEMPT" => PyValue::List(Items::default()),
        "DATABASES" | "LOGGING" | "MIGRATION_MODULES" | "ABSOLUTE_URL_OVERRIDES" => PyValue::Dict(Entries::default()),
        "SECRET_KEY" | "EMAIL_HOST_USER" | "EMAIL_HOST_PASSWORD" | "MEDIA_ROOT" | "MEDIA_URL" => text(""),
        "STATIC_URL"
        | "STATIC_ROOT"
        | "FORCE_SCRIPT_NAME"
        | "SESSION_COOKIE_DOMAIN"
        | "CSRF_COOKIE_DOMAIN"
        | "SECURE_PROXY_SSL_HEADER"
        | "SECURE_SSL_HOST"
        | "WSGI_APPLICATION"
        | "FILE_UPLOAD_TEMP_DIR"
        | "FILE_UPLOAD_DIRECTORY_PERMISSIONS"
        | "EMAIL_FILE_PATH"
        | "EMAIL_SSL_CERTFILE"
        | "EMAIL_SSL_KEYFILE"
        | "EMAIL_TIMEOUT"
        | "SESSION_FILE_PATH" => PyValue::None,
        "SECURE_HSTS_SECONDS" | "CSRF_COOKIE_MAX_AGE" => {
            PyValue::Int(if name == "CSRF_COOKIE_MAX_AGE" { 60 * 60 * 24 * 7 * 52 } else { 0 })
        }
        "SESSION_COOKIE_AGE" => PyValue::Int(60 * 60 * 24 * 7 * 2),
        "PASSWORD_RESET_TIMEOUT" => PyValue::Int(60 * 60 * 24 * 3),
        "EMAIL_PORT" => PyValue::Int(25),
        "DATA_UPLOAD_MAX_MEMORY_SIZE" | "FILE_UPLOAD_MAX_MEMORY_SIZE" => PyValue::Int(2_621_440),
        "DATA_UPLOAD_MAX_NUMBER_FIELDS" => PyValue::Int(1_000),
        "DATA_UPLOAD_MAX_NUMBER_FILES" => PyValue::Int(100),
        "FILE_UPLOAD_PERMISSIONS" => PyValue::Int(0o644),
        "SECURE_REFERRER_POLICY" | "SECURE_CROSS_ORIGIN_OPENER_POLICY" => text("same-origin"),
        "X_FRAME_OPTIONS" => text("DENY"),
        "SESSION_COOKIE_SAMESITE" | "CSRF_COOKIE_SAMESITE" => text("Lax"),
        "SESSION_COOKIE_NAME" => text("sessionid"),
        "CSRF_COOKIE_NAME" => text("csrftoken"),
        "CSRF_HEADER_NAME" => text("HTTP_X_CSRFTOKEN"),
        "CSRF_FAILURE_VIEW" => text("django.views.csrf.csrf_failure"),
        "SESSION_ENGINE" => text("django.contrib.sessions.backends.db"),
        "SESSION_SERIALIZER" => text("django.contrib.sessions.serializers.JSONSerializer"),
        "SESSION_CACHE_ALIAS" | "CACHE_MIDDLEWARE_ALIAS" => text("default"),
        "EMAIL_BACKEND" => text(SMTP_BACKEND),
        "EMAIL_HOST" => text("localhost"),
        "DEFAULT_FROM_EMAIL" => text("webmaster@localhost"),
        "SERVER_EMAIL" => text("root@localhost"),
        "TIME_ZONE" => text("America/Chicago"),
        "LANGUAGE_CODE" => text("en-us"),
        "DEFAULT_CHARSET" => text("utf-8"),
        "LOGGING_CONFIG" => text("logging.config.dictConfig"),
        "AUTH_USER_MODEL" => text("auth.User"),
        "LOGIN_URL" => text("/accounts/login/"),
        "LOGIN_REDIRECT_URL" => text("/accounts/profile/"),
        "TEST_RUNNER" => text("django.test.runner.DiscoverRunner"),
        _ => return None,
    })
}

/// The same for what may be installed: several values where releases differ and it is not known which one it is.
pub(super) fn defaults_of(name: &str, versions: &DjangoVersions) -> Vec<PyValue> {
    let text = |text: &str| PyValue::Str(text.to_owned());
    let changed = |release, before: PyValue, after: PyValue| match versions.since(release) {
        Some(true) => vec![after],
        Some(false) => vec![before],
        None => vec![before, after],
    };
    // A setting that is not in all of them is one where it surely is.
    let only = |there: Option<bool>, value: PyValue| if there == Some(true) { vec![value] } else { Vec::new() };
    let until = |release| versions.since(release).map(|since| !since);
    match name {
        "USE_TZ" => changed((5, 0), PyValue::Bool(false), PyValue::Bool(true)),
        "DEFAULT_AUTO_FIELD" => {
            changed((6, 0), text("django.db.models.AutoField"), text("django.db.models.BigAutoField"))
        }
        "USE_L10N" => only(until((5, 0)), PyValue::Bool(true)),
        "USE_DEPRECATED_PYTZ" | "CSRF_COOKIE_MASKED" => only(until((5, 0)), PyValue::Bool(false)),
        "DEFAULT_FILE_STORAGE" => only(until((5, 1)), text("django.core.files.storage.FileSystemStorage")),
        "STATICFILES_STORAGE" => only(until((5, 1)), text("django.contrib.staticfiles.storage.StaticFilesStorage")),
        "FORMS_URLFIELD_ASSUME_HTTPS" if versions.since((5, 0)) == Some(true) => {
            only(until((6, 0)), PyValue::Bool(false))
        }
        "SECURE_CSP" | "SECURE_CSP_REPORT_ONLY" => only(versions.since((6, 0)), PyValue::Dict(Entries::default())),
        "URLIZE_ASSUME_HTTPS" => only(versions.since((6, 0)), PyValue::Bool(false)),
        _ => django_default(name).into_iter().collect(),
    }
}

/// Whether Django's default of a setting is `True` or `False` in every release that has it.
pub fn is_switch(name: &str) -> bool {
    let defaults = defaults_of(name, &DjangoVersions::default());
    defaults.iter().any(|default| matches!(default, PyValue::Bool(_)))
}
