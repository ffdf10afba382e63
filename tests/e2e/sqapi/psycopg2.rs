//! sqAPI's own scripts, by the plugin `postgres` and by the library that sqAPI
//! runs on, on the same server. Contract, section 9.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use secrecy::SecretString;
use tenon_host::capability::http::Certificates;
use tenon_host::capability::sql::{self, Target};
use tenon_host::dispatch::database::Execute;
use tenon_host::dispatch::{Dispatcher, Error, Outcome};
use tenon_host::limits::{Isolation, Warm};
use tenon_sdk::sql::{Rows, Value, packed};
use tenon_tests::artefact;
use tenon_tests::connector::{self, Plan};
use tenon_tests::postgres::Database;

/// A script, its parameters as Python has them, and as a plugin has them.
type Case = (&'static str, &'static str, Vec<(&'static str, Value)>);

fn integers(values: &[i64]) -> Vec<Value> {
    values.iter().map(|value| Value::Integer(*value)).collect()
}

/// In this order: each leaves its tables to those that follow.
#[expect(clippy::too_many_lines, reason = "a table, row by row")]
fn cases() -> Vec<Case> {
    let text = |text: &str| Value::Text(text.to_owned());
    let one = |name, value| vec![(name, value)];
    let tuple = Value::Tuple(integers(&[1, 3]));
    vec![
        (
            "SELECT %(x)s, %(x)s + 1",
            "{'x': 1}",
            one("x", Value::Integer(1)),
        ),
        (
            "SELECT %(x)s, 'a' LIKE 'a%%'",
            "{'x': 'y'}",
            one("x", text("y")),
        ),
        ("SELECT '100%%', 7 %% 4", "{}", vec![]),
        (
            "SELECT %(x)s, '%%(y)s' -- %%(z)s\n",
            "{'x': 'a'}",
            one("x", text("a")),
        ),
        (
            "SELECT 2 IN %(x)s, 3 IN %(x)s",
            "{'x': (1, 3)}",
            one("x", tuple.clone()),
        ),
        (
            "SELECT 2 = ANY(%(x)s)",
            "{'x': [1, 2]}",
            one("x", Value::Array(integers(&[1, 2]))),
        ),
        ("SELECT %(x)s IS NULL", "{'x': None}", one("x", Value::Null)),
        (
            "SELECT %(x)s",
            r#"{'x': "it's; \\ \"$1\" %s"}"#,
            one("x", text(r#"it's; \ "$1" %s"#)),
        ),
        (
            "SELECT %(x)s",
            "{'x': 1, 'surplus': 2}",
            vec![("x", Value::Integer(1)), ("surplus", Value::Integer(2))],
        ),
        (
            "CREATE TABLE p (i int PRIMARY KEY, t text, at timestamptz); -- a; b\n\
             CREATE FUNCTION twice(int) RETURNS int AS $$ SELECT $1 * 2; $$ LANGUAGE sql;",
            "{}",
            vec![],
        ),
        (
            "INSERT INTO p VALUES (%(i)s, %(t)s, %(at)s)",
            "{'i': 1, 't': 'a', 'at': datetime.datetime(2026, 1, 31, tzinfo=datetime.timezone.utc)}",
            vec![
                ("i", Value::Integer(1)),
                ("t", text("a")),
                ("at", Value::Timestamp("2026-01-31T00:00:00Z".to_owned())),
            ],
        ),
        ("SELECT * FROM p", "{}", vec![]),
        (
            "SELECT twice(i) FROM p WHERE i IN %(x)s",
            "{'x': (1, 3)}",
            one("x", tuple),
        ),
        (
            "INSERT INTO p (i) VALUES (%(i)s); SELECT i FROM p WHERE i >= %(i)s;",
            "{'i': 2}",
            one("i", Value::Integer(2)),
        ),
        (
            "INSERT INTO p (i) VALUES (3); INSERT INTO p (i) VALUES (1)",
            "{}",
            vec![],
        ),
        ("SELECT count(*) FROM p", "{}", vec![]),
        ("SELECT i FROM p WHERE false", "{}", vec![]),
        (
            "UPDATE p SET t = %(t)s WHERE i = 1",
            "{'t': 'b'}",
            one("t", text("b")),
        ),
        ("DELETE FROM p WHERE i = 2 RETURNING i, t", "{}", vec![]),
        (
            "SELECT * FROM missing WHERE a = %(x)s",
            "{'x': 1}",
            one("x", Value::Integer(1)),
        ),
        (
            "SELECT '{\"a\": [1]}'::jsonb, 1.50, '\\x00ff'::bytea, '1 day'::interval, ARRAY[1, NULL]",
            "{}",
            vec![],
        ),
    ]
}

fn dispatcher(database: &Database) -> std::sync::Arc<Dispatcher> {
    let mut plan = Plan::new(artefact::plugin("postgres"));
    plan.isolation = Isolation::Warm(Warm::default());
    let url = SecretString::from(database.url());
    let target = Target::postgres(&url, Certificates::default()).unwrap();
    let grant = sql::Grant::new(sql::Settings::new(target)).unwrap();
    plan.grants.sql.insert("main".to_owned(), grant);
    connector::dispatcher([plan.build("database")])
}

async fn run(
    dispatcher: &Dispatcher,
    script: &str,
    parameters: &[(&str, Value)],
) -> Result<Option<Rows>, Error> {
    let execute = Execute {
        script: script.to_owned(),
        parameters: packed::named(parameters).unwrap(),
    };
    let ended = dispatcher.call(connector::call("database"), execute).await;
    Ok(ended?.map(|rows| Rows::unpack(&rows).unwrap()))
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_do_what_they_do_with_psycopg2() {
    let (ours, theirs) = (Database::new().await, Database::new().await);
    let (dispatcher, cases) = (dispatcher(&ours), cases());
    let scripts: Vec<_> = cases
        .iter()
        .map(|(script, python, _)| (*script, *python))
        .collect();
    let expected = tokio::task::block_in_place(|| oracle(&theirs.url(), &scripts));
    assert_eq!(expected.len(), cases.len());
    let mut differences = String::new();
    for ((script, python, parameters), expected) in cases.iter().zip(&expected) {
        let found = show(run(&dispatcher, script, parameters).await);
        if found != *expected {
            _ = writeln!(differences, "{script} {python}: {found}, not {expected}");
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

/// Where psycopg2 breaks off with an error of Python's, on purpose otherwise.
#[tokio::test]
async fn a_lone_percent_is_one_and_what_is_missing_is_named() {
    let database = Database::new().await;
    let dispatcher = dispatcher(&database);
    for script in ["SELECT 7 % 4", "SELECT '5%'", "SELECT '%d' -- 100%"] {
        let rows = run(&dispatcher, script, &[]).await;
        assert!(matches!(rows, Ok(Some(_))), "{script}: {rows:?}");
    }
    for (script, named) in [("SELECT %(nobody)s", "nobody"), ("SELECT %s", "%s")] {
        let error = run(&dispatcher, script, &[]).await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::Invalid, "{error}");
        let said = format!("{} {:?}", error.message(), error.subject());
        assert!(said.contains(named), "{said}");
    }
}

/// What psycopg2 makes of the scripts.
fn oracle(url: &str, scripts: &[(&str, &str)]) -> Vec<String> {
    const PROGRAM: &str = include_str!("../../../host/src/capability/sql/tests/psycopg2/oracle.py");
    let python = artefact::root().join("target/test-venv/psycopg2/bin/python");
    let mut child = Command::new(&python)
        .args(["-c", PROGRAM, url])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}; see tests/setup.sh", python.display()));
    let input = serde_json::to_vec(scripts).unwrap();
    child.stdin.take().unwrap().write_all(&input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn show(found: Result<Option<Rows>, Error>) -> String {
    match found {
        Ok(None) => "none".to_owned(),
        Ok(Some(rows)) => {
            let rows = rows.iter().map(|row| {
                let values: Vec<_> = row.values().iter().map(show_value).collect();
                values.join("; ")
            });
            rows.collect::<Vec<_>>().join(" | ")
        }
        // As the server says it, its code in parentheses.
        Err(error) => {
            let code = error.message().rsplit_once('(').map(|(_, code)| code);
            let code = code.unwrap_or(error.message());
            format!("error {}", code.trim_end_matches(')'))
        }
    }
}

fn show_value(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Boolean(value) => format!("boolean {value}"),
        Value::Integer(value) => format!("integer {value}"),
        Value::Float(value) => format!("float {value:?}"),
        Value::Text(text) => format!("text {text}"),
        Value::Bytes(bytes) => {
            let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("bytes {digits}")
        }
        Value::Decimal(text) => format!("decimal {text}"),
        Value::Timestamp(text) => format!("timestamp {text}"),
        Value::Date(text) => format!("date {text}"),
        Value::Time(text) => format!("time {text}"),
        Value::Json(text) => {
            let json: serde_json::Value = serde_json::from_str(text).unwrap();
            format!("json {json}")
        }
        Value::Uuid(text) => format!("uuid {text}"),
        Value::Interval(text) => format!("interval {text}"),
        Value::Array(values) | Value::Tuple(values) => {
            let values: Vec<_> = values.iter().map(show_value).collect();
            format!("[{}]", values.join(", "))
        }
    }
}
