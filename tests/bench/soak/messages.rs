//! A hundred thousand messages through three processors: every one done by
//! each of them, and memory that stays where it was.

use std::time::Instant;

use anyhow::ensure;
use sqlx::{AssertSqlSafe, PgPool};
use tenon_tests::postgres::Server;
use tenon_tests::rabbitmq::RabbitMq;

use crate::sqapi::pipeline::{Bench, Form};
use crate::sqapi::{self, TABLES};

const MESSAGES: usize = 100_000;
/// Published at one go, then worked off.
const TURN: usize = 5_000;

/// Publishes and waits, turn by turn.
pub fn run() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let (database, rabbitmq) = (Server::start().await, RabbitMq::start().await);
        let pool = PgPool::connect(&database.url()).await?;
        let bench = Bench::new(&database, &rabbitmq).await?;
        let broker = bench.broker(Form::Components);
        let running = bench.start(Form::Components, broker.clone());
        let (started, mut settled) = (Instant::now(), None);
        for turn in 0..MESSAGES / TURN {
            for number in turn * TURN..(turn + 1) * TURN {
                bench.publish(&*broker, number).await?;
            }
            let done = (turn + 1) * TURN;
            sqapi::done(&pool, done).await?;
            let seconds = started.elapsed().as_secs_f64();
            println!(
                "{done:>9} messages, {seconds:.0} s, {} KiB resident",
                super::resident_kib()?
            );
            if done >= MESSAGES / 5 {
                super::see_growth(&mut settled)?;
            }
        }
        running.stop().await?;
        for table in TABLES {
            let rows = rows(&pool, table).await?;
            ensure!(rows == MESSAGES as i64, "{table} has {rows} rows");
        }
        drop(broker);
        ensure!(
            bench.open_spool_files()? == 0,
            "files of the spool are open"
        );
        println!("{MESSAGES} messages, every one done by every processor");
        anyhow::Ok(())
    })
}

async fn rows(pool: &PgPool, table: &str) -> anyhow::Result<i64> {
    let query = AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
    Ok(sqlx::query_scalar(query).fetch_one(pool).await?)
}
