//! Containers as folders, in a real Swift.

use super::{real::tree, *};

const SPECIAL: &str = "100% #1?x=\u{fc}/b c+d&e.txt";

#[test]
fn writes_and_reads_and_deletes() {
    let store = tree(&[]);
    let big = vec![7; 3_000_000];
    let entry = store.write("t-write/big.bin", &big).unwrap();
    assert_eq!((entry.size, entry.folder), (Some(3_000_000), false));
    assert_eq!(entry.path, "t-write/big.bin");
    let read = store.read_from("t-write/big.bin", 0).unwrap();
    assert!(read.bytes == big);
    let head = read.head.unwrap();
    assert_eq!(head.size, Some(3_000_000));
    assert_eq!(head.media_type.as_deref(), Some("application/octet-stream"));
    assert_eq!(store.stat("t-write/big.bin").unwrap(), entry);
    assert!(entry.etag.is_some() && head.etag == entry.etag);

    // A size that nobody knows is none that Swift needs.
    let mut content = Reader::from_read(&b"less"[..], None);
    let path = Path::new("t-write/big.bin").unwrap();
    let entry = store.run(|swift| swift.write(&path, None, &mut content));
    assert_eq!(entry.unwrap().size, None);
    assert_eq!(store.read("t-write/big.bin").unwrap(), b"less");
    store.write("t-write/empty", b"").unwrap();
    assert_eq!(store.read("t-write/empty").unwrap(), b"");
    assert_eq!(store.stat("t-write/empty").unwrap().size, Some(0));

    store.delete("t-write/big.bin").unwrap();
    assert_eq!(kind(store.delete("t-write/big.bin")), Kind::NotFound);
    assert_eq!(kind(store.read("t-write/big.bin")), Kind::NotFound);
    assert_eq!(kind(store.stat("t-write/big.bin")), Kind::NotFound);
    for path in ["", "t-write"] {
        assert_eq!(kind(store.delete(path)), Kind::Denied, "{path:?}");
    }
    for path in ["", "t-new"] {
        assert_eq!(kind(store.write(path, b"x")), Kind::Invalid, "{path:?}");
    }
}

#[test]
fn a_broken_upload_leaves_what_was_there() {
    let store = tree(&[("t-broken/cut", b"before")]);
    for (size, announced) in [(100_000, Some(200_000)), (100_000, None)] {
        let source = std::io::Read::chain(std::io::Read::take(std::io::repeat(1), size), Failing);
        let mut content = Reader::from_read(source, announced);
        let path = Path::new("t-broken/cut").unwrap();
        let written = store.run(|swift| swift.write(&path, announced, &mut content));
        assert_eq!(kind(written), Kind::Unavailable);
        assert_eq!(store.read("t-broken/cut").unwrap(), b"before");
    }
}

struct Failing;

impl std::io::Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(std::io::Error::other("the caller is gone"))
    }
}

#[test]
fn reads_from_an_offset() {
    let store = tree(&[("t-offset/a.txt", b"hello"), ("t-offset/empty", b"")]);
    for (path, offset, expected) in [
        ("t-offset/a.txt", 0, "hello"),
        ("t-offset/a.txt", 3, "lo"),
        ("t-offset/a.txt", 5, ""),
        ("t-offset/a.txt", 99, ""),
        ("t-offset/empty", 0, ""),
        ("t-offset/empty", 1, ""),
    ] {
        let collected = store.read_from(path, offset).unwrap();
        assert_eq!(collected.bytes, expected.as_bytes(), "{path} {offset}");
        assert_eq!(collected.head.unwrap().size, Some(expected.len() as u64));
    }
}

