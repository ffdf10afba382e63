//! A store whose file `count` says how often it was read. The configuration
//! says how the plugin fails to hand that over, and who it is.

use std::sync::atomic::{AtomicU64, Ordering};

use tenon_sdk::file_store::{Content, Item, ReadOnly};
use tenon_sdk::handoff::Handoff;
use tenon_sdk::lifecycle::{Description, Plugin};
use tenon_sdk::{Error, Path, Result, call, config, export};

/// How often `count` was read.
#[derive(Debug)]
pub struct Counter(AtomicU64);

export!(Counter: file_store, handoff);

impl Plugin for Counter {
    fn new() -> Result<Self> {
        Ok(Self(AtomicU64::new(0)))
    }

    fn describe() -> Description {
        Description::new("counter", env!("CARGO_PKG_VERSION"))
    }
}

impl Counter {
    fn count(&self) -> String {
        let count = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        let version = config::get("version").unwrap_or_default();
        format!("{version}{count}")
    }
}

fn spin() -> ! {
    loop {
        std::hint::spin_loop();
    }
}

impl ReadOnly for Counter {
    fn items(&self, _: &Path) -> Result<Vec<Item>> {
        Ok(vec![Item::file("count")])
    }

    fn open(&self, file: &Path) -> Result<Content> {
        match file.as_str() {
            "count" => Ok(self.count().into()),
            // As a source does that has nothing to give yet.
            "wait" => {
                while !call::cancelled() {}
                Ok(self.count().into())
            }
            "trap" => panic!("as it was told to"),
            _ => Err(Error::not_found("no such file")),
        }
    }
}

impl Handoff for Counter {
    fn save(&self) -> Result<Vec<u8>> {
        match config::get("save").as_deref() {
            Some("traps") => panic!("as it was told to"),
            Some("hangs") => spin(),
            Some("is-large") => Ok(vec![0; 1 << 20]),
            _ => Ok(self.0.load(Ordering::Relaxed).to_le_bytes().to_vec()),
        }
    }

    fn restore(&self, state: Vec<u8>) -> Result<()> {
        match config::get("restore").as_deref() {
            Some("refuses") => Err(Error::invalid("a form of state that is not known here")),
            Some("hangs") => spin(),
            _ => {
                let bytes = state.try_into();
                let bytes = bytes.map_err(|_| Error::invalid("eight bytes were expected"))?;
                self.0.store(u64::from_le_bytes(bytes), Ordering::Relaxed);
                Ok(())
            }
        }
    }
}
