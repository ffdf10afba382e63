//! Reading the server's binary forms.

/// What is left of a value. Numbers are big-endian.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wire<'a>(pub(super) &'a [u8]);

/// A value that is not in its type's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Misread;

impl<'a> Wire<'a> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Misread> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(Misread)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(super) fn u8(&mut self) -> Result<u8, Misread> {
        self.take().map(|[byte]| byte)
    }

    pub(super) fn u16(&mut self) -> Result<u16, Misread> {
        self.take().map(u16::from_be_bytes)
    }

    pub(super) fn i16(&mut self) -> Result<i16, Misread> {
        self.take().map(i16::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Misread> {
        self.take().map(u32::from_be_bytes)
    }

    pub(super) fn i32(&mut self) -> Result<i32, Misread> {
        self.take().map(i32::from_be_bytes)
    }

    pub(super) fn i64(&mut self) -> Result<i64, Misread> {
        self.take().map(i64::from_be_bytes)
    }

    /// A run of bytes after its length; `None` for a null.
    pub(super) fn value(&mut self) -> Result<Option<&'a [u8]>, Misread> {
        let Ok(length) = usize::try_from(self.i32()?) else {
            return Ok(None);
        };
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Misread)?;
        self.0 = rest;
        Ok(Some(taken))
    }

    pub(super) fn text(self) -> Result<&'a str, Misread> {
        std::str::from_utf8(self.0).map_err(|_| Misread)
    }
}
