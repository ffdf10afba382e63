//! Registration, row for row.

use serde_json::{Value, json};
use tenon_fakes::rds::token_storage::Operation;
use tenon_fakes::{Fault, TokenStorage};

use crate::raw::{Reply, Request};

fn post(storage: &TokenStorage, body: &Value) -> Reply {
    let request = Request::new("POST", "/service").json(body);
    request.send(&storage.origin())
}

fn full() -> Value {
    json!({
        "servicename": "port-Zenodo", "implements": ["metadata"],
        "fileTransferMode": 0, "fileTransferArchive": 0,
        "description": {"en": "Z"}, "icon": "data:image/png;base64,AAAA",
        "infoUrl": "https%3A%2F%2Fz.example", "helpUrl": "", "displayName": "Z",
        "metadataProfile": null, "projectLinkTemplate": "https://z.example/${projectId}",
        "authorize_url": "https://z.example/authorize%3Fredirect_uri=x",
        "refresh_url": "https://z.example/token/", "client_id": "I", "client_secret": "SEC",
    })
}

/// What becomes of full fields after these changes; null takes one out.
fn kind_of(changes: &Value) -> Result<&'static str, u16> {
    let storage = TokenStorage::start();
    let mut body = full();
    for (name, value) in changes.as_object().expect("changes") {
        body[name] = value.clone();
    }
    let fields = body.as_object_mut().expect("fields");
    fields.retain(|name, value| name == "metadataProfile" || *value != "-");
    let reply = post(&storage, &body);
    storage.take_violations();
    match reply.status {
        200 => Ok(storage.services()[0].kind),
        status => Err(status),
    }
}

#[test]
fn a_new_service_is_stored_and_shown() {
    let storage = TokenStorage::start();
    let reply = post(&storage, &full());
    assert_eq!(
        (reply.status, reply.json()),
        (200, json!({"success": true}))
    );
    let service = storage.service("port-zenodo").expect("the service");
    assert_eq!((service.kind, &service.sent), ("OAuth2Service", &full()));
    assert_eq!(service.data["refresh_url"], "https://z.example/token");
    let origin = storage.origin();
    let list = Request::new("GET", "/service").send(&origin).json();
    assert_eq!(list["length"], 1);
    assert_eq!(list["list"][0]["type"], "OAuth2Service");
    let one = Request::new("GET", "/service/port-zenodo")
        .send(&origin)
        .json();
    assert_eq!(one["data"]["servicename"], "port-zenodo");
    let removal = Request::new("DELETE", "/service/port-zenodo").send(&origin);
    assert_eq!(removal.json(), json!({"success": true}));
    assert!(storage.services().is_empty());
    let missing = Request::new("GET", "/service/port-zenodo").send(&origin);
    assert_eq!(
        (missing.status, missing.json()["http_code"].clone()),
        (500, json!(500))
    );
}

#[test]
fn a_known_name_is_not_updated() {
    let storage = TokenStorage::start();
    post(&storage, &full());
    let mut changed = full();
    changed["client_id"] = json!("J");
    let reply = post(&storage, &changed);
    let expected = json!({"success": false, "message": "ServiceExistsAlreadyError"});
    assert_eq!((reply.status, reply.json()), (200, expected));
    assert_eq!(storage.services().len(), 1);
    assert_eq!(storage.services()[0].data["client_id"], "I");
}

#[test]
fn the_fields_decide_the_type() {
    let without = |names: &[&str]| -> Value {
        names
            .iter()
            .map(|name| ((*name).to_owned(), json!("-")))
            .collect()
    };
    let oauth = ["authorize_url", "refresh_url", "client_id", "client_secret"];
    assert_eq!(kind_of(&json!({})), Ok("OAuth2Service"));
    assert_eq!(kind_of(&without(&oauth)), Ok("LoginService"));
    assert_eq!(kind_of(&json!({"client_secret": ""})), Ok("LoginService"));
    assert_eq!(
        kind_of(&json!({"authorize_url": "z.example/a"})),
        Ok("LoginService")
    );
    let guide = [
        "fileTransferMode",
        "fileTransferArchive",
        "description",
        "icon",
        "implements",
    ];
    assert_eq!(kind_of(&without(&guide)), Ok("OAuth2Service"));
    let storage = TokenStorage::start();
    let data = json!({
        "servicename": "port-doris", "implements": ["metadata"],
        "credentials": {"userId": false, "password": false}, "loginMode": 0,
    });
    assert_eq!(
        post(&storage, &json!({"type": "Service", "data": data})).status,
        200
    );
    let service = storage.service("port-doris").expect("the service");
    assert_eq!(service.kind, "LoginService");
    assert_eq!(service.data["credentials"]["password"], false);
    assert_eq!(
        post(&storage, &json!({"servicename": "port-base"})).status,
        200
    );
    let base = storage.service("port-base").expect("the service");
    assert_eq!(base.data["implements"], json!(["metadata"]));
    assert_eq!(
        base.data["credentials"],
        json!({"userId": true, "password": true})
    );
    let bare = json!({"type": "LoginService", "data": {"servicename": "port-x"}});
    assert_eq!(post(&storage, &bare).status, 500);
}

