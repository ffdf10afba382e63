//! A few harmless calls of whatever the plugin plays.

use super::super::client::{Client, Unread};
use super::super::expect::{Checked, graceful};
use super::super::survey::PAGE;
use super::super::trial::Trial;
use super::super::{processor, rest};
use crate::capability::call::Context;
use crate::capability::transfer;
use crate::dispatch::Request;
use crate::dispatch::database::Dialect;
use crate::dispatch::message_log::Get;
use crate::dispatch::metadata_store::Fetch;
use crate::dispatch::processor::Execute;
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
    seen += &others(trial, client, what).await?;
    Ok(seen)
}

/// The same of the roles of sqAPI.
async fn others(trial: &Trial, client: &Client, what: &str) -> Checked<String> {
    let mut seen = String::new();
    let mut note = |answer: &dyn std::fmt::Debug| seen += &format!("{answer:?}\n");
    if trial.plays(Role::MetadataStore) {
        let reference = NOTHING.to_owned();
        let fetched = client.call(Fetch { reference }).await;
        note(&fetched);
        graceful(&format!("fetching metadata under {what}"), fetched)?;
    }
    if trial.plays(Role::Database) {
        let dialect = client.call(Dialect).await;
        note(&dialect);
        graceful(&format!("dialect under {what}"), dialect)?;
    }
    if trial.plays(Role::MessageLog) {
        let uuid = NOTHING.to_owned();
        let got = client.call(Get { uuid }).await;
        note(&got);
        graceful(&format!("getting a message's state under {what}"), got)?;
    }
    if trial.plays(Role::Processor) {
        let looked = client.call(processor::harmless()?).await;
        note(&looked);
        graceful(&format!("looking at an object under {what}"), looked)?;
    }
    if trial.plays(Role::Rest) {
        let request = rest::request("GET", rest::NOWHERE, b"")?;
        let answered = client.respond(request).await.map(|answer| answer.status());
        note(&answered);
        graceful(&format!("answering a request under {what}"), answered)?;
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
    let ended = if trial.plays(Role::FileStore) {
        of_a_store(trial, context, sandbox, turn).await?
    } else if trial.plays(Role::Repository) {
        of_a_repository(sandbox, turn).await
    } else {
        of_another(trial, context, sandbox, turn).await?
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
            tokio::join!(reading, take(pending)).0
        }
    })
}

/// Reads what an operation sends to its end.
async fn take(pending: transfer::Pending) {
    if let Ok(started) = pending.started.await {
        _ = pending.completion.send(Ok(()));
        _ = started.body.collect().await;
    }
}

/// One of the roles of sqAPI.
async fn of_another(
    trial: &Trial,
    context: &Arc<Context>,
    sandbox: &mut dyn Sandbox,
    turn: usize,
) -> Checked<Result<(), Failure>> {
    const OTHERS: [Role; 5] = [
        Role::MetadataStore,
        Role::Database,
        Role::MessageLog,
        Role::Processor,
        Role::Rest,
    ];
    let played: Vec<_> = OTHERS.into_iter().filter(|it| trial.plays(*it)).collect();
    let role = turn
        .checked_rem(played.len())
        .and_then(|index| played.get(index));
    Ok(match role {
        Some(Role::Processor) => look(sandbox, &processor::harmless()?).await,
        Some(Role::Rest) => {
            let request = rest::request("GET", rest::NOWHERE, b"")?;
            answer(context, sandbox, request).await
        }
        Some(role) => ask(sandbox, *role).await,
        None => Ok(()),
    })
}

async fn look(sandbox: &mut dyn Sandbox, execute: &Execute) -> Result<(), Failure> {
    let Execute {
        message,
        metadata,
        data,
    } = execute;
    let processor = sandbox.processor()?;
    let looked = processor.execute(message, metadata, data.clone());
    looked.await.map(drop)
}

async fn answer(
    context: &Arc<Context>,
    sandbox: &mut dyn Sandbox,
    request: Request,
) -> Result<(), Failure> {
    let (sink, pending) = transfer::channel(context.clone());
    let (into, _head) = transfer::Responder::new(sink);
    let rest = sandbox.rest()?;
    tokio::join!(rest.handle(request, into), take(pending)).0
}

async fn ask(sandbox: &mut dyn Sandbox, role: Role) -> Result<(), Failure> {
    match role {
        Role::MetadataStore => sandbox.metadata_store()?.fetch(NOTHING).await.map(drop),
        Role::Database => sandbox.database()?.dialect().await.map(drop),
        _ => sandbox.message_log()?.get(NOTHING).await.map(drop),
    }
}

async fn of_a_repository(sandbox: &mut dyn Sandbox, turn: usize) -> Result<(), Failure> {
    let repository = sandbox.repository()?;
    match turn % 2 {
        0 => repository.list_projects(None, PAGE).await.map(drop),
        _ => repository.get_project(NOTHING).await.map(drop),
    }
}
