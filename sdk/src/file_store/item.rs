//! What a store says of the things in one folder.

/// A thing in a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Item {
    /// One path segment.
    pub name: String,
    /// Whether it is a folder.
    pub folder: bool,
    /// Bytes, when known.
    pub size: Option<u64>,
    /// Changes when the content does, when known.
    pub etag: Option<String>,
}

impl Item {
    /// A file of which no more than its name is known. The name is one path segment.
    pub fn file(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// A folder. The name is one path segment.
    pub fn folder(name: impl Into<String>) -> Self {
        Self {
            folder: true,
            ..Self::file(name)
        }
    }

    /// Sets the size, in bytes.
    #[must_use]
    pub fn size(mut self, bytes: impl Into<Option<u64>>) -> Self {
        self.size = bytes.into();
        self
    }

    /// Sets what changes when the content does.
    #[must_use]
    pub fn etag(mut self, etag: impl Into<String>) -> Self {
        self.etag = Some(etag.into());
        self
    }
}
