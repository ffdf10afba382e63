//! What must not pass, each for a reason of its own.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use serde_json::Value;
use tenon_tests::address;
use tenon_tests::registry::{Key, Registry, Signature, digest};

use super::{Ended, Shell, disk, other, text, with_disk};

/// Pulls with this key as the only one that counts.
fn pull(shell: &Shell, reference: &str, key: &Key) -> Ended {
    shell.pull(reference, &[&"--plain-http", &"--key", &key.public()])
}

fn sign(shell: &Shell, file: &Path, reference: &str, key: &Key) -> String {
    let pushed = shell.push(
        file,
        reference,
        &[&"--plain-http", &"--sign", &key.private()],
    );
    pushed.manifest()
}

/// The signatures of one digest, as those of another.
pub(super) async fn copy_signatures(registry: &Registry, from: (&str, &str), to: (&str, &str)) {
    let tag = |digest: &str| format!("{}.sig", digest.replace(':', "-"));
    let (bytes, _) = registry.manifest(from.0, &tag(from.1)).await;
    let manifest: Value = serde_json::from_slice(&bytes).unwrap();
    let layers = manifest["layers"].as_array().unwrap();
    for part in layers.iter().chain([&manifest["config"]]) {
        let blob = registry.blob(from.0, &text(&part["digest"])).await;
        registry.put_blob(to.0, blob).await;
    }
    registry.put_manifest(to.0, &tag(to.1), bytes).await;
}

#[tokio::test]
async fn unsigned() {
    let shell = Shell::new();
    let (registry, digest) = with_disk(&shell).await;
    let reference = registry.reference("team/disk:1");
    let key = Key::new();
    pull(&shell, &reference, &key).refused("unsigned");
    let required = ["--plain-http", "--require-signature"];
    let arguments: Vec<_> = required.iter().map(|it| it as &dyn AsRef<OsStr>).collect();
    shell.pull(&reference, &arguments).refused("no-key");
    // An artifact at the signatures' tag that holds none.
    let (bytes, _) = registry.manifest("team/disk", "1").await;
    let tag = format!("{}.sig", digest.replace(':', "-"));
    registry.put_manifest("team/disk", &tag, bytes).await;
    pull(&shell, &reference, &key).refused("unsigned");
}

#[tokio::test]
async fn wrongly_signed() {
    let shell = Shell::new();
    let (registry, _) = with_disk(&shell).await;
    let reference = registry.reference("team/disk:1");
    let (key, stranger) = (Key::new(), Key::new());
    registry
        .sign("team/disk", "1", &stranger, Signature::default())
        .await;
    pull(&shell, &reference, &key).refused("wrong-signature");
    for signature in ["", "bm9uZQ==", "not base64"] {
        let says = Signature {
            signature: Some(signature),
            ..Signature::default()
        };
        registry.sign("team/disk", "1", &key, says).await;
        pull(&shell, &reference, &key).refused("wrong-signature");
    }
    // The signature of another payload.
    let signed = sign(&shell, &other(), &registry.reference("team/other:1"), &key);
    let signatures = registry.signatures("team/other", &signed).await;
    let says = Signature {
        signature: Some(&signatures[0].1),
        ..Signature::default()
    };
    registry.sign("team/disk", "1", &key, says).await;
    pull(&shell, &reference, &key).refused("wrong-signature");
}

#[tokio::test]
async fn signed_as_something_else() {
    let shell = Shell::new();
    let (registry, digest) = with_disk(&shell).await;
    let key = Key::new();
    let reference = registry.reference("team/disk:1");
    let says = |name: Option<String>, digest: Option<String>, kind: Option<&'static str>| {
        (name, digest, kind)
    };
    let elsewhere = registry.reference("team/other");
    for (name, digest, kind) in [
        says(Some(elsewhere), None, None),
        says(Some("other.example/team/disk".into()), None, None),
        says(Some("team/disk".into()), None, None),
        says(Some(registry.reference("team/disk:2")), None, None),
        says(None, Some(digest.replace('a', "b")), None),
        says(None, None, Some("atomic container signature")),
    ] {
        let says = Signature {
            name: name.as_deref(),
            digest: digest.as_deref(),
            kind,
            signature: None,
        };
        registry.sign("team/disk", "1", &key, says).await;
        pull(&shell, &reference, &key).refused("re-tagged");
    }
}

