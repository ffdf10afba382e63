//! What an operator does to versions, and sees become of them.

use serde_json::{Value, json};

use super::Operator;
use crate::client::Answer;
use crate::{version, wait};

/// Something that happened, as the host tells it.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its place in the order of all events.
    pub id: i64,
    /// Such as `activated`.
    pub action: String,
    /// Who did it.
    pub actor: String,
    /// The component it is about; empty without one.
    pub digest: String,
    /// More, by action.
    pub detail: Value,
}

impl Operator {
    /// Has a connector run a component.
    pub async fn activate(&self, connector: &str, digest: &str) -> Answer {
        let path = format!("/connectors/{connector}/activate");
        self.post(&path, &json!({ "component": digest })).await
    }

    /// Hands a component in and has a connector run it.
    ///
    /// # Panics
    ///
    /// When the host refuses either.
    pub async fn roll_out(&self, connector: &str, version: &version::Version) {
        let uploaded = self.upload(&version.bytes).await;
        assert!(uploaded.status < 300, "{}", uploaded.text());
        let activated = self.activate(connector, &version.digest).await;
        assert!(activated.status < 300, "{}", activated.text());
    }

    /// What is known of a connector.
    ///
    /// # Panics
    ///
    /// When nothing is.
    pub async fn connector(&self, connector: &str) -> Value {
        let found = self.get(&format!("/connectors/{connector}")).await;
        assert_eq!(found.status, 200, "{}", found.text());
        found.json()
    }

    /// The digest that a connector runs; empty when there is none.
    pub async fn active(&self, connector: &str) -> String {
        let found = self.connector(connector).await;
        let digest = found["active"]["digest"].as_str();
        digest.unwrap_or_default().to_owned()
    }

    /// The id of the latest event, to look at later ones only.
    pub async fn latest(&self) -> i64 {
        self.events(0).await.last().map_or(0, |event| event.id)
    }

    /// What happened after the event with this id.
    ///
    /// # Panics
    ///
    /// When the host does not tell.
    pub async fn events(&self, after: i64) -> Vec<Event> {
        let found = self.get(&format!("/events?after={after}&max=1000")).await;
        assert_eq!(found.status, 200, "{}", found.text());
        let json = found.json();
        let events = json.as_array().expect("a list of events");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let event = |event: &Value| Event {
            id: event["id"].as_i64().expect("an id"),
            action: text(&event["action"]),
            actor: text(&event["actor"]),
            digest: text(&event["digest"]),
            detail: event["detail"].clone(),
        };
        events.iter().map(event).collect()
    }

    /// Waits for the first event after `after` that is about a component and
    /// is one of these.
    ///
    /// # Panics
    ///
    /// When there is none for too long.
    pub async fn event(&self, after: i64, digest: &str, actions: &[&str]) -> Event {
        let what = format!("{actions:?} of {digest}");
        wait::until(&what, async || {
            let mut events = self.events(after).await.into_iter();
            events.find(|event| event.digest == digest && actions.contains(&&*event.action))
        })
        .await
    }
}
