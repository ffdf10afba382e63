//! A real PostgreSQL.

use std::time::Instant;

use super::*;
use crate::capability::http::Certificates;

#[tokio::test]
async fn none_by_nature_and_no_rows() {
    let schema = Schema::new().await;
    let rig = schema.rig();
    let create = rig
        .execute(&[("CREATE TABLE t (a int, b text)", &[])])
        .await;
    assert_eq!(create.unwrap(), None);
    let empty = rig.execute(&[("SELECT * FROM t", &[])]).await;
    let names = vec!["a".to_owned(), "b".to_owned()];
    assert_eq!(empty.unwrap(), Some(Table(names, vec![])));
    let insert = "INSERT INTO t VALUES ($1, $2)";
    let inserted = rig
        .execute(&[(insert, &[Value::Integer(1), text("x")])])
        .await;
    assert_eq!(inserted.unwrap(), None);
    let returned = rig.value("UPDATE t SET a = 2 RETURNING a", &[]).await;
    assert_eq!(returned, Value::Integer(2));
}

#[tokio::test]
async fn several_run_in_one_transaction() {
    let schema = Schema::new().await;
    let rig = schema.rig();
    let rows = rig
        .execute(&[
            ("CREATE TABLE t (a int PRIMARY KEY)", &[]),
            ("INSERT INTO t VALUES ($1)", &[Value::Integer(1)]),
            ("SELECT a FROM t", &[]),
        ])
        .await;
    let Some(Table(_, rows)) = rows.unwrap() else {
        panic!("no rows");
    };
    assert_eq!(rows, [[Value::Integer(1)]]);
    let insert = "INSERT INTO t VALUES ($1)";
    let error = refused(
        rig.execute(&[
            (insert, &[Value::Integer(2)]),
            (insert, &[Value::Integer(1)]),
        ])
        .await,
    );
    assert!(matches!(&error, Error::Conflict(it) if it.subject.as_deref() == Some("t_pkey")));
    assert!(message(&error).ends_with("(23505)"), "{error:?}");
    let count = rig.value("SELECT count(*) FROM t", &[]).await;
    assert_eq!(count, Value::Integer(1));
}

#[tokio::test]
async fn transactions_of_a_guest_are_not_left_open() {
    let schema = Schema::new().await;
    let rig = one_connection(&schema);
    rig.ok("CREATE TABLE t (a int)").await;
    rig.execute(&[
        ("BEGIN", &[]),
        ("INSERT INTO t VALUES (1)", &[]),
        ("COMMIT", &[]),
    ])
    .await
    .unwrap();
    rig.ok("BEGIN").await;
    rig.ok("INSERT INTO t VALUES (2)").await;
    schema.rig().ok("SELECT 1").await;
    let count = schema.rig().value("SELECT count(*) FROM t", &[]).await;
    assert_eq!(count, Value::Integer(2));
}

#[tokio::test]
async fn nothing_stays_in_a_session() {
    let schema = Schema::new().await;
    let rig = one_connection(&schema);
    rig.ok("SET statement_timeout = 1").await;
    rig.ok("CREATE TEMPORARY TABLE t (a int)").await;
    let timeout = rig.value("SHOW statement_timeout", &[]).await;
    assert_eq!(timeout, text("30s"));
    let error = rig.refused("SELECT * FROM t").await;
    assert!(message(&error).contains("42P01"), "{error:?}");
}

#[tokio::test]
async fn failures_are_told_apart() {
    let schema = Schema::new().await;
    let rig = schema.rig();
    rig.ok("CREATE TABLE t (a int CHECK (a > 0), b text NOT NULL)")
        .await;
    for (statement, code) in [
        ("SELEC 1", "42601"),
        ("SELECT * FROM missing", "42P01"),
        ("SELECT 'a'::int", "22P02"),
        ("SELECT 1/0", "22012"),
        ("SELECT 1; SELECT 2", "42601"),
    ] {
        let error = rig.refused(statement).await;
        assert!(matches!(error, Error::Invalid(_)), "{statement}: {error:?}");
        assert!(message(&error).contains(code), "{statement}: {error:?}");
    }
    for statement in [
        "INSERT INTO t VALUES (0, '')",
        "INSERT INTO t VALUES (1, NULL)",
    ] {
        let error = rig.refused(statement).await;
        assert!(
            matches!(error, Error::Conflict(_)),
            "{statement}: {error:?}"
        );
    }
    let deadlock = "DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$";
    let error = rig.refused(deadlock).await;
    assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    let denied = "DO $$ BEGIN RAISE SQLSTATE '42501'; END $$";
    let error = rig.refused(denied).await;
    assert!(matches!(error, Error::Denied(_)), "{error:?}");
    let copy = rig.refused("COPY t FROM STDIN").await;
    assert!(matches!(copy, Error::Invalid(_)), "{copy:?}");
    let few = refused(
        rig.execute(&[("SELECT $1::int, $2::int", &[Value::Null])])
            .await,
    );
    assert!(
        message(&few).contains("1 parameters for a statement with 2"),
        "{few:?}"
    );
    let nul = refused(rig.execute(&[("SELECT $1", &[text("a\0")])]).await);
    assert!(matches!(nul, Error::Invalid(_)), "{nul:?}");
    // What went wrong before has broken nothing.
    rig.ok("SELECT 1").await;
}

