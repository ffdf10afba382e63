//! The connector's configuration.

use super::environment;

pub(crate) fn get(key: &str) -> Option<String> {
    environment::with(|environment| environment.config.get(key).cloned())
}
