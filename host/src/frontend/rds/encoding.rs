//! The two ways in which the contract's services encode a text for an address.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

/// All but what RFC 3986 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// For a segment of a path.
pub(super) fn percent(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, RESERVED)
}

/// As Python's `quote_plus`: for a form, with `+` in the place of spaces.
pub(super) fn form(text: &str) -> String {
    percent(text).to_string().replace("%20", "+")
}

#[cfg(test)]
mod tests {
    use super::{form, percent};

    #[test]
    fn spaces_differ() {
        assert_eq!(percent("a b/ä~").to_string(), "a%20b%2F%C3%A4~");
        assert_eq!(
            form("https://a.b/c_d-e?f=g h+i"),
            "https%3A%2F%2Fa.b%2Fc_d-e%3Ff%3Dg+h%2Bi"
        );
        assert_eq!(form(""), "");
    }
}
