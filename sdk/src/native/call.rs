//! The call in progress.

use super::environment;
use crate::call::Context;

pub(crate) fn current() -> Context {
    environment::with(|environment| environment.context.clone())
}

pub(crate) fn cancelled() -> bool {
    environment::with(|environment| environment.is_cancelled())
}
