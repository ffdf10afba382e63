//! Temporary bytes in a file without a name.

use std::{fs, io, sync::Arc};

use super::{
    files::FileSource,
    stream::{Input, Output},
};
use crate::Result;

pub(crate) struct File(Arc<fs::File>);

impl File {
    pub(crate) fn create() -> Result<Self> {
        Ok(Self(Arc::new(tempfile::tempfile()?)))
    }

    pub(crate) fn append(&self) -> Result<Output<'static>> {
        Ok(Output::Writer(Box::new(Append(Arc::clone(&self.0)))))
    }

    pub(crate) fn size(&self) -> u64 {
        self.0.metadata().map_or(0, |metadata| metadata.len())
    }

    pub(crate) fn open(&self, offset: u64) -> Result<Input<'static>> {
        Ok(Input::new(FileSource::new(Arc::clone(&self.0), offset)))
    }
}

struct Append(Arc<fs::File>);

impl io::Write for Append {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let end = self.0.metadata()?.len();
        Ok(rustix::io::pwrite(&*self.0, bytes, end)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
