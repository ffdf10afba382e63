//! The terms of an RO-Crate. Nearly all are schema.org's, so one `@vocab` replaces the long official
//! context; only what comes from elsewhere is listed.

use std::error::Error;

use oxjsonld::JsonLdRemoteDocument;
use serde_json::{Value, json};

/// The context of a document that names none.
pub(crate) const DEFAULT: &str = "https://w3id.org/ro/crate/1.1/context";

/// What the IRI of a version of the specification begins with, after the scheme.
pub(crate) const SPECIFICATION: &str = "w3id.org/ro/crate/";

/// Namespaces of extensions that RO-Crate provides. Their contexts only add terms, which are read
/// under their plain names here.
const EXTENSIONS: &str = "w3id.org/ro/terms/";

/// The terms that RO-Crate does not take from schema.org, or by another name.
const TERMS: [(&str, &str); 10] = [
    ("File", "http://schema.org/MediaObject"),
    ("Journal", "http://schema.org/Periodical"),
    ("conformsTo", "http://purl.org/dc/terms/conformsTo"),
    ("Standard", "http://purl.org/dc/terms/Standard"),
    ("Profile", "http://www.w3.org/ns/dx/prof/Profile"),
    ("RepositoryCollection", "http://pcdm.org/models#Collection"),
    ("RepositoryObject", "http://pcdm.org/models#Object"),
    ("hasFile", "http://pcdm.org/models#hasFile"),
    ("hasMember", "http://pcdm.org/models#hasMember"),
    (
        "ComputationalWorkflow",
        "https://bioschemas.org/ComputationalWorkflow",
    ),
];

/// An IRI without `http://` or `https://`.
pub(crate) fn without_scheme(iri: &str) -> Option<&str> {
    iri.strip_prefix("https://")
        .or_else(|| iri.strip_prefix("http://"))
}

/// The short name of a term, or the whole IRI when it has none.
pub(crate) fn name(iri: &str) -> &str {
    let Some(rest) = without_scheme(iri) else {
        return iri;
    };
    for (name, term) in TERMS {
        if without_scheme(term) == Some(rest) {
            return name;
        }
    }
    match rest.strip_prefix("schema.org/") {
        Some(name) if !name.is_empty() => name,
        _ => iri,
    }
}

/// The name under which a term is read: where schema.org and RO-Crate have one each, it is
/// RO-Crate's.
pub(crate) fn preferred(term: &str) -> &str {
    let same = |iri: &str| iri.strip_prefix("http://schema.org/") == Some(term);
    let other = TERMS.iter().find(|(_, iri)| same(iri));
    other.map_or(term, |(name, _)| name)
}

/// Whether this is the context of a version of the specification.
pub(crate) fn is_ro_crate(url: &str) -> bool {
    version(url).is_some()
}

/// Whether a document may name this context.
pub(crate) fn is_known(url: &str) -> bool {
    answer(url).is_some()
}

/// What a context holds.
fn answer(url: &str) -> Option<Value> {
    let rest = without_scheme(url)?;
    if rest.starts_with(EXTENSIONS) {
        return Some(json!({}));
    }
    if matches!(
        rest.trim_end_matches('/'),
        "schema.org"
            | "schema.org/docs/jsonldcontext.json"
            | "schema.org/docs/jsonldcontext.jsonld"
    ) {
        return Some(json!({"@vocab": "http://schema.org/"}));
    }
    version(url)?;
    let mut context = json!({"@vocab": "http://schema.org/"});
    for (name, iri) in TERMS {
        if let Some(context) = context.as_object_mut() {
            context.insert(name.to_owned(), iri.into());
        }
    }
    Some(context)
}

/// The version of a context such as `https://w3id.org/ro/crate/1.1/context`; the number may also be
/// `1.1.3`, `1.2-DRAFT` or `1.2/DRAFT`.
fn version(url: &str) -> Option<crate::Version> {
    let number = without_scheme(url)?
        .strip_prefix(SPECIFICATION)?
        .trim_end_matches(".jsonld")
        .strip_suffix("/context")?;
    crate::root::version(number)
}

/// Answers for the network.
pub(crate) fn load(url: &str) -> Result<JsonLdRemoteDocument, Box<dyn Error + Send + Sync>> {
    let context = answer(url).ok_or("it is not known here and is not fetched")?;
    Ok(JsonLdRemoteDocument {
        document: json!({ "@context": context }).to_string().into_bytes(),
        document_url: url.to_owned(),
    })
}
