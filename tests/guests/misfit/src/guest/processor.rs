//! The processor, and the faults of its operations.

use std::io::Read as _;

use tenon_sdk::processor::{Blob, Message, Processor};
use tenon_sdk::sql::Database;
use tenon_sdk::{Error, Result, call};

use super::{Misfit, fault};

/// What a second time fails at.
const MAKE_ONCE: &str = "CREATE TABLE made_by_processor (i INTEGER)";
/// Bytes looked at, at a time.
const CHUNK: usize = 64 * 1024;

impl Processor for Misfit {
    fn accepts() -> Vec<String> {
        let wrong = fault("accepts").then_some("no type");
        let types = ["text/*", "image/png"].into_iter().chain(wrong);
        types.map(str::to_owned).collect()
    }

    fn initialize(&self) -> Result<()> {
        if fault("initialize-again") {
            return Database::named("main").query(MAKE_ONCE, &[]).map(drop);
        }
        Ok(())
    }

    fn execute(
        &self,
        message: &Message,
        metadata: &str,
        data: &mut Blob<'_>,
    ) -> Result<Option<String>> {
        assert!(
            message.meta_location.is_some() || !fault("execute-fields"),
            "no meta location"
        );
        if fault("execute-again") {
            let id = call::current().request_id;
            return Ok(Some(serde_json::Value::from(id).to_string()));
        }
        let metadata: serde_json::Value =
            serde_json::from_str(metadata).map_err(|error| Error::invalid(error.to_string()))?;
        assert!(!metadata.is_array() || !fault("execute-metadata"), "a list");
        assert!(data.size() > 0 || !fault("execute-empty"), "no bytes");
        if fault("execute-result") {
            return Ok(Some("size: 1".to_owned()));
        }
        let lines = match fault("execute-large") {
            true => {
                let mut all = Vec::new();
                data.read_to_end(&mut all)
                    .map_err(|error| Error::unavailable(error.to_string()))?;
                lines(&all)
            }
            false => counted(data)?,
        };
        Ok(Some(lines.to_string()))
    }
}

fn counted(data: &mut Blob<'_>) -> Result<usize> {
    let mut content = data.open(0)?;
    let mut found = 0;
    loop {
        let chunk = content.chunk(CHUNK)?;
        if chunk.is_empty() {
            return Ok(found);
        }
        found += lines(&chunk);
    }
}

fn lines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}
