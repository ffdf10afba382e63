//! Cases of a repository of research data.

pub(super) mod draft;
pub(super) mod files;
pub(super) mod project;
pub(super) mod publish;
