//! The plugin, run natively, against real WebDAV servers, and against one that breaks off.

mod apache;
mod listening;
mod rclone;

use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
};

use apache::{Apache, TOKEN};
use tenon_sdk::native::{Collected, Environment};

use super::*;

const BEARER: &str = "Bearer {caller}";
const USER: &str = "al@ice@cloud.example";
const SPECIAL: &str = "100% #1?x=\u{fc}/b c+d&e.txt";

struct Fixture {
    apache: Apache,
    environment: Environment,
}

impl Fixture {
    fn new() -> Self {
        let apache = Apache::start();
        apache.store("a.txt", b"hello");
        apache.store("empty.txt", b"");
        apache.store("sub/d.txt", b"d");
        apache.store("sub/deep/e.txt", b"e");
        apache.store(SPECIAL, b"special");
        let environment = environment(&apache.url(), "owncloud", TOKEN, BEARER);
        Self {
            apache,
            environment,
        }
    }

    fn run<T>(&self, f: impl FnOnce(&Owncloud) -> Result<T>) -> Result<T> {
        self.environment.enter(|| f(&Owncloud::new()?))
    }

    fn read(&self, path: &str, offset: u64) -> Result<Collected> {
        let mut collected = Collected::default();
        self.run(|store| store.read(&Path::new(path)?, offset, Sink::to(&mut collected)))?;
        Ok(collected)
    }

    fn list(&self, folder: &str, max: u32) -> Result<Vec<String>> {
        self.run(|store| list(store, folder, max))
    }
}

fn list(store: &Owncloud, folder: &str, max: u32) -> Result<Vec<String>> {
    let (mut paths, mut after) = (Vec::new(), None::<String>);
    loop {
        let folder = Path::new(folder)?;
        let request = ListRequest {
            folder: &folder,
            recursive: true,
            after: after.as_deref(),
            max,
        };
        let page = store.list_folder(request)?;
        paths.extend(page.entries.into_iter().map(|entry| entry.path));
        after = page.next;
        if after.is_none() {
            paths.sort();
            return Ok(paths);
        }
    }
}

fn environment(url: &str, system: &str, token: &str, template: &str) -> Environment {
    Environment::builder()
        .config("base_url", url)
        .config("system", system)
        .credential("caller", token, template)
        .user(USER)
        .build()
}

#[test]
fn a_file_is_head_propfind_head_get() {
    let fixture = Fixture::new();
    let collected = fixture.read("sub/d.txt", 0).unwrap();
    assert_eq!(collected.bytes, b"d");
    let head = collected.head.unwrap();
    assert_eq!(
        (head.size, head.media_type.as_deref()),
        (Some(1), Some("text/plain"))
    );
    assert!(head.etag.is_some());
    let webdav = "/remote.php/webdav/sub";
    assert_eq!(
        fixture.apache.requests(),
        [
            format!("HEAD {webdav}/d.txt HTTP/1.1 - 200"),
            format!("PROPFIND {webdav}/ HTTP/1.1 1 207"),
            format!("HEAD {webdav}/d.txt HTTP/1.1 - 200"),
            format!("GET {webdav}/d.txt HTTP/1.1 - 200"),
        ]
    );
}

#[test]
fn a_folder_is_head_and_propfind_but_the_root_propfind_only() {
    let fixture = Fixture::new();
    assert_eq!(fixture.list("sub", 100).unwrap(), ["d.txt", "deep/e.txt"]);
    let requests = fixture.apache.requests();
    let asked: Vec<_> = requests
        .iter()
        .map(|line| line.split(" HTTP").next().unwrap())
        .collect();
    assert_eq!(
        asked,
        [
            "HEAD /remote.php/webdav/sub/",
            "PROPFIND /remote.php/webdav/sub/",
            "HEAD /remote.php/webdav/sub/deep/",
            "PROPFIND /remote.php/webdav/sub/deep/",
        ]
    );

    let root = Path::root();
    let request = ListRequest {
        folder: &root,
        recursive: false,
        after: None,
        max: 100,
    };
    let page = fixture.run(|store| store.list_folder(request)).unwrap();
    assert_eq!(page.entries.len(), 4);
    assert_eq!(
        fixture.apache.requests(),
        ["PROPFIND /remote.php/webdav/ HTTP/1.1 1 207"]
    );
}

