//! `manifest-sha256.txt`: a line for every file, in the order of a listing. It is written and read
//! as a stream, since a project may have any number of files.
//!
//! Names stand in it as they are. RFC 8493 would write `%` as `%25`; `sha256sum` and the common
//! BagIt tools take it literally, and those are what people have at hand.

use std::{
    io::{BufRead, BufReader, Read},
    ops::ControlFlow,
};

use tenon_sdk::{
    Path, Result, scratch,
    transfer::{Reader, Writer},
};

use crate::{
    digest::{self, Hasher},
    project::DATA,
    store::Store,
};

/// Its name in the bag.
pub(crate) const NAME: &str = "manifest-sha256.txt";
/// What stands between digest and name.
const GAP: &str = "  ";
/// A longer line is none of ours.
const LINE_MAX: u64 = 8 << 10;
/// Bytes to hand to the host, or take from it, at a time.
const CHUNK: usize = 64 << 10;

/// A file and its digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    pub(crate) digest: &'a str,
    /// Relative to the data.
    pub(crate) name: &'a str,
}

/// A line as it is written; `path` is relative to the bag.
pub(crate) fn line(digest: &str, path: &str) -> String {
    format!("{digest}{GAP}{path}\n")
}

/// Reads a line, without what ends it.
fn parse(line: &str) -> Option<Line<'_>> {
    let (digest, rest) = line.split_at_checked(digest::LENGTH)?;
    let name = rest.strip_prefix(GAP)?.strip_prefix(DATA)?;
    let name = name.strip_prefix('/')?;
    Some(Line { digest, name })
}

/// A manifest in the making, outside the plugin's memory.
pub(crate) struct Draft {
    file: scratch::File,
    output: Writer<'static>,
    pending: String,
    hasher: Hasher,
}

impl Draft {
    pub(crate) fn new() -> Result<Self> {
        let file = scratch::create()?;
        Ok(Self {
            output: file.append()?,
            file,
            pending: String::new(),
            hasher: Hasher::default(),
        })
    }

    pub(crate) fn add(&mut self, added: Line<'_>) -> Result<()> {
        let path = format!("{DATA}/{}", added.name);
        self.pending += &line(added.digest, &path);
        if self.pending.len() >= CHUNK {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        self.hasher.update(self.pending.as_bytes());
        self.output.write_all(self.pending.as_bytes())?;
        self.pending.clear();
        Ok(())
    }

    /// Stores it in a staged bag, and returns its digest.
    pub(crate) fn store(mut self, store: &Store, bag: &Path) -> Result<String> {
        self.flush()?;
        let size = Some(self.file.size());
        store.write(&bag.child(NAME)?, size, &mut self.file.open(0)?)?;
        Ok(self.hasher.finish())
    }
}

/// How a look through a manifest ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Scanned {
    /// Where the caller had seen enough.
    Stopped,
    /// At its end; this is the digest of it all.
    Whole(String),
    /// At something that no manifest has.
    Malformed,
}

/// Shows every line to `f`, until that breaks off.
pub(crate) fn scan(
    content: Reader<'_>,
    mut f: impl FnMut(Line<'_>) -> Result<ControlFlow<()>>,
) -> Result<Scanned> {
    let mut lines = BufReader::with_capacity(CHUNK, content);
    let mut hasher = Hasher::default();
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        if lines
            .by_ref()
            .take(LINE_MAX)
            .read_until(b'\n', &mut bytes)?
            == 0
        {
            return Ok(Scanned::Whole(hasher.finish()));
        }
        hasher.update(&bytes);
        let text = bytes.strip_suffix(b"\n").map(str::from_utf8);
        let Some(line) = text.and_then(Result::ok).and_then(parse) else {
            return Ok(Scanned::Malformed);
        };
        if f(line)?.is_break() {
            return Ok(Scanned::Stopped);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scanned(text: &str) -> (Scanned, Vec<String>) {
        let mut names = Vec::new();
        let content = Reader::from_bytes(text.as_bytes().to_vec());
        let scanned = scan(content, |line| {
            names.push(line.name.to_owned());
            Ok(if line.name == "stop" {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            })
        });
        (scanned.unwrap(), names)
    }

    #[test]
    fn what_is_written_is_read() {
        let digest = digest::of(b"");
        let names = ["a", "sub/b c%25\\\u{fc}", "  x  "];
        let text: String = names
            .iter()
            .map(|name| line(&digest, &format!("data/{name}")))
            .collect();
        let expected = Scanned::Whole(digest::of(text.as_bytes()));
        assert_eq!(scanned(&text), (expected, names.map(str::to_owned).into()));
        let stopped = line(&digest, "data/stop") + &text;
        assert_eq!(
            scanned(&stopped),
            (Scanned::Stopped, vec!["stop".to_owned()])
        );
    }

    #[test]
    fn what_is_no_line_is_seen() {
        let digest = digest::of(b"");
        for text in [
            "\n".to_owned(),
            "short  data/a\n".to_owned(),
            format!("{digest} data/a\n"),
            format!("{digest}  elsewhere/a\n"),
            format!("{digest}  data/unended"),
            format!("{digest}  data/{}\n", "x".repeat(9000)),
            "\u{fc}".repeat(50) + "\n",
        ] {
            assert_eq!(scanned(&text).0, Scanned::Malformed, "{text}");
        }
    }
}
