//! What a plugin may reach, one file per capability.
//!
//! Every capability follows the same shape: a context that lives as long as
//! its sandbox, a view that borrows it for one host call and implements the
//! generated trait, and a grant that says what one connector may do with it.
//! Nothing here knows a connector by name, nor the dispatcher above.

pub mod call;
pub mod config;
pub mod database;
pub mod files;
pub mod http;
pub mod kv;
pub mod log;
pub mod scratch;
pub mod secret;
pub mod sql;
pub mod transfer;
pub mod usage;

mod disk;
mod embedded;
mod refusal;
mod shared;
mod wait;

pub use database::Invoke;
pub use disk::Io;
pub use refusal::{Limit, Refusal, Result};

/// Everything one connector is granted. The default grants nothing.
#[derive(Debug, Default)]
pub struct Grants {
    /// Hosts that may be called.
    pub http: http::Grants,
    /// Directories that may be used, by the name the plugin knows them by.
    pub files: files::Grants,
    /// Credentials, by name.
    pub secrets: secret::Grants,
    /// Databases, by the name the plugin knows them by.
    pub sql: sql::Grants,
    /// Key-value stores, likewise.
    pub kv: kv::Grants,
    /// Temporary bytes outside guest memory.
    pub scratch: Option<scratch::Grant>,
    /// A connector that plays `database`.
    pub database: Option<database::Grant>,
}

impl Grants {
    /// Whether any host may be called.
    pub fn reach_hosts(&self) -> bool {
        !self.http.is_empty()
    }

    /// Whether any directory may be used.
    pub fn reach_files(&self) -> bool {
        !self.files.0.is_empty()
    }

    /// Whether any credential may be used or seen.
    pub fn reach_secrets(&self) -> bool {
        self.secrets.reveal_caller
            || !self.secrets.secrets.is_empty()
            || self.http.take_credentials()
    }

    /// Whether calls use the credential that comes with a request.
    pub fn use_caller(&self) -> bool {
        self.secrets.reveal_caller
            || self.http.any_credential(secret::CALLER)
            || self.http.any_template(secret::CALLER)
    }
}
