//! Operations of the role of plugins that answer requests themselves.

use super::Operation;
use crate::capability::transfer::{Request, Responder};
use crate::plugin::{Failure, Role, Sandbox};

pub use crate::plugin::rest::Route;

/// What it offers.
#[derive(Debug)]
pub struct Routes;

impl Operation for Routes {
    type Output = Vec<Route>;

    const NAME: &'static str = "resources.routes";
    const ROLE: Role = Role::Rest;
    const CHANGES: bool = false;

    async fn run(self, sandbox: &mut dyn Sandbox) -> Result<Vec<Route>, Failure> {
        sandbox.rest()?.routes().await
    }
}

/// Answers a request; [`Dispatcher::respond`](crate::dispatch::Dispatcher::respond)
/// makes it.
#[derive(Debug)]
pub(in crate::dispatch) struct Handle {
    pub(in crate::dispatch) request: Request,
    pub(in crate::dispatch) into: Responder,
}

impl Operation for Handle {
    type Output = ();

    const NAME: &'static str = "resources.handle";
    const ROLE: Role = Role::Rest;
    // Who hangs up has no use for an answer, and what a plugin changes it does
    // in statements that are whole.
    const CHANGES: bool = false;

    async fn run(self, sandbox: &mut dyn Sandbox) -> Result<(), Failure> {
        let rest = sandbox.rest()?;
        rest.handle(self.request, self.into).await
    }
}
