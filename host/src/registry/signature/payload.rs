//! The document that is signed.

use serde::{Deserialize, Serialize};

use super::Subject;
use crate::digest::Digest;
use crate::registry::reference::Reference;

const TYPE: &str = "cosign container image signature";

/// A "simple signing" document. Whatever else a signer puts into it is
/// covered by the signature and means nothing here.
#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    critical: Critical,
    #[serde(default)]
    optional: serde_json::Value,
}

#[derive(Debug, Serialize, Deserialize)]
struct Critical {
    identity: Identity,
    image: Image,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Identity {
    docker_reference: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Image {
    docker_manifest_digest: String,
}

/// The document that says that this is signed.
pub(super) fn write(subject: &Subject<'_>) -> Vec<u8> {
    let tag = subject.tag.map(|tag| format!(":{tag}"));
    let name = format!("{}{}", subject.repository, tag.unwrap_or_default());
    let payload = Payload {
        critical: Critical {
            identity: Identity {
                docker_reference: name,
            },
            image: Image {
                docker_manifest_digest: subject.digest.to_string(),
            },
            kind: TYPE.to_owned(),
        },
        optional: serde_json::Value::Null,
    };
    serde_json::json!(payload).to_string().into_bytes()
}

/// Whether the document says that this is signed; if not, what it says
/// instead.
pub(super) fn check(payload: &[u8], subject: &Subject<'_>) -> Result<(), String> {
    let payload = serde_json::from_slice::<Payload>(payload);
    let critical = payload.map_err(|error| format!("something else ({error})"))?;
    let critical = critical.critical;
    if critical.kind != TYPE {
        let kind = critical.kind.escape_debug();
        return Err(format!("a document of the type `{kind}`"));
    }
    let digest = critical.image.docker_manifest_digest;
    if digest != subject.digest.as_str() {
        return Err(format!("the artifact `{}`", digest.escape_debug()));
    }
    let name = critical.identity.docker_reference;
    if names(&name, subject) {
        Ok(())
    } else {
        Err(format!("it as `{}`", name.escape_debug()))
    }
}

/// Whether a name in a payload is this one. Signers name a repository, and
/// often tag or digest with it; what they name must be what was asked for.
fn names(name: &str, subject: &Subject<'_>) -> bool {
    let Ok(reference) = name.parse::<Reference>() else {
        return false;
    };
    let is_tag = match (reference.tag.as_deref(), subject.tag) {
        (Some(named), Some(asked)) => named == asked,
        _ => true,
    };
    let is_digest = |digest: &Digest| digest == subject.digest;
    reference.repository == *subject.repository
        && reference.digest.as_ref().is_none_or(is_digest)
        && is_tag
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "a.example/team/disk";

    fn subject<'s>(reference: &'s Reference, digest: &'s Digest) -> Subject<'s> {
        Subject {
            repository: &reference.repository,
            tag: reference.digest.is_none().then(|| reference.tag()),
            digest,
        }
    }

    fn check_name(name: &str, pulled: &str, expected: bool) {
        let digest = Digest::of(b"x");
        let pulled = pulled.replace("DIGEST", digest.as_str());
        let reference: Reference = pulled.parse().unwrap();
        let name = name.replace("DIGEST", digest.as_str());
        let subject = subject(&reference, &digest);
        assert_eq!(names(&name, &subject), expected, "{name} for {pulled}");
    }

    #[test]
    fn a_signature_counts_for_what_it_names() {
        let tagged = format!("{NAME}:1");
        let pinned = format!("{NAME}@DIGEST");
        for pulled in [&tagged, &pinned] {
            check_name(NAME, pulled, true);
            check_name(&tagged, pulled, true);
            check_name(&pinned, pulled, true);
            check_name("A.example:443/team/disk", pulled, true);
            check_name("a.example/team/other", pulled, false);
            check_name("b.example/team/disk", pulled, false);
            check_name("team/disk", pulled, false);
            check_name("", pulled, false);
            let other = Digest::of(b"y");
            check_name(&format!("{NAME}@{other}"), pulled, false);
        }
        check_name(&format!("{NAME}:2"), &tagged, false);
        check_name(&format!("{NAME}:latest"), &tagged, false);
        check_name(&format!("{NAME}:2"), &pinned, true);
        check_name(NAME, NAME, true);
        check_name(&format!("{NAME}:latest"), NAME, true);
        check_name(&tagged, NAME, false);
    }

    #[test]
    fn reads_what_it_writes_and_says_what_else_it_found() {
        let digest = Digest::of(b"x");
        let reference: Reference = format!("{NAME}:1").parse().unwrap();
        let subject = subject(&reference, &digest);
        let good = String::from_utf8(write(&subject)).unwrap();
        assert_eq!(check(good.as_bytes(), &subject), Ok(()));
        let instead = |from: &str, to: &str, expected: &str| {
            let text = good.replace(from, to);
            assert_ne!(text, good);
            let found = check(text.as_bytes(), &subject).unwrap_err();
            assert!(found.starts_with(expected), "{found}");
        };
        instead("disk:1", "disk:2", "it as `a.example/team/disk:2`");
        instead(digest.as_str(), "sha256:0", "the artifact `sha256:0`");
        instead(TYPE, "atomic\u{1b}", "something else");
        instead(
            TYPE,
            "atomic container signature",
            "a document of the type `atomic",
        );
        instead("\"type\"", "\"kind\"", "something else");
        let twice = good.replacen('{', "{\"critical\":{},", 1);
        assert!(check(twice.as_bytes(), &subject).is_err());
    }
}
