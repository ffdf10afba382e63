//! Databases and key-value stores in the hands of a guest that wants more of
//! them than it may have.

use std::time::{Duration, Instant};

use tenon_host::capability::{Grants, kv, sql};
use tenon_host::dispatch::Outcome::{Deadline, Denied, Internal, Invalid, Unavailable};
use tenon_tests::connector::Plan;
use tenon_tests::postgres::Database;
use tenon_tests::redis::Redis;

use super::rig::{Expected, Op, Rig, granted};

/// Longest time of a statement here.
const STATEMENT: Duration = Duration::from_secs(3);
const ROWS_WITHOUT_END: &str =
    "sql WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
const COUNTS_FOR_EVER: &str =
    "sql WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

/// What no database lets a guest do.
const BROKEN: &[Expected<'_>] = &[
    (ROWS_WITHOUT_END, Internal, "`sql_result_bytes`"),
    (COUNTS_FOR_EVER, Unavailable, "`statement_timeout_ms`"),
    ("sql-many 1001", Invalid, "1 to 1000 statements"),
    ("sql-many 0", Invalid, "1 to 1000 statements"),
    ("sql-long 2000000", Internal, "`hostcall_bytes`"),
    ("sql SELEC 1", Invalid, ""),
    ("sql SELECT 1; SELECT 2", Invalid, ""),
    ("sql -- nothing", Invalid, "empty"),
    ("sql SELECT '\0'", Invalid, "NUL"),
    ("sql-undone CREATE TABLE undone (i INTEGER)", Invalid, ""),
    ("sql SELECT * FROM undone", Invalid, "undone"),
    ("sql-parameters cut", Invalid, ""),
    ("sql-parameters huge", Invalid, ""),
    ("sql-parameters unknown", Invalid, ""),
    ("sql-parameters no-utf-8", Invalid, ""),
    ("sql-parameters deep", Invalid, ""),
    ("sql-parameters surplus", Invalid, ""),
    ("sql-elsewhere other", Denied, "no `sql` grant"),
    ("sql-elsewhere ../main", Denied, "no `sql` grant"),
];

/// What an SQLite file must not be a way to.
const OF_SQLITE: &[Expected<'_>] = &[
    ("sql BEGIN", Invalid, "`BEGIN`"),
    ("sql COMMIT", Invalid, "`COMMIT`"),
    ("sql SAVEPOINT a", Invalid, "`SAVEPOINT`"),
    ("sql-twice BEGIN", Invalid, "`BEGIN`"),
    ("sql SELECT zeroblob(1000000000)", Invalid, "too big"),
    (
        "sql SELECT zeroblob(20000000)",
        Internal,
        "`sql_result_bytes`",
    ),
    (
        "sql ATTACH DATABASE '/tmp/escaped.db' AS e",
        Invalid,
        "`ATTACH`",
    ),
    ("sql VACUUM INTO '/tmp/escaped.db'", Invalid, ""),
    ("sql SELECT load_extension('/tmp/escaped')", Invalid, ""),
    ("sql PRAGMA writable_schema = ON", Invalid, ""),
];

const OF_POSTGRES: &[Expected<'_>] = &[
    (
        "sql SELECT repeat('x', 20000000)",
        Internal,
        "`sql_result_bytes`",
    ),
    (
        "sql SELECT pg_sleep(3600)",
        Unavailable,
        "`statement_timeout_ms`",
    ),
    ("sql COPY (SELECT 1) TO STDOUT", Invalid, ""),
    ("sql COPY nowhere FROM STDIN", Invalid, ""),
];

const KEPT: &[&str] = &[
    "sql SELECT 1",
    "sql-many 1000",
    "sql-long 1000",
    "sql-parameters null",
];

fn of_sql(target: sql::Target, connections_max: u32) -> Plan {
    of_sql_within(target, connections_max, STATEMENT)
}

fn of_sql_within(target: sql::Target, connections_max: u32, timeout: Duration) -> Plan {
    let mut settings = sql::Settings::new(target);
    settings.statement_timeout = timeout;
    settings.connections_max = connections_max;
    settings.connect_timeout = Duration::from_secs(20);
    let mut grants = Grants::default();
    let grant = sql::Grant::new(settings).unwrap();
    grants.sql.insert("main".to_owned(), grant);
    let mut plan = granted(grants);
    plan.limits.sql_result_bytes = 1 << 20;
    plan
}

