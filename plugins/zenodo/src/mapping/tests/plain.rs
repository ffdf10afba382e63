//! Objects that are no crates.

use super::*;

#[test]
fn an_object_without_a_graph_is_a_root_alone() {
    let mapped = correct(&json!({
        "name": "T", "description": "D", "creator": {"@type": "Person", "name": "Doe, J"}
    }));
    assert_eq!(mapped["title"], "T");
    assert_eq!(mapped["description"], "D");
    assert_eq!(mapped["creators"], json!([{"name": "Doe, J"}]));
    assert_eq!(mapped["publication_date"], "2024-05-06");
}

#[test]
fn its_own_context_counts() {
    let mapped = correct(&json!({
        "@context": {"label": "https://schema.org/name", "kind": "@type"}, "kind": "Dataset", "label": "T"
    }));
    assert_eq!(mapped["title"], "T");
    let error = attempt(&json!({"@context": "https://example.org/c", "name": "T"})).unwrap_err();
    assert!(error.message().contains("https://example.org/c"), "{error}");
}

#[test]
fn zenodos_own_metadata_stays_and_is_completed() {
    let mapped = correct(&json!({
        "title": "T", "upload_type": "poster", "grants": [{"id": "1"}], "creators": [{"name": "Doe, J"}]
    }));
    assert_eq!(
        mapped,
        json!({
            "title": "T", "upload_type": "poster", "grants": [{"id": "1"}],
            "creators": [{"name": "Doe, J"}],
            "description": "Uploaded from ScieboRDS - 2024-05-06",
            "publication_date": "2024-05-06"
        })
    );
}

#[test]
fn what_the_connector_returns_can_be_sent_back() {
    let metadata = json!({
        "title": "T", "description": "D", "publication_date": "2024-01-02", "license": "cc-by-4.0",
        "upload_type": "publication", "publication_type": "thesis", "access_right": "closed",
        "creators": [{"name": "Doe, J", "affiliation": "U"}, {"name": "Roe, R"}]
    });
    let returned = Value::Object(to_json_ld(&metadata));
    assert_eq!(correct(&returned), metadata);
}

#[test]
fn compatible_passes_it_through_on_post_and_maps_it_on_patch() {
    let document = json!({"name": "T", "description": "D", "title": "kept"});
    let (post, patch) = compatible(&document);
    assert_eq!(post, document);
    assert_eq!(patch["title"], "T");
    assert_eq!(patch["description"], "D");
    assert_eq!(
        patch["creators"],
        json!([{"name": "alice", "affiliation": ""}])
    );
}