#[test]
fn listings_are_the_same_in_pages_of_any_size() {
    let fixture = Fixture::new();
    let all = [SPECIAL, "a.txt", "empty.txt", "sub/d.txt", "sub/deep/e.txt"];
    for max in [1, 2, 5, 100] {
        assert_eq!(fixture.list("/", max).unwrap(), all, "{max}");
    }
    assert_eq!(fixture.list("a.txt", 10).unwrap(), [""; 0]);
    assert_eq!(
        fixture.list("missing", 10).unwrap_err().kind(),
        Kind::NotFound
    );
}

#[test]
fn any_name_can_be_read_also_percent_encoded() {
    let fixture = Fixture::new();
    assert_eq!(fixture.read(SPECIAL, 0).unwrap().bytes, b"special");
    assert_eq!(
        fixture
            .read("100%25%20%231%3Fx=%C3%BC/b%20c+d&e.txt", 0)
            .unwrap()
            .bytes,
        b"special"
    );
    // What is there under the literal name is not looked for under another.
    fixture.apache.store("a%2etxt", b"literal");
    assert_eq!(fixture.read("a%2etxt", 0).unwrap().bytes, b"literal");
    let empty = fixture.read("empty.txt", 0).unwrap();
    assert_eq!((empty.head.unwrap().size, empty.bytes.len()), (Some(0), 0));
}

#[test]
fn reads_from_an_offset() {
    let fixture = Fixture::new();
    for (offset, expected) in [(0, "hello"), (3, "lo"), (5, ""), (99, "")] {
        let collected = fixture.read("a.txt", offset).unwrap();
        assert_eq!(collected.bytes, expected.as_bytes());
        assert_eq!(collected.head.unwrap().size, Some(expected.len() as u64));
    }
}

#[test]
fn failures_have_their_meaning() {
    let mut fixture = Fixture::new();
    let kind = |result: Result<Collected>| result.unwrap_err().kind();
    assert_eq!(kind(fixture.read("missing.txt", 0)), Kind::NotFound);
    assert_eq!(kind(fixture.read("missing/a.txt", 0)), Kind::NotFound);
    assert_eq!(kind(fixture.read("a.txt/below", 0)), Kind::NotFound);
    assert_eq!(kind(fixture.read("sub", 0)), Kind::Invalid);
    assert_eq!(kind(fixture.read("", 0)), Kind::Invalid);
    let stat = |path: &str| fixture.run(|store| store.stat(&Path::new(path)?));
    assert!(stat("sub").unwrap().folder);
    assert_eq!(stat("a.txt").unwrap().size, Some(5));
    for nothing in ["b.txt", "a.txt/b", "a.txt/b/c"] {
        let error = stat(nothing).unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound, "{nothing}");
        let error = fixture.list(nothing, 9).unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound, "{nothing}");
        let deleted = fixture.run(|store| store.delete(&Path::new(nothing)?));
        assert_eq!(deleted.unwrap_err().kind(), Kind::NotFound, "{nothing}");
    }
    fixture.run(Owncloud::check).unwrap();

    fixture.environment = environment(&fixture.apache.url(), "owncloud", "wrong", BEARER);
    assert_eq!(kind(fixture.read("a.txt", 0)), Kind::Unauthenticated);
    assert_eq!(
        fixture.list("", 9).unwrap_err().kind(),
        Kind::Unauthenticated
    );
    // Nothing listens there.
    fixture.environment = environment("http://127.0.0.1:1", "owncloud", TOKEN, BEARER);
    assert_eq!(kind(fixture.read("a.txt", 0)), Kind::Unavailable);
    assert_eq!(
        fixture.run(Owncloud::check).unwrap_err().kind(),
        Kind::Unavailable
    );
}

