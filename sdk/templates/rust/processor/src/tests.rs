//! The plugin as ordinary Rust, without a host.

use std::sync::{Arc, Mutex};

use tenon_sdk::database::{Dialect, Rows, packed};
use tenon_sdk::native::Environment;
use tenon_sdk::rest;

use super::*;

/// A database that notes what it is told, and has three lines for everything.
fn environment(told: &Arc<Mutex<Vec<String>>>) -> Environment {
    let told = Arc::clone(told);
    Environment::builder()
        .config("length_max", "10")
        .database(Dialect::Sqlite, move |script, parameters| {
            told.lock().unwrap().push(script.to_owned());
            let parameters = packed::Named::unpack(parameters)?;
            let Some(uuid) = parameters.get("uuid") else {
                return Ok(None);
            };
            Rows::new(["uuid", "lines"], [[uuid.value()?, 3.into()]]).pack().map(Some)
        })
        .build()
}

fn execute(content: &'static str) -> Result<Option<String>> {
    let message = Message {
        uuid: "1".to_owned(),
        ..Message::default()
    };
    let mut data = Blob::from_bytes(content);
    Lines::new()?.execute(&message, "{}", &mut data)
}

#[test]
fn counts_and_keeps_lines() {
    let told = Arc::default();
    environment(&told).enter(|| {
        Lines::new().unwrap().initialize().unwrap();
        assert_eq!(execute("a\nb\nc").unwrap().unwrap(), r#"{"lines":3}"#);
    });
    assert_eq!(*told.lock().unwrap(), [TABLES.sqlite, STORE]);
}

#[test]
fn counts_without_a_database() {
    Lines::new().unwrap().initialize().unwrap();
    assert_eq!(execute("").unwrap().unwrap(), r#"{"lines":0}"#);
}

#[test]
fn refuses_what_is_no_text() {
    let too_long = environment(&Arc::default()).enter(|| execute("12345678901"));
    assert_eq!(too_long.unwrap_err().kind(), Kind::Invalid);
}

#[test]
fn shows_what_it_keeps() {
    let get = |path| {
        environment(&Arc::default()).enter(|| {
            rest::answer(Ok(&Lines::new().unwrap()), Request::new("GET", path))
        })
    };
    assert_eq!(get("/uuid/1").body(), br#"[{"uuid":"1","lines":3}]"#);
    assert_eq!(get("/1").status(), 404);
}
