//! A plugin's life on this host: admitted once per digest, activated per
//! connector, tried out, replaced, rolled back.
//!
//! Every step is decided here and stored before it takes effect, whoever asks
//! for it: a changed plugin file, an operator, or another host that shares the
//! database. A version that fails any step never replaces a running one.

mod activation;
mod approval;
mod canary;
mod change;
mod configured;
mod converge;
mod difference;
mod fit;
mod intake;
mod loaded;
mod offers;
mod queries;
mod refusal;
mod service;
mod slot;
mod status;

pub use change::{
    Actor, Change, DependencyChange, Difference, Grown, Options, Wanted, WantedError,
};
pub use configured::{Configured, Fingerprint, Offered, Source};
pub use offers::Offers;
pub use refusal::{Kind, Refusal};
pub use service::{Catalog, Changed, ConfigureError, Reason, Services};
pub use status::{
    ActivationStatus, CanaryStatus, ComponentStatus, ConnectorStatus, EventStatus, PastStatus,
    PendingStatus,
};
