//! `/storage/openapi.json`: what this host really serves for a connector, as
//! against the specification it grew from.

use axum::response::IntoResponse;
use axum::{Extension, Json};
use serde_json::{Value, json};

use super::address::Target;

/// The document of the addressed connector.
pub(crate) async fn serve(Extension(target): Extension<Target>) -> impl IntoResponse {
    let name = target
        .route
        .as_ref()
        .map(|route| route.connector.to_string());
    Json(document(name.as_deref(), &target.prefix))
}

/// OpenAPI 3.0, as the original serves: older generators read nothing newer.
fn document(connector: Option<&str>, prefix: &str) -> Value {
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": connector.map_or_else(
                || "File storage".to_owned(),
                |name| format!("File storage of {name}"),
            ),
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The storage half of the Sciebo RDS connector contract.",
        },
        "servers": [{ "url": format!("{prefix}/storage") }],
        "paths": { "/file": file(), "/folder": folder() },
        "components": {
            "schemas": schemas(),
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

fn file() -> Value {
    json!({
        "get": {
            "summary": "A file's bytes",
            "description": "Sent in chunks. A body without its last chunk is not the file; \
                a refusal sent to a caller with a credential is such a body too.",
            "operationId": "readFile",
            "requestBody": json_body("FileArguments"),
            "responses": responses(&json!({
                "description": "The bytes.",
                "content": {
                    "application/octet-stream": {
                        "schema": { "type": "string", "format": "binary" },
                    },
                },
            })),
        },
        "post": {
            "summary": "Stores a file",
            "operationId": "writeFile",
            "requestBody": {
                "required": true,
                "content": { "multipart/form-data": schema("Upload") },
            },
            "responses": responses(&success()),
        },
        "delete": {
            "summary": "Deletes a file",
            "operationId": "deleteFile",
            "requestBody": json_body("FileArguments"),
            "responses": responses(&success()),
        },
        "patch": {
            "summary": "Not offered",
            "description": "The request carries no content to update the file with.",
            "operationId": "updateFile",
            "requestBody": json_body("FileArguments"),
            "responses": {
                "400": { "$ref": "#/components/responses/Malformed" },
                "501": { "$ref": "#/components/responses/Failed" },
            },
        },
    })
}

fn folder() -> Value {
    json!({
        "get": {
            "summary": "The files below a folder",
            "description": "Files at every depth, relative to the folder; no folders.",
            "operationId": "listFolder",
            "requestBody": json_body("FolderArguments"),
            "responses": responses(&json!({
                "description": "The files.",
                "content": { "application/json": schema("Listing") },
            })),
        },
    })
}

fn schemas() -> Value {
    let user = json!({
        "type": "string",
        "description": "`<service>://<user>:<credential>`, or a user's name alone.",
    });
    let path = json!({ "type": "string", "example": "/Docs/a.txt" });
    let text = json!({ "type": "string" });
    let code = json!({ "type": "integer" });
    json!({
        "FileArguments": {
            "type": "object",
            "required": ["filepath"],
            "properties": { "filepath": path, "userId": user },
        },
        "FolderArguments": {
            "type": "object",
            "properties": { "filepath": path, "userId": user },
        },
        "Upload": {
            "type": "object",
            "required": ["filepath", "files"],
            "properties": {
                "filepath": path,
                "userId": user,
                "files": { "type": "string", "format": "binary" },
            },
        },
        "Listing": {
            "type": "object",
            "required": ["files"],
            "properties": { "files": { "type": "array", "items": text } },
        },
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

    use super::document;

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

    #[test]
    fn the_document_is_of_one_connector() {
        let document = document(Some("acme/port-disk"), "/connectors/acme/port-disk");
        assert_eq!(document["info"]["title"], "File storage of acme/port-disk");
        assert_eq!(
            document["servers"][0]["url"],
            "/connectors/acme/port-disk/storage"
        );
        resolve(&document, &document);
    }
}
