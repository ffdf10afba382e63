//! The plugin over a real directory, run natively.

use std::{fs, os::unix::fs::symlink};

use tempfile::TempDir;
use tenon_sdk::native::{Collected, Environment};

use super::*;

struct Fixture {
    directory: TempDir,
    environment: Environment,
}

impl Fixture {
    fn new() -> Self {
        Self::with_prefix("")
    }

    fn with_prefix(prefix: &str) -> Self {
        let directory = TempDir::new().unwrap();
        let root = directory.path().join("root");
        for folder in ["sub/deep", "empty"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        for (path, content) in [
            ("b c.txt", "b"),
            ("a.txt", "hello"),
            ("sub/d.txt", "d"),
            ("sub/deep/100%#?\u{fc}.txt", ""),
        ] {
            fs::write(root.join(path), content).unwrap();
        }
        fs::write(directory.path().join("outside.txt"), "secret").unwrap();
        symlink("../outside.txt", root.join("link")).unwrap();
        symlink("a.txt", root.join("inner")).unwrap();
        let environment = Environment::builder()
            .config("root", "docs")
            .config("prefix", prefix);
        let environment = environment.root("docs", root).unwrap().build();
        Self {
            directory,
            environment,
        }
    }

    fn run<T>(&self, f: impl FnOnce(&Disk) -> Result<T>) -> Result<T> {
        self.environment.enter(|| f(&Disk::new()?))
    }

    fn read(&self, path: &str, offset: u64) -> Result<Collected> {
        let mut collected = Collected::default();
        self.run(|disk| disk.read(&Path::new(path)?, offset, Sink::to(&mut collected)))?;
        Ok(collected)
    }

    fn list(&self, folder: &str, recursive: bool, max: u32) -> Result<Vec<String>> {
        let (mut paths, mut after) = (Vec::new(), None::<String>);
        loop {
            let folder = Path::new(folder)?;
            let request = ListRequest {
                folder: &folder,
                recursive,
                after: after.as_deref(),
                max,
            };
            let page = self.run(|disk| disk.list_folder(request))?;
            paths.extend(page.entries.into_iter().map(|entry| entry.path));
            after = page.next;
            if after.is_none() {
                return Ok(paths);
            }
        }
    }
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
fn reads_a_file_of_many_chunks() {
    let fixture = Fixture::new();
    let content: Vec<u8> = (0..3_000_001_u32)
        .map(|number| number.to_le_bytes()[0])
        .collect();
    fs::write(fixture.directory.path().join("root/big"), &content).unwrap();
    assert!(fixture.read("big", 0).unwrap().bytes == content);
}

#[test]
fn lists_relative_files_in_order() {
    let fixture = Fixture::new();
    let all = [
        "a.txt",
        "b c.txt",
        "inner",
        "sub/d.txt",
        "sub/deep/100%#?\u{fc}.txt",
    ];
    for max in 1..=6 {
        assert_eq!(fixture.list("", true, max).unwrap(), all);
        assert_eq!(
            fixture.list("sub", true, max).unwrap(),
            ["d.txt", "deep/100%#?\u{fc}.txt"]
        );
        assert_eq!(
            fixture.list("", false, max).unwrap(),
            ["a.txt", "b c.txt", "empty", "inner", "sub"]
        );
    }
    assert_eq!(fixture.list("empty", true, 5).unwrap(), [""; 0]);
    assert_eq!(fixture.list("a.txt", true, 5).unwrap(), [""; 0]);
}

#[test]
fn failures_have_their_meaning() {
    let fixture = Fixture::new();
    let kind = |path| fixture.read(path, 0).unwrap_err().kind();
    assert_eq!(kind("missing.txt"), Kind::NotFound);
    assert_eq!(kind("missing/a.txt"), Kind::NotFound);
    assert_eq!(kind("sub"), Kind::Invalid);
    assert_eq!(kind("../outside.txt"), Kind::Invalid);
    assert_eq!(kind("link"), Kind::Denied);
    assert_eq!(
        fixture.list("missing", true, 5).unwrap_err().kind(),
        Kind::NotFound
    );
    assert_eq!(
        fixture.read("missing.txt", 0).unwrap_err().subject(),
        Some("missing.txt")
    );
}

#[test]
fn writes_and_deletes() {
    let fixture = Fixture::new();
    let write = |path: &str, size, content: &'static str| {
        fixture.run(|disk| disk.write(&Path::new(path)?, size, &mut Reader::from_bytes(content)))
    };
    let entry = write("new/folder/x.txt", Some(3), "abc").unwrap();
    assert_eq!(
        (entry.path.as_str(), entry.size),
        ("new/folder/x.txt", Some(3))
    );
    assert_eq!(fixture.read("new/folder/x.txt", 0).unwrap().bytes, b"abc");

    // A stream of another size leaves what was there.
    assert!(write("new/folder/x.txt", Some(9), "short").is_err());
    assert!(write("new/folder/x.txt", Some(2), "long").is_err());
    assert_eq!(fixture.list("new", true, 9).unwrap(), ["folder/x.txt"]);
    assert_eq!(fixture.read("new/folder/x.txt", 0).unwrap().bytes, b"abc");

    let delete = |path: &str| fixture.run(|disk| disk.delete(&Path::new(path)?));
    delete("new").unwrap();
    assert_eq!(delete("new").unwrap_err().kind(), Kind::NotFound);
    assert_eq!(delete("").unwrap_err().kind(), Kind::Denied);
}

#[test]
fn a_prefix_is_the_callers_root() {
    let fixture = Fixture::with_prefix("sub");
    assert_eq!(
        fixture.list("", true, 9).unwrap(),
        ["d.txt", "deep/100%#?\u{fc}.txt"]
    );
    let entry = fixture.run(|disk| disk.stat(&Path::new("d.txt")?)).unwrap();
    assert_eq!(
        (entry.path.as_str(), entry.size, entry.folder),
        ("d.txt", Some(1), false)
    );
    fixture.run(Disk::check).unwrap();
    assert_eq!(
        Fixture::with_prefix("a.txt")
            .run(Disk::check)
            .unwrap_err()
            .kind(),
        Kind::Invalid
    );
}

#[test]
fn a_cancelled_call_ends() {
    let fixture = Fixture::new();
    fixture.environment.cancel();
    assert_eq!(
        fixture.read("a.txt", 0).unwrap_err().kind(),
        Kind::Unavailable
    );
}
