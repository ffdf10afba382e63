//! JSON values the way Python prints them.
//!
//! The contract's validation texts quote the offending value in Python's
//! notation (`None is not of type 'object'`), and callers show them to people.

use std::fmt::{self, Write as _};

use serde_json::{Number, Value};

/// Longest quotation. An error body names the mistake; it is no echo.
const CHARS_MAX: usize = 200;

/// A text in session form holds a credential, which no error body may repeat.
const SESSION_MARK: &str = "://";

/// The value in Python's notation, shortened, and without credentials.
pub(super) fn repr(value: &Value) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    _ = write_value(&mut text, value);
    match text.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

fn write_value(out: &mut String, value: &Value) -> fmt::Result {
    match value {
        Value::Null => out.write_str("None"),
        Value::Bool(true) => out.write_str("True"),
        Value::Bool(false) => out.write_str("False"),
        Value::Number(number) => write_number(out, number),
        Value::String(text) => write_text(out, text),
        Value::Array(items) => {
            out.write_char('[')?;
            for (at, item) in items.iter().enumerate() {
                separate(out, at)?;
                write_value(out, item)?;
            }
            out.write_char(']')
        }
        Value::Object(members) => {
            out.write_char('{')?;
            for (at, (name, member)) in members.iter().enumerate() {
                separate(out, at)?;
                write_text(out, name)?;
                out.write_str(": ")?;
                write_value(out, member)?;
            }
            out.write_char('}')
        }
    }
}

fn separate(out: &mut String, at: usize) -> fmt::Result {
    if at > 0 { out.write_str(", ") } else { Ok(()) }
}

fn write_number(out: &mut String, number: &Number) -> fmt::Result {
    let Some(float) = number.as_f64().filter(|_| number.is_f64()) else {
        return write!(out, "{number}");
    };
    let text = format!("{float:?}");
    // Python signs an exponent and gives it two digits at least.
    match text.split_once('e') {
        Some((mantissa, exponent)) => {
            let (sign, digits) = exponent
                .strip_prefix('-')
                .map_or(('+', exponent), |digits| ('-', digits));
            write!(out, "{mantissa}e{sign}{digits:0>2}")
        }
        None => out.write_str(&text),
    }
}

fn write_text(out: &mut String, text: &str) -> fmt::Result {
    let text = if text.contains(SESSION_MARK) {
        "[redacted]"
    } else {
        text
    };
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    out.write_char(quote)?;
    for char in text.chars() {
        match char {
            '\\' => out.write_str("\\\\")?,
            '\n' => out.write_str("\\n")?,
            '\r' => out.write_str("\\r")?,
            '\t' => out.write_str("\\t")?,
            char if char == quote => write!(out, "\\{char}")?,
            char if char.is_ascii_control() => write!(out, "\\x{:02x}", u32::from(char))?,
            char => out.write_char(char)?,
        }
    }
    out.write_char(quote)
}

#[cfg(test)]
mod tests {
    use super::{CHARS_MAX, repr};

    fn check(json: &str, expected: &str) {
        let value = serde_json::from_str(json).unwrap();
        assert_eq!(repr(&value), expected);
    }

    /// Each printed by CPython's `repr(json.loads(text))`.
    #[test]
    fn values_look_as_in_python() {
        check("null", "None");
        check("true", "True");
        check("5", "5");
        check("1.5", "1.5");
        check("1e20", "1e+20");
        check("[1.0, 1e5, 1e-7, -0.0]", "[1.0, 100000.0, 1e-07, -0.0]");
        check(r#"["a", 1, null, false]"#, "['a', 1, None, False]");
        check(r#"{"a": 1, "b": "x'y"}"#, r#"{'a': 1, 'b': "x'y"}"#);
        check(r#""it's \"so\"""#, r#"'it\'s "so"'"#);
        check(r#""a\\\n\u0001é""#, r"'a\\\n\x01é'");
    }

    #[test]
    fn a_credential_is_not_repeated() {
        check(r#"["port-x://alice:TOK"]"#, "['[redacted]']");
    }

    #[test]
    fn long_values_are_cut() {
        let long = format!("\"{}\"", "é".repeat(CHARS_MAX * 2));
        let value = serde_json::from_str(&long).unwrap();
        assert_eq!(repr(&value).chars().count(), CHARS_MAX + 3);
    }
}
