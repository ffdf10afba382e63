//! Publishing, which nobody can undo: only where the author allows it.

use super::super::client::whole;
use super::super::expect::{Checked, done, holds, refused, same};
use super::super::report::{Ended, Outcome, passed};
use super::super::survey::is_refusal;
use super::super::trial::Trial;
use super::draft::{add, create, metadata};
use crate::dispatch::Outcome::{Conflict, Denied, Invalid, NotFound, Unsupported};
use crate::dispatch::repository::{DeleteProject, GetProject, PublishProject, UpdateProject};

/// A published project and its identifier.
async fn publish(trial: &Trial) -> Checked<Result<(String, String), Ended>> {
    if !trial.publish {
        let why = "publishing cannot be undone; --publish allows it";
        return Ok(Err(Ended::Skipped(why.to_owned())));
    }
    let id = match create(&trial.client).await? {
        Ok(id) => id,
        Err(ended) => return Ok(Err(ended)),
    };
    let added = add(trial, &id, "data.txt", Some(4), whole("data")).await;
    done("adding a file", added)?;
    match trial.client.call(PublishProject { id: id.clone() }).await {
        Err(error) if is_refusal(&error) => Ok(Err(Ended::NotOffered(format!("`{error}`")))),
        published => Ok(Ok((id, done("publishing the project", published)?))),
    }
}

macro_rules! publish {
    ($trial:expr) => {
        match publish($trial).await? {
            Ok(published) => published,
            Err(ended) => return Ok(ended),
        }
    };
}

pub(in super::super) async fn twice(trial: &Trial) -> Outcome {
    let (id, identifier) = publish!(trial);
    holds(!identifier.is_empty(), || {
        "the identifier is empty".to_owned()
    })?;
    for _ in 0..2 {
        let published = trial.client.call(PublishProject { id: id.clone() }).await;
        let again = done("publishing the project again", published)?;
        same("the identifiers", &identifier, &again)?;
    }
    done(
        "getting the published project",
        trial.client.call(GetProject { id }).await,
    )?;
    passed()
}

pub(in super::super) async fn frozen(trial: &Trial) -> Outcome {
    let (id, _) = publish!(trial);
    let allowed = [Conflict, Denied, Invalid, NotFound, Unsupported];
    let added = add(trial, &id, "late.txt", Some(4), whole("late")).await;
    refused("adding a file to a published project", added, &allowed)?;
    let metadata = Some(metadata("Changed after publication"));
    let update = UpdateProject {
        id: id.clone(),
        metadata,
    };
    refused(
        "changing a published project",
        trial.client.call(update).await,
        &allowed,
    )?;
    let deleted = trial.client.call(DeleteProject { id }).await;
    refused("removing a published project", deleted, &allowed)?;
    passed()
}
