//! A granted PostgreSQL as sqAPI's database: scripts for the processors, and the table `messages`
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
mod schema;
#[cfg(test)]
mod tests;

/// A granted database.
#[derive(Debug)]
pub struct Postgres {
    database: sql::Database,
}

export!(Postgres: database, message_log);

impl Plugin for Postgres {
    fn new() -> Result<Self> {
        let name = config::get("database").unwrap_or_else(|| "main".to_owned());
        Ok(Self {
            database: sql::Database::named(name),
        })
    }

    fn describe() -> Description {
        Description::new("postgres", env!("CARGO_PKG_VERSION"))
            .config_schema(include_str!("../config.schema.json"))
            .wants(&["sql"])
    }

    fn check(&self) -> Result<()> {
        self.database.query("SELECT 1", &[]).map(drop)
    }
}

impl Database for Postgres {
    fn dialect(&self) -> Result<Dialect> {
        Ok(Dialect::Postgresql)
    }

    fn execute(&self, script: &str, parameters: &[u8]) -> Result<Option<Vec<u8>>> {
        tenon_sql::run(&self.database, Dialect::Postgresql, script, parameters)
    }
}

impl MessageLog for Postgres {
    fn initialize(&self) -> Result<()> {
        schema::initialize(&self.database)
    }

    fn get(&self, uuid: &str) -> Result<Option<Entry>> {
        messages::get(&self.database, uuid)
    }

    fn update(&self, entries: &[Entry]) -> Result<()> {
        messages::update(&self.database, entries)
    }
}
