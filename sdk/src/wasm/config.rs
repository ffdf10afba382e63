//! The connector's configuration.

use super::bindings::connector::config;

pub(crate) fn get(key: &str) -> Option<String> {
    config::get(key)
}
