//! Files, by the granted way and by the standard library's.

use super::bindings::tenon::connector::files;
use super::bindings::wasi::io::streams::StreamError;
use super::{Deed, Result, split, unavailable};

pub(super) const DEEDS: &[Deed] = &[
    ("file", file),
    ("folder", folder),
    ("remove", remove),
    ("std-file", std_file),
];

/// `file <root> <path>`
fn file(argument: &str) -> Result<String> {
    let (root, path) = split(argument);
    let (_, stream) = files::open(root, path, 0)?;
    let mut all = Vec::new();
    loop {
        match stream.blocking_read(64 * 1024) {
            Ok(bytes) => all.extend(bytes),
            Err(StreamError::Closed) => break,
            Err(error) => return Err(unavailable(format!("{error:?}"))),
        }
    }
    Ok(String::from_utf8_lossy(&all).into_owned())
}

fn folder(argument: &str) -> Result<String> {
    let (root, path) = split(argument);
    let names = files::list(root, path, None, 100)?;
    let names: Vec<_> = names.into_iter().map(|item| item.name).collect();
    Ok(names.join(" "))
}

fn remove(argument: &str) -> Result<String> {
    let (root, path) = split(argument);
    files::remove(root, path)?;
    Ok("removed".to_owned())
}

fn std_file(path: &str) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| unavailable(error.to_string()))
}
