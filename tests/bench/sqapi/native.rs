//! What the pipeline's connectors do, as ordinary Rust behind the same
//! dispatcher: the statements are the plugins' own, prepared once for each
//! connection of a pool as large as the grant's.

use std::fmt;
use std::sync::Arc;

use anyhow::Context as _;
use deadpool_postgres::{Manager, Pool};
use serde_json::{Value, json};
use tenon_host::capability::call::Context;
use tenon_host::capability::transfer::Blob;
use tenon_host::plugin::lifecycle::Description;
use tenon_host::plugin::message_log::Entry;
use tenon_host::plugin::processor::Message;
use tenon_host::plugin::{
    CpuMeter, Failure, Launcher, Lifecycle, MessageLog, Processor, Role, Sandbox,
};
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
    role: Role,
    work: Work,
}

#[derive(Clone)]
struct Work {
    pool: Pool,
    does: Does,
}

#[derive(Clone)]
enum Does {
    Log,
    Look(Look, Arc<str>),
}

/// What a processor finds.
#[derive(Clone, Copy)]
pub enum Look {
    /// As `sizes`.
    Sizes,
    /// As `duplicates`.
    Duplicates,
    /// As `datatypes`.
    Datatypes,
}

impl NativeLauncher {
    /// As the plugin `postgres`, for the pipeline.
    pub fn log(pool: &Pool) -> Self {
        let pool = pool.clone();
        let does = Does::Log;
        Self {
            role: Role::MessageLog,
            work: Work { pool, does },
        }
    }

    /// A processor.
    pub fn processor(pool: &Pool, look: Look) -> Self {
        let pool = pool.clone();
        let does = Does::Look(look, look.statement().into());
        Self {
            role: Role::Processor,
            work: Work { pool, does },
        }
    }
}

impl Look {
    /// The plugin's statement, its parameters numbered.
    pub fn statement(self) -> String {
        let (script, columns): (_, &[_]) = match self {
            Self::Sizes => (
                include_str!("../../../plugins/sizes/scripts/insert_item.sql"),
                &["metadata_size", "data_size"],
            ),
            Self::Duplicates => (
                include_str!("../../../plugins/duplicates/scripts/insert_dup.sql"),
                &["sha_256"],
            ),
            Self::Datatypes => (
                include_str!("../../../plugins/datatypes/scripts/insert_item.sql"),
                &["datatype"],
            ),
        };
        let names = ["uuid_ref", "meta_location", "data_location"];
        let names = names.iter().chain(columns).zip(1..);
        names.fold(script.to_owned(), |script, (name, number)| {
            script.replace(&format!("%({name})s"), &format!("${number}"))
        })
    }
}

impl fmt::Debug for NativeLauncher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NativeLauncher")
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

#[wasmtime_wasi::async_trait]
impl Launcher for NativeLauncher {
    fn offers(&self, role: Role) -> bool {
        role == Role::Lifecycle || role == self.role
    }

    async fn launch(
        &self,
        _context: Arc<Context>,
        _cpu: Arc<CpuMeter>,
    ) -> Result<Box<dyn Sandbox>, Failure> {
        Ok(Box::new(self.work.clone()))
    }
}

impl Sandbox for Work {
    fn lifecycle(&mut self) -> &mut dyn Lifecycle {
        self
    }

    fn message_log(&mut self) -> Result<&mut dyn MessageLog, Failure> {
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
        let client = self.pool.get().await.map_err(failed)?;
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
        let Does::Look(look, statement) = &self.does else {
            return Err(failed("not a processor"));
        };
        let metadata: Value = serde_json::from_str(metadata).map_err(failed)?;
        let (keys, size) = (
            metadata.as_object().map_or(0, serde_json::Map::len) as i64,
            data.size() as i64,
        );
        let (columns, found): (Vec<&(dyn ToSql + Sync)>, _) = match look {
            Look::Sizes => (
                vec![&keys, &size],
                json!({"metadata_size": keys, "data_size": size}),
            ),
            Look::Duplicates => (
                vec![&message.hash_digest],
                json!({"sha_256": message.hash_digest}),
            ),
            Look::Datatypes => (
                vec![&message.media_type],
                json!({"datatype": message.media_type}),
            ),
        };
        let mut values: Vec<&(dyn ToSql + Sync)> = vec![
            &message.uuid,
            &message.meta_location,
            &message.data_location,
        ];
        values.extend(columns);
        self.run(statement, &values).await?;
        Ok(Some(found.to_string()))
    }
}

fn failed(error: impl fmt::Display) -> Failure {
    Failure::Contract(error.to_string())
}
