//! How large objects are, and how many keys their metadata has.
//!
//! The table is that of sqAPI's first release. There, sizes are 32 bits wide; here they are 64, where the table is
//! made here. One that the original made keeps its columns, and refuses objects of 2 GiB and more.

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
const STORE: &str = include_str!("../scripts/insert_item.sql");

/// Measures objects.
#[derive(Debug)]
pub struct Sizes;

export!(Sizes: processor, rest);

impl Plugin for Sizes {
    fn new() -> Result<Self> {
        Ok(Self)
    }

    fn describe() -> Description {
        Description::new("sizes", env!("CARGO_PKG_VERSION"))
            .config_schema(include_str!("../config.schema.json"))
            .wants(&["database"])
    }
}

impl Processor for Sizes {
    fn initialize(&self) -> Result<()> {
        TABLES.execute(&[]).map(drop)
    }

    fn execute(
        &self,
        message: &Message,
        about: &str,
        data: &mut Blob<'_>,
    ) -> Result<Option<String>> {
        let (metadata_size, data_size) = (keys(&metadata(about)?), data.size());
        let found = [
            ("metadata_size", metadata_size.into()),
            ("data_size", data_size.into()),
        ];
        database::execute(STORE, &message.parameters(found))?;
        let found = json!({"metadata_size": metadata_size, "data_size": data_size});
        Ok(Some(found.to_string()))
    }
}

/// How many keys a document has at its top; what is no object has none.
fn keys(document: &Value) -> usize {
    document.as_object().map_or(0, serde_json::Map::len)
}
