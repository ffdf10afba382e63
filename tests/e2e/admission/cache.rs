//! Compiled artefacts: found again, never forged, and cleared away.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::time::SystemTime;

use bytes::Bytes;
use tenon_host::plugin::Admitted;
use tenon_tests::altered::{marked, template};

use super::{Rig, seconds};

async fn unread() -> Result<Bytes, String> {
    panic!("the bytes were asked for");
}

fn missing() -> impl Future<Output = Result<Bytes, String>> {
    std::future::ready(Err("its row is gone".to_owned()))
}

async fn admitted(rig: &Rig, mark: &str) -> (Vec<u8>, Admitted) {
    let bytes = marked(&template(), mark);
    let admitted = rig.admit(bytes.clone()).await.unwrap();
    (bytes, admitted)
}

#[tokio::test]
async fn what_was_compiled_once_needs_no_bytes() {
    let rig = Rig::new();
    let (bytes, Admitted { digest, facts, .. }) = admitted(&rig, "").await;
    let load = rig.admission.load(&digest, &facts, unread());
    assert_eq!(load.await.unwrap().digest, digest);

    let [artefact] = &rig.cached("cwasm")[..] else {
        panic!("one artefact")
    };
    fs::remove_file(rig.cache.path().join(artefact)).unwrap();
    let refused = rig.admission.load(&digest, &facts, missing()).await;
    assert_eq!(refused.unwrap_err().code(), "no-bytes");
    let other = async { Ok(Bytes::from_static(b"others")) };
    let refused = rig.admission.load(&digest, &facts, other).await;
    assert_eq!(refused.unwrap_err().code(), "wrong-digest");
    let stored = async { Ok(bytes.into()) };
    rig.admission.load(&digest, &facts, stored).await.unwrap();
    rig.admission.load(&digest, &facts, unread()).await.unwrap();
}

#[tokio::test]
async fn a_forged_artefact_is_not_used() {
    let rig = Rig::new();
    let (_, Admitted { digest, facts, .. }) = admitted(&rig, "").await;
    let path = rig.cache.path().join(&rig.cached("cwasm")[0]);
    let mut artefact = fs::read(&path).unwrap();
    let middle = artefact.len() / 2;
    artefact[middle] ^= 1;
    // A new file: the old one may be mapped.
    fs::remove_file(&path).unwrap();
    fs::write(&path, artefact).unwrap();
    let refused = rig.admission.load(&digest, &facts, missing()).await;
    assert_eq!(refused.unwrap_err().code(), "no-bytes");
}

#[tokio::test]
async fn a_clean_up_leaves_what_is_used() {
    let rig = Rig::new();
    let (_, old) = admitted(&rig, "old").await;
    let (_, kept) = admitted(&rig, "kept").await;
    let (_, fresh) = admitted(&rig, "fresh").await;
    let long_ago = SystemTime::now() - seconds(1000);
    let age = |name: &str| {
        let file = File::open(rig.cache.path().join(name)).unwrap();
        file.set_modified(long_ago).unwrap();
    };
    rig.cached("cwasm").iter().for_each(|name| age(name));
    let foreign = format!("{}-0123456789abcdef.cwasm", kept.digest.hexadecimal());
    fs::write(rig.cache.path().join(&foreign), "").unwrap();
    fs::write(rig.cache.path().join(".tmpA"), "").unwrap();
    age(".tmpA");
    // Loading it is using it.
    let load = rig.admission.load(&fresh.digest, &fresh.facts, unread());
    load.await.unwrap();

    let keep = BTreeSet::from([kept.digest.clone()]);
    let removed = rig.admission.prune(keep, seconds(500)).await.unwrap();
    assert_eq!(removed, 2, "the old one and the foreign one");
    let left = rig.cached("cwasm");
    let is_left = |admitted: &Admitted| {
        let digest = admitted.digest.hexadecimal();
        left.iter().any(|name| name.starts_with(digest))
    };
    assert_eq!([&old, &kept, &fresh].map(is_left), [false, true, true]);
    assert_eq!(rig.cached("tag").len(), 2);
    assert!(!rig.cache.path().join(".tmpA").exists());
    assert!(rig.cache.path().join("key").exists());
    let load = rig.admission.load(&kept.digest, &kept.facts, unread());
    load.await.unwrap();
}
