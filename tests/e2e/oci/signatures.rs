//! Signatures that count, ours and others'.

use std::ffi::OsStr;

use serde_json::{Value, json};
use tenon_tests::registry::{Key, Registry, Signature};

use super::{Shell, disk, other, with_disk};

/// Whether openssl finds a signature of this key among those of an artifact.
async fn verifies(registry: &Registry, digest: &str, key: &Key) -> bool {
    let signatures = registry.signatures("team/disk", digest).await;
    let mut signatures = signatures.iter();
    signatures.any(|(payload, signature)| key.has_signed(payload, signature))
}

#[tokio::test]
async fn openssl_verifies_what_we_sign() {
    let shell = Shell::new();
    let registry = Registry::start().await;
    let (key, stranger) = (Key::new(), Key::new());
    let reference = registry.reference("team/disk:2");
    let private = key.private();
    let pushed = shell.push(
        &other(),
        &reference,
        &[&"--plain-http", &"--sign", &private],
    );
    let digest = pushed.manifest();
    assert!(verifies(&registry, &digest, &key).await);
    assert!(!verifies(&registry, &digest, &stranger).await);
    let signatures = registry.signatures("team/disk", &digest).await;
    let [(payload, _)] = &signatures[..] else {
        panic!("{signatures:?}")
    };
    let expected = json!({
        "critical": {
            "identity": {"docker-reference": reference},
            "image": {"docker-manifest-digest": digest},
            "type": "cosign container image signature",
        },
        "optional": null,
    });
    let payload: Value = serde_json::from_slice(payload).unwrap();
    assert_eq!(payload, expected);

    let pulled = shell
        .pull(&reference, &[&"--plain-http", &"--key", &key.public()])
        .done();
    assert_eq!(pulled["signed_by"], json!(key.public()));
}

#[tokio::test]
async fn we_verify_what_openssl_signs() {
    let shell = Shell::new();
    let (registry, digest) = with_disk(&shell).await;
    let (key, stranger) = (Key::new(), Key::new());
    let reference = registry.reference("team/disk:1");
    registry
        .sign("team/disk", "1", &key, Signature::default())
        .await;
    // The stand-in for cosign is checked as well.
    assert!(verifies(&registry, &digest, &key).await);
    let (public, strange) = (key.public(), stranger.public());
    let pulled = shell
        .pull(&reference, &[&"--plain-http", &"--key", &public])
        .done();
    assert_eq!(pulled["signed_by"], json!(public));
    // Any of the keys will do.
    let keys: [&dyn AsRef<OsStr>; 5] = [&"--plain-http", &"--key", &strange, &"--key", &public];
    let pulled = shell.pull(&reference, &keys).done();
    assert_eq!(pulled["signed_by"], json!(public));
    // What signers write besides the repository counts when it is right.
    for name in [
        format!("{reference}@{digest}"),
        registry.reference(&format!("team/disk@{digest}")),
    ] {
        let says = Signature {
            name: Some(&name),
            ..Signature::default()
        };
        registry.sign("team/disk", "1", &key, says).await;
        shell
            .pull(&reference, &[&"--plain-http", &"--key", &public])
            .done();
    }
}

#[tokio::test]
async fn one_good_signature_among_several_is_enough() {
    let shell = Shell::new();
    let (registry, digest) = with_disk(&shell).await;
    let reference = registry.reference("team/disk:1");
    let (first, second, stranger) = (Key::new(), Key::new(), Key::new());
    registry
        .sign("team/disk", "1", &first, Signature::default())
        .await;
    let before = registry.signatures("team/disk", &digest).await;

    // The same component at the same tag gets one more signature, once.
    for key in [second.private(), second.private_sec1()] {
        let pushed = shell.push(&disk(), &reference, &[&"--plain-http", &"--sign", &key]);
        assert_eq!(pushed.manifest(), digest);
        let signatures = registry.signatures("team/disk", &digest).await;
        assert_eq!(signatures.len(), 2);
        assert_eq!(signatures[..1], before);
    }
    for key in [&first, &second] {
        shell
            .pull(&reference, &[&"--plain-http", &"--key", &key.public()])
            .done();
        assert!(verifies(&registry, &digest, key).await);
    }
    shell
        .pull(&reference, &[&"--plain-http", &"--key", &stranger.public()])
        .refused("wrong-signature");

    // Another annotation makes another artifact, which nobody has signed.
    let annotation: [&dyn AsRef<OsStr>; 3] = [&"--plain-http", &"--annotation", &"a=b"];
    assert_ne!(
        shell.push(&disk(), &reference, &annotation).manifest(),
        digest
    );
    shell
        .pull(&reference, &[&"--plain-http", &"--key", &first.public()])
        .refused("unsigned");
}

#[tokio::test]
async fn keys_that_cannot_sign_are_refused_before_anything_is_sent() {
    let shell = Shell::new();
    let registry = Registry::start().await;
    let reference = registry.reference("team/disk:1");
    let key = Key::new();
    let pem = std::fs::read_to_string(key.private()).unwrap();
    let cosign = pem.replace("PRIVATE KEY", "ENCRYPTED SIGSTORE PRIVATE KEY");
    let cosign = shell.write("cosign.key", cosign);
    for (file, message) in [
        (&cosign, "cosign's encrypted key format is not read"),
        (&key.public(), "expected an EC P-256 private key"),
        (&shell.path("none.key"), "No such file"),
    ] {
        let pushed = shell.push(&disk(), &reference, &[&"--plain-http", &"--sign", file]);
        assert_eq!(pushed.code, 1);
        assert!(pushed.stderr.contains(message), "{pushed:?}");
    }
    shell
        .pull(&reference, &[&"--plain-http"])
        .refused("not-found");
}
