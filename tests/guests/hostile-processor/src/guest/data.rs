//! What can be done to the object that is looked at.

use super::Deed;
use super::bindings::tenon::connector::types::Error;
use super::detail;

pub(super) const DEEDS: &[Deed] = &[
    ("read", |_, work| {
        let bytes = work.data.read(0, u32::MAX);
        Ok(Some(bytes.len().to_string()))
    }),
    ("read-past-the-end", |_, work| {
        let far = [work.data.size(), u64::MAX, 1 << 63];
        let read = far.map(|offset| work.data.read(offset, u32::MAX).len());
        let streamed = far.map(|offset| {
            let stream = work.data.open(offset);
            stream.blocking_read(1 << 20).is_ok_and(|it| !it.is_empty())
        });
        match (read, streamed) {
            ([0, 0, 0], [false, false, false]) => Ok(None),
            other => Err(Error::Internal(detail(format!("{other:?}")))),
        }
    }),
    ("leak-stream", |_, work| {
        std::mem::forget(work.data.open(0));
        Ok(None)
    }),
    ("leak-pollable", |_, work| {
        let stream = work.data.open(0);
        std::mem::forget(stream.subscribe());
        std::mem::forget(stream);
        Ok(None)
    }),
    ("open-for-ever", |_, work| {
        loop {
            std::mem::forget(work.data.open(0));
        }
    }),
];
