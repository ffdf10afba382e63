//! WaterButler: the files of a node. A path is an identifier, with a slash at
//! its end for a folder and without one for a file.

use http::Method;
use serde_json::json;

use super::api::{Service, part};
use super::route::Operation;
use super::show;
use super::state::{Entry, Node};
use crate::content::Content;
use crate::exchange::{self, Answer, Broken, Exchange};
use crate::refused::Refused;
use crate::text;

type Outcome = Result<Answer, Refused>;

/// The operation at what follows `/v1/resources/`.
pub(crate) fn operation(method: &Method, rest: &str, query: &str) -> Option<Operation> {
    let parts: Vec<_> = rest.split('/').collect();
    let is_folder = match &parts[..] {
        [node, "providers", "osfstorage", ""] if !node.is_empty() => true,
        [node, "providers", "osfstorage", id, ""] if ![*node, *id].contains(&"") => true,
        [node, "providers", "osfstorage", id] if ![*node, *id].contains(&"") => false,
        _ => return None,
    };
    let pairs = text::pairs(query)?;
    let value = |wanted: &str| {
        let pair = pairs.iter().find(|(name, _)| name == wanted);
        pair.map(|(_, value)| value.as_str())
    };
    match (method.as_str(), is_folder, value("kind")) {
        ("PUT", true, Some("folder")) => Some(Operation::CreateFolder),
        ("PUT", true, Some("file") | None) => Some(Operation::Upload),
        ("PUT", false, Some("file") | None) => Some(Operation::Replace),
        ("GET", _, _) if value("meta").is_some() => Some(Operation::Info),
        ("GET", false, _) => Some(Operation::Download),
        ("DELETE", _, _) => Some(Operation::Remove),
        _ => None,
    }
}

/// The path of a folder, by its identifier; an empty one is the root.
pub(crate) fn folder(node: &Node, id: &str) -> Result<String, Refused> {
    if id.is_empty() {
        return Ok("/".into());
    }
    let entry = node
        .entries
        .iter()
        .find(|entry| entry.folder && entry.id == id);
    let path = entry.map(|entry| entry.path.clone());
    path.ok_or_else(|| Refused::coded(404, "Could not retrieve file or directory."))
}

/// A refusal about a node, in this service's form.
fn recode(refused: Refused) -> Refused {
    let message = match refused.status {
        403 => "Forbidden",
        410 => "Gone",
        _ => "Not Found",
    };
    Refused::coded(refused.status, message)
}

fn name(exchange: &Exchange) -> Result<String, Refused> {
    let pairs = exchange.query.iter().flatten();
    let name = pairs.clone().find(|(key, _)| key == "name");
    let name = name.map(|(_, name)| name.clone()).unwrap_or_default();
    if name.is_empty() {
        exchange.violation("a creation without `name`");
        return Err(Refused::coded(400, "Missing required parameter 'name'"));
    }
    if name.contains('/') {
        exchange.violation("a `name` with a slash");
        return Err(Refused::coded(400, "Invalid name."));
    }
    Ok(name)
}

/// Where a write goes: the path that is made, or the file that is replaced.
#[derive(Debug)]
enum Target {
    New(String),
    Old(String),
}

impl Service {
    fn target(
        &self,
        operation: Operation,
        user: &str,
        exchange: &Exchange,
    ) -> Result<Target, Refused> {
        let state = &mut *self.shared.lock();
        let origin = state.origin.clone();
        let node = state.writable(user, &part(exchange, 3)).map_err(recode)?;
        let id = part(exchange, 6);
        if operation == Operation::Replace {
            let mut files = node.entries.iter().filter(|entry| !entry.folder);
            let file = files.find(|entry| entry.id == id);
            let missing = || Refused::coded(404, "Could not retrieve file or directory.");
            return file.map(|_| Target::Old(id)).ok_or_else(missing);
        }
        let folder = folder(node, &id)?;
        let name = name(exchange)?;
        let slash = if operation == Operation::CreateFolder {
            "/"
        } else {
            ""
        };
        let path = format!("{folder}{name}{slash}");
        if let Some(extant) = node.entry(&path) {
            let message = format!(
                "Cannot complete action: file or folder \"{name}\" already exists in this location"
            );
            let mut refused = Refused::coded(409, &message);
            refused.body["data"] = show::entity(node, extant, &origin);
            return Err(refused);
        }
        Ok(Target::New(path))
    }
}

