//! A plugin's life on this host: admitted once per digest, activated per
//! connector, tried out, replaced, rolled back.
//!
//! Every step is decided here and stored before it takes effect, whoever asks
//! for it: a changed plugin file, an operator, or another host that shares the
//! database. A version that fails any step never replaces a running one.

mod change;
mod refusal;
mod service;
mod status;

pub use change::{
    Actor, Change, DependencyChange, Difference, Grown, Options, Wanted, WantedError,
};
pub use refusal::{Kind, Refusal};
pub use service::Catalog;
pub use status::{
    ActivationStatus, CanaryStatus, ComponentStatus, ConnectorStatus, EventStatus, PastStatus,
    PendingStatus,
};
