//! What is granted beside what is used, for people.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::refused::RefusedHost;
use super::{Database, OriginSlot, Root, Secret, Store, Usage, Use};
use crate::capability::call::Interface;
use crate::capability::files::{self, Access};
use crate::capability::secret::CALLER;
use crate::capability::{Grants, http, kv, sql};

/// What a connector was granted and what it used, on this host and since this
/// host runs it. Times are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Report {
    /// When counting began.
    pub since: i64,
    /// Every grant, and whether it was ever used.
    pub grants: Vec<GrantUse>,
    /// Calls that ended.
    pub calls: Use,
    /// Time on a processor, of all calls together.
    pub cpu_ms: u64,
    /// The most linear memory a sandbox had.
    pub memory_bytes_max: u64,
    /// Requests made, refused ones among them.
    pub requests: u64,
    /// Granted hosts.
    pub http: Vec<OriginUse>,
    /// The last few hosts that were asked for and are not granted.
    pub refused_hosts: Vec<RefusedHost>,
    /// Granted credentials.
    pub secrets: Vec<SecretUse>,
    /// Granted directories.
    pub files: Vec<RootUse>,
    /// Granted databases.
    #[serde(default)]
    pub sql: Vec<SqlUse>,
    /// Granted key-value stores.
    #[serde(default)]
    pub kv: Vec<KvUse>,
    /// Granted temporary space.
    pub scratch: Option<ScratchUse>,
    /// The granted database, another connector's.
    pub database: Option<DatabaseUse>,
    /// Keys of the configuration table.
    pub config: Vec<KeyUse>,
    /// Log lines written.
    pub log_lines: u64,
    /// Host calls by interface; those that were not called are left out.
    pub host_calls: BTreeMap<String, u64>,
    /// What no grant allowed, by interface.
    pub denied: BTreeMap<String, Use>,
}

/// A granted database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DatabaseUse {
    /// The connector that answers.
    pub connector: String,
    /// What it was asked.
    pub requests: Use,
}

/// One grant, or the part of a grant that can go unused by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GrantUse {
    /// `http`, `http.credentials`, `secrets`, `secrets.reveal`, `files`,
    /// `files.write`, `sql`, `kv`, `kv.write`, `scratch` or `database`.
    pub capability: String,
    /// Its name; the credential of a host follows the host.
    pub grant: String,
    /// Whether it was ever used.
    pub used: bool,
}

/// A granted host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OriginUse {
    /// As it is granted, with its port.
    pub origin: String,
    /// Requests to it.
    pub requests: Use,
    /// Requests that came to an address the grant does not allow.
    pub denied: Use,
    /// Bytes of request bodies.
    pub sent_bytes: u64,
    /// Bytes of response bodies.
    pub received_bytes: u64,
    /// Credentials it may be sent.
    pub credentials: Vec<CredentialUse>,
}

/// A credential that a host may be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CredentialUse {
    /// The name under which the plugin asks for it.
    pub name: String,
    /// How often it was put into a request.
    pub placed: Use,
}

/// A granted credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SecretUse {
    /// Its name; `caller` is the credential of the request itself.
    pub name: String,
    /// How often the host put it into a request.
    pub placed: Use,
    /// How often the plugin was shown it.
    pub revealed: Use,
    /// Whether the plugin may see it.
    pub may_reveal: bool,
}

/// A granted directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RootUse {
    /// Its name.
    pub name: String,
    /// Whether it is granted for writing.
    pub may_write: bool,
    /// Looks at what it holds.
    pub reads: Use,
    /// Files opened to be read.
    pub opens: Use,
    /// Files stored, moved and removed, and folders made.
    pub writes: Use,
}

/// A granted database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SqlUse {
    /// Its name.
    pub name: String,
    /// Whether it is granted for writing.
    pub may_write: bool,
    /// Statements that it was asked to run.
    pub statements: Use,
    /// Rows it answered with.
    pub rows: u64,
    /// Bytes of these rows.
    pub received_bytes: u64,
}

/// A granted key-value store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KvUse {
    /// Its name.
    pub name: String,
    /// Whether it is granted for writing.
    pub may_write: bool,
    /// Looks at a value.
    pub reads: Use,
    /// Values stored and deleted.
    pub writes: Use,
}

