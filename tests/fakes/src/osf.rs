//! The Open Science Framework: APIv2 under `/v2/` and WaterButler, which holds
//! the files, under `/v1/`. In the real system these are two hosts; here they
//! share one origin, and the links in answers say where to go.
//!
//! From section 10 of the RDS contract, the public documentation of both
//! APIs and, where that says nothing, the service's own sources:
//!
//! * Documents are JSON:API, sent as `application/vnd.api+json` or
//!   `application/json`. A missing `data`, `type`, `id` or `attributes`, and an
//!   attribute that cannot be set, are violations; a wrong value is refused.
//! * A path of the API ends with a slash; without one it is a redirect, 301.
//! * Lists come in pages of ten, see [`Osf::page_by`]; `links.next` is null on
//!   the last one.
//! * A DOI is minted for a public node, once: on a private one the answer is a
//!   bare 403, for a second one 400, and both are violations.
//! * A creation, and without a look at the node a DOI, is not asked for twice
//!   with one `x-request-id` unless the first was refused with 4xx.
//! * WaterButler wants `Content-Length` for a file (411) and no body for a
//!   folder (413). A name that exists is 409; a new version goes to the file's
//!   own address. Of the hashes only the MD5 is shown.
//! * A download is answered with the bytes, never with a redirect to a store.
//!   A file that is longer than [`KEPT`](crate::KEPT) is 503.
//! * A deleted node is 410.

mod api;
mod document;
mod route;
mod show;
mod state;
mod waterbutler;

pub use route::Operation;
pub use state::{Entry, Node};

use crate::handle::{Handle, common_methods};
use api::Service;

/// The fake, until dropped.
#[derive(Debug)]
pub struct Osf {
    handle: Handle<Service>,
}

common_methods!(Osf, Operation);

impl Osf {
    /// Starts one without users.
    ///
    /// # Panics
    ///
    /// When loopback has no free port.
    pub fn start() -> Self {
        let handle = Handle::start(Service::default());
        let origin = handle.server.origin();
        handle.system().shared.lock().origin = origin;
        Self { handle }
    }

    /// Lets someone in.
    pub fn add_user(&self, token: &str) {
        assert!(!token.is_empty(), "a token has characters");
        let mut state = self.handle.system().shared.lock();
        state.tokens.push(token.to_owned());
    }

    /// Makes a token worthless; what it made stays.
    pub fn remove_user(&self, token: &str) {
        let mut state = self.handle.system().shared.lock();
        state.tokens.retain(|known| known != token);
    }

    /// All nodes, of whichever user, in the order of their making; deleted
    /// ones say so.
    pub fn nodes(&self) -> Vec<Node> {
        self.handle.system().shared.lock().nodes.clone()
    }

    /// One of them.
    ///
    /// # Panics
    ///
    /// When there is none with this identifier.
    pub fn node(&self, id: &str) -> Node {
        let mut nodes = self.nodes();
        nodes.retain(|node| node.id == id);
        nodes.pop().expect("a node with this identifier")
    }

    /// How many resources make a page when a client does not say.
    pub fn page_by(&self, size: usize) {
        self.handle.system().shared.lock().page = size.max(1);
    }

    /// Makes the links in answers lead elsewhere, where a client must not
    /// carry its token.
    pub fn link_to(&self, origin: &str) {
        self.handle.system().shared.lock().origin = origin.to_owned();
    }
}
