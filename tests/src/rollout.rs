//! An operator of a host: the admin API, used as its callers use it.

use std::net::SocketAddr;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};

use crate::client::{Answer, Caller, send};
use crate::{version, wait};

/// The operator's name, as events show it.
pub const NAME: &str = "olga";
const TOKEN: &str = "tok3n-of-olga";

/// The tables of `host.toml` that let this operator in.
pub fn tables() -> String {
    let digest = version::digest(TOKEN.as_bytes());
    let digest = digest.trim_start_matches("sha256:");
    format!("[[admin.operators]]\nname = '{NAME}'\ntoken_sha256 = '{digest}'\n")
}

/// Somebody with the operator's token.
#[derive(Debug, Clone)]
pub struct Rollout(Caller);

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

impl Rollout {
    /// One of the host whose admin listener is here.
    pub fn new(admin: SocketAddr) -> Self {
        let caller = Caller::new(admin, "localhost", "");
        Self(caller.with("authorization", format!("Bearer {TOKEN}")))
    }

    /// Asks for something below `/admin/v1`.
    pub async fn get(&self, path: &str) -> Answer {
        self.0.get(&format!("/admin/v1{path}")).await
    }

    /// Asks for something to be done.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        send(self.0.address, self.request(path, body)).await
    }

    /// The request of [`post`](Self::post).
    pub fn request(&self, path: &str, body: &Value) -> Request<Full<Bytes>> {
        self.0.json("POST", &format!("/admin/v1{path}"), body)
    }

    /// Asks for something to be given up.
    pub async fn delete(&self, path: &str) -> Answer {
        let request = self.0.request("DELETE", &format!("/admin/v1{path}"), "");
        send(self.0.address, request).await
    }

    /// Hands a component in.
    pub async fn upload(&self, component: &[u8]) -> Answer {
        send(self.0.address, self.upload_request(component)).await
    }

    /// The request of [`upload`](Self::upload).
    pub fn upload_request(&self, component: &[u8]) -> Request<Full<Bytes>> {
        let caller = self.0.clone().with("content-type", "application/wasm");
        let request = caller.request("POST", "/admin/v1/components", "");
        request.map(|_| Full::new(Bytes::copy_from_slice(component)))
    }

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
