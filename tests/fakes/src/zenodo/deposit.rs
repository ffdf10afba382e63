//! Deposits, their files, and how the service shows them.

use std::fmt;

use bytes::Bytes;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::content::Content;
use crate::{date, text};

/// How deposits are shown.
#[derive(Debug, Clone, Default)]
pub(crate) struct View {
    /// Where links lead.
    pub(crate) origin: String,
    /// Without the links to buckets.
    pub(crate) bucketless: bool,
}

const CREATED: &str = "2026-01-01T00:00:00.000000+00:00";

/// A file in a deposit.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Its identifier in the old files API.
    pub id: String,
    /// Its name; in a bucket this is the key.
    pub name: String,
    /// Its length.
    pub size: u64,
    /// The MD5 of its content, in hexadecimal.
    pub md5: String,
    /// Its content, if it is no longer than [`KEPT`](crate::KEPT).
    pub content: Option<Bytes>,
}

impl fmt::Debug for StoredFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name, size, md5, ..
        } = self;
        write!(f, "{name} ({size} bytes, md5 {md5})")
    }
}

impl StoredFile {
    pub(crate) fn new(name: String, content: Content) -> Self {
        Self {
            id: Uuid::new_v4().to_string(),
            name,
            size: content.size,
            md5: content.md5,
            content: content.kept,
        }
    }
}

/// A deposit as the service knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Deposit {
    /// Its identifier.
    pub id: u64,
    /// The token of its owner.
    pub owner: String,
    /// The metadata as they were put; an empty object before that.
    pub metadata: Value,
    /// Its files, in the order of their first upload.
    pub files: Vec<StoredFile>,
    /// Whether it is published.
    pub submitted: bool,
    /// Its DOI, once it is published.
    pub doi: Option<String>,
    /// The identifier of its bucket.
    pub bucket: String,
}

impl Deposit {
    pub(crate) fn new(id: u64, owner: &str) -> Self {
        Self {
            id,
            owner: owner.to_owned(),
            metadata: Value::Object(Map::new()),
            files: Vec::new(),
            submitted: false,
            doi: None,
            bucket: Uuid::new_v4().to_string(),
        }
    }

    /// The file of this name.
    pub fn file(&self, name: &str) -> Option<&StoredFile> {
        self.files.iter().find(|file| file.name == name)
    }

    /// Puts a file in the place of one with the same name.
    pub(crate) fn store(&mut self, file: StoredFile) {
        match self.files.iter_mut().find(|old| old.name == file.name) {
            Some(old) => *old = file,
            None => self.files.push(file),
        }
    }

    fn reserved(&self) -> String {
        format!("10.5072/zenodo.{}", self.id)
    }

    pub(crate) fn publish(&mut self) {
        let own = self.metadata.get("doi").and_then(Value::as_str);
        let own = own.filter(|doi| !doi.is_empty()).map(str::to_owned);
        self.doi = Some(own.unwrap_or_else(|| self.reserved()));
        self.submitted = true;
    }

    /// The deposition resource.
    pub(crate) fn show(&self, view: &View) -> Value {
        let id = self.id;
        let origin = &view.origin;
        let own = format!("{origin}/api/deposit/depositions/{id}");
        let mut shown = json!({
            "created": CREATED,
            "modified": CREATED,
            "conceptrecid": (id - 1).to_string(),
            "id": id,
            "record_id": id,
            "owner": 1,
            "title": self.metadata.get("title").unwrap_or(&json!("")),
            "state": if self.submitted { "done" } else { "unsubmitted" },
            "submitted": self.submitted,
            "metadata": self.shown_metadata(),
            "files": self.show_files(view),
            "links": {
                "self": own,
                "html": format!("{origin}/deposit/{id}"),
                "files": format!("{own}/files"),
                "bucket": format!("{origin}/api/files/{}", self.bucket),
                "publish": format!("{own}/actions/publish"),
                "edit": format!("{own}/actions/edit"),
                "discard": format!("{own}/actions/discard"),
                "latest_draft": own,
                "latest_draft_html": format!("{origin}/deposit/{id}"),
            },
        });
        if view.bucketless {
            shown["links"]["bucket"] = Value::Null;
            strip(&mut shown["links"]);
        }
        if let Some(doi) = &self.doi {
            shown["doi"] = json!(doi);
            shown["doi_url"] = json!(format!("https://doi.org/{doi}"));
            shown["record_url"] = json!(format!("{origin}/record/{id}"));
            shown["links"]["record"] = json!(format!("{origin}/api/records/{id}"));
            shown["links"]["record_html"] = json!(format!("{origin}/record/{id}"));
        }
        shown
    }