fn postgres(database: &Database) -> sql::Target {
    sql::Target::postgres(&database.url().into(), Default::default()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_file_gives_no_more_than_granted() {
    let folder = tempfile::tempdir().unwrap();
    let target = || sql::Target::Sqlite(folder.path().join("a.db"));
    for rig in Rig::both(|| of_sql(target(), 2)) {
        rig.assert_all_end(BROKEN).await;
        rig.assert_all_end(OF_SQLITE).await;
        rig.assert_all_pass(KEPT).await;
    }
    assert!(!std::path::Path::new("/tmp/escaped.db").exists());
}

/// Each of its values is small enough; all together are not.
#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_wants_all_memory_fails_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let target = sql::Target::Sqlite(folder.path().join("a.db"));
    let rig = Rig::new(of_sql_within(target, 2, Duration::from_secs(20)));
    let values = vec!["hex(zeroblob(10000000))"; 60].join(", ");
    let statement = format!("sql SELECT {values}");
    rig.assert_ends(Op::Stat, (&statement, Unavailable, "out of memory"))
        .await;
    rig.assert_all_pass(KEPT).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_server_gives_no_more_than_granted() {
    let database = Database::new().await;
    for rig in Rig::both(|| of_sql(postgres(&database), 2)) {
        rig.assert_all_end(BROKEN).await;
        rig.assert_all_end(OF_POSTGRES).await;
        // A transaction ends with its operation, and its connection too.
        _ = rig.run(Op::Stat, "sql BEGIN").await;
        _ = rig.run(Op::Stat, "sql-twice BEGIN").await;
        _ = rig.run(Op::Stat, "sql SET statement_timeout = 1").await;
        let created = "sql CREATE TABLE IF NOT EXISTS kept (i INTEGER)";
        rig.assert_all_pass(&[created]).await;
        rig.assert_all_pass(&["sql SELECT i FROM kept, pg_sleep(0.05)"; 4])
            .await;
        rig.assert_all_pass(KEPT).await;
    }
}

/// Six at once that never end, over two connections: each ends in its
/// turn, and none takes a connection with it.
#[tokio::test(flavor = "multi_thread")]
async fn connections_come_back_from_those_who_keep_them() {
    const CALLS: usize = 6;
    let (database, folder) = (Database::new().await, tempfile::tempdir().unwrap());
    let file = sql::Target::Sqlite(folder.path().join("a.db"));
    for target in [file, postgres(&database)] {
        let mut plan = of_sql(target, 2);
        plan.limits.concurrent_calls = CALLS as u32;
        let rig = Rig::new(plan);
        let calls = (0..CALLS).map(|_| rig.run(Op::Stat, COUNTS_FOR_EVER));
        let began = Instant::now();
        for ended in futures::future::join_all(calls).await {
            assert_eq!(ended.unwrap_err().outcome(), Unavailable);
        }
        let took = began.elapsed();
        assert!(took < STATEMENT * CALLS as u32 * 3, "{took:?}");
        rig.assert_all_pass(KEPT).await;
    }
}

const OF_KV: &[Expected<'_>] = &[
    ("kv-bytes 70000", Internal, "`kv_value_bytes`"),
    ("kv-bytes 2000000", Internal, "`hostcall_bytes`"),
    ("kv-hash 16000", Internal, "`kv_value_bytes`"),
    ("kv-hash 0", Invalid, "without fields"),
    ("kv-key 5000", Invalid, "4096 bytes"),
    ("kv-key 2000000", Internal, "`hostcall_bytes`"),
    ("kv-elsewhere other", Denied, "no `kv` grant"),
];

const KEPT_OF_KV: &[&str] = &[
    "kv-bytes 60000",
    "kv-hash 1000",
    "kv-key 4096",
    "kv-get bytes",
];

fn of_kv(target: kv::Target) -> Plan {
    let mut settings = kv::Settings::new(target);
    settings.access = kv::Access::ReadWrite;
    let mut grants = Grants::default();
    let grant = kv::Grant::new(settings).unwrap();
    grants.kv.insert("main".to_owned(), grant);
    let mut plan = granted(grants);
    plan.limits.kv_value_bytes = 65_536;
    plan.limits.first_byte_ms = 3000;
    plan
}

/// Whichever limit comes first: that depends on how fast the store is.
async fn asks_without_end(rig: &Rig) {
    let (ended, ()) = tokio::join!(
        rig.run(Op::Stat, "kv-without-end"),
        rig.assert_others_work()
    );
    let error = ended.expect_err("an end");
    let message = error.message();
    let computed = error.outcome() == Internal && message.contains("`cpu_ms`");
    let waited = error.outcome() == Deadline && message.contains("`first_byte_ms`");
    assert!(computed || waited, "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_takes_and_gives_no_more_than_allowed() {
    let (redis, folder) = (Redis::start().await, tempfile::tempdir().unwrap());
    redis.set("foreign", &"x".repeat(60_000));
    let url = format!("redis://{}/0", redis.address());
    let server = || kv::Target::redis(&url.clone().into(), Default::default()).unwrap();
    let file = || kv::Target::Embedded(folder.path().join("kv.db"));
    for rig in Rig::both(|| of_kv(server())) {
        rig.assert_all_end(OF_KV).await;
        asks_without_end(&rig).await;
        rig.assert_all_pass(KEPT_OF_KV).await;
        assert_eq!(rig.run(Op::Stat, "kv-get foreign").await.unwrap(), "60000");
        // Nothing that was refused was stored.
        assert_eq!(rig.run(Op::Stat, "kv-get bytes").await.unwrap(), "60000");
    }
    for rig in Rig::both(|| of_kv(file())) {
        rig.assert_all_end(OF_KV).await;
        asks_without_end(&rig).await;
        rig.assert_all_pass(KEPT_OF_KV).await;
    }
    // Somebody else's value is larger than may be read.
    redis.ask(&["SETRANGE", "foreign", "90000", "x"]);
    let rig = Rig::new(of_kv(server()));
    rig.assert_all_end(&[("kv-get foreign", Internal, "`kv_value_bytes`")])
        .await;
}
