//! Resources as the API and WaterButler show them, and lists in pages.

use serde_json::{Value, json};

use super::state::{Entry, Node, State};
use crate::exchange::{self, Answer, Exchange};
use crate::refused::Refused;
use crate::text;

pub(crate) const MEDIA_TYPE: &str = "application/vnd.api+json";

const CREATED: &str = "2026-01-01T00:00:00.000000";

/// The most that a client may ask for at once.
const LARGEST: usize = 100;

pub(crate) fn document(status: u16, body: &Value) -> Answer {
    exchange::bytes(status, MEDIA_TYPE, body.to_string().into())
}

/// The API itself, and who asks, if that is known.
pub(crate) fn root(user: &str, origin: &str) -> Value {
    let someone = json!({"data": {"type": "users", "id": "u0001", "attributes": {}}});
    json!({
        "meta": {
            "message": "Welcome to the OSF API.",
            "version": "2.0",
            "current_user": if user.is_empty() { Value::Null } else { someone },
        },
        "links": {
            "nodes": format!("{origin}/v2/nodes/"),
            "users": format!("{origin}/v2/users/"),
        },
    })
}

pub(crate) fn node(node: &Node, origin: &str) -> Value {
    let own = format!("{origin}/v2/nodes/{}/", node.id);
    let related =
        |name: &str| json!({"links": {"related": {"href": format!("{own}{name}/"), "meta": {}}}});
    let mut attributes = node.attributes.clone();
    for (name, value) in [
        ("registration", json!(false)),
        ("collection", json!(false)),
        ("fork", json!(false)),
        ("preprint", json!(false)),
        ("date_created", json!(CREATED)),
        ("date_modified", json!(CREATED)),
        ("current_user_can_comment", json!(true)),
        (
            "current_user_permissions",
            json!(["read", "write", "admin"]),
        ),
    ] {
        attributes[name] = value;
    }
    json!({
        "id": node.id,
        "type": "nodes",
        "attributes": attributes,
        "links": {"self": own, "html": format!("{origin}/{}/", node.id)},
        "relationships": {
            "files": related("files"),
            "identifiers": related("identifiers"),
            "children": related("children"),
            "contributors": related("contributors"),
        },
    })
}

pub(crate) fn identifier(node: &Node, doi: &str, origin: &str) -> Value {
    let href = format!("{origin}/v2/nodes/{}/", node.id);
    let id = format!("57f1641db83f6901ed9{}", node.id);
    json!({
        "id": id,
        "type": "identifiers",
        "attributes": {"category": "doi", "value": doi},
        "links": {"self": format!("{origin}/v2/identifiers/{id}/")},
        "relationships": {"referent": {"links": {"related": {"href": href, "meta": {}}}}},
    })
}

/// The address of a folder or file at WaterButler.
fn storage(node: &str, path: &str, origin: &str) -> String {
    format!("{origin}/v1/resources/{node}/providers/osfstorage{path}")
}

fn own_path(entry: &Entry) -> String {
    let slash = if entry.folder { "/" } else { "" };
    format!("/{}{slash}", entry.id)
}

pub(crate) fn provider(node: &Node, origin: &str) -> Value {
    let own = storage(&node.id, "/", origin);
    let files = format!("{origin}/v2/nodes/{}/files/osfstorage/", node.id);
    json!({
        "id": format!("{}:osfstorage", node.id),
        "type": "files",
        "attributes": {
            "node": node.id, "path": "/", "kind": "folder",
            "name": "osfstorage", "provider": "osfstorage",
        },
        "links": {"upload": own, "new_folder": format!("{own}?kind=folder")},
        "relationships": {"files": {"links": {"related": {"href": files, "meta": {}}}}},
    })
}

