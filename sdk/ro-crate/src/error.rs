//! Why a document is no crate, in words for whoever wrote it.

use crate::{
    document::{DEPTH_MAX, VALUES_MAX},
    graph::ENTITIES_MAX,
};

/// What is wrong with a metadata document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It is not JSON at all.
    #[error("the RO-Crate is not JSON: {0}")]
    Json(String),
    /// It is JSON, but not an object.
    #[error("the RO-Crate is not a JSON object")]
    NoObject,
    /// Its objects and lists are nested too deep.
    #[error("the RO-Crate is nested deeper than {DEPTH_MAX} levels")]
    TooDeep,
    /// It has more values, such as items of lists, than a plugin has memory for.
    #[error("the RO-Crate has more than {VALUES_MAX} values")]
    TooManyValues,
    /// It speaks of too many things.
    #[error("the RO-Crate names more than {ENTITIES_MAX} entities")]
    TooManyEntities,
    /// It names a context that is not known here, and nothing is fetched.
    #[error("the RO-Crate uses the context {0}, which is not known here and is not fetched")]
    UnknownContext(String),
    /// A context stands elsewhere than at the top.
    #[error("the RO-Crate has an @context elsewhere than at its top")]
    InnerContext,
    /// Terms of the context are defined through one another.
    #[error("the RO-Crate's context defines {0} through too many other terms")]
    ContextChain(String),
    /// A term's values are whole graphs.
    #[error("the RO-Crate's context makes {0} a container of graphs, which is not read")]
    GraphContainer(String),
    /// It breaks a rule of JSON-LD.
    #[error("the RO-Crate is not valid JSON-LD: {0}")]
    JsonLd(String),
    /// No entity describes the document itself.
    #[error("the RO-Crate has no entity ro-crate-metadata.json that says what it is about")]
    NoDescriptor,
    /// The root data entity is missing.
    #[error("the RO-Crate is about {0}, but describes no such entity")]
    NoRoot(String),
    /// It conforms to a version this crate does not read.
    #[error("the RO-Crate conforms to {0}; versions 1.1 and 1.2 are read")]
    Version(String),
}
