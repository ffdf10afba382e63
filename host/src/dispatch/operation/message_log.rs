//! Operations of the role `message-log`.

use super::Operation;
use crate::plugin::{Failure, Role, Sandbox};

pub use crate::plugin::message_log::Entry;

/// Makes the table, unless it is there.
#[derive(Debug)]
pub struct Initialize;

impl Operation for Initialize {
    type Output = ();

    const NAME: &'static str = "message-log.initialize";
    const ROLE: Role = Role::MessageLog;
    const CHANGES: bool = true;

    async fn run(self, sandbox: &mut dyn Sandbox) -> Result<(), Failure> {
        sandbox.message_log()?.initialize().await
    }
}

/// What is known of a message.
#[derive(Debug)]
pub struct Get {
    /// Which.
    pub uuid: String,
}

impl Operation for Get {
    type Output = Option<Entry>;

    const NAME: &'static str = "message-log.get";
    const ROLE: Role = Role::MessageLog;
    const CHANGES: bool = false;

    async fn run(self, sandbox: &mut dyn Sandbox) -> Result<Option<Entry>, Failure> {
        sandbox.message_log()?.get(&self.uuid).await
    }
}

/// Stores all entries, or none.
#[derive(Debug)]
pub struct Update {
    /// What to store; of several for one message the last holds.
    pub entries: Vec<Entry>,
}

impl Operation for Update {
    type Output = ();

    const NAME: &'static str = "message-log.update";
    const ROLE: Role = Role::MessageLog;
    const CHANGES: bool = true;

    async fn run(self, sandbox: &mut dyn Sandbox) -> Result<(), Failure> {
        sandbox.message_log()?.update(&self.entries).await
    }
}
