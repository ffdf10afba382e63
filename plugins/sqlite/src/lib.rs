//! A granted SQLite as sqAPI's database: scripts for the processors, and the table `messages`
//! for the pipeline.

use tenon_sdk::{
    Result, config,
    database::Database,
    export,
    lifecycle::{Description, Plugin},
    message_log::{Entry, MessageLog},
    sql::{self, Dialect},
};

mod messages;
#[cfg(test)]
mod tests;

/// A granted database.
#[derive(Debug)]
pub struct Sqlite {
    database: sql::Database,
}

export!(Sqlite: database, message_log);

impl Plugin for Sqlite {
    fn new() -> Result<Self> {
        let name = config::get("database").unwrap_or_else(|| "main".to_owned());
        Ok(Self {
            database: sql::Database::named(name),
        })
    }

    fn describe() -> Description {
        Description::new("sqlite", env!("CARGO_PKG_VERSION"))
            .config_schema(include_str!("../config.schema.json"))
            .wants(&["sql"])
    }

    fn check(&self) -> Result<()> {
        self.database.query("SELECT 1", &[]).map(drop)
    }
}

impl Database for Sqlite {
    fn dialect(&self) -> Result<Dialect> {
        Ok(Dialect::Sqlite)
    }

    fn execute(&self, script: &str, parameters: &[u8]) -> Result<Option<Vec<u8>>> {
        tenon_sql::run(&self.database, Dialect::Sqlite, script, parameters)
    }
}

impl MessageLog for Sqlite {
    fn initialize(&self) -> Result<()> {
        messages::initialize(&self.database)
    }

    fn get(&self, uuid: &str) -> Result<Option<Entry>> {
        messages::get(&self.database, uuid)
    }

    fn update(&self, entries: &[Entry]) -> Result<()> {
        messages::update(&self.database, entries)
    }
}
