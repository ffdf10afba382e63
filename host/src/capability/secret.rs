//! Credentials, and the placeholders that stand for them inside a sandbox.
//!
//! A guest asks for a placeholder and puts it into a request; the host puts
//! the credential in its place on the way out, for the granted host only. A
//! placeholder is random and belongs to one call, so that text which a caller
//! supplies can never be mistaken for one.

mod template;

pub use template::{Template, TemplateError, USER};

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;
use wasmtime::component::HasData;

use super::call::{Context, Interface};
use super::usage::Usage;
use super::{Refusal, Result};
use crate::bindings::secret;

/// The name under which the credential of the request itself is known.
pub const CALLER: &str = "caller";

/// Longest text that credentials may make: a long one in the place of every
/// placeholder of a body would be a thousand times the body.
const SUBSTITUTED_BYTES_MAX: usize = 256 * 1024;

/// One granted credential.
#[derive(Debug)]
pub struct Secret {
    /// The value; redacted when printed.
    pub value: SecretString,
    /// Whether the guest may see the value itself.
    pub reveal: bool,
}

/// Credentials granted to one connector.
#[derive(Debug, Default)]
pub struct Grants {
    /// Values by name.
    pub secrets: BTreeMap<String, Secret>,
    /// Whether the guest may see the credential that came with the request.
    pub reveal_caller: bool,
}

impl Grants {
    /// The value of `name` in this call: the caller's own credential under
    /// the name [`CALLER`], a granted secret under any other.
    pub fn value<'a>(&'a self, name: &str, context: &'a Context) -> Option<&'a SecretString> {
        if name == CALLER {
            context.credential.as_ref()
        } else {
            self.secrets.get(name).map(|secret| &secret.value)
        }
    }

    fn may_reveal(&self, name: &str) -> bool {
        if name == CALLER {
            self.reveal_caller
        } else {
            self.secrets.get(name).is_some_and(|secret| secret.reveal)
        }
    }
}

/// The placeholders issued in one call.
#[derive(Debug, Clone, Default)]
pub struct Placeholders {
    /// Token and the credential's name. A call uses one or two.
    issued: Vec<(String, String)>,
}

impl Placeholders {
    /// The placeholder for a credential, the same one within a call.
    pub fn issue(&mut self, name: &str) -> String {
        if let Some((token, _)) = self.issued.iter().find(|(_, issued)| issued == name) {
            return token.clone();
        }
        let token = format!("tenon-credential-{}", Uuid::new_v4().simple());
        self.issued.push((token.clone(), name.to_owned()));
        token
    }

    /// Whether there is nothing to substitute.
    pub fn is_empty(&self) -> bool {
        self.issued.is_empty()
    }

    /// Forgets what was issued, before a sandbox serves another call.
    pub fn clear(&mut self) {
        self.issued.clear();
    }

    /// Puts credentials in the place of placeholders. `None` when the text
    /// holds none.
    ///
    /// # Errors
    ///
    /// The name of a credential that `resolve` does not give out here, or that
    /// would make the text too long.
    pub fn substitute(
        &self,
        text: &[u8],
        resolve: impl Fn(&str) -> Option<SecretString>,
    ) -> std::result::Result<Option<Vec<u8>>, String> {
        let mut text = std::borrow::Cow::Borrowed(text);
        for (token, name) in &self.issued {
            let finder = token.as_bytes();
            let mut from = 0;
            while let Some(at) = text.get(from..).and_then(|rest| position(rest, finder)) {
                let value = resolve(name).ok_or_else(|| name.clone())?;
                let value = value.expose_secret().as_bytes();
                if text.len() + value.len() > SUBSTITUTED_BYTES_MAX {
                    return Err(name.clone());
                }
                let at = from + at;
                text.to_mut()
                    .splice(at..at + finder.len(), value.iter().copied());
                from = at + value.len();
            }
        }
        Ok(match text {
            std::borrow::Cow::Borrowed(_) => None,
            std::borrow::Cow::Owned(text) => Some(text),
        })
    }
}

fn position(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

/// Links the interface `secret`.
#[derive(Debug)]
pub struct Capability;

impl HasData for Capability {
    type Data<'a> = View<'a>;
}

/// Borrow of a sandbox's credentials for one host call.
pub struct View<'a> {
    /// The call in progress.
    pub context: &'a Arc<Context>,
    /// What the connector is granted.
    pub grants: &'a super::Grants,
    /// What was issued in this call.
    pub placeholders: &'a mut Placeholders,
    /// Where what is used is counted.
    pub usage: &'a Usage,
}

impl fmt::Debug for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View").finish_non_exhaustive()
    }
}

impl View<'_> {
    fn absent(name: &str) -> Refusal {
        if name == CALLER {
            Refusal::unauthenticated("the request carries no credential")
        } else {
            Refusal::denied("no grant gives this secret", name)
        }
    }

    fn denied(&self, message: &str, name: &str) -> Refusal {
        self.usage.deny(Interface::Secret);
        Refusal::denied(message, name)
    }
}

impl secret::Host for View<'_> {
    fn placeholder(&mut self, name: String) -> Result<String> {
        self.context.meter.count(Interface::Secret);
        if !self.grants.http.any_credential(&name) {
            return Err(self.denied("no `http` grant lists this credential", &name));
        }
        if name == CALLER && self.context.credential.is_none() {
            return Err(Self::absent(&name));
        }
        Ok(self.placeholders.issue(&name))
    }

    fn reveal(&mut self, name: String) -> Result<String> {
        self.context.meter.count(Interface::Secret);
        if !self.grants.secrets.may_reveal(&name) {
            return Err(self.denied("no grant reveals this secret", &name));
        }
        let value = self.grants.secrets.value(&name, self.context);
        let value = value.ok_or_else(|| Self::absent(&name))?;
        self.usage.reveal(&name);
        Ok(value.expose_secret().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_credential_does_not_multiply() {
        let mut placeholders = Placeholders::default();
        let token = placeholders.issue(CALLER);
        let resolve = |_: &str| Some(SecretString::from("x".repeat(100 * 1024)));
        let once = placeholders.substitute(token.as_bytes(), resolve);
        assert_eq!(once.unwrap().unwrap().len(), 100 * 1024);
        let often = token.repeat(3);
        let refused = placeholders.substitute(often.as_bytes(), resolve);
        assert_eq!(refused.unwrap_err(), CALLER);
    }
}
