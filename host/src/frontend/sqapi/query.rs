//! Fetches what a message is about: data, metadata, and the media type where
//! the message does not say it. sqAPI contract, section 7.

use std::sync::Arc;

use serde_json::Value;

use super::fate::Trouble;
use super::message::Message;
use super::mime::essence;
use super::object::{Object, take_in};
use super::settings::{MimeSource, Settings};
use crate::dispatch::{Call, ConnectorId, Dispatcher, Outcome, file_store, metadata_store};
use crate::frontend::room::Room;

/// The type of what nobody knows (RFC 2046, section 4.5.1).
const UNKNOWN: &str = "application/octet-stream";
/// What content sniffers look at.
const SNIFFED_BYTES: u32 = 8192;

/// What is asked with.
pub(super) struct Query<'a> {
    pub(super) dispatcher: &'a Dispatcher,
    pub(super) settings: &'a Settings,
    pub(super) room: &'a Room,
}

/// What a message is about.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) object: Object,
    /// JSON.
    pub(super) metadata: Arc<str>,
    pub(super) media_type: String,
}

impl Query<'_> {
    /// Data first, then metadata, as sqAPI does: the first that fails decides.
    pub(super) async fn run(
        &self,
        message: &Message,
        call: impl Fn(ConnectorId) -> Call,
    ) -> Result<Found, Trouble> {
        let object = self.data(message, &call).await?;
        let metadata = self.metadata(message, &call).await?;
        let media_type = match message.media_type.as_str() {
            "" => media_type(&self.settings.mime, message, &object, &metadata)?,
            known => known.to_owned(),
        };
        Ok(Found {
            object,
            metadata,
            media_type,
        })
    }

    async fn data(
        &self,
        message: &Message,
        call: &impl Fn(ConnectorId) -> Call,
    ) -> Result<Object, Trouble> {
        let location = message.data_location.as_deref();
        let location = location.ok_or_else(|| missing("data_location"))?;
        let path = self.path(location);
        let read = |into| file_store::Read {
            path: path.to_owned(),
            offset: 0,
            into,
        };
        let call = call(self.settings.data_store.clone());
        let started = self.dispatcher.stream(call, read).await;
        let started = started.map_err(|error| unavailable("Data", location, error.into()))?;
        take_in(self.room, started.body).await
    }

    /// Locations on a disk begin with the folder that is the store's root.
    fn path<'a>(&self, location: &'a str) -> &'a str {
        let root = self.settings.data_root.as_deref().unwrap_or_default();
        let root = root.trim_end_matches('/');
        let below = location.strip_prefix(root);
        let below = below.filter(|below| below.starts_with('/'));
        below.unwrap_or(location).trim_start_matches('/')
    }

    async fn metadata(
        &self,
        message: &Message,
        call: &impl Fn(ConnectorId) -> Call,
    ) -> Result<Arc<str>, Trouble> {
        if let Some(metadata) = &message.metadata {
            return Ok(metadata.as_str().into());
        }
        let Some(store) = &self.settings.meta_store else {
            return Ok("{}".into());
        };
        let reference = message.meta_location.clone();
        let reference = reference.ok_or_else(|| missing("meta_location"))?;
        let fetch = metadata_store::Fetch {
            reference: reference.clone(),
        };
        let fetched = self.dispatcher.call(call(store.clone()), fetch).await;
        let fetched = fetched.map_err(|error| unavailable("Metadata", &reference, error.into()))?;
        let bytes_max = self.settings.limits.metadata_bytes;
        if fetched.len() as u64 > bytes_max {
            let info = format!("limit `metadata_bytes` ({bytes_max} bytes) exceeded");
            return Err(Trouble::new(Outcome::Invalid, info));
        }
        Ok(fetched.into())
    }
}

fn missing(field: &str) -> Trouble {
    let info = format!("Could not find \"{field}\" in message");
    Trouble::new(Outcome::Invalid, info)
}

/// What may come yet is told in sqAPI's words.
fn unavailable(what: &str, reference: &str, trouble: Trouble) -> Trouble {
    let text = format!("{what} by reference {reference} was not available at this moment");
    let info = match trouble.outcome {
        Outcome::NotFound if trouble.info.starts_with(&text) => trouble.info,
        Outcome::NotFound => format!("{text}: {}", trouble.info),
        _ => return trouble,
    };
    Trouble { info, ..trouble }
}

/// sqAPI's order: the metadata, the content, the name.
fn media_type(
    source: &MimeSource,
    message: &Message,
    object: &Object,
    metadata: &str,
) -> Result<String, Trouble> {
    if let Some(found) = in_metadata(&source.path, metadata) {
        return Ok(essence(&found));
    }
    if !source.guess {
        return Ok(String::new());
    }
    let head = object.blob.read(0, SNIFFED_BYTES);
    let head = head.map_err(|error| Trouble::new(Outcome::Internal, error.to_string()))?;
    if let Some(kind) = infer::get(&head) {
        return Ok(kind.mime_type().to_owned());
    }
    let location = message.data_location.as_deref().unwrap_or_default();
    let guessed = mime_guess::from_path(location).first_raw();
    Ok(guessed.unwrap_or(UNKNOWN).to_owned())
}

/// `None` as well where the way there ends at something that has no keys.
fn in_metadata(path: &[String], metadata: &str) -> Option<String> {
    if path.is_empty() {
        return None;
    }
    let metadata: Value = serde_json::from_str(metadata).ok()?;
    let found = path.iter().try_fold(&metadata, |at, key| at.get(key))?;
    found.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_may_stand_deep_in_the_metadata() {
        let path = ["mime".to_owned(), "type".to_owned()];
        let found = |metadata| in_metadata(&path, metadata);
        assert_eq!(found(r#"{"mime":{"type":"a/b"}}"#).as_deref(), Some("a/b"));
        for other in ["{}", r#"{"mime":7}"#, r#"{"mime":[]}"#, "[]", "no JSON"] {
            assert_eq!(found(other), None, "{other}");
        }
        assert_eq!(in_metadata(&[], r#"{"a":"b"}"#), None);
    }

    #[test]
    fn what_may_come_yet_is_told_once_in_sqapis_words() {
        let told =
            |info: &str| unavailable("Data", "a", Trouble::new(Outcome::NotFound, info)).info;
        let words = "Data by reference a was not available at this moment";
        assert_eq!(told("no such file"), format!("{words}: no such file"));
        assert_eq!(told(words), words);
        let denied = Trouble::new(Outcome::Denied, "no");
        assert_eq!(unavailable("Data", "a", denied.clone()), denied);
    }
}
