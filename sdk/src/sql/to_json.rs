//! Rows as JSON, for REST: a list of objects.
//!
//! | kind | JSON |
//! |---|---|
//! | integer, float, decimal | a number with every digit; `"NaN"`, `"Infinity"`, `"-Infinity"` as text |
//! | timestamp, date, time, interval | ISO 8601 |
//! | bytes | Base64 (RFC 4648, section 4) |
//! | JSON | itself |
//! | array, tuple | a list |

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{
    Serialize, Serializer,
    ser::{Error, SerializeMap},
};
use serde_json::value::RawValue;

use super::{Row, Rows, Value};

impl Serialize for Rows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// An object. Of several columns of one name the last is in it.
impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let columns = self.rows.columns().iter().zip(self.values());
        let mut map = serializer.serialize_map(None)?;
        for (at, (name, value)) in columns.enumerate() {
            if self.rows.is_named(at) {
                map.serialize_entry(name, value)?;
            }
        }
        map.end()
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Boolean(value) => serializer.serialize_bool(*value),
            Self::Integer(number) => serializer.serialize_i64(*number),
            Self::Float(number) if number.is_finite() => serializer.serialize_f64(*number),
            Self::Float(number) if number.is_nan() => serializer.serialize_str("NaN"),
            Self::Float(number) if *number > 0.0 => serializer.serialize_str("Infinity"),
            Self::Float(_) => serializer.serialize_str("-Infinity"),
            Self::Decimal(text) => match RawValue::from_string(text.clone()) {
                Ok(number) if is_number(text) => number.serialize(serializer),
                _ => serializer.serialize_str(text),
            },
            Self::Json(text) => RawValue::from_string(text.clone())
                .map_err(S::Error::custom)?
                .serialize(serializer),
            Self::Bytes(bytes) => serializer.serialize_str(&STANDARD.encode(bytes)),
            Self::Text(text)
            | Self::Timestamp(text)
            | Self::Date(text)
            | Self::Time(text)
            | Self::Uuid(text)
            | Self::Interval(text) => serializer.serialize_str(text),
            Self::Array(values) | Self::Tuple(values) => serializer.collect_seq(values),
        }
    }
}

/// Whether JSON text, if it is that, is a number.
fn is_number(text: &str) -> bool {
    text.starts_with(|first: char| first == '-' || first.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: Value, expected: &str) {
        let rows = Rows::new(["a"], [[value]]);
        let expected = format!("[{{\"a\":{expected}}}]");
        assert_eq!(serde_json::to_string(&rows).unwrap(), expected);
    }

    #[test]
    fn every_kind_has_its_json() {
        let text = str::to_owned;
        check(Value::Null, "null");
        check(true.into(), "true");
        check(i64::MAX.into(), "9223372036854775807");
        check(0.1.into(), "0.1");
        check(f64::NAN.into(), "\"NaN\"");
        check(f64::NEG_INFINITY.into(), "\"-Infinity\"");
        check("\"\n".into(), r#""\"\n""#);
        check(vec![0_u8, 255].into(), "\"AP8=\"");
        check(Value::Json(text("{\"b\": [1]}")), "{\"b\": [1]}");
        check(
            Value::Timestamp(text("2026-01-31T00:00:00Z")),
            "\"2026-01-31T00:00:00Z\"",
        );
        check(Value::Interval(text("P1D")), "\"P1D\"");
        check(vec![Value::Null, 1.into()].into(), "[null,1]");
    }

    #[test]
    fn decimals_keep_every_digit() {
        let digits = "-123456789012345678901234567890.10";
        check(Value::Decimal(digits.to_owned()), digits);
        for text in ["NaN", "Infinity", "-Infinity", ".5", "true", "1 2", ""] {
            check(Value::Decimal(text.to_owned()), &format!("\"{text}\""));
        }
    }

    #[test]
    fn the_last_of_several_columns_of_one_name_counts() {
        let rows = Rows::new(["a", "b", "a"], [[1.into(), 2.into(), 3.into()]]);
        assert_eq!(serde_json::to_string(&rows).unwrap(), r#"[{"b":2,"a":3}]"#);
        assert_eq!(serde_json::to_string(&Rows::new(["a"], [])).unwrap(), "[]");
    }

    #[test]
    fn what_is_no_json_cannot_be_shown() {
        let rows = Rows::new(["a"], [[Value::Json("{".to_owned())]]);
        assert!(serde_json::to_string(&rows).is_err());
    }
}
