//! A few harmless calls of whatever the plugin plays.

use super::super::client::{Client, Unread};
use super::super::expect::{Checked, graceful};
use super::super::survey::PAGE;
use super::super::trial::Trial;
use crate::capability::call::Context;
use crate::capability::transfer;
use crate::dispatch::repository::{GetProject, ListProjects};
use crate::plugin::{Failure, Role, Sandbox};
use http_body_util::BodyExt as _;
use std::sync::Arc;

/// An id and a path that nothing has.
pub(in super::super) const NOTHING: &str = "tenon-conformance-nothing";

/// Looks around through the dispatcher; every answer and every typed error
/// will do. Returns all that was answered, as text.
pub(in super::super) async fn lightly(
    trial: &Trial,
    client: &Client,
    what: &str,
) -> Checked<String> {
    let mut seen = String::new();
    let mut note = |answer: &dyn std::fmt::Debug| seen += &format!("{answer:?}\n");
    if trial.plays(Role::FileStore) {
        let listed = client.list("", false, None, PAGE).await;
        note(&listed);
        graceful(&format!("listing under {what}"), listed)?;
        let known = client.stat(NOTHING).await;
        note(&known);
        graceful(&format!("stat under {what}"), known)?;
        let content = client.read(NOTHING, 0).await;
        note(&content);
        if let Err(Unread::Refused(error)) = content {
            graceful::<()>(&format!("reading under {what}"), Err(error))?;
        }
    }
    if trial.plays(Role::Repository) {
        let listed = client
            .call(ListProjects {
                after: None,
                max: PAGE,
            })
            .await;
        note(&listed);
        graceful(&format!("listing projects under {what}"), listed)?;
        let id = NOTHING.to_owned();
        let got = client.call(GetProject { id }).await;
        note(&got);
        graceful(&format!("getting a project under {what}"), got)?;
    }
    Ok(seen)
}

/// One operation in a sandbox, the `turn`th in a row: they take turns. A typed
/// answer is as good as any other.
pub(in super::super) async fn once(
    trial: &Trial,
    context: &Arc<Context>,
    sandbox: &mut dyn Sandbox,
    turn: usize,
) -> Checked {
    let ended = match trial.plays(Role::FileStore) {
        true => of_a_store(trial, context, sandbox, turn).await?,
        false => of_a_repository(sandbox, turn).await,
    };
    match ended {
        Ok(()) | Err(Failure::Answered(_)) => Ok(()),
        Err(failure) => Err(failure.to_string()),
    }
}

async fn of_a_store(
    trial: &Trial,
    context: &Arc<Context>,
    sandbox: &mut dyn Sandbox,
    turn: usize,
) -> Checked<Result<(), Failure>> {
    let survey = trial.survey().await?;
    let file = survey.readable().next();
    let path = file.map_or(NOTHING, |file| file.path.as_str());
    let store = match sandbox.file_store() {
        Ok(store) => store,
        Err(failure) => return Ok(Err(failure)),
    };
    Ok(match turn % 4 {
        0 => store.stat(path).await.map(drop),
        1 => store
            .list_folder(&survey.base, false, None, PAGE)
            .await
            .map(drop),
        2 => store.stat(NOTHING).await.map(drop),
        _ => {
            let (sink, pending) = transfer::channel(context.clone());
            let reading = store.read(path, 0, sink);
            let taking = async {
                if let Ok(started) = pending.started.await {
                    _ = pending.completion.send(Ok(()));
                    _ = started.body.collect().await;
                }
            };
            tokio::join!(reading, taking).0
        }
    })
}

async fn of_a_repository(sandbox: &mut dyn Sandbox, turn: usize) -> Result<(), Failure> {
    let repository = sandbox.repository()?;
    match turn % 2 {
        0 => repository.list_projects(None, PAGE).await.map(drop),
        _ => repository.get_project(NOTHING).await.map(drop),
    }
}
