mod postgres;
mod psycopg2;
mod server;
mod sqlite;
mod types;

use std::fmt;
use std::time::Duration;

use self::server::Schema;
use super::packed::Kind;
use super::sql::Host as _;
use super::*;
use crate::bindings::types::Error;
use crate::capability::{Grants as All, Limit};

/// A plugin that is granted the database `main`.
struct Rig {
    grants: All,
    usage: Arc<Usage>,
    result_bytes_max: u64,
}

/// What came back: columns, and rows of values.
#[derive(Debug, PartialEq)]
struct Table(Vec<String>, Vec<Vec<Value<'static>>>);

impl Rig {
    fn new(settings: Settings) -> Self {
        let mut grants = All::default();
        let grant = Grant::new(settings).unwrap();
        grants.sql.insert("main".to_owned(), grant);
        Self {
            usage: Usage::new(&grants, &Arc::default()),
            grants,
            result_bytes_max: 1 << 20,
        }
    }

    async fn call(&self, database: &str, statements: Vec<sql::Statement>) -> Result<Option<Table>> {
        let context = Arc::new(Context::new("id".into(), "connector".into()));
        let mut view = View {
            context: &context,
            grants: &self.grants.sql,
            usage: &self.usage,
            result_bytes_max: self.result_bytes_max,
        };
        let packed = view.execute(database.to_owned(), statements).await?;
        Ok(packed.map(Table::unpack))
    }

    async fn execute(&self, statements: &[(&str, &[Value<'_>])]) -> Result<Option<Table>> {
        let statement = |(text, values): &(&str, &[Value<'_>])| sql::Statement {
            text: (*text).to_owned(),
            parameters: packed::pack(values),
        };
        self.call("main", statements.iter().map(statement).collect())
            .await
    }

    /// The one value of a statement.
    async fn value(&self, text: &str, values: &[Value<'_>]) -> Value<'static> {
        let table = self.execute(&[(text, values)]).await;
        let table = table.unwrap_or_else(|error| panic!("{text}: {error:?}"));
        let Some(Table(_, rows)) = table else {
            panic!("{text}: no rows by nature");
        };
        assert_eq!((rows.len(), rows[0].len()), (1, 1), "{text}");
        rows[0][0].clone()
    }

    async fn refused(&self, text: &str) -> Error {
        refused(self.execute(&[(text, &[])]).await)
    }

    async fn ok(&self, text: &str) {
        let done = self.execute(&[(text, &[])]).await;
        done.unwrap_or_else(|error| panic!("{text}: {error:?}"));
    }
}

impl Table {
    fn unpack(bytes: Vec<u8>) -> Self {
        let (names, rows) = packed::unpack(bytes.leak());
        Self(names, rows)
    }
}

#[track_caller]
fn refused<T: fmt::Debug>(result: Result<T>) -> Error {
    match result {
        Err(Refusal::Outcome(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn message(error: &Error) -> &str {
    match error {
        Error::Invalid(detail)
        | Error::Unauthenticated(detail)
        | Error::Denied(detail)
        | Error::Conflict(detail)
        | Error::Unsupported(detail) => &detail.message,
        Error::Unavailable(delay) => &delay.detail.message,
        other => panic!("{other:?}"),
    }
}

fn text(text: &'static str) -> Value<'static> {
    Value::Text(Kind::Text, text)
}

#[tokio::test]
async fn what_is_not_granted_is_denied_and_counted() {
    let file = tempfile::tempdir().unwrap();
    let rig = Rig::new(Settings::new(Target::Sqlite(file.path().join("a.db"))));
    let statement = || sql::Statement {
        text: "SELECT 1".into(),
        parameters: Vec::new(),
    };
    let error = refused(rig.call("other", vec![statement()]).await);
    assert!(matches!(error, Error::Denied(_)));
    rig.call("main", vec![statement(), statement()])
        .await
        .unwrap();
    let report = rig.usage.report(&rig.grants);
    assert_eq!(report.denied["sql"].times, 1);
    let used = &report.sql[0];
    assert_eq!((used.statements.times, used.rows), (2, 1));
    assert!(used.received_bytes > 0 && report.grants[0].used);
}

#[tokio::test]
async fn what_is_malformed_is_invalid() {
    let file = tempfile::tempdir().unwrap();
    let rig = Rig::new(Settings::new(Target::Sqlite(file.path().join("a.db"))));
    let statement = |text: &str, parameters: &[u8]| sql::Statement {
        text: text.into(),
        parameters: parameters.into(),
    };
    for statements in [
        vec![],
        vec![statement("SELECT 1", &[1, 0])],
        vec![statement("SELECT 1", &[0, 0, 0, 0, 0])],
        vec![statement("", &[])],
        vec![statement(" -- nothing\n/* at all */;", &[])],
        vec![statement("SELECT 1\0", &[])],
        vec![statement("SELECT 1", &[]); STATEMENTS_MAX + 1],
    ] {
        let error = refused(rig.call("main", statements).await);
        assert!(matches!(error, Error::Invalid(_)), "{error:?}");
    }
}
