//! The plugin as ordinary Rust, without a host.

use tenon_sdk::Kind;
use tenon_sdk::file_store::{FileStore, ListRequest, Sink};
use tenon_sdk::native::{Collected, Environment};

use super::*;

fn run<T>(f: impl FnOnce(&Store) -> Result<T>) -> Result<T> {
    let environment = Environment::builder().config("greeting", "Moin").build();
    environment.enter(|| f(&Store::new()?))
}

#[test]
fn lists_every_file() {
    let page = run(|store| {
        store.list_folder(ListRequest {
            folder: &Path::root(),
            recursive: true,
            after: None,
            max: 100,
        })
    });
    let paths: Vec<_> = page
        .unwrap()
        .entries
        .into_iter()
        .map(|entry| entry.path)
        .collect();
    assert_eq!(paths, ["hello.txt", "more/numbers.txt"]);
}

#[test]
fn greets_as_configured() {
    let mut sent = Collected::default();
    run(|store| store.read(&Path::new("hello.txt")?, 0, Sink::to(&mut sent))).unwrap();
    assert_eq!(sent.bytes, b"Moin, world\n");
}

#[test]
fn says_what_is_not_there() {
    let missing = run(|store| store.stat(&Path::new("nothing.txt")?)).unwrap_err();
    assert_eq!(missing.kind(), Kind::NotFound);
}
