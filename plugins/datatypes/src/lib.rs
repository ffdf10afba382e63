//! Of what media type objects are: by their metadata, or by the message they came with.

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

/// Keeps media types.
#[derive(Debug)]
pub struct Datatypes;

export!(Datatypes: processor, rest);

impl Plugin for Datatypes {
    fn new() -> Result<Self> {
        Ok(Self)
    }

    fn describe() -> Description {
        Description::new("datatypes", env!("CARGO_PKG_VERSION"))
            .config_schema(include_str!("../config.schema.json"))
            .wants(&["database"])
    }
}

impl Processor for Datatypes {
    fn initialize(&self) -> Result<()> {
        TABLES.execute(&[]).map(drop)
    }

    fn execute(&self, message: &Message, about: &str, _: &mut Blob<'_>) -> Result<Option<String>> {
        let metadata = metadata(about)?;
        let datatype = stated(&metadata).unwrap_or(&message.media_type);
        database::execute(STORE, &message.parameters([("datatype", datatype.into())]))?;
        Ok(Some(json!({"datatype": datatype}).to_string()))
    }
}

/// What metadata says under the key `mime.type`, or under `type` of `mime`.
fn stated(metadata: &Value) -> Option<&str> {
    let nested = || metadata.get("mime")?.get("type");
    let stated = metadata.get("mime.type").or_else(nested)?.as_str()?.trim();
    (!stated.is_empty()).then_some(stated)
}
