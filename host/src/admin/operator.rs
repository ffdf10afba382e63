//! Who may operate the host, and how the host knows them.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::catalog::Actor;

const HASH_BYTES: usize = 32;

/// The SHA-256 of a token. It is kept in place of the token, which has so
/// much randomness that nothing slower is needed.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenHash([u8; HASH_BYTES]);

/// A text that is no SHA-256. Never quoted: it may be the token by mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected the SHA-256 of a token, 64 hexadecimal digits; `tenon token new` makes a token and prints it"
)]
pub struct TokenHashError;

impl TokenHash {
    /// The hash of a token.
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token).into())
    }
}

impl FromStr for TokenHash {
    type Err = TokenHashError;

    fn from_str(text: &str) -> Result<Self, TokenHashError> {
        let mut hash = [0; HASH_BYTES];
        if text.len() != 2 * HASH_BYTES || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(TokenHashError);
        }
        for (byte, at) in hash.iter_mut().zip((0..).step_by(2)) {
            let digits = text.get(at..at + 2).ok_or(TokenHashError)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| TokenHashError)?;
        }
        Ok(Self(hash))
    }
}

impl fmt::Display for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

/// Somebody who may operate the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Names them in events and logs.
    pub name: String,
    /// What they prove themselves with.
    pub token: TokenHash,
}

/// All operators. Clones share them, and see changes at once.
#[derive(Debug, Clone, Default)]
pub struct Operators(Arc<ArcSwap<Vec<Operator>>>);

impl Operators {
    /// These operators, and nobody else.
    pub fn new(operators: Vec<Operator>) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(operators)))
    }

    /// From now on these, and nobody else.
    pub fn replace(&self, operators: Vec<Operator>) {
        self.0.store(Arc::new(operators));
    }

    /// Whether nobody may operate the host.
    pub(super) fn is_empty(&self) -> bool {
        self.0.load().is_empty()
    }

    /// Whose token it is. Takes as long for one that is nobody's.
    pub(super) fn find(&self, token: &str) -> Option<Actor> {
        let TokenHash(given) = TokenHash::of(token);
        let mut found = None;
        for operator in self.0.load().iter() {
            if bool::from(operator.token.0.ct_eq(&given)) {
                found = Some(Actor::operator(&operator.name));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf secret | sha256sum`.
    const HASH: &str = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

    #[test]
    fn a_hash_is_what_sha256sum_prints() {
        assert_eq!(HASH.parse(), Ok(TokenHash::of("secret")));
        assert_eq!(
            HASH.to_uppercase().parse(),
            Ok(TokenHash::of("secret")),
            "other tools print capitals"
        );
        assert_eq!(TokenHash::of("secret").to_string(), HASH);
        let mut broken = HASH.to_owned();
        broken.replace_range(..2, "é");
        for text in ["", "secret", &HASH[1..], &broken, &format!("{HASH}0")] {
            assert_eq!(text.parse::<TokenHash>(), Err(TokenHashError), "{text}");
        }
    }

    #[test]
    fn a_token_is_its_operators_and_nobody_elses() {
        let operator = |name: &str, token: &str| Operator {
            name: name.to_owned(),
            token: TokenHash::of(token),
        };
        let operators = Operators::new(vec![operator("ada", "a"), operator("bob", "b")]);
        let found = |token: &str| operators.find(token).map(|actor| actor.as_str().to_owned());
        assert_eq!(found("a").as_deref(), Some("ada"));
        assert_eq!(found("b").as_deref(), Some("bob"));
        for token in ["", "A", "ab", HASH, &TokenHash::of("a").to_string()] {
            assert_eq!(found(token), None, "{token}");
        }
        operators.clone().replace(vec![operator("bob", "c")]);
        assert_eq!((found("a"), found("b")), (None, None));
        assert_eq!(found("c").as_deref(), Some("bob"));
    }
}
