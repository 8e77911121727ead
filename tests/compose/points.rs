//! The points of a stack by their paths, and one way to write each value.

use serde_json::{Number, Value as Json, json};
use std::collections::BTreeMap;

/// Values by path. What is null, false or an empty list is as good as not there.
pub type Points = BTreeMap<String, Json>;

/// A list without an order: what stands in it twice is as good as once.
pub fn sorted(items: impl IntoIterator<Item = Json>) -> Json {
    let mut items: Vec<Json> = items.into_iter().collect();
    items.sort_by_key(ToString::to_string);
    items.dedup();
    Json::Array(items)
}

/// A number, however it is written.
pub fn number(value: &Json) -> Json {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.parse::<f64>().ok().and_then(Number::from_f64).map_or_else(|| value.clone(), Json::Number)
}

/// Bytes, with or without a unit.
pub fn bytes(value: &Json) -> Json {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned).to_ascii_lowercase();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let power = match text[digits.len()..].chars().next() {
        Some('k') => 1,
        Some('m') => 2,
        Some('g') => 3,
        _ => 0,
    };
    match digits.parse::<f64>() {
        Ok(count) => json!((count * 1024f64.powi(power)) as u64),
        Err(_) => value.clone(),
    }
}

/// A duration in milliseconds.
pub fn duration(value: &Json) -> Json {
    let Some(mut rest) = value.as_str() else { return value.clone() };
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let unit = rest[digits..].find(|c: char| c.is_ascii_digit()).map_or(rest.len(), |at| at + digits);
        let Ok(count) = rest[..digits].parse::<f64>() else { return value.clone() };
        let scale = match &rest[digits..unit] {
            "ms" => 1.0,
            "s" => 1000.0,
            "m" => 60_000.0,
            "h" => 3_600_000.0,
            _ => return value.clone(),
        };
        total += count * scale;
        rest = &rest[unit..];
    }
    json!(total)
}

/// Whether a value is as good as none.
pub fn is_nothing(value: &Json) -> bool {
    match value {
        Json::Null | Json::Bool(false) => true,
        Json::Array(items) => items.is_empty(),
        _ => false,
    }
}
