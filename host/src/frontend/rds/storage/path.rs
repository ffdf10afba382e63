//! The contract's `filepath`: absolute or relative, plain or percent-encoded.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::dispatch::{Error, Outcome};

/// A path as the `file-store` role has it: relative to the root, without
/// empty segments. The empty path is the root.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::frontend::rds) struct FilePath {
    /// The path read as it is.
    pub plain: String,
    /// The path read as percent-encoded, when that makes a difference.
    decoded: Option<String>,
}

impl FilePath {
    /// Reads a `filepath`.
    pub(in crate::frontend::rds) fn new(filepath: &str) -> Self {
        let decoded = match percent_decode_str(filepath).decode_utf8() {
            Ok(Cow::Owned(decoded)) => Some(relative(&decoded)),
            // Nothing to decode, or nothing that is text.
            Ok(Cow::Borrowed(_)) | Err(_) => None,
        };
        Self {
            plain: relative(filepath),
            decoded,
        }
    }

    /// Tries the path as it is and, where nothing is found, percent-decoded.
    ///
    /// The original decodes always, so it cannot read a file whose name it
    /// has just listed when that name holds a `%41`. In this order both kinds
    /// of caller get what they mean.
    pub(in crate::frontend::rds) async fn find<T, F>(
        &self,
        attempt: impl Fn(String) -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        match (attempt(self.plain.clone()).await, &self.decoded) {
            (Err(error), Some(decoded)) if error.outcome() == Outcome::NotFound => {
                attempt(decoded.clone()).await
            }
            (result, _) => result,
        }
    }
}

/// A path without empty segments.
pub(in crate::frontend::rds) fn relative(path: &str) -> String {
    let segments: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
    segments.join("/")
}

#[cfg(test)]
mod tests {
    use super::FilePath;

    fn check(filepath: &str, plain: &str, decoded: Option<&str>) {
        let expected = FilePath {
            plain: plain.to_owned(),
            decoded: decoded.map(str::to_owned),
        };
        assert_eq!(FilePath::new(filepath), expected, "{filepath}");
    }

    #[test]
    fn a_path_is_relative_to_the_root() {
        check("", "", None);
        check("/", "", None);
        check("/Docs/a.txt", "Docs/a.txt", None);
        check("Docs/", "Docs", None);
        check("//Docs//a b.txt", "Docs/a b.txt", None);
    }

    #[test]
    fn a_path_may_be_encoded() {
        check("/b%20c.txt", "b%20c.txt", Some("b c.txt"));
        check("%2FDocs%2Fa", "%2FDocs%2Fa", Some("Docs/a"));
        check("/100%25.txt", "100%25.txt", Some("100%.txt"));
        check("/50% off.txt", "50% off.txt", None);
        check("/%FF", "%FF", None);
    }
}
