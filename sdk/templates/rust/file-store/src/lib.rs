//! A read-only file store. Put your system in the place of the constants.

use tenon_sdk::file_store::{Content, Item, ReadOnly};
use tenon_sdk::lifecycle::{Description, Plugin};
use tenon_sdk::{Error, Path, Result, config, export};

#[cfg(test)]
mod tests;

/// Two files. The configuration says how the first of them greets.
#[derive(Debug)]
pub struct Store {
    greeting: String,
}

export!(Store: file_store);

impl Plugin for Store {
    fn new() -> Result<Self> {
        Ok(Self {
            greeting: config::get("greeting").unwrap_or_else(|| "Hello".into()),
        })
    }

    fn describe() -> Description {
        Description::new("{{name}}", env!("CARGO_PKG_VERSION"))
            .config_schema(include_str!("../config.schema.json"))
    }

    /// Asked before the host serves a new version: can the system behind be reached?
    fn check(&self) -> Result<()> {
        self.items(&Path::root()).map(drop)
    }
}

impl ReadOnly for Store {
    fn items(&self, folder: &Path) -> Result<Vec<Item>> {
        match folder.as_str() {
            "" => Ok(vec![Item::file("hello.txt"), Item::folder("more")]),
            "more" => Ok(vec![Item::file("numbers.txt").size(6)]),
            _ => Err(Error::not_found("no such folder").about(folder.as_str())),
        }
    }

    fn open(&self, file: &Path) -> Result<Content> {
        match file.as_str() {
            "hello.txt" => Ok(format!("{}, world\n", self.greeting).into()),
            "more/numbers.txt" => Ok("1 2 3\n".into()),
            _ => Err(Error::not_found("no such file").about(file.as_str())),
        }
    }
}
