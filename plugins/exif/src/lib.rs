//! What cameras write into JPEG, PNG and TIFF, and where the pictures were taken.
//!
//! A picture without EXIF is nothing gone wrong: there is no row of it, and the result says so. The
//! original fails on it.

mod geography;
mod picture;
mod resources;
#[cfg(test)]
mod tests;
mod value;

use serde_json::json;
use tenon_sdk::{
    Result,
    database::{self, Script, Value},
    export,
    lifecycle::{Description, Plugin},
    processor::{Blob, Message, Processor},
};

const TABLES: Script = Script {
    postgresql: include_str!("../scripts/postgresql/init.sql"),
    sqlite: include_str!("../scripts/sqlite/init.sql"),
};
const STORE: &str = include_str!("../scripts/insert_item.sql");

/// Reads EXIF.
#[derive(Debug)]
pub struct Exif;

export!(Exif: processor, rest);

impl Plugin for Exif {
    fn new() -> Result<Self> {
        Ok(Self)
    }

    fn describe() -> Description {
        Description::new("exif", env!("CARGO_PKG_VERSION"))
            .config_schema(include_str!("../config.schema.json"))
            .wants(&["database"])
    }
}

impl Processor for Exif {
    fn accepts() -> Vec<String> {
        ["image/jpeg", "image/png", "image/tiff"]
            .map(str::to_owned)
            .into()
    }

    fn initialize(&self) -> Result<()> {
        TABLES.execute(&[]).map(drop)
    }

    fn execute(&self, message: &Message, _: &str, data: &mut Blob<'_>) -> Result<Option<String>> {
        let Some(exif) = picture::read(data)? else {
            return Ok(Some(json!({"exif": false}).to_string()));
        };
        let place = geography::place(&exif);
        let geohash = place.and_then(geography::Place::geohash);
        let fields = value::fields(&exif);
        let found = [
            ("exif", Value::Json(fields.to_string())),
            ("gps", json_or_null(place.map(|place| place.json()))),
            ("geohash", geohash.as_deref().into()),
        ];
        database::execute(STORE, &message.parameters(found))?;
        let found = json!({
            "exif": true,
            "fields": fields.as_object().map_or(0, serde_json::Map::len),
            "gps": place.map(geography::Place::json),
            "geohash": geohash,
        });
        Ok(Some(found.to_string()))
    }
}

fn json_or_null(document: Option<serde_json::Value>) -> Value {
    document.map_or(Value::Null, |document| Value::Json(document.to_string()))
}
