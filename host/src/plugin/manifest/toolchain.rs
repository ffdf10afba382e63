//! The tools and libraries a component is made of, as its custom sections
//! tell: `producers`, what `cargo auditable` and others write to `.dep-v0`,
//! and the SDK's own. Nothing depends on them: what cannot be read is left out.

use serde::{Deserialize, Serialize};
use wasm_metadata::Payload;
use wasmparser::CustomSectionReader;

/// Written by the SDK; its content is the SDK's version.
const SDK: &str = "tenon-sdk";
/// Compressed: each may take two MiB of memory and some time to unpack.
const DEPENDENCIES: &str = ".dep-v0";
/// Components of one author hold one or two; the rest is not looked at.
const DEPENDENCY_LISTS_MAX: usize = 4;
/// Entries kept of each kind. The largest plugin has some three hundred.
const ENTRIES_MAX: usize = 2_000;
const TEXT_LENGTH_MAX: usize = 200;

/// What made a component.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Producers {
    /// Languages it was written in.
    pub language: Vec<Tool>,
    /// Compilers, linkers and generators.
    pub processed_by: Vec<Tool>,
    /// Kits it was written against.
    pub sdk: Vec<Tool>,
}

/// A tool, language or kit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Tool {
    /// Such as `rustc`.
    pub name: String,
    /// May be empty.
    pub version: String,
}

/// A library built in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Dependency {
    /// Such as `serde`.
    pub name: String,
    /// Such as `1.0.228`.
    pub version: String,
}

/// What has been read so far.
#[derive(Debug, Default)]
pub(super) struct Toolchain {
    pub(super) producers: Producers,
    pub(super) dependencies: Vec<Dependency>,
    lists: usize,
}

impl Toolchain {
    /// Reads one custom section, of the component or of anything within it.
    /// `whole` is the section with its name.
    pub(super) fn read(&mut self, section: &CustomSectionReader<'_>, whole: &[u8]) {
        match section.name() {
            SDK => {
                let version = std::str::from_utf8(section.data()).unwrap_or_default();
                add(&mut self.producers.sdk, SDK, version);
            }
            "producers" => self.read_producers(section),
            DEPENDENCIES if self.lists < DEPENDENCY_LISTS_MAX => {
                self.lists += 1;
                self.read_dependencies(whole);
            }
            _ => {}
        }
    }

    fn read_producers(&mut self, section: &CustomSectionReader<'_>) {
        let read = wasm_metadata::Producers::from_bytes(section.data(), section.data_offset());
        let Ok(read) = read else { return };
        for (field, values) in read.iter() {
            let tools = match field.as_str() {
                "language" => &mut self.producers.language,
                "processed-by" => &mut self.producers.processed_by,
                "sdk" => &mut self.producers.sdk,
                _ => continue,
            };
            for (name, version) in values.iter() {
                add(tools, name, version);
            }
        }
    }

    /// The library reads the section in a file only, so it is given one.
    fn read_dependencies(&mut self, whole: &[u8]) {
        let Ok(length) = u32::try_from(whole.len()) else {
            return;
        };
        let mut module = b"\0asm\x01\0\0\0\0".to_vec();
        module.extend(leb128(length));
        module.extend(whole);
        let Ok(payload) = Payload::from_binary(&module) else {
            return;
        };
        let Some(list) = &payload.metadata().dependencies else {
            return;
        };
        for package in list.version_info().packages.iter().filter(|it| !it.root) {
            let (name, version) = (package.name.clone(), package.version.to_string());
            let room = self.dependencies.len() < ENTRIES_MAX;
            if room && is_shown(&name) && is_shown(&version) {
                insert(&mut self.dependencies, Dependency { name, version });
            }
        }
    }
}

fn add(tools: &mut Vec<Tool>, name: &str, version: &str) {
    let tool = Tool {
        name: name.to_owned(),
        version: version.to_owned(),
    };
    let shown = is_shown(name) && (version.is_empty() || is_shown(version));
    if shown && tools.len() < ENTRIES_MAX {
        insert(tools, tool);
    }
}

/// Keeps them in order and each once.
fn insert<T: Ord>(sorted: &mut Vec<T>, entry: T) {
    if let Err(place) = sorted.binary_search(&entry) {
        sorted.insert(place, entry);
    }
}

/// Whether a text may be shown to an operator as it is.
fn is_shown(text: &str) -> bool {
    (1..=TEXT_LENGTH_MAX).contains(&text.len()) && !text.chars().any(char::is_control)
}

fn leb128(mut number: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}
