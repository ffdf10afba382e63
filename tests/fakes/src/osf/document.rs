//! Documents of JSON:API that a client sends.

use http::Method;
use serde_json::{Map, Value};

use crate::exchange::{Broken, Exchange};
use crate::refused::Refused;

const CATEGORIES: [&str; 10] = [
    "analysis",
    "communication",
    "data",
    "hypothesis",
    "instrumentation",
    "methods and measures",
    "procedure",
    "project",
    "software",
    "other",
];

/// The members of `data` that a resource may have.
const MEMBERS: [&str; 3] = ["type", "id", "attributes"];

/// Reads a body in the framing and of the media type of the API.
pub(crate) async fn read(exchange: &mut Exchange) -> Result<Result<Value, Refused>, Broken> {
    let known = ["application/vnd.api+json", "application/json"];
    let refused = if exchange.is_chunked() {
        exchange.violation("a chunked JSON body");
        Some(Refused::document(400, "Malformed request."))
    } else if !known.contains(&exchange.media_type().as_str()) {
        exchange.violation("a JSON body of another media type");
        let detail = "Unsupported media type in request.";
        Some(Refused::document(415, detail))
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
        Refused::document(400, "Malformed request.")
    }))
}

/// The attributes of the resource in a body, which must be of this type and,
/// where it changes something, have this identifier.
pub(crate) fn attributes(
    exchange: &Exchange,
    body: &Value,
    kind: &str,
    id: Option<&str>,
) -> Result<Map<String, Value>, Refused> {
    let missing = |pointer: &str| {
        exchange.violation(format!("a document without `{pointer}`"));
        Refused::member(400, pointer, &format!("Request must include {pointer}."))
    };
    let data = body.get("data").and_then(Value::as_object);
    let data = data.ok_or_else(|| missing("/data"))?;
    if let Some(name) = data.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
        exchange.violation(format!("undocumented member `{name}`"));
        return Err(Refused::document(400, "Malformed request."));
    }
    let attributes = data.get("attributes").and_then(Value::as_object);
    let attributes = attributes.ok_or_else(|| missing("/data/attributes"))?;
    let given = data.get("type").ok_or_else(|| missing("/data/type"))?;
    if given != kind {
        exchange.violation(format!("a document of the type {given}"));
        let detail = format!("This resource has a type of \"{kind}\".");
        return Err(Refused::document(409, &detail));
    }
    if let Some(id) = id {
        let given = data.get("id").ok_or_else(|| missing("/data/id"))?;
        if given != id {
            exchange.violation(format!("a document with the identifier {given}"));
            return Err(Refused::document(409, "The id does not match the URL."));
        }
    }
    Ok(attributes.clone())
}

/// Checked attributes of a node.
pub(crate) fn node(exchange: &Exchange, attributes: Map<String, Value>) -> Result<Value, Refused> {
    let partial = exchange.method == Method::PATCH;
    let field = |name: &str, detail: &str| {
        Err(Refused::member(
            400,
            &format!("/data/attributes/{name}"),
            detail,
        ))
    };
    for name in ["title", "category"] {
        if !partial && !attributes.contains_key(name) {
            return field(name, "This field is required.");
        }
    }
    for (name, value) in &attributes {
        match (name.as_str(), value) {
            ("title", Value::String(title)) if title.trim().is_empty() => {
                return field(name, "This field may not be blank.");
            }
            ("title", Value::String(title)) if title.chars().count() > 512 => {
                return field(name, "Title cannot exceed 512 characters.");
            }
            ("category", Value::String(category)) if !CATEGORIES.contains(&category.as_str()) => {
                return field(name, &format!("\"{category}\" is not a valid choice."));
            }
            ("title" | "category" | "description" | "template_from", Value::String(_))
            | ("public", Value::Bool(_))
            | ("node_license", Value::Object(_) | Value::Null) => {}
            ("tags", Value::Array(tags)) if tags.iter().all(Value::is_string) => {}
            (
                "title" | "category" | "description" | "template_from" | "public" | "node_license"
                | "tags",
                _,
            ) => return field(name, "Not a valid value."),
            _ => {
                exchange.violation(format!("undocumented or read-only attribute `{name}`"));
                return field(name, "This field cannot be set.");
            }
        }
    }
    Ok(Value::Object(attributes))
}
