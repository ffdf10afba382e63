//! The operations about nodes; those about files are WaterButler's.

use http::{Method, Uri};
use serde_json::{Value, json};

use super::route::{self, Operation};
use super::state::{self, Shared};
use super::{document, show, waterbutler};
use crate::exchange::{self, Answer, Broken, Exchange};
use crate::front::System;
use crate::refused::Refused;
use crate::rules::Repeat;
use crate::text;

/// OSF.
#[derive(Debug, Default)]
pub(crate) struct Service {
    pub(crate) shared: Shared,
}

impl System for Service {
    type Operation = Operation;

    fn operation(&self, method: &Method, uri: &Uri) -> Option<Operation> {
        route::operation(method, uri)
    }

    fn repeats(&self, operation: Operation) -> Repeat {
        match operation {
            Operation::CreateNode => Repeat::Never,
            Operation::CreateIdentifier => Repeat::Informed("identifiers/"),
            _ => Repeat::Free,
        }
    }

    fn has_users(&self) -> bool {
        true
    }

    fn secrets(&self) -> Vec<String> {
        self.shared.lock().tokens.clone()
    }

    fn refusal(&self, status: u16, message: &str) -> Answer {
        let body = Refused::document(status, message).body;
        show::document(status, &body)
    }

    async fn perform(
        &self,
        operation: Operation,
        exchange: &mut Exchange,
    ) -> Result<Answer, Broken> {
        let in_api = exchange.path.starts_with("/v2/");
        let outcome = match self.admit(operation, exchange) {
            Err(refused) => {
                exchange.drain().await?;
                Err(refused)
            }
            Ok(user) => self.answer(operation, &user, exchange).await?,
        };
        Ok(outcome.unwrap_or_else(|refused| match in_api {
            true => show::document(refused.status, &refused.body),
            false => refused.answer(),
        }))
    }
}

/// A part of the path, decoded.
pub(crate) fn part(exchange: &Exchange, index: usize) -> String {
    let part = exchange.path.split('/').nth(index).unwrap_or("");
    text::decode(part).unwrap_or_default()
}

type Outcome = Result<Answer, Refused>;

impl Service {
    fn admit(&self, operation: Operation, exchange: &Exchange) -> Result<String, Refused> {
        let known = route::parameters(operation);
        for (name, _) in exchange.query.iter().flatten() {
            if operation != Operation::Uncanonical && !known.contains(&name.as_str()) {
                let rule = format!("undocumented parameter `{name}`");
                exchange.violation(&rule);
                return Err(Refused::document(400, &rule));
            }
        }
        let detail = "Authentication credentials were not provided.";
        let authorization = exchange.header("authorization");
        if operation == Operation::Root && authorization.is_none() {
            return Ok(String::new());
        }
        let authorization = authorization.ok_or_else(|| Refused::document(401, detail))?;
        let Some(token) = authorization.strip_prefix("Bearer ") else {
            exchange.violation("an authorization other than `Bearer`");
            return Err(Refused::document(401, detail));
        };
        if !self.shared.lock().tokens.iter().any(|known| known == token) {
            let detail = "User provided an invalid OAuth2 access token";
            return Err(Refused::document(401, detail));
        }
        Ok(token.to_owned())
    }

    async fn answer(
        &self,
        operation: Operation,
        user: &str,
        exchange: &mut Exchange,
    ) -> Result<Outcome, Broken> {
        match operation {
            Operation::CreateNode | Operation::UpdateNode | Operation::CreateIdentifier => {
                let body = match document::read(exchange).await? {
                    Ok(body) => body,
                    Err(refused) => return Ok(Err(refused)),
                };
                if body.to_string().contains(user) {
                    exchange.violation("a token in the body");
                }
                Ok(self.write(operation, user, exchange, &body))
            }
            Operation::Upload | Operation::Replace | Operation::CreateFolder => {
                waterbutler::write(self, operation, user, exchange).await
            }
            Operation::Info | Operation::Download | Operation::Remove => {
                exchange.drain().await?;
                Ok(waterbutler::simple(self, operation, user, exchange))
            }
            _ => {
                exchange.drain().await?;
                Ok(self.read(operation, user, exchange))
            }
        }
    }

