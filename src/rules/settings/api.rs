use super::tell;
use crate::findings::Findings;
use crate::project::deployment::DjangoProcess;
use crate::project::settings::{PyValue, Reading};
use crate::rules::Cx;

const FRAMEWORK: &str = "rest_framework";

/// `settings/api-open-by-default`
pub fn api_open_by_default(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let permissions = django.settings.read(&["REST_FRAMEWORK", "DEFAULT_PERMISSION_CLASSES"]);
    let open = permissions.value.test(|list| list.as_sequence()?.contains_str("rest_framework.permissions.AllowAny"));
    if django.settings.has_app(FRAMEWORK) && (is_unset(django, &permissions) || open.known() == Some(&true)) {
        tell(
            findings,
            django,
            &permissions,
            "REST_FRAMEWORK",
            "a view that says nothing of permissions is open to everybody".to_owned(),
        )
        .help("set DEFAULT_PERMISSION_CLASSES to `rest_framework.permissions.IsAuthenticated`, and open views by name");
    }
}

/// `settings/browsable-api`
pub fn browsable_api(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let renderers = django.settings.read(&["REST_FRAMEWORK", "DEFAULT_RENDERER_CLASSES"]);
    let listed =
        renderers.value.test(|list| list.as_sequence()?.contains_str("rest_framework.renderers.BrowsableAPIRenderer"));
    if django.settings.has_app(FRAMEWORK) && (is_unset(django, &renderers) || listed.known() == Some(&true)) {
        tell(findings, django, &renderers, "REST_FRAMEWORK", "the API shows itself as pages with forms".to_owned())
            .help("set DEFAULT_RENDERER_CLASSES to `rest_framework.renderers.JSONRenderer` alone in production");
    }
}

/// `settings/api-unthrottled`
pub fn api_unthrottled(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let classes = django.settings.read(&["REST_FRAMEWORK", "DEFAULT_THROTTLE_CLASSES"]);
    let empty = classes.is_falsy() && classes.value.value.known().is_some();
    if django.settings.has_app(FRAMEWORK) && (is_unset(django, &classes) || empty) {
        tell(findings, django, &classes, "REST_FRAMEWORK", "nothing limits how often the API is called".to_owned())
            .help("set DEFAULT_THROTTLE_CLASSES and DEFAULT_THROTTLE_RATES, or limit requests in the proxy");
    }
}

/// `settings/api-page-size-without-effect`
pub fn api_page_size_without_effect(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let size = django.settings.read(&["REST_FRAMEWORK", "PAGE_SIZE"]);
    let class = django.settings.read(&["REST_FRAMEWORK", "DEFAULT_PAGINATION_CLASS"]);
    if django.settings.has_app(FRAMEWORK) && size.is_truthy() && (class.value.value.is_absent() || class.is_none()) {
        tell(
            findings,
            django,
            &size,
            "REST_FRAMEWORK",
            "PAGE_SIZE has no effect without DEFAULT_PAGINATION_CLASS: lists are sent whole".to_owned(),
        )
        .help("set DEFAULT_PAGINATION_CLASS to `rest_framework.pagination.PageNumberPagination`");
    }
}

/// Whether a key of `REST_FRAMEWORK` surely is not there, the setting as a whole included.
fn is_unset(django: &DjangoProcess, reading: &Reading) -> bool {
    reading.value.value.is_absent() && django.settings.more.is_none()
}

/// `settings/token-key-literal`
pub fn token_key_literal(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    for (setting, key) in django.written_token_keys() {
        let message = format!("the key that signs tokens is written into `{}`", django.place(&key).path);
        tell(findings, django, &key, setting, message)
            .help("take it from the environment without a fallback, and change it: it stays in the history");
    }
}

/// Seconds of a day.
const DAY: i64 = 24 * 60 * 60;

/// `settings/access-token-long-lived`
pub fn access_token_long_lived(django: &DjangoProcess, _: &Cx<'_>, findings: &mut Findings<'_>) {
    let lifetime = django.settings.read(&["SIMPLE_JWT", "ACCESS_TOKEN_LIFETIME"]);
    let Some(seconds) = lifetime.value.value.known().and_then(seconds) else { return };
    if seconds > DAY {
        tell(findings, django, &lifetime, "SIMPLE_JWT", format!("an access token is good for {} days, and nobody can take it back", seconds / DAY))
            .help("make it minutes, and let the refresh token live for days: ACCESS_TOKEN_LIFETIME is five minutes by default");
    }
}

/// The seconds of a `timedelta(…)` whose arguments are whole numbers.
fn seconds(value: &PyValue) -> Option<i64> {
    let PyValue::Object(made) = value else { return None };
    if made.function.rsplit('.').next() != Some("timedelta") || made.arguments.len() > 1 {
        return None;
    }
    let number = |value: &PyValue| value.as_int().filter(|count| (0..1 << 32).contains(count));
    let days = match made.arguments.first() {
        Some(days) => number(days.value.value.known()?)? * DAY,
        None => 0,
    };
    made.keywords.iter().try_fold(days, |sum, (unit, item)| {
        let unit = match unit.as_str() {
            "weeks" => 7 * DAY,
            "days" => DAY,
            "hours" => 3600,
            "minutes" => 60,
            "seconds" => 1,
            _ => return None,
        };
        Some(sum + unit * number(item.value.value.known()?)?)
    })
}
