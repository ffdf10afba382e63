//! Why a system does not do what it was asked, in the words of the system.

use serde_json::{Value, json};

use crate::exchange::{self, Answer};

/// A documented refusal.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Refused {
    /// In the form `{"message": .., "status": ..}`.
    pub(crate) fn plain(status: u16, message: &str) -> Self {
        Self {
            status,
            body: json!({"message": message, "status": status}),
        }
    }

    pub(crate) fn answer(&self) -> Answer {
        exchange::json(self.status, &self.body)
    }
}
