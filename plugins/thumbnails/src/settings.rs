//! The plugin's configuration.

use serde::Deserialize;
use tenon_sdk::{Error, Result, config};

/// What an operator can set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) thumb_size: Size,
    /// Memory that a picture may take while it is decoded.
    pub(crate) decode_memory_bytes: u64,
}

/// Three quarters of the memory that a sandbox has.
const DECODE_MEMORY_BYTES: u64 = 48 << 20;

/// Pixels that a thumbnail has at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Size {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Default for Size {
    fn default() -> Self {
        Self {
            width: 128,
            height: 128,
        }
    }
}

impl Settings {
    pub(crate) fn read() -> Result<Self> {
        let size = config::get("thumb_size").map(|text| serde_json::from_str(&text));
        let size = size.transpose().map_err(|error| {
            Error::invalid(format!("a configuration key is wrong: {error}")).about("thumb_size")
        })?;
        let memory = config::parse("decode_memory_bytes")?;
        Ok(Self {
            thumb_size: size.unwrap_or_default(),
            decode_memory_bytes: memory.unwrap_or(DECODE_MEMORY_BYTES),
        })
    }
}
