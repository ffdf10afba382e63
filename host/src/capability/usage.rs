//! What a connector really uses of what it is granted.
//!
//! A grant that nothing uses is only a way to do harm; here it shows. The
//! counters of every grant are made when the connector is, so that counting
//! takes no lock and allocates nothing. They belong to the connector, not to
//! the version it runs: they outlive an upgrade, and a reload that changes the
//! grants keeps those of the grants that stay.

mod count;
mod figures;
mod refused;
mod report;

pub use count::Use;
pub use figures::Figures;
pub use refused::RefusedHost;
pub use report::{
    CredentialUse, DatabaseUse, GrantUse, KeyUse, KvUse, OriginUse, Report, RootUse, ScratchUse,
    SecretUse, SqlUse,
};

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

use http::Uri;

use self::count::{Count, Named, now, raise};
use self::refused::Refused;
use super::call::Interface;
use super::secret::{CALLER, Template};
use super::{Grants, config};

type Observer = Box<dyn Fn(&Figures) + Send + Sync>;

/// What one connector has used since it was first put together.
pub struct Usage {
    /// In the order of the grants.
    origins: Box<[OriginSlot]>,
    roots: Named<Root>,
    secrets: Named<Secret>,
    databases: Named<Database>,
    stores: Named<Store>,
    config: Named<Count>,
    totals: Arc<Totals>,
    observer: OnceLock<Observer>,
}

/// A granted origin, and the credentials it may be sent.
struct OriginSlot {
    name: Box<str>,
    counts: Arc<Origin>,
    credentials: Named<Count>,
}

/// Requests to one granted origin.
#[derive(Debug, Default)]
pub(super) struct Origin {
    requests: Count,
    /// Requests that the grant's addresses did not allow.
    denied: Count,
    sent: AtomicU64,
    received: AtomicU64,
}

/// Operations in one granted directory.
#[derive(Debug, Default)]
struct Root {
    reads: Count,
    opens: Count,
    writes: Count,
}

/// One credential.
#[derive(Debug, Default)]
struct Secret {
    placed: Count,
    revealed: Count,
}

/// Statements of one granted database.
#[derive(Debug, Default)]
struct Database {
    statements: Count,
    rows: AtomicU64,
    bytes: AtomicU64,
}

/// Operations on one granted key-value store.
#[derive(Debug, Default)]
struct Store {
    reads: Count,
    writes: Count,
}

/// What belongs to no grant.
#[derive(Debug)]
struct Totals {
    since: i64,
    calls: Count,
    cpu_us: AtomicU64,
    memory_bytes_max: AtomicU64,
    host_calls: [AtomicU64; Interface::ALL.len()],
    requests: AtomicU64,
    denied: [Count; Interface::ALL.len()],
    refused: Refused,
    log_lines: AtomicU64,
    scratch_files: Count,
    scratch_bytes_max: AtomicU64,
    /// What another connector was asked.
    invoked: Count,
}

impl Usage {
    /// Nothing used yet of these grants and this configuration table.
    pub fn new(grants: &Grants, config: &config::Values) -> Arc<Self> {
        Arc::new(Self::with(grants, config, None))
    }

    /// The usage of the same connector with other grants: those of the same
    /// name go on counting. The same usage where none has changed.
    pub fn renewed(self: &Arc<Self>, grants: &Grants, config: &config::Values) -> Arc<Self> {
        let renewed = Self::with(grants, config, Some(self));
        if renewed.names().eq(self.names()) {
            return self.clone();
        }
        Arc::new(renewed)
    }

    fn with(grants: &Grants, config: &config::Values, before: Option<&Self>) -> Self {
        let origins = grants.http.all().iter().map(|grant| {
            let name = grant.origin.to_string();
            let slot = before.and_then(|before| before.slot(&name));
            OriginSlot {
                counts: slot.map(|slot| slot.counts.clone()).unwrap_or_default(),
                credentials: Named::new(
                    grant.credentials.keys(),
                    slot.map(|slot| &slot.credentials),
                ),
                name: name.into(),
            }
        });
        let caller = CALLER.to_owned();
        let caller = grants.use_caller().then_some(&caller);
        let secrets = grants.secrets.secrets.keys().chain(caller);
        Self {
            origins: origins.collect(),
            roots: Named::new(grants.files.0.keys(), before.map(|usage| &usage.roots)),
            secrets: Named::new(secrets, before.map(|usage| &usage.secrets)),
            databases: Named::new(
                grants.sql.iter().map(|(name, _)| name),
                before.map(|usage| &usage.databases),
            ),
            stores: Named::new(
                grants.kv.iter().map(|(name, _)| name),
                before.map(|usage| &usage.stores),
            ),
            config: Named::new(config.keys(), before.map(|usage| &usage.config)),
            totals: before
                .map(|usage| usage.totals.clone())
                .unwrap_or_else(|| Arc::new(Totals::new())),
            observer: OnceLock::new(),
        }
    }

    /// What of grants and configuration has a counter, in order.
    fn names(&self) -> impl Iterator<Item = (u8, &str)> {
        let origins = self.origins.iter().flat_map(|slot| {
            let credentials = slot.credentials.names().map(|name| (1, name));
            [(0, &*slot.name)].into_iter().chain(credentials)
        });
        origins
            .chain(self.roots.names().map(|name| (2, name)))
            .chain(self.secrets.names().map(|name| (3, name)))
            .chain(self.databases.names().map(|name| (4, name)))
            .chain(self.stores.names().map(|name| (5, name)))
            .chain(self.config.names().map(|name| (6, name)))
    }

