//! What every fake lets a test do with it.

use std::sync::Arc;

use crate::fault::{Fault, Nth};
use crate::front::{Front, System};
use crate::record::{Call, Violation};
use crate::server::Server;

/// A running fake.
#[derive(Debug)]
pub(crate) struct Handle<S: System> {
    pub(crate) server: Server,
    front: Arc<Front<S>>,
}

impl<S: System> Handle<S> {
    pub(crate) fn start(system: S) -> Self {
        let front = Front::new(system);
        Self {
            server: Server::start(front.clone()),
            front,
        }
    }

    pub(crate) fn system(&self) -> &S {
        &self.front.system
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.front.record.calls()
    }

    pub(crate) fn violations(&self) -> Vec<Violation> {
        self.front.record.violations()
    }

    pub(crate) fn take_violations(&self) -> Vec<Violation> {
        self.front.record.take_violations()
    }

    pub(crate) fn fail(&self, operation: Option<S::Operation>, nth: Nth, fault: Fault) {
        self.front.faults.order(operation, nth, fault);
    }

    pub(crate) fn heal(&self) {
        self.front.faults.heal();
    }

    /// # Panics
    ///
    /// When there is a violation.
    pub(crate) fn assert_clean(&self) {
        let violations = self.violations();
        let lines: Vec<_> = violations.iter().map(ToString::to_string).collect();
        assert!(lines.is_empty(), "violations:\n{}", lines.join("\n"));
    }
}

impl<S: System> Drop for Handle<S> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.assert_clean();
        }
    }
}

/// The methods that every fake has, on a struct with the field `handle`.
macro_rules! common_methods {
    ($fake:ident, $operation:ty) => {
        impl $fake {
            /// Its origin, such as `http://127.0.0.1:4711`.
            pub fn origin(&self) -> String {
                self.handle.server.origin()
            }

            /// The calls so far, in the order of arrival.
            pub fn calls(&self) -> Vec<$crate::Call> {
                self.handle.calls()
            }

            /// The calls of one operation, in the order of arrival.
            pub fn calls_of(&self, operation: $operation) -> Vec<$crate::Call> {
                let name = format!("{operation:?}");
                let mut calls = self.handle.calls();
                calls.retain(|call| call.operation == name);
                calls
            }

            /// What clients did that they must never do.
            pub fn violations(&self) -> Vec<$crate::Violation> {
                self.handle.violations()
            }

            /// The same, and forgets it: for a test about violations.
            pub fn take_violations(&self) -> Vec<$crate::Violation> {
                self.handle.take_violations()
            }

            /// Fails the test when there is a violation; so does dropping.
            ///
            /// # Panics
            ///
            /// When there is one.
            pub fn assert_clean(&self) {
                self.handle.assert_clean();
            }

            /// Orders a fault for calls of one operation.
            pub fn fail(
                &self,
                operation: $operation,
                nth: impl Into<$crate::Nth>,
                fault: $crate::Fault,
            ) {
                self.handle.fail(Some(operation), nth.into(), fault);
            }

            /// Orders a fault for calls of any operation, counted together.
            pub fn fail_call(&self, nth: impl Into<$crate::Nth>, fault: $crate::Fault) {
                self.handle.fail(None, nth.into(), fault);
            }

            /// Cancels all faults; the count of calls goes on.
            pub fn heal(&self) {
                self.handle.heal();
            }

            /// Breaks all connections; from now on the port refuses.
            pub fn refuse_connections(&self) {
                self.handle.server.refuse();
            }

            /// Listens again at the same port; nothing was forgotten.
            pub fn accept_connections(&self) {
                self.handle.server.listen();
            }
        }
    };
}

pub(crate) use common_methods;
