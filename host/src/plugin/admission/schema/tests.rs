use serde_json::json;

use super::*;

fn refused(schema: &Value, says: &str) {
    let why = read(&schema.to_string()).unwrap_err();
    assert!(why.contains(says), "{why}");
}

#[test]
fn every_violation_is_told_with_its_place_and_without_the_value() {
    let schema = read(
        &json!({
            "type": "object",
            "required": ["url"],
            "additionalProperties": false,
            "properties": {
                "url": { "type": "string", "pattern": "^https://" },
                "mode": { "enum": ["a", "b"] },
                "retries": { "type": "integer", "maximum": 9 },
                "hosts": { "items": { "$ref": "#/$defs/host" } },
            },
            "$defs": { "host": { "type": "string", "maxLength": 5 } },
        })
        .to_string(),
    )
    .unwrap();
    assert_eq!(check(&schema, &json!({"url": "https://x"})), [""; 0]);
    let mut told = check(
        &schema,
        &json!({
            "url": "s3cret", "mode": "s3cret", "retries": 1234567, "hosts": ["x", "s3cret"],
            "other": "s3cret",
        }),
    );
    told.sort();
    let text = told.join("\n");
    assert!(
        !text.contains("s3cret") && !text.contains("1234567"),
        "{text}"
    );
    assert_eq!(told.len(), 5, "{text}");
    for (place, says) in [
        ("/", "('other' was unexpected)"),
        ("/hosts/1", "longer than 5"),
        ("/mode", r#""a" or "b""#),
        ("/retries", "greater than the maximum of 9"),
        ("/url", r#"match "^https://""#),
    ] {
        let told = told
            .iter()
            .find(|told| told.starts_with(&format!("config `{place}`: ")));
        assert!(
            told.is_some_and(|told| told.contains(says)),
            "{place}: {text}"
        );
    }
    let missing = check(&schema, &json!({}));
    assert_eq!(missing, [r#"config `/`: "url" is a required property"#]);
}

#[test]
fn references_cannot_multiply_without_end() {
    let mut definitions = serde_json::Map::new();
    for level in 0..40 {
        let next = json!({ "$ref": format!("#/$defs/{}", level + 1) });
        definitions.insert(level.to_string(), json!({ "allOf": [next, next] }));
    }
    definitions.insert("40".to_owned(), json!(true));
    let bomb = json!({ "$ref": "#/$defs/0", "$defs": definitions });
    refused(&bomb, "more than 10000 parts");
}

#[test]
fn a_schema_may_describe_a_tree() {
    let tree = json!({ "properties": { "child": { "$ref": "#" }, "name": { "type": "string" } } });
    let tree = read(&tree.to_string()).unwrap();
    let config = json!({ "child": { "child": { "name": 7 } } });
    let told = check(&tree, &config);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("config `/child/child/name`: "),
        "{told:?}"
    );
    let circle =
        read(r##"{"$ref": "#/$defs/a", "$defs": {"a": {"allOf": [{"$ref": "#/$defs/a"}]}}}"##);
    assert_eq!(check(&circle.unwrap(), &config), [""; 0]);
}

#[test]
fn what_is_no_schema_is_refused_with_its_place() {
    for (text, says) in [
        ("", "no JSON"),
        ("[]", "neither an object"),
        (
            r#"{"properties": {"x": {"type": "strnig"}}}"#,
            "/properties/x/type",
        ),
        (r#"{"properties": {"x": {"pattern": "("}}}"#, "pattern"),
        (
            r#"{"$schema": "http://json-schema.org/draft-07/schema#"}"#,
            "2020-12",
        ),
    ] {
        let why = read(text).unwrap_err();
        assert!(why.contains(says), "{text}: {why}");
    }
}

#[test]
fn nothing_is_fetched() {
    refused(
        &json!({"$ref": "https://example.org/x"}),
        "not within the schema",
    );
    refused(
        &json!({"$ref": "file:///etc/passwd"}),
        "not within the schema",
    );
    refused(&json!({"$ref": "#/$defs/missing"}), "not within the schema");
    refused(
        &json!({"$dynamicRef": "#x"}),
        "`$dynamicRef` is not allowed",
    );
    refused(
        &json!({"properties": {"x": {"$id": "https://example.org/"}}}),
        "`$id`",
    );
}

#[test]
fn a_pattern_gives_up_before_it_takes_long() {
    let schema = read(r#"{"properties": {"x": {"pattern": "^(?=(a+)+$)b"}}}"#).unwrap();
    let told = check(&schema, &json!({"x": "a".repeat(40) + "!"}));
    assert_eq!(told.len(), 1, "{told:?}");
}
