//! The `/storage` operations: arguments in, one call of the `file-store`
//! role, the contract's answer out.

pub(super) mod file;
pub(super) mod folder;
pub(super) mod upload;

pub(super) mod path;

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// The answer of an operation that has nothing to say. The specification
/// leaves its body open; callers of its sister contract read this member.
fn success() -> Response {
    Json(json!({ "success": true })).into_response()
}
