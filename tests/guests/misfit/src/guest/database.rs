//! The database and the log of messages, over the granted `main`, and their
//! faults.

use tenon_sdk::database::Database as Role;
use tenon_sdk::message_log::{Entry, MessageLog};
use tenon_sdk::sql::{Database, Dialect, Statement, Value};
use tenon_sdk::{Error, Kind, Result};

use super::{Misfit, fault};

const CREATE: &str = "CREATE TABLE IF NOT EXISTS log (uuid TEXT PRIMARY KEY, meta TEXT, \
     data TEXT, type TEXT, status TEXT, info TEXT, results TEXT)";
const CREATE_ONCE: &str = "CREATE TABLE made_by_log (i INTEGER)";
const GET: &str = "SELECT * FROM log WHERE uuid = $1";
const UPDATE: &str = "INSERT INTO log VALUES ($1, $2, $3, $4, $5, $6, $7) \
     ON CONFLICT (uuid) DO UPDATE SET meta = excluded.meta, data = excluded.data, \
     type = excluded.type, status = excluded.status, info = excluded.info, \
     results = coalesce(excluded.results, results)";

fn main() -> Database {
    Database::named("main")
}

fn run(script: &str, parameters: &[u8]) -> Result<Option<Vec<u8>>> {
    tenon_sql::run(&main(), Dialect::Sqlite, script, parameters)
}

impl Role for Misfit {
    fn dialect(&self) -> Result<Dialect> {
        match fault("dialect") {
            true => Err(Error::denied("nobody is told")),
            false => Ok(Dialect::Sqlite),
        }
    }

    fn execute(&self, script: &str, parameters: &[u8]) -> Result<Option<Vec<u8>>> {
        if fault("transaction") {
            let mut rows = None;
            for statement in script.split(';') {
                rows = run(statement, parameters)?;
            }
            return Ok(rows);
        }
        let mut parameters = parameters.to_vec();
        if fault("parameters") {
            parameters
                .iter_mut()
                .filter(|byte| **byte == b'\'')
                .for_each(|byte| *byte = b' ');
        }
        let mut executed = run(script, &parameters);
        if let (Ok(Some(rows)), true) = (&mut executed, fault("rows")) {
            rows.pop();
        }
        executed.map_err(|error| match error.kind() {
            Kind::Invalid if fault("script-malformed") => Error::unavailable("later, maybe"),
            Kind::Invalid if fault("parameters-malformed") => panic!("{error}"),
            _ => error,
        })
    }
}

impl MessageLog for Misfit {
    fn initialize(&self) -> Result<()> {
        if fault("log-initialize") {
            main().query(CREATE_ONCE, &[])?;
        }
        main().query(CREATE, &[]).map(drop)
    }

    fn get(&self, uuid: &str) -> Result<Option<Entry>> {
        let rows = main().query(GET, &[uuid.into()])?;
        let Some(row) = rows.as_ref().and_then(|rows| rows.first()) else {
            return Ok(fault("log-unknown").then(Entry::default));
        };
        Ok(Some(Entry {
            uuid: row.get("uuid")?,
            meta_location: row.get("meta")?,
            data_location: row.get("data")?,
            data_type: row.get("type")?,
            status: row.get("status")?,
            info: row.get("info")?,
            results: row.get("results")?,
        }))
    }

    fn update(&self, entries: &[Entry]) -> Result<()> {
        let mut statements = Vec::new();
        for entry in entries {
            let text = |text: &Option<String>| Value::from(text.as_deref());
            let lost = fault("log-round-trip");
            let info = entry.info.as_deref().filter(|_| !lost);
            let emptied = fault("log-results").then_some("{}");
            let results = entry.results.as_deref().or(emptied);
            let values = [
                Value::from(&entry.uuid),
                text(&entry.meta_location),
                text(&entry.data_location),
                text(&entry.data_type),
                Value::from(&entry.status),
                info.into(),
                results.into(),
            ];
            statements.push(Statement::new(UPDATE, &values)?);
        }
        if fault("log-replaces") {
            statements.reverse();
        }
        main().execute(statements).map(drop)
    }
}