/// The three kinds of `PUT`.
pub(crate) async fn write(
    service: &Service,
    operation: Operation,
    user: &str,
    exchange: &mut Exchange,
) -> Result<Outcome, Broken> {
    let wrong = framing(operation, exchange);
    let refused = wrong.or_else(|| service.target(operation, user, exchange).err());
    if let Some(refused) = refused {
        exchange.drain().await?;
        return Ok(Err(refused));
    }
    let content = Content::receive(exchange).await?;
    // What was free before the upload may be taken after it.
    Ok(service
        .target(operation, user, exchange)
        .and_then(|target| store(service, operation, user, exchange, target, content)))
}

fn framing(operation: Operation, exchange: &Exchange) -> Option<Refused> {
    if operation == Operation::CreateFolder {
        return exchange.has_body().then(|| {
            exchange.violation("a folder with a body");
            Refused::coded(413, "Folder creation requests may not have a body")
        });
    }
    if exchange.is_chunked() || exchange.declared().is_none() {
        exchange.violation("an upload without `content-length`");
        return Some(Refused::coded(
            411,
            "Content-Length is required for file uploads",
        ));
    }
    if exchange.media_type().starts_with("multipart/") {
        exchange.violation("an upload that is a form");
        return Some(Refused::coded(400, "The body is the file itself."));
    }
    None
}

fn store(
    service: &Service,
    operation: Operation,
    user: &str,
    exchange: &Exchange,
    target: Target,
    content: Content,
) -> Outcome {
    let state = &mut *service.shared.lock();
    let origin = state.origin.clone();
    let id = state.entry_id();
    let node = state.writable(user, &part(exchange, 3)).map_err(recode)?;
    let (status, id) = match target {
        Target::Old(id) => (200, id),
        Target::New(path) => {
            node.entries.push(Entry {
                id: id.clone(),
                path,
                folder: operation == Operation::CreateFolder,
                size: 0,
                md5: String::new(),
                content: None,
                versions: 0,
            });
            (201, id)
        }
    };
    let at = node.entries.iter().position(|entry| entry.id == id);
    let at = at.ok_or_else(|| Refused::coded(404, "Could not retrieve file or directory."))?;
    if operation != Operation::CreateFolder {
        node.entries[at].fill(content);
    }
    let data = show::entity(node, &node.entries[at], &origin);
    Ok(show::document(status, &json!({"data": data})))
}

/// What needs no body.
pub(crate) fn simple(
    service: &Service,
    operation: Operation,
    user: &str,
    exchange: &Exchange,
) -> Outcome {
    let state = &mut *service.shared.lock();
    let origin = state.origin.clone();
    let (node, id) = (part(exchange, 3), part(exchange, 6));
    let is_folder = exchange.path.ends_with('/');
    let missing = || Refused::coded(404, "Could not retrieve file or directory.");
    if operation == Operation::Remove {
        let node = state.writable(user, &node).map_err(recode)?;
        return remove(node, &id, is_folder, exchange);
    }
    let node = state.readable(user, &node).map_err(recode)?;
    if is_folder {
        let folder = folder(node, &id)?;
        let entries = node.entries.iter().filter(|entry| entry.parent() == folder);
        let data: Vec<_> = entries
            .map(|entry| show::entity(node, entry, &origin))
            .collect();
        return Ok(show::document(200, &json!({"data": data})));
    }
    let mut files = node.entries.iter().filter(|entry| !entry.folder);
    let file = files.find(|entry| entry.id == id).ok_or_else(missing)?;
    if operation == Operation::Info {
        let data = show::entity(node, file, &origin);
        return Ok(show::document(200, &json!({"data": data})));
    }
    let unavailable = || Refused::coded(503, "The storage is offline.");
    let content = file.content.clone().ok_or_else(unavailable)?;
    Ok(exchange::bytes(200, "application/octet-stream", content))
}

fn remove(node: &mut Node, id: &str, is_folder: bool, exchange: &Exchange) -> Outcome {
    let mut pairs = exchange.query.iter().flatten();
    let confirmed = pairs.any(|(name, value)| name == "confirm_delete" && value == "1");
    if id.is_empty() {
        if !confirmed {
            let message = "confirm_delete=1 is required for deleting root provider folder";
            return Err(Refused::coded(400, message));
        }
        node.entries.clear();
        return Ok(exchange::empty(204));
    }
    let mut entries = node.entries.iter();
    let entry = entries.find(|entry| entry.id == id && entry.folder == is_folder);
    let missing = || Refused::coded(404, "Could not retrieve file or directory.");
    let path = entry.map(|entry| entry.path.clone()).ok_or_else(missing)?;
    let inside = |entry: &Entry| is_folder && entry.path.starts_with(&path);
    node.entries
        .retain(|entry| entry.path != path && !inside(entry));
    Ok(exchange::empty(204))
}
