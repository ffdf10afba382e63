//! Absolute URLs in the three parts that a request needs. No more: what a full URL library brings
//! along is larger than most plugins.

use std::fmt;

use crate::{Error, Result};

/// Characters of a link to show in an error.
const SHOWN_MAX: usize = 200;

/// Where a link leads that the server at `base` gave, which may be relative to `base`. One that
/// leads to another origin is `denied`: requests to it, and what they carry, would go to a host
/// that nobody chose.
pub fn own_link(base: &str, link: &str) -> Result<String> {
    // A query may hold a token.
    let bare = link.split(['?', '#']).next().unwrap_or_default();
    let shown = || bare.chars().take(SHOWN_MAX).collect::<String>();
    let base = Url::parse(base)?;
    let target = base.join(link).map_err(|_| {
        Error::unavailable("the system gave a link that leads nowhere").about(shown())
    })?;
    if target.same_origin(&base) {
        Ok(target.to_string())
    } else {
        Err(Error::denied("the system gave a link to another origin").about(shown()))
    }
}

/// `text` as a part of a URL that means nothing but this text: one segment of a path, or a name or
/// value in a query.
pub fn escaped(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |value: u8| char::from(DIGITS.get(usize::from(value)).copied().unwrap_or(b'0'));
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    escaped
}

/// An absolute `http` or `https` URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Url {
    pub(crate) secure: bool,
    /// Host and perhaps port.
    pub(crate) authority: String,
    /// Begins with `/`.
    pub(crate) path_and_query: String,
}

impl Url {
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let wrong = || {
            // A query may hold a token, and what stands before an `@` a password.
            let bare = text.split(['?', '#']).next().unwrap_or_default();
            let shown = bare.rsplit('@').next().unwrap_or_default();
            let shown: String = shown.chars().take(SHOWN_MAX).collect();
            Error::invalid("not an absolute http or https URL").about(shown)
        };
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(wrong());
        }
        let (scheme, rest) = text.split_once("://").ok_or_else(wrong)?;
        let secure = match scheme {
            _ if scheme.eq_ignore_ascii_case("https") => true,
            _ if scheme.eq_ignore_ascii_case("http") => false,
            _ => return Err(wrong()),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        // A password in a URL would be one the plugin holds.
        if authority.is_empty() || authority.contains(['@', '\\']) {
            return Err(wrong());
        }
        let slash = if path.starts_with('/') { "" } else { "/" };
        Ok(Self {
            secure,
            authority: authority.to_ascii_lowercase(),
            path_and_query: format!("{slash}{path}"),
        })
    }

    /// Where a `Location` leads (RFC 3986, section 5.2).
    pub(crate) fn join(&self, reference: &str) -> Result<Self> {
        let bare = reference.split('#').next().unwrap_or_default();
        let scheme_end = bare.find("://").unwrap_or(usize::MAX);
        if scheme_end < bare.find(['/', '?']).unwrap_or(usize::MAX) {
            return Self::parse(bare);
        }
        let (base, _) = self
            .path_and_query
            .split_once('?')
            .unwrap_or((&self.path_and_query, ""));
        let scheme = if self.secure { "https" } else { "http" };
        if bare.starts_with("//") {
            return Self::parse(&format!("{scheme}:{bare}"));
        }
        let path = if bare.starts_with('/') {
            without_dots(bare)
        } else if bare.is_empty() {
            self.path_and_query.clone()
        } else if bare.starts_with('?') {
            format!("{base}{bare}")
        } else {
            let folder = base
                .rfind('/')
                .map_or("/", |slash| base.split_at(slash + 1).0);
            without_dots(&format!("{folder}{bare}"))
        };
        Self::parse(&format!("{scheme}://{}{path}", self.authority))
    }

    /// Whether a credential for one is meant for the other too.
    pub(crate) fn same_origin(&self, other: &Self) -> bool {
        self.secure == other.secure && self.host_and_port() == other.host_and_port()
    }

    fn host_and_port(&self) -> (&str, &str) {
        let default = if self.secure { "443" } else { "80" };
        match self.authority.rsplit_once(':') {
            // A colon inside brackets is part of an IPv6 address.
            Some((host, port)) if !port.contains(']') => {
                (host, if port.is_empty() { default } else { port })
            }
            _ => (&self.authority, default),
        }
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority, self.path_and_query)
    }
}

