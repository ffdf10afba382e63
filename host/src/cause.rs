//! What is told of a request that failed.

use std::error::Error as _;

/// What went wrong, with all that caused it, and without the address, which
/// may hold a password.
pub(crate) fn of(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}
