//! The plugin over a real SQLite, run natively.

use serde_json::json;
use tenon_fakes::processing::{Processing, message};
use tenon_sdk::processor::Message;
use time::OffsetDateTime;

use super::Datatypes;

fn typed(uuid: &str, media_type: &str) -> Message {
    Message {
        media_type: media_type.to_owned(),
        ..message(uuid, b"")
    }
}

fn some() -> Processing<Datatypes> {
    let datatypes = Processing::default();
    for (uuid, media_type) in [("a", "text/plain"), ("b", "image/png"), ("c", "text/plain")] {
        let message = typed(uuid, media_type);
        datatypes.process_message(&message, "{}", b"").unwrap();
    }
    datatypes
}

#[test]
fn metadata_says_more_than_the_message() {
    let datatypes = Processing::<Datatypes>::default();
    for (metadata, expected) in [
        ("{}", "text/plain"),
        (r#"{"mime.type": "image/gif"}"#, "image/gif"),
        (r#"{"mime": {"type": "image/jpeg"}}"#, "image/jpeg"),
        (r#"{"mime.type": " "}"#, "text/plain"),
        (r#"{"mime": "image/jpeg"}"#, "text/plain"),
        (r#"{"mime": {"type": 7}}"#, "text/plain"),
        ("[]", "text/plain"),
    ] {
        let message = typed("x", "text/plain");
        let found = datatypes.process_message(&message, metadata, b"").unwrap();
        assert_eq!(found, json!({"datatype": expected}), "{metadata}");
    }
}

#[test]
fn kinds_are_counted_and_objects_listed() {
    let datatypes = some();
    assert_eq!(
        datatypes.json("/"),
        json!([{"total": 1, "datatype": "image/png"}, {"total": 2, "datatype": "text/plain"}])
    );
    for path in ["/uuidrefs?datatype=text/plain", "/?datatype=text%2Fplain"] {
        assert_eq!(datatypes.column(path, "uuid_ref"), ["a", "c"], "{path}");
    }
    let path = "/uuidrefs?datatype=text/plain&limit=1&offset=1";
    assert_eq!(datatypes.column(path, "uuid_ref"), ["c"]);
    assert_eq!(datatypes.column("/b", "datatype"), ["image/png"]);
    for nothing in ["/uuidrefs", "/uuidrefs?datatype=a/b", "/none"] {
        assert_eq!(datatypes.get(nothing).status(), 204, "{nothing}");
    }
}

#[test]
fn a_date_is_a_day() {
    let datatypes = some();
    let today = OffsetDateTime::now_utc().date();
    let on = |date: &str| format!("/uuidrefs?datatype=text/plain&date={date}");
    // Where midnight has come meanwhile, it was yesterday.
    let days = [today, today.previous_day().unwrap()].map(|day| on(&day.to_string()));
    let found = days.iter().any(|day| datatypes.get(day).status() == 200);
    assert!(found, "{days:?}");
    assert_eq!(datatypes.get(&on("2001-01-31")).status(), 204);
    for wrong in [
        "today",
        "2026-02-30",
        "2026-1-1",
        "01.02.2026",
        "2026-01-01T00:00:00Z",
    ] {
        assert_eq!(datatypes.get(&on(wrong)).status(), 400, "{wrong}");
    }
}
