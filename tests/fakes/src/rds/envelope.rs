//! The two forms in which these services report an error.

use serde_json::json;

use crate::exchange::{self, Answer};

/// From a handler, or from nobody who wanted the path.
pub(crate) fn envelope(status: u16, description: &str) -> Answer {
    let error = match status {
        400 => "BadRequest",
        404 => "NotFound",
        405 => "MethodNotAllowed",
        _ => "InternalServerError",
    };
    let body = json!({"error": error, "http_code": status, "description": description});
    exchange::json(status, &body)
}

/// From the layer that checks requests.
pub(crate) fn problem(status: u16, title: &str, detail: &str) -> Answer {
    let body = json!({"type": "about:blank", "title": title, "status": status, "detail": detail});
    exchange::bytes(status, "application/problem+json", body.to_string().into())
}
