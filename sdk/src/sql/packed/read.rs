//! Unpacking.

use super::{DEPTH_MAX, tag};
use crate::{Error, Result, sql::Value};

/// Named parameters as they came, found by name without being unpacked.
#[derive(Debug, Clone)]
pub struct Named<'a>(Vec<(&'a str, Raw<'a>)>);

impl<'a> Named<'a> {
    /// Checks the bytes and finds the parameters in them. `invalid` for what is malformed and for
    /// a name that is given twice.
    pub fn unpack(packed: &'a [u8]) -> Result<Self> {
        let mut input = Input::new(packed);
        let count = input.count()?;
        // A name and a value take five bytes at least.
        let mut parameters: Vec<(&str, Raw<'_>)> = Vec::with_capacity(count.min(packed.len() / 5));
        for _ in 0..count {
            let name = input.text()?;
            if parameters.iter().any(|(other, _)| *other == name) {
                return Err(Error::invalid("a parameter is given twice").about(name));
            }
            parameters.push((name, input.raw()?));
        }
        input.end()?;
        Ok(Self(parameters))
    }

    /// The value of this name.
    pub fn get(&self, name: &str) -> Option<Raw<'a>> {
        let found = self.0.iter().find(|(other, _)| *other == name);
        found.map(|(_, value)| *value)
    }
}

/// One packed value that has been checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Raw<'a>(&'a [u8]);

impl<'a> Raw<'a> {
    /// The value as it is packed.
    pub fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// The values of a tuple; none for anything else.
    pub fn tuple(self) -> Option<Elements<'a>> {
        let mut input = Input::new(self.0);
        if input.byte() != Ok(tag::TUPLE) {
            return None;
        }
        let count = input.count().ok()?;
        Some(Elements { input, count })
    }

    /// The value itself.
    pub fn value(self) -> Result<Value> {
        Input::new(self.0).value(0)
    }
}

/// The values of a tuple, one after the other.
#[derive(Debug, Clone)]
pub struct Elements<'a> {
    input: Input<'a>,
    count: usize,
}

impl<'a> Iterator for Elements<'a> {
    type Item = Raw<'a>;

    fn next(&mut self) -> Option<Raw<'a>> {
        self.count = self.count.checked_sub(1)?;
        self.input.raw().ok()
    }
}

/// Bytes that are read from the front.
#[derive(Debug, Clone)]
pub(crate) struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub(crate) fn new(packed: &'a [u8]) -> Self {
        Self(packed)
    }

    pub(crate) fn left(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn count(&mut self) -> Result<usize> {
        let bytes = self.chunk()?;
        usize::try_from(u32::from_le_bytes(bytes)).map_err(|_| malformed())
    }

    pub(crate) fn text(&mut self) -> Result<&'a str> {
        std::str::from_utf8(self.bytes()?).map_err(|_| malformed())
    }

    /// Refuses what follows the last value.
    pub(crate) fn end(&self) -> Result<()> {
        self.0.is_empty().then_some(()).ok_or_else(malformed)
    }

    /// The next value, `depth` arrays and tuples deep.
    pub(crate) fn value(&mut self, depth: usize) -> Result<Value> {
        Ok(match self.byte()? {
            tag::NULL => Value::Null,
            tag::BOOLEAN => Value::Boolean(self.boolean()?),
            tag::INTEGER => Value::Integer(i64::from_le_bytes(self.chunk()?)),
            tag::FLOAT => Value::Float(f64::from_le_bytes(self.chunk()?)),
            tag::TEXT => Value::Text(self.text()?.to_owned()),
            tag::BYTES => Value::Bytes(self.bytes()?.to_vec()),
            tag::DECIMAL => Value::Decimal(self.text()?.to_owned()),
            tag::TIMESTAMP => Value::Timestamp(self.text()?.to_owned()),
            tag::DATE => Value::Date(self.text()?.to_owned()),
            tag::TIME => Value::Time(self.text()?.to_owned()),
            tag::JSON => Value::Json(self.text()?.to_owned()),
            tag::UUID => Value::Uuid(self.text()?.to_owned()),
            tag::INTERVAL => Value::Interval(self.text()?.to_owned()),
            tag::ARRAY => Value::Array(self.values(depth)?),
            tag::TUPLE => Value::Tuple(self.values(depth)?),
            _ => return Err(malformed()),
        })
    }

    fn values(&mut self, depth: usize) -> Result<Vec<Value>> {
        let count = self.elements(depth)?;
        (0..count).map(|_| self.value(depth + 1)).collect()
    }

    /// The next value as it is packed, checked.
    fn raw(&mut self) -> Result<Raw<'a>> {
        let before = self.0;
        self.skip(0, true)?;
        let length = before.len() - self.0.len();
        before.get(..length).map(Raw).ok_or_else(malformed)
    }

    /// Passes a value by. In an array no tuple has a meaning.
    fn skip(&mut self, depth: usize, tuples: bool) -> Result<()> {
        match self.byte()? {
            tag::NULL => {}
            tag::BOOLEAN => _ = self.boolean()?,
            tag::INTEGER | tag::FLOAT => _ = self.chunk::<8>()?,
            tag::BYTES => _ = self.bytes()?,
            tag::TEXT..=tag::INTERVAL => _ = self.text()?,
            tag @ (tag::ARRAY | tag::TUPLE) if tag == tag::ARRAY || tuples => {
                for _ in 0..self.elements(depth)? {
                    self.skip(depth + 1, tag == tag::TUPLE)?;
                }
            }
            _ => return Err(malformed()),
        }
        Ok(())
    }

    /// The number of values of an array or a tuple, each of which takes a byte at least.
    fn elements(&mut self, depth: usize) -> Result<usize> {
        let count = self.count()?;
        if depth == DEPTH_MAX || count > self.left() {
            return Err(malformed());
        }
        Ok(count)
    }

    fn byte(&mut self) -> Result<u8> {
        self.chunk().map(|[byte]| byte)
    }

    fn boolean(&mut self) -> Result<bool> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(malformed()),
        }
    }

    fn chunk<const LENGTH: usize>(&mut self) -> Result<[u8; LENGTH]> {
        let (chunk, rest) = self.0.split_first_chunk().ok_or_else(malformed)?;
        self.0 = rest;
        Ok(*chunk)
    }

    fn bytes(&mut self) -> Result<&'a [u8]> {
        let length = self.count()?;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or_else(malformed)?;
        self.0 = rest;
        Ok(bytes)
    }
}

fn malformed() -> Error {
    Error::invalid("packed values are malformed")
}
