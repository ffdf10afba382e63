//! One suite, run on both databases.

mod activations;
mod components;
mod database;
mod events;
mod failures;
mod faults;
mod hosts;
mod opening;
mod queue;
mod retention;

use serde_json::json;

use self::database::Database;
use super::*;
use crate::digest::Digest;

/// Makes each function, which takes a [`Database`] of its own, a test on
/// SQLite and a test on PostgreSQL.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name(crate::persistence::tests::Database::sqlite()).await;
            })*
        }
        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                super::$name(crate::persistence::tests::Database::postgres().await).await;
            })*
        }
    };
}
use on_both;

fn digest(name: &str) -> Digest {
    Digest::of(name.as_bytes())
}

fn component(name: &str) -> Component {
    Component {
        digest: digest(name),
        name: name.to_owned(),
        version: "1.2.3".to_owned(),
        size: name.len() as u64,
        facts: json!({"roles": ["file-store"], "über": null}),
        source: "a test".to_owned(),
        reference: None,
        admitted_by: "alice".to_owned(),
        admitted_at: 0,
    }
}

fn event(action: &str) -> NewEvent<'_> {
    NewEvent {
        actor: "alice",
        action,
        connector: None,
        digest: None,
        detail: json!({}),
    }
}

fn letter(body: &str) -> Letter {
    Letter {
        body: body.as_bytes().to_vec(),
        only: String::new(),
        attempt: 0,
        origin: "{}".to_owned(),
    }
}

/// Stores a component whose bytes are its name.
async fn add(persistence: &Persistence, name: &str) -> Digest {
    let component = component(name);
    let added = persistence.add_component(&component, Some(name.as_bytes()), event("added"));
    assert!(added.await.unwrap());
    digest(name)
}

async fn activate(persistence: &Persistence, connector: &str, digest: &Digest) -> i64 {
    let activated = persistence.activate(connector, digest, How::Activated, event("activated"));
    activated.await.unwrap()
}

/// Runs a statement of the test's own.
async fn execute(persistence: &Persistence, statement: &'static str) -> u64 {
    let done = sqlx::query(statement).execute(&persistence.pool).await;
    done.unwrap().rows_affected()
}

async fn all_events(persistence: &Persistence) -> Vec<Event> {
    let filter = Filter {
        after: 0,
        connector: None,
        max: 10_000,
    };
    persistence.events(&filter).await.unwrap()
}

/// That a refused change left nothing, not even a revision.
async fn assert_unchanged(persistence: &Persistence, before: (i64, usize)) {
    assert_eq!(state(persistence).await, before);
}

/// The revision, and how many events there are.
async fn state(persistence: &Persistence) -> (i64, usize) {
    let revision = persistence.revision().await.unwrap();
    (revision, all_events(persistence).await.len())
}