    fn slot(&self, origin: &str) -> Option<&OriginSlot> {
        self.origins.iter().find(|slot| *slot.name == *origin)
    }

    /// Has `observer` told the figures of every call that ends, before its
    /// caller gets the answer. There is one; another is not taken.
    pub fn observe(&self, observer: impl Fn(&Figures) + Send + Sync + 'static) {
        _ = self.observer.set(Box::new(observer));
    }

    /// Counts a call that has ended.
    pub fn ended(&self, figures: &Figures) {
        let totals = &self.totals;
        totals.calls.add();
        totals.cpu_us.fetch_add(figures.cpu_us, Relaxed);
        raise(&totals.memory_bytes_max, figures.memory_bytes);
        totals.requests.fetch_add(figures.requests, Relaxed);
        totals.log_lines.fetch_add(figures.log_lines, Relaxed);
        for ((_, calls), total) in figures.host_calls.iter().zip(&totals.host_calls) {
            // Most calls use few interfaces; the counters are shared by all.
            if calls > 0 {
                total.fetch_add(calls, Relaxed);
            }
        }
        if let Some(observer) = self.observer.get() {
            observer(figures);
        }
    }

    /// Counts a request to the origin at this place among the grants, and
    /// returns what its bytes are counted with.
    pub(super) fn request(&self, place: usize) -> Arc<Origin> {
        match self.origins.get(place) {
            Some(slot) => {
                slot.counts.requests.add();
                slot.counts.clone()
            }
            // Grants that this usage was not made for.
            None => Arc::default(),
        }
    }

    /// Counts a request that left the sandbox and went no further.
    pub(super) fn refuse(&self, uri: &Uri) {
        self.deny(Interface::Http);
        self.totals.refused.add(uri);
    }

    /// Counts something that no grant allows.
    pub(super) fn deny(&self, interface: Interface) {
        if let Some(denied) = self.totals.denied.get(interface as usize) {
            denied.add();
        }
    }

    /// Counts a request that a granted origin's addresses did not allow.
    pub(super) fn prohibit(&self, origin: &Origin) {
        self.deny(Interface::Http);
        origin.denied.add();
    }

    /// Counts a credential that was put into a request to the origin at this
    /// place among the grants, and the secrets it is written with.
    pub(super) fn place(&self, place: usize, credential: &str, template: &Template) {
        let slot = self.origins.get(place);
        if let Some(count) = slot.and_then(|slot| slot.credentials.get(credential)) {
            count.add();
        }
        for secret in template.credentials() {
            if let Some(secret) = self.secrets.get(secret) {
                secret.placed.add();
            }
        }
    }

    /// Counts a secret that the guest was shown.
    pub(super) fn reveal(&self, secret: &str) {
        if let Some(secret) = self.secrets.get(secret) {
            secret.revealed.add();
        }
    }

    /// Counts a look at what a root holds.
    pub(super) fn read(&self, root: &str) {
        if let Some(root) = self.roots.get(root) {
            root.reads.add();
        }
    }

    /// Counts a file of a root that was opened.
    pub(super) fn open(&self, root: &str) {
        if let Some(root) = self.roots.get(root) {
            root.opens.add();
        }
    }

    /// Counts a change in a root.
    pub(super) fn write(&self, root: &str) {
        if let Some(root) = self.roots.get(root) {
            root.writes.add();
        }
    }

    /// Counts statements that a database is asked to run.
    pub(super) fn query(&self, database: &str, statements: usize) {
        if let Some(database) = self.databases.get(database) {
            database.statements.add_many(statements as u64);
        }
    }

    /// Counts rows that a database answered with, and their bytes.
    pub(super) fn fetch(&self, database: &str, rows: u32, bytes: usize) {
        if let Some(database) = self.databases.get(database) {
            database.rows.fetch_add(rows.into(), Relaxed);
            database.bytes.fetch_add(bytes as u64, Relaxed);
        }
    }

    /// Counts a look at a value.
    pub(super) fn read_value(&self, store: &str) {
        if let Some(store) = self.stores.get(store) {
            store.reads.add();
        }
    }

    /// Counts a value that is stored or deleted.
    pub(super) fn write_value(&self, store: &str) {
        if let Some(store) = self.stores.get(store) {
            store.writes.add();
        }
    }

    /// Counts what another connector is asked.
    pub(super) fn invoke(&self) {
        self.totals.invoked.add();
    }

    /// Counts a temporary file.
    pub(super) fn spool(&self) {
        self.totals.scratch_files.add();
    }

    /// Notes how many bytes the temporary files of one sandbox hold.
    pub(super) fn spooled(&self, bytes: u64) {
        raise(&self.totals.scratch_bytes_max, bytes);
    }

    /// Counts a key of the configuration that was read.
    pub(super) fn look_up(&self, key: &str) {
        if let Some(key) = self.config.get(key) {
            key.add();
        }
    }
}

impl Origin {
    pub(super) fn add_sent(&self, bytes: u64) {
        self.sent.fetch_add(bytes, Relaxed);
    }

    pub(super) fn add_received(&self, bytes: u64) {
        self.received.fetch_add(bytes, Relaxed);
    }
}

impl Totals {
    fn new() -> Self {
        Self {
            since: now(),
            calls: Count::default(),
            cpu_us: AtomicU64::default(),
            memory_bytes_max: AtomicU64::default(),
            host_calls: Default::default(),
            requests: AtomicU64::default(),
            denied: Default::default(),
            refused: Refused::default(),
            log_lines: AtomicU64::default(),
            scratch_files: Count::default(),
            scratch_bytes_max: AtomicU64::default(),
            invoked: Count::default(),
        }
    }
}

impl fmt::Debug for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Usage").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
