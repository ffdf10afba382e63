//! Small pictures of pictures, in the database. Of one content there is one thumbnail: what has been
//! made of the same bytes is copied within the database, and nothing is decoded again.
//!
//! A picture that has parts to see through becomes a PNG, every other one a JPEG. How large a picture
//! may be depends on its kind, for `picture` reckons what decoding it takes; with the 48 MiB that a
//! sandbox of 64 MiB has for it, these are about
//!
//! | picture | pixels |
//! |---|---|
//! | JPEG of 3 MiB | 14 million |
//! | progressive JPEG of 1 MiB | 5 million |
//! | PNG, 24 bits | 12 million |
//! | PNG, 32 bits | 10 million |
//! | GIF | 6 million |
//!
//! Larger ones are `invalid`. For those, raise `decode_memory_bytes` with the connector's
//! `limits.memory_bytes`.

mod picture;
mod resources;
mod settings;
#[cfg(test)]
mod tests;
mod thumbnail;

use serde_json::json;
use settings::Settings;
use tenon_sdk::{
    Error, Result,
    database::{self, Script},
    export,
    lifecycle::{Description, Plugin},
    processor::{Blob, Message, Processor},
};

const TABLES: Script = Script {
    postgresql: include_str!("../scripts/postgresql/init.sql"),
    sqlite: include_str!("../scripts/sqlite/init.sql"),
};
const STORE: &str = include_str!("../scripts/insert_item.sql");
const COPY: &str = include_str!("../scripts/copy_thumb_by_hash.sql");

/// Makes thumbnails.
#[derive(Debug)]
pub struct Thumbnails {
    settings: Settings,
}

export!(Thumbnails: processor, rest);

impl Plugin for Thumbnails {
    fn new() -> Result<Self> {
        Ok(Self {
            settings: Settings::read()?,
        })
    }

    fn describe() -> Description {
        Description::new("thumbnails", env!("CARGO_PKG_VERSION"))
            .config_schema(include_str!("../config.schema.json"))
            .wants(&["database"])
    }
}

impl Processor for Thumbnails {
    fn accepts() -> Vec<String> {
        ["image/jpeg", "image/png", "image/gif"]
            .map(str::to_owned)
            .into()
    }

    fn initialize(&self) -> Result<()> {
        TABLES.execute(&[]).map(drop)
    }

    fn execute(&self, message: &Message, _: &str, data: &mut Blob<'_>) -> Result<Option<String>> {
        let digest = [("hash_digest", (&message.hash_digest).into())];
        let copied = database::query(COPY, &message.parameters(digest))?;
        if let Some(row) = copied.first() {
            let size: u64 = row.get("size")?;
            return Ok(Some(json!({"bytes": size, "reused": true}).to_string()));
        }
        let picture = picture::decode(data, self.settings.decode_memory_bytes)?;
        let made = thumbnail::make(picture, self.settings.thumb_size)?;
        let found = json!({
            "bytes": made.content.len(),
            "width": made.width,
            "height": made.height,
            "reused": false,
        });
        let stored = [
            ("hash_digest", (&message.hash_digest).into()),
            ("thumbnail", made.content.into()),
        ];
        database::execute(STORE, &message.parameters(stored))?;
        Ok(Some(found.to_string()))
    }
}

/// What went wrong with a picture, which is its fault unless its bytes did not come.
fn fault(error: image::ImageError) -> Error {
    match error {
        image::ImageError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Error::invalid("the picture is cut off")
        }
        image::ImageError::IoError(error) => error.into(),
        error => Error::invalid(format!("the picture cannot be decoded: {error}")),
    }
}
