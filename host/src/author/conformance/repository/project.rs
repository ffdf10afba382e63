//! Projects.

use std::collections::BTreeSet;

use super::super::expect::{Checked, done, graceful, holds, refused, short};
use super::super::lifecycle::touch::NOTHING;
use super::super::report::{Outcome, passed};
use super::super::survey::PAGE;
use super::super::trial::Trial;
use super::draft::{create, files, metadata, remove};
use crate::dispatch::Outcome::{Denied, Invalid, NotFound};
use crate::dispatch::repository::{
    CreateProject, DeleteFiles, DeleteProject, GetProject, ListFiles, ListProjects, PublishProject,
    UpdateProject,
};

/// Pages after which a list counts as endless.
const PAGES_MAX: usize = 1000;

/// The ids of all projects, page by page.
async fn ids(trial: &Trial, max: u32) -> Checked<Vec<String>> {
    let mut ids = Vec::new();
    let mut after = None;
    for _ in 0..PAGES_MAX {
        let listed = trial.client.call(ListProjects { after, max }).await;
        let page = done("listing projects", listed)?;
        ids.extend(page.items.into_iter().map(|project| project.id));
        after = page.next;
        if after.is_none() {
            return Ok(ids);
        }
    }
    Err("the list of projects never ends".to_owned())
}

macro_rules! create {
    ($trial:expr) => {
        match create(&$trial.client).await? {
            Ok(id) => id,
            Err(ended) => return Ok(ended),
        }
    };
}

pub(in super::super) async fn round_trip(trial: &Trial) -> Outcome {
    let client = &trial.client;
    let id = create!(trial);
    let get = async || client.call(GetProject { id: id.clone() }).await;
    done("getting the new project", get().await)?;
    let listed = ids(trial, PAGE).await?;
    holds(listed.contains(&id), || {
        format!("the new project `{id}` is not listed")
    })?;
    let update = UpdateProject {
        id: id.clone(),
        metadata: Some(metadata("Changed")),
    };
    done("changing the project", client.call(update).await)?;
    let now = done("getting the changed project", get().await)?;
    let text = serde_json::Value::Object(now.clone()).to_string();
    holds(text.contains("Changed"), || {
        format!(
            "the project's new title is nowhere in its metadata: {}",
            short(&text)
        )
    })?;
    let unchanged = UpdateProject {
        id: id.clone(),
        metadata: None,
    };
    done("an update without metadata", client.call(unchanged).await)?;
    let still = done("getting the project", get().await)?;
    holds(still == now, || {
        "an update without metadata changed it".to_owned()
    })?;
    let delete = async || client.call(DeleteProject { id: id.clone() }).await;
    done("removing the project", delete().await)?;
    refused("getting the removed project", get().await, &[NotFound])?;
    refused("removing it again", delete().await, &[NotFound])?;
    let listed = ids(trial, PAGE).await?;
    holds(!listed.contains(&id), || {
        format!("the removed project `{id}` is still listed")
    })?;
    passed()
}

pub(in super::super) async fn pages(trial: &Trial) -> Outcome {
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(create!(trial));
    }
    let listed = async {
        let whole = ids(trial, PAGE).await?;
        for max in [1, 2] {
            let joined = ids(trial, max).await?;
            let distinct: BTreeSet<_> = joined.iter().collect();
            holds(distinct.len() == joined.len(), || {
                format!(
                    "in pages of {max} a project comes twice: {}",
                    short(&joined)
                )
            })?;
            let gone: Vec<_> = whole.iter().filter(|id| !joined.contains(id)).collect();
            holds(gone.is_empty() && joined.len() == whole.len(), || {
                let (all, paged) = (whole.len(), joined.len());
                format!("{all} projects at once and {paged} in pages of {max}")
            })?;
        }
        passed()
    };
    let outcome = listed.await;
    for id in made {
        remove(&trial.client, &id).await;
    }
    outcome
}

pub(in super::super) async fn unknown(trial: &Trial) -> Outcome {
    let client = &trial.client;
    let uuid = uuid::Uuid::new_v4().to_string();
    let long = "9".repeat(4096);
    // No empty one: behind it may be the list of all.
    let strange = [
        NOTHING,
        uuid.as_str(),
        "999999999",
        "../..",
        "a/b",
        "\0",
        "%00",
        "ä",
        &long,
    ];
    for id in strange {
        let shown = short(&id);
        let own = || id.to_owned();
        let allowed = [NotFound, Invalid];
        let got = client.call(GetProject { id: own() }).await;
        refused(&format!("getting the project {shown}"), got, &allowed)?;
        let update = UpdateProject {
            id: own(),
            metadata: Some(metadata("Nothing")),
        };
        refused(
            &format!("changing the project {shown}"),
            client.call(update).await,
            &allowed,
        )?;
        let (project, after) = (own(), None);
        let listed = client
            .call(ListFiles {
                project,
                after,
                max: 10,
            })
            .await;
        refused(
            &format!("listing the files of the project {shown}"),
            listed,
            &allowed,
        )?;
        let deleted = client.call(DeleteProject { id: own() }).await;
        refused(&format!("removing the project {shown}"), deleted, &allowed)?;
        let cleared = client.call(DeleteFiles { project: own() }).await;
        refused(&format!("clearing the project {shown}"), cleared, &allowed)?;
        let published = client.call(PublishProject { id: own() }).await;
        let allowed = [NotFound, Invalid, Denied];
        refused(
            &format!("publishing the project {shown}"),
            published,
            &allowed,
        )?;
    }
    passed()
}

/// Texts that are no JSON; what of sound JSON it takes is the repository's.
const MALFORMED: [&str; 5] = ["{", "{\"@graph\": [", "not json", "{} {}", "{'a': 1}"];
/// Texts that are JSON, and hardly metadata.
const ODD: [&str; 6] = ["null", "[]", "\"text\"", "17", "{}", "{\"@graph\": 1}"];

pub(in super::super) async fn malformed(trial: &Trial) -> Outcome {
    let client = &trial.client;
    let id = create!(trial);
    let before = done(
        "getting the project",
        client.call(GetProject { id: id.clone() }).await,
    )?;
    let update = async |text: &str| {
        let (id, metadata) = (id.clone(), Some(text.to_owned()));
        client.call(UpdateProject { id, metadata }).await
    };
    for text in MALFORMED {
        let what = format!("metadata {}", short(&text));
        refused(
            &format!("changing a project to {what}"),
            update(text).await,
            &[Invalid],
        )?;
        let metadata = Some(text.to_owned());
        let made = client.call(CreateProject { metadata }).await;
        if let Ok(project) = &made {
            remove(client, &project.id).await;
        }
        refused(&format!("making a project of {what}"), made, &[Invalid])?;
    }
    let after = done(
        "getting the project",
        client.call(GetProject { id: id.clone() }).await,
    )?;
    holds(before == after, || {
        "refused metadata changed the project".to_owned()
    })?;
    for text in ODD {
        let what = format!("changing a project to metadata {}", short(&text));
        graceful(&what, update(text).await)?;
    }
    files(trial, &id, PAGE).await?;
    remove(client, &id).await;
    passed()
}
