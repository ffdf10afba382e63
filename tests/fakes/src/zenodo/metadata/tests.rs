use serde_json::json;

use super::*;

fn good() -> Value {
    json!({
        "title": "T", "description": "<p>D</p>", "upload_type": "dataset",
        "creators": [
            {"name": "Doe, J", "affiliation": "X", "orcid": "0000-0002-1694-233X"},
            {"name": "Smith, J", "orcid": "0000-0001-2345-6789"},
        ],
    })
}

/// The fields in error, after these changes to good metadata.
fn wrong(changes: Value) -> Vec<String> {
    let mut metadata = good();
    for (name, value) in changes.as_object().expect("changes") {
        metadata[name] = value.clone();
    }
    let errors = check(&metadata);
    errors.into_iter().map(|error| error.field).collect()
}

#[test]
fn complete_metadata_pass() {
    assert_eq!(check(&good()), []);
    let rich = json!({
        "publication_date": "2024-02-29", "access_right": "embargoed", "embargo_date": "2030-01-01",
        "license": "CC-BY-4.0", "keywords": ["a"], "doi": null, "version": "1", "language": "deu",
        "upload_type": "publication", "publication_type": "article",
        "contributors": [{"name": "E", "type": "Editor"}],
        "related_identifiers": [{"identifier": "10.1/x", "relation": "cites"}],
        "grants": [{"id": "283595"}], "communities": [{"identifier": "c"}],
        "dates": [{"type": "Valid", "start": "2024-01-01"}],
        "locations": [{"place": "Münster", "lat": 52.0}],
    });
    assert_eq!(wrong(rich), [""; 0]);
}

#[test]
fn an_empty_object_lacks_what_the_service_names() {
    let errors = check(&json!({}));
    let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "metadata.title",
            "metadata.description",
            "metadata.creators",
            "metadata.upload_type"
        ]
    );
}

#[test]
fn each_rule_names_its_field() {
    let cases = [
        (json!({"title": ["x"]}), "title"),
        (json!({"title": ""}), "title"),
        (json!({"description": null}), "description"),
        (json!({"creators": []}), "creators"),
        (json!({"creators": {"name": "x"}}), "creators"),
        (json!({"creators": ["x"]}), "creators.0"),
        (json!({"creators": [{"name": ""}]}), "creators.0.name"),
        (
            json!({"creators": [{"affiliation": "x"}]}),
            "creators.0.name",
        ),
        (
            json!({"creators": [{"name": "x", "type": "Person"}]}),
            "creators.0.type",
        ),
        (
            json!({"creators": [{"name": "x", "orcid": "0000-0002-1694-2330"}]}),
            "creators.0.orcid",
        ),
        (
            json!({"creators": [{"name": "x", "orcid": "https://orcid.org/0000-0002-1694-233X"}]}),
            "creators.0.orcid",
        ),
        (json!({"publication_date": "2"}), "publication_date"),
        (
            json!({"publication_date": "2024-01-02T00:00:00Z"}),
            "publication_date",
        ),
        (json!({"upload_type": "publication/article"}), "upload_type"),
        (json!({"upload_type": "publication"}), "publication_type"),
        (
            json!({"upload_type": "image", "image_type": "article"}),
            "image_type",
        ),
        (json!({"access_right": "public"}), "access_right"),
        (json!({"access_right": "embargoed"}), "embargo_date"),
        (json!({"access_right": "restricted"}), "access_conditions"),
        (
            json!({"license": "https://creativecommons.org/licenses/by/4.0/"}),
            "license",
        ),
        (json!({"keywords": "a, b"}), "keywords"),
        (json!({"keywords": ["a", 1]}), "keywords.1"),
        (
            json!({"contributors": [{"name": "x"}]}),
            "contributors.0.type",
        ),
        (
            json!({"contributors": [{"name": "x", "type": "Boss"}]}),
            "contributors.0.type",
        ),
        (
            json!({"related_identifiers": [{"identifier": "x", "relation": "likes"}]}),
            "related_identifiers.0.relation",
        ),
        (json!({"dates": [{"type": "Valid"}]}), "dates.0"),
        (json!({"language": "en"}), "language"),
        (json!({"@graph": []}), "@graph"),
    ];
    for (change, field) in cases {
        assert_eq!(
            wrong(change.clone()),
            [format!("metadata.{field}")],
            "{change}"
        );
    }
}

#[test]
fn metadata_must_be_an_object() {
    for value in [json!(null), json!([]), json!("x")] {
        assert_eq!(check(&value)[0].field, "metadata", "{value}");
    }
}
