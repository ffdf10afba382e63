//! Which databases a connector may use.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use super::Access;
use super::database::Database;
use super::target::{Target, TargetError};
use crate::capability::shared::{Key, Shared};

/// Databases by the name the plugin knows them by.
#[derive(Debug, Default)]
pub struct Grants(BTreeMap<String, Grant>);

/// One database.
#[derive(Debug)]
pub struct Grant {
    /// Whether it may be changed.
    pub access: Access,
    pub(super) database: Arc<Database>,
}

/// What a database is used with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Which one.
    pub target: Target,
    /// Whether it may be changed.
    pub access: Access,
    /// Connections at one time; who finds none free waits.
    pub connections_max: u32,
    /// Longest wait for a connection, a new one or one that is free.
    pub connect_timeout: Duration,
    /// Limit `statement_timeout_ms` of the grant: longest time of one
    /// statement.
    pub statement_timeout: Duration,
}

impl Settings {
    /// The defaults for a database.
    pub fn new(target: Target) -> Self {
        Self {
            target,
            access: Access::default(),
            // PostgreSQL serves a hundred in all unless it is told otherwise,
            // and gains nothing from more than a few for each of its cores.
            connections_max: 8,
            connect_timeout: Duration::from_secs(5),
            // What a call has until its first byte, unless it is told otherwise.
            statement_timeout: Duration::from_secs(30),
        }
    }

    fn key(&self) -> Key {
        let numbers = format!(
            "{:?} {} {:?} {:?}",
            self.access, self.connections_max, self.connect_timeout, self.statement_timeout
        );
        let parts = self.target.parts();
        let parts = parts.iter().map(Vec::as_slice);
        Key::new(parts.chain([numbers.as_bytes()]))
    }
}

impl Grant {
    /// Permission to use a database. Nothing connects before its first use;
    /// grants with equal settings share their connections.
    ///
    /// # Errors
    ///
    /// [`TargetError`] when no connection can be tried with these settings.
    pub fn new(settings: Settings) -> Result<Self, TargetError> {
        static DATABASES: LazyLock<Shared<Database>> = LazyLock::new(Shared::default);
        let access = settings.access;
        let database = DATABASES.get(settings.key(), || Database::new(settings))?;
        Ok(Self { access, database })
    }
}

impl Grants {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether there is one of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Adds one.
    pub fn insert(&mut self, name: String, grant: Grant) {
        self.0.insert(name, grant);
    }

    /// All of them, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Grant)> {
        self.0.iter()
    }

    pub(super) fn get(&self, name: &str) -> Option<&Grant> {
        self.0.get(name)
    }
}
