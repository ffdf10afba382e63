//! Operations of the role every plugin plays.

use serde_json::{Value, json};

use super::super::inspect::schema;
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
    json!({
        "config_schema": schema(&description),
        "name": description.name,
        "version": description.version,
        "wants": description.wants,
    })
}
