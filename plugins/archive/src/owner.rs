//! Whose projects they are, as the name of a folder. One user's projects are apart from another's
//! by their place, so that no file has to be read to know whose a project is.

use std::fmt::Write;

use crate::digest;

/// Longer names are replaced by their digest: file systems take 255 bytes.
const LENGTH_MAX: usize = 200;

/// The owner of projects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owner(String);

impl Owner {
    /// All users together.
    pub(crate) fn everybody() -> Self {
        Self("~everybody".to_owned())
    }

    /// A user. Whatever is no plain letter is written as `%` and two digits, so that no two users
    /// have one folder and no name means something to the file system. A name never begins with
    /// the `~` of the owners that are none.
    pub(crate) fn user(name: &str) -> Self {
        let mut folder = String::with_capacity(name.len());
        for byte in name.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'@' | b'+' => {
                    folder.push(byte.into());
                }
                b'.' if !folder.is_empty() => folder.push('.'),
                // Writing to a string does not fail.
                _ => _ = write!(folder, "%{byte:02X}"),
            }
        }
        if folder.len() > LENGTH_MAX {
            return Self(format!("~{}", digest::of(name.as_bytes())));
        }
        Self(folder)
    }

    /// The folder's name.
    pub(crate) fn folder(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_harmless_segment() {
        for (name, folder) in [
            ("alice@cloud.example", "alice@cloud.example"),
            ("---", "---"),
            ("..", "%2E."),
            (".hidden", "%2Ehidden"),
            ("a/../b", "a%2F..%2Fb"),
            ("~everybody", "%7Eeverybody"),
            ("%41", "%2541"),
            ("\u{fc}\0", "%C3%BC%00"),
        ] {
            assert_eq!(Owner::user(name).folder(), folder, "{name:?}");
        }
    }

    #[test]
    fn long_names_stay_apart() {
        let long = |last: &str| Owner::user(&format!("{}{last}", "\u{fc}".repeat(300)));
        assert_ne!(long("a"), long("b"));
        assert!(long("a").folder().len() < 100);
        assert_ne!(Owner::user(long("a").folder()), long("a"));
    }
}
