//! Addresses of systems, which may hold a password and then stand outside the
//! configuration.

use secrecy::SecretString;
use toml::Spanned;
use toml::de::DeValue;
use url::Url;

use crate::config::secret::secret;
use crate::config::source::Entry;

/// The URL that an entry holds, or refers to like to a secret. Problems never
/// quote it.
pub(super) fn url(entry: Entry<'_>) -> Option<SecretString> {
    let is_default = entry.value().is_table();
    let literal = match entry.value() {
        DeValue::String(text) if text.starts_with("env:") || text.starts_with("file:") => None,
        DeValue::String(text) => Some(text.clone().into_owned()),
        DeValue::Table(table) => {
            let default = table.get("default").map(Spanned::get_ref);
            default.and_then(|default| default.as_str().map(str::to_owned))
        }
        _ => None,
    };
    let Some(literal) = literal else {
        return secret(entry);
    };
    if holds_password(&literal) {
        let message = "holds a password, which never stands in the configuration itself: \
                       expected a reference, `env:NAME` or `file:path`";
        entry.place.problem(message);
        return None;
    }
    match is_default {
        true => entry.text().map(SecretString::from),
        false => Some(literal.into()),
    }
}

fn holds_password(literal: &str) -> bool {
    Url::parse(literal).is_ok_and(|url| {
        url.password().is_some() || url.query_pairs().any(|(key, _)| key == "password")
    })
}
