//! Which operation a request is.

use http::{Method, Uri};

use super::waterbutler;

/// What OSF can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// `GET /v2/`, with or without a credential
    Root,
    /// `GET /v2/users/me/nodes/`
    ListMyNodes,
    /// `GET /v2/nodes/`: also the public ones of others
    ListNodes,
    /// `POST /v2/nodes/`
    CreateNode,
    /// `GET /v2/nodes/{id}/`
    GetNode,
    /// `PATCH` or `PUT /v2/nodes/{id}/`
    UpdateNode,
    /// `DELETE /v2/nodes/{id}/`
    DeleteNode,
    /// `GET /v2/nodes/{id}/files/`
    ListProviders,
    /// `GET /v2/nodes/{id}/files/osfstorage/` or of a folder in it
    ListFiles,
    /// `GET /v2/files/{file}/`
    GetFile,
    /// `GET /v2/nodes/{id}/identifiers/`
    ListIdentifiers,
    /// `POST /v2/nodes/{id}/identifiers/`
    CreateIdentifier,
    /// `PUT` into a folder at WaterButler, `kind=file`
    Upload,
    /// `PUT` onto a file at WaterButler
    Replace,
    /// `PUT` into a folder at WaterButler, `kind=folder`
    CreateFolder,
    /// `GET` with `meta` at WaterButler
    Info,
    /// `GET` of a file at WaterButler
    Download,
    /// `DELETE` at WaterButler
    Remove,
    /// Any path of the API without its last slash
    Uncanonical,
}

/// The parameters that an operation documents.
pub(crate) fn parameters(operation: Operation) -> &'static [&'static str] {
    match operation {
        Operation::ListMyNodes | Operation::ListNodes => &[
            "page",
            "page[size]",
            "filter[id]",
            "filter[title]",
            "filter[description]",
            "filter[category]",
            "filter[public]",
            "filter[tags]",
        ],
        Operation::ListProviders => &["page", "page[size]"],
        Operation::ListFiles => &["page", "page[size]", "filter[kind]", "filter[name]"],
        Operation::ListIdentifiers => &["page", "page[size]", "filter[category]"],
        Operation::Upload | Operation::CreateFolder => &["kind", "name"],
        Operation::Replace => &["kind"],
        Operation::Info => &["meta"],
        Operation::Download => &["direct"],
        Operation::Remove => &["confirm_delete"],
        _ => &[],
    }
}

fn in_api(method: &str, parts: &[&str]) -> Option<Operation> {
    let operation = match (method, parts) {
        ("GET", ["users", "me", "nodes"]) => Operation::ListMyNodes,
        ("GET", ["nodes"]) => Operation::ListNodes,
        ("POST", ["nodes"]) => Operation::CreateNode,
        ("GET", ["nodes", _]) => Operation::GetNode,
        ("PATCH" | "PUT", ["nodes", _]) => Operation::UpdateNode,
        ("DELETE", ["nodes", _]) => Operation::DeleteNode,
        ("GET", ["nodes", _, "files"]) => Operation::ListProviders,
        ("GET", ["nodes", _, "files", "osfstorage"] | ["nodes", _, "files", "osfstorage", _]) => {
            Operation::ListFiles
        }
        ("GET", ["files", _]) => Operation::GetFile,
        ("GET", ["nodes", _, "identifiers"]) => Operation::ListIdentifiers,
        ("POST", ["nodes", _, "identifiers"]) => Operation::CreateIdentifier,
        _ => return None,
    };
    Some(operation)
}

/// The operation at an address, if documented.
pub(crate) fn operation(method: &Method, uri: &Uri) -> Option<Operation> {
    let path = uri.path();
    if let Some(rest) = path.strip_prefix("/v1/resources/") {
        return waterbutler::operation(method, rest, uri.query().unwrap_or(""));
    }
    let rest = path.strip_prefix("/v2/")?;
    if rest.is_empty() {
        return (method == Method::GET).then_some(Operation::Root);
    }
    let (rest, canonical) = match rest.strip_suffix('/') {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    let parts: Vec<_> = rest.split('/').collect();
    if parts.contains(&"") {
        return None;
    }
    let operation = in_api(method.as_str(), &parts)?;
    Some(if canonical {
        operation
    } else {
        Operation::Uncanonical
    })
}
