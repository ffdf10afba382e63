//! Packing.

use super::{DEPTH_MAX, Raw, tag};
use crate::{
    Error, Result,
    sql::{Rows, Value},
};

/// Positional parameters in the making.
#[derive(Debug, Clone)]
pub struct Positional {
    bytes: Vec<u8>,
    count: u32,
}

/// Room for their number, which is known last.
const COUNT_BYTES: usize = 4;

impl Default for Positional {
    fn default() -> Self {
        Self {
            bytes: vec![0; COUNT_BYTES],
            count: 0,
        }
    }
}

impl Positional {
    /// How many there are, which is the number of the last `$n`.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Adds a value. `invalid` for one that cannot be bound by position: a tuple, what nests too
    /// deep, text with a NUL.
    pub fn push(&mut self, value: &Value) -> Result<()> {
        put(&mut self.bytes, value, 0, Tuples::Refused)?;
        self.count += 1;
        Ok(())
    }

    /// Adds a value that is packed already.
    pub fn push_raw(&mut self, value: Raw<'_>) {
        self.bytes.extend_from_slice(value.bytes());
        self.count += 1;
    }

    /// Adds an array of as many values as `values` gives.
    pub fn push_array<'a>(
        &mut self,
        values: impl ExactSizeIterator<Item = &'a Value>,
    ) -> Result<()> {
        self.bytes.push(tag::ARRAY);
        put_length(&mut self.bytes, values.len())?;
        for value in values {
            put(&mut self.bytes, value, 1, Tuples::Refused)?;
        }
        self.count += 1;
        Ok(())
    }

    /// Adds an array of texts, without a copy of any between the caller's and the packed one.
    pub fn push_texts<'a>(
        &mut self,
        texts: impl ExactSizeIterator<Item = Option<&'a str>>,
    ) -> Result<()> {
        self.bytes.push(tag::ARRAY);
        put_length(&mut self.bytes, texts.len())?;
        for text in texts {
            match text {
                Some(text) => put_text(&mut self.bytes, tag::TEXT, text)?,
                None => self.bytes.push(tag::NULL),
            }
        }
        self.count += 1;
        Ok(())
    }

    /// The packed parameters.
    pub fn finish(mut self) -> Vec<u8> {
        let count = self.count.to_le_bytes();
        if let Some(room) = self.bytes.first_chunk_mut() {
            *room = count;
        }
        self.bytes
    }
}

/// Packs named parameters. `invalid` for what nests too deep and for text with a NUL.
pub fn named(parameters: &[(&str, Value)]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    put_length(&mut bytes, parameters.len())?;
    for (name, value) in parameters {
        put_bytes(&mut bytes, name.as_bytes())?;
        put(&mut bytes, value, 0, Tuples::Allowed)
            .map_err(|error| error.about(format!("parameter {name}")))?;
    }
    Ok(bytes)
}

/// Packs rows, as a database would. Of use where a test stands in for one.
pub fn rows(rows: &Rows) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    put_length(&mut bytes, rows.columns().len())?;
    for column in rows.columns() {
        put_bytes(&mut bytes, column.as_bytes())?;
    }
    put_length(&mut bytes, rows.len())?;
    for row in rows.iter() {
        for value in row.values() {
            put(&mut bytes, value, 0, Tuples::Refused)?;
        }
    }
    Ok(bytes)
}

/// Whether tuples have a meaning where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tuples {
    Allowed,
    Refused,
}

fn put(bytes: &mut Vec<u8>, value: &Value, depth: usize, tuples: Tuples) -> Result<()> {
    match value {
        Value::Null => bytes.push(tag::NULL),
        Value::Boolean(value) => bytes.extend_from_slice(&[tag::BOOLEAN, u8::from(*value)]),
        Value::Integer(number) => {
            bytes.push(tag::INTEGER);
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        Value::Float(number) => {
            bytes.push(tag::FLOAT);
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        Value::Bytes(content) => {
            bytes.push(tag::BYTES);
            put_bytes(bytes, content)?;
        }
        Value::Text(text) => put_text(bytes, tag::TEXT, text)?,
        Value::Decimal(text) => put_text(bytes, tag::DECIMAL, text)?,
        Value::Timestamp(text) => put_text(bytes, tag::TIMESTAMP, text)?,
        Value::Date(text) => put_text(bytes, tag::DATE, text)?,
        Value::Time(text) => put_text(bytes, tag::TIME, text)?,
        Value::Json(text) => put_text(bytes, tag::JSON, text)?,
        Value::Uuid(text) => put_text(bytes, tag::UUID, text)?,
        Value::Interval(text) => put_text(bytes, tag::INTERVAL, text)?,
        Value::Array(values) => put_all(bytes, tag::ARRAY, values, depth, Tuples::Refused)?,
        Value::Tuple(_) if tuples == Tuples::Refused => {
            return Err(Error::invalid("a tuple cannot be bound here"));
        }
        Value::Tuple(values) => put_all(bytes, tag::TUPLE, values, depth, tuples)?,
    }
    Ok(())
}

fn put_all(
    bytes: &mut Vec<u8>,
    tag: u8,
    values: &[Value],
    depth: usize,
    tuples: Tuples,
) -> Result<()> {
    if depth == DEPTH_MAX {
        return Err(Error::invalid(format!(
            "values nest more than {DEPTH_MAX} deep"
        )));
    }
    bytes.push(tag);
    put_length(bytes, values.len())?;
    values
        .iter()
        .try_for_each(|value| put(bytes, value, depth + 1, tuples))
}

fn put_text(bytes: &mut Vec<u8>, tag: u8, text: &str) -> Result<()> {
    if text.contains('\0') {
        return Err(Error::invalid("text with a NUL cannot be stored"));
    }
    bytes.push(tag);
    put_bytes(bytes, text.as_bytes())
}

fn put_bytes(bytes: &mut Vec<u8>, content: &[u8]) -> Result<()> {
    put_length(bytes, content.len())?;
    bytes.extend_from_slice(content);
    Ok(())
}

fn put_length(bytes: &mut Vec<u8>, length: usize) -> Result<()> {
    let length = u32::try_from(length).map_err(|_| Error::invalid("a value is too large"))?;
    bytes.extend_from_slice(&length.to_le_bytes());
    Ok(())
}
