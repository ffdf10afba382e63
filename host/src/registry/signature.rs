//! Signatures in cosign's format, found by tag.
//!
//! Those of the artifact with the digest `sha256:<hex>` are the layers of the
//! artifact that is tagged `sha256-<hex>.sig` in the same repository. Each
//! layer is a payload, a "simple signing" document; the signature over it is
//! the layer's annotation. The tag proves nothing, so a payload counts only
//! for the digest, repository and tag that it names itself.

mod payload;
mod sign;
mod verify;

pub(super) use sign::sign;
pub(super) use verify::verify;

use super::reference::Repository;
use crate::digest::Digest;

const LAYER_MEDIA_TYPE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
const CONFIG_MEDIA_TYPE: &str = "application/vnd.oci.image.config.v1+json";
const ANNOTATION: &str = "dev.cosignproject.cosign/signature";
/// A payload has a few hundred bytes, and whatever its signer adds to it.
const PAYLOAD_BYTES_MAX: u64 = 64 << 10;
/// Each costs a request.
const SIGNATURES_MAX: usize = 64;

/// What is, or must be, signed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'s> {
    pub(super) repository: &'s Repository,
    /// The tag by which it was found; none where the digest was asked for.
    pub(super) tag: Option<&'s str>,
    /// Of its manifest.
    pub(super) digest: &'s Digest,
}

/// Where the signatures of an artifact are.
fn tag(digest: &Digest) -> String {
    format!("sha256-{}.sig", digest.hexadecimal())
}
