//! Uploads into a deposit's bucket, of files of any size. The live service takes a body without a
//! length for an empty or broken one, so content of unknown size is spooled first.

use serde_json::{Map, Value};
use tenon_sdk::{
    Error, Kind, Path, Result,
    http::Request,
    repository::{DepositedFile, Reader},
    scratch,
};

use crate::{
    client::{self, Client},
    deposit::Id,
    files::{self, bucket_url},
    form,
    names::to_key,
};

/// Adds a file, or replaces the one of that name.
pub(crate) fn add(
    client: &Client,
    id: &Id,
    name: &Path,
    content: &mut Reader<'_>,
) -> Result<DepositedFile> {
    if name.is_root() {
        return Err(Error::invalid("a file needs a name"));
    }
    let deposit = client.deposit(id)?;
    if deposit.is_published() {
        return Err(Error::conflict("the deposit is published").about(id.as_str()));
    }
    let upload = Upload {
        client,
        id,
        name,
        key: to_key(name.as_str()),
    };
    let Some(bucket) = deposit.bucket() else {
        return form::post(&upload, content);
    };
    let url = bucket_url(client, bucket, &upload.key)?;
    if content.remaining().is_some() {
        return upload.put(url, content);
    }
    let spool = scratch::create()?;
    content.copy_to(&mut spool.append()?)?;
    upload.put(url, &mut spool.open(0)?)
}

/// A file on its way.
#[derive(Debug)]
pub(crate) struct Upload<'a> {
    pub(crate) client: &'a Client,
    pub(crate) id: &'a Id,
    pub(crate) name: &'a Path,
    pub(crate) key: String,
}

impl Upload<'_> {
    fn put(self, url: String, content: &mut Reader<'_>) -> Result<DepositedFile> {
        let size = content.remaining();
        let request = Request::put(url).header("content-type", "application/octet-stream");
        let sent = client::upload(request, content, self.name.as_str());
        let response = sent.map_err(|error| self.undecided(error))?;
        // The file is stored, whether or not the answer says so in so many words.
        let details: Map<String, Value> =
            client::json(response, self.name.as_str()).unwrap_or_default();
        self.check_size(size, files::size(&details))?;
        Ok(DepositedFile {
            id: self.key,
            name: self.name.to_string(),
            size,
            details: Value::Object(details).to_string(),
        })
    }

    /// Says what nobody can tell when an answer is lost: whoever publishes next publishes the file.
    pub(crate) fn undecided(&self, error: Error) -> Error {
        match error.kind() {
            Kind::Unavailable => error.noting("the file may have been stored nevertheless"),
            _ => error,
        }
    }

    /// Compares what was sent with what Zenodo says it has.
    pub(crate) fn check_size(&self, sent: Option<u64>, stored: Option<u64>) -> Result<()> {
        match (sent, stored) {
            (Some(sent), Some(stored)) if sent != stored => Err(Error::unavailable(format!(
                "Zenodo stored {stored} of {sent} bytes; a broken file is left behind"
            ))
            .about(self.name.as_str())),
            _ => Ok(()),
        }
    }
}
