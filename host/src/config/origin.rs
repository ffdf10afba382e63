//! Where in another file the values of a translated one come from, so that a
//! problem is reported where an operator can mend it.

use std::collections::BTreeMap;
use std::sync::Arc;

/// A place in a file that was translated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) file: Arc<str>,
    pub(super) line: usize,
    pub(super) column: usize,
    /// The key there.
    pub(super) key: String,
}

/// The origins of the keys of a file.
#[derive(Debug, Clone, Default)]
pub(super) struct Origins(BTreeMap<String, Origin>);

impl Origins {
    pub(super) fn insert(&mut self, key: String, origin: Origin) {
        self.0.insert(key, origin);
    }

    /// All of another's, below a key of this one.
    pub(super) fn extend_below(&mut self, above: &str, origins: Self) {
        let below = |(key, origin): (String, Origin)| match key.as_str() {
            "" => (above.to_owned(), origin),
            key => (format!("{above}.{key}"), origin),
        };
        self.0.extend(origins.0.into_iter().map(below));
    }

    /// The origin of a key, or of the closest one above it.
    pub(super) fn of(&self, key: &str) -> Option<&Origin> {
        let mut key = key;
        loop {
            if let Some(origin) = self.0.get(key) {
                return Some(origin);
            }
            if key.is_empty() {
                return None;
            }
            key = key.rfind(['.', '[']).map_or("", |end| {
                // Both are one byte long.
                key.get(..end).unwrap_or_default()
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(key: &str) -> Origin {
        Origin {
            file: "f".into(),
            line: 1,
            column: 1,
            key: key.to_owned(),
        }
    }

    #[test]
    fn finds_the_closest_above() {
        let mut item = Origins::default();
        item.insert("path".to_owned(), origin("data_store.root"));
        item.insert(String::new(), origin("data_store"));
        let mut origins = Origins::default();
        origins.extend_below("grants.files[0]", item);
        let found = |key| origins.of(key).map(|origin| origin.key.as_str());
        assert_eq!(found("grants.files[0].path"), Some("data_store.root"));
        assert_eq!(found("grants.files[0].path.x[1]"), Some("data_store.root"));
        assert_eq!(found("grants.files[0].name"), Some("data_store"));
        assert_eq!(found("grants.files"), None);
    }
}
