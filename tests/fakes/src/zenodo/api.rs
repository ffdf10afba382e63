//! The deposit API: which operation a request is, and what it does.

use http::{Method, Uri};
use serde_json::{Map, Value};

use super::state::{self, Shared, User};
use super::{list, upload};
use crate::exchange::{self, Answer, Broken, Exchange, json};
use crate::front::System;
use crate::refused::Refused;
use crate::rules::Repeat;
use crate::text;

/// What the service can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// `GET /api/deposit/depositions`
    List,
    /// `POST /api/deposit/depositions`
    Create,
    /// `GET /api/deposit/depositions/{id}`
    Get,
    /// `PUT /api/deposit/depositions/{id}`
    Update,
    /// `DELETE /api/deposit/depositions/{id}`
    Delete,
    /// `GET /api/deposit/depositions/{id}/files`
    ListFiles,
    /// `POST /api/deposit/depositions/{id}/files`, the old upload
    Upload,
    /// `GET /api/deposit/depositions/{id}/files/{file}`
    GetFile,
    /// `DELETE /api/deposit/depositions/{id}/files/{file}`
    DeleteFile,
    /// `POST /api/deposit/depositions/{id}/actions/publish`
    Publish,
    /// `GET /api/files/{bucket}`
    ListBucket,
    /// `GET /api/files/{bucket}/{key}`
    GetObject,
    /// `PUT /api/files/{bucket}/{key}`
    PutObject,
    /// `DELETE /api/files/{bucket}/{key}`
    DeleteObject,
}

/// The service.
#[derive(Debug, Default)]
pub(crate) struct Service {
    pub(crate) shared: Shared,
}

/// The parameters that an operation documents.
fn parameters(operation: Operation) -> &'static [&'static str] {
    match operation {
        Operation::List => &["page", "size", "status", "sort", "all_versions"],
        _ => &[],
    }
}

impl System for Service {
    type Operation = Operation;

    fn operation(&self, method: &Method, uri: &Uri) -> Option<Operation> {
        let parts: Vec<_> = uri.path().strip_prefix("/api/")?.split('/').collect();
        let is_id = |id: &str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
        let operation = match (method.as_str(), &parts[..]) {
            ("GET", ["deposit", "depositions"]) => Operation::List,
            ("POST", ["deposit", "depositions"]) => Operation::Create,
            (method, ["deposit", "depositions", id, rest @ ..]) if is_id(id) => {
                match (method, rest) {
                    ("GET", []) => Operation::Get,
                    ("PUT", []) => Operation::Update,
                    ("DELETE", []) => Operation::Delete,
                    ("GET", ["files"]) => Operation::ListFiles,
                    ("POST", ["files"]) => Operation::Upload,
                    ("GET", ["files", file]) if !file.is_empty() => Operation::GetFile,
                    ("DELETE", ["files", file]) if !file.is_empty() => Operation::DeleteFile,
                    ("POST", ["actions", "publish"]) => Operation::Publish,
                    _ => return None,
                }
            }
            ("GET", ["files", bucket]) if !bucket.is_empty() => Operation::ListBucket,
            (method, ["files", _, key]) if is_key(key) => match method {
                "GET" => Operation::GetObject,
                "PUT" => Operation::PutObject,
                "DELETE" => Operation::DeleteObject,
                _ => return None,
            },
            _ => return None,
        };
        Some(operation)
    }

    fn repeats(&self, operation: Operation) -> Repeat {
        match operation {
            Operation::Create | Operation::Upload => Repeat::Never,
            Operation::Publish => Repeat::Informed("/actions/publish"),
            _ => Repeat::Free,
        }
    }

    fn has_users(&self) -> bool {
        true
    }

    fn secrets(&self) -> Vec<String> {
        let state = self.shared.lock();
        state.users.iter().map(|user| user.token.clone()).collect()
    }

    fn refusal(&self, status: u16, message: &str) -> Answer {
        limits(Refused::plain(status, message).answer())
    }

