//! What authors of plugins need, without a running host: a project to start
//! from, its build, a look into a component, one call of it.
//!
//! A call here is a call of the host: the same dispatcher, the same sandbox,
//! the same limits and grants. Only what listens in front is missing.

mod arguments;
mod build;
mod check;
pub mod conformance;
mod embedded;
mod inspect;
mod linkage;
mod manifest;
mod operation;
mod project;
mod stage;
mod template;
mod watched;

pub use arguments::ArgumentError;
pub use build::{BuildError, Built, build};
pub use check::{Report, Step, Verdict, check};
pub use inspect::{ImportStatus, Inspection, inspect};
pub use operation::{Answer, Failed, OPERATIONS, Operation, Request, run};
pub use project::{Created, Plan, ProjectError, create};
pub use stage::{Caller, Stage, StageError};
pub use template::{Language, ROLES};
pub use watched::{Ended, Used};
