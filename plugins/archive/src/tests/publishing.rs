//! What publishing makes of a project, and that it stays so.

use std::{fs::File, os::fd::AsRawFd, process::Command};

use super::*;

/// A project of a few files.
fn project(host: &Host) -> String {
    let id = host.create();
    host.update(&id, &crate_named("T")).unwrap();
    for (name, content) in [("a.txt", "alpha"), ("sub/b c.txt", "beta"), ("e", "")] {
        host.add(&id, name, content).unwrap();
    }
    id
}

#[test]
fn published_means_unchangeable() {
    let host = Host::new();
    let id = project(&host);
    let identifier = host.publish(&id).unwrap();
    assert_eq!(identifier, format!("urn:uuid:{id}"));
    // This process and another one, now and later.
    for host in [&host, &host.beside("alice", &[])] {
        host.assert_unchangeable(&id, Kind::Conflict);
        assert_eq!(host.publish(&id).unwrap(), identifier);
        assert_eq!(host.metadata(&id).unwrap(), crate_named("T"));
        assert_eq!(host.files(&id, 9).unwrap(), ["a.txt", "e", "sub/b c.txt"]);
        assert_eq!(host.read(&id, "sub/b c.txt").unwrap(), b"beta");
        assert_eq!(host.read(&id, "e").unwrap(), b"");
        assert_eq!(
            host.read(&id, document::NAME).unwrap(),
            crate_named("T").as_bytes()
        );
        for missing in ["nothing", "sub", "manifest-sha256.txt"] {
            let error = host.read(&id, missing).unwrap_err();
            assert_eq!(error.kind(), Kind::NotFound, "{missing}");
        }
    }
    assert!(!host.path("drafts", "alice", &id, "").exists());
    assert!(!host.path("publishing", "alice", &id, "").exists());
}

#[test]
fn it_is_a_bag_that_other_tools_can_check() {
    let host = Host::new();
    let id = project(&host);
    host.add(&id, "100%25 \\ \u{fc}#?.txt", "odd").unwrap();
    host.publish(&id).unwrap();
    let bag = host.published(&id, "");
    assert_eq!(checked_manifest(&bag).len(), 5);
    for manifest in ["manifest-sha256.txt", "tagmanifest-sha256.txt"] {
        let mut command = Command::new("sha256sum");
        command
            .args(["--check", "--strict", manifest])
            .current_dir(&bag);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    let info = fs::read_to_string(bag.join("bag-info.txt")).unwrap();
    let bytes = "alphabetaodd".len() + crate_named("T").len();
    assert!(
        info.contains(&format!("\nPayload-Oxum: {bytes}.5\n")),
        "{info}"
    );
    assert!(info.contains(&format!("\nExternal-Identifier: urn:uuid:{id}\n")));
    let stored = fs::read_to_string(bag.join("data/ro-crate-metadata.json")).unwrap();
    assert_eq!(stored, crate_named("T"));
}

#[test]
fn the_identifier_is_the_one_it_was_published_under() {
    let host = Host::new();
    let id = project(&host);
    let prefix = ("identifier_prefix", "https://archive.example/id/");
    let named = host.beside("alice", &[prefix]);
    let identifier = named.publish(&id).unwrap();
    assert_eq!(identifier, format!("https://archive.example/id/{id}"));
    assert_eq!(host.publish(&id).unwrap(), identifier);
}

#[test]
fn files_carry_their_digests() {
    let host = Host::new();
    let id = project(&host);
    host.publish(&id).unwrap();
    let all = PageRequest {
        after: None,
        max: 9,
    };
    let page = host.run(|archive| archive.list_files(&id, all)).unwrap();
    let details: Value = serde_json::from_str(&page.items[0].details).unwrap();
    assert_eq!(details, json!({"sha256": digest::of(b"alpha")}));
    assert_eq!(page.items[0].size, Some(5));
}

#[test]
fn a_draft_that_other_tools_spoiled_is_not_published() {
    let host = Host::new();
    let id = project(&host);
    let data = host.path("drafts", "alice", &id, "data");
    fs::write(data.join("line\nbreak"), "x").unwrap();
    let error = host.publish(&id).unwrap_err();
    assert_eq!(
        (error.kind(), error.subject()),
        (Kind::Invalid, Some("line\nbreak"))
    );
    fs::remove_file(data.join("line\nbreak")).unwrap();

    let document = data.join(document::NAME);
    fs::write(&document, "{}").unwrap();
    let error = host.publish(&id).unwrap_err();
    assert_eq!(
        (error.kind(), error.subject()),
        (Kind::Invalid, Some(document::NAME))
    );
    fs::remove_file(&document).unwrap();
    assert_eq!(
        host.publish(&id).unwrap_err().subject(),
        Some(document::NAME)
    );
    // It can still be put right.
    host.update(&id, &crate_named("again")).unwrap();
    host.publish(&id).unwrap();
}

/// A folder that is held on to, as a call does that is in the middle of a `rename`.
struct Held(File);

impl Held {
    fn open(path: &DiskPath) -> Self {
        Self(File::open(path).unwrap())
    }

    /// The path of something in it, wherever the folder has moved.
    fn path(&self, name: &str) -> PathBuf {
        format!("/proc/self/fd/{}/{name}", self.0.as_raw_fd()).into()
    }
}

#[test]
fn a_change_that_is_already_under_way_comes_too_late() {
    let host = Host::new();
    let id = project(&host);
    let draft = host.path("drafts", "alice", &id, "");
    fs::write(draft.join("gate/new"), "new").unwrap();
    let (data, gate) = (
        Held::open(&draft.join("data")),
        Held::open(&draft.join("gate")),
    );
    // Until the gate is closed, such a change takes effect.
    fs::rename(data.path("e"), gate.path("removed")).unwrap();
    fs::rename(gate.path("removed"), data.path("e")).unwrap();

    fs::create_dir_all(host.path("publishing", "alice", "", "")).unwrap();
    fs::rename(&draft, host.path("publishing", "alice", &id, "")).unwrap();
    let owner = Owner::user("alice");
    let filled = host.run(|archive| {
        let place = Place::new(&archive.store, &owner, &Id::parse(&id)?)?;
        place.fill_bag("urn:x").map(drop)
    });
    filled.unwrap();
    for (from, to) in [("new", "a.txt"), ("new", "new.txt")] {
        fs::rename(gate.path(from), data.path(to)).unwrap_err();
    }
    fs::rename(data.path("a.txt"), gate.path("removed")).unwrap_err();
    assert_eq!(host.publish(&id).unwrap(), "urn:x");
    assert_eq!(host.read(&id, "a.txt").unwrap(), b"alpha");
    assert_eq!(host.files(&id, 9).unwrap(), ["a.txt", "e", "sub/b c.txt"]);
}
