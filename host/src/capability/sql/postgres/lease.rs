//! A connection for one operation.

use deadpool_postgres::{ClientWrapper, Object};

use super::connect::Canceller;
use super::failure::Failure;

/// A connection that is closed unless it is given back. What is dropped in the
/// middle of something, by a call that ends, never serves another.
pub(super) struct Lease {
    connection: Option<Object>,
    canceller: Canceller,
}

impl Lease {
    pub(super) fn new(connection: Object, canceller: Canceller) -> Self {
        Self {
            connection: Some(connection),
            canceller,
        }
    }

    pub(super) fn client(&self) -> Result<&ClientWrapper, Failure> {
        self.connection.as_deref().ok_or(Failure::Lost)
    }

    /// Has every statement prepared anew.
    pub(super) fn forget_statements(&self) {
        if let Some(connection) = &self.connection {
            connection.statement_cache.clear();
        }
    }

    /// The operation has ended, and nothing of it is left in the connection.
    pub(super) fn give_back(mut self) {
        self.connection.take();
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            let client = Object::take(connection);
            // Closing alone would let the statement run to its end.
            self.canceller.cancel(client.cancel_token());
        }
    }
}
