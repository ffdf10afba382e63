//! What the pipeline's components do, as ordinary Rust behind the same
//! dispatcher. As there, a processor has its statement run by the connector of
//! the database, in a call of its own; as there, statements are the plugins'
//! own, and prepared once for each connection of a pool as large as the
//! grant's.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock, Weak};

use anyhow::Context as _;
use deadpool_postgres::{Manager, Pool};
use serde_json::{Value, json};
use tenon_host::capability::call::Context;
use tenon_host::capability::transfer::Blob;
use tenon_host::plugin::database::Dialect;
use tenon_host::plugin::lifecycle::Description;
use tenon_host::plugin::message_log::Entry;
use tenon_host::plugin::processor::Message;
use tenon_host::plugin::{
    CpuMeter, Database, Failure, Launcher, Lifecycle, MessageLog, Processor, Role, Sandbox,
};
use tenon_sdk::sql::{self, packed};
use tokio_postgres::NoTls;
use tokio_postgres::types::ToSql;

const UPDATE: &str = "\
INSERT INTO messages AS known
    (uuid, meta_location, data_location, data_type, status, info, results)
SELECT * FROM unnest
    ($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
ON CONFLICT (uuid) DO UPDATE SET
    meta_location = EXCLUDED.meta_location, data_location = EXCLUDED.data_location,
    data_type = EXCLUDED.data_type, status = EXCLUDED.status, info = EXCLUDED.info,
    results = COALESCE(EXCLUDED.results, known.results), updated_at = now()";

/// Connections to the database `url`.
pub fn pool(url: &str, connections: usize) -> anyhow::Result<Pool> {
    let manager = Manager::new(url.parse().context("the database's URL")?, NoTls);
    Ok(Pool::builder(manager).max_size(connections).build()?)
}

/// Starts "sandboxes" that are nothing but a connector's work.
pub struct NativeLauncher {
    roles: &'static [Role],
    does: Does,
}

#[derive(Clone)]
enum Does {
    /// As the plugin `postgres`.
    Database(Pool),
    /// As a processor, with the connector of its database.
    Look(Look, Arc<str>),
}

/// A call's.
struct Work {
    does: Does,
    context: Arc<Context>,
}

/// What a processor finds.
#[derive(Debug, Clone, Copy)]
pub enum Look {
    /// As `sizes`.
    Sizes,
    /// As `duplicates`.
    Duplicates,
    /// As `datatypes`.
    Datatypes,
}

impl NativeLauncher {
    /// A database for the pipeline and its processors.
    pub fn database(pool: Pool) -> Self {
        Self {
            roles: &[Role::MessageLog, Role::Database],
            does: Does::Database(pool),
        }
    }

    /// A processor that uses the database of this connector.
    pub fn processor(look: Look, database: &str) -> Self {
        Self {
            roles: &[Role::Processor],
            does: Does::Look(look, database.into()),
        }
    }
}

impl Look {
    const ALL: [Self; 3] = [Self::Sizes, Self::Duplicates, Self::Datatypes];

    const fn script(self) -> &'static str {
        match self {
            Self::Sizes => include_str!("../../../plugins/sizes/scripts/insert_item.sql"),
            Self::Duplicates => include_str!("../../../plugins/duplicates/scripts/insert_dup.sql"),
            Self::Datatypes => include_str!("../../../plugins/datatypes/scripts/insert_item.sql"),
        }
    }

    /// The script's parameters, in their order.
    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Sizes => &[
                "uuid_ref",
                "meta_location",
                "data_location",
                "metadata_size",
                "data_size",
            ],
            Self::Duplicates => &["uuid_ref", "meta_location", "data_location", "sha_256"],
            Self::Datatypes => &["uuid_ref", "meta_location", "data_location", "datatype"],
        }
    }

    /// The plugin's statement, its parameters numbered.
    pub fn statement(self) -> String {
        let names = self.names().iter().zip(1..);
        names.fold(self.script().to_owned(), |script, (name, number)| {
            script.replace(&format!("%({name})s"), &format!("${number}"))
        })
    }
}

/// A script as the server takes it, read once.
fn read(script: &str) -> Option<&'static (Look, String)> {
    static READ: LazyLock<[(Look, String); 3]> =
        LazyLock::new(|| Look::ALL.map(|look| (look, look.statement())));
    READ.iter().find(|(look, _)| look.script() == script)
}

impl fmt::Debug for NativeLauncher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NativeLauncher")
            .field("roles", &self.roles)
            .finish_non_exhaustive()
    }
}

#[wasmtime_wasi::async_trait]
impl Launcher for NativeLauncher {
    fn offers(&self, role: Role) -> bool {
        role == Role::Lifecycle || self.roles.contains(&role)
    }

    async fn launch(
        &self,
        context: Arc<Context>,
        _cpu: Arc<CpuMeter>,
    ) -> Result<Box<dyn Sandbox>, Failure> {
        let does = self.does.clone();
        Ok(Box::new(Work { does, context }))
    }
}

impl Sandbox for Work {
    fn lifecycle(&mut self) -> &mut dyn Lifecycle {
        self
    }

    fn message_log(&mut self) -> Result<&mut dyn MessageLog, Failure> {
        Ok(self)
    }

