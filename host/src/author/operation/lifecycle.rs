//! Operations of the role every plugin plays.

use serde_json::{Value, json};

use super::{ArgumentError, Arguments, Called, Caller};
use crate::dispatch::lifecycle::{Check, Describe, Description};

pub(super) async fn run(
    caller: &Caller<'_>,
    arguments: Arguments,
) -> Result<Called, ArgumentError> {
    arguments.finish()?;
    Ok(match caller.verb() {
        "describe" => caller.call(Describe, shown).await,
        _ => caller.call(Check, |()| Value::Null).await,
    })
}

fn shown(description: Description) -> Value {
    // What is no JSON is shown as the text it is.
    let schema = serde_json::from_str(&description.config_schema);
    json!({
        "name": description.name,
        "version": description.version,
        "config_schema": schema.unwrap_or(Value::String(description.config_schema)),
        "wants": description.wants,
    })
}
