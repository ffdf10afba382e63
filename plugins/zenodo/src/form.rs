//! Uploads in the old way, as a form, for deposits that Zenodo shows no bucket of. The form is
//! spooled as a whole: its length must be known, and an earlier file of the name, which this way
//! does not replace by itself, may go only when the new content is all there.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};
use tenon_sdk::{
    Error, Kind, Result, call,
    http::Request,
    repository::{DepositedFile, Reader},
    scratch, warn,
};

use crate::{
    client,
    files::{self, File},
    upload::Upload,
};

/// Adds a file, or replaces the one of that name.
pub(crate) fn post(upload: &Upload<'_>, content: &mut Reader<'_>) -> Result<DepositedFile> {
    let boundary = boundary();
    let spool = scratch::create()?;
    let mut writer = spool.append()?;
    writer.write_all(head(&boundary, &upload.key).as_bytes())?;
    let size = content.copy_to(&mut writer)?;
    writer.write_all(format!("\r\n--{boundary}--\r\n").as_bytes())?;
    drop(writer);

    let replaced = remove_earlier(upload)?;
    let sent = send(upload, &boundary, &mut spool.open(0)?, size);
    sent.map_err(|error| {
        if !replaced {
            return error;
        }
        warn!(
            "{} is lost from deposit {}: {error}",
            upload.name, upload.id
        );
        error.noting("the earlier file of this name is removed already")
    })
}

/// Removes the file that has the key now and says whether there was one.
fn remove_earlier(upload: &Upload<'_>) -> Result<bool> {
    let files = files::all(upload.client, upload.id)?;
    let Some(file) = files.iter().find(|file| file.key == upload.key) else {
        return Ok(false);
    };
    match files::remove(upload.client, upload.id, file) {
        Err(error) if error.kind() == Kind::Unavailable => {
            Err(error.noting("whether the earlier file of this name is still there is not known"))
        }
        // Somebody else was faster.
        Err(error) if error.kind() == Kind::NotFound => Ok(false),
        Err(error) => Err(error),
        Ok(()) => Ok(true),
    }
}

fn send(
    upload: &Upload<'_>,
    boundary: &str,
    form: &mut Reader<'_>,
    size: u64,
) -> Result<DepositedFile> {
    let name = upload.name.as_str();
    let request = Request::post(files::files_url(upload.client, upload.id)).header(
        "content-type",
        format!("multipart/form-data; boundary={boundary}"),
    );
    let sent =
        client::upload(request, form, name).and_then(|response| client::json(response, name));
    let details: Map<String, Value> = sent.map_err(|error| upload.undecided(error))?;
    let file = File::read(details).ok_or_else(|| {
        Error::unavailable("Zenodo stored a file without telling its id or name").about(name)
    })?;
    if file.key != upload.key {
        return Err(take_back(upload, &file));
    }
    upload.check_size(Some(size), file.size)?;
    Ok(file.deposited())
}

/// Removes a file that Zenodo stored under another key than it was asked to: the next one might be
/// given the same.
fn take_back(upload: &Upload<'_>, file: &File) -> Error {
    let error = Error::unsupported(
        "Zenodo shows no bucket of this deposit, and keeps no such name without one",
    )
    .about(upload.name.as_str());
    match files::remove(upload.client, upload.id, file) {
        Ok(()) => error,
        Err(cause) => {
            warn!(
                "{} is left behind in deposit {}: {cause}",
                file.key, upload.id
            );
            error.noting("the file is left behind under another name")
        }
    }
}

/// What comes before the content.
fn head(boundary: &str, key: &str) -> String {
    let quoted = key
        .replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A");
    format!(
        "--{boundary}\r\n\
         Content-Disposition: form-data; name=\"name\"\r\n\r\n\
         {key}\r\n\
         --{boundary}\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"{quoted}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    )
}

/// A line that no content has: nobody knows it before the call.
fn boundary() -> String {
    let id = call::current().request_id;
    let id: String = id
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(32)
        .collect();
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    format!("tenon-{id}-{:x}", now.unwrap_or_default().as_nanos())
}
