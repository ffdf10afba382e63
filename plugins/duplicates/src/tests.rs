//! The plugin over a real SQLite, run natively.

use serde_json::json;
use tenon_fakes::processing::Processing;

use super::Duplicates;

/// Of `hello`.
const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

#[test]
fn what_metadata_states_wins() {
    let duplicates = Processing::<Duplicates>::default();
    let stated = "AB".repeat(32);
    for key in ["sha256", "sha-256", "sha_256"] {
        let metadata = json!({ key: stated }).to_string();
        let found = duplicates.process("x", &metadata, b"hello").unwrap();
        assert_eq!(found, json!({"sha_256": stated.to_lowercase()}), "{key}");
    }
    for wrong in [
        json!({"sha256": ""}),
        json!({"sha256": "abc"}),
        json!({"sha256": 7}),
        json!([HELLO]),
        json!(null),
    ] {
        let found = duplicates
            .process("x", &wrong.to_string(), b"hello")
            .unwrap();
        assert_eq!(found, json!({"sha_256": HELLO}), "{wrong}");
    }
}

#[test]
fn the_same_content_is_found_under_all_its_names() {
    let duplicates = Processing::<Duplicates>::default();
    for (uuid, data) in [
        ("a", "hello"),
        ("b", "other"),
        ("c", "hello"),
        ("a", "hello"),
    ] {
        duplicates.process(uuid, "{}", data.as_bytes()).unwrap();
    }
    for path in [
        format!("/sha-256/{HELLO}"),
        format!("/sha/{}", HELLO.to_uppercase()),
        "/uuid/a".to_owned(),
    ] {
        assert_eq!(duplicates.column(&path, "uuid_ref"), ["a", "c"], "{path}");
    }
    assert_eq!(duplicates.column("/uuid/b", "uuid_ref"), ["b"]);
    assert_eq!(duplicates.get("/uuid/none").status(), 204);
    assert_eq!(duplicates.get("/sha-256/none").status(), 204);
}
