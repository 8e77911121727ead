use super::{Kind, NodeId, Style, Yaml};

/// What a plain scalar means by the core schema of YAML 1.2 (section 10.3.2).
enum Core<'a> {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(&'a str),
}

impl Yaml {
    /// The text of a scalar, whatever it means.
    pub fn text(&self, id: NodeId) -> Option<&str> {
        match &self.get_node(id).kind {
            Kind::Scalar { value, .. } => Some(value),
            _ => None,
        }
    }

    /// The style of a scalar.
    pub fn style(&self, id: NodeId) -> Option<Style> {
        match self.get_node(id).kind {
            Kind::Scalar { style, .. } => Some(style),
            _ => None,
        }
    }

    /// Whether the value is missing, `~` or `null`. An alias without an anchor is null as well.
    pub fn is_null(&self, id: NodeId) -> bool {
        matches!(self.node(id).kind, Kind::Alias { target: None }) || matches!(self.core(id), Some(Core::Null))
    }

    /// `true` or `false`, unquoted. The words `yes` and `on` are text in YAML 1.2.
    pub fn as_bool(&self, id: NodeId) -> Option<bool> {
        match self.core(id)? {
            Core::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// An unquoted whole number: decimal, `0o17` or `0x1f`.
    pub fn as_int(&self, id: NodeId) -> Option<i64> {
        match self.core(id)? {
            Core::Int(value) => value.try_into().ok(),
            _ => None,
        }
    }

    /// An unquoted number, whole or not.
    pub fn as_float(&self, id: NodeId) -> Option<f64> {
        match self.core(id)? {
            Core::Int(value) => Some(value as f64),
            Core::Float(value) => Some(value),
            _ => None,
        }
    }

    /// A scalar that is a string: quoted, or plain and neither null, boolean nor number.
    pub fn as_str(&self, id: NodeId) -> Option<&str> {
        match self.core(id)? {
            Core::Text(value) => Some(value),
            _ => None,
        }
    }

    fn core(&self, id: NodeId) -> Option<Core<'_>> {
        let node = self.get_node(id);
        let Kind::Scalar { value, style } = &node.kind else { return None };
        match node.tag.as_ref().map(|tag| tag.value.as_str()) {
            Some("!!str" | "!") => Some(Core::Text(value)),
            _ if *style == Style::Plain => Some(core(value)),
            _ => Some(Core::Text(value)),
        }
    }
}

fn core(text: &str) -> Core<'_> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Core::Null,
        "true" | "True" | "TRUE" => return Core::Bool(true),
        "false" | "False" | "FALSE" => return Core::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Core::Float(f64::NAN),
        _ => {}
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(digits, ".inf" | ".Inf" | ".INF") {
        return Core::Float(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY });
    }
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Core::Text(text);
    }
    for (prefix, radix) in [("0o", 8), ("0x", 16)] {
        if let Some(value) = text.strip_prefix(prefix) {
            let all = !value.is_empty() && value.chars().all(|c| c.is_digit(radix));
            return match i128::from_str_radix(value, radix) {
                Ok(value) if all => Core::Int(value),
                _ => Core::Text(text),
            };
        }
    }
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return match text.parse() {
            Ok(value) => Core::Int(value),
            Err(_) => text.parse().map_or(Core::Text(text), Core::Float),
        };
    }
    if is_float(digits) { text.parse().map_or(Core::Text(text), Core::Float) } else { Core::Text(text) }
}

/// `( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`, the sign taken off.
fn is_float(text: &str) -> bool {
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    is_digits(whole)
        && is_digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| !exponent.is_empty() && is_digits(exponent))
}

/// The text that a plain scalar becomes where a Go program prints its value, as Docker Compose does with the values of
/// `environment`: `True` becomes `true`, `1.10` becomes `1.1`, `0x1f` becomes `31`. `None` where it is null.
pub fn go_text(plain: &str) -> Option<String> {
    match core(plain) {
        Core::Null => None,
        Core::Bool(value) => Some(value.to_string()),
        Core::Int(value) => Some(value.to_string()),
        Core::Float(value) => Some(go_float(value)),
        Core::Text(text) => Some(text.to_owned()),
    }
}

/// Go's `%v` of a float: the shortest digits that read back the same, with an exponent below -4 and from 21 on.
fn go_float(value: f64) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            "NaN"
        } else if value > 0.0 {
            "+Inf"
        } else {
            "-Inf"
        }
        .to_owned();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..21).contains(&exponent) {
        return format!("{value}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}