#[tokio::test]
async fn re_tagged() {
    let shell = Shell::new();
    let (registry, unsigned) = with_disk(&shell).await;
    let key = Key::new();
    let signed = sign(&shell, &other(), &registry.reference("team/disk:2"), &key);
    pull(&shell, &registry.reference("team/disk:2"), &key).done();

    // The good signature under the digest of something else.
    let repository = "team/disk";
    copy_signatures(&registry, (repository, &signed), (repository, &unsigned)).await;
    pull(&shell, &registry.reference("team/disk:1"), &key).refused("re-tagged");

    // The good artifact and its signature in another repository.
    let (bytes, _) = registry.manifest(repository, &signed).await;
    let manifest: Value = serde_json::from_slice(&bytes).unwrap();
    for part in [&manifest["config"], &manifest["layers"][0]] {
        let blob = registry.blob(repository, &text(&part["digest"])).await;
        registry.put_blob("evil/disk", blob).await;
    }
    registry.put_manifest("evil/disk", "2", bytes.clone()).await;
    copy_signatures(&registry, (repository, &signed), ("evil/disk", &signed)).await;
    pull(&shell, &registry.reference("evil/disk:2"), &key).refused("re-tagged");
    let pinned = registry.reference(&format!("evil/disk@{signed}"));
    pull(&shell, &pinned, &key).refused("re-tagged");

    // The good artifact under a tag that it was not signed for.
    registry.put_manifest(repository, "3", bytes).await;
    pull(&shell, &registry.reference("team/disk:3"), &key).refused("re-tagged");
    let pinned = registry.reference(&format!("team/disk:3@{signed}"));
    pull(&shell, &pinned, &key).done();
}

#[tokio::test]
async fn truncated() {
    let shell = Shell::new();
    let registry = Registry::start().await;
    let key = Key::new();
    let reference = registry.reference("team/disk:1");
    let manifest = sign(&shell, &disk(), &reference, &key);
    let bytes = fs::read(disk()).unwrap();
    let stored = registry.stored(&digest(&bytes));
    let file = fs::OpenOptions::new().write(true).open(&stored).unwrap();
    file.set_len(bytes.len() as u64 / 2).unwrap();
    pull(&shell, &reference, &key).refused("truncated");
    shell
        .pull(&reference, &[&"--plain-http"])
        .refused("truncated");

    // Of the same length, and with other bytes.
    let mut changed = bytes.clone();
    *changed.last_mut().unwrap() ^= 1;
    fs::write(&stored, changed).unwrap();
    pull(&shell, &reference, &key).refused("wrong-digest");
    fs::write(&stored, bytes).unwrap();
    pull(&shell, &reference, &key).done();

    // A signature that cannot be read is none.
    let tag = format!("{}.sig", manifest.replace(':', "-"));
    let signatures = registry.manifest_json("team/disk", &tag).await;
    let payload = registry.stored(&text(&signatures["layers"][0]["digest"]));
    let file = fs::OpenOptions::new().write(true).open(&payload).unwrap();
    file.set_len(10).unwrap();
    pull(&shell, &reference, &key).refused("truncated");
    fs::remove_file(&payload).unwrap();
    pull(&shell, &reference, &key).refused("not-found");
}

#[tokio::test]
async fn replaced() {
    let shell = Shell::new();
    let registry = Registry::start().await;
    let key = Key::new();
    let good = registry.reference("team/disk:1");
    let manifest = sign(&shell, &disk(), &good, &key);
    shell
        .push(
            &other(),
            &registry.reference("team/disk:2"),
            &[&"--plain-http"],
        )
        .done();
    let (bytes, _) = registry.manifest("team/disk", "2").await;
    fs::write(registry.stored(&manifest), bytes).unwrap();
    let pinned = registry.reference(&format!("team/disk@{manifest}"));
    for reference in [&good, &pinned] {
        pull(&shell, reference, &key).refused("wrong-digest");
        shell
            .pull(reference, &[&"--plain-http"])
            .refused("wrong-digest");
    }
}

#[tokio::test]
async fn not_there() {
    let shell = Shell::new();
    let (registry, _) = with_disk(&shell).await;
    let absent = format!("sha256:{}", "0".repeat(64));
    for name in ["team/disk:2", "team/none:1", &format!("team/disk@{absent}")] {
        shell
            .pull(&registry.reference(name), &[&"--plain-http"])
            .refused("not-found");
    }
    let dead = format!("{}/team/disk:1", address::unused());
    shell.pull(&dead, &[&"--plain-http"]).refused("unreachable");
    shell
        .push(&disk(), &dead, &[&"--plain-http"])
        .refused("unreachable");
    // Without TLS on the other side.
    shell
        .pull(&registry.reference("team/disk:1"), &[])
        .refused("unreachable");
    for reference in ["team/disk:1", "https://a.example/x:1", ""] {
        shell
            .pull(reference, &[&"--plain-http"])
            .refused("bad-reference");
    }
}
