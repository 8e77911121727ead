use super::{tell, tell_setting};
use crate::findings::{Findings, Severity};
use crate::project::deployment::DjangoProcess;
use crate::project::django::classes::{CSRF_MIDDLEWARE, SESSION_MIDDLEWARE};
use crate::project::django::views::{self, View};
use crate::rules::Cx;

/// `settings/csrf-protection-missing`
pub fn csrf_protection_missing(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    // Without sessions there is nothing that a browser sends along by itself.
    let signs_in = settings.has_middleware(SESSION_MIDDLEWARE);
    if signs_in && settings.lacks_middleware("CsrfViewMiddleware") {
        tell_setting(
            findings,
            django,
            "MIDDLEWARE",
            "nothing keeps other sites from sending forms in the name of who is signed in".to_owned(),
        )
        .help(format!("add `\"{CSRF_MIDDLEWARE}\"` after the session middleware"));
    }
}

/// `settings/csrf-origin-without-effect`
pub fn csrf_origin_without_effect(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let since_4 = cx.model.django_versions(django).since((4, 0));
    let list =
        django.settings.list("CSRF_TRUSTED_ORIGINS").filter(|list| list.left_over().is_none()).unwrap_or_default();
    for (text, item) in list.texts() {
        let (trouble, help, sure) = match text.split_once("://") {
            None if since_4 == Some(false) => continue,
            None => (
                "has no scheme, which Django refuses since 4.0: `migrate` and other commands stop",
                "write `https://` before it",
                since_4 == Some(true),
            ),
            // Of an origin with an asterisk only the host counts.
            Some((_, host)) if host.contains('/') && !text.contains('*') => (
                "has a path, so that no request ever equals it",
                "leave out everything after the host, the last slash too",
                true,
            ),
            Some((_, host)) if host.split(['/', ':']).next() == Some("*") => (
                "matches no host: only subdomains can be left open",
                "name the hosts, or write `https://*.example.org`",
                true,
            ),
            Some(_) => continue,
        };
        let reading = item.reading(django.settings.assigned("CSRF_TRUSTED_ORIGINS"));
        let finding =
            tell(findings, django, &reading, "CSRF_TRUSTED_ORIGINS", format!("the trusted origin `{text}` {trouble}"));
        finding.help(help).evidence(text);
        if !sure {
            finding.at_most(Severity::Warning);
        }
    }
}

/// `settings/csrf-failure-view-broken`
pub fn csrf_failure_view_broken(django: &DjangoProcess, cx: &Cx<'_>, findings: &mut Findings<'_>) {
    let setting = django.settings.read(&["CSRF_FAILURE_VIEW"]);
    let Some(dotted) = setting.text().filter(|_| django.settings.assigns("CSRF_FAILURE_VIEW")) else { return };
    match views::find(&cx.model.snapshot, &django.project, dotted) {
        Some(View::Missing(_)) => {
            let message = format!("CSRF_FAILURE_VIEW is `{dotted}`, which the repository does not have");
            tell(findings, django, &setting, "CSRF_FAILURE_VIEW", message)
                .help("give the dotted path of the function, module and all");
        }
        Some(View::Function(place, function)) if View::takes(&function, "reason") == Some(false) => {
            let message = format!("CSRF_FAILURE_VIEW is `{dotted}`, which does not take `(request, reason=\"\")`");
            tell(findings, django, &setting, "CSRF_FAILURE_VIEW", message)
                .help("give it a second argument: `def refused(request, reason=\"\")`")
                .related(place, "is called with `reason=…` as well");
        }
        _ => {}
    }
}
