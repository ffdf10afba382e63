//! Operations of the role `processor`.

use std::sync::Arc;

use super::Operation;
use crate::plugin::{Failure, Role, Sandbox};

pub use crate::capability::transfer::Blob;
pub use crate::plugin::processor::Message;

/// Longest result, in bytes: it is kept in a row of a table, not in a store.
const RESULT_BYTES_MAX: usize = 64 << 10;

/// The media types it takes; all where there are none.
#[derive(Debug)]
pub struct Accepts;

impl Operation for Accepts {
    type Output = Vec<String>;

    const NAME: &'static str = "processor.accepts";
    const ROLE: Role = Role::Processor;
    const CHANGES: bool = false;

    async fn run(self, sandbox: &mut dyn Sandbox) -> Result<Vec<String>, Failure> {
        sandbox.processor()?.accepts().await
    }
}

/// Makes what it needs, unless that is there.
#[derive(Debug)]
pub struct Initialize;

impl Operation for Initialize {
    type Output = ();

    const NAME: &'static str = "processor.initialize";
    const ROLE: Role = Role::Processor;
    const CHANGES: bool = true;

    async fn run(self, sandbox: &mut dyn Sandbox) -> Result<(), Failure> {
        sandbox.processor()?.initialize().await
    }
}

/// Looks at one object.
#[derive(Debug, Clone)]
pub struct Execute {
    /// What it came with.
    pub message: Message,
    /// JSON.
    pub metadata: Arc<str>,
    /// Its bytes, shared with other processors.
    pub data: Blob,
}

impl Operation for Execute {
    type Output = Option<String>;

    const NAME: &'static str = "processor.execute";
    const ROLE: Role = Role::Processor;
    const CHANGES: bool = true;

    async fn run(self, sandbox: &mut dyn Sandbox) -> Result<Option<String>, Failure> {
        let processor = sandbox.processor()?;
        let result = processor
            .execute(&self.message, &self.metadata, self.data)
            .await?;
        if let Some(text) = &result {
            check(text).map_err(Failure::Contract)?;
        }
        Ok(result)
    }
}

fn check(result: &str) -> Result<(), String> {
    if result.len() > RESULT_BYTES_MAX {
        let length = result.len();
        return Err(format!(
            "a result of {length} bytes, more than {RESULT_BYTES_MAX}"
        ));
    }
    // Read as whoever keeps it does: what nests too deep for that would be lost.
    match serde_json::from_str::<serde_json::Value>(result) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("a result that is no JSON: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_json_of_a_bounded_length() {
        assert_eq!(check(r#"{"size":1}"#), Ok(()));
        assert!(check("size 1").is_err());
        assert!(check(&format!("\"{}\"", "x".repeat(RESULT_BYTES_MAX))).is_err());
        let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
        assert!(check(&deep).unwrap_err().contains("recursion"));
    }
}