#[test]
fn nextcloud_has_files_under_the_user_without_the_last_domain() {
    let mut fixture = Fixture::new();
    fixture.environment = environment(&fixture.apache.url(), "nextcloud", TOKEN, BEARER);
    assert_eq!(fixture.read("a.txt", 0).unwrap().bytes, b"hello");
    assert_eq!(fixture.list("sub", 9).unwrap(), ["d.txt", "deep/e.txt"]);
    assert!(fixture.apache.requests()[0].starts_with("HEAD /remote.php/dav/files/al%40ice/a.txt "));
}

#[test]
fn writes_and_deletes() {
    let fixture = Fixture::new();
    let write = |path: &str, size, content: Vec<u8>| {
        fixture.run(|store| store.write(&Path::new(path)?, size, &mut Reader::from_bytes(content)))
    };
    let big = vec![7; 3_000_000];
    assert_eq!(
        write("n w/f%/big", Some(3_000_000), big.clone())
            .unwrap()
            .size,
        Some(3_000_000)
    );
    assert!(fixture.read("n w/f%/big", 0).unwrap().bytes == big);
    // Unknown is the size only to the store.
    assert_eq!(
        write("n w/f%/big", None, b"less".to_vec()).unwrap().size,
        Some(4)
    );
    assert_eq!(fixture.read("n w/f%/big", 0).unwrap().bytes, b"less");
    assert_eq!(
        write("a.txt/x", Some(0), Vec::new()).unwrap_err().kind(),
        Kind::Conflict
    );

    let delete = |path: &str| fixture.run(|store| store.delete(&Path::new(path)?));
    delete("n w").unwrap();
    assert_eq!(delete("n w").unwrap_err().kind(), Kind::NotFound);
    assert_eq!(delete("").unwrap_err().kind(), Kind::Denied);
}

#[test]
fn a_broken_upload_leaves_no_file() {
    let fixture = Fixture::new();
    let mut content = Reader::from_read(std::io::repeat(1).take(100_000), Some(200_000));
    let written = fixture.run(|store| store.write(&Path::new("cut")?, Some(200_000), &mut content));
    assert_eq!(written.unwrap_err().kind(), Kind::Unavailable);
    assert!(!fixture.apache.data().join("cut").exists());

    for size in [0, 1, 10] {
        let mut content = Reader::from_read(&[7; 11][..], Some(size));
        let written =
            fixture.run(|store| store.write(&Path::new("long")?, Some(size), &mut content));
        assert_eq!(written.unwrap_err().kind(), Kind::Invalid, "{size}");
        assert!(!fixture.apache.data().join("long").exists(), "{size}");
    }
}

/// Answers every request, the last of which is a `GET`, and breaks that one's body off.
fn breaking_server(framing: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let mut request = [0; 4096];
            let count = connection.read(&mut request).unwrap();
            let answer = match &request[..count.min(4)] {
                b"HEAD" => {
                    "HTTP/1.1 200 OK\r\ncontent-length: 9\r\nconnection: close\r\n\r\n".to_owned()
                }
                b"PROP" => {
                    "HTTP/1.1 207 x\r\nconnection: close\r\n\r\n<m:multistatus xmlns:m='DAV:'/>"
                        .to_owned()
                }
                _ => format!("HTTP/1.1 200 OK\r\n{framing}"),
            };
            connection.write_all(answer.as_bytes()).unwrap();
        }
    });
    url
}

#[test]
fn a_body_that_breaks_off_is_an_error() {
    for framing in [
        "content-length: 9\r\n\r\nhalf",
        "transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ] {
        let environment = environment(&breaking_server(framing), "owncloud", TOKEN, BEARER);
        let mut collected = Collected::default();
        let read = environment
            .enter(|| Owncloud::new()?.read(&Path::new("a.txt")?, 0, Sink::to(&mut collected)));
        assert_eq!(read.unwrap_err().kind(), Kind::Unavailable, "{framing:?}");
        assert!(collected.head.is_some());
    }
}
