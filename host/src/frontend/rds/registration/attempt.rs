//! One attempt to register a service, and what the storage's answer means.
//!
//! Only the status and one word of an answer are ever shown: the storage's
//! own error texts may print everything it holds.

use std::time::Duration;

use http::StatusCode;
use http::header::CONTENT_TYPE;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::cause;
use crate::frontend::rds::answer;

const ANSWER_BYTES_MAX: usize = 64 << 10;
const KNOWN_ALREADY: &str = "ServiceExistsAlreadyError";

/// The storage knows the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Registered {
    /// From now on.
    Added,
    /// It did before, and keeps what it was told then.
    Before,
}

/// The storage may not know the service.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("did not answer within {} ms", .0.as_millis())]
    Late(Duration),
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    #[error("answered {0}")]
    Status(StatusCode),
    #[error("answered 200 without success")]
    Unsuccessful,
    #[error("answered 200 and nothing that tells of success")]
    Unclear,
}

/// Sends a registration once.
pub(super) async fn attempt(
    client: &reqwest::Client,
    url: url::Url,
    body: &SecretString,
    timeout: Duration,
) -> Result<Registered, Failure> {
    let send = async {
        let request = client.post(url).header(CONTENT_TYPE, "application/json");
        let answer = request.body(body.expose_secret().to_owned()).send().await?;
        let status = answer.status();
        let body = answer::read(answer, ANSWER_BYTES_MAX).await?;
        Ok((status, body.unwrap_or_default()))
    };
    let sent = tokio::time::timeout(timeout, send).await;
    let (status, body) = sent
        .map_err(|_| Failure::Late(timeout))?
        .map_err(|error| Failure::Unreachable(cause::of(error)))?;
    classify(status, &body)
}

#[derive(Deserialize)]
struct Answer {
    success: bool,
    message: Option<String>,
}

fn classify(status: StatusCode, body: &[u8]) -> Result<Registered, Failure> {
    let answer = serde_json::from_slice(body).ok();
    match answer {
        // The specification has 409 for what is answered with 200.
        Some(Answer {
            success: false,
            message: Some(message),
        }) if message == KNOWN_ALREADY
            && matches!(status, StatusCode::OK | StatusCode::CONFLICT) =>
        {
            Ok(Registered::Before)
        }
        _ if status != StatusCode::OK => Err(Failure::Status(status)),
        Some(Answer { success: true, .. }) => Ok(Registered::Added),
        Some(Answer { success: false, .. }) => Err(Failure::Unsuccessful),
        None => Err(Failure::Unclear),
    }
}