    fn write(
        &self,
        operation: Operation,
        user: &str,
        exchange: &Exchange,
        body: &Value,
    ) -> Outcome {
        let state = &mut *self.shared.lock();
        let origin = state.origin.clone();
        let id = part(exchange, 3);
        match operation {
            Operation::CreateNode => {
                let attributes = document::attributes(exchange, body, "nodes", None)?;
                let attributes = document::node(exchange, attributes)?;
                let at = state.add(user, attributes);
                let data = show::node(&state.nodes[at], &origin);
                Ok(show::document(201, &json!({"data": data})))
            }
            Operation::UpdateNode => {
                let node = state.writable(user, &id)?;
                let attributes = document::attributes(exchange, body, "nodes", Some(&id))?;
                let attributes = document::node(exchange, attributes)?;
                state::merge(&mut node.attributes, attributes);
                let data = show::node(node, &origin);
                Ok(show::document(200, &json!({"data": data})))
            }
            _ => {
                let node = state.writable(user, &id)?;
                let attributes = document::attributes(exchange, body, "identifiers", None)?;
                if attributes.get("category") != Some(&json!("doi")) || attributes.len() != 1 {
                    exchange.violation("an identifier other than a DOI");
                    let detail = "You can only mint a DOI, not a different type of identifier.";
                    return Err(Refused::document(400, detail));
                }
                if !node.is_public() {
                    exchange.violation("a DOI for a private node");
                    return Err(Refused::document(403, state::DENIED));
                }
                if node.doi.is_some() {
                    exchange.violation("minted a second time");
                    let detail = "A DOI already exists for this resource.";
                    return Err(Refused::document(400, detail));
                }
                let doi = format!("10.17605/OSF.IO/{}", node.id.to_uppercase());
                let data = show::identifier(node, &doi, &origin);
                node.doi = Some(doi);
                Ok(show::document(201, &json!({"data": data})))
            }
        }
    }

    fn read(&self, operation: Operation, user: &str, exchange: &Exchange) -> Outcome {
        let state = &mut *self.shared.lock();
        let origin = state.origin.clone();
        let id = part(exchange, 3);
        match operation {
            Operation::Root => Ok(show::document(200, &show::root(user, &origin))),
            Operation::ListMyNodes | Operation::ListNodes => {
                let mine = operation == Operation::ListMyNodes;
                let nodes = state.nodes.iter().rev().filter(|node| !node.deleted);
                let visible =
                    nodes.filter(|node| node.owner == user || (!mine && node.is_public()));
                let shown = visible.map(|node| show::node(node, &origin));
                let wanted = shown.filter(|node| is_wanted(exchange, node));
                let wanted = wanted.collect();
                show::page(state, exchange, wanted)
            }
            Operation::GetNode => {
                let data = show::node(state.readable(user, &id)?, &origin);
                Ok(show::document(200, &json!({"data": data})))
            }
            Operation::DeleteNode => {
                state.writable(user, &id)?.deleted = true;
                Ok(exchange::empty(204))
            }
            Operation::ListProviders => {
                let provider = show::provider(state.readable(user, &id)?, &origin);
                show::page(state, exchange, vec![provider])
            }
            Operation::ListIdentifiers => {
                let node = state.readable(user, &id)?;
                let shown = node
                    .doi
                    .iter()
                    .map(|doi| show::identifier(node, doi, &origin));
                let wanted = shown.filter(|shown| is_wanted(exchange, shown)).collect();
                show::page(state, exchange, wanted)
            }
            Operation::ListFiles => {
                let node = state.readable(user, &id)?;
                let folder = waterbutler::folder(node, &part(exchange, 6));
                let folder = folder.map_err(|_| Refused::document(404, "Not found."))?;
                let entries = node.entries.iter().filter(|entry| entry.parent() == folder);
                let shown = entries.map(|entry| show::file(node, entry, &origin));
                let wanted = shown.filter(|shown| is_wanted(exchange, shown)).collect();
                show::page(state, exchange, wanted)
            }
            Operation::GetFile => {
                let has = |node: &&state::Node| node.entries.iter().any(|entry| entry.id == id);
                let node = state.nodes.iter().find(has).map(|node| node.id.clone());
                let node = node.ok_or_else(|| Refused::document(404, "Not found."))?;
                let node = state.readable(user, &node)?;
                let entry = node.entries.iter().find(|entry| entry.id == id);
                let entry = entry.ok_or_else(|| Refused::document(404, "Not found."))?;
                let data = show::file(node, entry, &origin);
                Ok(show::document(200, &json!({"data": data})))
            }
            _ => Ok(redirect(&format!("{origin}{}/", exchange.path))),
        }
    }
}

fn redirect(to: &str) -> Answer {
    let mut answer = exchange::empty(301);
    if let Ok(location) = to.parse() {
        answer.headers_mut().insert("location", location);
    }
    answer
}

/// Whether a resource fits the filters: texts by a part of them, booleans and
/// identifiers as they are.
fn is_wanted(exchange: &Exchange, resource: &Value) -> bool {
    exchange.query.iter().flatten().all(|(name, wanted)| {
        let field = name
            .strip_prefix("filter[")
            .and_then(|name| name.strip_suffix(']'));
        match field {
            None => true,
            Some("id") => resource["id"] == **wanted,
            Some(field) => match &resource["attributes"][field] {
                Value::Bool(value) => *value == ["true", "1"].contains(&wanted.as_str()),
                Value::Array(values) => values.contains(&json!(wanted)),
                Value::String(value) => value.to_lowercase().contains(&wanted.to_lowercase()),
                _ => false,
            },
        }
    })
}
