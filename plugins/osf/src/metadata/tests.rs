//! Both forms of metadata, and what is neither.

use serde_json::json;
use tenon_sdk::Kind;

use super::*;

fn sent(metadata: &Value) -> Value {
    json!(Attributes::parse(Some(&metadata.to_string())).unwrap())
}

fn refused(metadata: &Value) -> Error {
    Attributes::parse(Some(&metadata.to_string())).unwrap_err()
}

fn crate_of(mut root: Value) -> Value {
    root["@id"] = json!("./");
    root["@type"] = json!("Dataset");
    json!({
        "@context": ["https://w3id.org/ro/crate/1.1/context", {
            "osfcategory": "https://www.research-data-services.org/jsonld/osfcategory",
        }],
        "@graph": [
            {
                "@id": "ro-crate-metadata.json", "@type": "CreativeWork",
                "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"}, "about": {"@id": "./"},
            },
            root,
        ],
    })
}

#[test]
fn a_crate_gives_all_four_fields() {
    let metadata = crate_of(json!({
        "title": "T", "name": "N", "osfcategory": "data",
        "description": ["first\nline ", "second"], "tags": ["a", "b"], "keywords": "k",
    }));
    assert_eq!(
        sent(&metadata),
        json!({
            "title": "T", "category": "data", "description": "first line second",
            "tags": ["a", "b"],
        })
    );
}

#[test]
fn a_crate_without_the_services_fields_gives_its_own() {
    let metadata = crate_of(json!({"name": ["N"], "keywords": "a, b c,,d"}));
    assert_eq!(
        sent(&metadata),
        json!({"title": "N", "tags": ["a", "b c", "d"]})
    );
    assert_eq!(sent(&crate_of(json!({"title": " "}))), json!({}));
}

/// The profile that RDS ships has these fields without a term in the context.
#[test]
fn fields_that_the_context_does_not_know_count() {
    let mut metadata = crate_of(json!({"title": "T", "osfcategory": "software"}));
    metadata["@context"] = json!("https://w3id.org/ro/crate/1.1/context");
    assert_eq!(
        sent(&metadata),
        json!({"title": "T", "category": "software"})
    );
}

#[test]
fn a_wrong_crate_is_refused() {
    let error = refused(&crate_of(json!({"osfcategory": "poem"})));
    assert_eq!(
        (error.kind(), error.subject()),
        (Kind::Invalid, Some("osfcategory"))
    );
    let error = refused(&json!({"@graph": "x"}));
    assert_eq!(
        (error.kind(), error.subject()),
        (Kind::Invalid, Some("metadata"))
    );
}

#[test]
fn fields_at_the_top_are_taken_too() {
    assert_eq!(
        sent(&json!({
            "title": "T", "osf_category": "methods and measures", "description": "a\r\nb",
            "tags": ["x", " ", "y"], "userId": "ignored",
        })),
        json!({
            "title": "T", "category": "methods and measures", "description": "a b",
            "tags": ["x", "y"],
        })
    );
    assert_eq!(
        sent(&json!({"title": null, "tags": []})),
        json!({"tags": []})
    );
}

#[test]
fn wrong_fields_are_named() {
    for (metadata, field) in [
        (json!({"title": 5}), "title"),
        (json!({"description": ["x"]}), "description"),
        (json!({"tags": "x"}), "tags"),
        (json!({"tags": ["x", 5]}), "tags"),
        (json!({"osf_category": "Data"}), "osf_category"),
        (json!([]), "metadata"),
        (json!("title"), "metadata"),
    ] {
        let error = refused(&metadata);
        assert_eq!(
            (error.kind(), error.subject()),
            (Kind::Invalid, Some(field)),
            "{metadata}"
        );
    }
    let error = Attributes::parse(Some("{")).unwrap_err();
    assert_eq!(error.kind(), Kind::Invalid);
}

#[test]
fn nothing_is_nothing() {
    assert!(Attributes::parse(None).unwrap().is_empty());
    assert!(Attributes::parse(Some("null")).unwrap().is_empty());
    assert!(Attributes::parse(Some("{}")).unwrap().is_empty());
    assert!(
        !Attributes::parse(Some(r#"{"tags":[]}"#))
            .unwrap()
            .is_empty()
    );
}
