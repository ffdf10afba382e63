//! A store, whichever kind it is.

use super::grant::Settings;
use super::target::{Target, TargetError};
use super::{Access, Result, Value, embedded, redis};

/// Connections to one store.
#[derive(Debug)]
pub(super) enum Store {
    Redis(Box<redis::Store>),
    Embedded(embedded::Store),
}

impl Store {
    pub(super) fn new(settings: Settings) -> std::result::Result<Self, TargetError> {
        match &settings.target {
            Target::Redis(server) => {
                let store = redis::Store::new(server, &settings)?;
                Ok(Self::Redis(Box::new(store)))
            }
            Target::Embedded(file) => {
                let writable = settings.access == Access::ReadWrite;
                let store = embedded::Store::new(file.clone(), writable, settings.timeout);
                Ok(Self::Embedded(store))
            }
        }
    }

    pub(super) async fn get(&self, name: &str, key: &str, bytes_max: u64) -> Result<Option<Value>> {
        match self {
            Self::Redis(store) => store.get(name, key, bytes_max).await,
            Self::Embedded(store) => store.get(name, key, bytes_max).await,
        }
    }

    pub(super) async fn set(&self, name: &str, key: &str, value: &Value) -> Result<()> {
        match self {
            Self::Redis(store) => store.set(name, key, value).await,
            Self::Embedded(store) => store.set(name, key, value).await,
        }
    }

    pub(super) async fn delete(&self, name: &str, key: &str) -> Result<()> {
        match self {
            Self::Redis(store) => store.delete(name, key).await,
            Self::Embedded(store) => store.delete(name, key).await,
        }
    }
}
