//! Messages from RabbitMQ through three processors into PostgreSQL, with the
//! table of states, on real servers with durable commits: the pipeline as it is
//! shipped, the same with native functions in place of its components, and
//! what the database alone can do.

mod native;
mod pgbench;
pub mod pipeline;

use std::time::{Duration, Instant, SystemTime};

use anyhow::ensure;
use sqlx::{AssertSqlSafe, PgPool};
use tenon_tests::postgres::Server;
use tenon_tests::rabbitmq::RabbitMq;

use crate::stats;
use crate::summary::Summary;
use pipeline::{Bench, Form};

/// Messages in one turn of a form.
const MESSAGES: usize = 4000;
/// A turn takes seconds.
const ROUNDS_SHARE: usize = 3;
/// What sqAPI itself does with the same processors. Contract, section 12.
const ORIGINAL_PER_SECOND: f64 = 7.1;
/// Of the rate that is reached; a queue that only grows has no latency.
const LOAD: f64 = 0.5;
const PACED: Duration = Duration::from_secs(5);
/// Many times what a turn takes.
const PATIENCE: Duration = Duration::from_secs(120);
/// What a message leaves a row in.
pub const TABLES: [&str; 4] = ["messages", "sizes", "duplicates", "datatypes"];

/// Measures rates, and latency under half the load.
pub fn run(summary: &mut Summary) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(measure(summary))
}

async fn measure(summary: &mut Summary) -> anyhow::Result<()> {
    let (database, rabbitmq) = (Server::start().await, RabbitMq::start().await);
    let pool = PgPool::connect(&database.url()).await?;
    // States tell when they were committed, not only when they were written.
    execute(&pool, "ALTER SYSTEM SET track_commit_timestamp = on").await?;
    pool.close().await;
    database.pause();
    database.resume().await;
    let pool = PgPool::connect(&database.url()).await?;
    let bench = Bench::new(&database, &rabbitmq).await?;
    // Makes the tables, and whatever is made once.
    for form in [Form::Components, Form::Native] {
        turn(&bench, &pool, form, MESSAGES / 4).await?;
    }
    let (mut components, mut natives, mut alone) = (Vec::new(), Vec::new(), Vec::new());
    let (mut to_native, mut to_alone) = (Vec::new(), Vec::new());
    for _ in 0..stats::rounds().div_ceil(ROUNDS_SHARE) {
        let native = turn(&bench, &pool, Form::Native, MESSAGES).await?;
        let component = turn(&bench, &pool, Form::Components, MESSAGES).await?;
        clear(&pool).await?;
        let url = database.url();
        let pgbench = tokio::task::spawn_blocking(move || pgbench::run(&url)).await??;
        to_native.push(component / native);
        to_alone.push(component / pgbench);
        components.push(component);
        natives.push(native);
        alone.push(pgbench);
    }
    ensure!(
        bench.open_spool_files()? == 0,
        "files of the spool are open"
    );
    let per_second = stats::median(&mut components);
    let mut latencies = paced(&bench, &pool, per_second * LOAD).await?;
    let p99 = stats::percentile(&mut latencies, 0.99);
    println!(
        "sqAPI: RabbitMQ, three processors, PostgreSQL, durable\n\
         \x20 components {per_second:>7.0} messages/s\n\
         \x20 native     {:>7.0} messages/s, ratio {:.2}\n\
         \x20 pgbench    {:>7.0} messages/s, ratio {:.2}\n\
         \x20 original   {ORIGINAL_PER_SECOND:>7} messages/s, ratio {:.0}\n\
         \x20 at half that rate: p50 {:.1} ms, p99 {p99:.1} ms from published to committed\n",
        stats::median(&mut natives),
        stats::median(&mut to_native),
        stats::median(&mut alone),
        stats::median(&mut to_alone),
        per_second / ORIGINAL_PER_SECOND,
        stats::median(&mut latencies),
    );
    summary.add("sqapi_msgs_per_s", per_second);
    summary.add("sqapi_native_ratio", stats::median(&mut to_native));
    summary.add("sqapi_pgbench_ratio", stats::median(&mut to_alone));
    summary.add("sqapi_p99_ms", p99);
    Ok(())
}

/// Messages a second that a form works through, of a queue that is full before.
async fn turn(bench: &Bench, pool: &PgPool, form: Form, count: usize) -> anyhow::Result<f64> {
    clear(pool).await?;
    let broker = bench.broker(form);
    for number in 0..count {
        bench.publish(&*broker, number).await?;
    }
    let running = bench.start(form, broker);
    done(pool, count).await?;
    running.stop().await?;
    let seconds: f64 = sqlx::query_scalar(
        "SELECT extract(epoch FROM max(pg_xact_commit_timestamp(xmin)) - min(created_at))::float8
         FROM messages",
    )
    .fetch_one(pool)
    .await?;
    Ok(count as f64 / seconds)
}

/// Milliseconds from each message's publication to its last commit.
async fn paced(bench: &Bench, pool: &PgPool, per_second: f64) -> anyhow::Result<Vec<f64>> {
    clear(pool).await?;
    let broker = bench.broker(Form::Components);
    let running = bench.start(Form::Components, broker.clone());
    let count = (per_second * PACED.as_secs_f64()) as usize;
    let mut tick = tokio::time::interval(Duration::from_secs_f64(1.0 / per_second));
    let mut published = Vec::with_capacity(count);
    for number in 0..count {
        tick.tick().await;
        published.push(SystemTime::now());
        bench.publish(&*broker, number).await?;
    }
    done(pool, count).await?;
    running.stop().await?;
    let committed: Vec<(String, f64)> = sqlx::query_as(
        "SELECT uuid, extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 FROM messages",
    )
    .fetch_all(pool)
    .await?;
    committed
        .into_iter()
        .map(|(uuid, committed)| {
            let number: usize = uuid.trim_start_matches('m').parse()?;
            let published = published[number].duration_since(SystemTime::UNIX_EPOCH)?;
            Ok((committed - published.as_secs_f64()) * 1e3)
        })
        .collect()
}

/// Waits until so many are done, and sees that nothing else has become of any.
pub async fn done(pool: &PgPool, count: usize) -> anyhow::Result<()> {
    let (count, began) = (i64::try_from(count)?, Instant::now());
    loop {
        let query = "SELECT count(*) FILTER (WHERE status = 'DONE'),
                            count(*) FILTER (WHERE status IN ('FAILED', 'RETRY')) FROM messages";
        // An error as long as there is no table.
        let counts: sqlx::Result<(i64, i64)> = sqlx::query_as(query).fetch_one(pool).await;
        ensure!(
            !matches!(counts, Ok((_, 1..))),
            "messages failed: {counts:?}"
        );
        if matches!(counts, Ok((done, _)) if done == count) {
            return Ok(());
        }
        ensure!(began.elapsed() < PATIENCE, "not done: {counts:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn clear(pool: &PgPool) -> anyhow::Result<()> {
    for table in TABLES {
        let exists: bool = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
            .bind(table)
            .fetch_one(pool)
            .await?;
        if exists {
            execute(pool, &format!("TRUNCATE {table}")).await?;
        }
    }
    // What was written before is not paid for by whoever comes next.
    execute(pool, "CHECKPOINT").await
}

async fn execute(pool: &PgPool, statement: &str) -> anyhow::Result<()> {
    let statement = AssertSqlSafe(statement.to_owned());
    sqlx::raw_sql(statement).execute(pool).await?;
    Ok(())
}
