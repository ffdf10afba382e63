//! Keys that sign and verify: ECDSA over P-256 with SHA-256, the kind that
//! cosign makes.

use std::fmt;

use p256::ecdsa::signature::{Signer as _, Verifier as _};
use p256::ecdsa::{self, Signature};
use p256::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};

/// Label of cosign's own encrypted keys, and of the older ones.
const COSIGN_LABELS: [&str; 2] = [
    "ENCRYPTED SIGSTORE PRIVATE KEY",
    "ENCRYPTED COSIGN PRIVATE KEY",
];
const PKCS8_LABEL: &str = "PRIVATE KEY";
const SEC1_LABEL: &str = "EC PRIVATE KEY";
const PUBLIC_LABEL: &str = "PUBLIC KEY";

/// A key that signs. Never printed.
#[derive(Clone)]
pub struct SigningKey(ecdsa::SigningKey);

/// A key whose signatures count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyingKey(ecdsa::VerifyingKey);

/// A file that holds no usable key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// cosign's own encryption.
    #[error(
        "cosign's encrypted key format is not read; make a key with \
         `openssl ecparam -genkey -name prime256v1 -noout | openssl pkcs8 -topk8 -nocrypt` \
         and sign with it"
    )]
    Cosign,
    /// A key behind a password.
    #[error("the key is encrypted; decrypt it with `openssl pkcs8 -in KEY -out DECRYPTED`")]
    Encrypted,
    /// Anything else that is no private key.
    #[error(
        "expected an EC P-256 private key in PEM, `BEGIN PRIVATE KEY` or `BEGIN EC PRIVATE KEY`"
    )]
    NotPrivate,
    /// Anything that is no public key.
    #[error(
        "expected an EC P-256 public key in PEM, `BEGIN PUBLIC KEY`, as `cosign.pub` or \
         `openssl pkey -in KEY -pubout` have it"
    )]
    NotPublic,
}

impl SigningKey {
    /// Reads a PKCS#8 or SEC1 key.
    ///
    /// # Errors
    ///
    /// [`KeyError`] says what it is instead, and never quotes it.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        if COSIGN_LABELS.iter().any(|label| text.contains(label)) {
            return Err(KeyError::Cosign);
        }
        if text.contains("ENCRYPTED") {
            return Err(KeyError::Encrypted);
        }
        let key = if let Some(block) = block(text, PKCS8_LABEL) {
            ecdsa::SigningKey::from_pkcs8_pem(block).ok()
        } else {
            // openssl writes a block of parameters before this one.
            let block = block(text, SEC1_LABEL);
            let key = block.and_then(|block| p256::SecretKey::from_sec1_pem(block).ok());
            key.map(ecdsa::SigningKey::from)
        };
        key.map(Self).ok_or(KeyError::NotPrivate)
    }

    /// The signature in DER, as cosign stores it.
    pub(super) fn sign(&self, payload: &[u8]) -> Vec<u8> {
        let signature: Signature = self.0.sign(payload);
        signature.to_der().as_bytes().to_vec()
    }

    /// The key that verifies what this one signs.
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(*self.0.verifying_key())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").finish_non_exhaustive()
    }
}

impl VerifyingKey {
    /// Reads a public key.
    ///
    /// # Errors
    ///
    /// [`KeyError::NotPublic`] when there is none.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let block = block(text, PUBLIC_LABEL).ok_or(KeyError::NotPublic)?;
        let key = ecdsa::VerifyingKey::from_public_key_pem(block);
        key.map(Self).map_err(|_| KeyError::NotPublic)
    }

    /// Whether this key's owner has signed the payload. The signature is in
    /// DER; one that is not is nobody's.
    pub(super) fn has_signed(&self, payload: &[u8], signature: &[u8]) -> bool {
        Signature::from_der(signature)
            .is_ok_and(|signature| self.0.verify(payload, &signature).is_ok())
    }
}

/// The part of a PEM file with this label.
fn block<'t>(text: &'t str, label: &str) -> Option<&'t str> {
    let end = format!("-----END {label}-----");
    let (_, rest) = text.split_at_checked(text.find(&format!("-----BEGIN {label}-----"))?)?;
    rest.get(..rest.find(&end)? + end.len())
}

#[cfg(test)]
mod tests;