    /// With the defaults, once there are any metadata.
    fn shown_metadata(&self) -> Value {
        let mut shown = self.metadata.clone();
        if shown.as_object().is_some_and(|fields| !fields.is_empty()) {
            let dataset = shown["upload_type"] == "dataset";
            default(&mut shown, "access_right", json!("open"));
            default(&mut shown, "publication_date", json!(date::today()));
            let licence = if dataset { "cc-zero" } else { "cc-by" };
            if shown["access_right"] == "open" || shown["access_right"] == "embargoed" {
                default(&mut shown, "license", json!(licence));
            }
        }
        shown["prereserve_doi"] = json!({"doi": self.reserved(), "recid": self.id});
        if let Some(doi) = &self.doi {
            shown["doi"] = json!(doi);
        }
        shown
    }

    /// The deposition file resources.
    pub(crate) fn show_files(&self, view: &View) -> Value {
        let files = self.files.iter();
        files.map(|file| self.show_file(file, view)).collect()
    }

    pub(crate) fn show_file(&self, file: &StoredFile, view: &View) -> Value {
        let origin = &view.origin;
        let own = format!(
            "{origin}/api/deposit/depositions/{}/files/{}",
            self.id, file.id
        );
        let mut shown = json!({
            "id": file.id,
            "filename": file.name,
            "filesize": file.size,
            "checksum": file.md5,
            "links": {"self": own, "download": self.address(file, view)},
        });
        if view.bucketless {
            shown["links"]["download"] = Value::Null;
            strip(&mut shown["links"]);
        }
        shown
    }

    fn address(&self, file: &StoredFile, view: &View) -> String {
        let key = text::encode(&file.name);
        format!("{}/api/files/{}/{key}", view.origin, self.bucket)
    }

    /// The resource of a file in a bucket.
    pub(crate) fn show_object(&self, file: &StoredFile, view: &View) -> Value {
        let address = self.address(file, view);
        json!({
            "key": file.name,
            "mimetype": "application/octet-stream",
            "checksum": format!("md5:{}", file.md5),
            "version_id": file.id,
            "size": file.size,
            "created": CREATED,
            "updated": CREATED,
            "is_head": true,
            "delete_marker": false,
            "links": {
                "self": address,
                "version": format!("{address}?versionId={}", file.id),
                "uploads": format!("{address}?uploads"),
            },
        })
    }

    pub(crate) fn show_bucket(&self, view: &View) -> Value {
        let objects = self.files.iter();
        let contents: Value = objects.map(|file| self.show_object(file, view)).collect();
        json!({
            "id": self.bucket,
            "created": CREATED,
            "updated": CREATED,
            "locked": self.submitted,
            "max_file_size": 50_000_000_000_u64,
            "quota_size": 50_000_000_000_u64,
            "size": self.files.iter().map(|file| file.size).sum::<u64>(),
            "contents": contents,
            "links": {"self": format!("{}/api/files/{}", view.origin, self.bucket)},
        })
    }
}

fn default(fields: &mut Value, name: &str, value: Value) {
    if fields[name].is_null() {
        fields[name] = value;
    }
}

/// Without the members that are null.
fn strip(links: &mut Value) {
    if let Some(links) = links.as_object_mut() {
        links.retain(|_, link| !link.is_null());
    }
}
