use super::tell;
use crate::findings::{Findings, Severity};
use crate::project::deployment::DjangoProcess;
use crate::project::django::classes::{LOGIN_REQUIRED_MIDDLEWARE, OLD_MEMCACHED_CACHE, REDIS_CACHE};
use crate::project::django::versions::{DjangoVersions, Release};
use crate::project::settings::{Reading, Settings};
use crate::rules::Cx;

/// A setting that is not in force in some release, and what comes of it.
struct Unread {
    name: &'static str,
    /// The first release that does not read it any more, or the first that does.
    release: Release,
    /// Whether later releases read it, rather than earlier ones.
    new: bool,
    /// Whether the value is one that makes a difference.
    matters: fn(&Settings, &Reading) -> bool,
    /// What happens instead.
    instead: &'static str,
    help: &'static str,
    /// Whether it is worth a note and no more.
    minor: bool,
}

/// What Django's own `global_settings` of these releases tell, one beside the other.
const UNREAD: [Unread; 6] = [
    Unread {
        name: "PASSWORD_RESET_TIMEOUT_DAYS",
        release: (4, 0),
        new: false,
        matters: |settings, days| {
            !settings.values.contains_key("PASSWORD_RESET_TIMEOUT") && days.int().is_some_and(|days| days != 3)
        },
        instead: "a link that resets a password is good for three days",
        help: "write PASSWORD_RESET_TIMEOUT, in seconds",
        minor: false,
    },
    Unread {
        name: "MIDDLEWARE_CLASSES",
        release: (2, 0),
        new: false,
        matters: |settings, list| {
            list.is_truthy() && settings.more.is_none() && !settings.values.contains_key("MIDDLEWARE")
        },
        instead: "no middleware runs: no sessions, no CSRF protection",
        help: "rename it to MIDDLEWARE",
        minor: false,
    },
    Unread {
        name: "USE_L10N",
        release: (5, 0),
        new: false,
        matters: |_, switch| switch.is_falsy() && !switch.is_none(),
        instead: "dates and numbers are written the way of each language",
        help: "take it out, and pass dates and numbers through `unlocalize` where they must not change",
        minor: true,
    },
    Unread {
        name: "STORAGES",
        release: (4, 2),
        new: true,
        matters: |settings, storages| {
            let legacy = ["DEFAULT_FILE_STORAGE", "STATICFILES_STORAGE"];
            let own = ["default", "staticfiles"].iter().any(|alias| {
                let backend = storages.read(&[alias, "BACKEND"]);
                backend.text().is_some_and(|class| !class.starts_with("django."))
            });
            own && legacy.iter().all(|name| !settings.values.contains_key(*name))
        },
        instead: "uploads and static files are kept the default way, on disk",
        help: "write DEFAULT_FILE_STORAGE and STATICFILES_STORAGE, or upgrade Django",
        minor: false,
    },
    Unread {
        name: "SECRET_KEY_FALLBACKS",
        release: (4, 1),
        new: true,
        matters: |_, keys| keys.is_truthy(),
        instead: "what the old keys signed is refused, and everybody is signed out",
        help: "upgrade Django before the key is changed",
        minor: false,
    },
    Unread {
        name: "SECURE_CSP",
        release: (6, 0),
        new: true,
        matters: |settings, policy| policy.is_truthy() && !settings.has_app("csp"),
        instead: "no Content-Security-Policy is sent",
        help: "upgrade Django, or use django-csp",
        minor: false,
    },
];

/// `settings/setting-not-read`
pub fn setting_not_read(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let versions = cx.model.django_versions(django);
    let settings = &django.settings;
    for unread in UNREAD.iter().filter(|unread| versions.since(unread.release) == Some(!unread.new)) {
        let reading = settings.read(&[unread.name]);
        if !settings.assigns(unread.name) || !(unread.matters)(settings, &reading) {
            continue;
        }
        let (major, minor) = unread.release;
        let whose = if unread.new { "before" } else { "since" };
        let message = format!("Django reads no {} {whose} {major}.{minor}, so that {}", unread.name, unread.instead);
        let finding = tell(findings, django, &reading, unread.name, message);
        finding.help(unread.help);
        if unread.minor {
            finding.at_most(Severity::Note);
        }
    }
}

