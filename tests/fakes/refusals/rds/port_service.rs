//! The look-up of tokens.

use serde_json::Value;
use tenon_fakes::PortService;

use crate::raw::{Reply, Request};

fn lookup(service: &PortService, path: &str) -> Reply {
    let base = service.base();
    let path = format!("{}{path}", base.trim_start_matches(&service.origin()));
    Request::new("GET", &path).send(&service.origin())
}

#[test]
fn a_token_is_shown_without_its_other_secrets() {
    let service = PortService::start_under("/port-service");
    service.add_oauth_token("alice@c.example", "port-zenodo", "alice", "TOK");
    let reply = lookup(&service, "/user/alice%40c.example/service/port-zenodo");
    assert_eq!(reply.status, 200);
    let token = reply.json();
    assert_eq!(token["type"], "OAuth2Token");
    let data = &token["data"];
    assert_eq!(data["access_token"], "TOK");
    assert_eq!(data["user"]["data"]["username"], "alice");
    assert_eq!(
        (
            &data["refresh_token"],
            &data["service"]["data"]["client_secret"]
        ),
        (&Value::from(""), &Value::from(""))
    );
    let raw = lookup(&service, "/user/alice@c.example/service/port-zenodo");
    assert_eq!(raw.json(), token);
}

#[test]
fn a_login_is_shown_with_its_password() {
    let service = PortService::start();
    service.add_login("a/b", "port-owncloud-x", "bob", "PW");
    let token = lookup(&service, "/user/a%2Fb/service/port-owncloud-x").json();
    assert_eq!(token["type"], "LoginToken");
    assert_eq!(token["data"]["access_token"], "PW");
    assert_eq!(token["data"]["service"]["type"], "LoginService");
}

#[test]
fn a_missing_token_has_any_status_above_200() {
    let service = PortService::start();
    service.add_oauth_token("alice", "port-zenodo", "alice", "TOK");
    let path = "/user/alice/service/port-owncloud";
    assert_eq!(lookup(&service, path).status, 404);
    assert_eq!(
        lookup(&service, "/user/bob/service/port-zenodo").status,
        404
    );
    for status in [204, 302, 500] {
        service.answer_missing_with(status);
        assert_eq!(lookup(&service, path).status, status);
    }
    service.remove_token("alice", "port-zenodo");
    assert_eq!(
        lookup(&service, "/user/alice/service/port-zenodo").status,
        500
    );
}

#[test]
fn undocumented_requests_are_violations() {
    let service = PortService::start_under("/port-service");
    service.add_oauth_token("alice", "port-zenodo", "alice", "TOK");
    let origin = service.origin();
    let good = "/port-service/user/alice/service/port-zenodo";
    for request in [
        Request::new("GET", "/user/alice/service/port-zenodo"),
        Request::new("GET", "/port-service/user//service/port-zenodo"),
        Request::new("GET", "/port-service/user/alice/service"),
        Request::new("POST", good),
        Request::new("GET", good).bearer("x"),
        Request::new("GET", good).body("{}"),
        Request::new("GET", &format!("{good}?x=1")),
        Request::new("GET", "/port-service/user/TOK/service/port-zenodo"),
        Request::new("GET", "/port-service/user/%zz/service/port-zenodo"),
    ] {
        request.send(&origin);
        assert_eq!(service.take_violations().len(), 1, "{request:?}");
    }
}
