//! The plugin over a real SQLite, run natively.

use serde_json::json;
use tenon_fakes::processing::Processing;
use tenon_sdk::Kind;

use super::Sizes;

fn three() -> Processing<Sizes> {
    let sizes = Processing::default();
    for (uuid, length) in [("a", 0), ("b", 6), ("c", 100)] {
        sizes.process(uuid, "{}", &vec![0; length]).unwrap();
    }
    sizes
}

#[test]
fn keys_and_bytes_are_counted() {
    let sizes = Processing::<Sizes>::default();
    for (metadata, keys) in [
        ("{}", 0),
        (r#"{"a": {"b": 1, "c": 2}, "d": null}"#, 2),
        (r#"{"a": 1, "a": 2}"#, 1),
        ("[1, 2, 3]", 0),
        ("7", 0),
    ] {
        let found = sizes.process("x", metadata, b"sample").unwrap();
        assert_eq!(
            found,
            json!({"metadata_size": keys, "data_size": 6}),
            "{metadata}"
        );
    }
    assert_eq!(
        sizes.process("x", "{", b"").unwrap_err().kind(),
        Kind::Invalid
    );
}

#[test]
fn a_message_that_comes_again_changes_its_row() {
    let sizes = three();
    sizes
        .process("b", r#"{"more": 1}"#, b"larger than before")
        .unwrap();
    let rows = sizes.json("/uuid/b");
    assert_eq!(rows.as_array().unwrap().len(), 1, "{rows}");
    assert_eq!(rows[0]["data_size"], 18);
    assert_eq!(rows[0]["metadata_size"], 1);
    assert_eq!(rows[0]["data_location"], "/data/b");
    assert!(
        rows[0]["created_at"].as_str().unwrap().ends_with('Z'),
        "{rows}"
    );
}

#[test]
fn objects_are_found_by_their_size() {
    let sizes = three();
    assert_eq!(sizes.column("/lt/6", "uuid_ref"), ["a"]);
    assert_eq!(sizes.column("/gt/5", "uuid_ref"), ["b", "c"]);
    assert_eq!(sizes.column("/gt/5?limit=1&offset=1", "uuid_ref"), ["c"]);
    // Text would sort 100 before 6.
    assert_eq!(sizes.column("/gt/6", "uuid_ref"), ["c"]);
    for nothing in ["/gt/100", "/lt/0", "/gt/18446744073709551615", "/uuid/none"] {
        let response = sizes.get(nothing);
        assert_eq!(
            (response.status(), response.body()),
            (204, &b""[..]),
            "{nothing}"
        );
    }
}

#[test]
fn what_is_no_number_is_refused_in_json() {
    let sizes = three();
    for wrong in [
        "/gt/abc",
        "/gt/-1",
        "/lt/1.5",
        "/lt/1;DROP TABLE sizes",
        "/gt/1?limit=x",
        "/gt/1?limit=10001",
    ] {
        let response = sizes.get(wrong);
        assert_eq!(response.status(), 400, "{wrong}");
        let body: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
        assert!(
            body["details"].is_string() && body["reference"].is_string(),
            "{body}"
        );
    }
    assert_eq!(sizes.get("/nowhere").status(), 404);
}
