//! Media types, as far as they decide which processor takes a message.

use std::fmt;
use std::str::FromStr;

/// A media type, or a range of them: `image/png`, `image/*`, `*/*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaRange {
    kind: String,
    subtype: String,
}

/// A text that is no media range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no media type: expected `type/subtype`, `type/*` or `*`")]
pub struct MediaRangeError(String);

impl MediaRange {
    /// Whether an [`essence`] is in the range.
    pub fn holds(&self, essence: &str) -> bool {
        let is = |wanted: &str, part: &str| wanted == "*" || wanted == part;
        match essence.split_once('/') {
            Some((kind, subtype)) => is(&self.kind, kind) && is(&self.subtype, subtype),
            // sqAPI passes on types that are none; only who takes all takes these.
            None => self.kind == "*" || (self.subtype.is_empty() && self.kind == essence),
        }
    }
}

/// A media type in lower case and without parameters (RFC 9110, section 8.3.1).
pub fn essence(media_type: &str) -> String {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

impl FromStr for MediaRange {
    type Err = MediaRangeError;

    fn from_str(text: &str) -> Result<Self, MediaRangeError> {
        let essence = essence(text);
        let error = || MediaRangeError(text.to_owned());
        let (kind, subtype) = match essence.as_str() {
            "*" => ("*", "*"),
            // A name without a slash was a type as good as any to sqAPI.
            other => other.split_once('/').unwrap_or((other, "")),
        };
        let is_token = |part: &str| {
            let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
            part.chars().all(allowed)
        };
        if kind.is_empty() || !is_token(kind) || !is_token(subtype) {
            return Err(error());
        }
        if (kind == "*" && subtype != "*") || (essence.contains('/') && subtype.is_empty()) {
            return Err(error());
        }
        Ok(Self {
            kind: kind.to_owned(),
            subtype: subtype.to_owned(),
        })
    }
}

impl fmt::Display for MediaRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.subtype.as_str() {
            "" => f.write_str(&self.kind),
            subtype => write!(f, "{}/{subtype}", self.kind),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(range: &str, media_type: &str, holds: bool) {
        let range: MediaRange = range.parse().unwrap();
        assert_eq!(
            range.holds(&essence(media_type)),
            holds,
            "{range} {media_type}"
        );
    }

    #[test]
    fn case_parameters_and_wildcards() {
        check("image/jpeg", "IMAGE/JPEG", true);
        check("Image/JPEG; q=1", "image/jpeg; charset=x", true);
        check("image/*", "image/png", true);
        check("image/*", "text/plain", false);
        check("*", "text/plain", true);
        check("*/*", "anything", true);
        check("*", "", true);
        check("image/jpeg", "image/jpeg2000", false);
        check("pdf", "pdf", true);
    }

    #[test]
    fn what_is_no_media_type_is_refused() {
        for text in ["", "/", "image/", "/png", "*/png", "a b/c", "image//png"] {
            assert!(text.parse::<MediaRange>().is_err(), "{text}");
        }
    }
}
