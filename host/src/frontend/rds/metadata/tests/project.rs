//! `/metadata/project` and `/metadata/project/{project-id}`.

use http::StatusCode;
use serde_json::json;

use super::{JSON, Rig, SESSION};

#[tokio::test]
async fn a_project_is_made() {
    let rig = Rig::new();
    let target = "POST /metadata/project";
    let made = rig.ask(target, SESSION).await;
    made.is(200, json!({ "projectId": "p0", "metadata": {} }));
    let null = rig
        .ask(target, r#"{"userId": "bob", "metadata": null}"#)
        .await;
    null.is(200, json!({ "projectId": "p1", "metadata": {} }));
    let body = r#"{"metadata": {"b": [1, {"ü": null}], "a": "x"}}"#;
    let with = rig.ask(target, body).await;
    with.is(
        200,
        json!({ "projectId": "p2", "metadata": { "a": "x", "b": [1, { "ü": null }] } }),
    );
    assert_eq!(
        rig.asked(),
        [
            "alice+key create-project None",
            "bob create-project None",
            r#"- create-project Some("{\"a\":\"x\",\"b\":[1,{\"ü\":null}]}")"#,
        ]
    );
}

#[tokio::test]
async fn all_pages_of_projects_are_one_list() {
    let rig = Rig::new();
    let target = "GET /metadata/project";
    rig.ask(target, SESSION).await.is(200, json!([]));
    for number in 0..5 {
        let metadata = format!(r#"{{"title": "T{number}", "state": "draft"}}"#);
        _ = rig
            .shelf
            .clone()
            .with_project(&format!("id/{number}"), &metadata);
    }
    let all = |metadata: fn(usize) -> serde_json::Value| {
        let of =
            |number| json!({ "projectId": format!("id/{number}"), "metadata": metadata(number) });
        (0..5).map(of).collect()
    };
    let answer = rig.ask(target, SESSION).await;
    answer.is(
        200,
        all(|number| json!({ "title": format!("T{number}"), "state": "draft" })),
    );
    let wanted = r#"{"metadata": {"title": "", "none": 1}}"#;
    let answer = rig.ask(target, wanted).await;
    answer.is(200, all(|number| json!({ "title": format!("T{number}") })));
}

#[tokio::test]
async fn a_list_of_projects_has_limits() {
    let mut rig = Rig::with_project();
    rig.limits.listing_bytes = 30;
    let answer = rig.ask("GET /metadata/project", SESSION).await;
    answer.is_envelope(502, "BadGateway");
    assert!(
        answer.text().contains("listing_bytes is 30"),
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn metadata_is_read_whole_or_in_part() {
    let rig = Rig::with_project();
    let whole = json!({ "title": "T", "state": "draft" });
    let target = "GET /metadata/project/7";
    for (filter, found) in [
        ("null", whole.clone()),
        ("{}", whole),
        (r#"{"state": null}"#, json!({ "state": "draft" })),
        (r#"{"other": ""}"#, json!({})),
    ] {
        let body = format!(r#"{{"metadata": {filter}, "userId": "alice"}}"#);
        rig.ask(target, &body).await.is(200, found);
    }
    let answer = rig.ask("GET /metadata/project/8", SESSION).await;
    answer.is_envelope(404, "NotFound");
}

#[tokio::test]
async fn metadata_is_replaced() {
    let rig = Rig::with_project();
    let target = "PATCH /metadata/project/7";
    let metadata = json!({ "@context": "https://w3id.org/ro/crate/1.1/context", "@graph": [] });
    let body = json!({ "userId": "port-shelf://alice:TOK", "metadata": metadata });
    let answer = rig.ask(target, &body.to_string()).await;
    answer.is(200, metadata);
    let answer = rig.ask(target, r#"{"metadata": null}"#).await;
    answer.is(200, json!({}));
    assert_eq!(rig.asked().last().unwrap(), "- update-project 7 None");
}

#[tokio::test]
async fn publishing_answers_200_and_the_identifier() {
    let rig = Rig::with_project();
    let answer = rig.ask("PUT /metadata/project/7", SESSION).await;
    answer.is(200, json!({ "DOI": "10.5072/7" }));
    assert_eq!(answer.header("content-type"), "application/json");
}

#[tokio::test]
async fn deleting_answers_204_and_nothing() {
    let rig = Rig::with_project();
    let answer = rig.ask("DELETE /metadata/project/7", SESSION).await;
    assert_eq!((answer.status, answer.text()), (StatusCode::NO_CONTENT, ""));
    let answer = rig.ask("DELETE /metadata/project/7", SESSION).await;
    answer.is_envelope(404, "NotFound");
}

#[tokio::test]
async fn an_id_is_opaque_and_decoded_once() {
    for (id, path) in [
        ("L2hvbWU=", "L2hvbWU="),
        ("a+b/c==", "a%2Bb%2Fc%3D%3D"),
        ("a+b/c==", "a+b/c=="),
        ("a%2Fb", "a%252Fb"),
        ("doi:10.5072/FK2/ÜBER", "doi:10.5072/FK2/%C3%9CBER"),
        ("a b?#&;@:$,!'()*~", "a%20b%3F%23&;@:$,!'()*~"),
        ("2024-1a2b3c4d", "2024-1a2b3c4d"),
        ("..", "%2E%2E"),
        ("files", "files"),
        ("x/", "x%2F"),
    ] {
        let mut rig = Rig::new();
        rig.shelf = rig.shelf.with_project(id, "{}");
        for (operation, rest, asked) in [
            ("GET", "", format!("get-project {id}")),
            ("GET", "/files", format!("list-files {id}")),
            ("PATCH", "", format!("update-project {id} None")),
            ("PUT", "", format!("publish-project {id}")),
            ("DELETE", "/files", format!("delete-files {id}")),
            ("DELETE", "", format!("delete-project {id}")),
        ] {
            let target = format!("{operation} /metadata/project/{path}{rest}?ignored=%2F");
            let answer = rig.ask(&target, "{}").await;
            assert!(answer.status.is_success(), "{target}: {}", answer.text());
            assert_eq!(rig.asked().pop().unwrap(), format!("- {asked}"));
        }
        let prefixed = format!("GET /connectors/port-shelf/metadata/project/{path}");
        let answer = rig.send(&prefixed, &[JSON, ("host", "x")], "{}").await;
        answer.is_envelope(404, "NotFound");
        assert_eq!(rig.asked().pop().unwrap(), format!("- get-project {id}"));
    }
}
