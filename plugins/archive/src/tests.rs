//! The plugin over a real directory, run natively.

mod breakage;
mod changes;
mod damage;
mod large;
mod names;
mod pages;
mod publishing;
mod race;
mod users;

use std::{
    fs,
    path::{Path as DiskPath, PathBuf},
    sync::Arc,
};

use serde_json::{Value, json};
use tempfile::TempDir;
use tenon_sdk::{
    Kind,
    native::{Collected, Environment},
};

use super::*;

/// One host. Others may share its directory.
#[derive(Clone)]
struct Host {
    directory: Arc<TempDir>,
    environment: Environment,
}

impl Host {
    fn new() -> Self {
        Self::on(Arc::new(TempDir::new().unwrap()), "alice", &[])
    }

    fn on(directory: Arc<TempDir>, user: &str, config: &[(&str, &str)]) -> Self {
        let mut environment = Environment::builder()
            .root("archive", directory.path())
            .unwrap();
        if !user.is_empty() {
            environment = environment.user(user);
        }
        for (key, value) in config {
            environment = environment.config(key, *value);
        }
        Self {
            directory,
            environment: environment.build(),
        }
    }

    /// Another host on the same directory.
    fn beside(&self, user: &str, config: &[(&str, &str)]) -> Self {
        Self::on(self.directory.clone(), user, config)
    }

    fn run<T>(&self, f: impl FnOnce(&Archive) -> Result<T>) -> Result<T> {
        self.environment.enter(|| f(&Archive::new()?))
    }

    fn create(&self) -> String {
        self.run(|archive| archive.create_project(None)).unwrap().id
    }

    fn add(&self, project: &str, name: &str, content: impl Into<Vec<u8>>) -> Result<DepositedFile> {
        let mut content = Reader::from_bytes(content.into());
        let size = content.remaining();
        self.run(|archive| archive.add_file(project, &Path::new(name)?, size, &mut content))
    }

    fn read(&self, project: &str, file: &str) -> Result<Vec<u8>> {
        let mut collected = Collected::default();
        self.run(|archive| archive.read_file(project, file, Sink::to(&mut collected)))?;
        assert_eq!(
            collected.head.unwrap().size,
            Some(collected.bytes.len() as u64)
        );
        Ok(collected.bytes)
    }

    fn update(&self, project: &str, metadata: &str) -> Result<String> {
        self.run(|archive| archive.update_project(project, Some(metadata)))
    }

    fn metadata(&self, project: &str) -> Result<String> {
        self.run(|archive| archive.get_project(project))
    }

    fn publish(&self, project: &str) -> Result<String> {
        self.run(|archive| archive.publish_project(project))
    }

    fn delete(&self, project: &str) -> Result<()> {
        self.run(|archive| archive.delete_project(project))
    }

    fn delete_file(&self, project: &str, file: &str) -> Result<()> {
        self.run(|archive| archive.delete_file(project, file))
    }

    fn delete_files(&self, project: &str) -> Result<()> {
        self.run(|archive| archive.delete_files(project))
    }

    /// The names of all files, read in pages of `max`.
    fn files(&self, project: &str, max: u32) -> Result<Vec<String>> {
        let mut names = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let request = PageRequest {
                after: after.as_deref(),
                max,
            };
            let page = self.run(|archive| archive.list_files(project, request))?;
            assert!(page.items.len() <= max as usize);
            names.extend(page.items.into_iter().map(|file| file.name));
            after = page.next;
            if after.is_none() {
                return Ok(names);
            }
        }
    }

    /// Where something of a project lies on the disk.
    fn path(&self, state: &str, owner: &str, project: &str, below: &str) -> PathBuf {
        let place = self.directory.path().join(state).join(owner).join(project);
        place.join(below)
    }

    fn published(&self, project: &str, below: &str) -> PathBuf {
        self.path("published", "alice", project, below)
    }

    /// Everything in staging.
    fn staged(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.directory.path().join("staging")) else {
            return Vec::new();
        };
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    /// Tries every way to change a project.
    #[track_caller]
    fn assert_unchangeable(&self, project: &str, kind: Kind) {
        let kinds = [
            ("update", self.update(project, &crate_named("other")).err()),
            ("add", self.add(project, "new.txt", "new").err()),
            ("add below", self.add(project, "new/new.txt", "new").err()),
            ("replace", self.add(project, "a.txt", "new").err()),
            (
                "document",
                self.add(project, document::NAME, crate_named("x")).err(),
            ),
            ("delete file", self.delete_file(project, "a.txt").err()),
            ("delete files", self.delete_files(project).err()),
            ("delete", self.delete(project).err()),
        ];
        for (change, error) in kinds {
            let error = error.unwrap_or_else(|| panic!("{change} went through"));
            assert_eq!(error.kind(), kind, "{change}: {error}");
            assert!(!error.to_string().contains("drafts/"), "{error}");
        }
        assert_eq!(self.staged(), [""; 0]);
    }
}

/// A crate document.
fn crate_named(name: &str) -> String {
    json!({
        "@context": "https://w3id.org/ro/crate/1.1/context",
        "@graph": [
            {
                "@type": "CreativeWork",
                "@id": "ro-crate-metadata.json",
                "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
                "about": {"@id": "./"},
            },
            {
                "@id": "./",
                "@type": "Dataset",
                "name": name,
                "description": "A crate.",
                "datePublished": "2024-01-02",
                "license": {"@id": "https://spdx.org/licenses/CC0-1.0"},
            },
        ],
    })
    .to_string()
}

/// The files of a bag's manifest and their digests, checked against the disk.
fn checked_manifest(bag: &DiskPath) -> Vec<String> {
    let manifest = fs::read_to_string(bag.join("manifest-sha256.txt")).unwrap();
    let mut names = Vec::new();
    for line in manifest.lines() {
        let (digest, path) = line.split_once("  ").unwrap();
        assert_eq!(
            digest::of(&fs::read(bag.join(path)).unwrap()),
            digest,
            "{path}"
        );
        names.push(path.strip_prefix("data/").unwrap().to_owned());
    }
    names
}
