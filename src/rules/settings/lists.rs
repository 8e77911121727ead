use super::tell;
use crate::findings::Findings;
use crate::project::deployment::DjangoProcess;
use crate::project::settings::{Items, PyValue};
use crate::project::value::Act;
use crate::rules::Cx;

/// Lists of Django and of what many install beside it, which take texts.
const LISTS: [&str; 8] = [
    "ALLOWED_HOSTS",
    "CSRF_TRUSTED_ORIGINS",
    "CORS_ALLOWED_ORIGINS",
    "CORS_ORIGIN_WHITELIST",
    "CORS_ALLOWED_ORIGIN_REGEXES",
    "INTERNAL_IPS",
    "SECRET_KEY_FALLBACKS",
    "DISALLOWED_USER_AGENTS",
];

/// `settings/list-of-fragments`
pub fn list_of_fragments(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for name in LISTS {
        let Some(list) = django.settings.list(name) else { continue };
        let Some(sign) = sign(&list) else { continue };
        let whole = django.settings.read(&[name]);
        let variable = whole.value.trail.iter().find_map(|step| match &step.act {
            Act::Reads(variable) => Some(variable.as_str()),
            _ => None,
        });
        let of = variable.map_or(String::new(), |variable| format!(" of `{variable}`"));
        let message = format!("the entries of {name} keep the {sign}{of}, and match nothing");
        tell(findings, django, &whole, name, message)
            .help("write the value as it is taken apart, `a.example.org,b.example.org`; or read it with `json.loads`");
    }
}

/// What of another notation is left at the ends of a list that was cut at its commas.
pub(super) fn sign(list: &Items) -> Option<&'static str> {
    let texts: Vec<&str> = list.items.iter().map(|item| item.value.value.known()?.as_str()).collect::<Option<_>>()?;
    let (first, last) = (texts.first()?.trim(), texts.last()?.trim());
    let quoted = |text: &str| ['"', '\''].iter().any(|quote| text.starts_with(*quote) || text.ends_with(*quote));
    // `[::1]` is a host.
    let cut = first.starts_with('[') && last.ends_with(']') && (texts.len() > 1 && !first.ends_with(']'));
    let inner = |text: &str| quoted(text.trim_start_matches('[').trim_end_matches(']'));
    if cut || (first.starts_with('[') && inner(first)) {
        Some("brackets")
    } else if quoted(first) && quoted(last) {
        Some("quotes")
    } else {
        None
    }
}

/// `settings/cors-list-of-wrong-type`
pub fn cors_list_of_wrong_type(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    if !settings.has_app("corsheaders") {
        return;
    }
    const NAMES: [&str; 7] = [
        "CORS_ALLOWED_ORIGINS",
        "CORS_ORIGIN_WHITELIST",
        "CORS_ALLOWED_ORIGIN_REGEXES",
        "CORS_ORIGIN_REGEX_WHITELIST",
        "CORS_ALLOW_HEADERS",
        "CORS_ALLOW_METHODS",
        "CORS_EXPOSE_HEADERS",
    ];
    for name in NAMES {
        let list = settings.read(&[name]);
        let message = match list.value.value.known() {
            // A text passes for a sequence of letters, of which no origin is one.
            Some(PyValue::Str(text)) if !text.is_empty() && name.contains("ORIGIN") && !name.contains("REGEX") => {
                format!("{name} is a text, of which each letter is refused: `migrate` stops with an error")
            }
            Some(PyValue::Str(text)) if !text.is_empty() => {
                format!("{name} is a text, of which each letter is an entry, so that nothing matches")
            }
            Some(PyValue::None | PyValue::Bool(_) | PyValue::Int(_) | PyValue::Dict(_) | PyValue::Set(_)) => {
                format!("{name} is no list, and the checks of django-cors-headers stop `migrate`")
            }
            _ => continue,
        };
        tell(findings, django, &list, name, message).help(format!("write a list: `{name} = [\"…\"]`"));
    }
}