/// What is left over from older releases and does no harm.
const LEFT_OVER: [(&str, Release); 9] = [
    ("SECURE_BROWSER_XSS_FILTER", (4, 0)),
    ("DEFAULT_HASHING_ALGORITHM", (4, 0)),
    ("USE_L10N", (5, 0)),
    ("USE_DEPRECATED_PYTZ", (5, 0)),
    ("CSRF_COOKIE_MASKED", (5, 0)),
    ("DEFAULT_CONTENT_TYPE", (3, 0)),
    ("FILE_CHARSET", (3, 1)),
    ("TEMPLATE_DEBUG", (1, 10)),
    ("FORMS_URLFIELD_ASSUME_HTTPS", (6, 0)),
];

/// `settings/setting-left-over`
pub fn setting_left_over(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let versions = cx.model.django_versions(django);
    for (name, release) in LEFT_OVER {
        let reading = django.settings.read(&[name]);
        let told = name == "USE_L10N" && reading.is_falsy();
        if versions.since(release) == Some(true) && django.settings.assigns(name) && !told {
            let (major, minor) = release;
            tell(findings, django, &reading, name, format!("Django reads no {name} since {major}.{minor}"))
                .help("take it out");
        }
    }
}

/// Classes that came or went: the dotted name, the first release without or with it, whether it came, and what to use.
const CLASSES: [(&str, Release, bool, &str); 8] = [
    (
        OLD_MEMCACHED_CACHE,
        (4, 1),
        false,
        "write `django.core.cache.backends.memcached.PyMemcacheCache`, and install pymemcache",
    ),
    (REDIS_CACHE, (4, 0), true, "use `django_redis.cache.RedisCache`"),
    ("django.contrib.auth.hashers.SHA1PasswordHasher", (5, 1), false, "take it out"),
    ("django.contrib.auth.hashers.UnsaltedSHA1PasswordHasher", (5, 1), false, "take it out"),
    ("django.contrib.auth.hashers.UnsaltedMD5PasswordHasher", (5, 1), false, "take it out"),
    ("django.contrib.auth.middleware.SessionAuthenticationMiddleware", (2, 0), false, "take it out"),
    (LOGIN_REQUIRED_MIDDLEWARE, (5, 1), true, "upgrade Django, or ask for a login in each view"),
    (
        "django.contrib.staticfiles.storage.CachedStaticFilesStorage",
        (3, 1),
        false,
        "use `django.contrib.staticfiles.storage.ManifestStaticFilesStorage`",
    ),
];

/// `settings/class-not-in-django`
pub fn class_not_in_django(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let versions = cx.model.django_versions(django);
    for (setting, reading) in classes_named(&django.settings) {
        let named = reading.text().unwrap_or_default();
        let Some((class, (major, minor), new, help)) = missing_class(named, versions) else { continue };
        let when = if new { format!("before {major}.{minor}") } else { format!("since {major}.{minor}") };
        tell(findings, django, &reading, &setting, format!("there is no `{class}` in Django {when}"))
            .help(help)
            .evidence(class);
    }
}

fn missing_class(named: &str, versions: DjangoVersions) -> Option<(&'static str, Release, bool, &'static str)> {
    CLASSES.into_iter().find(|(class, release, new, _)| *class == named && versions.since(*release) == Some(!new))
}

/// The classes that Django loads by their names, with the setting that each stands in.
fn classes_named(settings: &Settings) -> Vec<(String, Reading)> {
    let mut named = Vec::new();
    for name in ["CACHES", "STORAGES"] {
        named.extend(settings.entries(name).into_iter().map(|(_, entry)| (name.to_owned(), entry.read(&["BACKEND"]))));
    }
    for name in ["MIDDLEWARE", "PASSWORD_HASHERS"] {
        let items = settings.list(name).unwrap_or_default().items.into_iter();
        // The hasher that new passwords go through has a rule of its own.
        let items = items.skip(usize::from(name == "PASSWORD_HASHERS"));
        named.extend(items.map(|item| (name.to_owned(), item.reading(settings.assigned(name)))));
    }
    named.push(("STATICFILES_STORAGE".to_owned(), settings.read(&["STATICFILES_STORAGE"])));
    named
}
