//! The call in progress.

use std::time::Duration;

use super::bindings::connector::call;
use crate::call::Context;

pub(crate) fn current() -> Context {
    let context = call::current();
    Context {
        request_id: context.request_id,
        connector: context.connector,
        user: context.user,
        remaining: Duration::from_millis(context.remaining_ms),
    }
}

pub(crate) fn cancelled() -> bool {
    call::cancelled().ready()
}
