//! Values there and back, against a real server.

use super::*;

fn of(kind: Kind, text: &'static str) -> Value<'static> {
    Value::Text(kind, text)
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table, row by row")]
async fn every_type_comes_back() {
    let schema = Schema::new().await;
    let rig = schema.rig();
    rig.ok("CREATE TYPE mood AS ENUM ('sad', 'glad')").await;
    rig.ok("CREATE TYPE pair AS (a int, b text)").await;
    rig.ok("CREATE DOMAIN small AS int CHECK (VALUE < 10)")
        .await;
    let array = |values: &[Value<'static>]| Value::Array(values.to_vec());
    let int = Value::Integer;
    let cases = [
        ("NULL::int", Value::Null),
        ("true", Value::Boolean(true)),
        ("1::int2", int(1)),
        ("-2147483648", int(i32::MIN.into())),
        ("9223372036854775807", int(i64::MAX)),
        ("1::oid", int(1)),
        ("1.1::float4", Value::Float(1.1)),
        ("1.1::float8", Value::Float(1.1)),
        ("'-Infinity'::float4", Value::Float(f64::NEG_INFINITY)),
        ("-1.50::numeric", of(Kind::Decimal, "-1.50")),
        ("100000000::numeric", of(Kind::Decimal, "100000000")),
        ("1e-10::numeric", of(Kind::Decimal, "0.0000000001")),
        ("'NaN'::numeric", of(Kind::Decimal, "NaN")),
        ("'ä'::text", text("ä")),
        ("'a'::char(3)", text("a  ")),
        ("'a'::varchar", text("a")),
        ("'a'::name", text("a")),
        ("'a'::\"char\"", text("a")),
        ("'x'", text("x")),
        ("'\\x00ff'::bytea", Value::Bytes(&[0, 255])),
        (
            "'2026-01-31 12:00:00.5+02'::timestamptz",
            of(Kind::Timestamp, "2026-01-31T10:00:00.5Z"),
        ),
        (
            "'2026-01-31 12:00'::timestamp",
            of(Kind::Timestamp, "2026-01-31T12:00:00"),
        ),
        (
            "'infinity'::timestamp",
            of(Kind::Timestamp, "9999-12-31T23:59:59.999999"),
        ),
        ("'0001-01-01'::date", of(Kind::Date, "0001-01-01")),
        ("'23:59:59.5'::time", of(Kind::Time, "23:59:59.5")),
        ("'12:00+02:30'::timetz", of(Kind::Time, "12:00:00+02:30")),
        (
            "'1 year 2 mons 3 days 04:05:06.5'::interval",
            of(Kind::Interval, "P1Y2M3DT4H5M6.5S"),
        ),
        ("'{\"a\": 1}'::json", of(Kind::Json, "{\"a\": 1}")),
        ("'{\"a\":1}'::jsonb", of(Kind::Json, "{\"a\": 1}")),
        (
            "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid",
            of(Kind::Uuid, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        ),
        ("'{1,NULL,2}'::int[]", array(&[int(1), Value::Null, int(2)])),
        ("'{}'::text[]", array(&[])),
        (
            "'{{1},{2}}'::int[]",
            array(&[array(&[int(1)]), array(&[int(2)])]),
        ),
        ("'[5:5]={1.5}'::float8[]", array(&[Value::Float(1.5)])),
        ("'glad'::mood", text("glad")),
        ("'{sad}'::mood[]", array(&[text("sad")])),
        ("3::small", int(3)),
        ("'127.0.0.1'::inet", text("127.0.0.1")),
        (
            "'{10.0.0.0/8,NULL}'::cidr[]",
            array(&[text("10.0.0.0/8"), Value::Null]),
        ),
        ("'(1,2)'::point", text("(1,2)")),
        ("'[1,5)'::int4range", text("[1,5)")),
        ("ROW(1, 'a')::pair", text("(1,a)")),
        ("ARRAY[ROW(1, 'a')::pair]", array(&[text("(1,a)")])),
        ("pg_notify('a', '')", text("")),
    ];
    for (expression, expected) in cases {
        let value = rig.value(&format!("SELECT {expression}"), &[]).await;
        assert_eq!(value, expected, "{expression}");
    }
    let error = rig.refused("SELECT ROW(1, 'a')").await;
    assert!(message(&error).contains("cast it to text"), "{error:?}");
    let error = rig.refused("SELECT '4713-01-01 BC'::date AS early").await;
    assert!(matches!(&error, Error::Invalid(it) if it.subject.as_deref() == Some("early")));
    rig.ok("SELECT 1").await;
}

#[tokio::test]
async fn foreign_values_keep_their_places() {
    let schema = Schema::new().await;
    let rig = schema.rig();
    let statement = "SELECT ('10.0.0.' || n)::inet, n, CASE WHEN n = 2 THEN NULL ELSE point(n, n) END \
                     FROM generate_series(1, 3) n";
    let Some(Table(_, rows)) = rig.execute(&[(statement, &[])]).await.unwrap() else {
        panic!("no rows");
    };
    let point = |n: usize| [text("(1,1)"), Value::Null, text("(3,3)")][n - 1].clone();
    let address = |n: usize| text(["10.0.0.1", "10.0.0.2", "10.0.0.3"][n - 1]);
    let expected: Vec<_> = (1..=3)
        .map(|n| vec![address(n), Value::Integer(n as i64), point(n)])
        .collect();
    assert_eq!(rows, expected);
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table, row by row")]
async fn parameters_take_the_type_of_their_place() {
    let schema = Schema::new().await;
    let rig = schema.rig();
    let array = |values: &[Value<'static>]| Value::Array(values.to_vec());
    for (of_column, given, expected) in [
        ("int2", Value::Integer(7), Value::Integer(7)),
        ("int", text("7"), Value::Integer(7)),
        ("int", Value::Float(1.0), Value::Integer(1)),
        ("int", of(Kind::Decimal, "2.6"), Value::Integer(3)),
        ("text", Value::Integer(7), text("7")),
        ("text", Value::Boolean(true), text("true")),
        ("bool", Value::Boolean(false), Value::Boolean(false)),
        ("float4", Value::Float(0.1), Value::Float(0.1)),
        ("float8", Value::Integer(1), Value::Float(1.0)),
        (
            "numeric",
            of(Kind::Decimal, "-1.50"),
            of(Kind::Decimal, "-1.50"),
        ),
        ("bytea", Value::Bytes(&[0, 1]), Value::Bytes(&[0, 1])),
        ("bytea", text("\\x0001"), Value::Bytes(&[0, 1])),
        ("json", of(Kind::Json, "[1]"), of(Kind::Json, "[1]")),
        ("jsonb", text("[1]"), of(Kind::Json, "[1]")),
        (
            "timestamptz",
            of(Kind::Timestamp, "2026-01-31T12:00:00+01:00"),
            of(Kind::Timestamp, "2026-01-31T11:00:00Z"),
        ),
        (
            "date",
            of(Kind::Date, "2026-01-31"),
            of(Kind::Date, "2026-01-31"),
        ),
        (
            "time",
            of(Kind::Time, "23:59:59.5"),
            of(Kind::Time, "23:59:59.5"),
        ),
        (
            "interval",
            of(Kind::Interval, "P1DT2H"),
            of(Kind::Interval, "P1DT2H"),
        ),
        (
            "uuid",
            text("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
            of(Kind::Uuid, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        ),
        (
            "text[]",
            array(&[text("a,\"b"), Value::Null]),
            array(&[text("a,\"b"), Value::Null]),
        ),
        ("int[]", array(&[]), array(&[])),
        (
            "bytea[]",
            array(&[Value::Bytes(&[255])]),
            array(&[Value::Bytes(&[255])]),
        ),
        ("inet", text("::1"), text("::1")),
    ] {
        rig.ok(&format!("CREATE TABLE t (v {of_column})")).await;
        let insert = "INSERT INTO t VALUES ($1) RETURNING v";
        let case = format!("{of_column} {given:?}");
        assert_eq!(
            rig.value(insert, std::slice::from_ref(&given)).await,
            expected,
            "{case}"
        );
        let found = rig
            .execute(&[
                ("SELECT 1", &[]),
                ("SELECT v FROM t WHERE $1::text IS NOT NULL", &[text("x")]),
                (insert, &[given]),
            ])
            .await;
        assert!(found.is_ok(), "{case}: {found:?}");
        rig.ok("DROP TABLE t").await;
    }
}

#[tokio::test]
async fn where_the_place_says_nothing_the_value_does() {
    let schema = Schema::new().await;
    let rig = schema.rig();
    for (statement, values, expected) in [
        ("SELECT $1", &[Value::Integer(5)][..], Value::Integer(5)),
        ("SELECT $1", &[Value::Boolean(true)], Value::Boolean(true)),
        ("SELECT $1", &[Value::Bytes(&[1])], Value::Bytes(&[1])),
        ("SELECT $1", &[text("5")], text("5")),
        ("SELECT $1", &[Value::Null], Value::Null),
        ("SELECT $1 IS NULL", &[text("a")], Value::Boolean(false)),
        (
            "SELECT $1 IS NULL AND $2 IS NULL",
            &[Value::Null, Value::Null],
            Value::Boolean(true),
        ),
        (
            "SELECT $1 + $2",
            &[Value::Integer(1), Value::Integer(2)],
            Value::Integer(3),
        ),
        (
            "SELECT $1 / $2",
            &[Value::Integer(7), Value::Integer(2)],
            Value::Integer(3),
        ),
        (
            "SELECT coalesce($1, $2)",
            &[Value::Null, Value::Integer(1)],
            Value::Integer(1),
        ),
        ("SELECT $1 > 1", &[Value::Float(1.5)], Value::Boolean(true)),
        (
            "SELECT 2 = ANY($1)",
            &[Value::Array(vec![Value::Integer(2)])],
            Value::Boolean(true),
        ),
        ("SELECT abs($1)", &[Value::Integer(-1)], Value::Integer(1)),
        ("SELECT 'a%' LIKE $1", &[text("a%")], Value::Boolean(true)),
    ] {
        let case = format!("{statement} {values:?}");
        assert_eq!(rig.value(statement, values).await, expected, "{case}");
        let rows = rig.execute(&[("SELECT 1", &[]), (statement, values)]).await;
        let Ok(Some(Table(_, rows))) = rows else {
            panic!("{case}: {rows:?}");
        };
        assert_eq!(rows, [[expected]], "{case}, in a transaction");
    }
}
