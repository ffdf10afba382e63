//! The port service, as far as a connector meets it: the look-up of a user's
//! token. The secrets that are not the connector's business are blank.

use std::sync::{Mutex, MutexGuard, PoisonError};

use http::{Method, Uri};
use serde_json::{Value, json};

use super::envelope::envelope;
use crate::exchange::{self, Answer, Broken, Exchange};
use crate::front::System;
use crate::handle::{Handle, common_methods};
use crate::rules::Repeat;
use crate::text;

/// What the service can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// `GET /user/{user}/service/{port}`
    Lookup,
}

#[derive(Debug)]
struct Token {
    user: String,
    service: String,
    secret: String,
    shown: Value,
}

#[derive(Debug)]
struct State {
    tokens: Vec<Token>,
    missing: u16,
}

#[derive(Debug)]
struct Service {
    prefix: &'static str,
    state: Mutex<State>,
}

/// The fake, until dropped.
#[derive(Debug)]
pub struct PortService {
    handle: Handle<Service>,
}

common_methods!(PortService, Operation);

impl PortService {
    /// Starts one without tokens, at the root of its origin.
    ///
    /// # Panics
    ///
    /// When loopback has no free port.
    pub fn start() -> Self {
        Self::start_under("")
    }

    /// Starts one under a prefix, such as the cluster's `/port-service`.
    ///
    /// # Panics
    ///
    /// When loopback has no free port.
    pub fn start_under(prefix: &'static str) -> Self {
        let state = Mutex::new(State {
            tokens: Vec::new(),
            missing: 404,
        });
        Self {
            handle: Handle::start(Service { prefix, state }),
        }
    }

    /// Its base address: the origin and the prefix.
    pub fn base(&self) -> String {
        format!("{}{}", self.origin(), self.handle.system().prefix)
    }

    /// Gives a user of RDS an OAuth2 token of a service, where the user may
    /// have another name.
    pub fn add_oauth_token(&self, user: &str, service: &str, username: &str, token: &str) {
        let kind = json!({"type": "OAuth2Service", "data": {
            "servicename": service,
            "implements": ["metadata"],
            "fileTransferMode": 0,
            "fileTransferArchive": 0,
            "authorize_url": "https://service.example/oauth/authorize",
            "refresh_url": "https://service.example/oauth/token",
            "client_id": "ABC",
            "client_secret": "",
        }});
        let mut shown = shown("OAuth2Token", kind, username, token);
        shown["data"]["refresh_token"] = json!("");
        shown["data"]["expiration_date"] = json!("2038-01-19 03:14:07");
        self.add(user, service, token, shown);
    }

    /// Gives a user of RDS a login at a service.
    pub fn add_login(&self, user: &str, service: &str, username: &str, password: &str) {
        let kind = json!({"type": "LoginService", "data": {
            "servicename": service,
            "implements": ["metadata"],
            "fileTransferMode": 0,
            "fileTransferArchive": 0,
            "credentials": {"userId": true, "password": true},
        }});
        let shown = shown("LoginToken", kind, username, password);
        self.add(user, service, password, shown);
    }

    fn add(&self, user: &str, service: &str, secret: &str, shown: Value) {
        let mut state = self.handle.system().lock();
        state
            .tokens
            .retain(|token| (token.user.as_str(), token.service.as_str()) != (user, service));
        state.tokens.push(Token {
            user: user.to_owned(),
            service: service.to_owned(),
            secret: secret.to_owned(),
            shown,
        });
    }

    /// Takes a user's token of a service away.
    pub fn remove_token(&self, user: &str, service: &str) {
        let mut state = self.handle.system().lock();
        state
            .tokens
            .retain(|token| (token.user.as_str(), token.service.as_str()) != (user, service));
    }

    /// The status when there is no token: anything above 200; 404 at first.
    pub fn answer_missing_with(&self, status: u16) {
        self.handle.system().lock().missing = status;
    }
}

fn shown(kind: &str, service: Value, username: &str, secret: &str) -> Value {
    let user = json!({"type": "User", "data": {"username": username}});
    let data = json!({"access_token": secret, "user": user, "service": service});
    json!({"type": kind, "data": data})
}

impl Service {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl System for Service {
    type Operation = Operation;

    fn operation(&self, method: &Method, uri: &Uri) -> Option<Operation> {
        let path = uri.path().strip_prefix(self.prefix)?;
        let parts: Vec<_> = path.split('/').collect();
        match (method.as_str(), &parts[..]) {
            ("GET", ["", "user", user, "service", service])
                if !user.is_empty() && !service.is_empty() =>
            {
                Some(Operation::Lookup)
            }
            _ => None,
        }
    }

    fn repeats(&self, _: Operation) -> Repeat {
        Repeat::Free
    }

    fn has_users(&self) -> bool {
        false
    }

    fn secrets(&self) -> Vec<String> {
        let state = self.lock();
        let tokens = state.tokens.iter();
        tokens.map(|token| token.secret.clone()).collect()
    }

    fn refusal(&self, status: u16, message: &str) -> Answer {
        envelope(status, message)
    }

    async fn perform(&self, _: Operation, exchange: &mut Exchange) -> Result<Answer, Broken> {
        if exchange.query.iter().flatten().next().is_some() {
            exchange.violation("undocumented parameter");
        }
        exchange.drain().await?;
        let parts: Vec<_> = exchange.path.rsplitn(4, '/').collect();
        let (service, user) = match parts[..] {
            [service, _, user, _] => (text::decode(service), text::decode(user)),
            _ => (None, None),
        };
        let (Some(service), Some(user)) = (service, user) else {
            exchange.violation("a path that cannot be decoded");
            return Ok(envelope(404, "404 Not Found"));
        };
        let state = self.lock();
        let mut tokens = state.tokens.iter();
        let token = tokens.find(|token| token.user == user && token.service == service);
        Ok(match token {
            Some(token) => exchange::json(200, &token.shown),
            None if state.missing == 204 => exchange::empty(204),
            None => envelope(state.missing, "There is no such token."),
        })
    }
}
