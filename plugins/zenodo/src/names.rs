//! File names as Zenodo can keep them. Zenodo has no folders and does not find a file again whose
//! key holds a slash, so a key writes `%2F` for it. A percent sign becomes `%25` where it would
//! otherwise be read as part of such an escape; all other names are keys as they are. The writing is
//! reversible, so `a/x`, `b/x`, `a_x` and `a%2Fx` are four files.

/// What stands for a character that cannot stand for itself.
const ESCAPES: [(&str, char); 2] = [("%2F", '/'), ("%25", '%')];

/// The key for the file called `name`.
pub(crate) fn to_key(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    for (at, character) in name.char_indices() {
        let here = name.get(at..).unwrap_or_default();
        match character {
            '/' => key.push_str("%2F"),
            '%' if escape(here).is_some() => key.push_str("%25"),
            other => key.push(other),
        }
    }
    key
}

/// The name of the file under `key`.
pub(crate) fn from_key(key: &str) -> String {
    let mut name = String::with_capacity(key.len());
    let mut rest = key;
    while let Some(character) = rest.chars().next() {
        if let Some((meant, after)) = escape(rest) {
            name.push(meant);
            rest = after;
        } else {
            name.push(character);
            rest = rest.get(character.len_utf8()..).unwrap_or_default();
        }
    }
    name
}

/// The character that an escape at the start of `text` means, and what follows.
fn escape(text: &str) -> Option<(char, &str)> {
    ESCAPES
        .iter()
        .find_map(|(written, meant)| Some((*meant, text.strip_prefix(written)?)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn keys() {
        for (name, key) in [
            ("a.txt", "a.txt"),
            ("sub/a b.txt", "sub%2Fa b.txt"),
            ("100% \u{fc}.txt", "100% \u{fc}.txt"),
            ("a%2Fx", "a%252Fx"),
            ("a%25x", "a%2525x"),
            ("a%2fx", "a%2fx"),
            ("%%2F/%", "%%252F%2F%"),
        ] {
            assert_eq!(to_key(name), key);
            assert_eq!(from_key(key), name);
        }
    }

    /// Every name of up to seven of the characters that matter.
    #[test]
    fn no_two_names_have_the_same_key() {
        let mut names = vec![String::new()];
        let mut last = names.clone();
        for _ in 0..7 {
            last = last
                .iter()
                .flat_map(|name| ['%', '2', '5', 'F', '/'].map(|next| format!("{name}{next}")))
                .collect();
            names.extend_from_slice(&last);
        }
        let keys: BTreeSet<_> = names.iter().map(|name| to_key(name)).collect();
        assert_eq!(keys.len(), names.len());
        for name in names {
            let key = to_key(&name);
            assert!(!key.contains('/'), "{name}");
            assert_eq!(from_key(&key), name);
        }
    }
}
