//! The plugin, and its exports. Those of the store are written by hand: the
//! SDK would refuse a path that leads out of the root before any fault sees it.

mod database;
mod metadata;
mod processor;
mod repository;
mod resources;
mod spool;
mod store;

use std::sync::OnceLock;

use tenon_sdk::export::bindings::connector::{transfer::Sink, types::Error as WitError};
use tenon_sdk::export::bindings::file_store::exports::tenon::connector::file_store;
use tenon_sdk::export::bindings::wasi::io::streams::InputStream;
use tenon_sdk::export::{Component, Shared};
use tenon_sdk::files::Root;
use tenon_sdk::lifecycle::{Description, Plugin};
use tenon_sdk::{Path, Result, call, config};

/// Whether this is the fault that was asked for.
fn fault(name: &str) -> bool {
    config::get("fault").is_some_and(|fault| fault == name)
}

/// A granted root, served as a store and as a repository; and the roles of
/// sqAPI, of which each needs little.
struct Misfit {
    root: Root,
    read_only: bool,
}

impl Shared for Misfit {
    fn cell() -> &'static OnceLock<Self> {
        static PLUGIN: OnceLock<Misfit> = OnceLock::new();
        &PLUGIN
    }
}

impl Plugin for Misfit {
    fn new() -> Result<Self> {
        let root = match fault("config-missing") {
            true => config::get("root").expect("a root"),
            false => config::get("root").unwrap_or_else(|| "data".to_owned()),
        };
        Ok(Self {
            root: Root::named(root),
            read_only: config::parse("read_only")?.unwrap_or_default(),
        })
    }

    fn describe() -> Description {
        let version = if fault("describe-sane") {
            "one"
        } else {
            "1.0.0"
        };
        let description =
            Description::new("misfit", version).config_schema(r#"{"type": "object"}"#);
        if fault("describe-stable") {
            return description.wants(&[&call::current().request_id]);
        }
        description.wants(&["files", "scratch", "sql"])
    }

    fn check(&self) -> Result<()> {
        assert!(!fault("check-answers"), "check panics");
        self.root.stat(&Path::root()).map(drop)
    }
}

type Correct = Component<Misfit>;

/// What a path says, and where the fault makes it lead.
fn followed(path: String) -> String {
    if fault("paths-escape") && path.split('/').any(|part| part == "..") {
        return String::new();
    }
    path
}

struct Exports;

impl file_store::Guest for Exports {
    fn list_folder(
        path: String,
        recursive: bool,
        after: Option<String>,
        max: u32,
    ) -> std::result::Result<file_store::Page, WitError> {
        Correct::list_folder(followed(path), recursive, after, max)
    }

    fn stat(path: String) -> std::result::Result<file_store::Entry, WitError> {
        Correct::stat(followed(path))
    }

    fn read(path: String, offset: u64, into: &Sink) -> std::result::Result<(), WitError> {
        Correct::read(followed(path), offset, into)
    }

    fn write(
        path: String,
        size: Option<u64>,
        content: &InputStream,
    ) -> std::result::Result<file_store::Entry, WitError> {
        Correct::write(path, size, content)
    }

    fn delete(path: String) -> std::result::Result<(), WitError> {
        Correct::delete(path)
    }
}

tenon_sdk::export_role!(lifecycle Misfit);
tenon_sdk::export_role!(database Misfit);
tenon_sdk::export_role!(message_log Misfit);
tenon_sdk::export_role!(metadata_store Misfit);
tenon_sdk::export_role!(processor Misfit);
tenon_sdk::export_role!(repository Misfit);
tenon_sdk::export_role!(rest Misfit);
tenon_sdk::export::bindings::file_store::export_file_store!(
    Exports with_types_in tenon_sdk::export::bindings::file_store
);
