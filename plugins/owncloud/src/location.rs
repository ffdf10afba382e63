//! Where a user's files are, and how paths are written into URLs.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use tenon_sdk::{Error, Path, Result, call};

/// Everything but the unreserved characters of RFC 3986.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// An installation's WebDAV tree.
#[derive(Debug)]
pub(crate) struct Location {
    base: String,
    nextcloud: bool,
}

impl Location {
    pub(crate) fn new(base_url: &str, nextcloud: bool) -> Self {
        Self {
            base: base_url.trim_end_matches('/').to_owned(),
            nextcloud,
        }
    }

    /// The URL of the tree without a user.
    pub(crate) fn entrance(&self) -> String {
        format!(
            "{}/remote.php/{}/",
            self.base,
            if self.nextcloud { "dav" } else { "webdav" }
        )
    }

    /// The tree of the caller.
    pub(crate) fn of_caller(&self) -> Result<Tree> {
        if !self.nextcloud {
            return Ok(Tree(format!("{}/remote.php/webdav", self.base)));
        }
        let user = call::current().user.filter(|user| !user.is_empty());
        let user = user.ok_or_else(|| {
            Error::invalid("the call names no user, whose files Nextcloud asks for")
        })?;
        let user = Path::root().child(without_domain(&user))?;
        Ok(Tree(format!(
            "{}/remote.php/dav/files/{}",
            self.base,
            escaped(&user)
        )))
    }
}

/// A cloud id names the user's home after the last `@`.
fn without_domain(user: &str) -> &str {
    user.rsplit_once('@').map_or(user, |(name, _)| name)
}

/// The URL of a user's files, without a `/` at its end.
#[derive(Debug)]
pub(crate) struct Tree(String);

impl Tree {
    pub(crate) fn file(&self, path: &Path) -> String {
        if path.is_root() {
            self.folder(path)
        } else {
            format!("{}/{}", self.0, escaped(path))
        }
    }

    pub(crate) fn folder(&self, path: &Path) -> String {
        if path.is_root() {
            format!("{}/", self.0)
        } else {
            format!("{}/{}/", self.0, escaped(path))
        }
    }
}

fn escaped(path: &Path) -> String {
    let mut text = String::with_capacity(path.as_str().len());
    for (index, segment) in path.segments().enumerate() {
        if index > 0 {
            text.push('/');
        }
        text.extend(utf8_percent_encode(segment, ESCAPED));
    }
    text
}

/// The decoded segments of an `href`, which is a path or a whole URL. None when they are no text.
pub(crate) fn href_segments(href: &str) -> Option<Vec<String>> {
    let path = match href.split_once("://") {
        Some((scheme, rest)) if !scheme.contains('/') => {
            rest.split_once('/').map_or("", |(_, path)| path)
        }
        _ => href,
    };
    path.split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| {
            percent_decode_str(segment)
                .decode_utf8()
                .ok()
                .map(Into::into)
        })
        .collect()
}

/// The path with its percent escapes decoded; none when it has no valid one.
pub(crate) fn unquoted(path: &Path) -> Option<Path> {
    let decoded = percent_decode_str(path.as_str()).decode_utf8().ok()?;
    if decoded == path.as_str() {
        None
    } else {
        Path::new(&decoded).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Path {
        Path::new(text).unwrap()
    }

    #[test]
    fn every_segment_is_escaped_on_its_own() {
        let tree = Location::new("https://c.example/oc/", false)
            .of_caller()
            .unwrap();
        for (given, expected) in [
            ("a b/c", "a%20b/c"),
            ("100%", "100%25"),
            ("a%20b", "a%2520b"),
            ("#1?x=&y", "%231%3Fx%3D%26y"),
            ("\u{fc}/\u{65e5}", "%C3%BC/%E6%97%A5"),
            ("a+b;c:d@e", "a%2Bb%3Bc%3Ad%40e"),
            ("-._~", "-._~"),
        ] {
            assert_eq!(
                tree.file(&path(given)),
                format!("https://c.example/oc/remote.php/webdav/{expected}")
            );
        }
        assert_eq!(
            tree.folder(&path("a b")),
            "https://c.example/oc/remote.php/webdav/a%20b/"
        );
        assert_eq!(
            tree.folder(&Path::root()),
            "https://c.example/oc/remote.php/webdav/"
        );
        assert_eq!(
            tree.file(&Path::root()),
            "https://c.example/oc/remote.php/webdav/"
        );
    }

    #[test]
    fn hrefs_are_paths_or_urls_and_decoded_once() {
        let segments = |href| href_segments(href).map(|segments| segments.join("|"));
        assert_eq!(
            segments("/remote.php/webdav/a%20b/"),
            Some("remote.php|webdav|a b".to_owned())
        );
        assert_eq!(
            segments("https://c.example:8443/x/100%2525"),
            Some("x|100%25".to_owned())
        );
        assert_eq!(segments("https://c.example"), Some(String::new()));
        assert_eq!(segments("/a%2Fb"), Some("a/b".to_owned()));
        assert_eq!(segments("/x/a://b"), Some("x|a:|b".to_owned()));
        assert_eq!(segments("/%FF"), None);
    }

    #[test]
    fn the_last_domain_goes() {
        for (user, expected) in [
            ("al@ice@cloud", "al@ice"),
            ("alice@cloud.example", "alice"),
            ("alice", "alice"),
        ] {
            assert_eq!(without_domain(user), expected);
        }
    }

    #[test]
    fn only_valid_escapes_are_unquoted() {
        assert_eq!(unquoted(&path("a%20b")), Some(path("a b")));
        assert_eq!(unquoted(&path("a%2520b")), Some(path("a%20b")));
        assert_eq!(unquoted(&path("100%")), None);
        assert_eq!(unquoted(&path("100%zz")), None);
        assert_eq!(unquoted(&path("%FF")), None);
        assert_eq!(unquoted(&path("a/%2e%2e/b")), None);
    }
}
