use super::tell;
use crate::findings::Findings;
use crate::project::deployment::DjangoProcess;
use crate::project::settings::{PyValue, Settings};
use crate::rules::Cx;

/// `settings/language-unknown`
pub fn language_unknown(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let settings = &django.settings;
    if let Some(code) = languages(settings).and_then(|codes| codes.into_iter().find(|code| !is_language(code))) {
        let offered = settings.read(&["LANGUAGES"]);
        let message = format!("LANGUAGES has `{code}`, which is no language code, and `migrate` stops with an error");
        tell(findings, django, &offered, "LANGUAGES", message).help("write it with a hyphen, as browsers do: `pt-br`");
        return;
    }
    let read_backwards = settings.list("LANGUAGES_BIDI").unwrap_or_default();
    if let Some((code, _)) = read_backwards.texts().find(|(code, _)| !is_language(code)) {
        let setting = settings.read(&["LANGUAGES_BIDI"]);
        let message =
            format!("LANGUAGES_BIDI has `{code}`, which is no language code, and `migrate` stops with an error");
        tell(findings, django, &setting, "LANGUAGES_BIDI", message).help("leave LANGUAGES_BIDI out: Django knows them");
        return;
    }
    let language = settings.read(&["LANGUAGE_CODE"]);
    let own = settings.assigns("LANGUAGE_CODE");
    let unset = !settings.values.contains_key("LANGUAGE_CODE") && settings.more.is_none();
    if let Some(offered) = languages(settings).filter(|offered| unset && !is_among("en-us", offered)) {
        let message = format!(
            "LANGUAGE_CODE is not set, and the default `en-us` is not in LANGUAGES ({}): `migrate` stops with an error",
            offered.join(", ")
        );
        let reading = settings.read(&["LANGUAGES"]);
        tell(findings, django, &reading, "LANGUAGE_CODE", message).help("set LANGUAGE_CODE to one of LANGUAGES");
        return;
    }
    let Some(code) = language.text().filter(|_| own) else { return };
    let trouble = if !is_language(code) {
        "is no language code"
    } else if languages(settings).is_some_and(|known| !is_among(code, &known)) {
        "is not in LANGUAGES"
    } else {
        return;
    };
    let help = match code.contains('_') {
        true => "write it with a hyphen, as browsers do: `pt-br`",
        false => "name one of LANGUAGES",
    };
    let message = format!("the language `{code}` {trouble}, and `migrate` stops with an error");
    tell(findings, django, &language, "LANGUAGE_CODE", message).help(help);
}

/// Django's `language_code_re`: `^[a-z]{1,8}(?:-[a-z0-9]{1,8})*(?:@[a-z0-9]{1,20})?$`.
fn is_language(code: &str) -> bool {
    let (code, variant) = code.split_once('@').map_or((code, None), |(code, variant)| (code, Some(variant)));
    let word = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let mut parts = code.split('-');
    parts.next().is_some_and(|first| word(first, 8) && first.bytes().all(|byte| byte.is_ascii_alphabetic()))
        && parts.all(|part| word(part, 8))
        && variant.is_none_or(|variant| word(variant, 20))
}

/// The codes of LANGUAGES, where the project has its own and all are known.
fn languages(settings: &Settings) -> Option<Vec<String>> {
    let list = settings.list("LANGUAGES").filter(|list| !list.more && settings.assigns("LANGUAGES"))?;
    let code = |value: &PyValue| Some(value.as_sequence()?.items.first()?.value.value.known()?.as_str()?.to_owned());
    list.items.iter().map(|item| item.value.value.known().and_then(code)).collect()
}

/// Whether a language is one of those, or stands in for it: `de-at` for `de`, `en` for `en-gb`.
fn is_among(code: &str, known: &[String]) -> bool {
    let first = |text: &str| text.split('-').next().unwrap_or_default().to_ascii_lowercase();
    known.iter().any(|other| first(other) == first(code))
}
