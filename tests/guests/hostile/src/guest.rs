//! The deeds, one table per subject, and how an operation finds one.

#![allow(
    unsafe_code,
    reason = "what a guest does to its own memory is a subject, and bindings are made of it"
)]

mod bindings;
mod canary;
mod cpu;
mod exits;
mod files;
mod handles;
mod logs;
mod memory;
mod network;
mod secrets;
mod stores;
mod transfer;
mod uploads;
mod view;

use bindings::exports::tenon::connector::{file_store, lifecycle};
use bindings::tenon::connector::transfer::Sink;
use bindings::tenon::connector::types::{Delay, Detail, Error};
use bindings::wasi::io::streams::InputStream;
use file_store::{Entry, Page};

type Result<T> = std::result::Result<T, Error>;
/// What any operation can do; the text is its answer.
type Deed = (&'static str, fn(&str) -> Result<String>);

const DEEDS: [&[Deed]; 11] = [
    canary::DEEDS,
    cpu::DEEDS,
    exits::DEEDS,
    files::DEEDS,
    handles::DEEDS,
    logs::DEEDS,
    memory::DEEDS,
    network::DEEDS,
    secrets::DEEDS,
    stores::DEEDS,
    view::DEEDS,
];

struct Hostile;

bindings::export!(Hostile with_types_in bindings);

fn split(path: &str) -> (&str, &str) {
    path.split_once(' ').unwrap_or((path, ""))
}

/// Finds a deed of an operation's own, such as those that need its stream.
fn own<T: Copy>(deeds: &[(&str, T)], name: &str) -> Option<T> {
    let found = deeds.iter().find(|(known, _)| *known == name);
    found.map(|(_, deed)| *deed)
}

fn act(path: &str) -> Result<String> {
    let (name, argument) = split(path);
    match DEEDS.iter().find_map(|deeds| own(deeds, name)) {
        Some(deed) => deed(argument),
        None => Err(Error::NotFound(detail("no such deed"))),
    }
}

fn detail(message: impl Into<String>) -> Detail {
    Detail {
        message: message.into(),
        subject: None,
    }
}

fn unavailable(message: impl Into<String>) -> Error {
    Error::Unavailable(Delay {
        detail: detail(message),
        after_ms: None,
    })
}

fn number(argument: &str) -> Result<u64> {
    let number = argument.parse();
    number.map_err(|_| Error::Invalid(detail("the argument is no number")))
}

fn entry(path: String, size: Option<u64>) -> Entry {
    Entry {
        path,
        folder: false,
        size,
        etag: None,
    }
}

impl lifecycle::Guest for Hostile {
    fn describe() -> lifecycle::Description {
        lifecycle::Description {
            name: "hostile".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            config_schema: "true".to_owned(),
            wants: Vec::new(),
        }
    }

    fn check() -> Result<()> {
        Ok(())
    }
}

impl file_store::Guest for Hostile {
    fn list_folder(path: String, _: bool, _: Option<String>, max: u32) -> Result<Page> {
        let entries = match &*path {
            "one-too-many" => u64::from(max) + 1,
            "as-many" => u64::from(max),
            _ => 1,
        };
        let text = if entries == 1 {
            act(&path)?
        } else {
            String::new()
        };
        Ok(Page {
            entries: (0..entries).map(|_| entry(text.clone(), None)).collect(),
            next: None,
        })
    }

    fn stat(path: String) -> Result<Entry> {
        Ok(entry(act(&path)?, None))
    }

    fn read(path: String, _: u64, into: &Sink) -> Result<()> {
        let (name, argument) = split(&path);
        match own(transfer::DEEDS, name) {
            Some(deed) => deed(argument, into),
            None => transfer::send(into, act(&path)?.as_bytes()),
        }
    }

    fn write(path: String, size: Option<u64>, content: &InputStream) -> Result<Entry> {
        let (name, argument) = split(&path);
        let taken = match own(uploads::DEEDS, name) {
            Some(deed) => deed(argument, size, content)?,
            None => act(&path)?.len() as u64,
        };
        Ok(entry(path, Some(taken)))
    }

    fn delete(path: String) -> Result<()> {
        act(&path).map(drop)
    }
}
