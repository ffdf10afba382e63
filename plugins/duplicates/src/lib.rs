//! Which objects have the same content, by its SHA-256.

mod resources;
#[cfg(test)]
mod tests;

use serde_json::{Value, json};
use tenon_sdk::{
    Result,
    database::{self, Script},
    export,
    lifecycle::{Description, Plugin},
    processor::{Blob, Message, Processor, metadata},
};

const TABLES: Script = Script {
    postgresql: include_str!("../scripts/postgresql/init.sql"),
    sqlite: include_str!("../scripts/sqlite/init.sql"),
};
const STORE: &str = include_str!("../scripts/insert_dup.sql");

/// Where metadata has a digest, the first one first.
const KEYS: [&str; 3] = ["sha256", "sha-256", "sha_256"];
/// Hexadecimal digits of a SHA-256 digest.
const DIGITS: usize = 64;

/// Finds duplicates.
#[derive(Debug)]
pub struct Duplicates;

export!(Duplicates: processor, rest);

impl Plugin for Duplicates {
    fn new() -> Result<Self> {
        Ok(Self)
    }

    fn describe() -> Description {
        Description::new("duplicates", env!("CARGO_PKG_VERSION"))
            .config_schema(include_str!("../config.schema.json"))
            .wants(&["database"])
    }
}

impl Processor for Duplicates {
    fn initialize(&self) -> Result<()> {
        TABLES.execute(&[]).map(drop)
    }

    fn execute(&self, message: &Message, about: &str, _: &mut Blob<'_>) -> Result<Option<String>> {
        let stated = stated(&metadata(about)?);
        let digest = stated.unwrap_or_else(|| message.hash_digest.clone());
        database::execute(
            STORE,
            &message.parameters([("sha_256", digest.as_str().into())]),
        )?;
        Ok(Some(json!({"sha_256": digest}).to_string()))
    }
}

/// The digest that metadata states, in lower case. What cannot be one is passed over: stored, it
/// would find nothing.
fn stated(metadata: &Value) -> Option<String> {
    KEYS.iter()
        .filter_map(|key| metadata.get(key)?.as_str())
        .map(|digest| digest.trim().to_ascii_lowercase())
        .find(|digest| digest.len() == DIGITS && digest.bytes().all(|b| b.is_ascii_hexdigit()))
}
