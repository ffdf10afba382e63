//! Values of parameters and columns.

use crate::{Error, Result};

/// A value of a parameter or a column. What has no type of its own in Rust's standard library is
/// text in the form named.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A floating-point number.
    Float(f64),
    /// Text. It holds no NUL, which no database stores.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A decimal number, such as `-1.50` or `NaN`.
    Decimal(String),
    /// RFC 3339; without an offset where the column has none.
    Timestamp(String),
    /// `2026-01-31`.
    Date(String),
    /// `23:59:59.5`.
    Time(String),
    /// JSON.
    Json(String),
    /// `c56a4180-65aa-42ec-a945-5fd21dec0538`.
    Uuid(String),
    /// An ISO 8601 duration.
    Interval(String),
    /// Values of one kind.
    Array(Vec<Value>),
    /// `(a, b)`, for `IN`. Only in named parameters of [`database`](crate::database).
    Tuple(Vec<Value>),
}

impl Value {
    /// What it is, for errors.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "a boolean",
            Self::Integer(_) => "an integer",
            Self::Float(_) => "a float",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::Decimal(_) => "a decimal",
            Self::Timestamp(_) => "a timestamp",
            Self::Date(_) => "a date",
            Self::Time(_) => "a time",
            Self::Json(_) => "JSON",
            Self::Uuid(_) => "a UUID",
            Self::Interval(_) => "an interval",
            Self::Array(_) => "an array",
            Self::Tuple(_) => "a tuple",
        }
    }
}

macro_rules! from {
    ($($from:ty => $kind:ident),+ $(,)?) => {
        $(impl From<$from> for Value {
            fn from(value: $from) -> Self {
                Self::$kind(value.into())
            }
        })+
    };
}

from! {
    bool => Boolean,
    i8 => Integer, i16 => Integer, i32 => Integer, i64 => Integer,
    u8 => Integer, u16 => Integer, u32 => Integer,
    f32 => Float, f64 => Float,
    &str => Text, String => Text, &String => Text,
    &[u8] => Bytes, Vec<u8> => Bytes,
    Vec<Value> => Array,
}

/// A number too large for a column's integer becomes a decimal.
impl From<u64> for Value {
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or_else(|_| Self::Decimal(value.to_string()), Self::Integer)
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Self {
        Self::from(value as u64)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// What a column's value can be read as. `internal` where it is of another kind: then the plugin
/// and its own SQL disagree.
pub trait FromValue<'a>: Sized {
    /// Reads the value.
    fn from_value(value: &'a Value) -> Result<Self>;
}

fn mismatch<T>(value: &Value, wanted: &str) -> Result<T> {
    Err(Error::internal(format!(
        "a column holds {} in place of {wanted}",
        value.kind()
    )))
}

impl<'a> FromValue<'a> for &'a Value {
    fn from_value(value: &'a Value) -> Result<Self> {
        Ok(value)
    }
}

/// SQLite has no booleans but 0 and 1.
impl FromValue<'_> for bool {
    fn from_value(value: &Value) -> Result<Self> {
        match value {
            Value::Boolean(value) => Ok(*value),
            Value::Integer(0) => Ok(false),
            Value::Integer(1) => Ok(true),
            other => mismatch(other, "a boolean"),
        }
    }
}

macro_rules! integers {
    ($($integer:ty),+) => {
        $(impl FromValue<'_> for $integer {
            fn from_value(value: &Value) -> Result<Self> {
                match value {
                    Value::Integer(number) => Self::try_from(*number).or_else(|_| {
                        Err(Error::internal(format!(
                            "a column's {number} does not fit {}",
                            stringify!($integer)
                        )))
                    }),
                    // A sum of integers is numeric.
                    Value::Decimal(text) => match text.parse() {
                        Ok(number) => Ok(number),
                        Err(_) => mismatch(value, "an integer"),
                    },
                    other => mismatch(other, "an integer"),
                }
            }
        })+
    };
}

integers!(i16, i32, i64, u16, u32, u64, usize);

impl FromValue<'_> for f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "what is asked for is a float; the database casts the same way"
    )]
    fn from_value(value: &Value) -> Result<Self> {
        match value {
            Value::Float(number) => Ok(*number),
            Value::Integer(number) => Ok(*number as Self),
            Value::Decimal(text) => match text.parse() {
                Ok(number) => Ok(number),
                Err(_) => mismatch(value, "a number"),
            },
            other => mismatch(other, "a number"),
        }
    }
}

/// Everything that is text in its packed form can be read as text.
impl<'a> FromValue<'a> for &'a str {
    fn from_value(value: &'a Value) -> Result<Self> {
        match value {
            Value::Text(text)
            | Value::Decimal(text)
            | Value::Timestamp(text)
            | Value::Date(text)
            | Value::Time(text)
            | Value::Json(text)
            | Value::Uuid(text)
            | Value::Interval(text) => Ok(text),
            other => mismatch(other, "text"),
        }
    }
}

impl<'a> FromValue<'a> for &'a [u8] {
    fn from_value(value: &'a Value) -> Result<Self> {
        match value {
            Value::Bytes(bytes) => Ok(bytes),
            other => mismatch(other, "bytes"),
        }
    }
}

impl<'a> FromValue<'a> for &'a [Value] {
    fn from_value(value: &'a Value) -> Result<Self> {
        match value {
            Value::Array(values) => Ok(values),
            other => mismatch(other, "an array"),
        }
    }
}

impl<'a> FromValue<'a> for String {
    fn from_value(value: &'a Value) -> Result<Self> {
        <&str>::from_value(value).map(str::to_owned)
    }
}

impl<'a> FromValue<'a> for Vec<u8> {
    fn from_value(value: &'a Value) -> Result<Self> {
        <&[u8]>::from_value(value).map(<[u8]>::to_vec)
    }
}

impl<'a, T: FromValue<'a>> FromValue<'a> for Option<T> {
    fn from_value(value: &'a Value) -> Result<Self> {
        match value {
            Value::Null => Ok(None),
            value => T::from_value(value).map(Some),
        }
    }
}
