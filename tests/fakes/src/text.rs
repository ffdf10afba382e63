//! Percent-encoded text, as it comes in paths and queries.

/// The text behind `encoded`; `None` when an escape or the UTF-8 is broken.
pub(crate) fn decode(encoded: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// The pairs of a query; `None` when it is broken.
pub(crate) fn pairs(query: &str) -> Option<Vec<(String, String)>> {
    let pair = |text: &str| {
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        let plain = |text: &str| decode(&text.replace('+', " "));
        Some((plain(key)?, plain(value)?))
    };
    query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(pair)
        .collect()
}

/// `text` with everything but unreserved characters escaped.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_once() {
        assert_eq!(decode("a%2Fb%20c%2520").as_deref(), Some("a/b c%20"));
        assert_eq!(decode("%C3%A4").as_deref(), Some("ä"));
        for broken in ["%", "%2", "%zz", "%C3"] {
            assert_eq!(decode(broken), None, "{broken}");
        }
    }

    #[test]
    fn a_query_is_a_list_of_pairs() {
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let read = pairs("page=2&q=a+b%26&&flag").expect("pairs");
        assert_eq!(
            read,
            [pair("page", "2"), pair("q", "a b&"), pair("flag", "")]
        );
        assert_eq!(pairs("a=%f"), None);
    }

    #[test]
    fn encoding_is_undone_by_decoding() {
        assert_eq!(encode("a/b ä"), "a%2Fb%20%C3%A4");
        assert_eq!(decode(&encode("a/b ä%")).as_deref(), Some("a/b ä%"));
    }
}
