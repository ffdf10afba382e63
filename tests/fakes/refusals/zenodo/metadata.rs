//! Metadata through the API; the rules themselves are tested where they are.

use super::*;

#[test]
fn wrong_metadata_are_refused_with_their_fields() {
    let zenodo = fake();
    let (deposit, _) = paths(&zenodo);
    let mut wrong = good();
    wrong["metadata"]["title"] = json!(["T"]);
    wrong["metadata"]["publication_date"] = json!("2");
    let reply = request("PUT", &deposit).json(&wrong).send(&zenodo.origin());
    assert_eq!(reply.status, 400);
    assert_eq!(
        reply.json(),
        json!({
            "message": "Validation error.", "status": 400,
            "errors": [
                {"field": "metadata.title", "message": "Not a valid string."},
                {"field": "metadata.publication_date", "message": "Not a valid date."},
            ],
        })
    );
    assert_eq!(zenodo.deposits()[0].metadata, json!({}));
}

#[test]
fn an_update_without_metadata_is_refused() {
    let zenodo = fake();
    let (deposit, _) = paths(&zenodo);
    for body in [
        json!({}),
        json!({"metadata": null}),
        json!({"metadata": {}}),
    ] {
        let reply = request("PUT", &deposit).json(&body).send(&zenodo.origin());
        assert_eq!(reply.status, 400, "{body}");
    }
}

#[test]
fn a_deposit_is_not_made_with_wrong_metadata() {
    let zenodo = fake();
    let crate_like = json!({"metadata": {"@graph": []}});
    let reply = request("POST", DEPOSITIONS)
        .json(&crate_like)
        .send(&zenodo.origin());
    assert_eq!(reply.status, 400);
    assert!(zenodo.deposits().is_empty());
    let made = request("POST", DEPOSITIONS)
        .json(&good())
        .send(&zenodo.origin());
    assert_eq!(made.status, 201);
}
