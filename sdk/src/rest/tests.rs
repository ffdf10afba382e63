use std::time::Duration;

use serde_json::Value as Json;

use super::*;
use crate::{
    Error, database,
    lifecycle::{Description, Plugin},
    native::Environment,
    sql::{Dialect, Rows, Value},
};

/// Says what it was asked.
#[derive(Debug)]
struct Echo;

impl Plugin for Echo {
    fn new() -> Result<Self> {
        Ok(Self)
    }

    fn describe() -> Description {
        Description::new("echo", "1.0.0")
    }
}

impl Rest for Echo {
    fn routes() -> Vec<Route<Self>> {
        vec![
            Route::get("index", "/", |_, _| Ok(Response::json("[]"))),
            Route::get("one", "/items/<id>", |_, request| {
                Response::ok(&request.argument("id")?)
            }),
            Route::get("newest", "/items/newest", |_, _| Ok(Response::json("0"))),
            Route::get("deep", "/items/<id>/part/<part>", |_, request| {
                Response::ok(&[request.argument("id")?, request.argument("part")?])
            }),
            Route::new("add", "/items/<id>", &["PUT", "DELETE"], |_, request| {
                Ok(Response::bytes("text/plain", request.body()))
            }),
            Route::get("page", "/page", |_, request| {
                let limit = request.parse_query::<u32>("limit")?.unwrap_or(10);
                Response::ok(&(limit, request.query("q"), request.header("x-a")))
            }),
            Route::get("number", "/number/<n>", |_, request| {
                Response::ok(&request.parse_argument::<i64>("n")?)
            }),
            Route::get("rows", "/rows", |_, _| {
                Response::ok(&database::query("SELECT %(a)s", &[("a", 1.into())])?)
            }),
            Route::get("gone", "/gone", |_, _| Ok(Response::no_content())),
            Route::get("busy", "/busy", |_, _| {
                let wait = Duration::from_millis(1500);
                Err(Error::unavailable("later")
                    .about("the database")
                    .after(wait))
            }),
            Route::get("wrong", "/wrong", |_, request| {
                Response::ok(&request.argument("none")?)
            }),
        ]
    }
}

fn ask(method: &str, path: &str) -> Response {
    answer(Ok(&Echo), Request::new(method, path))
}

#[track_caller]
fn check(path: &str, expected: &str) {
    let response = ask("GET", path);
    assert_eq!(response.status(), 200, "{path}: {response:?}");
    let content_type = ("content-type".to_owned(), "application/json".to_owned());
    assert_eq!(response.headers(), [content_type]);
    assert_eq!(String::from_utf8_lossy(response.body()), expected, "{path}");
}

#[track_caller]
fn fails(response: &Response, status: u16, error: &str, details: &str) {
    assert_eq!(response.status(), status, "{response:?}");
    let body: Json = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(body["error"], error);
    assert_eq!(body["details"], details);
    let reference = uuid::Uuid::parse_str(body["reference"].as_str().unwrap()).unwrap();
    assert_eq!(reference.get_version_num(), 4);
    assert_eq!(body.as_object().unwrap().len(), 3);
}

#[test]
fn paths_lead_to_their_routes() {
    check("/", "[]");
    check("", "[]");
    check("/items/7", "\"7\"");
    check("/items/7/", "\"7\"");
    check("/items/newest", "0");
    check("/items/a%2Fb%20%C3%A9+c", "\"a/b é+c\"");
    check("/items/1/part/2", "[\"1\",\"2\"]");
    check("/%69tems/newest", "0");
}

#[test]
fn queries_and_headers_are_read() {
    check("/page", "[10,null,null]");
    check("/page?limit=3&q=a+b%26&q=c", "[3,\"a b&\",null]");
    let request = Request::new("GET", "/page").with_headers([("X-A".to_owned(), "1".to_owned())]);
    assert_eq!(answer(Ok(&Echo), request).body(), b"[10,null,\"1\"]");
}

#[test]
fn what_is_not_there() {
    for path in [
        "/items",
        "/items/",
        "/items//part/2",
        "/items/1/part",
        "/x",
        "///",
    ] {
        let details = format!("there is nothing at {path}");
        fails(&ask("GET", path), 404, "Not found", &details);
    }
}

#[test]
fn what_a_client_gets_wrong() {
    let response = ask("GET", "/number/x");
    fails(
        &response,
        400,
        "Invalid request",
        "a parameter is wrong: invalid digit found in string: n",
    );
    let response = ask("GET", "/page?limit=-1");
    assert_eq!(response.status(), 400);
    fails(
        &ask("GET", "/items/%FF"),
        400,
        "Invalid request",
        "the path is not UTF-8",
    );
}

#[test]
fn methods_are_those_of_the_path() {
    let allow = |response: &Response| {
        let found = response.headers().iter().find(|(name, _)| name == "allow");
        found.map(|(_, value)| value.clone())
    };
    let put = Request::new("PUT", "/items/1").with_body("text");
    assert_eq!(answer(Ok(&Echo), put).body(), b"text");
    let refused = ask("POST", "/items/1");
    fails(
        &refused,
        405,
        "Method not allowed",
        "/items/1 is not for POST",
    );
    assert_eq!(
        allow(&refused).as_deref(),
        Some("DELETE, GET, HEAD, OPTIONS, PUT")
    );
    // It is a resource of its own, however like an item it looks.
    assert_eq!(
        allow(&ask("PUT", "/items/newest")).as_deref(),
        Some("GET, HEAD, OPTIONS")
    );
    let options = ask("OPTIONS", "/items/1");
    assert_eq!((options.status(), options.body().len()), (204, 0));
    assert_eq!(allow(&options), allow(&refused));
    let head = ask("HEAD", "/items/1");
    assert_eq!((head.status(), head.body().len()), (200, 0));
    assert_eq!(ask("HEAD", "/items").status(), 404);
}

#[test]
fn errors_become_responses() {
    let busy = ask("GET", "/busy");
    fails(&busy, 503, "Unavailable", "later: the database");
    assert!(
        busy.headers()
            .contains(&("retry-after".to_owned(), "2".to_owned()))
    );
    fails(
        &ask("GET", "/wrong"),
        500,
        "Server failure",
        "the route has no such argument: none",
    );
    let response = answer::<Echo>(Err(Error::unsupported("no")), Request::new("GET", "/"));
    fails(&response, 501, "Not implemented", "no");
    fails(
        &ask("GET", "/rows"),
        403,
        "Denied",
        "no database is granted",
    );
    let gone = ask("GET", "/gone");
    assert_eq!(
        (gone.status(), gone.body(), gone.headers()),
        (204, &[][..], &[][..])
    );
}

#[test]
fn rows_are_json() {
    let environment = Environment::builder()
        .database(Dialect::Sqlite, |_, _| {
            Rows::new(["a"], [[Value::Integer(1)]]).pack().map(Some)
        })
        .build();
    environment.enter(|| check("/rows", "[{\"a\":1}]"));
}
