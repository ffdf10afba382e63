//! A project for a new plugin, complete in itself.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Language, embedded, manifest, template};
use crate::dispatch::{ConnectorId, ConnectorIdError};
use crate::plugin::Role;

/// Leading folders of everything a project is given.
const SDK: &str = "sdk";
const WIT: &str = "wit";

/// What is to be made.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What the plugin is to be.
    pub role: Role,
    /// The plugin's name, that of its connector as well.
    pub name: String,
    /// Where the project goes, which must not exist yet; the plugin's name
    /// when left out.
    pub directory: Option<PathBuf>,
    /// What it is written in.
    pub language: Language,
}

/// What was made.
#[derive(Debug, serde::Serialize)]
pub struct Created {
    /// The project's folder.
    pub directory: PathBuf,
    /// What to type next, line by line.
    pub next: Vec<String>,
}

/// Why there is no project.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// The name cannot be that of a plugin.
    #[error(transparent)]
    Name(#[from] ConnectorIdError),
    /// Something is there already.
    #[error("{} exists already; choose another --dir, or remove it", .0.display())]
    Exists(PathBuf),
    /// No template.
    #[error("there is no template for `{role}` in {}", language.name())]
    NoTemplate {
        /// What was asked for.
        role: Role,
        /// And in what.
        language: Language,
    },
    /// The embedded manifests do not fit together.
    #[error("the embedded manifest is malformed: {0}")]
    Manifest(#[from] toml::de::Error),
    /// The disk says no.
    #[error("{}: {source}", path.display())]
    Write {
        /// What could not be written.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Makes a project, or nothing.
///
/// # Errors
///
/// [`ProjectError`].
pub fn create(plan: &Plan) -> Result<Created, ProjectError> {
    // Its connector gets this name, and its package one made of it.
    ConnectorId::new(None, &plan.name)?;
    let files = files(plan)?;
    let own = || PathBuf::from(&plan.name);
    let directory = plan.directory.clone().unwrap_or_else(own);
    if let Some(parent) = directory.parent() {
        make_folder(parent)?;
    }
    match fs::create_dir(&directory) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(ProjectError::Exists(directory));
        }
        made => made.map_err(wrote(&directory))?,
    }
    let written = files
        .into_iter()
        .try_for_each(|(path, contents)| write(&directory.join(path), &contents));
    if let Err(error) = written {
        // Half a project would be in the way of the next try.
        _ = fs::remove_dir_all(&directory);
        return Err(error);
    }
    Ok(Created {
        next: next(plan, &directory),
        directory,
    })
}

fn files(plan: &Plan) -> Result<Vec<template::TemplateFile>, ProjectError> {
    let (role, language) = (plan.role, plan.language);
    let missing = ProjectError::NoTemplate { role, language };
    let mut files = template::files(language, role, &plan.name).ok_or(missing)?;
    for file in embedded::wit() {
        files.push((Path::new(WIT).join(file.path()), file.contents().to_vec()));
    }
    if !language.is_rust() {
        return Ok(files);
    }
    for file in embedded::sdk() {
        files.push((Path::new(SDK).join(file.path()), file.contents().to_vec()));
    }
    for (path, contents) in &mut files {
        if path == Path::new("Cargo.toml") {
            let package = String::from_utf8_lossy(contents).into_owned();
            *contents = manifest::of_project(&package)?.into_bytes();
        }
    }
    files.push((".cargo/config.toml".into(), embedded::LINKING.into()));
    files.push(("Cargo.lock".into(), embedded::LOCK.into()));
    Ok(files)
}

fn next(plan: &Plan, directory: &Path) -> Vec<String> {
    let name = &plan.name;
    let mut next = vec![
        format!("cd {}", directory.display()),
        "tenon plugin build".to_owned(),
    ];
    if plan.language.is_rust() {
        next.push("cargo test".to_owned());
    }
    next.push(format!(
        "tenon plugin check {name}.wasm --connector connector.toml"
    ));
    next.push(template::example(plan.role, name));
    next
}

fn write(path: &Path, contents: &[u8]) -> Result<(), ProjectError> {
    if let Some(parent) = path.parent() {
        make_folder(parent)?;
    }
    fs::write(path, contents).map_err(wrote(path))
}

fn make_folder(path: &Path) -> Result<(), ProjectError> {
    fs::create_dir_all(path).map_err(wrote(path))
}

fn wrote(path: &Path) -> impl FnOnce(io::Error) -> ProjectError {
    let path = path.to_owned();
    move |source| ProjectError::Write { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(directory: &Path, name: &str) -> Plan {
        Plan {
            role: Role::FileStore,
            name: name.to_owned(),
            directory: Some(directory.to_owned()),
            language: Language::Rust,
        }
    }

    #[test]
    fn existing_directories_are_refused_and_left_alone() {
        let there = tempfile::tempdir().unwrap();
        let refused = create(&plan(there.path(), "mine")).unwrap_err();
        assert!(matches!(refused, ProjectError::Exists(_)), "{refused}");
        assert_eq!(fs::read_dir(there.path()).unwrap().count(), 0);
    }

    #[test]
    fn names_are_checked_before_anything_is_written() {
        let there = tempfile::tempdir().unwrap();
        for name in ["", "Mine", "a b", "../up", "-x", "x-", "a_b"] {
            let directory = there.path().join("new");
            let refused = create(&plan(&directory, name)).unwrap_err();
            assert!(
                matches!(refused, ProjectError::Name(_)),
                "{name:?}: {refused}"
            );
            assert!(!directory.exists(), "{name:?}");
        }
    }
}
