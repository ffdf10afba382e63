//! Space on disk for what must be held whole before it goes on: files without
//! a name, so that none outlives the process, and the account of their bytes.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A directory and how much of it may be used. Clones share the account.
#[derive(Debug, Clone)]
pub struct Room {
    directory: PathBuf,
    file_bytes_max: u64,
    total_bytes_max: u64,
    used: Arc<AtomicU64>,
}

/// There is no room for more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Full {
    /// One file would be larger than any may be.
    #[error("a file may have {0} bytes")]
    File(u64),
    /// All files together would be; others may go.
    #[error("all files together may have {0} bytes")]
    Total(u64),
}

/// A file's part of the account, for as long as it exists.
#[derive(Debug)]
pub struct Held {
    room: Room,
    bytes: u64,
}

impl Room {
    /// Room in `directory` for files of `file_bytes_max` bytes each and
    /// `total_bytes_max` together.
    pub fn new(directory: PathBuf, file_bytes_max: u64, total_bytes_max: u64) -> Self {
        Self {
            directory,
            file_bytes_max,
            total_bytes_max,
            used: Arc::default(),
        }
    }

    /// Bytes in use now.
    pub fn used_bytes(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// A new file, which may block for as long as the disk does.
    ///
    /// # Errors
    ///
    /// [`io::Error`] of the file system.
    pub fn file(&self) -> io::Result<File> {
        tempfile::tempfile_in(&self.directory)
    }

    /// The account of one file.
    pub fn hold(&self) -> Held {
        Held {
            room: self.clone(),
            bytes: 0,
        }
    }
}

impl Held {
    /// Takes room for bytes that are to be written.
    ///
    /// # Errors
    ///
    /// [`Full`]; the file should go then.
    pub fn add(&mut self, bytes: u64) -> Result<(), Full> {
        let room = &self.room;
        if self.bytes.saturating_add(bytes) > room.file_bytes_max {
            return Err(Full::File(room.file_bytes_max));
        }
        let used = room.used.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.bytes += bytes;
        match used > room.total_bytes_max {
            true => Err(Full::Total(room.total_bytes_max)),
            false => Ok(()),
        }
    }

    /// Bytes taken so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.room.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
