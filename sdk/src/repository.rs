//! The role of a repository that research data is deposited in.

pub use crate::transfer::{Head, Reader, Sink};
use crate::{Error, Path, Result};

/// A deposit that collects metadata and files until it is published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Project {
    /// Opaque text of the repository's.
    pub id: String,
    /// A JSON object in the repository's terms.
    pub metadata: String,
}

/// A file of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DepositedFile {
    /// Opaque text, unique in the project.
    pub id: String,
    /// `/`-separated, as it was added.
    pub name: String,
    /// Bytes, when known.
    pub size: Option<u64>,
    /// A JSON object with what else the repository says of the file; empty text stands for `{}`.
    pub details: String,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// In the repository's order.
    pub items: Vec<T>,
    /// Hand this to `after` for the next page; none on the last.
    pub next: Option<String>,
}

/// What part of a list is wanted.
#[derive(Debug, Clone, Copy)]
pub struct PageRequest<'a> {
    /// Continue after the page whose `next` this is. The sandbox may be another one by then.
    pub after: Option<&'a str>,
    /// Items at most.
    pub max: u32,
}

/// A repository. A project's `id` and a file's `id` are the repository's own words; whatever text
/// a caller makes of them must be refused with an error and never with harm. Metadata is JSON text,
/// valid JSON for certain and for the plugin to understand.
pub trait Repository: crate::lifecycle::Plugin {
    /// The caller's projects that can still be changed.
    fn list_projects(&self, request: PageRequest<'_>) -> Result<Page<Project>>;

    /// A project's metadata, published or not.
    fn get_project(&self, id: &str) -> Result<String>;

    /// A new project. One that cannot be completed is taken back; where that fails as well, the
    /// error names the id of what was left behind.
    fn create_project(&self, metadata: Option<&str>) -> Result<Project>;

    /// Replaces a project's metadata, or what of it the repository lets one set, and returns it as
    /// it is then. Without metadata nothing changes.
    fn update_project(&self, id: &str, metadata: Option<&str>) -> Result<String>;

    /// Publishes a project and returns its persistent identifier, such as a DOI. To publish what is
    /// published already changes nothing and returns the same identifier.
    fn publish_project(&self, id: &str) -> Result<String>;

    /// Removes a project that is not published.
    fn delete_project(&self, id: &str) -> Result<()>;

    /// A project's files.
    fn list_files(&self, project: &str, request: PageRequest<'_>) -> Result<Page<DepositedFile>>;

    /// Adds the whole stream as a file, or replaces the file of that name.
    fn add_file(
        &self,
        project: &str,
        name: &Path,
        size: Option<u64>,
        content: &mut Reader<'_>,
    ) -> Result<DepositedFile>;

    /// Sends a file's bytes. To return without having begun the body is a fault.
    fn read_file(&self, project: &str, file: &str, into: Sink<'_>) -> Result<()> {
        let _ = (project, into);
        Err(Error::unsupported("this repository does not give files back").about(file))
    }

    /// Removes a file of a project that is not published.
    fn delete_file(&self, project: &str, file: &str) -> Result<()>;

    /// Removes every file of a project that is not published.
    fn delete_files(&self, project: &str) -> Result<()>;
}
