use std::sync::{Arc, Mutex};

use tenon_sdk::{
    Kind,
    native::Environment,
    sql::{Rows, Statement, Value, packed},
};

use super::*;

/// Runs `f` on a database that gives `answer` to everything, and says what was asked of it.
fn on<T>(answer: Rows, f: impl FnOnce(&Sqlite) -> T) -> (T, Vec<Vec<Statement>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&asked);
    let environment = Environment::builder()
        .config("database", "queue")
        .sql("queue", Dialect::Sqlite, move |statements| {
            heard.lock().unwrap().push(statements.to_vec());
            answer.pack().map(Some)
        })
        .build();
    let result = environment.enter(|| f(&Sqlite::new().unwrap()));
    let asked = asked.lock().unwrap().clone();
    (result, asked)
}

fn nothing() -> Rows {
    Rows::new([], [])
}

#[test]
fn a_batch_is_one_transaction() {
    let entry = |uuid: &str, results: Option<&str>| Entry {
        uuid: uuid.to_owned(),
        status: "DONE".to_owned(),
        results: results.map(str::to_owned),
        ..Entry::default()
    };
    let entries = [entry("a", Some("{}")), entry("b\0", None)];
    let (result, asked) = on(nothing(), |plugin| plugin.update(&entries));
    result.unwrap();
    let [transaction] = asked.as_slice() else {
        panic!("{asked:?}");
    };
    let values = |uuid: &str, results: Option<&str>| {
        let none = || Value::Null;
        [
            uuid.into(),
            none(),
            none(),
            none(),
            "DONE".into(),
            none(),
            results.into(),
        ]
    };
    let text = &transaction[0].text;
    let expected = [
        Statement::new(text, &values("a", Some("{}"))).unwrap(),
        Statement::new(text, &values("b\u{fffd}", None)).unwrap(),
    ];
    assert_eq!(*transaction, expected);
    let (result, asked) = on(nothing(), |plugin| plugin.update(&[]));
    result.unwrap();
    assert_eq!(asked.len(), 0);
}

#[test]
fn an_entry_comes_back() {
    let columns = [
        "uuid",
        "meta_location",
        "data_location",
        "data_type",
        "status",
        "info",
        "results",
    ];
    let row = [
        "a".into(),
        Value::Null,
        Value::Null,
        Value::Null,
        "DONE".into(),
        Value::Null,
        Value::Null,
    ];
    let (found, _) = on(Rows::new(columns, [row]), |plugin| plugin.get("a"));
    assert_eq!(found.unwrap().unwrap().status, "DONE");
    let (found, _) = on(Rows::new(columns, []), |plugin| plugin.get("a"));
    assert_eq!(found, Ok(None));
}

#[test]
fn scripts_follow_its_own_rules() {
    let parameters = packed::named(&[("a", 1.into())]).unwrap();
    let (result, asked) = on(nothing(), |plugin| {
        assert_eq!(plugin.dialect(), Ok(Dialect::Sqlite));
        plugin.execute("SELECT [;], %(a)s", &parameters)
    });
    result.unwrap();
    assert_eq!(
        asked,
        [[Statement::new("SELECT [;], $1", &[1.into()]).unwrap()]]
    );
}

#[test]
fn needs_its_grant() {
    let error = Sqlite::new().unwrap().check().unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
}
