//! Parameters and rows in the form of `wit/sql.wit`, from JSON and to it.

use std::fmt::Write as _;

use serde_json::{Map, Number, Value, json};

/// How deep arrays and tuples nest.
const DEPTH_MAX: usize = 8;

const NULL: u8 = 0;
const BOOLEAN: u8 = 1;
const INTEGER: u8 = 2;
const FLOAT: u8 = 3;
const TEXT: u8 = 4;
const BYTES: u8 = 5;
const DECIMAL: u8 = 6;
const JSON: u8 = 10;
const INTERVAL: u8 = 12;
const ARRAY: u8 = 13;
const TUPLE: u8 = 14;

/// Named parameters. An object becomes a value of the kind JSON.
pub(in crate::author) fn named(parameters: &Map<String, Value>) -> Vec<u8> {
    let mut packed = Vec::new();
    count(&mut packed, parameters.len());
    for (name, value) in parameters {
        text(&mut packed, name);
        pack(&mut packed, value);
    }
    packed
}

fn pack(packed: &mut Vec<u8>, value: &Value) {
    let mut tagged = |kind, bytes: &[u8]| {
        packed.push(kind);
        packed.extend_from_slice(bytes);
    };
    match value {
        Value::Null => tagged(NULL, &[]),
        Value::Bool(flag) => tagged(BOOLEAN, &[u8::from(*flag)]),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => tagged(INTEGER, &integer.to_le_bytes()),
            (None, Some(float)) if !number.is_u64() => tagged(FLOAT, &float.to_le_bytes()),
            _ => {
                tagged(DECIMAL, &[]);
                text(packed, &number.to_string());
            }
        },
        Value::String(string) => {
            tagged(TEXT, &[]);
            text(packed, string);
        }
        Value::Array(items) => {
            tagged(ARRAY, &[]);
            count(packed, items.len());
            for item in items {
                pack(packed, item);
            }
        }
        object @ Value::Object(_) => {
            tagged(JSON, &[]);
            text(packed, &object.to_string());
        }
    }
}

fn text(packed: &mut Vec<u8>, text: &str) {
    count(packed, text.len());
    packed.extend_from_slice(text.as_bytes());
}

/// No command line is longer than 32 bits can count.
fn count(packed: &mut Vec<u8>, count: usize) {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    packed.extend_from_slice(&count.to_le_bytes());
}

/// Rows as objects, one each; a mistake in them is told in their place.
pub(in crate::author) fn rows(packed: &[u8]) -> Value {
    let mut input = Input(packed);
    let rows = input.rows();
    match rows {
        Some(rows) if input.0.is_empty() => rows,
        _ => json!({ "error": "not packed as wit/sql.wit says" }),
    }
}

/// What is left to be read.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn rows(&mut self) -> Option<Value> {
        let columns = self.number()?;
        let names: Vec<_> = (0..columns).map_while(|_| self.text()).collect();
        if names.len() != columns {
            return None;
        }
        let mut rows = Vec::new();
        let count = self.number()?;
        if names.is_empty() && count > 0 {
            return None;
        }
        for _ in 0..count {
            let mut row = Map::new();
            for name in &names {
                row.insert((*name).to_owned(), self.value(0)?);
            }
            rows.push(Value::Object(row));
        }
        Some(Value::Array(rows))
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        let [kind] = self.array()?;
        Some(match kind {
            NULL => Value::Null,
            BOOLEAN => Value::Bool(self.array::<1>()? != [0]),
            INTEGER => i64::from_le_bytes(self.array()?).into(),
            FLOAT => {
                let float = f64::from_le_bytes(self.array()?);
                // JSON has neither infinities nor NaN.
                let number = Number::from_f64(float).map(Value::Number);
                number.unwrap_or_else(|| float.to_string().into())
            }
            BYTES => {
                let length = self.number()?;
                let mut shown = String::from("\\x");
                for byte in self.take(length)? {
                    // A text takes all there is.
                    _ = write!(shown, "{byte:02x}");
                }
                shown.into()
            }
            JSON => serde_json::from_str(self.text()?).ok()?,
            TEXT..=INTERVAL => self.text()?.into(),
            ARRAY | TUPLE if depth < DEPTH_MAX => {
                let count = self.number()?;
                let mut items = Vec::new();
                for _ in 0..count {
                    items.push(self.value(depth + 1)?);
                }
                items.into()
            }
            _ => return None,
        })
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = self.number()?;
        std::str::from_utf8(self.take(length)?).ok()
    }

    fn number(&mut self) -> Option<usize> {
        usize::try_from(u32::from_le_bytes(self.array()?)).ok()
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, left) = self.0.split_at_checked(length)?;
        self.0 = left;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out() {
        let values = json!({
            "a": null, "b": true, "c": -7, "d": 1.5, "e": "é", "f": [1, ["x"]],
            "g": {"h": 1}, "i": u64::MAX,
        });
        let values = values.as_object().unwrap();
        let packed = named(values);
        // One row of the same values, with their names in front.
        let mut row = Vec::new();
        count(&mut row, values.len());
        values.keys().for_each(|name| text(&mut row, name));
        count(&mut row, 1);
        values.values().for_each(|value| pack(&mut row, value));
        let mut expected = values.clone();
        expected.insert("i".to_owned(), u64::MAX.to_string().into());
        assert_eq!(rows(&row), json!([expected]));
        assert_eq!(packed.len(), row.len() - 4);
    }

    #[test]
    fn nothing_is_believed_of_what_is_cut_off_or_too_long() {
        let mut row = Vec::new();
        count(&mut row, 1);
        text(&mut row, "n");
        count(&mut row, 1);
        pack(&mut row, &json!(["a", 1]));
        for end in 0..row.len() {
            assert!(rows(&row[..end]).is_object(), "{end}");
        }
        row.push(0);
        assert!(rows(&row).is_object());
        // Rows without columns would cost nothing and never end.
        assert!(rows(&[0, 0, 0, 0, 255, 255, 255, 255]).is_object());
    }
}
