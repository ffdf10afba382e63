//! What is asked, and the form in which it is refused.

use serde_json::{Value, json};
use tenon_tests::setup::Setup;

use super::{assert_problem, start};

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// Every documented operation with parameters of the right form.
async fn documented() -> (tenon_tests::host::Host, Vec<(String, Vec<String>)>) {
    let (host, operator) = start().await;
    let document = operator.get("/openapi.json").await;
    assert_eq!(document.header("content-type"), "application/json");
    let document = document.json();
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().unwrap();
    let digest = format!("sha256:{}", "0".repeat(64));
    let described = paths.iter().map(|(path, item)| {
        let path = path.strip_prefix("/admin/v1").expect("one prefix");
        let path = path.replace("{id}", "acme%2Fnone");
        let methods = item.as_object().unwrap().keys();
        let methods = methods.map(|method| method.to_uppercase()).collect();
        (path.replace("{digest}", &digest), methods)
    });
    (host, described.collect())
}

#[tokio::test]
async fn what_is_documented_is_served_and_nothing_else() {
    let (host, described) = documented().await;
    let operator = host.operator("ada");
    assert!(described.len() > 10);
    for (path, methods) in described {
        for method in METHODS {
            let answer = operator.send(method, &path, "", "").await;
            let what = format!("{method} {path}: {}", answer.text());
            if methods.iter().any(|known| known == method) {
                assert_ne!(answer.json()["code"], "unknown-path", "{what}");
                assert_ne!(answer.status, 405, "{what}");
            } else {
                assert_problem(&answer, 405, "unknown-method");
                let allowed = answer.header("allow").to_owned();
                assert!(
                    methods.iter().all(|known| allowed.contains(known)),
                    "{what}"
                );
            }
        }
    }
    for path in ["", "/", "/nowhere", "/connectors/", "/connectors/acme/none"] {
        assert_problem(&operator.get(path).await, 404, "unknown-path");
    }
}

#[tokio::test]
async fn an_id_with_a_tenant_is_percent_encoded() {
    let (_host, operator) = start().await;
    for (path, id) in [
        ("/connectors/none", "none"),
        ("/connectors/acme%2Fnone", "acme/none"),
        ("/connectors/acme%2fnone/history", "acme/none"),
    ] {
        let answer = operator.get(path).await;
        assert_problem(&answer, 404, "no-connector");
        let expected = format!("no connector `{id}`");
        assert_eq!(answer.json()["detail"], expected);
    }
    for path in [
        "/connectors/A%2Fb",
        "/connectors/a%2Fb%2Fc",
        "/connectors/%ff",
    ] {
        assert_problem(&operator.get(path).await, 400, "malformed");
    }
    let named = operator.request("GET", "/connectors/none", "", "");
    let (mut head, body) = named.into_parts();
    head.headers
        .insert("x-request-id", "the-request".parse().unwrap());
    let request = http::Request::from_parts(head, body);
    let answer = tenon_tests::client::send(operator.address, request).await;
    assert_eq!(answer.header("x-request-id"), "the-request");
    assert_eq!(answer.json()["request_id"], "the-request");
}

#[tokio::test]
async fn what_is_not_understood_is_refused() {
    let (_host, operator) = start().await;
    let activate = "/connectors/none/activate";
    for command in [
        json!({}),
        json!({ "component": "disk" }),
        json!({ "component": "disk@1", "force": true }),
        json!({ "component": 1 }),
        json!([]),
    ] {
        assert_problem(&operator.post(activate, &command).await, 400, "malformed");
    }
    let rules = json!({ "component": "disk@1", "rules": { "weight": 0 } });
    let refused = operator.post("/connectors/none/canary", &rules).await;
    assert_problem(&refused, 400, "malformed");
    let detail = refused.json()["detail"].to_string();
    assert!(detail.contains("rules: weight"), "{detail}");

    for (method, path) in [
        ("GET", "/events?limit=1"),
        ("GET", "/events?max=1001"),
        ("GET", "/events?max=1&max=2"),
        ("GET", "/events?after=-1"),
        ("GET", "/logs?level=loud"),
        ("GET", "/logs?connector=A"),
        ("GET", "/logs?follow=1"),
        ("DELETE", "/connectors/none/canary"),
        ("DELETE", "/connectors/none/canary?promote=maybe"),
        ("GET", "/components/latest"),
    ] {
        let answer = operator.send(method, path, "", "").await;
        assert_problem(&answer, 400, "malformed");
    }

    // A body that may be left out may also be null.
    let answer = operator.post("/connectors/none/rollback", &Value::Null);
    assert_problem(&answer.await, 404, "no-connector");

    let wrong = "unsupported-media-type";
    let answer = operator.send("POST", activate, "text/plain", "{}").await;
    assert_problem(&answer, 415, wrong);
    let answer = operator.send("POST", "/components", "", "x").await;
    assert_problem(&answer, 415, wrong);
    let answer = operator.post("/components", &json!({ "url": "x" })).await;
    assert_problem(&answer, 400, "malformed");
}

#[tokio::test]
async fn bodies_are_bounded() {
    let setup = Setup::new()
        .host("[admission]\ncomponent_bytes = 100000\n")
        .operator("ada");
    let host = setup.start().await;
    let operator = host.operator("ada");
    let command = json!({ "component": "x".repeat(64 << 10) });
    let answer = operator.post("/connectors/none/activate", &command).await;
    assert_problem(&answer, 413, "too-large");
    let answer = operator.upload(&[0; 100_001]).await;
    assert_problem(&answer, 413, "too-large");
    // One byte less is looked into.
    let answer = operator.upload(&[0; 100_000]).await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    assert_ne!(answer.json()["code"], Value::Null);
}
