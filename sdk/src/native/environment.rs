//! What the host would give a plugin, given by hand.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fmt,
    hash::{BuildHasher, RandomState},
    path::Path,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use cap_std::{ambient_authority, fs::Dir};

use super::{database, kv, secret::Credential, sql};
use crate::{
    Result,
    call::Context,
    kv::Value,
    log::Level,
    sql::{Dialect, Statement},
};

/// The surroundings of a call. Clones share everything.
#[derive(Clone)]
pub struct Environment(Arc<State>);

pub(crate) struct State {
    pub(super) config: BTreeMap<String, String>,
    pub(super) roots: BTreeMap<String, Dir>,
    pub(super) credentials: BTreeMap<String, Credential>,
    pub(super) database: Option<(Dialect, database::Execute)>,
    pub(super) sql: BTreeMap<String, (Dialect, sql::Execute)>,
    pub(super) stores: BTreeMap<String, kv::Keys>,
    pub(super) context: Context,
    pub(super) log_threshold: Level,
    pub(super) agent: ureq::Agent,
    placeholder_key: u64,
    cancelled: AtomicBool,
}

impl State {
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    pub(super) fn placeholder(&self, name: &str) -> String {
        format!("tenon-secret-{:016x}-{name}", self.placeholder_key)
    }
}

thread_local! {
    static CURRENT: RefCell<Option<Environment>> = const { RefCell::new(None) };
}

/// Runs `f` in the environment that this thread has entered, or in an empty one.
pub(super) fn with<T>(f: impl FnOnce(&State) -> T) -> T {
    static EMPTY: LazyLock<Environment> = LazyLock::new(|| Environment::builder().build());
    let current = CURRENT.with_borrow(Clone::clone);
    f(&current.as_ref().unwrap_or(&EMPTY).0)
}

impl Environment {
    /// Starts with no configuration, no root and no credential.
    pub fn builder() -> Builder {
        Builder(State {
            config: BTreeMap::new(),
            roots: BTreeMap::new(),
            credentials: BTreeMap::new(),
            database: None,
            sql: BTreeMap::new(),
            stores: BTreeMap::new(),
            context: Context {
                request_id: "native".to_owned(),
                connector: "native".to_owned(),
                user: None,
                remaining: Duration::MAX,
            },
            log_threshold: Level::Warn,
            agent: super::http::agent(),
            placeholder_key: RandomState::new().hash_one("placeholder"),
            cancelled: AtomicBool::new(false),
        })
    }

    /// Runs `f`, on this thread, with this environment around it.
    pub fn enter<T>(&self, f: impl FnOnce() -> T) -> T {
        /// Puts the outer environment back, also when `f` panics.
        struct Restore(Option<Environment>);
        impl Drop for Restore {
            fn drop(&mut self) {
                CURRENT.set(self.0.take());
            }
        }
        let _restore = Restore(CURRENT.replace(Some(self.clone())));
        f()
    }

    /// Asks everything that runs in this environment to end.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::Relaxed);
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("context", &self.0.context)
            .finish_non_exhaustive()
    }
}

/// Makes an [`Environment`].
pub struct Builder(State);

impl Builder {
    /// Sets a configuration key: a string as it is written, any other value as JSON.
    #[must_use]
    pub fn config(mut self, key: &str, value: impl Into<String>) -> Self {
        self.0.config.insert(key.to_owned(), value.into());
        self
    }

    /// Grants a directory under a name.
    pub fn root(mut self, name: &str, directory: impl AsRef<Path>) -> Result<Self> {
        let directory = Dir::open_ambient_dir(directory, ambient_authority())?;
        self.0.roots.insert(name.to_owned(), directory);
        Ok(self)
    }

    /// Gives a credential and how it is written into a request, such as `Bearer {caller}` or
    /// `Basic {user}:{caller}`.
    #[must_use]
    pub fn credential(
        mut self,
        name: &str,
        value: impl Into<String>,
        template: impl Into<String>,
    ) -> Self {
        self.0.credentials.insert(
            name.to_owned(),
            Credential {
                value: value.into(),
                template: template.into(),
            },
        );
        self
    }

    /// Grants the database that [`database`](crate::database) leads to. `execute` gets a script
    /// and packed named parameters, and gives packed rows. A plugin of the role `database`, made
    /// and entered in another environment, is one that can be put here.
    #[must_use]
    pub fn database(
        mut self,
        dialect: Dialect,
        execute: impl Fn(&str, &[u8]) -> Result<Option<Vec<u8>>> + Send + Sync + 'static,
    ) -> Self {
        self.0.database = Some((dialect, Box::new(execute)));
        self
    }

    /// Grants a database of [`sql`](crate::sql) under a name. `execute` runs all statements, or
    /// none, and gives the packed rows of the last.
    #[must_use]
    pub fn sql(
        mut self,
        name: &str,
        dialect: Dialect,
        execute: impl Fn(&[Statement]) -> Result<Option<Vec<u8>>> + Send + Sync + 'static,
    ) -> Self {
        let database: (_, sql::Execute) = (dialect, Box::new(execute));
        self.0.sql.insert(name.to_owned(), database);
        self
    }

    /// Grants a key-value store under a name, in memory, with these keys in it.
    #[must_use]
    pub fn store(
        mut self,
        name: &str,
        keys: impl IntoIterator<Item = (&'static str, Value)>,
    ) -> Self {
        let keys = keys.into_iter();
        let keys = keys.map(|(key, value)| (key.to_owned(), value)).collect();
        self.0.stores.insert(name.to_owned(), kv::Keys::new(keys));
        self
    }

    /// Names the caller.
    #[must_use]
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.0.context.user = Some(user.into());
        self
    }

    /// Sets the id of the call.
    #[must_use]
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.0.context.request_id = id.into();
        self
    }

    /// Keeps log lines from this level on; the default is `Warn`. The first line that a process
    /// logs settles it.
    #[must_use]
    pub fn log(mut self, threshold: Level) -> Self {
        self.0.log_threshold = threshold;
        self
    }

    /// The environment.
    pub fn build(self) -> Environment {
        Environment(Arc::new(self.0))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("context", &self.0.context)
            .finish_non_exhaustive()
    }
}
