//! Operations of the role `database`.

use serde_json::Value;

use super::{ArgumentError, Arguments, Called, Caller, packed};
use crate::dispatch::database::{Dialect, Execute, Spoken};

pub(super) async fn run(
    caller: &Caller<'_>,
    mut arguments: Arguments,
) -> Result<Called, ArgumentError> {
    if caller.verb() == "dialect" {
        arguments.finish()?;
        return Ok(caller.call(Dialect, name).await);
    }
    let execute = Execute {
        script: arguments.text("script")?,
        parameters: packed::named(&arguments.object("parameters")?),
    };
    arguments.finish()?;
    let shown = |rows: Option<Vec<u8>>| match rows {
        Some(rows) => packed::rows(&rows),
        None => Value::Null,
    };
    Ok(caller.call(execute, shown).await)
}

fn name(spoken: Spoken) -> Value {
    let name = match spoken {
        Spoken::Postgresql => "postgresql",
        Spoken::Sqlite => "sqlite",
    };
    name.into()
}
