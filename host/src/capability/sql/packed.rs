//! The layout in which parameters and rows are passed, as `wit/sql.wit` has it.
//! What a guest hands in is checked to the last byte.

use crate::capability::Limit;

/// How deep arrays nest.
const DEPTH_MAX: u32 = 8;
/// Values of one operation, those in arrays included: a value in memory takes
/// thirty times what the shortest takes in the layout.
const VALUES_MAX: usize = 1 << 18;

/// A parameter.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value<'a> {
    Null,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    /// Anything that is written as text.
    Text(Kind, &'a str),
    Bytes(&'a [u8]),
    Array(Vec<Value<'a>>),
}

/// What a text stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Decimal,
    Timestamp,
    Date,
    Time,
    Json,
    Uuid,
    Interval,
}

const NULL: u8 = 0;
const BOOLEAN: u8 = 1;
const INTEGER: u8 = 2;
const FLOAT: u8 = 3;
const BYTES: u8 = 5;
const ARRAY: u8 = 13;
const TUPLE: u8 = 14;

impl Kind {
    const fn code(self) -> u8 {
        match self {
            Self::Text => 4,
            Self::Decimal => 6,
            Self::Timestamp => 7,
            Self::Date => 8,
            Self::Time => 9,
            Self::Json => 10,
            Self::Uuid => 11,
            Self::Interval => 12,
        }
    }

    const fn of(code: u8) -> Option<Self> {
        Some(match code {
            4 => Self::Text,
            6 => Self::Decimal,
            7 => Self::Timestamp,
            8 => Self::Date,
            9 => Self::Time,
            10 => Self::Json,
            11 => Self::Uuid,
            12 => Self::Interval,
            _ => return None,
        })
    }
}

/// Parameters that do not follow the layout.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    #[error("packed parameters end too early")]
    Short,
    #[error("packed parameters go on after their end")]
    Long,
    #[error("a packed value is of the unknown kind {0}")]
    Kind(u8),
    #[error("a packed boolean is neither 0 nor 1")]
    Boolean,
    #[error("a packed text is not UTF-8")]
    Text,
    #[error("packed arrays nest more than {DEPTH_MAX} deep")]
    Depth,
    #[error("a packed tuple stands among positional parameters")]
    Tuple,
    #[error("more than {VALUES_MAX} packed values")]
    Values,
}

/// Values that may still be read.
#[derive(Debug)]
pub(super) struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(VALUES_MAX)
    }
}

/// Reads positional parameters. No bytes at all are none.
pub(super) fn parameters<'a>(
    bytes: &'a [u8],
    budget: &mut Budget,
) -> Result<Vec<Value<'a>>, Malformed> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let mut reader = Reader {
        rest: bytes,
        budget,
    };
    let values = reader.values(0)?;
    match reader.rest {
        [] => Ok(values),
        _ => Err(Malformed::Long),
    }
}

struct Reader<'a, 'b> {
    rest: &'a [u8],
    budget: &'b mut Budget,
}

impl<'a> Reader<'a, '_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(Malformed::Short)?;
        self.rest = rest;
        Ok(*taken)
    }

    fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let length = u32::from_le_bytes(self.take()?) as usize;
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Malformed::Short)?;
        self.rest = rest;
        Ok(taken)
    }

    fn values(&mut self, depth: u32) -> Result<Vec<Value<'a>>, Malformed> {
        let number = u32::from_le_bytes(self.take()?) as usize;
        // Each takes a byte at least: nothing is set aside for those that
        // are announced and not there.
        if number > self.rest.len() {
            return Err(Malformed::Short);
        }
        self.budget.0 = self.budget.0.checked_sub(number).ok_or(Malformed::Values)?;
        let mut values = Vec::with_capacity(number);
        for _ in 0..number {
            values.push(self.value(depth)?);
        }
        Ok(values)
    }

    fn value(&mut self, depth: u32) -> Result<Value<'a>, Malformed> {
        let [kind] = self.take()?;
        Ok(match kind {
            NULL => Value::Null,
            BOOLEAN => match self.take()? {
                [0] => Value::Boolean(false),
                [1] => Value::Boolean(true),
                _ => return Err(Malformed::Boolean),
            },
            INTEGER => Value::Integer(i64::from_le_bytes(self.take()?)),
            FLOAT => Value::Float(f64::from_le_bytes(self.take()?)),
            BYTES => Value::Bytes(self.bytes()?),
            ARRAY if depth == DEPTH_MAX => return Err(Malformed::Depth),
            ARRAY => Value::Array(self.values(depth + 1)?),
            TUPLE => return Err(Malformed::Tuple),
            code => {
                let kind = Kind::of(code).ok_or(Malformed::Kind(code))?;
                let text = std::str::from_utf8(self.bytes()?).map_err(|_| Malformed::Text)?;
                Value::Text(kind, text)
            }
        })
    }
}

