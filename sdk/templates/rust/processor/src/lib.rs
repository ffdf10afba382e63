//! Counts the lines of texts. Put what you look for in the place of them.

use std::io::{BufRead, Read};

use serde_json::json;
use tenon_sdk::database::{self, Script};
use tenon_sdk::lifecycle::{Description, Plugin};
use tenon_sdk::processor::{Blob, Message, Processor};
use tenon_sdk::rest::{Request, Response, Rest, Route};
use tenon_sdk::{Error, Kind, Result, config, export};

#[cfg(test)]
mod tests;

/// What it keeps, made unless it is there. Each database has its own words for it.
const TABLES: Script = Script {
    postgresql: "CREATE TABLE IF NOT EXISTS lines (uuid TEXT PRIMARY KEY, lines BIGINT NOT NULL)",
    sqlite: "CREATE TABLE IF NOT EXISTS lines (uuid TEXT PRIMARY KEY, lines INTEGER NOT NULL)",
};

/// A message may come twice: the second time nothing must go wrong.
const STORE: &str = "INSERT INTO lines (uuid, lines) VALUES (%(uuid)s, %(lines)s) \
                     ON CONFLICT (uuid) DO UPDATE SET lines = excluded.lines";

const FIND: &str = "SELECT uuid, lines FROM lines WHERE uuid = %(uuid)s";

/// How long a line may be, in bytes.
const LENGTH_MAX: u64 = 65536;

/// Counts lines.
#[derive(Debug)]
pub struct Lines {
    length_max: u64,
}

export!(Lines: processor, rest);

impl Plugin for Lines {
    fn new() -> Result<Self> {
        Ok(Self {
            length_max: config::parse("length_max")?.unwrap_or(LENGTH_MAX),
        })
    }

    fn describe() -> Description {
        Description::new("{{name}}", env!("CARGO_PKG_VERSION"))
            .config_schema(include_str!("../config.schema.json"))
            .wants(&["database"])
    }
}

impl Processor for Lines {
    fn accepts() -> Vec<String> {
        vec!["text/*".to_owned()]
    }

    fn initialize(&self) -> Result<()> {
        if_granted(TABLES.execute(&[]).map(drop))
    }

    fn execute(
        &self,
        message: &Message,
        _metadata: &str,
        data: &mut Blob<'_>,
    ) -> Result<Option<String>> {
        let lines = self.count(data)?;
        let found = [("uuid", (&message.uuid).into()), ("lines", lines.into())];
        if_granted(database::execute(STORE, &found).map(drop))?;
        Ok(Some(json!({ "lines": lines }).to_string()))
    }
}

impl Lines {
    /// Line by line, so that an object of any size fits.
    fn count(&self, data: &mut Blob<'_>) -> Result<u64> {
        let (mut lines, mut line) = (0, Vec::new());
        loop {
            line.clear();
            let length = data.by_ref().take(self.length_max + 1).read_until(b'\n', &mut line)?;
            if length as u64 > self.length_max {
                return Err(Error::invalid("a line is too long"));
            }
            if length == 0 {
                return Ok(lines);
            }
            lines += 1;
        }
    }

    fn by_uuid(&self, request: &Request) -> Result<Response> {
        let uuid = request.argument("uuid")?;
        Response::rows(&database::query(FIND, &[("uuid", uuid.into())])?)
    }
}

impl Rest for Lines {
    fn routes() -> Vec<Route<Self>> {
        vec![Route::get("by_uuid", "/uuid/<uuid>", Self::by_uuid)]
    }
}

/// Without a database it counts and keeps nothing, which is enough to try it out. Remove this, and
/// a pipeline is told of the grant that is missing.
fn if_granted(stored: Result<()>) -> Result<()> {
    match stored {
        Err(error) if error.kind() == Kind::Denied => Ok(()),
        stored => stored,
    }
}
