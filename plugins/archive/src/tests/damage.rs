//! Damage to what is published is found and named, and never passes for a file.

use super::*;

/// Bytes of a file that is sent in several parts.
const LARGE: usize = 3_000_001;

fn large() -> Vec<u8> {
    (0..LARGE).map(|at| (at % 251) as u8).collect()
}

/// A published project with a small and a large file.
fn published() -> (Host, String) {
    let host = Host::new();
    let id = host.create();
    host.add(&id, "small.txt", "small").unwrap();
    host.add(&id, "sub/large", large()).unwrap();
    host.publish(&id).unwrap();
    (host, id)
}

/// Reads a file that is damaged; says what arrived before that showed.
#[track_caller]
fn assert_damaged(host: &Host, id: &str, file: &str, named: &str) -> Collected {
    let mut collected = Collected::default();
    let read = host.run(|archive| archive.read_file(id, file, Sink::to(&mut collected)));
    let error = read.unwrap_err();
    assert_eq!(error.kind(), Kind::Internal, "{error}");
    assert_eq!(error.subject(), Some(named), "{error}");
    assert!(error.message().contains("damaged"), "{error}");
    collected
}

fn flip(path: &DiskPath, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn sound_files_are_served() {
    let (host, id) = published();
    assert_eq!(host.read(&id, "small.txt").unwrap(), b"small");
    assert!(host.read(&id, "sub/large").unwrap() == large());
}

#[test]
fn a_changed_byte_breaks_the_transfer_wherever_it_is() {
    for at in [0, 1 << 20, LARGE - 1] {
        let (host, id) = published();
        flip(&host.published(&id, "data/sub/large"), at);
        let arrived = assert_damaged(&host, &id, "sub/large", "sub/large");
        // What was announced never arrived.
        assert_eq!(arrived.head.unwrap().size, Some(LARGE as u64));
        assert!(arrived.bytes.len() < LARGE);
        assert_eq!(host.read(&id, "small.txt").unwrap(), b"small");
    }
}

#[test]
fn a_small_file_is_checked_before_it_is_begun() {
    let (host, id) = published();
    flip(&host.published(&id, "data/small.txt"), 4);
    assert_eq!(
        assert_damaged(&host, &id, "small.txt", "small.txt").head,
        None
    );
}

#[test]
fn longer_shorter_and_missing_files_are_damage() {
    let (host, id) = published();
    let path = host.published(&id, "data/sub/large");
    for content in [&large()[..LARGE - 1], &[large(), vec![0]].concat(), b""] {
        fs::write(&path, content).unwrap();
        assert_damaged(&host, &id, "sub/large", "sub/large");
    }
    fs::remove_file(&path).unwrap();
    assert_damaged(&host, &id, "sub/large", "sub/large");
    fs::create_dir(&path).unwrap();
    assert_damaged(&host, &id, "sub/large", "sub/large");
    fs::remove_dir(&path).unwrap();
    // The list still tells what should be there.
    let all = PageRequest {
        after: None,
        max: 9,
    };
    let page = host.run(|archive| archive.list_files(&id, all)).unwrap();
    let missing = &page.items[1];
    assert_eq!((missing.name.as_str(), missing.size), ("sub/large", None));
    let details: Value = serde_json::from_str(&missing.details).unwrap();
    assert_eq!(details["missing"], json!(true));
}

#[test]
fn a_file_that_was_not_published_is_not_served() {
    let (host, id) = published();
    fs::write(host.published(&id, "data/added.txt"), "x").unwrap();
    assert_eq!(
        host.read(&id, "added.txt").unwrap_err().kind(),
        Kind::NotFound
    );
    assert_eq!(host.files(&id, 9).unwrap(), ["small.txt", "sub/large"]);
}

#[test]
fn a_changed_crate_document_is_not_served() {
    let (host, id) = published();
    let path = host.published(&id, "data/ro-crate-metadata.json");
    let sound = host.metadata(&id).unwrap();
    fs::write(&path, sound.replace("Untitled", "Retitled")).unwrap();
    let error = host.metadata(&id).unwrap_err();
    assert_eq!(
        (error.kind(), error.subject()),
        (Kind::Internal, Some(document::NAME))
    );
    fs::remove_file(path).unwrap();
    let error = host.metadata(&id).unwrap_err();
    assert_eq!(
        (error.kind(), error.subject()),
        (Kind::Internal, Some(document::NAME))
    );
}

#[test]
fn the_manifests_are_guarded_as_well() {
    // Every byte of each in turn, with what a look at identifier and files may name then.
    for (tag, named) in [
        ("manifest-sha256.txt", &["manifest-sha256.txt"][..]),
        ("bag-info.txt", &["bag-info.txt"]),
        (
            "tagmanifest-sha256.txt",
            &[
                "tagmanifest-sha256.txt",
                "bag-info.txt",
                "manifest-sha256.txt",
            ],
        ),
    ] {
        let (host, id) = published();
        let path = host.published(&id, tag);
        let sound = fs::read(&path).unwrap();
        let looks = || {
            let all = PageRequest {
                after: None,
                max: 9,
            };
            let identifier = host.publish(&id).map(drop);
            identifier.and(host.run(|archive| archive.list_files(&id, all)).map(drop))
        };
        looks().unwrap();
        for at in 0..sound.len() {
            let mut bytes = sound.clone();
            bytes[at] ^= 1;
            fs::write(&path, &bytes).unwrap();
            match looks() {
                Ok(()) => {
                    // Only the digest of `bagit.txt`, which means nothing to a reader.
                    let line = sound[..at].iter().filter(|byte| **byte == b'\n').count();
                    assert_eq!((tag, line), ("tagmanifest-sha256.txt", 1), "{at}");
                }
                Err(error) => {
                    assert_eq!(error.kind(), Kind::Internal, "{tag} {at}: {error}");
                    assert!(
                        named.contains(&error.subject().unwrap()),
                        "{tag} {at}: {error}"
                    );
                }
            }
        }
        fs::remove_file(&path).unwrap();
        let error = looks().unwrap_err();
        assert_eq!(error.subject(), Some(tag));
        assert_eq!(error.kind(), Kind::Internal);
    }
}
