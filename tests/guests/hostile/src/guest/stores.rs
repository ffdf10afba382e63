//! Granted databases and key-value stores, both called `main`.

use super::bindings::tenon::connector::kv::{self, Value};
use super::bindings::tenon::connector::sql::{self, Statement};
use super::{Deed, Result, number};

pub(super) const DEEDS: &[Deed] = &[
    ("sql", |text| run(vec![statement(text)])),
    ("sql-twice", |text| {
        run(vec![statement(text), statement(text)])
    }),
    ("sql-undone", |text| {
        run(vec![statement(text), statement("SELEC 1")])
    }),
    ("sql-many", sql_many),
    ("sql-long", |bytes| {
        let text = "x".repeat(number(bytes)? as usize);
        run(vec![statement(&format!("SELECT '{text}'"))])
    }),
    ("sql-parameters", sql_parameters),
    ("sql-elsewhere", |name| {
        let rows = sql::execute(name, &[statement("SELECT 1")])?;
        Ok(rows.unwrap_or_default().len().to_string())
    }),
    ("kv-bytes", |bytes| store("bytes", bytes)),
    ("kv-hash", kv_hash),
    ("kv-key", |bytes| {
        let key = "k".repeat(number(bytes)? as usize);
        kv::set("main", &key, &Value::Bytes(vec![1]))?;
        Ok("stored".to_owned())
    }),
    ("kv-get", |key| {
        Ok(match kv::get("main", key)? {
            None => "nothing".to_owned(),
            Some(Value::Bytes(bytes)) => bytes.len().to_string(),
            Some(Value::Hash(fields)) => format!("{} fields", fields.len()),
        })
    }),
    ("kv-elsewhere", |name| {
        kv::get(name, "a").map(|_| String::new())
    }),
    ("kv-without-end", |_| {
        loop {
            kv::get("main", "a")?;
        }
    }),
];

fn statement(text: &str) -> Statement {
    Statement {
        text: text.to_owned(),
        parameters: Vec::new(),
    }
}

fn run(statements: Vec<Statement>) -> Result<String> {
    let rows = sql::execute("main", &statements)?;
    Ok(rows.unwrap_or_default().len().to_string())
}

fn sql_many(count: &str) -> Result<String> {
    run((0..number(count)?).map(|_| statement("SELECT 1")).collect())
}

/// A parameter in a form of its own.
fn sql_parameters(form: &str) -> Result<String> {
    const ARRAY: u8 = 13;
    let nested = |times: usize| {
        let array = [&[ARRAY][..], &1_u32.to_le_bytes()].concat();
        [&1_u32.to_le_bytes()[..], &array.repeat(times), &[0]].concat()
    };
    let parameters = match form {
        "cut" => vec![1, 0, 0],
        "huge" => u32::MAX.to_le_bytes().to_vec(),
        "unknown" => [&1_u32.to_le_bytes()[..], &[99]].concat(),
        "no-utf-8" => [&1_u32.to_le_bytes()[..], &[4, 1, 0, 0, 0, 0xff]].concat(),
        "deep" => nested(100_000),
        "surplus" => [&1_u32.to_le_bytes()[..], &[0, 0, 0]].concat(),
        _ => [&1_u32.to_le_bytes()[..], &[0]].concat(),
    };
    let text = "SELECT $1".to_owned();
    run(vec![Statement { text, parameters }])
}

fn store(key: &str, bytes: &str) -> Result<String> {
    let value = Value::Bytes(vec![1; number(bytes)? as usize]);
    kv::set("main", key, &value)?;
    Ok(bytes.to_owned())
}

fn kv_hash(fields: &str) -> Result<String> {
    let fields = 0..number(fields)?;
    let fields = fields.map(|number| (number.to_string(), Vec::new()));
    kv::set("main", "hash", &Value::Hash(fields.collect()))?;
    Ok("stored".to_owned())
}
