//! Operations of the role `message-log`.

use serde_json::{Value, json};

use super::metadata_store::json as parsed;
use super::{ArgumentError, Arguments, Called, Caller};
use crate::dispatch::message_log::{Entry, Get, Initialize, Update};

pub(super) async fn run(
    caller: &Caller<'_>,
    mut arguments: Arguments,
) -> Result<Called, ArgumentError> {
    Ok(match caller.verb() {
        "get" => {
            let uuid = arguments.text("uuid")?;
            arguments.finish()?;
            let shown = |found: Option<Entry>| found.map_or(Value::Null, shown);
            caller.call(Get { uuid }, shown).await
        }
        "update" => {
            let entry = Entry {
                uuid: arguments.text("uuid")?,
                meta_location: arguments.optional_text("meta_location")?,
                data_location: arguments.optional_text("data_location")?,
                data_type: arguments.optional_text("data_type")?,
                status: arguments.text("status")?,
                info: arguments.optional_text("info")?,
                results: arguments.json("results"),
            };
            arguments.finish()?;
            let entries = vec![entry];
            caller.call(Update { entries }, |()| Value::Null).await
        }
        _ => {
            arguments.finish()?;
            caller.call(Initialize, |()| Value::Null).await
        }
    })
}

fn shown(entry: Entry) -> Value {
    json!({
        "uuid": entry.uuid,
        "meta_location": entry.meta_location,
        "data_location": entry.data_location,
        "data_type": entry.data_type,
        "status": entry.status,
        "info": entry.info,
        "results": entry.results.map(parsed),
    })
}
