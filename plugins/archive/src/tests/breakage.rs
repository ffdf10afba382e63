//! What a host leaves behind that is killed at any step, and how the next one goes on.

use super::*;

/// A draft with a file, and how to move it on by hand, as the killed host did.
struct Killed {
    host: Host,
    id: String,
}

impl Killed {
    fn new() -> Self {
        let host = Host::new();
        let id = host.create();
        host.add(&id, "a.txt", "alpha").unwrap();
        Self { host, id }
    }

    fn publishing(&self, below: &str) -> PathBuf {
        self.host.path("publishing", "alice", &self.id, below)
    }

    /// The first step of publishing.
    fn freeze(&self) {
        fs::create_dir_all(self.publishing("").parent().unwrap()).unwrap();
        fs::rename(
            self.host.path("drafts", "alice", &self.id, ""),
            self.publishing(""),
        )
        .unwrap();
    }

    /// Nothing changes the project or shows it half published.
    #[track_caller]
    fn assert_unfinished(&self) {
        self.host.assert_unchangeable(&self.id, Kind::Conflict);
        for error in [
            self.host.metadata(&self.id).err(),
            self.host.files(&self.id, 9).err(),
            self.host.read(&self.id, "a.txt").err(),
        ] {
            let error = error.unwrap();
            assert_eq!(error.kind(), Kind::Unavailable);
            assert!(error.message().contains("publish it again"), "{error}");
        }
    }

    #[track_caller]
    fn assert_finished_by_the_next(&self) {
        let other = self.host.beside("alice", &[]);
        let identifier = format!("urn:uuid:{}", self.id);
        assert_eq!(other.publish(&self.id).unwrap(), identifier);
        other.assert_unchangeable(&self.id, Kind::Conflict);
        assert_eq!(other.read(&self.id, "a.txt").unwrap(), b"alpha");
        let bag = self.host.published(&self.id, "");
        assert_eq!(checked_manifest(&bag), ["a.txt", document::NAME]);
        assert!(!self.publishing("").exists());
    }
}

#[test]
fn after_the_first_step() {
    let killed = Killed::new();
    killed.freeze();
    killed.assert_unfinished();
    killed.assert_finished_by_the_next();
}

#[test]
fn after_the_gate_was_closed() {
    let killed = Killed::new();
    killed.freeze();
    // A change was on its way when its host was killed.
    fs::write(killed.publishing("gate/000000000000-0"), "x").unwrap();
    fs::remove_dir_all(killed.publishing("gate")).unwrap();
    killed.assert_unfinished();
    killed.assert_finished_by_the_next();
}

#[test]
fn with_a_change_in_the_gate() {
    let killed = Killed::new();
    fs::write(
        killed.host.path("drafts", "alice", &killed.id, "gate/x"),
        "x",
    )
    .unwrap();
    assert_eq!(killed.host.files(&killed.id, 9).unwrap(), ["a.txt"]);
    killed.assert_finished_by_the_next();
}

#[test]
fn with_a_bag_that_has_no_data_yet() {
    let killed = Killed::new();
    killed.freeze();
    fs::remove_dir_all(killed.publishing("gate")).unwrap();
    // It was made for other data, so that it must not be taken.
    let bag = killed.publishing("bag-000000000000-0");
    fs::create_dir(&bag).unwrap();
    for tag in ["bagit.txt", "bag-info.txt", "manifest-sha256.txt"] {
        fs::write(bag.join(tag), "stale").unwrap();
    }
    killed.assert_unfinished();
    killed.assert_finished_by_the_next();
}

#[test]
fn with_a_bag_that_has_its_data() {
    let killed = Killed::new();
    killed.host.publish(&killed.id).unwrap();
    fs::create_dir_all(killed.publishing("bag-late")).unwrap();
    let published = killed.host.published(&killed.id, "");
    fs::rename(published, killed.publishing("bag-0")).unwrap();
    killed.assert_unfinished();
    // The bag says under which identifier, whoever finishes it.
    let other = killed
        .host
        .beside("alice", &[("identifier_prefix", "other:")]);
    assert_eq!(
        other.publish(&killed.id).unwrap(),
        format!("urn:uuid:{}", killed.id)
    );
    killed.assert_finished_by_the_next();
}

#[test]
fn before_it_was_tidied_up() {
    let killed = Killed::new();
    killed.host.publish(&killed.id).unwrap();
    fs::create_dir_all(killed.publishing("bag-late")).unwrap();
    killed.host.assert_unchangeable(&killed.id, Kind::Conflict);
    assert_eq!(killed.host.read(&killed.id, "a.txt").unwrap(), b"alpha");
    let identifier = format!("urn:uuid:{}", killed.id);
    assert_eq!(killed.host.publish(&killed.id).unwrap(), identifier);
    assert!(!killed.publishing("").exists());
}

#[test]
fn in_the_middle_of_a_removal_or_creation() {
    let killed = Killed::new();
    let staged = killed.host.directory.path().join("staging/000000000000-0");
    fs::rename(killed.host.path("drafts", "alice", &killed.id, ""), &staged).unwrap();
    killed.host.assert_gone(&killed.id);
    // And is swept, as old as it looks.
    killed.host.create();
    assert!(!staged.exists());
}

impl Host {
    #[track_caller]
    fn assert_gone(&self, id: &str) {
        for error in [
            self.metadata(id).err(),
            self.delete(id).err(),
            self.publish(id).err(),
        ] {
            assert_eq!(error.unwrap().kind(), Kind::NotFound);
        }
    }
}
