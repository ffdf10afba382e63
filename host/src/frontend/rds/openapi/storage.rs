//! The storage half.

use serde_json::{Value, json};

use super::{Half, json_body, responses, schema, success, user};

/// `/storage`.
pub(super) fn half() -> Half {
    Half {
        prefix: "storage",
        title: "File storage",
        description: "The storage half of the Sciebo RDS connector contract.",
        paths: json!({ "/file": file(), "/folder": folder() }),
        schemas: schemas(),
    }
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
    let user = user();
    let path = json!({ "type": "string", "example": "/Docs/a.txt" });
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
            "properties": { "files": { "type": "array", "items": { "type": "string" } } },
        },
    })
}
