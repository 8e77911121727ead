use super::tell;
use crate::findings::Findings;
use crate::project::deployment::DjangoProcess;
use crate::project::settings::PyValue;
use crate::rules::Cx;

/// `settings/list-of-fragments`
pub fn list_of_fragments(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for cut in django.settings.fragments() {
        let (name, left) = (cut.name, cut.left);
        let of = cut.variable.map_or(String::new(), |variable| format!(" of `{variable}`"));
        let message = format!("the entries of {name} keep the {left}{of}, and match nothing");
        tell(findings, django, &django.settings.read(&[name]), name, message)
            .help("write the value as it is taken apart, `a.example.org,b.example.org`; or read it with `json.loads`");
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
