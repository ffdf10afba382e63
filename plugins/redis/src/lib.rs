//! Metadata in a granted Redis: strings that are JSON and, beyond what sqAPI reads, hashes.

use tenon_sdk::{
    Result, config, export,
    kv::Store,
    lifecycle::{Description, Plugin},
    metadata_store::{MetadataStore, kept_in},
};

/// A store, and what comes before a reference in its keys.
#[derive(Debug)]
pub struct Redis {
    store: Store,
    prefix: String,
}

export!(Redis: metadata_store);

impl Plugin for Redis {
    fn new() -> Result<Self> {
        let store = config::get("store").unwrap_or_else(|| "main".to_owned());
        Ok(Self {
            store: Store::named(store),
            prefix: config::get("prefix").unwrap_or_default(),
        })
    }

    fn describe() -> Description {
        Description::new("redis", env!("CARGO_PKG_VERSION"))
            .config_schema(include_str!("../config.schema.json"))
            .wants(&["kv"])
    }

    fn check(&self) -> Result<()> {
        // Whatever the answer, there was one.
        self.store.get(&self.prefix).map(drop)
    }
}

impl MetadataStore for Redis {
    fn fetch(&self, reference: &str) -> Result<String> {
        kept_in(&self.store, &self.prefix, reference)
    }
}

#[cfg(test)]
mod tests {
    use tenon_sdk::{Kind, kv::Value, native::Environment};

    use super::*;

    fn environment() -> Environment {
        let keys = [
            ("meta:a", Value::Bytes(b"{\"a\": 1}".to_vec())),
            ("b", Value::Bytes(b"{\"b\": 1}".to_vec())),
        ];
        Environment::builder()
            .store("main", keys)
            .config("prefix", "meta:")
            .build()
    }

    #[test]
    fn fetches_under_its_prefix() {
        environment().enter(|| {
            let plugin = Redis::new().unwrap();
            plugin.check().unwrap();
            assert_eq!(plugin.fetch("a").unwrap(), "{\"a\": 1}");
            assert_eq!(plugin.fetch("b").unwrap_err().kind(), Kind::NotFound);
        });
    }

    #[test]
    fn needs_its_grant() {
        let error = Redis::new().unwrap().check().unwrap_err();
        assert_eq!(error.kind(), Kind::Denied);
    }
}