/// An entry as the API shows it.
pub(crate) fn file(node: &Node, entry: &Entry, origin: &str) -> Value {
    let own = storage(&node.id, &own_path(entry), origin);
    let detail = format!("{origin}/v2/files/{}/", entry.id);
    let mut shown = json!({
        "id": entry.id,
        "type": "files",
        "attributes": {
            "kind": if entry.folder { "folder" } else { "file" },
            "name": entry.name(),
            "path": own_path(entry),
            "materialized_path": entry.path,
            "provider": "osfstorage",
            "size": if entry.folder { Value::Null } else { json!(entry.size) },
            "date_created": CREATED,
            "date_modified": CREATED,
            "extra": {"hashes": {"md5": entry.md5}},
            "tags": [],
        },
        "links": {"self": detail, "info": detail, "move": own, "upload": own, "delete": own},
        "relationships": {},
    });
    if entry.folder {
        let files = format!(
            "{origin}/v2/nodes/{}/files/osfstorage{}",
            node.id,
            own_path(entry)
        );
        shown["links"]["new_folder"] = json!(format!("{own}?kind=folder"));
        shown["relationships"]["files"] =
            json!({"links": {"related": {"href": files, "meta": {}}}});
    } else {
        shown["links"]["download"] = json!(own);
        shown["attributes"]["current_version"] = json!(entry.versions);
    }
    shown
}

/// An entry as WaterButler shows it.
pub(crate) fn entity(node: &Node, entry: &Entry, origin: &str) -> Value {
    let own = storage(&node.id, &own_path(entry), origin);
    let mut shown = json!({
        "id": format!("osfstorage{}", own_path(entry)),
        "type": "files",
        "attributes": {
            "kind": if entry.folder { "folder" } else { "file" },
            "name": entry.name(),
            "path": own_path(entry),
            "materialized": entry.path,
            "provider": "osfstorage",
            "resource": node.id,
            "size": if entry.folder { Value::Null } else { json!(entry.size) },
            "etag": entry.md5,
            "extra": {"hashes": {"md5": entry.md5}, "version": entry.versions},
        },
        "links": {"move": own, "upload": own, "delete": own},
    });
    if entry.folder {
        shown["links"]["new_folder"] = json!(format!("{own}?kind=folder"));
    } else {
        shown["links"]["download"] = json!(own);
    }
    shown
}

/// The page of a list that was asked for.
pub(crate) fn page(
    state: &State,
    exchange: &Exchange,
    items: Vec<Value>,
) -> Result<Answer, Refused> {
    let pairs: Vec<_> = exchange.query.iter().flatten().collect();
    let asked = |wanted: &str| pairs.iter().find(|(name, _)| name == wanted);
    let number = |wanted: &str| asked(wanted).map(|(_, value)| value.parse::<usize>().unwrap_or(0));
    let size = number("page[size]").unwrap_or(state.page).clamp(1, LARGEST);
    let number = number("page").unwrap_or(1);
    let last = items.len().div_ceil(size).max(1);
    if number < 1 || number > last {
        return Err(Refused::document(404, "Invalid page."));
    }
    let link = |to: usize| {
        let others = pairs.iter().filter(|(name, _)| name != "page");
        let mut query: Vec<_> = others
            .map(|(name, value)| format!("{}={}", text::encode(name), text::encode(value)))
            .collect();
        query.push(format!("page={to}"));
        json!(format!(
            "{}{}?{}",
            state.origin,
            exchange.path,
            query.join("&")
        ))
    };
    let given = |condition: bool, to: usize| if condition { link(to) } else { Value::Null };
    let total = items.len();
    let data: Vec<_> = items
        .into_iter()
        .skip((number - 1) * size)
        .take(size)
        .collect();
    Ok(document(
        200,
        &json!({
            "data": data,
            "links": {
                "first": given(number > 1, 1),
                "last": given(number < last, last),
                "prev": given(number > 1, number.saturating_sub(1)),
                "next": given(number < last, number + 1),
                "meta": {"total": total, "per_page": size},
            },
        }),
    ))
}
