//! Connections that connectors share: one set for equal settings, for as long
//! as anybody has it. A reload that changes nothing keeps them open; the last
//! grant that goes closes them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Equal for equal settings. A hash, since settings hold passwords.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key([u8; 32]);

impl Key {
    /// The key of these settings. Their lengths keep two lists from reading
    /// like one.
    pub(super) fn new<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }
}

/// What is in use, by its settings.
pub(super) struct Shared<T>(Mutex<HashMap<Key, Weak<T>>>);

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Shared<T> {
    /// What is there for these settings, or what `make` makes of them.
    pub(super) fn get<E>(
        &self,
        key: Key,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, shared| shared.strong_count() > 0);
        match known.entry(key) {
            Entry::Occupied(mut entry) => match entry.get().upgrade() {
                Some(shared) => Ok(shared),
                // Given up between the two looks at it.
                None => {
                    let made = Arc::new(make()?);
                    entry.insert(Arc::downgrade(&made));
                    Ok(made)
                }
            },
            Entry::Vacant(entry) => {
                let made = Arc::new(make()?);
                entry.insert(Arc::downgrade(&made));
                Ok(made)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    #[test]
    fn equal_settings_share_for_as_long_as_they_are_used() {
        let shared = Shared::<u32>::default();
        let key = |text: &str| Key::new([text.as_bytes()]);
        let get = |text, value| {
            shared
                .get(key(text), || Ok::<_, Infallible>(value))
                .unwrap()
        };
        let first = get("a", 1);
        assert!(Arc::ptr_eq(&first, &get("a", 2)));
        assert_eq!(*get("b", 3), 3);
        drop(first);
        assert_eq!(*get("a", 4), 4);
        let two = Key::new([&b"a"[..], b"b"]);
        assert!(two != Key::new([&b"ab"[..]]) && two == Key::new([&b"a"[..], b"b"]));
    }
}
