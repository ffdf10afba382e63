//! From a request to the route that answers it.

use std::str::Utf8Error;

use percent_encoding::percent_decode_str;

use super::{Request, Response, Rest, Route};
use crate::Result;

/// Answers a request as the component does. There is a response to everything: the failure of a
/// handler is one, an unknown path is 404, and a method that a path does not know is 405.
pub fn answer<P: Rest>(plugin: Result<&P>, mut request: Request) -> Response {
    let path = request.path.clone();
    let mut found: Vec<_> = P::routes()
        .into_iter()
        .filter(|route| fits(route.path, &path))
        .collect();
    // Stable, so that of paths that are alike the first answers.
    found.sort_by(|one, other| kinds(one.path).cmp(kinds(other.path)));
    // Another path that fits is a resource of its own, and no other way to this one.
    if let Some(most) = found.first().map(|route| route.path) {
        found.retain(|route| kinds(route.path).eq(kinds(most)));
    }
    if found.is_empty() {
        return Response::not_found(&format!("there is nothing at {path}"));
    }
    if request.method == "OPTIONS" {
        return Response::no_content().header("allow", allowed(&found));
    }
    let head = request.method == "HEAD";
    if head {
        "GET".clone_into(&mut request.method);
    }
    let Some(route) = found
        .iter()
        .find(|route| route.methods.contains(&&*request.method))
    else {
        let details = format!("{path} is not for {}", request.method);
        return Response::failure(405, &details).header("allow", allowed(&found));
    };
    request.arguments = match arguments(route.path, &path) {
        Ok(arguments) => arguments,
        Err(_) => return Response::invalid_request("the path is not UTF-8"),
    };
    let answered = plugin.and_then(|plugin| (route.handler)(plugin, &request));
    let mut response = answered.unwrap_or_else(Response::from);
    if head {
        response.body = Vec::new();
    }
    response
}

/// The segments of a path. One slash more at its end makes no difference.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    let path = path.strip_prefix('/').unwrap_or(path);
    path.strip_suffix('/').unwrap_or(path).split('/')
}

/// Whether a path is one of a route's.
fn fits(pattern: &str, path: &str) -> bool {
    let mut given = segments(path);
    let mut wanted = segments(pattern);
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) => {
                let fits = match argument(wanted) {
                    Some(_) => !given.is_empty(),
                    None => percent_decode_str(given).eq(wanted.bytes()),
                };
                if !fits {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

/// What a path's segments are for a route, decoded: a slash may be in one.
fn arguments(pattern: &'static str, path: &str) -> Result<Vec<(&'static str, String)>, Utf8Error> {
    segments(pattern)
        .zip(segments(path))
        .filter_map(|(wanted, given)| Some((argument(wanted)?, given)))
        .map(|(name, given)| {
            let value = percent_decode_str(given).decode_utf8()?;
            Ok((name, value.into_owned()))
        })
        .collect()
}

/// The name in angle brackets.
fn argument(segment: &str) -> Option<&str> {
    segment.strip_prefix('<')?.strip_suffix('>')
}

/// For each segment whether it is an argument; a literal one comes first.
fn kinds(pattern: &str) -> impl Iterator<Item = bool> {
    segments(pattern).map(|segment| argument(segment).is_some())
}

fn allowed<P>(routes: &[Route<P>]) -> String {
    let mut methods: Vec<_> = routes
        .iter()
        .flat_map(|route| route.methods)
        .copied()
        .collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.push("OPTIONS");
    methods.sort_unstable();
    methods.dedup();
    methods.join(", ")
}