#[test]
fn listings_are_the_same_in_pages_of_any_size() {
    let special = format!("t-list/{SPECIAL}");
    let mut objects = vec![
        ("t-list/z.txt", &b"z"[..]),
        ("t-list/sub/d.txt", b"d"),
        ("t-list/sub/deep/e.txt", b"e"),
        ("t-list/sub-way", b"-"),
        (&special, b"special"),
    ];
    // More than are asked for at once.
    let many: Vec<_> = (0..60).map(|at| format!("t-list/many/{at:02}")).collect();
    objects.extend(many.iter().map(|path| (path.as_str(), &b""[..])));
    let store = tree(&objects);
    let folder = "100% #1?x=\u{fc}/";
    for max in [1, 2, 3, 1000] {
        assert_eq!(
            store.list("t-list", false, max).unwrap(),
            [folder, "many/", "sub-way", "sub/", "z.txt"],
            "{max}"
        );
        let mut expected = vec!["sub-way".to_owned(), "z.txt".to_owned(), SPECIAL.to_owned()];
        expected.extend(many.iter().map(|path| path.replace("t-list/", "")));
        expected.extend(["sub/d.txt".to_owned(), "sub/deep/e.txt".to_owned()]);
        assert_eq!(store.list("t-list", true, max).unwrap(), expected, "{max}");
    }
    assert_eq!(store.list("t-list/sub/deep", false, 9).unwrap(), ["e.txt"]);
    assert_eq!(store.list("t-list/z.txt", true, 9).unwrap(), [""; 0]);
    for path in ["t-list/none", "t-list/su", "t-none", "t-list/z.txt/x"] {
        assert_eq!(kind(store.list(path, true, 9)), Kind::NotFound, "{path}");
    }
    assert_eq!(store.read(&special).unwrap(), b"special");
    assert!(store.stat("t-list/sub").unwrap().folder);
    assert!(store.stat("t-list").unwrap().folder);
    assert!(store.stat("").unwrap().folder);
    assert_eq!(kind(store.stat("t-none")), Kind::NotFound);
    assert_eq!(kind(store.read("t-list/sub")), Kind::Invalid);
    assert_eq!(kind(store.read("t-list")), Kind::Invalid);
    assert_eq!(kind(store.read("t-none")), Kind::NotFound);
    assert!(
        store
            .list("", false, 3)
            .unwrap()
            .contains(&"t-list/".to_owned())
    );
}

#[test]
fn of_an_object_and_a_folder_of_one_name_the_folder_is_listed() {
    let store = tree(&[
        ("t-clash/a", b"object"),
        ("t-clash/a!", b""),
        ("t-clash/a-b", b""),
        ("t-clash/a/x", b"inside"),
        ("t-clash/b", b""),
    ]);
    for max in [1, 2, 3, 10] {
        assert_eq!(
            store.list("t-clash", false, max).unwrap(),
            ["a!", "a-b", "a/", "b"],
            "{max}"
        );
        assert_eq!(
            store.list("t-clash", true, max).unwrap(),
            ["a!", "a-b", "b", "a/x"],
            "{max}"
        );
    }
    assert_eq!(store.read("t-clash/a").unwrap(), b"object");
    assert_eq!(store.read("t-clash/a/x").unwrap(), b"inside");
}

#[test]
fn a_folder_goes_with_all_that_is_in_it() {
    let store = tree(&[
        ("t-remove/sub/a", b"a"),
        ("t-remove/sub/deep/b", b"b"),
        ("t-remove/subway", b"c"),
    ]);
    store.delete("t-remove/sub").unwrap();
    assert_eq!(store.list("t-remove", true, 9).unwrap(), ["subway"]);
    assert_eq!(kind(store.delete("t-remove/sub")), Kind::NotFound);
}

#[test]
fn only_configured_containers_are_there() {
    tree(&[("t-used/a", b"a"), ("t-unused/a", b"a")]);
    let builder = connector(&real::version1(), KEY)
        .config("lookup", "path")
        .config("containers", r#"["t-used", {"name": "t-gone"}]"#);
    let store = Store::new(builder);
    assert_eq!(store.list("", false, 1).unwrap(), ["t-used/", "t-gone/"]);
    assert_eq!(store.read("t-used/a").unwrap(), b"a");
    assert_eq!(kind(store.read("t-unused/a")), Kind::NotFound);
    assert_eq!(kind(store.write("t-unused/b", b"")), Kind::NotFound);
    // Nobody said that it may be made.
    assert_eq!(kind(store.write("t-gone/b", b"")), Kind::NotFound);
    assert_eq!(kind(store.run(Swift::check)), Kind::NotFound);
}