/// The path with `.` and `..` segments resolved; the query stays as it is.
fn without_dots(path_and_query: &str) -> String {
    let (path, query) = match path_and_query.find('?') {
        Some(mark) => path_and_query.split_at(mark),
        None => (path_and_query, ""),
    };
    let mut kept: Vec<&str> = Vec::new();
    let mut folder = false;
    for segment in path.split('/').skip(1) {
        folder = matches!(segment, "." | "..");
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            segment => kept.push(segment),
        }
    }
    let end = if folder && !kept.is_empty() { "/" } else { "" };
    format!("/{}{end}{query}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    fn joined(base: &str, reference: &str) -> String {
        Url::parse(base)
            .unwrap()
            .join(reference)
            .unwrap()
            .to_string()
    }

    #[test]
    fn parts() {
        let url = Url::parse("HTTPS://Cloud.example:8443?x=1#top").unwrap();
        assert_eq!(
            (url.secure, &*url.authority, &*url.path_and_query),
            (true, "cloud.example:8443", "/?x=1")
        );
    }

    #[test]
    fn wrong_ones_are_refused() {
        for text in [
            "",
            "a/b",
            "ftp://a/",
            "http:///a",
            "http://u:p@a/",
            "http://a/b c",
            "http://a/\u{e9}",
            "http://a/\r\nx",
        ] {
            assert!(Url::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_error_shows_no_secret() {
        for text in [
            "https://u:s3cret@a.example/",
            "https://a.example/b c?sig=s3cret",
            "s3://u:s3cret@a.example/",
        ] {
            let error = Url::parse(text).unwrap_err();
            assert!(!error.to_string().contains("s3cret"), "{error}");
            assert!(error.to_string().contains("a.example"), "{error}");
        }
    }

    #[test]
    fn everything_but_letters_and_digits_is_escaped() {
        assert_eq!(escaped("a-B_9.~"), "a-B_9.~");
        assert_eq!(escaped("a b/c?&=#%+"), "a%20b%2Fc%3F%26%3D%23%25%2B");
        assert_eq!(escaped("a%2Fb c.txt"), "a%252Fb%20c.txt");
        assert_eq!(escaped("\u{fc}\n"), "%C3%BC%0A");
    }

    #[test]
    fn locations() {
        let base = "http://a.example/b/c/d?q";
        for (reference, expected) in [
            ("https://b.example/x", "https://b.example/x"),
            ("//b.example/x", "http://b.example/x"),
            ("/x/../y?z=http://c/", "http://a.example/y?z=http://c/"),
            ("g", "http://a.example/b/c/g"),
            ("../g", "http://a.example/b/g"),
            ("../../../g", "http://a.example/g"),
            ("./", "http://a.example/b/c/"),
            ("?y", "http://a.example/b/c/d?y"),
        ] {
            assert_eq!(joined(base, reference), expected, "{reference}");
        }
    }

    #[test]
    fn origins() {
        let same = |a: &str, b: &str| Url::parse(a).unwrap().same_origin(&Url::parse(b).unwrap());
        assert!(same("http://a/", "http://A:80/x"));
        assert!(same("https://[::1]/", "https://[::1]:443/"));
        assert!(!same("http://a/", "https://a/"));
        assert!(!same("http://a/", "http://a:8080/"));
        assert!(!same("http://a/", "http://a.evil/"));
    }

    #[test]
    fn a_link_stays_on_its_origin() {
        let base = "https://a.example/b";
        for (link, expected) in [
            ("https://a.example:443/x", "https://a.example:443/x"),
            ("/api/x", "https://a.example/api/x"),
        ] {
            assert_eq!(own_link(base, link).unwrap(), expected, "{link}");
        }
        for (link, kind) in [
            ("http://a.example/x", Kind::Denied),
            ("https://a.example:444/x", Kind::Denied),
            ("//evil.example/x", Kind::Denied),
            ("https://a.example@evil.example/", Kind::Unavailable),
            ("https://a.example/a b?token=x", Kind::Unavailable),
        ] {
            let error = own_link(base, link).unwrap_err();
            assert_eq!(error.kind(), kind, "{link}");
            assert_eq!(error.subject(), link.split('?').next(), "{link}");
        }
    }
}
