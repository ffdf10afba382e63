//! In what language texts are, as ISO 639-1 has it.
//!
//! What the metadata says is taken as it is. Otherwise the first 10,000 bytes decide. A text that is in no language
//! that is known, such as an empty one or one of numbers, has a row without a language: it was looked at. One that is
//! not UTF-8 is `invalid`.

mod codes;
mod detection;
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
const STORE: &str = include_str!("../scripts/insert_doc.sql");

/// Where metadata has a language, the first one first.
const KEYS: [&str; 2] = ["lang", "language"];

/// Tells languages.
#[derive(Debug)]
pub struct Languages;

export!(Languages: processor, rest);

impl Plugin for Languages {
    fn new() -> Result<Self> {
        Ok(Self)
    }

    fn describe() -> Description {
        Description::new("languages", env!("CARGO_PKG_VERSION"))
            .config_schema(include_str!("../config.schema.json"))
            .wants(&["database"])
    }
}

impl Processor for Languages {
    fn accepts() -> Vec<String> {
        vec!["text/plain".to_owned()]
    }

    fn initialize(&self) -> Result<()> {
        TABLES.execute(&[]).map(drop)
    }

    fn execute(
        &self,
        message: &Message,
        about: &str,
        data: &mut Blob<'_>,
    ) -> Result<Option<String>> {
        let metadata = metadata(about)?;
        let (lang, found) = match stated(&metadata) {
            Some(lang) => (Some(lang), json!({"lang": lang, "from": "metadata"})),
            None => match detection::detect(&detection::beginning(data)?) {
                Some((lang, confidence)) => {
                    (Some(lang), json!({"lang": lang, "confidence": confidence}))
                }
                None => (None, json!({"lang": null})),
            },
        };
        database::execute(STORE, &message.parameters([("lang", lang.into())]))?;
        Ok(Some(found.to_string()))
    }
}

fn stated(metadata: &Value) -> Option<&str> {
    KEYS.iter()
        .filter_map(|key| metadata.get(key)?.as_str())
        .map(str::trim)
        .find(|lang| !lang.is_empty())
}
