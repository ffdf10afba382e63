//! Addresses of systems, which may hold a password and then stand outside the
//! configuration.

use secrecy::SecretString;
use toml::de::DeValue;
use url::Url;

use crate::config::secret::secret;
use crate::config::source::Entry;

/// The URL that an entry holds, or refers to like to a secret. Problems never
/// quote it.
pub(super) fn url(entry: Entry<'_>) -> Option<SecretString> {
    let literal = match entry.value() {
        DeValue::String(text) if text.starts_with("env:") || text.starts_with("file:") => None,
        DeValue::String(text) => Some(text.clone().into_owned()),
        _ => None,
    };
    let Some(literal) = literal else {
        return secret(entry);
    };
    let holds_password = Url::parse(&literal).is_ok_and(|url| {
        url.password().is_some() || url.query_pairs().any(|(key, _)| key == "password")
    });
    if holds_password {
        let message = "holds a password, which never stands in the configuration itself: \
                       expected a reference, `env:NAME` or `file:path`";
        entry.place.problem(message);
        return None;
    }
    Some(literal.into())
}