#[test]
fn invalid_content_is_an_internal_error() {
    for change in [
        json!({"servicename": "-"}),
        json!({"servicename": 5}),
        json!({"implements": []}),
        json!({"implements": ["files"]}),
        json!({"implements": "metadata"}),
        json!({"fileTransferMode": 3}),
        json!({"fileTransferMode": "active"}),
        json!({"fileTransferArchive": ""}),
        json!({"fileTransferArchive": "zip"}),
        json!({"icon": "https://z.example/icon.png"}),
        json!({"icon": "data:image/png;base64,=="}),
    ] {
        assert_eq!(kind_of(&change), Err(500), "{change}");
    }
    for change in [
        json!({"fileTransferMode": 2}),
        json!({"icon": null}),
        json!({"description": "Z"}),
        json!({"implements": ["fileStorage", "metadata"]}),
    ] {
        assert_eq!(kind_of(&change), Ok("OAuth2Service"), "{change}");
    }
}

#[test]
fn what_is_not_a_json_object_is_a_problem() {
    let storage = TokenStorage::start();
    let send = |media_type: &str, body: &str| {
        let request = Request::new("POST", "/service").header("content-type", media_type);
        let reply = request.body(body).send(&storage.origin());
        assert_eq!(
            reply.header("content-type"),
            Some("application/problem+json")
        );
        assert_eq!(storage.take_violations().len(), 1, "{body}");
        reply.status
    };
    assert_eq!(send("application/json", "[]"), 400);
    assert_eq!(send("application/json", "{"), 400);
    assert_eq!(send("text/plain", "{}"), 415);
}

#[test]
fn what_a_connector_must_not_send_is_a_violation() {
    for (name, value, rule) in [
        (
            "client_secret",
            json!(""),
            "an OAuth service with an empty secret",
        ),
        ("credentials", json!({}), "both OAuth and credentials"),
        (
            "infoUrl",
            json!("https://z.example"),
            "`infoUrl` is not percent-encoded",
        ),
        ("colour", json!("red"), "undocumented field `colour`"),
    ] {
        let storage = TokenStorage::start();
        let mut body = full();
        body[name] = value;
        assert_eq!(post(&storage, &body).status, 200, "{name}");
        let violations = storage.take_violations();
        assert_eq!(violations.len(), 1, "{name}");
        assert_eq!(violations[0].rule, rule);
    }
}

#[test]
fn undocumented_requests_are_violations() {
    let storage = TokenStorage::start();
    let origin = storage.origin();
    for (method, path) in [
        ("PUT", "/service"),
        ("POST", "//service"),
        ("POST", "/service/"),
        ("GET", "/user/alice/token"),
    ] {
        assert_eq!(
            Request::new(method, path).send(&origin).status,
            404,
            "{path}"
        );
        assert_eq!(storage.take_violations().len(), 1, "{path}");
    }
    let bearer = Request::new("GET", "/service").bearer("x").send(&origin);
    assert_eq!(bearer.status, 400);
    let rule = &storage.take_violations()[0].rule;
    assert_eq!(rule, "undocumented header `authorization`");
    Request::new("GET", "/service?x=1").send(&origin);
    assert_eq!(storage.take_violations()[0].rule, "undocumented parameter");
}

#[test]
fn odd_answers_come_as_they_are_named() {
    for (name, fault) in TokenStorage::odd_answers() {
        let storage = TokenStorage::start();
        if matches!(fault, Fault::Hang) {
            continue;
        }
        let had_effect = matches!(fault, Fault::CloseAfter | Fault::CloseInAnswer);
        storage.fail(Operation::Register, 1, fault);
        let request = Request::new("POST", "/service").json(&full());
        let reply = request.try_send(&storage.origin());
        let clean = reply.is_ok_and(|reply| {
            let json = serde_json::from_slice::<Value>(&reply.body).unwrap_or_default();
            reply.status == 200 && json.get("success").is_some_and(Value::is_boolean)
        });
        assert!(!clean, "{name}");
        assert_eq!(storage.services().len(), usize::from(had_effect), "{name}");
        let again = post(&storage, &full()).json();
        assert_eq!(again["success"], !had_effect, "{name}");
    }
}
