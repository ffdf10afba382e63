//! Temporary bytes outside the plugin's memory, gone when the call ends. All files of a call
//! share one quota.

use std::fmt;

use crate::{
    Result, backend,
    transfer::{Reader, Writer},
};

/// A temporary file.
pub struct File(backend::scratch::File);

/// Makes an empty file.
pub fn create() -> Result<File> {
    backend::scratch::File::create().map(File)
}

impl File {
    /// A stream that appends. Writing past the quota ends the call.
    pub fn append(&self) -> Result<Writer<'static>> {
        self.0.append().map(Writer)
    }

    /// Bytes written so far.
    pub fn size(&self) -> u64 {
        self.0.size()
    }

    /// What has been written so far, from `offset` on.
    pub fn open(&self, offset: u64) -> Result<Reader<'static>> {
        let size = self.size().saturating_sub(offset);
        Ok(Reader::new(self.0.open(offset)?, Some(size)))
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File").finish_non_exhaustive()
    }
}