    async fn perform(
        &self,
        operation: Operation,
        exchange: &mut Exchange,
    ) -> Result<Answer, Broken> {
        let user = match self.admit(operation, exchange) {
            Ok(user) => user,
            Err(refused) => {
                exchange.drain().await?;
                return Ok(limits(refused.answer()));
            }
        };
        let answer = match operation {
            Operation::Create | Operation::Update => {
                self.describe(operation, &user, exchange).await?
            }
            Operation::Upload => upload::multipart(self, &user, exchange).await?,
            Operation::PutObject => upload::object(self, &user, exchange).await?,
            _ => {
                if exchange.has_body() {
                    exchange.violation("a body where none is documented");
                }
                exchange.drain().await?;
                self.simple(operation, &user, exchange)
            }
        };
        Ok(limits(answer.unwrap_or_else(|refused| refused.answer())))
    }
}

/// The route has room for one part, and escapes are undone before it is found.
fn is_key(part: &str) -> bool {
    let key = text::decode(part).unwrap_or_default();
    !key.contains('/') && !["", ".", ".."].contains(&key.as_str())
}

/// As observed, every answer carries these, `Retry-After` on success as well.
fn limits(mut answer: Answer) -> Answer {
    let headers = answer.headers_mut();
    headers.insert("x-ratelimit-limit", 1000.into());
    headers.insert("x-ratelimit-remaining", 998.into());
    headers.insert("x-ratelimit-reset", 1_750_709_513.into());
    headers.insert("retry-after", 51.into());
    answer
}

const UNVERIFIED: &str = "The server could not verify that you are authorized to access the \
    URL requested. You either supplied the wrong credentials (e.g. a bad password), or your \
    browser doesn't understand how to supply the credentials required.";

/// The number in a path that was found to have one.
pub(crate) fn id(exchange: &Exchange) -> Result<u64, Refused> {
    let id = exchange.path.split('/').nth(4).unwrap_or("");
    // Too long a number is the number of nothing.
    id.parse()
        .map_err(|_| Refused::plain(404, "Deposition not found"))
}

impl Service {
    /// Who asks, if everything about the request but its body is right.
    fn admit(&self, operation: Operation, exchange: &Exchange) -> Result<User, Refused> {
        let known = parameters(operation);
        for (name, _) in exchange.query.iter().flatten() {
            if !known.contains(&name.as_str()) {
                let rule = format!("undocumented parameter `{name}`");
                exchange.violation(&rule);
                return Err(Refused::plain(400, &rule));
            }
        }
        let unverified = || Refused::plain(401, UNVERIFIED);
        let authorization = exchange.header("authorization").ok_or_else(unverified)?;
        let Some(token) = authorization.strip_prefix("Bearer ") else {
            exchange.violation("an authorization other than `Bearer`");
            return Err(unverified());
        };
        let state = self.shared.lock();
        let user = state.users.iter().find(|user| user.token == token);
        user.cloned().ok_or_else(unverified)
    }

    async fn describe(
        &self,
        operation: Operation,
        user: &User,
        exchange: &mut Exchange,
    ) -> Result<Result<Answer, Refused>, Broken> {
        let body = match document(exchange).await? {
            Ok(body) => body,
            Err(refused) => return Ok(Err(refused)),
        };
        let held = self.secrets();
        if held
            .iter()
            .any(|token| body.to_string().contains(token.as_str()))
        {
            exchange.violation("a token in the body");
        }
        Ok(self.write(operation, user, exchange, body))
    }

    fn write(
        &self,
        operation: Operation,
        user: &User,
        exchange: &Exchange,
        body: Value,
    ) -> Result<Answer, Refused> {
        let metadata = members(exchange, body)?;
        let state = &mut *self.shared.lock();
        let view = state.view.clone();
        let id = match (operation, metadata) {
            (Operation::Create, metadata) => state.create(user, metadata)?,
            (_, metadata) => {
                let id = id(exchange)?;
                let deposit = state.draft(user, id)?;
                state::describe(deposit, metadata.unwrap_or(Value::Null))?;
                id
            }
        };
        let status = if operation == Operation::Create {
            201
        } else {
            200
        };
        Ok(json(status, &state.deposit(user, id)?.show(&view)))
    }

