//! What a plain scalar stands for, by YAML 1.1 as sqAPI's library reads it:
//! `yes` is a boolean. Dates and times of day stay texts.

use super::tree::Value;

/// What the text of a plain scalar stands for.
pub(super) fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Value::Boolean(true);
        }
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Value::Boolean(false);
        }
        _ => {}
    }
    if let Some(integer) = integer(text) {
        return Value::Integer(integer);
    }
    if let Some(float) = float(text) {
        return Value::Float(float);
    }
    Value::Text {
        text: text.to_owned(),
        variable: None,
    }
}

fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'b', ..] => (2, digits.strip_prefix("0b")?),
        [b'0', b'x', ..] => (16, digits.strip_prefix("0x")?),
        [b'0', _, ..] => (8, digits.strip_prefix('0')?),
        [b'0'..=b'9', ..] => (10, digits),
        _ => return None,
    };
    // No second sign.
    if !digits.starts_with(|first: char| first == '_' || first.is_digit(radix)) {
        return None;
    }
    let digits = digits.replace('_', "");
    let sign = if text.starts_with('-') { "-" } else { "" };
    i64::from_str_radix(&format!("{sign}{digits}"), radix).ok()
}

fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    match unsigned {
        ".inf" | ".Inf" | ".INF" => return Some(sign * f64::INFINITY),
        ".nan" | ".NaN" | ".NAN" => return Some(f64::NAN),
        _ => {}
    }
    // Without a point it is none; an exponent has a sign.
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let is_digits = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'_')
    };
    let (whole, fraction) = mantissa.split_once('.')?;
    let has_digit = mantissa.bytes().any(|byte| byte.is_ascii_digit());
    let is_exponent = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['+', '-']);
        digits.is_some_and(|digits| !digits.is_empty() && is_digits(digits))
    });
    if !has_digit || !is_digits(whole) || !is_digits(fraction) || !is_exponent {
        return None;
    }
    let number: f64 = unsigned.replace('_', "").parse().ok()?;
    Some(sign * number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match resolve(text) {
            Value::Null => "null".to_owned(),
            Value::Boolean(boolean) => boolean.to_string(),
            Value::Integer(integer) => integer.to_string(),
            Value::Float(float) => format!("{float:?}"),
            Value::Text { text, .. } => format!("'{text}'"),
            other => other.kind().to_owned(),
        }
    }

    #[test]
    fn reads_what_yaml_1_1_reads() {
        for (text, expected) in [
            ("", "null"),
            ("~", "null"),
            ("Null", "null"),
            ("nULL", "'nULL'"),
            ("yes", "true"),
            ("Off", "false"),
            ("y", "'y'"),
            ("5672", "5672"),
            ("+5_672", "5672"),
            ("-7", "-7"),
            ("0", "0"),
            ("0x1F", "31"),
            ("0b101", "5"),
            ("010", "8"),
            ("09", "'09'"),
            ("--7", "'--7'"),
            ("1.5", "1.5"),
            ("-.5", "-0.5"),
            ("1.", "1.0"),
            ("1e3", "'1e3'"),
            ("1.0e3", "'1.0e3'"),
            ("1.0e+3", "1000.0"),
            (".", "'.'"),
            ("-.inf", "-inf"),
            ("1.2.3", "'1.2.3'"),
            ("99999999999999999999", "'99999999999999999999'"),
            ("2020-01-31", "'2020-01-31'"),
            ("x_sqapi", "'x_sqapi'"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