    fn database(&mut self) -> Result<&mut dyn Database, Failure> {
        Ok(self)
    }

    fn processor(&mut self) -> Result<&mut dyn Processor, Failure> {
        Ok(self)
    }

    fn is_reused(&self) -> bool {
        true
    }

    fn keep(self: Box<Self>) -> Option<Box<dyn Sandbox>> {
        None
    }
}

#[wasmtime_wasi::async_trait]
impl Lifecycle for Work {
    async fn describe(&mut self) -> Result<Description, Failure> {
        Err(failed("the baseline is never asked for this"))
    }

    async fn check(&mut self) -> Result<(), Failure> {
        Ok(())
    }
}

impl Work {
    async fn run(&self, statement: &str, values: &[&(dyn ToSql + Sync)]) -> Result<(), Failure> {
        let Does::Database(pool) = &self.does else {
            return Err(failed("not a database"));
        };
        let client = pool.get().await.map_err(failed)?;
        let statement = client.prepare_cached(statement).await.map_err(failed)?;
        client.execute(&statement, values).await.map_err(failed)?;
        Ok(())
    }
}

#[wasmtime_wasi::async_trait]
impl MessageLog for Work {
    /// The components have made it.
    async fn initialize(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    async fn get(&mut self, uuid: &str) -> Result<Option<Entry>, Failure> {
        self.run("SELECT 1 FROM messages WHERE uuid = $1", &[&uuid])
            .await?;
        Ok(None)
    }

    async fn update(&mut self, entries: &[Entry]) -> Result<(), Failure> {
        let column = |of: fn(&Entry) -> Option<&str>| entries.iter().map(of).collect::<Vec<_>>();
        self.run(
            UPDATE,
            &[
                &column(|it| Some(&it.uuid)),
                &column(|it| it.meta_location.as_deref()),
                &column(|it| it.data_location.as_deref()),
                &column(|it| it.data_type.as_deref()),
                &column(|it| Some(&it.status)),
                &column(|it| it.info.as_deref()),
                &column(|it| it.results.as_deref()),
            ],
        )
        .await
    }
}

#[wasmtime_wasi::async_trait]
impl Database for Work {
    async fn dialect(&mut self) -> Result<Dialect, Failure> {
        Ok(Dialect::Postgresql)
    }

    async fn execute(
        &mut self,
        script: &str,
        parameters: &[u8],
    ) -> Result<Option<Vec<u8>>, Failure> {
        let (look, statement) = read(script).ok_or_else(|| failed("an unknown script"))?;
        let named = packed::Named::unpack(parameters).map_err(failed)?;
        let values = look.names().iter().map(|name| {
            let value = named.get(name).ok_or_else(|| failed(name))?.value();
            Ok(match value.map_err(failed)? {
                sql::Value::Text(text) => Box::new(text) as Box<dyn ToSql + Sync + Send>,
                sql::Value::Integer(number) => Box::new(number),
                sql::Value::Null => Box::new(None::<String>),
                other => return Err(failed(format!("{other:?}"))),
            })
        });
        let values: Vec<_> = values.collect::<Result<_, Failure>>()?;
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|it| &**it as _).collect();
        self.run(statement, &values).await?;
        Ok(None)
    }
}

#[wasmtime_wasi::async_trait]
impl Processor for Work {
    async fn accepts(&mut self) -> Result<Vec<String>, Failure> {
        Ok(Vec::new())
    }

    async fn initialize(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    async fn execute(
        &mut self,
        message: &Message,
        metadata: &str,
        data: Blob,
    ) -> Result<Option<String>, Failure> {
        let Does::Look(look, database) = &self.does else {
            return Err(failed("not a processor"));
        };
        let metadata: Value = serde_json::from_str(metadata).map_err(failed)?;
        let found = match look {
            Look::Sizes => vec![
                (
                    "metadata_size",
                    metadata.as_object().map_or(0, serde_json::Map::len).into(),
                ),
                ("data_size", data.size().into()),
            ],
            Look::Duplicates => vec![("sha_256", message.hash_digest.as_str().into())],
            Look::Datatypes => vec![("datatype", message.media_type.as_str().into())],
        };
        let location = message.meta_location.as_deref();
        let mut parameters: Vec<(&str, sql::Value)> = vec![
            ("uuid_ref", message.uuid.as_str().into()),
            ("meta_location", location.into()),
            ("data_location", message.data_location.as_str().into()),
        ];
        parameters.extend(found.iter().cloned());
        let parameters = packed::named(&parameters).map_err(failed)?;
        let invoke = self.context.invoke.as_ref().and_then(Weak::upgrade);
        let invoke = invoke.ok_or_else(|| failed("no dispatcher"))?;
        let script = look.script().to_owned();
        let stored = invoke.execute(&self.context, database, script, parameters);
        stored.await.map_err(|error| failed(format!("{error:?}")))?;
        let found = found.into_iter().map(|(name, value)| match value {
            sql::Value::Integer(number) => (name, number.into()),
            sql::Value::Text(text) => (name, text.into()),
            _ => (name, Value::Null),
        });
        let found: BTreeMap<_, Value> = found.collect();
        Ok(Some(json!(found).to_string()))
    }
}

fn failed(error: impl fmt::Display) -> Failure {
    Failure::Contract(error.to_string())
}
