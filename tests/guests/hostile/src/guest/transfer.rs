//! Answers with a body.

use super::bindings::tenon::connector::transfer::{Head, Sink};
use super::bindings::wasi::io::streams::{OutputStream, StreamError};
use super::{Result, handles, number, unavailable};

type Deed = (&'static str, fn(&str, &Sink) -> Result<()>);

pub(super) const DEEDS: &[Deed] = &[
    ("begin-never", |_, _| Ok(())),
    ("begin-twice", begin_twice),
    ("half-then-trap", half_then_trap),
    ("half-then-error", half_then_error),
    ("half-then-wait", half_then_wait),
    ("too-few", |_, sink| announce(sink, 8, b"half")),
    ("too-many", |_, sink| announce(sink, 2, b"half")),
    ("exactly", |_, sink| announce(sink, 4, b"half")),
    ("bytes", bytes),
    ("leak-stream", leak_stream),
    ("unchecked", unchecked),
    ("memory", memory),
];

fn head(size: Option<u64>) -> Head {
    Head {
        size,
        media_type: None,
        etag: None,
    }
}

/// The argument `sized` announces twice as much as is sent.
fn half(argument: &str, sink: &Sink) -> Result<OutputStream> {
    let size = (argument == "sized").then_some(8);
    let stream = sink.begin(&head(size));
    write(&stream, b"half")?;
    Ok(stream)
}

pub(super) fn write(stream: &OutputStream, mut bytes: &[u8]) -> Result<()> {
    let gone = |error: StreamError| unavailable(format!("{error:?}"));
    while !bytes.is_empty() {
        let room = stream.check_write().map_err(gone)?;
        if room == 0 {
            stream.subscribe().block();
            continue;
        }
        let (now, later) = bytes.split_at(bytes.len().min(room as usize));
        stream.write(now).map_err(gone)?;
        bytes = later;
    }
    Ok(())
}

fn announce(sink: &Sink, size: u64, bytes: &[u8]) -> Result<()> {
    write(&sink.begin(&head(Some(size))), bytes)
}

pub(super) fn send(sink: &Sink, bytes: &[u8]) -> Result<()> {
    announce(sink, bytes.len() as u64, bytes)
}

fn begin_twice(_: &str, sink: &Sink) -> Result<()> {
    let _first = sink.begin(&head(None));
    let _second = sink.begin(&head(None));
    Ok(())
}

fn half_then_trap(argument: &str, sink: &Sink) -> Result<()> {
    let _stream = half(argument, sink)?;
    core::arch::wasm32::unreachable()
}

fn half_then_error(argument: &str, sink: &Sink) -> Result<()> {
    let _stream = half(argument, sink)?;
    Err(unavailable("half-way"))
}

fn half_then_wait(argument: &str, sink: &Sink) -> Result<()> {
    let _stream = half(argument, sink)?;
    handles::wait_for_ever()
}

fn bytes(count: &str, sink: &Sink) -> Result<()> {
    let stream = sink.begin(&head(None));
    let step = vec![b'x'; 64 * 1024];
    let mut left = number(count)? as usize;
    while left > 0 {
        let now = left.min(step.len());
        write(&stream, &step[..now])?;
        left -= now;
    }
    Ok(())
}

/// Returns with the stream still open.
fn leak_stream(_: &str, sink: &Sink) -> Result<()> {
    let stream = sink.begin(&head(None));
    write(&stream, b"all")?;
    std::mem::forget(stream);
    Ok(())
}

/// Writes on and on without asking for room.
fn unchecked(_: &str, sink: &Sink) -> Result<()> {
    let stream = sink.begin(&head(None));
    loop {
        let written = stream.write(&[1; 4096]);
        written.map_err(|error| unavailable(format!("{error:?}")))?;
    }
}

/// All of linear memory, for the test to look for what must not be there.
fn memory(_: &str, sink: &Sink) -> Result<()> {
    let bytes = core::arch::wasm32::memory_size(0) * 64 * 1024;
    // SAFETY: below the memory's size, and linear memory is plain bytes.
    let all = unsafe { std::slice::from_raw_parts(std::ptr::dangling::<u8>(), bytes - 1) };
    send(sink, all)
}
