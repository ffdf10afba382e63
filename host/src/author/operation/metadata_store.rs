//! Operations of the role `metadata-store`.

use serde_json::Value;

use super::{ArgumentError, Arguments, Called, Caller};
use crate::dispatch::metadata_store::Fetch;

pub(super) async fn run(
    caller: &Caller<'_>,
    mut arguments: Arguments,
) -> Result<Called, ArgumentError> {
    let reference = arguments.text("reference")?;
    arguments.finish()?;
    Ok(caller.call(Fetch { reference }, json).await)
}

/// What is said to be JSON, as such where it is.
pub(super) fn json(text: String) -> Value {
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}
