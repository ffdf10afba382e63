//! From bytes to a language.

use std::io::{self, Read};

use tenon_sdk::{Error, Result};

use crate::codes;

/// Bytes of a text that are looked at. More tell nothing new, and the time it takes grows with them.
const BYTES_MAX: usize = 10_000;

/// The beginning of a text, cut between two characters. `invalid` for what is not UTF-8.
pub(crate) fn beginning(text: &mut impl Read) -> Result<String> {
    let mut bytes = Vec::with_capacity(BYTES_MAX);
    text.take(BYTES_MAX as u64)
        .read_to_end(&mut bytes)
        .map_err(io_error)?;
    // Only a text that goes on can be cut within a character.
    let cut = bytes.len() == BYTES_MAX;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(error) if cut && error.utf8_error().error_len().is_none() => {
            let whole = error.utf8_error().valid_up_to();
            let mut bytes = error.into_bytes();
            bytes.truncate(whole);
            String::from_utf8(bytes).map_err(|_| not_utf8(whole))
        }
        Err(error) => Err(not_utf8(error.utf8_error().valid_up_to())),
    }
}

/// The likeliest language and how sure that is, from 0 to 1; none where no character tells one.
pub(crate) fn detect(text: &str) -> Option<(&'static str, f64)> {
    // The mark that some programs begin a text with is no part of it.
    let found = whatlang::detect(text.trim_start_matches('\u{feff}'))?;
    Some((codes::iso_639_1(found.lang()), found.confidence()))
}

fn not_utf8(at: usize) -> Error {
    Error::invalid(format!("the text is not UTF-8 from its byte {at} on"))
}

fn io_error(error: io::Error) -> Error {
    error.into()
}
