//! Operations of the role `metadata-store`.

use super::Operation;
use crate::plugin::{Failure, Role, Sandbox};

/// The JSON text that a reference stands for.
#[derive(Debug)]
pub struct Fetch {
    /// The reference.
    pub reference: String,
}

impl Operation for Fetch {
    type Output = String;

    const NAME: &'static str = "metadata-store.fetch";
    const ROLE: Role = Role::MetadataStore;
    const CHANGES: bool = false;

    async fn run(self, sandbox: &mut dyn Sandbox) -> Result<String, Failure> {
        sandbox.metadata_store()?.fetch(&self.reference).await
    }
}
