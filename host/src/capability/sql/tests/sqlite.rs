//! SQLite files.

use super::*;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn settings(&self) -> Settings {
        Settings::new(Target::Sqlite(self.0.path().join("sub/main.db")))
    }

    fn rig(&self) -> Rig {
        Rig::new(self.settings())
    }
}

fn of(kind: Kind, text: &'static str) -> Value<'static> {
    Value::Text(kind, text)
}

#[tokio::test]
async fn declared_types_say_what_values_stand_for() {
    let folder = Folder::new();
    let rig = folder.rig();
    for (of_column, given, expected) in [
        (
            "INTEGER",
            Value::Integer(i64::MIN),
            Value::Integer(i64::MIN),
        ),
        ("REAL", Value::Float(0.5), Value::Float(0.5)),
        ("TEXT", text("ä"), text("ä")),
        ("BLOB", Value::Bytes(&[0, 255]), Value::Bytes(&[0, 255])),
        ("BOOLEAN", Value::Boolean(true), Value::Boolean(true)),
        ("BOOLEAN", Value::Integer(2), Value::Integer(2)),
        ("INTEGER", Value::Boolean(true), Value::Integer(1)),
        (
            "TIMESTAMP",
            text("2026-01-31 12:00:00"),
            of(Kind::Timestamp, "2026-01-31T12:00:00"),
        ),
        ("DATETIME", text("soon"), text("soon")),
        (
            "DATE",
            of(Kind::Date, "2026-01-31"),
            of(Kind::Date, "2026-01-31"),
        ),
        (
            "TIME",
            of(Kind::Time, "12:00:00"),
            of(Kind::Time, "12:00:00"),
        ),
        ("JSON", of(Kind::Json, "[1]"), of(Kind::Json, "[1]")),
        ("UUID", text("a"), of(Kind::Uuid, "a")),
        (
            "DECIMAL(5,2)",
            of(Kind::Decimal, "1.5"),
            of(Kind::Decimal, "1.5"),
        ),
        ("NUMERIC", Value::Integer(2), of(Kind::Decimal, "2")),
        ("anything", Value::Null, Value::Null),
    ] {
        rig.ok(&format!("CREATE TABLE t (v {of_column})")).await;
        let insert = "INSERT INTO t VALUES ($1)";
        rig.execute(&[(insert, &[given])]).await.unwrap();
        assert_eq!(
            rig.value("SELECT v FROM t", &[]).await,
            expected,
            "{of_column}"
        );
        rig.ok("DROP TABLE t").await;
    }
    let now = rig.value("SELECT CURRENT_TIMESTAMP", &[]).await;
    assert!(matches!(now, Value::Text(Kind::Text, _)));
    let array = refused(rig.execute(&[("SELECT $1", &[Value::Array(vec![])])]).await);
    assert!(matches!(array, Error::Unsupported(_)));
}

#[tokio::test]
async fn none_by_nature_no_rows_and_rows() {
    let folder = Folder::new();
    let rig = folder.rig();
    let create = rig
        .execute(&[("CREATE TABLE t (a INTEGER PRIMARY KEY)", &[])])
        .await;
    assert_eq!(create.unwrap(), None);
    let Some(Table(names, rows)) = rig.execute(&[("SELECT * FROM t", &[])]).await.unwrap() else {
        panic!("none by nature");
    };
    assert_eq!((names, rows.len()), (vec!["a".to_owned()], 0));
    let returned = rig
        .value(
            "INSERT INTO t VALUES ($1) RETURNING a",
            &[Value::Integer(1)],
        )
        .await;
    assert_eq!(returned, Value::Integer(1));
    let insert = "INSERT INTO t VALUES ($1)";
    let error = refused(
        rig.execute(&[
            (insert, &[Value::Integer(2)]),
            (insert, &[Value::Integer(1)]),
        ])
        .await,
    );
    assert!(matches!(error, Error::Conflict(_)), "{error:?}");
    assert_eq!(
        rig.value("SELECT count(*) FROM t", &[]).await,
        Value::Integer(1)
    );
    let few = refused(rig.execute(&[("SELECT $2", &[Value::Null])]).await);
    assert!(matches!(few, Error::Invalid(_)));
    let wrong = rig.refused("SELEC 1").await;
    assert!(matches!(wrong, Error::Invalid(_)));
}

#[tokio::test]
async fn nothing_reaches_another_file() {
    let folder = Folder::new();
    let rig = folder.rig();
    let other = folder.0.path().join("other.db");
    for statement in [
        format!("ATTACH '{}' AS other", other.display()),
        format!("VACUUM INTO '{}'", other.display()),
        format!("SELECT 1; ATTACH '{}' AS other", other.display()),
        "PRAGMA journal_mode = OFF".to_owned(),
        "SELECT load_extension('x')".to_owned(),
    ] {
        let error = rig.refused(&statement).await;
        assert!(matches!(error, Error::Invalid(_)), "{statement}: {error:?}");
        assert!(!other.exists());
    }
}

#[tokio::test]
async fn writers_take_turns() {
    let folder = Folder::new();
    let rig = folder.rig();
    rig.ok("CREATE TABLE t (a INTEGER)").await;
    rig.ok("INSERT INTO t VALUES (0)").await;
    let increment = async |rig: &Rig| {
        for _ in 0..20 {
            rig.execute(&[("SELECT a FROM t", &[]), ("UPDATE t SET a = a + 1", &[])])
                .await
                .unwrap();
        }
    };
    futures::join!(
        increment(&rig),
        increment(&rig),
        increment(&rig),
        increment(&rig)
    );
    assert_eq!(rig.value("SELECT a FROM t", &[]).await, Value::Integer(80));
}

#[tokio::test]
async fn what_is_locked_by_others_is_unavailable() {
    let folder = Folder::new();
    let mut settings = folder.settings();
    settings.connect_timeout = Duration::from_millis(200);
    let rig = Rig::new(settings.clone());
    rig.ok("CREATE TABLE t (a INTEGER)").await;
    // Other settings, so that nothing is shared but the file.
    settings.connections_max = 1;
    let other = Rig::new(settings);
    let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
                   SELECT count(*) FROM n";
    let statements = [("INSERT INTO t VALUES (1)", &[][..]), (endless, &[])];
    let long = other.execute(&statements);
    let short = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        rig.refused("INSERT INTO t VALUES (2)").await
    };
    let error = tokio::select! {
        error = short => error,
        rows = long => panic!("{rows:?}"),
    };
    assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    // The dropped statement was stopped, and what it had done is gone.
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(
        rig.value("SELECT count(*) FROM t", &[]).await,
        Value::Integer(0)
    );
    rig.ok("INSERT INTO t VALUES (2)").await;
}

