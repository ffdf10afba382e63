//! What a pipeline answers over HTTP (contract, section 11), everything
//! embedded.

use serde_json::{Value, json};
use tenon_tests::sqapi::{Deployment, Running, message};
use tenon_tests::wait;

async fn start() -> Running {
    Deployment::new().processors().start().await
}

#[tokio::test]
async fn plugins_and_rules_name_every_resource() {
    let running = start().await;
    let plugins = running.get("/plugins").await.json();
    let names: Vec<_> = plugins
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["name"])
        .collect();
    assert_eq!(names, ["sizes", "duplicates", "datatypes"]);
    let sizes = &plugins[0]["blueprints"][0];
    assert_eq!(sizes["url_prefix"], "/sizes");
    let endpoints = sizes["endpoints"].as_array().unwrap();
    let by_uuid = endpoints
        .iter()
        .find(|it| it["endpoint"] == "/sizes/uuid/%3Cuuid_ref%3E")
        .unwrap();
    assert_eq!(by_uuid["arguments"], json!(["uuid_ref"]));
    assert!(
        by_uuid["methods"]
            .as_array()
            .unwrap()
            .contains(&json!("GET"))
    );
    let rules = running.get("/rules").await.json();
    let paths: Vec<_> = rules
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["endpoint"])
        .collect();
    for path in ["/", "/plugins", "/rules", "/health", "/sizes/gt/%3Csize%3E"] {
        assert!(paths.contains(&&json!(path)), "{path} in {paths:?}");
    }
}

#[tokio::test]
async fn health_has_sqapis_fields_and_the_truth() {
    let running = start().await;
    let health = running.get("/health").await.json();
    assert_eq!(
        health["plugins"]["active"],
        json!(["datatypes", "duplicates", "sizes"])
    );
    assert_eq!(health["plugins"]["failed"], json!([]));
    assert!(health["instance"]["uptime"].as_f64().unwrap() >= 0.0);
    assert!(
        health["instance"]["started"]
            .as_str()
            .unwrap()
            .ends_with('Z')
    );
    assert_eq!(health["broker"]["status"], "consuming");
}

#[tokio::test]
async fn an_object_is_taken_in_and_found_again() {
    let running = start().await;
    let headers = [("content-type", "text/plain")];
    let answer = running
        .send("PUT", "/objects/letters/a.txt?uuid=a", &headers, "seven b")
        .await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    assert_eq!(answer.json()["uuid"], "a");
    let found = wait::until("the size is known", async || {
        let answer = running.get("/sizes/uuid/a").await;
        (answer.status == 200).then(|| answer.json())
    })
    .await;
    let row = found.as_array().map_or(&found, |rows| &rows[0]);
    assert_eq!(row["data_size"], 7, "{found}");
}

#[tokio::test]
async fn what_is_not_there_is_said_in_json() {
    let running = start().await;
    let check = async |method: &str, path: &str, status: u16| {
        let answer = running.send(method, path, &[], "").await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
        let body = answer.json();
        for key in ["error", "reference", "details"] {
            assert!(body[key].is_string(), "{method} {path}: {body}");
        }
    };
    check("GET", "/nothing", 404).await;
    check("GET", "/nothing/at/all", 404).await;
    check("DELETE", "/plugins", 405).await;
    check("GET", "/sizes/gt/abc", 400).await;
    check("GET", "/sizes/nowhere", 404).await;
    // What sqAPI served to anybody who asked.
    for path in [
        "/conf/sqapi.yml",
        "/plugins/sizes/config.yml",
        "/docs/a.md",
        "/../host.toml",
    ] {
        let answer = running.get(path).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text());
    }
}

#[tokio::test]
async fn messages_that_cannot_be_read_are_refused_at_the_door() {
    let running = start().await;
    for body in [
        "",
        "[]",
        "{",
        r#"{"uuid_ref":null}"#,
        r#"{"data_type":"x"}"#,
    ] {
        let answer = running.send("POST", "/messages", &[], body).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.text());
    }
    let large = Value::from("x".repeat(2 << 20)).to_string();
    let answer = running.send("POST", "/messages", &[], large).await;
    assert_eq!(answer.status, 413, "{}", answer.text());
}

#[tokio::test]
async fn the_intake_may_ask_for_a_token() {
    let deployment = Deployment::new().processors();
    let deployment = deployment
        .setup(|setup| setup.variable("INTAKE", "tok3n-intake"))
        .pipeline("", "token = 'env:INTAKE'\n");
    let running = deployment.start().await;
    let send = async |headers: &[(&str, &str)]| {
        let message = message("a", "a.txt").to_string();
        running
            .send("POST", "/messages", headers, message)
            .await
            .status
    };
    assert_eq!(send(&[]).await, 401);
    assert_eq!(send(&[("authorization", "Bearer other")]).await, 401);
    assert_eq!(send(&[("authorization", "Bearer tok3n-intake")]).await, 202);
}

#[tokio::test]
async fn resources_are_served_whatever_the_broker_does() {
    let deployment = Deployment::new()
        .processors()
        .broker("type = 'rabbitmq'\nhost = '127.0.0.1'\nport = 1\n")
        .pipeline("mode = 'api'\n", "");
    let running = deployment.launch().await;
    wait::until("the resources are served", async || {
        // Nothing was ever processed.
        (running.get("/sizes/uuid/a").await.status == 204).then_some(())
    })
    .await;
}
