//! Has one of the keys signed it?

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oci_client::manifest::{OciDescriptor, OciImageManifest};

use super::{
    ANNOTATION, LAYER_MEDIA_TYPE, PAYLOAD_BYTES_MAX, SIGNATURES_MAX, Subject, payload, tag,
};
use crate::digest::Digest;
use crate::registry::session::Session;
use crate::registry::{Error, TrustedKey, body};

/// The name of a key that has signed the subject.
///
/// # Errors
///
/// Everything else, whatever the reason. One good signature is enough; when
/// there is none, the reason is the one that says most.
pub(in crate::registry) async fn verify(
    session: &Session,
    subject: &Subject<'_>,
    keys: &[TrustedKey],
) -> Result<String, Error> {
    let layers = layers(session, subject).await?;
    let mut worst = None;
    for layer in &layers {
        match one(session, subject, layer, keys).await {
            Ok(name) => return Ok(name),
            Err(error) => {
                let says_more = worst
                    .as_ref()
                    .is_none_or(|worst| rank(&error) > rank(worst));
                worst = if says_more { Some(error) } else { worst };
            }
        }
    }
    Err(worst.unwrap_or_else(|| unsigned(subject)))
}

/// That somebody has signed something else outranks what could not be read,
/// and that outranks a stranger's signature.
fn rank(error: &Error) -> u8 {
    match error {
        Error::ReTagged(_) => 2,
        Error::WrongSignature(_) => 0,
        _ => 1,
    }
}

/// The payloads at the signatures' tag.
async fn layers(session: &Session, subject: &Subject<'_>) -> Result<Vec<OciDescriptor>, Error> {
    let manifest = match session.manifest(&tag(subject.digest)).await {
        Err(Error::NotFound(_)) => return Err(unsigned(subject)),
        manifest => manifest?,
    };
    let manifest = serde_json::from_slice::<OciImageManifest>(&manifest.bytes);
    let manifest =
        manifest.map_err(|error| wrong(subject, &format!("are unreadable ({error})")))?;
    let mut layers = manifest.layers;
    layers.retain(|layer| layer.media_type == LAYER_MEDIA_TYPE);
    match layers.len() {
        0 => Err(unsigned(subject)),
        count if count > SIGNATURES_MAX => {
            let many = format!("are {count}, more than the {SIGNATURES_MAX} that are looked at");
            Err(wrong(subject, &many))
        }
        _ => Ok(layers),
    }
}

async fn one(
    session: &Session,
    subject: &Subject<'_>,
    layer: &OciDescriptor,
    keys: &[TrustedKey],
) -> Result<String, Error> {
    let annotations = layer.annotations.as_ref();
    let signature = annotations.and_then(|annotations| annotations.get(ANNOTATION));
    let signature = signature.and_then(|signature| STANDARD.decode(signature).ok());
    let digest = layer.digest.parse::<Digest>().ok();
    let size = u64::try_from(layer.size).ok();
    let size = size.filter(|size| *size <= PAYLOAD_BYTES_MAX);
    let (Some(signature), Some(digest), Some(size)) = (signature, digest, size) else {
        return Err(wrong(subject, "are not in cosign's format"));
    };
    let what = format!("a signature of {}", subject.repository);
    let bytes = body::blob(session, &what, &digest, size).await?;
    let signer = keys
        .iter()
        .find(|key| key.key.has_signed(&bytes, &signature));
    let Some(signer) = signer else {
        return Err(wrong(subject, "are by none of the policy's keys"));
    };
    let name = &signer.name;
    match payload::check(&bytes, subject) {
        Ok(()) => Ok(name.clone()),
        Err(instead) => Err(Error::ReTagged(format!(
            "{} is not what `{name}` signed: the signature is for {instead}",
            shown(subject)
        ))),
    }
}

fn unsigned(subject: &Subject<'_>) -> Error {
    Error::Unsigned(format!(
        "{} is not signed; sign it with `tenon plugin push --sign` or `cosign sign`",
        shown(subject)
    ))
}

fn wrong(subject: &Subject<'_>, what: &str) -> Error {
    Error::WrongSignature(format!("the signatures of {} {what}", shown(subject)))
}

fn shown(subject: &Subject<'_>) -> String {
    let pinned = subject.repository.pinned(subject.digest);
    match subject.tag {
        Some(tag) => format!("{pinned}, tagged `{tag}`,"),
        None => pinned,
    }
}
