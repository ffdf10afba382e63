//! Zenodo's metadata as it is returned, row by row.

use super::*;

fn metadata(more: Value) -> Value {
    let mut metadata = json!({"upload_type": "poster", "creators": []});
    for (key, value) in more.as_object().unwrap() {
        metadata[key] = value.clone();
    }
    metadata
}

fn check(zenodo: Value, key: &str, wanted: Value) {
    let returned = to_json_ld(&metadata(zenodo));
    assert_eq!(returned.get(key), Some(&wanted), "{key}");
}

#[test]
fn title_is_the_name() {
    check(json!({"title": "T"}), "https://schema.org/name", json!("T"));
}

#[test]
fn creators_are_names_and_affiliations() {
    check(
        json!({"creators": [{"name": "Doe, J", "affiliation": "U", "orcid": "1"}, {"name": "Roe, R"}]}),
        "https://schema.org/creator",
        json!([
            {"https://schema.org/name": "Doe, J", "https://schema.org/affiliation": "U"},
            {"https://schema.org/name": "Roe, R"}
        ]),
    );
}

#[test]
fn description_license_and_date_keep_their_values() {
    check(
        json!({"description": "<p>D</p>"}),
        "https://schema.org/description",
        json!("<p>D</p>"),
    );
    check(
        json!({"license": "cc-by-4.0"}),
        "https://schema.org/license",
        json!("cc-by-4.0"),
    );
    check(
        json!({"publication_date": "2024-01-02"}),
        "https://schema.org/datePublished",
        json!("2024-01-02"),
    );
}

#[test]
fn the_reserved_doi_and_record_are_told() {
    let reserved = json!({"prereserve_doi": {"doi": "10.5072/zenodo.1234", "recid": 1234}});
    check(
        reserved.clone(),
        "https://www.research-data-services.org/jsonld/doi",
        json!("10.5072/zenodo.1234"),
    );
    check(reserved, "https://schema.org/identifier", json!(1234));
}

#[test]
fn the_category_is_type_and_subtype() {
    let key = "https://www.research-data-services.org/jsonld/zenodocategory";
    check(json!({}), key, json!("poster"));
    check(
        json!({"upload_type": "publication", "publication_type": "thesis", "image_type": "photo"}),
        key,
        json!("publication/thesis"),
    );
    assert_eq!(
        to_json_ld(&metadata(json!({"upload_type": null}))).get(key),
        None
    );
}

#[test]
fn access_is_public_unless_said_otherwise() {
    let key = "https://schema.org/publicAccess";
    check(json!({}), key, json!(true));
    check(json!({"access_right": "open"}), key, json!(true));
    check(json!({"access_right": "restricted"}), key, json!(false));
}

#[test]
fn what_is_absent_is_not_invented() {
    let returned = Value::Object(to_json_ld(&metadata(json!({}))));
    assert_eq!(
        returned,
        json!({
            "https://schema.org/creator": [],
            "https://schema.org/publicAccess": true,
            "https://www.research-data-services.org/jsonld/zenodocategory": "poster"
        })
    );
}

#[test]
fn without_type_or_creators_it_stays_raw() {
    for raw in [
        json!({"title": "T", "creators": [{"name": "Doe"}]}),
        json!({"title": "T", "upload_type": "poster"}),
        json!({"title": "T", "upload_type": "poster", "creators": "Doe"}),
        json!({"title": "T", "upload_type": "poster", "creators": ["Doe"]}),
        json!({"prereserve_doi": {"doi": "10.5072/zenodo.1234", "recid": 1234}}),
        json!({}),
    ] {
        assert_eq!(Value::Object(to_json_ld(&raw)), raw);
    }
    assert!(to_json_ld(&json!([1])).is_empty());
}
