//! The exports as core functions: lists and strings are a pointer and a
//! length, every result a pointer to where it lies.

#![allow(unsafe_code, reason = "exports without a generator")]

mod bindings;

use std::slice;

/// Where a pointer must not lead: near the end of the address space.
const NOWHERE: usize = 0xffff_ff00;

/// A `result<entry, error>`, in the layout of the canonical ABI: the case, then
/// at 8 the path, at 16 `folder`, at 24 `size`, at 40 `etag`. Also long enough
/// for every other result.
#[repr(C, align(8))]
#[derive(Default)]
struct Answer {
    case: u64,
    pointer: usize,
    length: usize,
    rest: [u64; 6],
}

impl Answer {
    fn path(text: &'static [u8]) -> Self {
        Self {
            pointer: text.as_ptr() as usize,
            length: text.len(),
            ..Self::default()
        }
    }

    fn place(self) -> usize {
        std::ptr::from_ref(Box::leak(Box::new(self))) as usize
    }
}

#[unsafe(export_name = "tenon:connector/file-store@0.1.0#stat")]
extern "C" fn stat(path: *const u8, length: usize) -> usize {
    // SAFETY: the host has just written the path there.
    let path = unsafe { slice::from_raw_parts(path, length) };
    let fine = Answer::path(b"fine");
    match path {
        b"no-such-case" => Answer { case: 7, ..fine }.place(),
        b"no-such-option" => {
            let mut answer = fine;
            answer.rest[1] = 9;
            answer.place()
        }
        b"answer-nowhere" => NOWHERE,
        b"answer-unaligned" => fine.place() + 1,
        b"string-nowhere" => {
            let pointer = NOWHERE;
            Answer { pointer, ..fine }.place()
        }
        b"string-without-end" => {
            let length = usize::MAX;
            Answer { length, ..fine }.place()
        }
        b"no-utf-8" => Answer::path(b"\xff\xfe").place(),
        _ => fine.place(),
    }
}

#[unsafe(export_name = "tenon:connector/file-store@0.1.0#list-folder")]
extern "C" fn list_folder(
    _: *const u8,
    _: usize,
    _recursive: u32,
    _after: u32,
    _: *const u8,
    _: usize,
    _max: u32,
) -> usize {
    // More entries than linear memory holds.
    let length = 1 << 30;
    let answer = Answer::path(b"entries!");
    Answer { length, ..answer }.place()
}

#[unsafe(export_name = "tenon:connector/file-store@0.1.0#read")]
extern "C" fn read(_: *const u8, _: usize, _offset: u64, _into: u32) -> usize {
    NOWHERE
}

#[unsafe(export_name = "tenon:connector/file-store@0.1.0#write")]
extern "C" fn write(_: *const u8, _: usize, _: u32, _size: u64, _content: u32) -> usize {
    NOWHERE
}

#[unsafe(export_name = "tenon:connector/file-store@0.1.0#delete")]
extern "C" fn delete(_: *const u8, _: usize) -> usize {
    NOWHERE
}

#[unsafe(export_name = "tenon:connector/lifecycle@0.1.0#describe")]
extern "C" fn describe() -> usize {
    NOWHERE
}

#[unsafe(export_name = "tenon:connector/lifecycle@0.1.0#check")]
extern "C" fn check() -> usize {
    NOWHERE
}
