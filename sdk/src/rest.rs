//! The role of a plugin that answers HTTP requests itself, under the prefix that the host gives it.
//!
//! A request for `/sizes/uuid/4711` reaches the plugin `sizes` as `/uuid/4711`:
//!
//! ```
//! # use tenon_sdk::{Result, database, lifecycle::Plugin};
//! use tenon_sdk::rest::{Request, Response, Rest, Route};
//!
//! # struct Sizes;
//! # impl Plugin for Sizes {
//! #     fn new() -> Result<Self> { Ok(Self) }
//! #     fn describe() -> tenon_sdk::lifecycle::Description { unimplemented!() }
//! # }
//! impl Rest for Sizes {
//!     fn routes() -> Vec<Route<Self>> {
//!         vec![Route::get("by_uuid", "/uuid/<uuid_ref>", Self::by_uuid)]
//!     }
//! }
//!
//! impl Sizes {
//!     fn by_uuid(&self, request: &Request) -> Result<Response> {
//!         let uuid = request.argument("uuid_ref")?;
//!         let script = "SELECT * FROM sizes WHERE uuid_ref = %(uuid)s";
//!         Response::ok(&database::query(script, &[("uuid", uuid.into())])?)
//!     }
//! }
//! ```
//!
//! An error becomes a response by its kind; see [`Response`].

mod answer;
mod page;
mod request;
mod response;
#[cfg(test)]
mod tests;

use std::fmt;

pub use answer::answer;
pub use page::{Page, ROWS_MAX};
pub use request::{BODY_MAX, Request};
pub use response::Response;

use crate::Result;

/// A plugin with HTTP resources.
pub trait Rest: crate::lifecycle::Plugin {
    /// What it offers. `HEAD` comes with `GET`, and `OPTIONS` with everything.
    fn routes() -> Vec<Route<Self>>;
}

/// Answers a request.
type Handler<P> = fn(&P, &Request) -> Result<Response>;

/// One resource.
pub struct Route<P> {
    function: &'static str,
    path: &'static str,
    methods: &'static [&'static str],
    handler: Handler<P>,
}

impl<P> Route<P> {
    /// A resource: a name for it that is unique in the plugin, its path with arguments in angle
    /// brackets such as `/uuid/<uuid_ref>`, and the methods it answers. Of two paths that fit a
    /// request, the one with the earlier literal segment answers.
    pub fn new(
        function: &'static str,
        path: &'static str,
        methods: &'static [&'static str],
        handler: Handler<P>,
    ) -> Self {
        Self {
            function,
            path,
            methods,
            handler,
        }
    }

    /// A resource that is only read.
    pub fn get(function: &'static str, path: &'static str, handler: Handler<P>) -> Self {
        Self::new(function, path, &["GET"], handler)
    }

    /// Its name.
    pub fn function(&self) -> &'static str {
        self.function
    }

    /// Its path.
    pub fn path(&self) -> &'static str {
        self.path
    }

    /// The methods it answers, those that come of themselves left out.
    pub fn methods(&self) -> &'static [&'static str] {
        self.methods
    }
}

impl<P> fmt::Debug for Route<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route")
            .field("function", &self.function)
            .field("path", &self.path)
            .field("methods", &self.methods)
            .finish_non_exhaustive()
    }
}