/// Granted temporary space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScratchUse {
    /// What is granted.
    pub bytes_max: u64,
    /// The most that one call held.
    pub bytes_used_max: u64,
    /// Files made.
    pub files: Use,
}

/// A key of the configuration table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeyUse {
    /// The key.
    pub key: String,
    /// How often the plugin read it.
    pub reads: Use,
}

impl Usage {
    /// What is granted beside what was used of it.
    pub fn report(&self, grants: &Grants) -> Report {
        let totals = &self.totals;
        let mut report = Report {
            since: totals.since,
            grants: Vec::new(),
            calls: totals.calls.get(),
            cpu_ms: load(&totals.cpu_us) / 1000,
            memory_bytes_max: load(&totals.memory_bytes_max),
            requests: load(&totals.requests),
            http: grants.http.all().iter().map(|it| self.origin(it)).collect(),
            refused_hosts: totals.refused.get(),
            secrets: self.secrets(grants),
            files: self.files(grants),
            sql: self.databases(grants),
            kv: self.stores(grants),
            scratch: grants.scratch.as_ref().map(|grant| ScratchUse {
                bytes_max: grant.bytes_max,
                bytes_used_max: load(&totals.scratch_bytes_max),
                files: totals.scratch_files.get(),
            }),
            database: grants.database.as_ref().map(|grant| DatabaseUse {
                connector: grant.connector.clone(),
                requests: totals.invoked.get(),
            }),
            config: self.keys(),
            log_lines: load(&totals.log_lines),
            host_calls: by_interface(totals.host_calls.iter().map(load), |calls| *calls > 0),
            denied: by_interface(totals.denied.iter().map(|it| it.get()), |it| it.times > 0),
        };
        report.grants = report.each_grant();
        report
    }

    fn origin(&self, grant: &http::Grant) -> OriginUse {
        let origin = grant.origin.to_string();
        let slot = self.slot(&origin);
        let counts = slot.map(|slot| &*slot.counts);
        let placed = |name: &str| {
            let count = |slot: &OriginSlot| slot.credentials.get(name).map(|it| it.get());
            slot.and_then(count).unwrap_or_default()
        };
        OriginUse {
            requests: counts.map(|it| it.requests.get()).unwrap_or_default(),
            denied: counts.map(|it| it.denied.get()).unwrap_or_default(),
            sent_bytes: counts.map(|it| load(&it.sent)).unwrap_or_default(),
            received_bytes: counts.map(|it| load(&it.received)).unwrap_or_default(),
            credentials: grant
                .credentials
                .keys()
                .map(|name| CredentialUse {
                    placed: placed(name),
                    name: name.clone(),
                })
                .collect(),
            origin,
        }
    }

    fn secrets(&self, grants: &Grants) -> Vec<SecretUse> {
        let named = |name: &str, may_reveal| {
            let counts: Option<&Secret> = self.secrets.get(name).map(|it| &**it);
            SecretUse {
                name: name.to_owned(),
                placed: counts.map(|it| it.placed.get()).unwrap_or_default(),
                revealed: counts.map(|it| it.revealed.get()).unwrap_or_default(),
                may_reveal,
            }
        };
        let secrets = grants.secrets.secrets.iter();
        let secrets = secrets.map(|(name, secret)| named(name, secret.reveal));
        let caller = grants
            .use_caller()
            .then(|| named(CALLER, grants.secrets.reveal_caller));
        secrets.chain(caller).collect()
    }

    fn files(&self, grants: &Grants) -> Vec<RootUse> {
        let root = |(name, root): (&String, &files::Root)| {
            let counts: Option<&Root> = self.roots.get(name).map(|it| &**it);
            RootUse {
                name: name.clone(),
                may_write: root.access() == Access::ReadWrite,
                reads: counts.map(|it| it.reads.get()).unwrap_or_default(),
                opens: counts.map(|it| it.opens.get()).unwrap_or_default(),
                writes: counts.map(|it| it.writes.get()).unwrap_or_default(),
            }
        };
        grants.files.0.iter().map(root).collect()
    }

