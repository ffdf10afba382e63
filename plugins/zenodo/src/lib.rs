//! To be written.

#[cfg_attr(
    not(test),
    expect(
        dead_code,
        unused_imports,
        reason = "the operations that map are not there yet"
    )
)]
mod mapping;

use tenon_sdk::{
    Error, Path, Result, export,
    lifecycle::{Description, Plugin},
    repository::{DepositedFile, Page, PageRequest, Project, Reader, Repository},
};

/// To be written.
#[derive(Debug)]
pub struct Zenodo;

export!(Zenodo: repository);

impl Plugin for Zenodo {
    fn new() -> Result<Self> {
        Ok(Self)
    }

    fn describe() -> Description {
        Description::new("zenodo", env!("CARGO_PKG_VERSION"))
    }
}

impl Repository for Zenodo {
    fn list_projects(&self, _: PageRequest<'_>) -> Result<Page<Project>> {
        Err(Error::unsupported("unwritten"))
    }

    fn get_project(&self, _: &str) -> Result<String> {
        Err(Error::unsupported("unwritten"))
    }

    fn create_project(&self, _: Option<&str>) -> Result<Project> {
        Err(Error::unsupported("unwritten"))
    }

    fn update_project(&self, _: &str, _: Option<&str>) -> Result<String> {
        Err(Error::unsupported("unwritten"))
    }

    fn publish_project(&self, _: &str) -> Result<String> {
        Err(Error::unsupported("unwritten"))
    }

    fn delete_project(&self, _: &str) -> Result<()> {
        Err(Error::unsupported("unwritten"))
    }

    fn list_files(&self, _: &str, _: PageRequest<'_>) -> Result<Page<DepositedFile>> {
        Err(Error::unsupported("unwritten"))
    }

    fn add_file(
        &self,
        _: &str,
        _: &Path,
        _: Option<u64>,
        _: &mut Reader<'_>,
    ) -> Result<DepositedFile> {
        Err(Error::unsupported("unwritten"))
    }

    fn delete_file(&self, _: &str, _: &str) -> Result<()> {
        Err(Error::unsupported("unwritten"))
    }

    fn delete_files(&self, _: &str) -> Result<()> {
        Err(Error::unsupported("unwritten"))
    }
}
