//! Where something is in a store. One type refuses everything that could lead out of a root, so
//! that no plugin has to think of it.

use std::fmt;

use crate::{Error, Result};

/// A `/`-separated path relative to a store's root, decoded, without a leading or trailing `/`.
/// The empty path is the root. It has no empty, `.` or `..` segment and no NUL.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Path(String);

impl Path {
    /// Checks a path; one leading and one trailing `/` are taken away.
    pub fn new(path: &str) -> Result<Self> {
        let bare = path.strip_prefix('/').unwrap_or(path);
        let bare = bare.strip_suffix('/').unwrap_or(bare);
        if bare.is_empty() {
            return Ok(Self::root());
        }
        for segment in bare.split('/') {
            check_segment(segment).map_err(|reason| Error::invalid(reason).about(path))?;
        }
        Ok(Self(bare.to_owned()))
    }

    /// The store's root.
    pub fn root() -> Self {
        Self::default()
    }

    /// Whether this is the store's root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The path as it crosses interfaces.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last segment, empty for the root.
    pub fn name(&self) -> &str {
        self.0
            .rsplit_once('/')
            .map_or(self.as_str(), |(_, name)| name)
    }

    /// The folder that holds this; none for the root.
    pub fn parent(&self) -> Option<Self> {
        match self.0.rsplit_once('/') {
            Some((parent, _)) => Some(Self(parent.to_owned())),
            None if self.is_root() => None,
            None => Some(Self::root()),
        }
    }

    /// The segments, none for the root.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/').filter(|segment| !segment.is_empty())
    }

    /// The path of `below` seen from the store's root when it is relative to this.
    #[must_use]
    pub fn join(&self, below: &Self) -> Self {
        match (self.is_root(), below.is_root()) {
            (true, _) => below.clone(),
            (_, true) => self.clone(),
            _ => Self(format!("{}/{}", self.0, below.0)),
        }
    }

    /// The path of the thing called `name` in this folder. `name` is one segment.
    pub fn child(&self, name: &str) -> Result<Self> {
        if name.contains('/') {
            return Err(Error::invalid("a name holds a slash").about(name));
        }
        check_segment(name).map_err(|reason| Error::invalid(reason).about(name))?;
        Ok(self.join(&Self(name.to_owned())))
    }
}

fn check_segment(segment: &str) -> Result<(), &'static str> {
    match segment {
        "" => Err("a path has an empty segment"),
        "." | ".." => Err("a path has a dot segment"),
        _ if segment.contains('\0') => Err("a path holds a NUL"),
        _ => Ok(()),
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outer_slashes_go() {
        for (given, expected) in [
            ("", ""),
            ("/", ""),
            ("/a", "a"),
            ("a/", "a"),
            ("/a/b c/", "a/b c"),
        ] {
            assert_eq!(Path::new(given).unwrap().as_str(), expected, "{given:?}");
        }
    }

    #[test]
    fn nothing_leads_out() {
        for given in [
            "..", "a/..", "/../a", ".", "a/./b", "a//b", "//a", "a//", "a\0b",
        ] {
            assert_eq!(
                Path::new(given).unwrap_err().kind(),
                crate::Kind::Invalid,
                "{given:?}"
            );
        }
        assert!(Path::root().child("a/b").is_err());
        assert!(Path::root().child("..").is_err());
    }

    #[test]
    fn takes_apart_and_joins() {
        let path = Path::new("a/b/c").unwrap();
        assert_eq!(path.name(), "c");
        assert_eq!(path.parent(), Some(Path::new("a/b").unwrap()));
        assert_eq!(Path::new("a").unwrap().parent(), Some(Path::root()));
        assert_eq!(Path::root().parent(), None);
        assert_eq!(Path::root().segments().count(), 0);
        assert_eq!(
            Path::new("a").unwrap().join(&Path::new("b/c").unwrap()),
            path
        );
        assert_eq!(Path::root().join(&path), path);
        assert_eq!(path.join(&Path::root()), path);
    }
}
