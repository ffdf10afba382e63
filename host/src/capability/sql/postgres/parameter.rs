//! Parameters, as the server's input functions read them.

use std::error::Error;
use std::fmt::Write as _;

use bytes::BytesMut;
use tokio_postgres::types::{Format, IsNull, ToSql, Type, to_sql_checked};

use crate::capability::sql::packed::{Kind, Value};

/// A value that is sent as text, whatever type it is for. Bytes for a column
/// of bytes go as they are.
#[derive(Debug)]
pub(super) struct Parameter<'a>(pub(super) &'a Value<'a>);

impl ToSql for Parameter<'_> {
    fn to_sql(
        &self,
        of: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self.0 {
            Value::Null => return Ok(IsNull::Yes),
            Value::Bytes(bytes) if *of == Type::BYTEA => out.extend_from_slice(bytes),
            value => {
                let mut text = String::new();
                write(value, &mut text);
                out.extend_from_slice(text.as_bytes());
            }
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, of: &Type) -> Format {
        match self.0 {
            Value::Bytes(_) if *of == Type::BYTEA => Format::Binary,
            _ => Format::Text,
        }
    }

    to_sql_checked!();
}

fn write(value: &Value<'_>, into: &mut String) {
    // Writing to a text never fails.
    _ = match value {
        Value::Null => into.write_str("NULL"),
        Value::Boolean(value) => write!(into, "{value}"),
        Value::Integer(value) => write!(into, "{value}"),
        Value::Float(value) if value.is_infinite() => {
            let sign = if *value < 0.0 { "-" } else { "" };
            write!(into, "{sign}Infinity")
        }
        Value::Float(value) => write!(into, "{value:?}"),
        Value::Text(_, text) => into.write_str(text),
        Value::Bytes(bytes) => {
            into.push_str("\\x");
            bytes.iter().try_for_each(|byte| write!(into, "{byte:02x}"))
        }
        Value::Array(values) => {
            array(values, into);
            Ok(())
        }
    };
}

/// An array literal: <https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO>.
fn array(values: &[Value<'_>], into: &mut String) {
    into.push('{');
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            into.push(',');
        }
        match value {
            Value::Text(_, text) => quote(text, into),
            Value::Bytes(_) => {
                let mut text = String::new();
                write(value, &mut text);
                quote(&text, into);
            }
            value => write(value, into),
        }
    }
    into.push('}');
}

fn quote(text: &str, into: &mut String) {
    into.push('"');
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            into.push('\\');
        }
        into.push(character);
    }
    into.push('"');
}

/// The type that a literal of such a value has in a statement's text; `None`
/// where the place decides, as for a quoted literal.
pub(super) fn literal_type(value: &Value<'_>) -> Option<Type> {
    Some(match value {
        Value::Null => return None,
        Value::Boolean(_) => Type::BOOL,
        Value::Integer(value) => match i32::try_from(*value) {
            Ok(_) => Type::INT4,
            Err(_) => Type::INT8,
        },
        Value::Float(value) if value.is_finite() => Type::NUMERIC,
        Value::Float(_) => Type::FLOAT8,
        Value::Bytes(_) => Type::BYTEA,
        Value::Text(kind, text) => match kind {
            Kind::Text | Kind::Json => return None,
            Kind::Decimal => Type::NUMERIC,
            Kind::Timestamp if has_offset(text) => Type::TIMESTAMPTZ,
            Kind::Timestamp => Type::TIMESTAMP,
            Kind::Date => Type::DATE,
            Kind::Time => Type::TIME,
            Kind::Uuid => Type::UUID,
            Kind::Interval => Type::INTERVAL,
        },
        Value::Array(values) => return array_type(values),
    })
}

fn has_offset(timestamp: &str) -> bool {
    let time = timestamp.get(10..).unwrap_or_default();
    time.contains(['Z', 'z', '+', '-'])
}

