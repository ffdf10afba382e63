//! Operations of the role `processor`.

use std::io::Write as _;
use std::sync::Arc;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::metadata_store::json as parsed;
use super::{ArgumentError, Arguments, Called, Caller, Failed};
use crate::digest::Digest;
use crate::dispatch::processor::{Accepts, Execute, Initialize, Message};
use crate::dispatch::{Blob, Upload};

pub(super) async fn run(
    caller: &Caller<'_>,
    arguments: Arguments,
) -> Result<Called, ArgumentError> {
    Ok(match caller.verb() {
        "execute" => execute(caller, arguments).await?,
        "accepts" => {
            arguments.finish()?;
            caller.call(Accepts, Value::from).await
        }
        _ => {
            arguments.finish()?;
            caller.call(Initialize, |()| Value::Null).await
        }
    })
}

async fn execute(caller: &Caller<'_>, mut arguments: Arguments) -> Result<Called, ArgumentError> {
    let uuid = arguments.text("uuid")?;
    let media_type = arguments.optional_text("media_type")?.unwrap_or_default();
    let data_location = arguments.optional_text("data_location")?;
    let meta_location = arguments.optional_text("meta_location")?;
    let body = arguments.json("body");
    let metadata = arguments
        .json("metadata")
        .unwrap_or_else(|| "{}".to_owned());
    let (content, _) = arguments.content()?;
    arguments.finish()?;
    let (data, hash_digest) = match spool(content).await {
        Ok(spooled) => spooled,
        Err(error) => return Ok(Err(Failed::Output(format!("the object's data: {error}")))),
    };
    let data_location = data_location.unwrap_or_else(|| uuid.clone());
    let sent = || json!({ "uuid_ref": uuid, "data_location": data_location }).to_string();
    let message = Message {
        body: body.unwrap_or_else(sent),
        uuid,
        media_type,
        data_location,
        meta_location,
        hash_digest,
    };
    let execute = Execute {
        message,
        metadata: metadata.into(),
        data,
    };
    let shown = |result: Option<String>| result.map_or(Value::Null, parsed);
    Ok(caller.call(execute, shown).await)
}

/// An object's data in a file without a name, and its SHA-256.
async fn spool(mut content: Upload) -> std::io::Result<(Blob, String)> {
    let mut file = tempfile::tempfile()?;
    let mut hasher = Sha256::new();
    let mut size = 0;
    while let Some(chunk) = content.next().await.map_err(std::io::Error::other)? {
        file.write_all(&chunk)?;
        hasher.update(&chunk);
        size += chunk.len() as u64;
    }
    let digest = Digest::finished(hasher).hexadecimal().to_owned();
    Ok((Blob::new(Arc::new(file), size), digest))
}
