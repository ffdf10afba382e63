//! The token storage, as far as a connector meets it: the list of services.
//!
//! It answers as the original was observed to: 200 and `success: false` for a
//! name that it knows, without any update; 500 for a body that it cannot use;
//! and without complaint it makes a service with a login of what lacks
//! something for OAuth. That a connector must not send the last is kept as a
//! violation, with undocumented fields and links that are not encoded.

use std::sync::{Mutex, PoisonError};

use http::{Method, Uri};
use serde_json::{Value, json};

use super::envelope::{envelope, problem};
use super::registration;
pub use super::registration::Service;
use crate::Fault;
use crate::exchange::{self, Answer, Broken, Exchange, json as answer};
use crate::front::System;
use crate::handle::{Handle, common_methods};
use crate::rules::Repeat;
use crate::text;

/// What the storage can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// `POST /service`
    Register,
    /// `GET /service`
    List,
    /// `GET /service/{name}`
    Get,
    /// `DELETE /service/{name}`
    Remove,
}

#[derive(Debug, Default)]
struct Storage {
    services: Mutex<Vec<Service>>,
}

/// The fake, until dropped.
#[derive(Debug)]
pub struct TokenStorage {
    handle: Handle<Storage>,
}

common_methods!(TokenStorage, Operation);

impl TokenStorage {
    /// Starts one without services.
    ///
    /// # Panics
    ///
    /// When loopback has no free port.
    pub fn start() -> Self {
        Self {
            handle: Handle::start(Storage::default()),
        }
    }

    /// The services, in the order of registration.
    pub fn services(&self) -> Vec<Service> {
        self.handle.system().with(|services| services.clone())
    }

    /// One of them.
    pub fn service(&self, name: &str) -> Option<Service> {
        let mut services = self.services();
        services.retain(|service| service.name == name);
        services.pop()
    }

    /// The answers that are not one of the storage's own, by the name of
    /// their case: to each a connector must react, and only waiting helps.
    pub fn odd_answers() -> Vec<(&'static str, Fault)> {
        let json = |status, body: &str| Fault::Answer(status, "application/json", body.into());
        vec![
            ("201 with success", json(201, r#"{"success": true}"#)),
            ("200 without success", json(200, "{}")),
            (
                "200 with a success that is no bool",
                json(200, r#"{"success": "yes"}"#),
            ),
            ("200 with a list", json(200, "[]")),
            (
                "200 that is not JSON",
                Fault::Answer(200, "text/html", "<p>ok</p>".into()),
            ),
            (
                "200 without a body",
                Fault::Answer(200, "application/json", String::new()),
            ),
            (
                "400 from a broken storage",
                json(400, r#"{"success": false, "message": "BadRequest"}"#),
            ),
            ("500", Fault::Status(500)),
            (
                "503 from a proxy",
                Fault::Answer(503, "text/html", "<p>busy</p>".into()),
            ),
            ("a closed connection", Fault::Close),
            (
                "a connection closed after it took effect",
                Fault::CloseAfter,
            ),
            ("an answer that breaks off", Fault::CloseInAnswer),
            ("silence", Fault::Hang),
        ]
    }
}

impl Storage {
    fn with<T>(&self, act: impl FnOnce(&mut Vec<Service>) -> T) -> T {
        act(&mut self.services.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn register(&self, exchange: &Exchange, body: &Value) -> Answer {
        if !body.is_object() {
            exchange.violation("a registration that is not an object");
            let detail = format!("{body} is not of type 'object'");
            return problem(400, "Bad Request", &detail);
        }
        if let Some(rule) = registration::violation(body) {
            exchange.violation(rule);
        }
        let service = match registration::read(body) {
            Ok(service) => service,
            Err(error) => return envelope(500, &error),
        };
        self.with(|services| {
            if services.iter().any(|known| known.name == service.name) {
                let message = "ServiceExistsAlreadyError";
                return answer(200, &json!({"success": false, "message": message}));
            }
            services.push(service);
            answer(200, &json!({"success": true}))
        })
    }

    fn remove(&self, name: &str) -> Answer {
        self.with(|services| {
            let before = services.len();
            services.retain(|service| service.name != name);
            answer(200, &json!({"success": services.len() < before}))
        })
    }
}

fn show(service: &Service) -> Value {
    json!({"type": service.kind, "data": service.data})
}

impl System for Storage {
    type Operation = Operation;

    fn operation(&self, method: &Method, uri: &Uri) -> Option<Operation> {
        let parts: Vec<_> = uri.path().split('/').collect();
        match (method.as_str(), &parts[..]) {
            ("POST", ["", "service"]) => Some(Operation::Register),
            ("GET", ["", "service"]) => Some(Operation::List),
            ("GET", ["", "service", name]) if !name.is_empty() => Some(Operation::Get),
            ("DELETE", ["", "service", name]) if !name.is_empty() => Some(Operation::Remove),
            _ => None,
        }
    }

    fn repeats(&self, _: Operation) -> Repeat {
        // A name is registered once, however often it is sent.
        Repeat::Free
    }

    fn has_users(&self) -> bool {
        false
    }

    fn secrets(&self) -> Vec<String> {
        let secret = |service: &Service| {
            let secret = service.data["client_secret"].as_str();
            secret.map(str::to_owned)
        };
        self.with(|services| services.iter().filter_map(secret).collect())
    }

    fn refusal(&self, status: u16, message: &str) -> Answer {
        envelope(status, message)
    }

    async fn perform(
        &self,
        operation: Operation,
        exchange: &mut Exchange,
    ) -> Result<Answer, Broken> {
        if exchange.query.iter().flatten().next().is_some() {
            exchange.violation("undocumented parameter");
        }
        let last = exchange.path.rsplit('/').next().unwrap_or("");
        let name = text::decode(last).unwrap_or_default();
        if operation != Operation::Register {
            exchange.drain().await?;
        }
        Ok(match operation {
            Operation::Register => {
                if exchange.media_type() != "application/json" {
                    exchange.violation("a registration of another media type");
                    exchange.drain().await?;
                    return Ok(problem(
                        415,
                        "Unsupported Media Type",
                        "Invalid Content-type",
                    ));
                }
                match exchange.json().await? {
                    Ok(body) => self.register(exchange, &body),
                    Err(error) => {
                        exchange.violation(format!("a registration that is not JSON: {error}"));
                        problem(400, "Bad Request", "Request body is not valid JSON")
                    }
                }
            }
            Operation::List => self.with(|services| {
                let list: Vec<_> = services.iter().map(show).collect();
                answer(200, &json!({"length": list.len(), "list": list}))
            }),
            Operation::Get => self.with(|services| {
                let service = services.iter().find(|service| service.name == name);
                match service {
                    Some(service) => exchange::json(200, &show(service)),
                    None => envelope(500, "There is no such service."),
                }
            }),
            Operation::Remove => self.remove(&name),
        })
    }
}
