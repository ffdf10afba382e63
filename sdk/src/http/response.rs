//! Responses, and what their status means to a caller.

use std::{
    cell::OnceCell,
    fmt,
    time::{Duration, SystemTime},
};

use crate::{Error, Kind, Result, backend, transfer::Reader};

/// A response whose body has not been read yet.
pub struct Response {
    answer: backend::http::Answer,
    status: u16,
    headers: OnceCell<Vec<(String, String)>>,
    /// The answer to a `HEAD` has the size of a body that does not follow.
    bodiless: bool,
}

impl Response {
    pub(super) fn new(answer: backend::http::Answer, method: &str) -> Self {
        let status = answer.status();
        let bodiless = method == "HEAD" || matches!(status, 204 | 304);
        Self {
            answer,
            status,
            headers: OnceCell::new(),
            bodiless,
        }
    }

    /// The status code.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// All headers, names in lower case. Bytes that are no text are replaced.
    pub fn headers(&self) -> &[(String, String)] {
        self.headers.get_or_init(|| self.answer.headers())
    }

    /// The first header of this name, given in lower case.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers()
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.clone())
    }

    /// The size that the `Content-Length` header gives.
    pub fn content_length(&self) -> Option<u64> {
        self.header("content-length")?.trim().parse().ok()
    }

    /// The body. Where its size is known, one that ends early is an error.
    pub fn into_body(self) -> Result<Reader<'static>> {
        let size = if self.bodiless {
            Some(0)
        } else {
            self.content_length()
        };
        Ok(Reader::new(self.answer.into_body()?, size))
    }

    /// The response when its status is one of success, else the error that the status means:
    ///
    /// | status | error |
    /// |---|---|
    /// | 401 | unauthenticated |
    /// | 403 | denied |
    /// | 404, 410 | not found |
    /// | 405, 501 | unsupported |
    /// | 409, 412, 423 | conflict |
    /// | 429 | rate limited |
    /// | other 4xx | invalid |
    /// | all else | unavailable |
    ///
    /// A `500` too is unavailable: the fault is the system's, not the plugin's, and another try may
    /// succeed.
    pub fn ok(self, subject: &str) -> Result<Self> {
        match self.failure(subject) {
            None => Ok(self),
            Some(error) => Err(error),
        }
    }

    /// The error that [`ok`](Self::ok) would give, for a plugin that reads on: a refusal's body
    /// commonly says what is wrong.
    pub fn failure(&self, subject: &str) -> Option<Error> {
        let kind = match self.status {
            200..=299 => return None,
            401 => Kind::Unauthenticated,
            403 => Kind::Denied,
            404 | 410 => Kind::NotFound,
            405 | 501 => Kind::Unsupported,
            408 | 425 => Kind::Unavailable,
            409 | 412 | 423 => Kind::Conflict,
            429 => Kind::RateLimited,
            400..=499 => Kind::Invalid,
            _ => Kind::Unavailable,
        };
        let after = match kind {
            Kind::RateLimited | Kind::Unavailable => self
                .header("retry-after")
                .and_then(|text| retry_after(&text)),
            _ => None,
        };
        let error = Error::new(kind, format!("the system answered {}", self.status));
        Some(error.about(subject).after(after))
    }
}

/// Seconds or a date (RFC 9110, section 10.2.3).
fn retry_after(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text.trim()).ok()?;
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(retry_after("120"), Some(Duration::from_secs(120)));
        assert_eq!(
            retry_after("Fri, 31 Dec 1999 23:59:59 GMT"),
            Some(Duration::ZERO)
        );
        assert_eq!(retry_after("soon"), None);
        assert_eq!(retry_after("-1"), None);
    }
}
