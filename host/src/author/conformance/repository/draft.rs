//! Projects of the suite's own.

use serde_json::json;

use super::super::client::{Client, Piece, upload};
use super::super::expect::{Checked, done, shown};
use super::super::report::Ended;
use super::super::survey::{PAGE, is_refusal};
use super::super::trial::Trial;
use crate::dispatch::Error;
use crate::dispatch::repository::{AddFile, CreateProject, DeleteProject, File, ListFiles};

/// Pages after which a list counts as endless.
const PAGES_MAX: usize = 100;

/// A small RO-Crate with what repositories commonly insist on.
pub(super) fn metadata(title: &str) -> String {
    let author = json!({"@id": "#author"});
    json!({
        "@context": "https://w3id.org/ro/crate/1.1/context",
        "@graph": [
            {
                "@id": "ro-crate-metadata.json",
                "@type": "CreativeWork",
                "about": {"@id": "./"},
                "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"}
            },
            {
                "@id": "./",
                "@type": "Dataset",
                "name": title,
                "description": "Made by tenon plugin test.",
                "datePublished": "2026-01-01",
                "creator": author,
                "author": author,
                "license": {"@id": "https://creativecommons.org/publicdomain/zero/1.0/"}
            },
            {
                "@id": "#author",
                "@type": "Person",
                "name": "Conformance, Tenon",
                "affiliation": "Tenon"
            }
        ]
    })
    .to_string()
}

/// A new project, or that there are none to be had.
pub(super) async fn create(client: &Client) -> Checked<Result<String, Ended>> {
    let metadata = Some(metadata("Conformance of a plugin"));
    match client.call(CreateProject { metadata }).await {
        Ok(project) => Ok(Ok(project.id)),
        Err(error) if is_refusal(&error) => {
            let why = format!("the repository makes no projects: `{error}`");
            Ok(Err(Ended::NotOffered(why)))
        }
        Err(error) => Err(format!("making a project failed: {}", shown(&error))),
    }
}

/// Takes a project away again; the suite's own mess is no case.
pub(super) async fn remove(client: &Client, id: &str) {
    let id = id.to_owned();
    _ = client.call(DeleteProject { id }).await;
}

/// Adds a file.
pub(super) async fn add(
    trial: &Trial,
    project: &str,
    name: &str,
    size: Option<u64>,
    pieces: Vec<Piece>,
) -> Result<File, Error> {
    trial
        .client
        .call(AddFile {
            project: project.to_owned(),
            name: name.to_owned(),
            size,
            content: upload(pieces),
        })
        .await
}

/// A project's files, page by page.
pub(super) async fn files(trial: &Trial, project: &str, max: u32) -> Checked<Vec<File>> {
    let mut files = Vec::new();
    let mut after = None;
    for _ in 0..PAGES_MAX {
        let project = project.to_owned();
        let listed = trial
            .client
            .call(ListFiles {
                project,
                after,
                max,
            })
            .await;
        let page = done("listing the project's files", listed)?;
        files.extend(page.items);
        after = page.next;
        if after.is_none() {
            return Ok(files);
        }
    }
    Err("the list of the project's files never ends".to_owned())
}

/// A file of the project by its name.
pub(super) async fn find(trial: &Trial, project: &str, name: &str) -> Checked<Option<File>> {
    let files = files(trial, project, PAGE).await?;
    let mut found: Vec<_> = files.into_iter().filter(|file| file.name == name).collect();
    match found.len() {
        0 | 1 => Ok(found.pop()),
        many => Err(format!("`{name}` is listed {many} times")),
    }
}
