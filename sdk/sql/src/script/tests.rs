use tenon_sdk::{
    Kind,
    sql::{Dialect, Value, packed},
};

use super::*;

fn bound(
    script: &str,
    dialect: Dialect,
    parameters: &[(&str, Value)],
) -> Result<Vec<sql::Statement>> {
    let packed = packed::named(parameters)?;
    Script::parse(script, dialect)?.bind(&Named::unpack(&packed)?)
}

fn texts(script: &str, dialect: Dialect) -> Vec<String> {
    let values = ["a", "b", "name", "data-type"].map(|name| (name, Value::Integer(1)));
    let statements = bound(script, dialect, &values).unwrap();
    statements
        .into_iter()
        .map(|statement| statement.text)
        .collect()
}

#[track_caller]
fn check(script: &str, expected: &[&str]) {
    assert_eq!(texts(script, Dialect::Postgresql), expected, "{script}");
}

#[track_caller]
fn check_sqlite(script: &str, expected: &[&str]) {
    assert_eq!(texts(script, Dialect::Sqlite), expected, "{script}");
}

#[track_caller]
fn refused(script: &str, why: &str) {
    for dialect in [Dialect::Postgresql, Dialect::Sqlite] {
        let error = bound(script, dialect, &[("a", 1.into())]).unwrap_err();
        assert_eq!(error.kind(), Kind::Invalid, "{script}: {error}");
        assert!(error.to_string().contains(why), "{script}: {error}");
    }
}

#[test]
fn placeholders_are_numbered_by_occurrence() {
    check("SELECT %(a)s", &["SELECT $1"]);
    check("%(a)s, %(b)s, %(a)s", &["$1, $2, $3"]);
    check("SELECT %(a)s; SELECT %(b)s", &["SELECT $1", "SELECT $1"]);
    check("a=%(data-type)s::int", &["a=$1::int"]);
    check("(%(a)s)", &["($1)"]);
}

#[test]
fn nothing_runs_into_a_parameter() {
    check("LIMIT%(a)s", &["LIMIT $1"]);
    check("%(a)s5", &["$1 5"]);
    check("%(a)sAND b", &["$1 AND b"]);
    check("%(a)s$$x$$", &["$1 $$x$$"]);
    check("%(a)sE'%%'", &["$1 E'%'"]);
    check("%(a)s%(b)s", &["$1 $2"]);
    check("é%(a)sé", &["é $1 é"]);
}

#[test]
fn percent_signs() {
    check("SELECT 5 %% 2", &["SELECT 5 % 2"]);
    check("SELECT 5 % 2", &["SELECT 5 % 2"]);
    check("SELECT a %size", &["SELECT a %size"]);
    check("SELECT 1 %", &["SELECT 1 %"]);
    check("SELECT %%(a)s", &["SELECT %(a)s"]);
    check("SELECT %%%(a)s", &["SELECT %$1"]);
    check("SELECT %%%%", &["SELECT %%"]);
    check("SELECT a <% b, a %> b", &["SELECT a <% b, a %> b"]);
    check("SELECT 'a%'", &["SELECT 'a%'"]);
    check("SELECT 'a%%'", &["SELECT 'a%'"]);
    check("SELECT '%s %d %( a )s'", &["SELECT '%s %d %( a )s'"]);
    check("SELECT '%%(a)s'", &["SELECT '%(a)s'"]);
    check("SELECT \"a%%\", $$%%$$", &["SELECT \"a%\", $$%$$"]);
    check(
        "SELECT 1 -- 100 %% of %(x)s",
        &["SELECT 1 -- 100 %% of %(x)s"],
    );
    check("/* %s */ SELECT 1", &["/* %s */ SELECT 1"]);
}

#[test]
fn wrong_placeholders() {
    refused("SELECT %s", "has a name");
    refused("SELECT %s, 1", "has a name");
    refused("SELECT %(a)d", "`%(name)s`");
    refused("SELECT %( a )s", "`%(name)s`");
    refused("SELECT %()s", "`%(name)s`");
    refused("SELECT %(a", "`%(name)s`");
    refused("SELECT 5 %(2 + 1)", "put a space after");
    refused("SELECT %(a", "`%(name)s`");
    refused("SELECT '%(a)s'", "cannot be in quotes");
    refused("SELECT 'x %% %(a)s'", "cannot be in quotes");
    refused("SELECT \"%(a)s\"", "cannot be in quotes");
    refused("SELECT $1", "a parameter is written");
    refused("SELECT %(b)s", "missing: b");
}

#[test]
fn a_placeholder_in_dollar_quotes() {
    let error = bound("SELECT $f$ %(a)s $f$", Dialect::Postgresql, &[]).unwrap_err();
    assert!(error.to_string().contains("cannot be in quotes"), "{error}");
}

