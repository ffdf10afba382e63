//! What an operation sends, on its way to a file or to the screen.

use std::io::Write as _;
use std::path::Path;

use tempfile::NamedTempFile;

use super::Failed;

/// Bytes of contents that are kept in memory to be shown.
const SHOWN_BYTES_MAX: usize = 16 << 20;

/// Where contents go. A file appears when it is whole.
pub(super) struct Content<'a> {
    pub(super) bytes: u64,
    into: Into<'a>,
}

enum Into<'a> {
    Memory(Vec<u8>),
    File(NamedTempFile, &'a Path),
}

impl<'a> Content<'a> {
    pub(super) fn new(out: Option<&'a Path>) -> Result<Self, Failed> {
        let into = match out {
            None => Into::Memory(Vec::new()),
            Some(path) => {
                let folder = path.parent().filter(|parent| *parent != Path::new(""));
                let file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")));
                Into::File(file.map_err(|error| unwritable(path, &error))?, path)
            }
        };
        Ok(Self { bytes: 0, into })
    }

    pub(super) fn add(&mut self, bytes: &[u8]) -> Result<(), Failed> {
        self.bytes += bytes.len() as u64;
        match &mut self.into {
            Into::File(file, path) => {
                let written = file.write_all(bytes);
                written.map_err(|error| unwritable(path, &error))
            }
            Into::Memory(kept) if kept.len() + bytes.len() > SHOWN_BYTES_MAX => {
                let message = "there is more to come than fits here; name a file with --out";
                Err(Failed::Output(message.to_owned()))
            }
            Into::Memory(kept) => {
                kept.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    pub(super) fn finish(self) -> Result<Option<Vec<u8>>, Failed> {
        match self.into {
            Into::Memory(kept) => Ok(Some(kept)),
            Into::File(file, path) => {
                let kept = file.persist(path);
                kept.map_err(|error| unwritable(path, &error.error))?;
                Ok(None)
            }
        }
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failed {
    Failed::Output(format!("--out {}: {error}", path.display()))
}
