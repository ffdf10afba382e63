//! The store: a folder whose entries, sizes and bytes all name the version.

mod marks;

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::time::Duration;

use tenon_sdk::file_store::{Entry, FileStore, Head, ListRequest, Page, Sink};
use tenon_sdk::lifecycle::{Description, Plugin};
use tenon_sdk::{Error, Path, Result, config, export};

/// The small file.
const SMALL: &str = "small";
/// A file that no buffer on the way holds as a whole.
const LARGE: &str = "large";
/// Lines of the large file: 16 MiB of them.
const LARGE_LINES: usize = (16 << 20) / 16;
/// Lines written at a time.
const PIECE_LINES: usize = 4096;
/// What a slow version adds to every operation.
const SLOW: Duration = Duration::from_millis(40);

/// A version, and the lines of its small file.
#[derive(Debug)]
pub struct Versions {
    lines: usize,
}

export!(Versions: file_store);

impl Plugin for Versions {
    fn new() -> Result<Self> {
        let lines = config::get("lines").and_then(|lines| lines.parse().ok());
        Ok(Self {
            lines: lines.unwrap_or(64),
        })
    }

    fn describe() -> Description {
        let number: u32 = marks::version().parse().unwrap_or(0);
        let described = Description::new("versions", &format!("1.{number}.0"))
            .config_schema(include_str!("../config.schema.json"));
        match marks::fault() {
            "describe-traps" => panic!("told to"),
            "describe-spins" => loop {
                std::hint::spin_loop();
            },
            "wants-more" => described.wants(&["files"]),
            _ => described,
        }
    }

    fn check(&self) -> Result<()> {
        match marks::fault() {
            "check-denies" => Err(Error::denied("told to refuse its configuration")),
            "check-fails" => Err(Error::unavailable("told to reach nothing")),
            _ => Ok(()),
        }
    }
}

impl FileStore for Versions {
    fn list_folder(&self, _: ListRequest<'_>) -> Result<Page> {
        misbehave();
        let version = marks::version();
        let named = Entry {
            path: format!("version-{version}"),
            etag: Some(version.to_owned()),
            ..Entry::default()
        };
        Ok(Page {
            entries: vec![self.entry(LARGE), self.entry(SMALL), named],
            next: None,
        })
    }

    fn stat(&self, path: &Path) -> Result<Entry> {
        misbehave();
        Ok(self.entry(path.as_str()))
    }

    fn read(&self, path: &Path, _: u64, into: Sink<'_>) -> Result<()> {
        misbehave();
        let lines = self.lines_of(path.as_str());
        let head = Head {
            size: Some((lines * line().len()) as u64),
            media_type: Some("text/plain".to_owned()),
            etag: Some(marks::version().to_owned()),
        };
        let mut body = into.begin(head)?;
        let mut left = lines;
        while left > 0 {
            let lines = left.min(PIECE_LINES);
            body.write_all(line().repeat(lines).as_bytes())?;
            left -= lines;
        }
        Ok(())
    }
}

impl Versions {
    fn lines_of(&self, path: &str) -> usize {
        if path == LARGE {
            LARGE_LINES
        } else {
            self.lines
        }
    }

    fn entry(&self, path: &str) -> Entry {
        Entry {
            path: path.to_owned(),
            folder: path.is_empty(),
            size: Some((self.lines_of(path) * line().len()) as u64),
            etag: Some(marks::version().to_owned()),
        }
    }
}

/// Sixteen bytes, of which every body is made.
fn line() -> String {
    format!("version {}...\n", marks::version())
}

/// What the fault makes of an operation.
fn misbehave() {
    match marks::fault() {
        // A sandbox may serve one call only: no counter would reach twenty.
        "fails-5-percent"
            if RandomState::new()
                .build_hasher()
                .finish()
                .is_multiple_of(20) =>
        {
            panic!("told to fail now and then");
        }
        "slow" => std::thread::sleep(SLOW),
        _ => {}
    }
}
