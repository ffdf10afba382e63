//! The metadata store, which knows one reference, and its faults.

use tenon_sdk::metadata_store::MetadataStore;
use tenon_sdk::{Error, Result};

use super::{Misfit, fault};

/// What it knows.
const KNOWN: &str = "known";

impl MetadataStore for Misfit {
    fn fetch(&self, reference: &str) -> Result<String> {
        assert!(
            reference.len() < 1000 || !fault("fetch-odd"),
            "a long reference"
        );
        match reference {
            KNOWN if fault("fetch-known") => Ok(r#"{"name":"#.to_owned()),
            KNOWN => Ok(r#"{"name":"a"}"#.to_owned()),
            _ if fault("fetch-missing") => Ok("{}".to_owned()),
            _ => Err(Error::not_found("there is no such metadata")),
        }
    }
}
