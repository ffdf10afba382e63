//! Zenodo's deposit API, from the tables of the RDS contract, the developer
//! documentation of the service and what is known of the live one.
//!
//! Where documentation and live service differ, the default is the live one:
//!
//! | | documented | live, and default |
//! |---|---|---|
//! | `DELETE` of a deposit | 201 | 204; see [`Zenodo::answer_deletion_with`] |
//! | upload to a bucket without `Content-Length` | nothing | 400 `File is smaller than expected.` |
//! | chunked JSON | nothing | 500 |
//! | `Retry-After` | with 429 | on every answer, success as well |
//!
//! Metadata are checked when they are put, as the documentation has it: an
//! incomplete set is refused with 400 and the fields' names. `POST` without
//! metadata makes an empty deposit, which cannot be published.
//!
//! A key of a bucket is one part of a path: the live route has no place for
//! `/`, be it plain or `%2F`, which is undone before the route is found. The
//! old upload flattens names and refuses one that exists.
//!
//! A file that is longer than [`KEPT`](crate::KEPT) cannot be downloaded: 503, as from a
//! service whose storage is offline.
//!
//! A lost or garbled answer to a creating call does not license a second one:
//! a creation or old upload with the `x-request-id` of an earlier one that was
//! not refused with 4xx is a violation. So is a publication, unless the client
//! has read the deposit meanwhile; and any publication of what is published.

mod api;
mod deposit;
mod list;
mod metadata;
mod state;
mod upload;
mod vocabulary;

pub use api::Operation;
pub use deposit::{Deposit, StoredFile};
pub use upload::OLD_LIMIT;

use crate::handle::{Handle, common_methods};
use api::Service;
use state::User;

/// The fake, until dropped.
#[derive(Debug)]
pub struct Zenodo {
    handle: Handle<Service>,
}

common_methods!(Zenodo, Operation);

impl Zenodo {
    /// Starts one without users.
    ///
    /// # Panics
    ///
    /// When loopback has no free port.
    pub fn start() -> Self {
        let handle = Handle::start(Service::default());
        let origin = handle.server.origin();
        handle.system().shared.lock().view.origin = origin;
        Self { handle }
    }

    /// Lets someone in with all scopes.
    pub fn add_user(&self, token: &str) {
        self.admit(token, true);
    }

    /// Lets someone in without the scope `deposit:actions`.
    pub fn add_user_who_may_not_publish(&self, token: &str) {
        self.admit(token, false);
    }

    fn admit(&self, token: &str, may_publish: bool) {
        assert!(!token.is_empty(), "a token has characters");
        self.handle.system().shared.lock().users.push(User {
            token: token.to_owned(),
            may_publish,
        });
    }

    /// Makes a token worthless; what it made stays.
    pub fn remove_user(&self, token: &str) {
        let mut state = self.handle.system().shared.lock();
        state.users.retain(|user| user.token != token);
    }

    /// All deposits, of whichever user, in the order of their making.
    pub fn deposits(&self) -> Vec<Deposit> {
        let state = self.handle.system().shared.lock();
        state.deposits.values().cloned().collect()
    }

    /// One of them.
    ///
    /// # Panics
    ///
    /// When there is none with this identifier.
    pub fn deposit(&self, id: u64) -> Deposit {
        let state = self.handle.system().shared.lock();
        let deposit = state.deposits.get(&id);
        deposit.expect("a deposit with this identifier").clone()
    }

    /// The status of a successful deletion of a deposit: 204, as the live
    /// service has it, or 201 as its documentation.
    pub fn answer_deletion_with(&self, status: u16) {
        self.handle.system().shared.lock().deleted = status;
    }

    /// The status of a successful upload to a bucket: 201, or 200.
    pub fn answer_bucket_upload_with(&self, status: u16) {
        self.handle.system().shared.lock().stored = status;
    }

    /// Makes the links in answers lead elsewhere, where a client must not
    /// carry its token.
    pub fn link_to(&self, origin: &str) {
        self.handle.system().shared.lock().view.origin = origin.to_owned();
    }

    /// Leaves the links to buckets out of deposits, as the live service was
    /// seen to do; the old upload is what remains.
    pub fn hide_buckets(&self) {
        self.handle.system().shared.lock().view.bucketless = true;
    }
}