#[test]
fn statements_end_at_semicolons() {
    check("SELECT 1; SELECT 2;", &["SELECT 1", "SELECT 2"]);
    check(" ;; SELECT 1 ; ; -- end\n", &["SELECT 1"]);
    check("SELECT ';'; SELECT \";\"", &["SELECT ';'", "SELECT \";\""]);
    check(
        "SELECT 'it''s; so'; SELECT 2",
        &["SELECT 'it''s; so'", "SELECT 2"],
    );
    check(r"SELECT '\'; SELECT 2", &[r"SELECT '\'", "SELECT 2"]);
    check(r"SELECT E'\';'; SELECT 2", &[r"SELECT E'\';'", "SELECT 2"]);
    check(r"SELECT e'\\'; SELECT 2", &[r"SELECT e'\\'", "SELECT 2"]);
    check(
        r"SELECT E'a'';'; SELECT 2",
        &[r"SELECT E'a'';'", "SELECT 2"],
    );
    check(
        "SELECT E'a' -- no\n, 1; SELECT 2",
        &["SELECT E'a' -- no\n, 1", "SELECT 2"],
    );
    check(
        "SELECT E'a'\n -- more\n '\\';'; SELECT 2",
        &["SELECT E'a'\n -- more\n '\\';'", "SELECT 2"],
    );
    check(
        r"SELECT some_e'\'; SELECT 2",
        &[r"SELECT some_e'\'", "SELECT 2"],
    );
    check("SELECT $$;$$; SELECT 2", &["SELECT $$;$$", "SELECT 2"]);
    check(
        "SELECT $f$ $$;$g$ $f$; SELECT 2",
        &["SELECT $f$ $$;$g$ $f$", "SELECT 2"],
    );
    check("SELECT a$b; SELECT c$b", &["SELECT a$b", "SELECT c$b"]);
    check(
        "SELECT 1 -- ;'\n; SELECT 2",
        &["SELECT 1 -- ;'\n", "SELECT 2"].map(str::trim_end),
    );
    check(
        "SELECT 1 /* ; /* ;' */ ; */; SELECT 2",
        &["SELECT 1 /* ; /* ;' */ ; */", "SELECT 2"],
    );
    check(
        "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3",
        &[
            "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)",
            "SELECT 3",
        ],
    );
}

#[test]
fn bodies_hold_statements() {
    let function = "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC \
                    SELECT CASE WHEN true THEN 1 END; SELECT 2; END";
    check(&format!("{function}; SELECT 3"), &[function, "SELECT 3"]);
    let trigger = "create temp trigger t after insert on a begin delete from b; end";
    check_sqlite(&format!("{trigger}; SELECT 3"), &[trigger, "SELECT 3"]);
    check(
        "SELECT 1 AS \"begin\"; SELECT 2",
        &["SELECT 1 AS \"begin\"", "SELECT 2"],
    );
    check(
        "SELECT CASE WHEN true THEN 1 END; SELECT 2",
        &["SELECT CASE WHEN true THEN 1 END", "SELECT 2"],
    );
}

#[test]
fn sqlite_has_rules_of_its_own() {
    check_sqlite("SELECT [a;']; SELECT `;`", &["SELECT [a;']", "SELECT `;`"]);
    check_sqlite(
        "SELECT 1 /* /* */; SELECT 2",
        &["SELECT 1 /* /* */", "SELECT 2"],
    );
    check_sqlite("SELECT 1 /* to the end", &["SELECT 1 /* to the end"]);
    check_sqlite("SELECT [a%%]", &["SELECT [a%]"]);
    // An array's subscript there, and no quote.
    check(
        "SELECT a[1]; SELECT b['x'::int]",
        &["SELECT a[1]", "SELECT b['x'::int]"],
    );
}

#[test]
fn what_is_no_script() {
    for empty in ["", "  \n", ";", "-- nothing", "/* nothing */ ; -- at all"] {
        refused(empty, "no statement");
    }
    refused("SELECT 1\0", "NUL");
    for open in ["SELECT 'a", "SELECT \"a", "SELECT 'a''"] {
        refused(open, "has no end");
    }
    for open in ["SELECT E'\\'", "SELECT $$a$", "SELECT $a$ $b$", "/* /* */"] {
        let error = Script::parse(open, Dialect::Postgresql).unwrap_err();
        assert!(error.to_string().contains("has no end"), "{open}: {error}");
    }
}

#[test]
fn transactions_are_not_the_scripts() {
    for word in [
        "BEGIN",
        "begin transaction",
        "COMMIT",
        "Rollback",
        "END",
        "START TRANSACTION",
    ] {
        refused(&format!("SELECT 1; {word}; SELECT 2"), "one transaction");
    }
    check("SELECT 1 AS begin", &["SELECT 1 AS begin"]);
}

#[test]
fn tuples_are_expanded() {
    let tuple = |values: &[i64]| Value::Tuple(values.iter().map(|&value| value.into()).collect());
    let script = "SELECT 1 WHERE a IN %(a)s AND b = %(b)s AND c IN %(a)s";
    let parameters = [("a", tuple(&[1, 2])), ("b", "x".into())];
    let statements = bound(script, Dialect::Postgresql, &parameters).unwrap();
    let values = [1.into(), 2.into(), "x".into(), 1.into(), 2.into()];
    let text = "SELECT 1 WHERE a IN ($1, $2) AND b = $3 AND c IN ($4, $5)";
    assert_eq!(statements, [sql::Statement::new(text, &values).unwrap()]);

    let nested = Value::Tuple(vec![tuple(&[1, 2]), tuple(&[3])]);
    let statements = bound("(a, b) IN %(a)s", Dialect::Sqlite, &[("a", nested)]).unwrap();
    assert_eq!(statements[0].text, "(a, b) IN (($1, $2), ($3))");

    let error = bound(
        script,
        Dialect::Sqlite,
        &[("a", tuple(&[])), ("b", 1.into())],
    )
    .unwrap_err();
    assert_eq!(error.to_string(), "an empty tuple has no form in SQL: a");
}

#[test]
fn values_stay_as_they_are_packed() {
    let array = Value::Array(vec![Value::Null, "x".into()]);
    let parameters = [
        ("unused", Value::Null),
        ("b", array.clone()),
        ("a", Value::Bytes(vec![0, 255])),
    ];
    let statements = bound("%(a)s %(b)s", Dialect::Postgresql, &parameters).unwrap();
    let expected = sql::Statement::new("$1 $2", &[Value::Bytes(vec![0, 255]), array]).unwrap();
    assert_eq!(statements, [expected]);
}