/// Rows on their way to a guest.
#[derive(Debug)]
pub(super) struct Rows {
    bytes: Vec<u8>,
    bytes_max: u64,
    /// Where their number stands.
    number_at: usize,
    number: u32,
}

impl Rows {
    /// No rows yet, of columns with these names.
    pub(super) fn new<'n>(
        names: impl ExactSizeIterator<Item = &'n str>,
        bytes_max: u64,
    ) -> Result<Self, Limit> {
        let mut bytes = Vec::new();
        bytes.extend(length(names.len()));
        for name in names {
            put(&mut bytes, name.as_bytes());
        }
        let number_at = bytes.len();
        bytes.extend(0_u32.to_le_bytes());
        let rows = Self {
            bytes,
            bytes_max,
            number_at,
            number: 0,
        };
        rows.check()?;
        Ok(rows)
    }

    /// Adds a row, whose values `write` writes in the order of the columns.
    pub(super) fn add<E: From<Limit>>(
        &mut self,
        write: impl FnOnce(&mut Writer<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        write(&mut Writer(&mut self.bytes))?;
        self.number += 1;
        self.check()?;
        Ok(())
    }

    fn check(&self) -> Result<(), Limit> {
        let bytes = self.bytes.len() as u64;
        // A row without columns takes none of them.
        self.admits(bytes + u64::from(self.number))
    }

    /// Whether so many bytes of rows may still come together.
    pub(super) fn admits(&self, bytes: u64) -> Result<(), Limit> {
        if bytes > self.bytes_max {
            let allowed = format_args!("{} bytes", self.bytes_max);
            return Err(Limit::new("sql_result_bytes", allowed));
        }
        Ok(())
    }

    /// The layout, and the number of rows in it.
    pub(super) fn finish(mut self) -> (Vec<u8>, u32) {
        let number = self.number.to_le_bytes();
        let range = self.number_at..self.number_at + number.len();
        if let Some(place) = self.bytes.get_mut(range) {
            place.copy_from_slice(&number);
        }
        (self.bytes, self.number)
    }
}

/// Writes values.
#[derive(Debug)]
pub(super) struct Writer<'a>(pub(super) &'a mut Vec<u8>);

impl Writer<'_> {
    pub(super) fn null(&mut self) {
        self.0.push(NULL);
    }

    pub(super) fn boolean(&mut self, value: bool) {
        self.0.extend([BOOLEAN, u8::from(value)]);
    }

    pub(super) fn integer(&mut self, value: i64) {
        self.0.push(INTEGER);
        self.0.extend(value.to_le_bytes());
    }

    pub(super) fn float(&mut self, value: f64) {
        self.0.push(FLOAT);
        self.0.extend(value.to_le_bytes());
    }

    pub(super) fn text(&mut self, kind: Kind, text: &str) {
        self.0.push(kind.code());
        put(self.0, text.as_bytes());
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.0.push(BYTES);
        put(self.0, bytes);
    }

    /// Begins an array; its values follow.
    pub(super) fn array(&mut self, values: usize) {
        self.0.push(ARRAY);
        self.0.extend(length(values));
    }
}

fn put(into: &mut Vec<u8>, bytes: &[u8]) {
    into.extend(length(bytes.len()));
    into.extend(bytes);
}

/// No column of either database holds more than a gigabyte.
fn length(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes()
}

#[cfg(test)]
pub(super) use self::tests::{pack, unpack};

#[cfg(test)]
mod tests;
