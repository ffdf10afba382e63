//! Temporary bytes.

use super::{
    bindings::connector::scratch,
    stream::{Input, Output},
};
use crate::Result;

pub(crate) struct File(scratch::File);

impl File {
    pub(crate) fn create() -> Result<Self> {
        Ok(Self(scratch::create()?))
    }

    pub(crate) fn append(&self) -> Result<Output<'static>> {
        Ok(Output::new(self.0.append()?))
    }

    pub(crate) fn size(&self) -> u64 {
        self.0.size()
    }

    pub(crate) fn open(&self, offset: u64) -> Result<Input<'static>> {
        Ok(Input::owned(self.0.open(offset)?))
    }
}
