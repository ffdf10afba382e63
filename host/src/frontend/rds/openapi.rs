//! `openapi.json` of both halves: what this host really serves for a
//! connector, as against the specification it grew from.

mod metadata;
mod storage;

use axum::response::IntoResponse;
use axum::{Extension, Json};
use serde_json::{Value, json};

use super::address::Target;

/// One half of the contract.
struct Half {
    prefix: &'static str,
    title: &'static str,
    description: &'static str,
    paths: Value,
    schemas: Value,
}

/// The storage half of the addressed connector.
pub(crate) async fn storage(Extension(target): Extension<Target>) -> impl IntoResponse {
    serve(storage::half(), &target)
}

/// The metadata half of the addressed connector.
pub(crate) async fn metadata(Extension(target): Extension<Target>) -> impl IntoResponse {
    serve(metadata::half(), &target)
}

fn serve(half: Half, target: &Target) -> Json<Value> {
    let name = target
        .route
        .as_ref()
        .map(|route| route.connector.to_string());
    Json(document(half, name.as_deref(), &target.prefix))
}

/// OpenAPI 3.0, as the original serves: older generators read nothing newer.
fn document(half: Half, connector: Option<&str>, prefix: &str) -> Value {
    let mut schemas = shared_schemas();
    if let (Value::Object(all), Value::Object(own)) = (&mut schemas, half.schemas) {
        all.extend(own);
    }
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": connector.map_or_else(
                || half.title.to_owned(),
                |name| format!("{} of {name}", half.title),
            ),
            "version": env!("CARGO_PKG_VERSION"),
            "description": half.description,
        },
        "servers": [{ "url": format!("{prefix}/{}", half.prefix) }],
        "paths": half.paths,
        "components": {
            "schemas": schemas,
            "responses": {
                "Malformed": {
                    "description": "The body does not fit the operation.",
                    "content": { "application/problem+json": schema("Problem") },
                },
                "Failed": {
                    "description": "Any other failure.",
                    "content": { "application/json": schema("Error") },
                },
                "Success": {
                    "description": "It is done.",
                    "content": { "application/json": schema("Success") },
                },
            },
        },
    })
}

fn shared_schemas() -> Value {
    let text = json!({ "type": "string" });
    let code = json!({ "type": "integer" });
    json!({
        "Success": {
            "type": "object",
            "required": ["success"],
            "properties": { "success": { "type": "boolean" } },
        },
        "Problem": {
            "type": "object",
            "required": ["type", "title", "status", "detail"],
            "properties": {
                "type": text,
                "title": text,
                "status": code,
                "detail": { "type": "string", "nullable": true },
            },
        },
        "Error": {
            "type": "object",
            "required": ["error", "http_code", "description"],
            "properties": { "error": text, "http_code": code, "description": text },
        },
    })
}

fn user() -> Value {
    json!({
        "type": "string",
        "description": "`<service>://<user>:<credential>`, or a user's name alone.",
    })
}

fn schema(name: &str) -> Value {
    json!({ "schema": { "$ref": format!("#/components/schemas/{name}") } })
}

fn json_body(name: &str) -> Value {
    json!({ "required": true, "content": { "application/json": schema(name) } })
}

fn success() -> Value {
    json!({ "$ref": "#/components/responses/Success" })
}

fn responses(ok: &Value) -> Value {
    let malformed = json!({ "$ref": "#/components/responses/Malformed" });
    json!({
        "200": ok,
        "400": malformed,
        "415": malformed,
        "default": { "$ref": "#/components/responses/Failed" },
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{Half, document, metadata, storage};

    /// Every reference in the document leads somewhere in it.
    fn resolve(document: &Value, part: &Value) {
        if let Some(Value::String(reference)) = part.get("$ref") {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
        match part {
            Value::Array(items) => items.iter().for_each(|item| resolve(document, item)),
            Value::Object(members) => members.values().for_each(|item| resolve(document, item)),
            _ => {}
        }
    }

    fn check(half: Half, title: &str, server: &str) {
        let document = document(half, Some("acme/port-disk"), "/connectors/acme/port-disk");
        assert_eq!(document["info"]["title"], title);
        assert_eq!(document["servers"][0]["url"], server);
        resolve(&document, &document);
    }

    #[test]
    fn the_document_is_of_one_connector() {
        check(
            storage::half(),
            "File storage of acme/port-disk",
            "/connectors/acme/port-disk/storage",
        );
        check(
            metadata::half(),
            "Repository of acme/port-disk",
            "/connectors/acme/port-disk/metadata",
        );
    }
}
