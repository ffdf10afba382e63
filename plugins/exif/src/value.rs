//! Fields as JSON, under the names that the EXIF standard (CIPA DC-008) gives them.

use std::fmt::Write;

use exif::{Exif, Field, In, Rational, SRational, Value};
use serde_json::{Map, Value as Json};

/// Fields that are looked at. A camera writes a hundred; a file made to harm can have each field of
/// thousands stand for all of its bytes.
const FIELDS_MAX: usize = 512;
/// Values of one field; longer lists, and opaque bytes beyond that, are the camera's own notes and tell
/// a reader nothing.
const VALUES_MAX: usize = 256;
/// Characters of one text.
const TEXT_MAX: usize = 4096;

/// The fields of the picture itself, not of the small one that may come with it.
pub(crate) fn fields(exif: &Exif) -> Json {
    let fields = exif
        .fields()
        .take(FIELDS_MAX)
        .filter(|field| field.ifd_num == In::PRIMARY)
        .filter_map(|field| Some((name(field), json(&field.value)?)));
    Json::Object(fields.collect::<Map<_, _>>())
}

/// A field's name, or its number where it has none.
fn name(field: &Field) -> String {
    match field.tag.description() {
        Some(_) => field.tag.to_string(),
        None => format!("0x{:04x}", field.tag.number()),
    }
}

/// One value as itself, several as a list; none for what is unknown or too long.
fn json(value: &Value) -> Option<Json> {
    match value {
        Value::Byte(values) => list(values),
        Value::Short(values) => list(values),
        Value::Long(values) => list(values),
        Value::SByte(values) => list(values),
        Value::SShort(values) => list(values),
        Value::SLong(values) => list(values),
        Value::Float(values) => list(values),
        Value::Double(values) => list(values),
        Value::Rational(values) => quotients(values, |part: &Rational| {
            (part.denom != 0).then(|| part.to_f64())
        }),
        Value::SRational(values) => quotients(values, |part: &SRational| {
            (part.denom != 0).then(|| part.to_f64())
        }),
        Value::Ascii(lines) => {
            let lines: Vec<_> = lines
                .iter()
                .take(VALUES_MAX)
                .map(|line| text(line))
                .collect();
            Some(lines.join("\n").trim_end().into())
        }
        Value::Undefined(bytes, _) if bytes.len() <= VALUES_MAX => Some(opaque(bytes)),
        Value::Undefined(..) | Value::Unknown(..) => None,
    }
}

fn list<T: Copy + Into<Json>>(values: &[T]) -> Option<Json> {
    match values {
        [] => None,
        [one] => Some((*one).into()),
        values if values.len() > VALUES_MAX => None,
        values => Some(values.iter().map(|value| (*value).into()).collect()),
    }
}

/// Quotients as numbers; null where one divides by nothing.
fn quotients<T>(values: &[T], number: impl Fn(&T) -> Option<f64>) -> Option<Json> {
    if values.len() > VALUES_MAX {
        return None;
    }
    let numbers: Vec<Json> = values.iter().map(|value| number(value).into()).collect();
    match <[Json; 1]>::try_from(numbers) {
        Ok([one]) => Some(one),
        Err(numbers) => (!numbers.is_empty()).then(|| numbers.into()),
    }
}

/// Text without the zeros that fill its field, which databases refuse.
fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars()
        .filter(|letter| *letter != '\0')
        .take(TEXT_MAX)
        .collect()
}

/// Bytes of no stated type: text where they are printable, otherwise hexadecimal.
fn opaque(bytes: &[u8]) -> Json {
    let printable = bytes.iter().all(|byte| (b' '..=b'~').contains(byte));
    if printable {
        return text(bytes).into();
    }
    let digits = bytes.iter().fold(String::new(), |mut digits, byte| {
        // Writing into a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    });
    digits.into()
}