/// An empty array has none: any will do.
fn array_type(values: &[Value<'_>]) -> Option<Type> {
    let mut widest = None;
    for value in values {
        let of = match value {
            Value::Null => continue,
            Value::Array(values) => array_type(values)?,
            Value::Text(Kind::Text | Kind::Json, _) => Type::TEXT_ARRAY,
            value => array_of(&literal_type(value)?)?,
        };
        widest = Some(match widest {
            None => of,
            Some(known) if known == of => of,
            Some(known) => wider(known, of)?,
        });
    }
    widest
}

/// The type of an array of both, numbers of several kinds as they are.
fn wider(one: Type, other: Type) -> Option<Type> {
    const NUMBERS: [Type; 4] = [
        Type::INT4_ARRAY,
        Type::INT8_ARRAY,
        Type::NUMERIC_ARRAY,
        Type::FLOAT8_ARRAY,
    ];
    let place = |of: &Type| NUMBERS.iter().position(|number| number == of);
    NUMBERS.get(place(&one)?.max(place(&other)?)).cloned()
}

fn array_of(element: &Type) -> Option<Type> {
    Some(match *element {
        Type::BOOL => Type::BOOL_ARRAY,
        Type::INT4 => Type::INT4_ARRAY,
        Type::INT8 => Type::INT8_ARRAY,
        Type::NUMERIC => Type::NUMERIC_ARRAY,
        Type::FLOAT8 => Type::FLOAT8_ARRAY,
        Type::BYTEA => Type::BYTEA_ARRAY,
        Type::TIMESTAMPTZ => Type::TIMESTAMPTZ_ARRAY,
        Type::TIMESTAMP => Type::TIMESTAMP_ARRAY,
        Type::DATE => Type::DATE_ARRAY,
        Type::TIME => Type::TIME_ARRAY,
        Type::UUID => Type::UUID_ARRAY,
        Type::INTERVAL => Type::INTERVAL_ARRAY,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &Value<'_>) -> String {
        let mut text = String::new();
        write(value, &mut text);
        text
    }

    #[test]
    fn what_the_input_functions_read() {
        let string = |text| Value::Text(Kind::Text, text);
        for (value, expected) in [
            (Value::Boolean(true), "true"),
            (Value::Integer(i64::MIN), "-9223372036854775808"),
            (Value::Float(1.5), "1.5"),
            (Value::Float(1e300), "1e300"),
            (Value::Float(f64::NEG_INFINITY), "-Infinity"),
            (Value::Float(f64::NAN), "NaN"),
            (Value::Bytes(&[0, 255]), "\\x00ff"),
            (Value::Array(Vec::new()), "{}"),
            (
                Value::Array(vec![
                    string("a\"b\\c"),
                    Value::Null,
                    string("NULL"),
                    string(""),
                ]),
                r#"{"a\"b\\c",NULL,"NULL",""}"#,
            ),
            (
                Value::Array(vec![
                    Value::Array(vec![Value::Integer(1)]),
                    Value::Array(vec![Value::Null]),
                ]),
                "{{1},{NULL}}",
            ),
            (Value::Array(vec![Value::Bytes(&[1])]), r#"{"\\x01"}"#),
        ] {
            assert_eq!(text(&value), expected);
        }
    }

    #[test]
    fn literals_have_the_types_of_literals() {
        let timestamp = |text| Value::Text(Kind::Timestamp, text);
        for (value, expected) in [
            (Value::Null, None),
            (Value::Text(Kind::Text, "1"), None),
            (Value::Integer(1 << 31), Some(Type::INT8)),
            (Value::Integer(-1), Some(Type::INT4)),
            (Value::Float(0.1), Some(Type::NUMERIC)),
            (timestamp("2026-01-31T00:00:00"), Some(Type::TIMESTAMP)),
            (timestamp("2026-01-31T00:00:00Z"), Some(Type::TIMESTAMPTZ)),
            (
                timestamp("2026-01-31T00:00:00-01:00"),
                Some(Type::TIMESTAMPTZ),
            ),
            (Value::Array(vec![]), None),
            (
                Value::Array(vec![Value::Integer(1), Value::Null, Value::Float(0.5)]),
                Some(Type::NUMERIC_ARRAY),
            ),
            (
                Value::Array(vec![Value::Integer(1), Value::Text(Kind::Text, "a")]),
                None,
            ),
        ] {
            assert_eq!(literal_type(&value), expected, "{value:?}");
        }
    }
}
