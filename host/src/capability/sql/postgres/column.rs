//! Values of columns, from the server's binary form to the packed one.

use std::error::Error;

use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Kind as TypeKind, Type};

use super::failure::Failure;
use super::wire::{Misread, Wire};
use super::{numeric, time};
use crate::capability::sql::packed::{Kind, Writer};

/// Dimensions of an array; the server's own limit.
const DIMENSIONS_MAX: usize = 6;

/// Says what a value is as text whose binary form is not known here.
pub(super) type Foreign<'f> = dyn FnMut(&Type, &[u8]) -> Result<String, Failure> + Send + 'f;

/// A value as it came.
struct Raw<'a>(Option<&'a [u8]>);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(Some(raw)))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(None))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// Why a value was not written.
enum Trouble {
    Misread,
    Record,
    Years,
    Other(Failure),
}

impl From<Misread> for Trouble {
    fn from(_: Misread) -> Self {
        Self::Misread
    }
}

/// Writes the values of a row.
pub(super) fn write_row(
    row: &Row,
    into: &mut Writer<'_>,
    foreign: &mut Foreign<'_>,
) -> Result<(), Failure> {
    for (place, column) in row.columns().iter().enumerate() {
        let Raw(value) = row.try_get(place)?;
        write(column.type_(), value, into, foreign).map_err(|trouble| match trouble {
            Trouble::Other(failure) => failure,
            Trouble::Misread => Failure::Value {
                column: column.name().to_owned(),
                why: "the server's form of this value is not understood",
            },
            Trouble::Record => Failure::Value {
                column: column.name().to_owned(),
                why: "a row without a type has no form here: cast it to text",
            },
            Trouble::Years => Failure::Value {
                column: column.name().to_owned(),
                why: "outside the years 1 to 9999",
            },
        })?;
    }
    Ok(())
}

/// Whether the server must be asked what values of a type are as text.
pub(super) fn is_foreign(of: &Type) -> bool {
    match of.kind() {
        TypeKind::Array(element) => is_foreign(element),
        TypeKind::Domain(base) => is_foreign(base),
        TypeKind::Enum(_) => false,
        _ => !KNOWN.contains(of) && !is_text(of) && *of != Type::RECORD,
    }
}

/// Types with a form of their own in the layout.
const KNOWN: [Type; 17] = [
    Type::BOOL,
    Type::INT2,
    Type::INT4,
    Type::INT8,
    Type::OID,
    Type::FLOAT4,
    Type::FLOAT8,
    Type::NUMERIC,
    Type::BYTEA,
    Type::TIMESTAMPTZ,
    Type::TIMESTAMP,
    Type::DATE,
    Type::TIME,
    Type::TIMETZ,
    Type::INTERVAL,
    Type::UUID,
    Type::JSONB,
];

/// Types whose binary form is their text.
fn is_text(of: &Type) -> bool {
    const TEXTS: [Type; 9] = [
        Type::TEXT,
        Type::VARCHAR,
        Type::BPCHAR,
        Type::NAME,
        Type::CHAR,
        Type::UNKNOWN,
        Type::XML,
        Type::JSON,
        Type::VOID,
    ];
    TEXTS.contains(of) || of.name() == "citext"
}

fn write(
    of: &Type,
    value: Option<&[u8]>,
    into: &mut Writer<'_>,
    foreign: &mut Foreign<'_>,
) -> Result<(), Trouble> {
    let Some(bytes) = value else {
        into.null();
        return Ok(());
    };
    let mut wire = Wire(bytes);
    match of.kind() {
        TypeKind::Array(element) => return write_array(element, wire, into, foreign),
        TypeKind::Domain(base) => return write(base, value, into, foreign),
        TypeKind::Enum(_) => {
            into.text(Kind::Text, wire.text()?);
            return Ok(());
        }
        _ => {}
    }
    match *of {
        Type::BOOL => into.boolean(wire.u8()? != 0),
        Type::INT2 => into.integer(wire.i16()?.into()),
        Type::INT4 => into.integer(wire.i32()?.into()),
        Type::OID => into.integer(wire.u32()?.into()),
        Type::INT8 => into.integer(wire.i64()?),
        Type::FLOAT4 => into.float(widened(f32::from_bits(wire.u32()?))),
        Type::FLOAT8 => into.float(f64::from_bits(wire.i64()?.cast_unsigned())),
        Type::NUMERIC => into.text(Kind::Decimal, &numeric::text(wire)?),
        Type::BYTEA => into.bytes(bytes),
        Type::TIMESTAMPTZ => {
            let text = time::timestamp(wire, "Z")?.ok_or(Trouble::Years)?;
            into.text(Kind::Timestamp, &text);
        }
        Type::TIMESTAMP => {
            let text = time::timestamp(wire, "")?.ok_or(Trouble::Years)?;
            into.text(Kind::Timestamp, &text);
        }
        Type::DATE => {
            let text = time::date(wire)?.ok_or(Trouble::Years)?;
            into.text(Kind::Date, &text);
        }
        Type::TIME => into.text(Kind::Time, &time::time(&mut wire)?),
        Type::TIMETZ => into.text(Kind::Time, &time::time_with_offset(wire)?),
        Type::INTERVAL => into.text(Kind::Interval, &time::interval(wire)?),
        Type::UUID => {
            let uuid = uuid::Uuid::from_slice(bytes).map_err(|_| Misread)?;
            into.text(Kind::Uuid, &uuid.hyphenated().to_string());
        }
        Type::JSON => into.text(Kind::Json, wire.text()?),
        Type::JSONB => {
            // The version of the form.
            if wire.u8()? != 1 {
                return Err(Trouble::Misread);
            }
            into.text(Kind::Json, wire.text()?);
        }
        // The server does not read it back.
        Type::RECORD => return Err(Trouble::Record),
        _ if is_text(of) => into.text(Kind::Text, wire.text()?),
        _ => into.text(Kind::Text, &foreign(of, bytes).map_err(Trouble::Other)?),
    }
    Ok(())
}

/// The number that a float of half the size is written as, rather than the one
/// it is: `1.1` stays `1.1`.
fn widened(value: f32) -> f64 {
    value.to_string().parse().unwrap_or_else(|_| value.into())
}

fn write_array(
    element: &Type,
    mut wire: Wire<'_>,
    into: &mut Writer<'_>,
    foreign: &mut Foreign<'_>,
) -> Result<(), Trouble> {
    let number = usize::try_from(wire.i32()?).map_err(|_| Misread)?;
    if number > DIMENSIONS_MAX {
        return Err(Trouble::Misread);
    }
    let _has_nulls = wire.i32()?;
    let _element = wire.u32()?;
    let mut lengths = Vec::with_capacity(number);
    for _ in 0..number {
        lengths.push(usize::try_from(wire.i32()?).map_err(|_| Misread)?);
        let _lower_bound = wire.i32()?;
    }
    if lengths.is_empty() {
        into.array(0);
        return Ok(());
    }
    write_dimension(&lengths, element, &mut wire, into, foreign)
}

fn write_dimension(
    lengths: &[usize],
    element: &Type,
    wire: &mut Wire<'_>,
    into: &mut Writer<'_>,
    foreign: &mut Foreign<'_>,
) -> Result<(), Trouble> {
    let Some((length, inner)) = lengths.split_first() else {
        let value = wire.value()?;
        return write(element, value, into, foreign);
    };
    // Each element has a length of four bytes at least.
    if *length > wire.0.len() / 4 {
        return Err(Trouble::Misread);
    }
    into.array(*length);
    for _ in 0..*length {
        write_dimension(inner, element, wire, into, foreign)?;
    }
    Ok(())
}