#[tokio::test]
async fn who_cannot_be_reached_is_unavailable() {
    let settings = |url: &str| {
        let target = Target::postgres(&url.into(), Certificates::default()).unwrap();
        let mut settings = Settings::new(target);
        settings.connect_timeout = Duration::from_millis(300);
        settings
    };
    let rig = Rig::new(settings("postgres://ann:hush@127.0.0.1:1/main"));
    let error = rig.refused("SELECT 1").await;
    assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    assert!(!format!("{error:?}").contains("hush"));
    let schema = Schema::new().await;
    let mut settings = schema.settings();
    settings.connections_max = 1;
    settings.connect_timeout = Duration::from_millis(300);
    let rig = Rig::new(settings);
    let (_, error) = tokio::join!(rig.ok("SELECT pg_sleep(1)"), rig.refused("SELECT 1"));
    assert!(message(&error).contains("became free"), "{error:?}");
}

#[tokio::test]
async fn a_statement_has_its_time() {
    let schema = Schema::new().await;
    let mut settings = schema.settings();
    settings.statement_timeout = Duration::from_millis(100);
    let rig = Rig::new(settings);
    let error = rig.refused("SELECT pg_sleep(10)").await;
    assert!(matches!(error, Error::Unavailable(_)));
    assert!(
        message(&error).contains("statement_timeout_ms"),
        "{error:?}"
    );
    rig.ok("SELECT 1").await;
}

#[tokio::test]
async fn a_dropped_call_leaves_nothing() {
    let schema = Schema::new().await;
    let rig = one_connection(&schema);
    rig.ok("CREATE TABLE t (a int)").await;
    let begun = Instant::now();
    let work = rig.execute(&[
        ("INSERT INTO t VALUES (1)", &[]),
        ("SELECT pg_sleep(60), 'to be dropped'", &[]),
    ]);
    let dropped = tokio::time::timeout(Duration::from_millis(300), work).await;
    assert!(dropped.is_err());
    let count = rig.value("SELECT count(*) FROM t", &[]).await;
    assert_eq!(count, Value::Integer(0));
    let asleep = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND \
                  query LIKE $1 AND pid <> pg_backend_pid()";
    let pattern = [text("%'to be dropped'%")];
    while rig.value(asleep, &pattern).await != Value::Integer(0) {
        assert!(begun.elapsed() < Duration::from_secs(10), "still asleep");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn lost_connections_are_made_anew() {
    let schema = Schema::new().await;
    let rig = one_connection(&schema);
    let Value::Integer(pid) = rig.value("SELECT pg_backend_pid()", &[]).await else {
        panic!("no number");
    };
    server::run(format!("SELECT pg_terminate_backend({pid})")).await;
    // The news takes its time to arrive.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let other = rig.value("SELECT pg_backend_pid()", &[]).await;
    assert_ne!(other, Value::Integer(pid));
}

#[tokio::test]
async fn a_changed_table_is_seen() {
    let schema = Schema::new().await;
    let (rig, other) = (one_connection(&schema), schema.rig());
    rig.ok("CREATE TABLE t (a int)").await;
    rig.ok("INSERT INTO t VALUES (1)").await;
    assert_eq!(rig.value("SELECT * FROM t", &[]).await, Value::Integer(1));
    rig.ok("ALTER TABLE t ALTER a TYPE text").await;
    assert_eq!(rig.value("SELECT * FROM t", &[]).await, text("1"));
    rig.ok("DROP TABLE t").await;
    rig.ok("CREATE TABLE t (a bool)").await;
    rig.ok("INSERT INTO t VALUES (true)").await;
    assert_eq!(
        rig.value("SELECT * FROM t", &[]).await,
        Value::Boolean(true)
    );
    let insert = "INSERT INTO t VALUES ($1) RETURNING a";
    assert_eq!(rig.value(insert, &[text("t")]).await, Value::Boolean(true));
    // By somebody else, of whom nothing is known here.
    other.ok("ALTER TABLE t ALTER a TYPE text").await;
    assert_eq!(rig.value(insert, &[text("new")]).await, text("new"));
}

#[tokio::test]
async fn results_have_a_limit() {
    let schema = Schema::new().await;
    let mut rig = schema.rig();
    rig.result_bytes_max = 1000;
    for statement in [
        "SELECT generate_series(1, 1000)",
        "SELECT '127.0.0.1'::inet FROM generate_series(1, 1000)",
    ] {
        let broken = rig.execute(&[(statement, &[])]).await;
        let Err(Refusal::Trap(trap)) = broken else {
            panic!("{broken:?}");
        };
        let limit: &Limit = trap.downcast_ref().unwrap();
        assert_eq!(limit.name, "sql_result_bytes");
    }
    rig.ok("SELECT 1").await;
}

#[tokio::test]
async fn reading_changes_nothing() {
    let schema = Schema::new().await;
    schema.rig().ok("CREATE TABLE t (a int)").await;
    let mut settings = schema.settings();
    settings.access = Access::ReadOnly;
    let rig = Rig::new(settings);
    rig.ok("SELECT * FROM t").await;
    for statement in [
        "INSERT INTO t VALUES (1)",
        "COMMIT",
        "SET transaction_read_only = off",
        "SELECT set_config('transaction_read_only', 'off', false)",
        "DO $$ BEGIN INSERT INTO t VALUES (1); END $$",
        "CREATE TABLE u ()",
    ] {
        let error = refused(
            rig.execute(&[(statement, &[]), ("INSERT INTO t VALUES (1)", &[])])
                .await,
        );
        let known = matches!(error, Error::Denied(_) | Error::Invalid(_));
        assert!(known, "{statement}: {error:?}");
    }
    let count = rig.value("SELECT count(*) FROM t", &[]).await;
    assert_eq!(count, Value::Integer(0));
}

fn one_connection(schema: &Schema) -> Rig {
    let mut settings = schema.settings();
    settings.connections_max = 1;
    Rig::new(settings)
}
