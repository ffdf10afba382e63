//! A complete read-only file store. Copy it and put your system in the place of the constants.

use tenon_sdk::file_store::{Content, Item, ReadOnly};
use tenon_sdk::lifecycle::{Description, Plugin};
use tenon_sdk::{Error, Path, Result, config, export};

/// Two files. The configuration says how the first of them greets.
#[derive(Debug)]
pub struct Template(String);

export!(Template: file_store);

impl Plugin for Template {
    fn new() -> Result<Self> {
        Ok(Self(config::get("greeting").unwrap_or("Hello".into())))
    }

    fn describe() -> Description {
        Description::new("template", env!("CARGO_PKG_VERSION"))
            .config_schema(include_str!("../config.schema.json"))
    }
}

impl ReadOnly for Template {
    fn items(&self, folder: &Path) -> Result<Vec<Item>> {
        match folder.as_str() {
            "" => Ok(vec![Item::file("hello.txt"), Item::folder("more")]),
            "more" => Ok(vec![Item::file("numbers.txt").size(6)]),
            _ => Err(Error::not_found("no such folder")),
        }
    }

    fn open(&self, file: &Path) -> Result<Content> {
        match file.as_str() {
            "hello.txt" => Ok(format!("{}, world\n", self.0).into()),
            "more/numbers.txt" => Ok("1 2 3\n".into()),
            _ => Err(Error::not_found("no such file")),
        }
    }
}