    /// The operations without a body.
    fn simple(
        &self,
        operation: Operation,
        user: &User,
        exchange: &Exchange,
    ) -> Result<Answer, Refused> {
        let segments = exchange.segments();
        let segments = segments.ok_or_else(|| Refused::plain(404, "Not found."))?;
        let part = |index: usize| segments.get(index).map_or("", String::as_str);
        let state = &mut *self.shared.lock();
        let view = state.view.clone();
        match operation {
            Operation::List => list::list(state, user, exchange),
            Operation::Get => Ok(json(200, &state.deposit(user, id(exchange)?)?.show(&view))),
            Operation::Delete => {
                let id = state.draft(user, id(exchange)?)?.id;
                state.deposits.remove(&id);
                Ok(exchange::empty(state.deleted))
            }
            Operation::ListFiles => {
                let deposit = state.deposit(user, id(exchange)?)?;
                Ok(json(200, &deposit.show_files(&view)))
            }
            Operation::GetFile => {
                let deposit = state.deposit(user, id(exchange)?)?;
                let file = state::find(deposit, |file| file.id == part(5))?;
                Ok(json(200, &deposit.show_file(file, &view)))
            }
            Operation::DeleteFile => {
                let deposit = state.draft(user, id(exchange)?)?;
                state::remove(deposit, |file| file.id == part(5))?;
                Ok(exchange::empty(204))
            }
            Operation::Publish => {
                let id = id(exchange)?;
                if state.deposit(user, id)?.submitted {
                    exchange.violation("published a second time");
                }
                Ok(json(202, &state.publish(user, id)?.show(&view)))
            }
            Operation::ListBucket => {
                let deposit = state.bucket(user, part(2))?;
                Ok(json(200, &deposit.show_bucket(&view)))
            }
            Operation::GetObject => {
                let deposit = state.bucket(user, part(2))?;
                let file = state::find(deposit, |file| file.name == part(3))?;
                let offline = || Refused::plain(503, "File storage is offline.");
                let content = file.content.clone().ok_or_else(offline)?;
                Ok(exchange::bytes(200, "application/octet-stream", content))
            }
            Operation::DeleteObject => {
                let deposit = state.open(user, part(2))?;
                state::remove(deposit, |file| file.name == part(3))?;
                Ok(exchange::empty(204))
            }
            Operation::Create | Operation::Update | Operation::Upload | Operation::PutObject => {
                unreachable!("{operation:?} has a body")
            }
        }
    }
}

/// A JSON body in the framing that the service reads.
async fn document(exchange: &mut Exchange) -> Result<Result<Value, Refused>, Broken> {
    let refused = if exchange.is_chunked() {
        exchange.violation("a chunked JSON body");
        Some(Refused::plain(500, "Internal Server Error"))
    } else if exchange.media_type() != "application/json" {
        exchange.violation("a JSON body of another media type");
        Some(Refused::plain(415, "Unsupported media type."))
    } else {
        None
    };
    if let Some(refused) = refused {
        exchange.drain().await?;
        return Ok(Err(refused));
    }
    let body = exchange.json().await?;
    Ok(body.map_err(|error| {
        exchange.violation(format!("a body that is not JSON: {error}"));
        Refused::plain(400, "Invalid JSON.")
    }))
}

/// The metadata in a body that has no other member.
fn members(exchange: &Exchange, body: Value) -> Result<Option<Value>, Refused> {
    let Value::Object(mut members) = body else {
        exchange.violation("a body that is not an object");
        return Err(Refused::plain(400, "The body is not an object."));
    };
    let metadata = members.remove("metadata");
    if let Some(name) = Map::keys(&members).next() {
        let rule = format!("undocumented member `{name}`");
        exchange.violation(&rule);
        return Err(Refused::plain(400, &rule));
    }
    Ok(metadata)
}
