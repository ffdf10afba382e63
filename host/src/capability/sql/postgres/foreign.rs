//! Values of types whose binary form is not known here, such as `inet` or
//! those of an extension: the server itself says what they are as text.

use std::collections::{BTreeMap, VecDeque};

use bytes::BytesMut;
use deadpool_postgres::ClientWrapper;
use tokio_postgres::Row;
use tokio_postgres::types::{Format, IsNull, Oid, ToSql, Type, to_sql_checked};

use super::column::write_row;
use super::failure::Failure;
use crate::capability::sql::packed::{Rows, Writer};

/// Texts of values in the order in which they are met, by their type.
pub(super) type Texts = BTreeMap<Oid, VecDeque<String>>;

/// Asks for the texts of all foreign values in `rows`: one question for each
/// type.
pub(super) async fn texts(client: &ClientWrapper, rows: &[Row]) -> Result<Texts, Failure> {
    let mut found = BTreeMap::<Oid, (Type, Vec<Vec<u8>>)>::new();
    let mut unread = Vec::new();
    for row in rows {
        unread.clear();
        write_row(row, &mut Writer(&mut unread), &mut |of, bytes| {
            let (_, values) = found.entry(of.oid()).or_insert((of.clone(), Vec::new()));
            values.push(bytes.to_vec());
            Ok(String::new())
        })?;
    }
    let mut texts = Texts::new();
    for (oid, (of, values)) in found {
        texts.insert(oid, ask(client, &of, &values).await?);
    }
    Ok(texts)
}

async fn ask(
    client: &ClientWrapper,
    of: &Type,
    values: &[Vec<u8>],
) -> Result<VecDeque<String>, Failure> {
    // Not a cast, which for some types writes more than the type itself does.
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let question = format!(
        "SELECT format('%s', value) FROM (SELECT unnest($1::{}.{}[]) AS value) AS t",
        quoted(of.schema()),
        quoted(of.name())
    );
    let values = Values { of, values };
    let rows = client.query(&question, &[&values]).await?;
    let text = |row: &Row| row.try_get::<_, Option<String>>(0);
    let texts = rows.iter().map(|row| Ok(text(row)?.unwrap_or_default()));
    texts.collect()
}

/// Writes the rows with these texts.
pub(super) fn write(rows: &mut Rows, kept: &[Row], mut texts: Texts) -> Result<(), Failure> {
    for row in kept {
        rows.add(|into| {
            write_row(row, into, &mut |of, _| {
                let text = texts.get_mut(&of.oid()).and_then(VecDeque::pop_front);
                text.ok_or(Failure::Lost)
            })
        })?;
    }
    Ok(())
}

/// An array of values in their binary form.
#[derive(Debug)]
struct Values<'a> {
    of: &'a Type,
    values: &'a [Vec<u8>],
}

impl ToSql for Values<'_> {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        let number = i32::try_from(self.values.len())?;
        // One dimension, no nulls; then its length and where it begins.
        for part in [1, 0, self.of.oid().cast_signed(), number, 1] {
            out.extend_from_slice(&part.to_be_bytes());
        }
        for value in self.values {
            out.extend_from_slice(&i32::try_from(value.len())?.to_be_bytes());
            out.extend_from_slice(value);
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Binary
    }

    to_sql_checked!();
}
