//! Secrets, which a configuration file names and never holds.

use std::fs;

use secrecy::SecretString;
use toml::de::DeValue;

use super::source::{Entry, Place, kind};
use super::text::{unset, variables};

/// Largest secret file, in bytes: room for a private key, not for a mistake.
const FILE_BYTES_MAX: u64 = 64 << 10;
const FORMS: &str = "expected a reference, `env:NAME` or `file:path`: \
                     a secret never stands in the configuration itself";

/// The secret that an entry refers to. Problems never quote the entry, which
/// may be the secret by mistake.
pub(super) fn secret(entry: Entry<'_>) -> Option<SecretString> {
    let place = entry.place.clone();
    match entry.value() {
        DeValue::String(text) => {
            if let Some(name) = text.strip_prefix("env:") {
                variable(&place, &[name.to_owned()])
            } else if let Some(path) = text.strip_prefix("file:") {
                file(&place, path)
            } else {
                place.problem(FORMS);
                None
            }
        }
        DeValue::Table(_) => {
            let mut section = entry.section()?;
            let names = variables(&mut section)?;
            variable(&place, &names)
        }
        other => {
            place.problem(format_args!("{FORMS} (found {})", kind(other)));
            None
        }
    }
}

fn variable(place: &Place<'_>, names: &[String]) -> Option<SecretString> {
    let found = names.iter().find_map(|name| place.reading.variable(name));
    if found.is_none() {
        unset(place, names);
    }
    found.map(SecretString::from)
}

fn file(place: &Place<'_>, path: &str) -> Option<SecretString> {
    let path = place.reading.path(path);
    place.reading.watch(path.parent().unwrap_or(&path));
    let refuse = |message: String| place.problem(format_args!("{}: {message}", path.display()));
    let read = || {
        let size = fs::metadata(&path)?.len();
        if size > FILE_BYTES_MAX {
            let message = format!("{size} bytes are more than a secret has ({FILE_BYTES_MAX})");
            return Err(std::io::Error::other(message));
        }
        fs::read_to_string(&path)
    };
    match read() {
        Ok(mut text) => {
            // What editors and `echo` leave behind.
            text.truncate(text.trim_end_matches(['\r', '\n']).len());
            place.reading.note("file", &text);
            if text.is_empty() {
                refuse("empty".to_owned());
                return None;
            }
            Some(SecretString::from(text))
        }
        Err(error) => {
            if !(place.reading.optional && error.kind() == std::io::ErrorKind::NotFound) {
                refuse(error.to_string());
            }
            None
        }
    }
}
