//! Real HTTP servers on loopback for the systems that cannot run here.
//!
//! A fake is written from the contract's tables and the public documentation
//! of its system, by someone who did not write the client. It does what is
//! documented and refuses everything else: undocumented headers, methods,
//! paths, parameters and members, a body in the wrong framing, a call that
//! must not be repeated.
//!
//! There are two kinds of "no", and a suite should know which it means:
//!
//! * a **refusal** is an answer that the real system would give as well: 404
//!   for what is not there, 400 for metadata with a wrong field. A client may
//!   meet it; nothing is held against it.
//! * a **violation** is something that a client must never do. It is refused
//!   *and* kept, and a fake that is dropped with a violation fails its test.
//!   A test about a violation takes it with `take_violations`.
//!
//! A fake notes every call in the order of arrival, and does to the nth call
//! what it was told with `fail`: an error, no answer, a connection that is
//! cut before or after the call took effect. The work of a call goes on when
//! its client hangs up, as it does in the real systems, so a lost answer
//! leaves behind what it would leave there.
//!
//! Each fake has a thread and a runtime of its own and may be used from
//! blocking tests; none of its methods waits, except [`Hold::reached`] and
//! [`Hold::wait`].

mod content;
mod date;
mod exchange;
mod fault;
mod front;
mod handle;
mod multipart;
pub mod osf;
pub mod processing;
pub mod rds;
mod record;
mod refused;
mod rules;
mod server;
pub mod sqlite;
mod text;
pub mod zenodo;

pub use content::KEPT;
pub use fault::{Fault, Hold, Nth};
pub use osf::Osf;
pub use rds::port_service::PortService;
pub use rds::token_storage::TokenStorage;
pub use record::{Call, Violation};
pub use zenodo::Zenodo;