    fn databases(&self, grants: &Grants) -> Vec<SqlUse> {
        let database = |(name, grant): (&String, &sql::Grant)| {
            let counts: Option<&Database> = self.databases.get(name).map(|it| &**it);
            SqlUse {
                name: name.clone(),
                may_write: grant.access == sql::Access::ReadWrite,
                statements: counts.map(|it| it.statements.get()).unwrap_or_default(),
                rows: counts.map(|it| load(&it.rows)).unwrap_or_default(),
                received_bytes: counts.map(|it| load(&it.bytes)).unwrap_or_default(),
            }
        };
        grants.sql.iter().map(database).collect()
    }

    fn stores(&self, grants: &Grants) -> Vec<KvUse> {
        let store = |(name, grant): (&String, &kv::Grant)| {
            let counts: Option<&Store> = self.stores.get(name).map(|it| &**it);
            KvUse {
                name: name.clone(),
                may_write: grant.access == kv::Access::ReadWrite,
                reads: counts.map(|it| it.reads.get()).unwrap_or_default(),
                writes: counts.map(|it| it.writes.get()).unwrap_or_default(),
            }
        };
        grants.kv.iter().map(store).collect()
    }

    fn keys(&self) -> Vec<KeyUse> {
        let key = |(key, count): (&str, &super::Count)| KeyUse {
            key: key.to_owned(),
            reads: count.get(),
        };
        self.config.iter().map(key).collect()
    }
}

impl Report {
    /// The grants that nothing has used yet.
    pub fn unused(&self) -> impl Iterator<Item = &GrantUse> {
        self.grants.iter().filter(|grant| !grant.used)
    }

    /// Of the interfaces that a plugin imports, by their full names, those it
    /// has never called. Only the ones that need a grant are looked at.
    pub fn never_called<'i>(&self, imports: impl IntoIterator<Item = &'i str>) -> Vec<String> {
        let called = |import: &str| {
            let interface = import.split('@').next().unwrap_or(import);
            match interface.strip_prefix("tenon:connector/") {
                Some(own @ ("database" | "files" | "scratch" | "secret")) => {
                    self.host_calls.contains_key(own)
                }
                None if interface == "wasi:http/outgoing-handler" => self.requests > 0,
                _ => true,
            }
        };
        let unused = imports.into_iter().filter(|import| !called(import));
        unused.map(str::to_owned).collect()
    }

    fn each_grant(&self) -> Vec<GrantUse> {
        let mut grants = Vec::new();
        let mut add = |capability: &str, grant: &str, used| {
            grants.push(GrantUse {
                capability: capability.to_owned(),
                grant: grant.to_owned(),
                used,
            });
        };
        for http in &self.http {
            add("http", &http.origin, http.requests.times > 0);
            for credential in &http.credentials {
                let name = format!("{} {}", http.origin, credential.name);
                add("http.credentials", &name, credential.placed.times > 0);
            }
        }
        for secret in &self.secrets {
            let revealed = secret.revealed.times > 0;
            add("secrets", &secret.name, secret.placed.times > 0 || revealed);
            if secret.may_reveal {
                add("secrets.reveal", &secret.name, revealed);
            }
        }
        for root in &self.files {
            let written = root.writes.times > 0;
            let read = root.reads.times + root.opens.times > 0;
            add("files", &root.name, read || written);
            if root.may_write {
                add("files.write", &root.name, written);
            }
        }
        for sql in &self.sql {
            add("sql", &sql.name, sql.statements.times > 0);
        }
        for kv in &self.kv {
            let written = kv.writes.times > 0;
            add("kv", &kv.name, kv.reads.times > 0 || written);
            if kv.may_write {
                add("kv.write", &kv.name, written);
            }
        }
        if let Some(scratch) = &self.scratch {
            add("scratch", "scratch", scratch.files.times > 0);
        }
        if let Some(database) = &self.database {
            add("database", &database.connector, database.requests.times > 0);
        }
        grants
    }
}

fn load(figure: &AtomicU64) -> u64 {
    figure.load(Relaxed)
}

fn by_interface<T>(
    figures: impl Iterator<Item = T>,
    keep: impl Fn(&T) -> bool,
) -> BTreeMap<String, T> {
    let names = Interface::ALL.into_iter().map(|it| it.name().to_owned());
    names
        .zip(figures)
        .filter(|(_, figure)| keep(figure))
        .collect()
}
