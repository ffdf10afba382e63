//! The role `processor`.

use std::fs::File;
use std::io::Write as _;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::expect::{Checked, done, graceful, holds, same, short};
use super::report::{Outcome, passed, skipped};
use super::trial::Trial;
use crate::digest::Digest;
use crate::dispatch::processor::{Accepts, Execute, Initialize, Message};
use crate::dispatch::{Blob, Error, Outcome as Kind};

/// Bytes beyond what a sandbox holds.
const BEYOND: u64 = 8 << 20;
const TEXT: &[u8] = b"The quick brown fox jumps over the lazy dog.\n";
/// Metadata that is JSON, and no object of texts.
const ODD_METADATA: [&str; 8] = [
    "null",
    "7",
    "\"text\"",
    "[]",
    "[{\"a\":[1,2]}]",
    "{\"mime\":7}",
    "{\"sha256\":[],\"language\":{},\"\":null}",
    "{\"a\":1e400}",
];

/// An object in a file without a name.
fn object(bytes: &[u8], size: u64) -> Checked<Blob> {
    let made = || {
        let mut file: File = tempfile::tempfile()?;
        file.write_all(bytes)?;
        file.set_len(size)?;
        Ok(Blob::new(Arc::new(file), size))
    };
    made().map_err(|error: std::io::Error| format!("no room for an object: {error}"))
}

/// A message about a text.
fn message(uuid: &str) -> Message {
    Message {
        uuid: uuid.to_owned(),
        media_type: "text/plain".to_owned(),
        data_location: "tenon-conformance/a.txt".to_owned(),
        meta_location: Some(uuid.to_owned()),
        hash_digest: digest(TEXT),
        body: serde_json::json!({ "uuid_ref": uuid }).to_string(),
    }
}

fn digest(bytes: &[u8]) -> String {
    Digest::finished(Sha256::new_with_prefix(bytes))
        .hexadecimal()
        .to_owned()
}

/// What a harmless look at a text takes.
pub(super) fn harmless() -> Checked<Execute> {
    let about = message("tenon-conformance");
    Ok(Execute {
        message: about,
        metadata: "{}".into(),
        data: object(TEXT, TEXT.len() as u64)?,
    })
}

async fn execute(trial: &Trial, execute: Execute) -> Result<Option<String>, Error> {
    trial.client.call(execute).await
}

/// Such as `image/png`, `image/*` or `*`.
fn is_media_range(text: &str) -> bool {
    let is_token = |part: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        !part.is_empty() && part.chars().all(allowed)
    };
    let both = |(kind, subtype): (&str, &str)| is_token(kind) && is_token(subtype);
    text == "*" || text.split_once('/').is_some_and(both)
}

pub(super) async fn accepts(trial: &Trial) -> Outcome {
    let first = done("accepts", trial.client.call(Accepts).await)?;
    for text in &first {
        holds(is_media_range(text), || {
            format!("{} is no media type", short(text))
        })?;
    }
    let again = done("accepts", trial.client.call(Accepts).await)?;
    same("accepts gave two answers", &first, &again)?;
    passed()
}

pub(super) async fn initialize(trial: &Trial) -> Outcome {
    for turn in 0..3 {
        match trial.client.call(Initialize).await {
            Err(error) if lacks_database(trial, &error) => return skipped(NO_DATABASE),
            result => done(&format!("initialize, time {}", turn + 1), result)?,
        }
    }
    passed()
}

const NO_DATABASE: &str = "its database is not there: give one by --database";

/// Whether an error says no more than that there is no database here.
fn lacks_database(trial: &Trial, error: &Error) -> bool {
    trial.rig.database.is_none() && error.outcome() == Kind::Unavailable
}

pub(super) async fn result(trial: &Trial) -> Outcome {
    let looked = execute(trial, harmless()?).await;
    graceful("looking at a text", looked)?;
    passed()
}

pub(super) async fn again(trial: &Trial) -> Outcome {
    let first = graceful("looking at a text", execute(trial, harmless()?).await)?;
    for _ in 0..2 {
        let next = execute(trial, harmless()?).await;
        let next = graceful("looking at it again", next)?;
        same("the same message had two results", &first, &next)?;
    }
    passed()
}

pub(super) async fn empty(trial: &Trial) -> Outcome {
    let mut nothing = harmless()?;
    nothing.message.hash_digest = digest(b"");
    nothing.data = object(b"", 0)?;
    let looked = execute(trial, nothing).await;
    graceful("looking at an object without bytes", looked)?;
    passed()
}

pub(super) async fn large(trial: &Trial) -> Outcome {
    let mut large = harmless()?;
    let size = trial.rig.limits.memory_bytes + BEYOND;
    large.message.media_type = "application/octet-stream".to_owned();
    large.data = object(TEXT, size)?;
    let looked = execute(trial, large).await;
    let what = format!("looking at an object of {size} bytes, more than it has memory");
    graceful(&what, looked)?;
    passed()
}

pub(super) async fn metadata(trial: &Trial) -> Outcome {
    for text in ODD_METADATA {
        let mut odd = harmless()?;
        odd.metadata = text.into();
        let looked = execute(trial, odd).await;
        graceful(
            &format!("looking at an object with metadata {text}"),
            looked,
        )?;
    }
    passed()
}

pub(super) async fn fields(trial: &Trial) -> Outcome {
    let texts = [
        "ü 字 \u{1f600}",
        "it's; DROP TABLE sizes --",
        "%(uuid)s %",
        "\\",
    ];
    let long = "x".repeat(1000);
    for text in texts.into_iter().chain([long.as_str()]) {
        let mut odd = harmless()?;
        odd.message = Message {
            data_location: text.to_owned(),
            meta_location: None,
            media_type: String::new(),
            ..message(text)
        };
        let looked = execute(trial, odd).await;
        graceful(&format!("looking at the object {}", short(&text)), looked)?;
    }
    passed()
}
