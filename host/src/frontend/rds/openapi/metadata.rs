//! The metadata half.

use serde_json::{Value, json};

use super::{Half, json_body, responses, schema, user};

/// `/metadata`.
pub(super) fn half() -> Half {
    Half {
        prefix: "metadata",
        title: "Repository",
        description: "The metadata half of the Sciebo RDS connector contract.",
        paths: json!({
            "/project": projects(),
            "/project/{project-id}": project(),
            "/project/{project-id}/files": files(),
            "/project/{project-id}/files/{file-id}": file(),
        }),
        schemas: schemas(),
    }
}

fn projects() -> Value {
    json!({
        "get": {
            "summary": "The user's unpublished projects",
            "operationId": "listProjects",
            "requestBody": json_body("ProjectArguments"),
            "responses": responses(&answer("Their ids and metadata.", "Projects")),
        },
        "post": {
            "summary": "Makes a project",
            "operationId": "createProject",
            "requestBody": json_body("ProjectArguments"),
            "responses": responses(&answer("The project.", "Project")),
        },
    })
}

fn project() -> Value {
    let deleted = json!({
        "204": { "description": "It is gone." },
        "default": { "$ref": "#/components/responses/Failed" },
    });
    json!({
        "parameters": [id("project-id")],
        "get": {
            "summary": "A project's metadata",
            "description": "The keys of `metadata`, where it has any, name the members wanted.",
            "operationId": "getProject",
            "requestBody": json_body("ProjectArguments"),
            "responses": responses(&answer("In the repository's own terms.", "Metadata")),
        },
        "patch": {
            "summary": "Replaces a project's metadata",
            "operationId": "updateProject",
            "requestBody": json_body("ProjectArguments"),
            "responses": responses(&answer("The metadata as it is then.", "Metadata")),
        },
        "put": {
            "summary": "Publishes a project",
            "description": "Publishing again changes nothing and answers the same.",
            "operationId": "publishProject",
            "requestBody": json_body("UserArguments"),
            "responses": responses(&answer("It is published.", "Published")),
        },
        "delete": {
            "summary": "Deletes a project",
            "operationId": "deleteProject",
            "requestBody": json_body("UserArguments"),
            "responses": deleted,
        },
    })
}

fn files() -> Value {
    let form = json!({
        "required": true,
        "content": {
            "multipart/form-data": schema("Upload"),
            "application/x-www-form-urlencoded": schema("PassiveUpload"),
        },
    });
    let uploaded = json!({
        "200": answer("All of it is stored.", "Uploaded"),
        "default": answer("Something is not stored.", "NotUploaded"),
    });
    json!({
        "parameters": [id("project-id")],
        "get": {
            "summary": "A project's files",
            "operationId": "listFiles",
            "requestBody": json_body("UserArguments"),
            "responses": responses(&answer("The files.", "Files")),
        },
        "post": {
            "summary": "Adds a file, or has the host fetch those of a folder",
            "operationId": "addFile",
            "requestBody": form,
            "responses": uploaded,
        },
        "delete": {
            "summary": "Removes every file of a project",
            "operationId": "deleteFiles",
            "requestBody": { "content": { "application/json": schema("UserArguments") } },
            "responses": responses(&answer("They are gone.", "Done")),
        },
    })
}

fn file() -> Value {
    json!({
        "parameters": [id("project-id"), id("file-id")],
        "get": {
            "summary": "A file's bytes",
            "description": "Sent in chunks. A body without its last chunk is not the file; \
                a refusal sent to a caller with a credential is such a body too.",
            "operationId": "readFile",
            "requestBody": json_body("UserArguments"),
            "responses": responses(&json!({
                "description": "The bytes.",
                "content": {
                    "application/octet-stream": {
                        "schema": { "type": "string", "format": "binary" },
                    },
                },
            })),
        },
        "patch": {
            "summary": "Not offered",
            "description": "The request carries no content to update the file with.",
            "operationId": "updateFile",
            "requestBody": json_body("UserArguments"),
            "responses": {
                "400": { "$ref": "#/components/responses/Malformed" },
                "501": { "$ref": "#/components/responses/Failed" },
            },
        },
        "delete": {
            "summary": "Removes a file",
            "description": "By its id or, where there is none of that id, its place in the list, \
                counted from 0.",
            "operationId": "deleteFile",
            "requestBody": json_body("UserArguments"),
            "responses": responses(&answer("It is gone.", "Done")),
        },
    })
}

fn schemas() -> Value {
    let (user, text) = (user(), json!({ "type": "string" }));
    let metadata = json!({ "type": "object" });
    let list = |of: &str| json!({ "type": "array", "items": reference(of) });
    json!({
        "UserArguments": { "type": "object", "properties": { "userId": user } },
        "ProjectArguments": {
            "type": "object",
            "properties": {
                "userId": user,
                "metadata": { "type": "object", "nullable": true },
            },
        },
        "Metadata": metadata,
        "Project": {
            "type": "object",
            "required": ["projectId", "metadata"],
            "properties": { "projectId": text, "metadata": metadata },
        },
        "Projects": list("Project"),
        "Published": {
            "type": "object",
            "required": ["DOI"],
            "properties": { "DOI": text },
        },
        "File": {
            "type": "object",
            "required": ["id", "filename"],
            "properties": { "id": text, "filename": text, "size": { "type": "integer" } },
        },
        "Files": list("File"),
        "Upload": {
            "type": "object",
            "required": ["file"],
            "properties": {
                "userId": user,
                "filename": { "type": "string", "example": "sub/a.txt" },
                "file": { "type": "string", "format": "binary" },
            },
        },
        "PassiveUpload": {
            "type": "object",
            "required": ["folder", "service"],
            "properties": { "folder": text, "service": text, "username": text, "userId": user },
        },
        "Uploaded": uploaded(true),
        "NotUploaded": uploaded(false),
        "Done": { "type": "boolean" },
    })
}

fn uploaded(whole: bool) -> Value {
    json!({
        "type": "object",
        "required": if whole { vec!["success"] } else { vec!["success", "message"] },
        "properties": {
            "success": { "type": "boolean", "enum": [whole] },
            "message": { "type": "string" },
        },
    })
}

fn id(name: &str) -> Value {
    json!({
        "name": name,
        "in": "path",
        "required": true,
        "description": "Percent-encoded once, slashes as well.",
        "schema": { "type": "string" },
    })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn answer(description: &str, name: &str) -> Value {
    json!({ "description": description, "content": { "application/json": schema(name) } })
}
