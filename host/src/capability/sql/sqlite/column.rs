//! Values of columns. SQLite knows whole numbers, others, texts and bytes; the
//! declared type of a column says what else they stand for:
//!
//! | declared | stored | |
//! |---|---|---|
//! | `BOOLEAN`, `BOOL` | 0 or 1 | boolean |
//! | `DATETIME`, `TIMESTAMP` | text | timestamp; a blank before the time becomes `T` |
//! | `DATE`, `TIME` | text | date, time |
//! | `JSON`, `JSONB` | text | JSON |
//! | `UUID` | text | UUID |
//! | `DECIMAL`, `NUMERIC` | a number | decimal |
//!
//! Anything else, and expressions, are what they are stored as.

use sqlx::error::BoxDynError;
use sqlx::sqlite::{SqliteColumn, SqliteRow, SqliteValueRef};
use sqlx::{
    Column as _, ColumnOrigin, Decode, Row as _, Sqlite, SqliteConnection, TypeInfo as _,
    ValueRef as _,
};

use crate::capability::sql::packed::{Kind, Writer};

/// What a column's values stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Stored,
    Boolean,
    Decimal,
    Text(Kind),
}

/// The form of each column.
pub(super) async fn forms(
    connection: &mut SqliteConnection,
    columns: &[SqliteColumn],
) -> sqlx::Result<Vec<Form>> {
    let mut forms = Vec::with_capacity(columns.len());
    for column in columns {
        forms.push(match column.type_info().name() {
            "BOOLEAN" => Form::Boolean,
            "DATETIME" => Form::Text(Kind::Timestamp),
            "DATE" => Form::Text(Kind::Date),
            "TIME" => Form::Text(Kind::Time),
            // The library does not say what it does not know itself.
            "NULL" => declared(connection, column).await?,
            _ => Form::Stored,
        });
    }
    Ok(forms)
}

async fn declared(connection: &mut SqliteConnection, column: &SqliteColumn) -> sqlx::Result<Form> {
    let ColumnOrigin::Table(origin) = column.origin() else {
        return Ok(Form::Stored);
    };
    let question = "SELECT upper(type) FROM pragma_table_info($1) WHERE name = $2";
    let declared: Option<String> = sqlx::query_scalar(question)
        .bind(origin.table.to_string())
        .bind(origin.name.to_string())
        .fetch_optional(connection)
        .await?;
    let declared = declared.unwrap_or_default();
    let name = declared.split('(').next().unwrap_or_default().trim();
    Ok(match name {
        "JSON" | "JSONB" => Form::Text(Kind::Json),
        "UUID" => Form::Text(Kind::Uuid),
        "DECIMAL" | "NUMERIC" => Form::Decimal,
        _ => Form::Stored,
    })
}

/// Writes the values of a row.
pub(super) fn write_row(
    row: &SqliteRow,
    forms: &[Form],
    into: &mut Writer<'_>,
) -> sqlx::Result<()> {
    for (place, form) in forms.iter().enumerate() {
        let value = row.try_get_raw(place)?;
        write(value, *form, into).map_err(sqlx::Error::Decode)?;
    }
    Ok(())
}

fn write(value: SqliteValueRef<'_>, form: Form, into: &mut Writer<'_>) -> Result<(), BoxDynError> {
    if value.is_null() {
        into.null();
        return Ok(());
    }
    let stored = value.type_info().name().to_owned();
    match stored.as_str() {
        "INTEGER" => {
            let number = <i64 as Decode<Sqlite>>::decode(value)?;
            match form {
                Form::Boolean if matches!(number, 0 | 1) => into.boolean(number == 1),
                Form::Decimal => into.text(Kind::Decimal, &number.to_string()),
                _ => into.integer(number),
            }
        }
        "REAL" => {
            let number = <f64 as Decode<Sqlite>>::decode(value)?;
            match form {
                Form::Decimal if number.is_finite() => {
                    into.text(Kind::Decimal, &number.to_string())
                }
                _ => into.float(number),
            }
        }
        "BLOB" => into.bytes(<&[u8] as Decode<Sqlite>>::decode(value)?),
        _ => {
            let text = <&str as Decode<Sqlite>>::decode(value)?;
            match form {
                Form::Text(Kind::Timestamp) => timestamp(text, into),
                Form::Text(kind) => into.text(kind, text),
                _ => into.text(Kind::Text, text),
            }
        }
    }
    Ok(())
}

/// `CURRENT_TIMESTAMP` has a blank where RFC 3339 has a `T`.
fn timestamp(text: &str, into: &mut Writer<'_>) {
    let is_date = |date: &str| date.len() == 10 && date.split('-').count() == 3;
    match text.split_once([' ', 'T']) {
        Some((date, time)) if is_date(date) => {
            into.text(Kind::Timestamp, &format!("{date}T{time}"));
        }
        _ => into.text(Kind::Text, text),
    }
}
