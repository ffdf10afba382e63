//! The table `messages`, made or completed.

use tenon_sdk::{
    Error, Result,
    sql::{Database, Rows, Statement},
};

/// The columns of the table, and whether a column alone tells rows apart.
const INSPECT: &str = "\
SELECT a.attname::text AS name,
       EXISTS (SELECT FROM pg_catalog.pg_index i
               WHERE i.indrelid = a.attrelid AND i.indisunique AND i.indisvalid
                 AND i.indpred IS NULL AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum) AS is_key
FROM pg_catalog.pg_attribute a
WHERE a.attrelid = to_regclass('messages') AND a.attnum > 0 AND NOT a.attisdropped";

/// Held to the end of the transaction. Two that create one table at once would otherwise both find
/// that it is not there, and the second fail. The number is this table's, and means nothing else.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7163117091)";

/// As sqAPI makes it, and `results`.
const CREATE: &str = "\
CREATE TABLE IF NOT EXISTS messages (
    uuid TEXT NOT NULL PRIMARY KEY,
    meta_location TEXT,
    data_location TEXT,
    data_type TEXT,
    status TEXT,
    info TEXT,
    results TEXT,
    created_at TIMESTAMPTZ DEFAULT now(),
    updated_at TIMESTAMPTZ DEFAULT now()
)";

/// What a table of another maker may lack, in the order in which it is added.
const COLUMNS: [(&str, &str); 8] = [
    ("meta_location", "TEXT"),
    ("data_location", "TEXT"),
    ("data_type", "TEXT"),
    ("status", "TEXT"),
    ("info", "TEXT"),
    ("results", "TEXT"),
    ("created_at", "TIMESTAMPTZ DEFAULT now()"),
    ("updated_at", "TIMESTAMPTZ DEFAULT now()"),
];

/// Makes what is not there. A table that is complete is only looked at: to alter it, if to no
/// effect, would wait for everyone who reads it.
pub(crate) fn initialize(database: &Database) -> Result<()> {
    let table = Table::inspect(database)?;
    if table.exists() {
        table.fits()?;
        if table.lacking().next().is_none() {
            return Ok(());
        }
    }
    let mut statements = vec![Statement::new(LOCK, &[])?, Statement::new(CREATE, &[])?];
    for (column, definition) in COLUMNS.iter().filter(|_| table.exists()) {
        let add = format!("ALTER TABLE messages ADD COLUMN IF NOT EXISTS {column} {definition}");
        statements.push(Statement::new(add, &[])?);
    }
    database.execute(statements)?;
    Table::inspect(database)?.fits()
}

/// The table as it is found.
struct Table(Rows);

impl Table {
    fn inspect(database: &Database) -> Result<Self> {
        let rows = database.query(INSPECT, &[])?;
        rows.map(Self)
            .ok_or_else(|| Error::internal("a query has no rows"))
    }

    fn exists(&self) -> bool {
        !self.0.is_empty()
    }

    /// Refuses a table in which a message is not one row. sqAPI made such ones at times.
    fn fits(&self) -> Result<()> {
        for row in self.0.iter() {
            if row.get::<&str>("name")? == "uuid" && row.get("is_key")? {
                return Ok(());
            }
        }
        Err(Error::unsupported(
            "the table `messages` has no primary key `uuid`, as in versions of sqAPI that keep \
             several rows for a message; give the pipeline a schema or database of its own",
        ))
    }

    fn lacking(&self) -> impl Iterator<Item = &'static str> {
        COLUMNS.iter().map(|(column, _)| *column).filter(|column| {
            let mut names = self.0.iter().map(|row| row.get::<&str>("name"));
            !names.any(|name| name.as_ref() == Ok(column))
        })
    }
}
