use super::tell;
use crate::findings::{Findings, Severity};
use crate::project::deployment::DjangoProcess;
use crate::project::settings::PyValue;
use crate::rules::Cx;

/// Tools for developers: the app or middleware, how people call it, and whether it opens without `DEBUG`.
const TOOLS: [(&str, &str, bool); 8] = [
    ("debug_toolbar", "the debug toolbar", false),
    ("silk", "django-silk", true),
    ("nplusone", "nplusone", false),
    ("django_browser_reload", "django-browser-reload", false),
    ("livereload", "the live reload server", false),
    ("pyinstrument", "the profiler pyinstrument", true),
    ("querycount", "django-querycount", false),
    ("debug_permissions", "django-debug-permissions", false),
];

/// `settings/debug-tool-installed`
pub fn debug_tool_installed(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    if settings.debugs() {
        return;
    }
    let lists = ["MIDDLEWARE", "INSTALLED_APPS"].map(|name| (name, settings.list(name).unwrap_or_default()));
    for (package, name, opens) in TOOLS {
        let found = lists.iter().find_map(|(setting, list)| {
            let (_, item) = list.texts().find(|(text, _)| text.split('.').next() == Some(package))?;
            Some((*setting, item.reading(settings.assigned(setting))))
        });
        let Some((setting, reading)) = found else { continue };
        let callback = settings.assigns("DEBUG_TOOLBAR_CONFIG")
            && !settings.read(&["DEBUG_TOOLBAR_CONFIG", "SHOW_TOOLBAR_CALLBACK"]).value.value.is_absent();
        let finding =
            tell(findings, django, &reading, setting, format!("{name} is installed in {}", django.environment));
        finding.help("add it in the settings of development, or under `if DEBUG:`").evidence(package);
        // It shows itself to nobody while DEBUG is off, unless a function of the project decides.
        let shows = match package {
            "debug_toolbar" => callback,
            // Without its middleware it records nothing; its pages may ask for a login.
            "silk" => setting == "MIDDLEWARE" && !settings.read(&["SILKY_AUTHENTICATION"]).is_truthy(),
            _ => opens,
        };
        if !shows {
            finding.at_most(Severity::Warning);
        }
    }
}

/// `settings/autoescape-off`
pub fn autoescape_off(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let engines = django.settings.list("TEMPLATES").unwrap_or_default();
    for engine in &engines.items {
        let engine = engine.reading(django.settings.assigned("TEMPLATES"));
        let backend = engine.read(&["BACKEND"]);
        let escape = engine.read(&["OPTIONS", "autoescape"]);
        if backend.text().is_some_and(|name| name.starts_with("django.template."))
            && escape.value.value.known() == Some(&PyValue::Bool(false))
        {
            tell(
                findings,
                django,
                &escape,
                "TEMPLATES",
                "templates put values into pages without escaping them".to_owned(),
            )
            .help("leave `autoescape` out, and mark what is safe with `mark_safe` or `|safe`");
        }
    }
}
