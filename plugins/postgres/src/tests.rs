use std::sync::{Arc, Mutex};

use tenon_sdk::{
    Kind,
    native::Environment,
    sql::{Rows, Statement, Value, packed},
};

use super::*;

/// What the plugin asked for, transaction by transaction.
type Asked = Arc<Mutex<Vec<Vec<Statement>>>>;

/// Runs `f` on a database that gives `answers` one after the other, and then nothing.
fn on<T>(answers: Vec<Rows>, f: impl FnOnce(&Postgres) -> T) -> (T, Vec<Vec<Statement>>) {
    let asked = Asked::default();
    let answers = Mutex::new(answers.into_iter());
    let heard = Arc::clone(&asked);
    let environment = Environment::builder()
        .sql("main", Dialect::Postgresql, move |statements| {
            heard.lock().unwrap().push(statements.to_vec());
            let answer = answers.lock().unwrap().next();
            answer.map(|rows| rows.pack()).transpose()
        })
        .build();
    let result = environment.enter(|| f(&Postgres::new().unwrap()));
    let asked = asked.lock().unwrap().clone();
    (result, asked)
}

fn table(columns: &[&str], key: &str) -> Rows {
    let columns = columns
        .iter()
        .map(|&name| [name.into(), (name == key).into()]);
    Rows::new(["name", "is_key"], columns)
}

fn entry(uuid: &str, status: &str, results: Option<&str>) -> Entry {
    Entry {
        uuid: uuid.to_owned(),
        data_location: Some(format!("/data/{uuid}")),
        status: status.to_owned(),
        results: results.map(str::to_owned),
        ..Entry::default()
    }
}

const WHOLE: [&str; 9] = [
    "uuid",
    "meta_location",
    "data_location",
    "data_type",
    "status",
    "info",
    "results",
    "created_at",
    "updated_at",
];

#[test]
fn a_batch_is_one_statement_with_one_row_for_a_message() {
    let entries = [
        entry("b", "QUERYING", None),
        entry("a", "PROCESSING", Some("{\"x\": 1}")),
        entry("b", "DONE", Some("{}")),
        entry("a", "FAILED", None),
    ];
    let (result, asked) = on(Vec::new(), |plugin| plugin.update(&entries));
    result.unwrap();
    let texts = |texts: [Option<&str>; 2]| Value::Array(texts.map(Into::into).into());
    let none = || texts([None, None]);
    let expected = [
        texts([Some("a"), Some("b")]),
        none(),
        texts([Some("/data/a"), Some("/data/b")]),
        none(),
        texts([Some("FAILED"), Some("DONE")]),
        none(),
        texts([Some("{\"x\": 1}"), Some("{}")]),
    ];
    let [transaction] = asked.as_slice() else {
        panic!("{asked:?}");
    };
    let [statement] = transaction.as_slice() else {
        panic!("{asked:?}");
    };
    let expected = Statement::new(&statement.text, &expected).unwrap();
    assert_eq!(*statement, expected);
    assert!(statement.text.contains("ON CONFLICT (uuid) DO UPDATE"));
}

#[test]
fn nothing_is_asked_for_no_entry() {
    let (result, asked) = on(Vec::new(), |plugin| plugin.update(&[]));
    result.unwrap();
    assert_eq!(asked.len(), 0);
}

#[test]
fn a_nul_does_not_keep_a_batch_from_being_stored() {
    let mut failed = entry("a\0b", "FAILED", None);
    failed.info = Some("\0".to_owned());
    let (result, asked) = on(Vec::new(), |plugin| plugin.update(&[failed]));
    result.unwrap();
    let text = String::from_utf8_lossy(&asked[0][0].parameters).into_owned();
    assert!(text.contains("a\u{fffd}b"), "{text:?}");
}

#[test]
fn an_entry_comes_back() {
    let row = [
        "a".into(),
        Value::Null,
        "/data/a".into(),
        Value::Null,
        Value::Null,
        "why".into(),
        Value::Null,
    ];
    let columns = [
        "uuid",
        "meta_location",
        "data_location",
        "data_type",
        "status",
        "info",
        "results",
    ];
    let (found, _) = on(vec![Rows::new(columns, [row])], |plugin| plugin.get("a"));
    let expected = Entry {
        uuid: "a".to_owned(),
        data_location: Some("/data/a".to_owned()),
        info: Some("why".to_owned()),
        ..Entry::default()
    };
    assert_eq!(found, Ok(Some(expected)));
    let (found, _) = on(vec![Rows::new(columns, [])], |plugin| plugin.get("a"));
    assert_eq!(found, Ok(None));
}

#[test]
fn makes_its_table_where_there_is_none() {
    let answers = vec![table(&[], ""), Rows::new([], []), table(&WHOLE, "uuid")];
    let (result, asked) = on(answers, |plugin| plugin.initialize());
    result.unwrap();
    let made: Vec<_> = asked[1]
        .iter()
        .map(|statement| &statement.text[..12])
        .collect();
    assert_eq!(made, ["SELECT pg_ad", "CREATE TABLE"]);
}

#[test]
fn only_looks_at_a_table_that_is_complete() {
    let (result, asked) = on(vec![table(&WHOLE, "uuid")], |plugin| plugin.initialize());
    result.unwrap();
    assert_eq!(asked.len(), 1);
}

#[test]
fn completes_a_table_of_sqapis() {
    let theirs = table(&WHOLE[..6], "uuid");
    let answers = vec![theirs, Rows::new([], []), table(&WHOLE, "uuid")];
    let (result, asked) = on(answers, |plugin| plugin.initialize());
    result.unwrap();
    let added = asked[1]
        .iter()
        .filter(|statement| statement.text.contains("ADD COLUMN"));
    assert!(
        added
            .clone()
            .any(|statement| statement.text.ends_with("results TEXT"))
    );
    assert!(added.count() >= 3);
}

#[test]
fn refuses_a_table_with_several_rows_for_a_message() {
    let columns = [&["id"], &WHOLE[..]].concat();
    let (result, asked) = on(vec![table(&columns, "id")], |plugin| plugin.initialize());
    assert_eq!(result.unwrap_err().kind(), Kind::Unsupported);
    assert_eq!(asked.len(), 1);
}

#[test]
fn scripts_reach_the_database_as_one_transaction() {
    let script = "INSERT INTO t VALUES (%(a)s); SELECT a FROM t WHERE a IN %(all)s";
    let all = Value::Tuple(vec![1.into(), 2.into()]);
    let parameters = packed::named(&[("a", 1.into()), ("all", all)]).unwrap();
    let rows = Rows::new(["a"], [[1.into()]]);
    let (result, asked) = on(vec![rows.clone()], |plugin| {
        assert_eq!(plugin.dialect(), Ok(Dialect::Postgresql));
        plugin.execute(script, &parameters)
    });
    assert_eq!(result.unwrap(), Some(rows.pack().unwrap()));
    let expected = [
        Statement::new("INSERT INTO t VALUES ($1)", &[1.into()]).unwrap(),
        Statement::new("SELECT a FROM t WHERE a IN ($1, $2)", &[1.into(), 2.into()]).unwrap(),
    ];
    assert_eq!(asked, [expected]);
}

#[test]
fn what_breaks_a_rule_of_scripts_reaches_no_database() {
    for (script, parameters) in [("SELECT %s", &[0; 4][..]), ("SELECT 1", b"\xff")] {
        let (result, asked) = on(Vec::new(), |plugin| plugin.execute(script, parameters));
        assert_eq!(result.unwrap_err().kind(), Kind::Invalid, "{script}");
        assert_eq!(asked.len(), 0);
    }
}
