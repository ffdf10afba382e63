//! A processor as a pipeline has it, run natively: its tables in an SQLite of its own, messages one
//! after the other, requests for its resources.

use std::{fmt::Write, marker::PhantomData, sync::Arc};

use serde_json::Value;
use sha2::{Digest, Sha256};
use tenon_sdk::{
    Result,
    database::{self, Dialect, Rows},
    native::Environment,
    processor::{Blob, Message, Processor},
    rest::{Request, Response, Rest, answer},
};

use crate::sqlite::Sqlite;

/// A processor with its database.
#[derive(Debug)]
pub struct Processing<P> {
    environment: Environment,
    plugin: PhantomData<P>,
}

impl<P: Processor + Rest> Default for Processing<P> {
    fn default() -> Self {
        Self::new(&[])
    }
}

impl<P: Processor + Rest> Processing<P> {
    /// One with this configuration, initialized twice: as when a host starts again.
    pub fn new(config: &[(&str, &str)]) -> Self {
        let sqlite = Arc::new(Sqlite::default());
        let mut builder = Environment::builder().database(Dialect::Sqlite, move |script, given| {
            sqlite.execute(script, given)
        });
        for (key, value) in config {
            builder = builder.config(key, *value);
        }
        let processing = Self {
            environment: builder.build(),
            plugin: PhantomData,
        };
        processing.run(P::initialize).unwrap();
        processing.run(P::initialize).unwrap();
        processing
    }

    /// Does anything with a fresh plugin, as in a fresh sandbox.
    pub fn run<T>(&self, f: impl FnOnce(&P) -> Result<T>) -> Result<T> {
        self.environment.enter(|| f(&P::new()?))
    }

    /// Processes an object, and gives what is kept with its message.
    pub fn process(&self, uuid: &str, metadata: &str, data: &[u8]) -> Result<Value> {
        self.process_message(&message(uuid, data), metadata, data)
    }

    /// As [`process`](Self::process), with a message of one's own.
    pub fn process_message(&self, message: &Message, metadata: &str, data: &[u8]) -> Result<Value> {
        let data = data.to_vec();
        let found =
            self.run(|plugin| plugin.execute(message, metadata, &mut Blob::from_bytes(data)));
        Ok(serde_json::from_str(&found?.unwrap()).unwrap())
    }

    /// The rows of a query.
    pub fn query(&self, text: &str) -> Rows {
        self.environment
            .enter(|| database::query(text, &[]))
            .unwrap()
    }

    /// Asks for a resource.
    pub fn get(&self, path: &str) -> Response {
        self.environment.enter(|| {
            let plugin = P::new();
            answer(
                plugin.as_ref().map_err(Clone::clone),
                Request::new("GET", path),
            )
        })
    }

    /// Asks for a resource that is JSON.
    pub fn json(&self, path: &str) -> Value {
        let response = self.get(path);
        let body = String::from_utf8_lossy(response.body());
        assert_eq!(response.status(), 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// The values of one column that a resource lists.
    pub fn column(&self, path: &str, name: &str) -> Vec<Value> {
        let rows = self.json(path);
        let rows = rows.as_array().unwrap().iter();
        rows.map(|row| {
            row.get(name)
                .unwrap_or_else(|| panic!("{path}: {row} has no {name}"))
                .clone()
        })
        .collect()
    }
}

/// The message that an object of these bytes comes with.
pub fn message(uuid: &str, data: &[u8]) -> Message {
    let mut hash_digest = String::new();
    for byte in Sha256::digest(data) {
        write!(hash_digest, "{byte:02x}").unwrap();
    }
    Message {
        uuid: uuid.to_owned(),
        data_location: format!("/data/{uuid}"),
        hash_digest,
        body: "{}".to_owned(),
        ..Message::default()
    }
}
