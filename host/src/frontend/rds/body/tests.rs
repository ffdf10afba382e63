//! The expected texts are those of connexion 2.7.0 with jsonschema 3.2.0,
//! recorded from the original program running over the contract's schema.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http::StatusCode;

use super::{Bounds, Filepath, Json, read};
use crate::frontend::rds::problem::Refusal;

const BOUNDS: Bounds = Bounds {
    bytes_max: 1024,
    time: Duration::from_millis(200),
};

async fn json(media_type: &str, body: impl Into<Body>) -> Result<Json, Refusal> {
    let request = match media_type {
        "" => Request::builder(),
        media_type => Request::builder().header("content-type", media_type),
    };
    read(request.body(body.into()).unwrap(), BOUNDS).await
}

async fn accept(media_type: &str, body: &'static str, need: Filepath, filepath: &str) {
    let json = json(media_type, body).await.unwrap();
    assert_eq!(json.filepath(need), Ok(filepath), "{body}");
}

async fn refuse(body: &'static str, need: Filepath, detail: &str) {
    let refusal = match json("application/json", body).await {
        Ok(json) => json.filepath(need).unwrap_err(),
        Err(refusal) => refusal,
    };
    assert_eq!(refusal, Refusal::malformed(detail), "{body}");
}

#[tokio::test]
async fn a_body_must_be_there_and_parse() {
    use Filepath::Required;

    let absent = Refusal::malformed("None is not of type 'object'");
    assert_eq!(json("", "").await.unwrap_err(), absent);
    assert_eq!(json("application/json", "").await.unwrap_err(), absent);
    for body in ["{bad", "null", "{\"filepath\": \"a\"", "\u{feff}"] {
        refuse(body, Required, "Request body is not valid JSON").await;
    }
    let bytes = b"{\"filepath\":\"\xff\"}".as_slice();
    let refusal = json("application/json", bytes).await.unwrap_err();
    assert_eq!(
        refusal,
        Refusal::malformed("Request body is not valid JSON")
    );
}

#[tokio::test]
async fn a_body_must_fit_the_schema() {
    use Filepath::{Optional, Required};

    for need in [Required, Optional] {
        refuse("5", need, "5 is not of type 'object'").await;
        refuse("\"x\"", need, "'x' is not of type 'object'").await;
        refuse("[1]", need, "[1] is not of type 'object'").await;
        refuse("[]", need, "[] is not of type 'object'").await;
        refuse(
            r#"{"filepath": 5}"#,
            need,
            "5 is not of type 'string' - 'filepath'",
        )
        .await;
        refuse(
            r#"{"filepath": null}"#,
            need,
            "None is not of type 'string' - 'filepath'",
        )
        .await;
        refuse(
            r#"{"filepath": "a", "userId": 5}"#,
            need,
            "5 is not of type 'string' - 'userId'",
        )
        .await;
        refuse(
            r#"{"userId": null}"#,
            need,
            "None is not of type 'string' - 'userId'",
        )
        .await;
        refuse(
            r#"{"userId": 5, "filepath": 6}"#,
            need,
            "6 is not of type 'string' - 'filepath'",
        )
        .await;
    }
    refuse("{}", Required, "'filepath' is a required property").await;
}

#[tokio::test]
async fn leniency_is_the_contract_too() {
    use Filepath::{Optional, Required};

    let json = "application/json";
    accept(json, r#"{"filepath": "/a", "extra": [1]}"#, Required, "/a").await;
    accept(json, r#"{"filepath": 5, "filepath": "b"}"#, Required, "b").await;
    accept(json, "{}", Optional, "").await;
    for media_type in [
        "application/json; charset=utf-8",
        "APPLICATION/JSON",
        "application/vnd.api+json",
    ] {
        accept(media_type, r#"{"filepath": "a"}"#, Required, "a").await;
    }
}

#[tokio::test]
async fn other_media_types_are_refused() {
    for media_type in ["", "text/plain", "application/x-www-form-urlencoded"] {
        let refusal = json(media_type, "{}").await.unwrap_err();
        assert_eq!(refusal, Refusal::media_type(media_type, "JSON data"));
    }
}

#[tokio::test]
async fn the_user_is_known_before_the_schema_is_checked() {
    let body = r#"{"userId": "port-x://alice:TOK"}"#;
    let json = json("application/json", body).await.unwrap();
    assert!(json.user.session);
    assert!(json.filepath(Filepath::Required).is_err());
}

#[tokio::test]
async fn a_body_has_a_limit_in_bytes() {
    let large = "x".repeat(1025);
    let refusal = json("application/json", large).await.unwrap_err();
    assert_eq!(refusal.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(
        refusal
            .body()
            .1
            .contains("limits.request_body_bytes is 1024")
    );
}

#[tokio::test]
async fn a_body_has_a_limit_in_time() {
    let endless = stream::once(async { Ok::<_, Infallible>(Bytes::from_static(b"{")) });
    let body = Body::from_stream(endless.chain(stream::pending()));
    let refusal = json("application/json", body).await.unwrap_err();
    assert_eq!(refusal.status, StatusCode::REQUEST_TIMEOUT);
}