#[tokio::test]
async fn a_statement_has_its_time_and_results_have_a_limit() {
    let folder = Folder::new();
    let mut settings = folder.settings();
    settings.statement_timeout = Duration::from_millis(100);
    let mut rig = Rig::new(settings);
    let numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT";
    let error = rig.refused(&format!("{numbers} count(*) FROM n")).await;
    assert!(
        message(&error).contains("statement_timeout_ms"),
        "{error:?}"
    );
    rig.result_bytes_max = 1000;
    let many = format!("{numbers} i FROM n LIMIT 1000");
    let broken = rig.execute(&[(&many, &[])]).await;
    assert!(matches!(broken, Err(Refusal::Trap(_))), "{broken:?}");
    rig.ok("SELECT 1").await;
}

#[tokio::test]
async fn reading_changes_nothing() {
    let folder = Folder::new();
    folder.rig().ok("CREATE TABLE t (a INTEGER)").await;
    let mut settings = folder.settings();
    settings.access = Access::ReadOnly;
    let rig = Rig::new(settings);
    rig.ok("SELECT * FROM t").await;
    for statement in [
        "INSERT INTO t VALUES (1)",
        "WITH a AS (SELECT 1) DELETE FROM t",
    ] {
        let error = rig.refused(statement).await;
        assert!(matches!(error, Error::Denied(_)), "{statement}: {error:?}");
    }
}
