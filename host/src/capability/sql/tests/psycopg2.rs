//! The same statements through the library that sqAPI runs on, on the same
//! server: each row of the sqAPI contract's section on databases.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::*;

/// Statements of psycopg2's with its parameters, and what a plugin makes of
/// them here.
struct Case {
    python: (&'static str, &'static str),
    statements: Vec<(&'static str, Vec<Value<'static>>)>,
}

fn case(
    python: &'static str,
    parameters: &'static str,
    here: &'static str,
    values: &[Value<'static>],
) -> Case {
    Case {
        python: (python, parameters),
        statements: vec![(here, values.to_vec())],
    }
}

/// A statement that is the same for both.
fn same(statement: &'static str) -> Case {
    case(statement, "{}", statement, &[])
}

fn script(python: &'static str, here: &[&'static str]) -> Case {
    Case {
        python: (python, "{}"),
        statements: here.iter().map(|text| (*text, vec![])).collect(),
    }
}

fn of(kind: Kind, text: &'static str) -> Value<'static> {
    Value::Text(kind, text)
}

#[expect(clippy::too_many_lines, reason = "a table, row by row")]
fn parameters() -> Vec<Case> {
    let array = |values: &[Value<'static>]| Value::Array(values.to_vec());
    let value = |python, value| {
        [
            case(
                "SELECT %(x)s",
                python,
                "SELECT $1",
                std::slice::from_ref(&value),
            ),
            case(
                "SELECT pg_typeof(%(x)s)::text",
                python,
                "SELECT pg_typeof($1)::text",
                std::slice::from_ref(&value),
            ),
        ]
    };
    let mut cases: Vec<_> = [
        value("{'x': True}", Value::Boolean(true)),
        value("{'x': 5}", Value::Integer(5)),
        value("{'x': 5000000000}", Value::Integer(5_000_000_000)),
        value("{'x': 1.5}", Value::Float(1.5)),
        value("{'x': float('inf')}", Value::Float(f64::INFINITY)),
        value("{'x': b'\\x00\\xff'}", Value::Bytes(&[0, 255])),
        value("{'x': Decimal('-1.50')}", of(Kind::Decimal, "-1.50")),
        value(
            "{'x': datetime.date(2026, 1, 31)}",
            of(Kind::Date, "2026-01-31"),
        ),
        value(
            "{'x': datetime.time(23, 59, 59, 500000)}",
            of(Kind::Time, "23:59:59.5"),
        ),
        value(
            "{'x': datetime.datetime(2026, 1, 31, 12, tzinfo=datetime.timezone.utc)}",
            of(Kind::Timestamp, "2026-01-31T12:00:00Z"),
        ),
        value(
            "{'x': datetime.datetime(2026, 1, 31, 12)}",
            of(Kind::Timestamp, "2026-01-31T12:00:00"),
        ),
        value(
            "{'x': timedelta(days=1, hours=2)}",
            of(Kind::Interval, "P1DT2H"),
        ),
        value(
            "{'x': [1, 2]}",
            array(&[Value::Integer(1), Value::Integer(2)]),
        ),
        value("{'x': ['a', None]}", array(&[text("a"), Value::Null])),
        value(
            "{'x': [1.5, 2]}",
            array(&[Value::Float(1.5), Value::Integer(2)]),
        ),
    ]
    .into_iter()
    .flatten()
    .collect();
    cases.extend([
        case("SELECT %(x)s", "{'x': None}", "SELECT $1", &[Value::Null]),
        case(
            "SELECT %(x)s",
            r#"{'x': 'ä\'"\\'}"#,
            "SELECT $1",
            &[text("ä'\"\\")],
        ),
        case("SELECT %(x)s", "{'x': []}", "SELECT $1", &[text("{}")]),
        case(
            "SELECT %(x)s::int[]",
            "{'x': []}",
            "SELECT $1::int[]",
            &[array(&[])],
        ),
        case(
            "SELECT %(x)s, %(x)s + 1",
            "{'x': 1, 'surplus': 2}",
            "SELECT $1, $2 + 1",
            &[Value::Integer(1), Value::Integer(1)],
        ),
        case(
            "SELECT 2 IN %(x)s",
            "{'x': (1, 2)}",
            "SELECT 2 IN ($1, $2)",
            &[Value::Integer(1), Value::Integer(2)],
        ),
        case(
            "SELECT 'abc' LIKE %(x)s, 7 %% 4",
            "{'x': 'a%'}",
            "SELECT 'abc' LIKE $1, 7 % 4",
            &[text("a%")],
        ),
        case(
            "SELECT 2 = ANY(%(x)s)",
            "{'x': [1, 2]}",
            "SELECT 2 = ANY($1)",
            &[array(&[Value::Integer(1), Value::Integer(2)])],
        ),
        case(
            "SELECT %(a)s - %(b)s",
            "{'a': Decimal('0.3'), 'b': 1}",
            "SELECT $1 - $2",
            &[of(Kind::Decimal, "0.3"), Value::Integer(1)],
        ),
    ]);
    cases
}

/// In this order: each leaves its tables to those that follow.
fn statements() -> Vec<Case> {
    let row =
        "{'i': 7, 's': 7, 'n': 2.5, 't': 7, 'b': True, 'j': '{\"a\": [1]}', 'd': '2026-01-31'}";
    vec![
        same(
            "CREATE TABLE p (i int PRIMARY KEY, s smallint, n numeric, t text, b bool, j jsonb, d date)",
        ),
        case(
            "INSERT INTO p VALUES (%(i)s, %(s)s, %(n)s, %(t)s, %(b)s, %(j)s, %(d)s)",
            row,
            "INSERT INTO p VALUES ($1, $2, $3, $4, $5, $6, $7)",
            &[
                Value::Integer(7),
                Value::Integer(7),
                Value::Float(2.5),
                Value::Integer(7),
                Value::Boolean(true),
                of(Kind::Json, "{\"a\": [1]}"),
                text("2026-01-31"),
            ],
        ),
        same("SELECT * FROM p"),
        case(
            "SELECT i FROM p WHERE s = %(x)s AND n > %(y)s AND i < %(z)s",
            "{'x': 7, 'y': 2.25, 'z': 7.5}",
            "SELECT i FROM p WHERE s = $1 AND n > $2 AND i < $3",
            &[Value::Integer(7), Value::Float(2.25), Value::Float(7.5)],
        ),
        case(
            "UPDATE p SET i = %(x)s RETURNING i",
            "{'x': 8.6}",
            "UPDATE p SET i = $1 RETURNING i",
            &[Value::Float(8.6)],
        ),
        same("SELECT * FROM p WHERE false"),
        same("UPDATE p SET t = 'x'"),
        same("DELETE FROM p WHERE i = 1 RETURNING i"),
        script(
            "INSERT INTO p (i) VALUES (1); SELECT count(*) FROM p",
            &["INSERT INTO p (i) VALUES (1)", "SELECT count(*) FROM p"],
        ),
        script(
            "SELECT 1; INSERT INTO p (i) VALUES (2)",
            &["SELECT 1", "INSERT INTO p (i) VALUES (2)"],
        ),
        script(
            "INSERT INTO p (i) VALUES (3); INSERT INTO p (i) VALUES (1)",
            &[
                "INSERT INTO p (i) VALUES (3)",
                "INSERT INTO p (i) VALUES (1)",
            ],
        ),
        same("SELECT count(*) FROM p WHERE i = 3"),
        same("SELECT 1/0"),
        same("SELECT * FROM missing"),
        same("SELECT 1 AS a, 2 AS a"),
    ]
}

fn columns() -> Vec<Case> {
    vec![
        same("SELECT '2026-01-31 12:00:00.25+02'::timestamptz, '2026-01-31 12:00'::timestamp"),
        same("SELECT 1.10::numeric, 'NaN'::numeric, 1e10::numeric, 0.00001::numeric"),
        same("SELECT '{\"b\": [1, null], \"a\": {}}'::json, '\"x\"'::jsonb"),
        same("SELECT '\\x00ff'::bytea, ''::bytea"),
        same("SELECT '{1,NULL}'::int[], '{{a},{b}}'::text[], '{}'::int[], '{1.5}'::float8[]"),
        same("SELECT 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid"),
        same("SELECT '1 day 02:03:04.5'::interval, '0'::interval, '2 hours'::interval"),
        same("SELECT 1.1::float4, 1.1::float8, 1::smallint, 9223372036854775807"),
        same("SELECT 'x'::char(3), 'x'::varchar, 'x'::name, '23:00'::time, '2026-01-31'::date"),
        same("SELECT '127.0.0.1'::inet, '(1,2)'::point, ROW(1, 'a')::text"),
        same("SELECT NULL, true"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn as_psycopg2_has_it() {
    let schema = Schema::new().await;
    let other = Schema::new().await;
    let rig = schema.rig();
    let cases: Vec<_> = [parameters(), statements(), columns()]
        .into_iter()
        .flatten()
        .collect();
    let expected = tokio::task::block_in_place(|| oracle(&other.url(), &cases));
    let mut differences = String::new();
    for (case, expected) in cases.iter().zip(&expected) {
        let statements: Vec<_> = case
            .statements
            .iter()
            .map(|(text, values)| (*text, values.as_slice()))
            .collect();
        let found = show(rig.execute(&statements).await);
        if found != *expected {
            let (statement, parameters) = case.python;
            _ = writeln!(
                differences,
                "{statement} {parameters}: {found}, not {expected}"
            );
        }
    }
    assert!(differences.is_empty(), "{differences}");
    assert_eq!(cases.len(), expected.len());
}

/// What psycopg2 makes of the statements.
fn oracle(url: &str, cases: &[Case]) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let python = root.join("target/test-venv/psycopg2/bin/python");
    let mut child = Command::new(&python)
        .args(["-c", include_str!("psycopg2/oracle.py"), url])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}; see tests/setup.sh", python.display()));
    let statements: Vec<_> = cases.iter().map(|case| case.python).collect();
    let input = serde_json::to_vec(&statements).unwrap();
    child.stdin.take().unwrap().write_all(&input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn show(found: Result<Option<Table>>) -> String {
    match found {
        Ok(None) => "none".to_owned(),
        Ok(Some(Table(_, rows))) => {
            let row =
                |row: Vec<Value<'_>>| row.iter().map(show_value).collect::<Vec<_>>().join("; ");
            rows.into_iter().map(row).collect::<Vec<_>>().join(" | ")
        }
        Err(Refusal::Outcome(error)) => {
            let (_, code) = message(&error).rsplit_once('(').unwrap();
            format!("error {}", code.trim_end_matches(')'))
        }
        Err(Refusal::Trap(error)) => format!("{error}"),
    }
}

fn show_value(value: &Value<'_>) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Boolean(value) => format!("boolean {value}"),
        Value::Integer(value) => format!("integer {value}"),
        Value::Float(value) => format!("float {value:?}"),
        Value::Bytes(bytes) => {
            let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("bytes {digits}")
        }
        Value::Array(values) => {
            let values: Vec<_> = values.iter().map(show_value).collect();
            format!("[{}]", values.join(", "))
        }
        Value::Text(Kind::Json, text) => {
            let json: serde_json::Value = serde_json::from_str(text).unwrap();
            format!("json {json}")
        }
        Value::Text(kind, text) => format!("{} {text}", format!("{kind:?}").to_lowercase()),
    }
}
