//! MD5, SHA-1 and SHA-256 of objects, as other systems know them by.

mod digests;
mod resources;
#[cfg(test)]
mod tests;

use digests::Digests;
use serde_json::json;
use tenon_sdk::{
    Result, config,
    database::{self, Script},
    export,
    lifecycle::{Description, Plugin},
    processor::{Blob, Message, Processor},
};

const TABLES: Script = Script {
    postgresql: include_str!("../scripts/postgresql/init.sql"),
    sqlite: include_str!("../scripts/sqlite/init.sql"),
};
const STORE: &str = include_str!("../scripts/insert_hash.sql");

/// Bytes to hash at a time unless told otherwise: as many as the host hands over in one call.
const CHUNK_BYTES: usize = 64 * 1024;

/// Hashes objects.
#[derive(Debug)]
pub struct Hashes {
    chunk_bytes: usize,
}

export!(Hashes: processor, rest);

impl Plugin for Hashes {
    fn new() -> Result<Self> {
        Ok(Self {
            chunk_bytes: config::parse("chunk_size")?.unwrap_or(CHUNK_BYTES),
        })
    }

    fn describe() -> Description {
        Description::new("hashes", env!("CARGO_PKG_VERSION"))
            .config_schema(include_str!("../config.schema.json"))
            .wants(&["database"])
    }
}

impl Processor for Hashes {
    fn initialize(&self) -> Result<()> {
        TABLES.execute(&[]).map(drop)
    }

    fn execute(&self, message: &Message, _: &str, data: &mut Blob<'_>) -> Result<Option<String>> {
        let Digests { md5, sha1, sha256 } = Digests::of(&mut data.open(0)?, self.chunk_bytes)?;
        let found = [
            ("md5", (&md5).into()),
            ("sha1", (&sha1).into()),
            ("sha256", (&sha256).into()),
        ];
        database::execute(STORE, &message.parameters(found))?;
        let found = json!({"md5": md5, "sha1": sha1, "sha256": sha256});
        Ok(Some(found.to_string()))
    }
}
