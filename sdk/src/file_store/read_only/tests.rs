//! A store of the short form, asked through the long one.

use super::*;
use crate::{
    file_store::{Head, Reader},
    lifecycle::Description,
    native::Collected,
};

/// `a` in bytes, `empty`, and `sub` with `b`, a stream of known size, and `c`, one of unknown.
struct Store;

impl Plugin for Store {
    fn new() -> Result<Self> {
        Ok(Self)
    }

    fn describe() -> Description {
        Description::new("store", "1.0.0")
    }
}

impl ReadOnly for Store {
    fn items(&self, folder: &Path) -> Result<Vec<Item>> {
        match folder.as_str() {
            "" => Ok(vec![
                Item::folder("sub"),
                Item::file("a").size(5).etag("1"),
                Item::folder("empty"),
            ]),
            "sub" => Ok(vec![Item::file("c"), Item::file("b")]),
            "empty" => Ok(Vec::new()),
            _ => Err(Error::not_found("no such folder")),
        }
    }

    fn open(&self, file: &Path) -> Result<Content> {
        let long = || "0123456789".repeat(20_000);
        match file.as_str() {
            "a" => Ok(Content::from("hello").media_type("text/plain").etag("1")),
            "sub/b" => Ok(Reader::from_bytes(long()).into()),
            "sub/c" => Ok(Reader::from_read(std::io::Cursor::new(long()), None).into()),
            "locked" => Err(Error::denied("not for you")),
            _ => Err(Error::not_found("no such file")),
        }
    }
}

fn path(path: &str) -> Path {
    Path::new(path).unwrap()
}

/// All entries' paths, `max` at a time.
fn list(folder: &str, recursive: bool, max: u32) -> Result<Vec<String>> {
    let folder = path(folder);
    let (mut paths, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = Store.list_folder(ListRequest {
            folder: &folder,
            recursive,
            after: after.as_deref(),
            max,
        })?;
        assert!(page.entries.len() <= max as usize);
        paths.extend(page.entries.into_iter().map(|entry| entry.path));
        after = page.next;
        if after.is_none() {
            return Ok(paths);
        }
    }
}

fn read(file: &str, offset: u64) -> Result<Collected> {
    let mut collected = Collected::default();
    Store.read(&path(file), offset, Sink::to(&mut collected))?;
    Ok(collected)
}

/// What the error is, and of what.
fn refusal<T>(result: Result<T>) -> (Kind, Option<String>) {
    let error = result.err().unwrap();
    (error.kind(), error.subject().map(str::to_owned))
}

#[test]
fn every_page_size_lists_the_same() {
    for max in 1..5 {
        assert_eq!(list("", false, max).unwrap(), ["sub", "a", "empty"]);
        assert_eq!(list("", true, max).unwrap(), ["a", "sub/c", "sub/b"]);
        assert_eq!(list("sub", true, max).unwrap(), ["c", "b"]);
    }
}

#[test]
fn a_file_and_an_empty_folder_have_no_entries() {
    for folder in ["a", "sub/b", "empty"] {
        assert!(list(folder, true, 9).unwrap().is_empty(), "{folder}");
    }
}

#[test]
fn what_is_not_there_cannot_be_listed() {
    for folder in ["nothing", "sub/nothing", "a/nothing"] {
        let expected = (Kind::NotFound, Some(folder.to_owned()));
        assert_eq!(refusal(list(folder, false, 9)), expected);
    }
}

#[test]
fn what_is_known_comes_from_the_folder_above() {
    let entry = |of: &str, folder| Entry {
        path: of.to_owned(),
        folder,
        ..Entry::default()
    };
    let a = Entry {
        size: Some(5),
        etag: Some("1".to_owned()),
        ..entry("a", false)
    };
    assert_eq!(Store.stat(&path("a")), Ok(a));
    for (of, folder) in [("", true), ("sub", true), ("sub/b", false)] {
        assert_eq!(Store.stat(&path(of)), Ok(entry(of, folder)));
    }
    for of in ["nothing", "sub/nothing", "a/nothing"] {
        let expected = (Kind::NotFound, Some(of.to_owned()));
        assert_eq!(refusal(Store.stat(&path(of))), expected);
    }
}

#[test]
fn reading_starts_anywhere() {
    let whole = read("a", 0).unwrap();
    let head = Head {
        size: Some(5),
        media_type: Some("text/plain".to_owned()),
        etag: Some("1".to_owned()),
    };
    assert_eq!((whole.head, whole.bytes), (Some(head), b"hello".to_vec()));
    assert_eq!(read("a", 3).unwrap().bytes, b"lo");
    for (file, sized) in [("sub/b", true), ("sub/c", false)] {
        for (offset, left) in [(0, 200_000), (131_077, 68_923), (199_999, 1)] {
            let part = read(file, offset).unwrap();
            assert_eq!(part.head.unwrap().size, sized.then_some(left), "{file}");
            assert_eq!(part.bytes.len() as u64, left, "{file} from {offset}");
            assert_eq!(u64::from(part.bytes[0] - b'0'), offset % 10, "{file}");
        }
    }
}

#[test]
fn nothing_is_past_the_end() {
    for file in ["a", "sub/b", "sub/c"] {
        for offset in [200_000, u64::MAX] {
            let past = read(file, offset).unwrap();
            assert!(past.head.is_some() && past.bytes.is_empty(), "{file}");
        }
    }
}

#[test]
fn what_is_no_file_cannot_be_read() {
    for (file, kind) in [
        ("nothing", Kind::NotFound),
        ("sub/nothing", Kind::NotFound),
        ("a/nothing", Kind::NotFound),
        ("locked", Kind::Denied),
        ("sub", Kind::Invalid),
        ("", Kind::Invalid),
    ] {
        assert_eq!(refusal(read(file, 0)), (kind, Some(file.to_owned())));
    }
}

#[test]
fn nothing_can_be_changed() {
    let mut content = Reader::from_bytes("new");
    let written = Store.write(&path("a"), None, &mut content);
    let expected = (Kind::Unsupported, Some("a".to_owned()));
    assert_eq!(refusal(written), expected);
    assert_eq!(refusal(Store.delete(&path("a"))), expected);
}
