//! Publication, with each of its steps done, refused, and done without an answer.

use super::*;

const NODE: &str = "GET /v2/nodes/abcde/";
const IDENTIFIERS: &str = "GET /v2/nodes/abcde/identifiers/?filter%5Bcategory%5D=doi";
const DOI: &str = "10.17605/OSF.IO/ABCDE";

fn private() -> Answer {
    resource(200, &node("abcde", false))
}

fn public() -> Answer {
    resource(200, &node("abcde", true))
}

fn identifier() -> Value {
    json!({"id": "x", "type": "identifiers", "attributes": {"category": "doi", "value": DOI}})
}

fn refusal(status: u16) -> Answer {
    Answer::json(status, &json!({"errors": [{"detail": "no"}]}))
}

fn publish(answers: Vec<Answer>) -> (Result<String>, Vec<String>) {
    run(answers, |osf| osf.publish_project("abcde"))
}

fn patch() -> String {
    let body = r#"{"data":{"attributes":{"public":true},"id":"abcde","type":"nodes"}}"#;
    format!("PATCH /v2/nodes/abcde/ [{}] {body}", body.len())
}

fn mint() -> String {
    let body = r#"{"data":{"attributes":{"category":"doi"},"type":"identifiers"}}"#;
    format!("POST /v2/nodes/abcde/identifiers/ [{}] {body}", body.len())
}

#[test]
fn a_private_project_becomes_public_and_gets_a_doi() {
    let (doi, requests) = publish(vec![private(), public(), resource(201, &identifier())]);
    assert_eq!(doi.unwrap(), DOI);
    assert_eq!(requests, [NODE.to_owned(), patch(), mint()]);
}

#[test]
fn what_is_published_already_stays_as_it_is() {
    let ark = json!({"attributes": {"category": "ark", "value": "c7605/osf.io/abcde"}});
    let (doi, requests) = publish(vec![public(), page(&json!([ark, identifier()]))]);
    assert_eq!(doi.unwrap(), DOI);
    assert_eq!(requests, [NODE, IDENTIFIERS]);
}

#[test]
fn a_public_project_without_a_doi_gets_one() {
    let answers = vec![public(), page(&json!([])), resource(201, &identifier())];
    let (doi, requests) = publish(answers);
    assert_eq!(doi.unwrap(), DOI);
    assert_eq!(requests, [NODE.to_owned(), IDENTIFIERS.to_owned(), mint()]);
}

#[test]
fn a_lost_answer_is_found_out_by_looking() {
    let minted = || resource(201, &identifier());
    let (doi, requests) = publish(vec![private(), Answer::Lost, public(), minted()]);
    assert_eq!(doi.unwrap(), DOI);
    assert_eq!(
        requests,
        [NODE.to_owned(), patch(), NODE.to_owned(), mint()]
    );

    let found = page(&json!([identifier()]));
    let (doi, requests) = publish(vec![private(), public(), Answer::Lost, found]);
    assert_eq!(doi.unwrap(), DOI);
    assert_eq!(
        requests,
        [NODE.to_owned(), patch(), mint(), IDENTIFIERS.to_owned()]
    );

    // Somebody else has minted it between the look and the request.
    let found = page(&json!([identifier()]));
    let (doi, _) = publish(vec![public(), page(&json!([])), refusal(400), found]);
    assert_eq!(doi.unwrap(), DOI);
}

#[test]
fn nothing_is_minted_for_a_project_that_stayed_private() {
    let (result, requests) = publish(vec![private(), Answer::Lost, private()]);
    let error = result.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(!error.message().contains("public"), "{error}");
    assert_eq!(requests, [NODE.to_owned(), patch(), NODE.to_owned()]);

    let (result, requests) = publish(vec![private(), private()]);
    assert_eq!(
        result.unwrap_err().message(),
        "the system left the project private"
    );
    assert_eq!(requests.len(), 2);

    let (result, requests) = publish(vec![private(), refusal(403)]);
    assert_eq!(result.unwrap_err().kind(), Kind::Denied);
    assert_eq!(requests.len(), 2);
}

#[test]
fn what_is_half_done_is_said() {
    let none = || page(&json!([]));
    for (answers, kind, said) in [
        (
            vec![private(), Answer::Lost, Answer::Lost],
            Kind::Unavailable,
            "may be public",
        ),
        (
            vec![private(), public(), refusal(403)],
            Kind::Denied,
            "is public but has no DOI",
        ),
        (
            vec![private(), public(), refusal(429)],
            Kind::RateLimited,
            "is public but has no DOI",
        ),
        (
            vec![private(), public(), refusal(503), none()],
            Kind::Unavailable,
            "is public but has no DOI",
        ),
        (
            vec![private(), public(), refusal(400), none()],
            Kind::Invalid,
            "is public but has no DOI",
        ),
        (
            vec![private(), public(), Answer::Lost, Answer::Lost],
            Kind::Unavailable,
            "whether it has a DOI is not known",
        ),
    ] {
        let asked = answers.len();
        let (result, requests) = publish(answers);
        let error = result.unwrap_err();
        assert_eq!(
            (error.kind(), error.subject()),
            (kind, Some("abcde")),
            "{error}"
        );
        assert!(error.message().contains(said), "{error}");
        assert_eq!(requests.len(), asked);
    }
}
