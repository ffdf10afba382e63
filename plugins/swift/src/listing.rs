//! Listings as Swift gives them: a page of names in the order of their bytes, beyond a marker.

use serde::{Deserialize, de::DeserializeOwned};
use tenon_sdk::{
    Error, Kind, Result,
    http::{Response, escaped},
};

use crate::client::{Client, Target};

/// Names in a page. Every cluster gives as many; most give ten times as many.
pub(crate) const PAGE: usize = 1000;

/// A page of names of 1024 bytes each, with every byte written as an escape, stays below.
const JSON_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The media type of objects that stand for folders.
const DIRECTORY: &str = "application/directory";

/// An object, or the common beginning of several, which ends with a slash.
#[derive(Debug, Deserialize)]
pub(crate) struct Row {
    #[serde(alias = "subdir")]
    pub(crate) name: String,
    #[serde(default)]
    bytes: u64,
    #[serde(default)]
    hash: Option<String>,
    #[serde(default)]
    content_type: Option<String>,
    /// Of an object made of segments: the entity tag of the whole, in quotes.
    #[serde(default)]
    slo_etag: Option<String>,
}

impl Row {
    pub(crate) fn is_folder(&self) -> bool {
        self.name.ends_with('/') || is_directory(self.content_type.as_deref())
    }

    /// Listings give no size of objects made of whatever begins like something: these are empty
    /// there, like those that are empty indeed.
    pub(crate) fn size(&self) -> Option<u64> {
        (self.bytes > 0).then_some(self.bytes)
    }

    pub(crate) fn etag(self) -> Option<String> {
        let etag = self.slo_etag.or(self.hash)?;
        Some(etag.trim_matches('"').to_owned())
    }
}

/// Whether an object of this media type stands for a folder. It can be read all the same.
pub(crate) fn is_directory(media_type: Option<&str>) -> bool {
    let essence = media_type.and_then(|media_type| media_type.split(';').next());
    essence.is_some_and(|essence| essence.trim() == DIRECTORY)
}

/// What is asked for of a container.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page<'a> {
    /// What the names begin with.
    pub(crate) prefix: &'a str,
    /// The name before the first one; empty for none.
    pub(crate) marker: &'a str,
    /// Whether what goes on after a further slash is told as one.
    pub(crate) folders: bool,
    /// Names, at most.
    pub(crate) limit: usize,
}

/// Some objects of a container, and whether more may follow; none when there is no such container.
pub(crate) fn objects(
    client: &Client,
    container: &str,
    page: Page<'_>,
) -> Result<Option<(Vec<Row>, bool)>> {
    let mut query = query(page.limit, page.marker);
    if !page.prefix.is_empty() {
        query += &format!("&prefix={}", escaped(page.prefix));
    }
    if page.folders {
        query += "&delimiter=%2F";
    }
    let listed = match client.list(Target::container(container), &query) {
        Err(error) if error.kind() == Kind::NotFound => return Ok(None),
        listed => listed?,
    };
    let rows: Vec<Row> = parsed(listed, container)?;
    let more = rows.len() >= page.limit;
    Ok(Some((rows, more)))
}

/// A page of the account's containers after `marker`, and whether more may follow.
pub(crate) fn containers(client: &Client, marker: &str) -> Result<(Vec<String>, bool)> {
    let listed = client.list(Target::ACCOUNT, &query(PAGE, marker))?;
    let rows: Vec<Row> = parsed(listed, "the account")?;
    let more = rows.len() >= PAGE;
    Ok((rows.into_iter().map(|row| row.name).collect(), more))
}

fn query(limit: usize, marker: &str) -> String {
    let mut query = format!("format=json&limit={limit}");
    if !marker.is_empty() {
        query += &format!("&marker={}", escaped(marker));
    }
    query
}

/// Nothing at all stands for an empty list.
fn parsed<T: DeserializeOwned + Default>(response: Response, subject: &str) -> Result<T> {
    let body = response.into_body()?.read_all(JSON_BYTES_MAX)?;
    if body.is_empty() {
        return Ok(T::default());
    }
    serde_json::from_slice(&body).map_err(|_| {
        Error::unavailable("the system's listing is not one of Swift's").about(subject)
    })
}
