//! The files of a deposit. Zenodo gives them all at once and knows each by an id of its own; right
//! after an upload only the key is known, so a file is found by either. No text of a caller's
//! becomes part of an address: it is only compared with what Zenodo lists.

use serde_json::{Map, Value};
use tenon_sdk::{
    Error, Kind, Result,
    http::{Request, escaped},
    repository::{DepositedFile, Head, Page, PageRequest, Sink},
};

use crate::{
    client::{self, Client},
    deposit::{Id, text},
    names::from_key,
    projects::place,
};

/// A file as Zenodo tells of it.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) size: Option<u64>,
    details: Map<String, Value>,
}

impl File {
    /// Zenodo's two ways to upload, and its list, do not use the same words.
    pub(crate) fn read(details: Map<String, Value>) -> Option<Self> {
        let get = |keys: &[&str]| keys.iter().find_map(|&key| text(details.get(key)?));
        Some(Self {
            id: get(&["id"])?,
            key: get(&["filename", "key", "name"])?,
            size: size(&details),
            details,
        })
    }

    pub(crate) fn deposited(self) -> DepositedFile {
        DepositedFile {
            name: from_key(&self.key),
            id: self.id,
            size: self.size,
            details: Value::Object(self.details).to_string(),
        }
    }

    /// The link to the bytes. Zenodo may have put the key into it as it is.
    fn download(&self) -> Option<String> {
        let link = self.details.get("links")?.get("download")?.as_str()?;
        let segments = link.split('/').map(|segment| {
            if segment == self.key {
                escaped(segment)
            } else {
                segment.to_owned()
            }
        });
        Some(segments.collect::<Vec<_>>().join("/"))
    }
}

/// The bytes that a file has, which may be written as text.
pub(crate) fn size(details: &Map<String, Value>) -> Option<u64> {
    let size = details.get("filesize").or_else(|| details.get("size"))?;
    text(size)?.parse().ok()
}

/// A deposit's files.
pub(crate) fn list(
    client: &Client,
    id: &Id,
    request: PageRequest<'_>,
) -> Result<Page<DepositedFile>> {
    let start = place(request.after)?;
    let end = start + u64::from(request.max.max(1));
    let files = all(client, id)?;
    let next = (files.len() as u64 > end).then(|| end.to_string());
    let numbered = (0..).zip(files);
    let wanted = numbered.filter(|(number, _)| (start..end).contains(number));
    let items = wanted.map(|(_, file)| file.deposited()).collect();
    Ok(Page { items, next })
}

/// Every file of a deposit, in Zenodo's order.
pub(crate) fn all(client: &Client, id: &Id) -> Result<Vec<File>> {
    let response = client::send(Request::get(files_url(client, id)), id.as_str())?;
    let files: Vec<Map<String, Value>> = client::json(response, id.as_str())?;
    let files: Option<Vec<_>> = files.into_iter().map(File::read).collect();
    files.ok_or_else(|| {
        Error::unavailable("Zenodo lists a file without an id or name").about(id.as_str())
    })
}

/// Sends a file's bytes.
pub(crate) fn read(client: &Client, id: &Id, file: &str, into: Sink<'_>) -> Result<()> {
    let file = find(client, id, file)?;
    let url = match file.download() {
        Some(link) => client.link(&link)?,
        None => in_bucket(client, id, &file.key)?,
    };
    let response = client::send(Request::get(url), &file.key)?;
    let media_type = response.header("content-type");
    let mut content = response.into_body()?;
    let head = Head {
        size: content.remaining().or(file.size),
        media_type,
        etag: None,
    };
    into.send(head, &mut content)
}

/// Removes a file.
pub(crate) fn delete(client: &Client, id: &Id, file: &str) -> Result<()> {
    remove(client, id, &find(client, id, file)?)
}

/// Removes every file. The first that cannot be removed ends it.
pub(crate) fn delete_all(client: &Client, id: &Id) -> Result<()> {
    let files = all(client, id)?;
    for (done, file) in files.iter().enumerate() {
        match remove(client, id, file) {
            // Somebody else was faster.
            Err(error) if error.kind() == Kind::NotFound => {}
            Err(error) if done > 0 => {
                let note = format!("{done} of {} files were removed before", files.len());
                return Err(error.noting(&note));
            }
            result => result?,
        }
    }
    Ok(())
}

/// Removes what Zenodo tells of.
pub(crate) fn remove(client: &Client, id: &Id, file: &File) -> Result<()> {
    let url = format!("{}/{}", files_url(client, id), escaped(&file.id));
    client::send(Request::delete(url), &file.key).map(drop)
}

/// Where files are listed, and posted in the old way.
pub(crate) fn files_url(client: &Client, id: &Id) -> String {
    format!("{}/files", client.deposit_url(id))
}

/// Where the file under `key` is in the bucket at `link`.
pub(crate) fn bucket_url(client: &Client, link: &str, key: &str) -> Result<String> {
    let bucket = client.link(link)?;
    Ok(format!("{}/{}", bucket.trim_end_matches('/'), escaped(key)))
}

fn in_bucket(client: &Client, id: &Id, key: &str) -> Result<String> {
    match client.deposit(id)?.bucket() {
        Some(bucket) => bucket_url(client, bucket, key),
        None => Err(Error::unsupported("Zenodo gives no link to this file's bytes").about(key)),
    }
}

fn find(client: &Client, id: &Id, file: &str) -> Result<File> {
    let mut files = all(client, id)?;
    let place = files
        .iter()
        .position(|other| other.id == file)
        .or_else(|| files.iter().position(|other| other.key == file));
    match place {
        Some(place) => Ok(files.swap_remove(place)),
        None => Err(Error::not_found("the deposit has no such file").about(file)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn file(details: Value) -> Option<File> {
        File::read(details.as_object()?.clone())
    }

    #[test]
    fn all_words_for_the_same_are_understood() {
        let new = file(json!({"id": "1-2", "filename": "a%2Fx", "filesize": 7})).unwrap();
        assert_eq!((&*new.id, &*new.key, new.size), ("1-2", "a%2Fx", Some(7)));
        assert_eq!(new.deposited().name, "a/x");
        let old = file(json!({"id": 12, "name": "a", "filesize": "27"})).unwrap();
        assert_eq!((&*old.id, &*old.key, old.size), ("12", "a", Some(27)));
        assert!(file(json!({"id": "1"})).is_none());
        assert!(file(json!({"filename": "a"})).is_none());
    }

    #[test]
    fn a_key_in_a_link_is_encoded_once() {
        let download = |key: &str, link: &str| {
            file(json!({"id": 1, "filename": key, "links": {"download": link}}))
                .unwrap()
                .download()
        };
        for (key, link, expected) in [
            ("a.txt", "/f/a.txt", "/f/a.txt"),
            ("a b%2Fc", "/f/a b%2Fc/content", "/f/a%20b%252Fc/content"),
            (
                "a b%2Fc",
                "/f/a%20b%252Fc/content",
                "/f/a%20b%252Fc/content",
            ),
            ("100%", "/f/100%25", "/f/100%25"),
            ("a?b", "/f/a?b", "/f/a%3Fb"),
        ] {
            assert_eq!(download(key, link).as_deref(), Some(expected));
        }
        assert_eq!(
            file(json!({"id": 1, "name": "a"})).unwrap().download(),
            None
        );
    }
}
