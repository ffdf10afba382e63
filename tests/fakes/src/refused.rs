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

    /// In JSON:API's form.
    pub(crate) fn document(status: u16, detail: &str) -> Self {
        Self {
            status,
            body: json!({"errors": [{"detail": detail}]}),
        }
    }

    /// The same, about a member of the request's body.
    pub(crate) fn member(status: u16, pointer: &str, detail: &str) -> Self {
        let error = json!({"source": {"pointer": pointer}, "detail": detail});
        Self {
            status,
            body: json!({"errors": [error]}),
        }
    }

    /// In WaterButler's form.
    pub(crate) fn coded(status: u16, message: &str) -> Self {
        Self {
            status,
            body: json!({"code": status, "message": message}),
        }
    }

    pub(crate) fn answer(&self) -> Answer {
        exchange::json(self.status, &self.body)
    }
}
