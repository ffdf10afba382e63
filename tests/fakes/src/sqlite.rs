//! A real SQLite in memory, for plugins that run natively: what the host puts behind the capability
//! `database`, without the host.

use std::sync::Mutex;

use sqlx::{
    AssertSqlSafe, Column, Connection, Row, SqliteConnection, TypeInfo, ValueRef,
    query::Query,
    sqlite::{Sqlite as Driver, SqliteArguments, SqliteRow},
};
use tenon_sdk::{
    Error, Result,
    database::{Value, packed},
};
use tokio::runtime::{Builder, Runtime};

/// A database of its own.
#[derive(Debug)]
pub struct Sqlite(Mutex<(Runtime, SqliteConnection)>);

impl Default for Sqlite {
    fn default() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let connection = runtime.block_on(SqliteConnection::connect("sqlite::memory:"));
        Self(Mutex::new((runtime, connection.unwrap())))
    }
}

impl Sqlite {
    /// Runs a script as [`tenon_sdk::database::execute_packed`] says, and gives packed rows.
    pub fn execute(&self, script: &str, parameters: &[u8]) -> Result<Option<Vec<u8>>> {
        let named = packed::Named::unpack(parameters)?;
        let (text, names) = numbered(script);
        let mut query = sqlx::query(AssertSqlSafe(text));
        for name in names {
            let raw = named.get(name);
            let raw = raw.unwrap_or_else(|| panic!("a script names {name}, and nobody gives it"));
            query = bind(query, raw.value()?);
        }
        let (runtime, connection) = &mut *self.0.lock().unwrap();
        let rows = runtime.block_on(query.fetch_all(connection));
        rows.map(|rows| pack(&rows)).map_err(|error| match &error {
            sqlx::Error::Database(database) if database.is_unique_violation() => {
                Error::conflict(error.to_string())
            }
            _ => Error::invalid(error.to_string()),
        })
    }
}

/// `%(name)s` as `?1`, and the names in the order of the numbers.
fn numbered(script: &str) -> (String, Vec<&str>) {
    let (mut text, mut names) = (String::new(), Vec::new());
    let mut rest = script;
    while let Some((before, after)) = rest.split_once("%(") {
        let (name, after) = after.split_once(")s").unwrap();
        let at = names.iter().position(|other| *other == name);
        let at = at.unwrap_or_else(|| {
            names.push(name);
            names.len() - 1
        });
        text.push_str(&format!("{before}?{}", at + 1));
        rest = after;
    }
    text.push_str(rest);
    (text, names)
}

type Bound<'q> = Query<'q, Driver, SqliteArguments>;

fn bind<'q>(query: Bound<'q>, value: Value) -> Bound<'q> {
    match value {
        Value::Null => query.bind(None::<String>),
        Value::Boolean(value) => query.bind(value),
        Value::Integer(value) => query.bind(value),
        Value::Float(value) => query.bind(value),
        Value::Bytes(value) => query.bind(value),
        Value::Text(text) | Value::Json(text) | Value::Decimal(text) => query.bind(text),
        other => panic!("SQLite cannot bind {other:?}"),
    }
}

/// Rows as `wit/sql.wit` packs them.
fn pack(rows: &[SqliteRow]) -> Option<Vec<u8>> {
    let columns = rows.first()?.columns();
    let mut packed = Vec::new();
    let number = |packed: &mut Vec<u8>, number: usize| {
        packed.extend(u32::try_from(number).unwrap().to_le_bytes());
    };
    let bytes = |packed: &mut Vec<u8>, bytes: &[u8]| {
        number(packed, bytes.len());
        packed.extend(bytes);
    };
    number(&mut packed, columns.len());
    for column in columns {
        bytes(&mut packed, column.name().as_bytes());
    }
    number(&mut packed, rows.len());
    for row in rows {
        for at in 0..columns.len() {
            let value = row.try_get_raw(at).unwrap();
            // The kind of a value that is null is its column's.
            if value.is_null() {
                packed.push(0);
                continue;
            }
            let kind = value.type_info().name().to_owned();
            match &*kind {
                "INTEGER" => {
                    packed.push(2);
                    packed.extend(row.get_unchecked::<i64, _>(at).to_le_bytes());
                }
                "REAL" => {
                    packed.push(3);
                    packed.extend(row.get_unchecked::<f64, _>(at).to_le_bytes());
                }
                "TEXT" => {
                    packed.push(4);
                    bytes(&mut packed, row.get_unchecked::<String, _>(at).as_bytes());
                }
                "BLOB" => {
                    packed.push(5);
                    bytes(&mut packed, &row.get_unchecked::<Vec<u8>, _>(at));
                }
                other => panic!("SQLite has no {other}"),
            }
        }
    }
    Some(packed)
}
