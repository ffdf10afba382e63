//! The plugin as ordinary Rust over a real directory, without a host.

use tempfile::TempDir;
use tenon_sdk::native::{Collected, Environment};

use super::*;

struct Fixture(TempDir);

impl Fixture {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// One call, as a host makes it: the plugin is made anew.
    fn call<T>(&self, user: &str, f: impl FnOnce(&Shelf) -> Result<T>) -> Result<T> {
        let environment = Environment::builder().user(user);
        let environment = environment.root("projects", self.0.path()).unwrap().build();
        environment.enter(|| f(&Shelf::new()?))
    }

    fn create(&self) -> Project {
        self.call("ada", |shelf| {
            shelf.create_project(Some(r#"{"title":"Tides"}"#))
        })
        .unwrap()
    }

    fn add(&self, project: &str, name: &str) -> Result<DepositedFile> {
        self.call("ada", |shelf| {
            shelf.add_file(
                project,
                &Path::new(name)?,
                None,
                &mut Reader::from_bytes("1 2 3"),
            )
        })
    }
}

const ALL: PageRequest<'static> = PageRequest {
    after: None,
    max: 100,
};

#[test]
fn collects_metadata_and_files() {
    let fixture = Fixture::new();
    let project = fixture.create();
    let file = fixture.add(&project.id, "data/100%.csv").unwrap();
    assert_eq!((file.name.as_str(), file.size), ("data/100%.csv", Some(5)));
    let mut sent = Collected::default();
    fixture
        .call("ada", |shelf| {
            shelf.read_file(&project.id, &file.id, Sink::to(&mut sent))
        })
        .unwrap();
    assert_eq!(sent.bytes, b"1 2 3");
    let files = fixture
        .call("ada", |shelf| shelf.list_files(&project.id, ALL))
        .unwrap();
    assert_eq!(files.items, [file]);
}

#[test]
fn what_is_published_never_changes() {
    let fixture = Fixture::new();
    let id = fixture.create().id;
    let publish = || {
        fixture
            .call("ada", |shelf| shelf.publish_project(&id))
            .unwrap()
    };
    assert_eq!(publish(), publish());
    assert_eq!(
        fixture.add(&id, "late.txt").unwrap_err().kind(),
        Kind::Conflict
    );
    let metadata = fixture.call("ada", |shelf| shelf.get_project(&id)).unwrap();
    assert_eq!(metadata, r#"{"title":"Tides"}"#);
    let open = fixture
        .call("ada", |shelf| shelf.list_projects(ALL))
        .unwrap();
    assert!(open.items.is_empty());
}

#[test]
fn users_have_their_own() {
    let fixture = Fixture::new();
    let id = fixture.create().id;
    let stranger = fixture
        .call("bob", |shelf| shelf.get_project(&id))
        .unwrap_err();
    assert_eq!(stranger.kind(), Kind::NotFound);
}

#[test]
fn pages_follow_each_other() {
    let fixture = Fixture::new();
    let mut made = [
        fixture.create().id,
        fixture.create().id,
        fixture.create().id,
    ];
    made.sort();
    let (mut found, mut after) = (Vec::new(), None::<String>);
    loop {
        let request = PageRequest {
            after: after.as_deref(),
            max: 2,
        };
        let page = fixture
            .call("ada", |shelf| shelf.list_projects(request))
            .unwrap();
        found.extend(page.items.into_iter().map(|project| project.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(found, made);
}
