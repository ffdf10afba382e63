//! Operations of the role every plugin plays.

use super::Operation;
use crate::plugin::{Failure, Role, Sandbox};

pub use crate::plugin::lifecycle::Description;

/// What the plugin says of itself.
#[derive(Debug)]
pub struct Describe;

impl Operation for Describe {
    type Output = Description;

    const NAME: &'static str = "lifecycle.describe";
    const ROLE: Role = Role::Lifecycle;
    const CHANGES: bool = false;

    async fn run(self, sandbox: &mut dyn Sandbox) -> Result<Description, Failure> {
        sandbox.lifecycle().describe().await
    }
}

/// Whether the system behind the plugin can be reached.
#[derive(Debug)]
pub struct Check;

impl Operation for Check {
    type Output = ();

    const NAME: &'static str = "lifecycle.check";
    const ROLE: Role = Role::Lifecycle;
    const CHANGES: bool = false;

    async fn run(self, sandbox: &mut dyn Sandbox) -> Result<(), Failure> {
        sandbox.lifecycle().check().await
    }
}
