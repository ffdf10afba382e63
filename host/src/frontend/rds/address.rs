//! Finds the connector a request is for, before its path is looked at.
//!
//! In order: the listener it came in on, when that serves one connector alone,
//! a path prefix, the host it names.
//! Where none decides, the operation may ask once more with the service that
//! a session's `userId` names; some callers reach a host by an address alone.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::Uri;
use http::header::HOST;
use http::uri::PathAndQuery;

use super::problem::Refusal;
use super::routes::{Options, Route, Routes, Table};
use super::user_id::UserId;
use crate::dispatch::ConnectorId;

/// What precedes a connector's id in a path.
const PREFIX: &str = "/connectors/";

/// The connector a request is for, as far as its address tells.
#[derive(Debug, Clone)]
pub(super) struct Target {
    /// The connector, when the address tells.
    pub route: Option<Arc<Route>>,
    /// The part of the path that told; empty when something else did.
    pub prefix: String,
    table: Arc<Table>,
}

impl Target {
    /// The connector for an operation by `user`.
    pub(super) fn connector(&self, user: &UserId) -> Result<Arc<Route>, Refusal> {
        let named = || self.table.by_service(user.service.as_deref()?);
        self.route
            .clone()
            .or_else(named)
            .ok_or_else(Refusal::path_unknown)
    }

    /// The connector of a service in the tenant of another. On a listener of a
    /// connector's own there is none.
    pub(super) fn sibling(&self, of: &ConnectorId, service: &str) -> Option<Arc<Route>> {
        self.table.sibling(of, service)
    }

    /// How the contract is spoken, as far as the address tells.
    pub(super) fn options(&self) -> Options {
        let route = self.route.as_ref();
        route.map(|route| route.options.clone()).unwrap_or_default()
    }
}

/// The addresses of one listener.
#[derive(Debug, Clone)]
pub(super) struct Addresses {
    /// What leads where.
    pub routes: Routes,
    /// The id of the one connector that the listener serves, if it is not
    /// the shared one.
    pub only: Option<String>,
}

/// Puts the [`Target`] into the request, and takes a prefix out of its path.
pub(super) async fn resolve(
    State(addresses): State<Addresses>,
    mut request: Request,
    next: Next,
) -> Response {
    let target = addresses.target(&request);
    if !target.prefix.is_empty() {
        *request.uri_mut() = without(&target.prefix, request.uri());
    }
    request.extensions_mut().insert(target);
    next.run(request).await
}

impl Addresses {
    fn target(&self, request: &Request) -> Target {
        let table = self.routes.load();
        let mut prefix = String::new();
        let route = match &self.only {
            Some(id) => table.by_id(id),
            None => match by_prefix(&table, request.uri().path()) {
                Some((route, id)) => {
                    prefix = format!("{PREFIX}{id}");
                    Some(route)
                }
                None => host(request).and_then(|host| table.by_host(host)),
            },
        };
        Target {
            route,
            prefix,
            // A listener of its own never leads to another connector.
            table: match self.only {
                Some(_) => Arc::default(),
                None => table,
            },
        }
    }
}

fn by_prefix<'a>(table: &Table, path: &'a str) -> Option<(Arc<Route>, &'a str)> {
    table.by_path(path.strip_prefix(PREFIX)?)
}

/// The host a request names. An absolute target outranks the header.
fn host(request: &Request) -> Option<&str> {
    let authority = request.uri().authority();
    authority
        .map(|authority| authority.as_str())
        .or_else(|| request.headers().get(HOST)?.to_str().ok())
}

fn without(prefix: &str, uri: &Uri) -> Uri {
    let whole = uri.path_and_query().map_or("/", PathAndQuery::as_str);
    let rest = whole.strip_prefix(prefix).unwrap_or(whole);
    // Only an empty rest is no path: it is the connector's root.
    rest.parse().unwrap_or_else(|_| Uri::from_static("/"))
}
