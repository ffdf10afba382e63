//! The ids in a path: opaque text of the repository's, with any character.
//!
//! An id arrives percent-encoded, and is decoded exactly once. Callers that do
//! not encode send the slashes of an id as they are; the path is then longer
//! than any route. [`fold`] finds the ids in it and encodes their slashes, so
//! that one set of routes serves both.

use axum::extract::{FromRequestParts, Path, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::Uri;
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::frontend::rds::problem::Refusal;

/// What precedes a project's id.
const PROJECT: &str = "/metadata/project/";

/// The segment between a project's id and a file's.
const FILES: &str = "files";

/// The ids of a path, decoded: a text, or two.
pub(in crate::frontend::rds) struct Ids<T>(pub T);

impl<S, T> FromRequestParts<S> for Ids<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(ids)) => Ok(Self(ids)),
            // No id is anything but text.
            Err(_) => Err(Refusal::path_unknown()),
        }
    }
}

/// Encodes the slashes that belong to an id.
pub(crate) async fn fold(mut request: Request, next: Next) -> Response {
    if let Some(uri) = folded(request.uri()) {
        *request.uri_mut() = uri;
    }
    next.run(request).await
}

fn folded(uri: &Uri) -> Option<Uri> {
    let path = fold_path(uri.path())?;
    match uri.query() {
        Some(query) => format!("{path}?{query}").parse().ok(),
        None => path.parse().ok(),
    }
}

/// The path with its ids in one segment each; none if it is so already, or if
/// an id would begin or end with a slash: such a slash has to be encoded.
fn fold_path(path: &str) -> Option<String> {
    let segments: Vec<_> = path.strip_prefix(PROJECT)?.split('/').collect();
    // The first segment always belongs to the project's id. The first `files`
    // after it ends the id: names of files rather hold another than ids do.
    let files = segments.iter().skip(1).position(|part| *part == FILES);
    let (project, file) = match files {
        Some(at) => (segments.get(..=at)?, segments.get(at + 2..)),
        None => (segments.as_slice(), None),
    };
    let file = file.filter(|file| !file.is_empty());
    if project.len() == 1 && file.is_none_or(|file| file.len() == 1) {
        return None;
    }
    let mut path = format!("{PROJECT}{}", fold_id(project)?);
    if files.is_some() {
        path = format!("{path}/{FILES}");
    }
    match file {
        Some(file) => Some(format!("{path}/{}", fold_id(file)?)),
        None => Some(path),
    }
}

fn fold_id(segments: &[&str]) -> Option<String> {
    let whole = [segments.first()?, segments.last()?]
        .iter()
        .all(|segment| !segment.is_empty());
    whole.then(|| segments.join("%2F"))
}

#[cfg(test)]
mod tests {
    use super::{PROJECT, fold_path};

    fn check(path: &str, expected: Option<&str>) {
        let expected = expected.map(|rest| format!("{PROJECT}{rest}"));
        assert_eq!(fold_path(&format!("{PROJECT}{path}")), expected, "{path}");
    }

    #[test]
    fn what_needs_no_folding_stays() {
        for path in [
            "",
            "1234",
            "a%2Fb",
            "files",
            "1234/files",
            "files/files",
            "1234/files/9",
            "1234/files/a%2Fb",
            "1234/files/files",
        ] {
            check(path, None);
        }
        assert_eq!(fold_path("/storage/file"), None);
        assert_eq!(fold_path("/metadata/project"), None);
    }

    #[test]
    fn the_slashes_of_an_id_are_encoded() {
        check("a/b", Some("a%2Fb"));
        check("a/b==/files", Some("a%2Fb==/files"));
        check("a//b/files/9", Some("a%2F%2Fb/files/9"));
        check("1/files/sub/a.txt", Some("1/files/sub%2Fa.txt"));
        check("1/files/sub/files/a", Some("1/files/sub%2Ffiles%2Fa"));
        check("a%2F/b%25/files", Some("a%2F%2Fb%25/files"));
        check("files/x", Some("files%2Fx"));
    }

    #[test]
    fn a_slash_at_either_end_makes_another_path() {
        for path in [
            "/a",
            "a/",
            "a/b/",
            "1/files/",
            "1/files/a/",
            "1/files//a",
            "/files/x",
        ] {
            check(path, None);
        }
    }
}
