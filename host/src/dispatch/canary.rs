//! PLACEHOLDER, to be dropped at the merge: the module of the same name that
//! judges canaries takes its place.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a canary is judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// Per cent of the calls that go to it.
    pub weight: u8,
}

impl Default for Rules {
    fn default() -> Self {
        Self { weight: 5 }
    }
}
