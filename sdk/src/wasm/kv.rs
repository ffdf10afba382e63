//! Granted key-value stores.

use super::bindings::connector::kv;
use crate::{Result, kv::Value};

pub(crate) fn get(store: &str, key: &str) -> Result<Option<Value>> {
    Ok(kv::get(store, key)?.map(|value| match value {
        kv::Value::Bytes(bytes) => Value::Bytes(bytes),
        kv::Value::Hash(fields) => Value::Hash(fields),
    }))
}

pub(crate) fn set(store: &str, key: &str, value: &Value) -> Result<()> {
    let value = match value {
        Value::Bytes(bytes) => kv::Value::Bytes(bytes.clone()),
        Value::Hash(fields) => kv::Value::Hash(fields.clone()),
    };
    Ok(kv::set(store, key, &value)?)
}

pub(crate) fn delete(store: &str, key: &str) -> Result<()> {
    Ok(kv::delete(store, key)?)
}
