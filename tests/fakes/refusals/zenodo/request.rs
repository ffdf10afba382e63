//! Who may ask, with which headers, for what.

use super::*;

#[test]
fn without_a_token_nobody_is_let_in() {
    let zenodo = fake();
    let reply = Request::new("GET", DEPOSITIONS).send(&zenodo.origin());
    assert_eq!(reply.status, 401);
    assert_eq!(reply.json()["status"], 401);
}

#[test]
fn an_unknown_or_withdrawn_token_is_refused() {
    let zenodo = fake();
    let unknown = Request::new("GET", DEPOSITIONS).bearer("nobody");
    assert_eq!(unknown.send(&zenodo.origin()).status, 401);
    zenodo.remove_user(TOKEN);
    assert_eq!(
        request("GET", DEPOSITIONS).send(&zenodo.origin()).status,
        401
    );
}

#[test]
fn another_users_deposit_is_forbidden() {
    let zenodo = fake();
    let (deposit, bucket) = paths(&zenodo);
    let origin = zenodo.origin();
    let ask = |method, path: &str| Request::new(method, path).bearer(OTHER);
    let publish = format!("{deposit}/actions/publish");
    let files = format!("{deposit}/files");
    for (method, path) in [
        ("GET", &deposit),
        ("DELETE", &deposit),
        ("GET", &files),
        ("POST", &publish),
        ("GET", &bucket),
    ] {
        assert_eq!(
            ask(method, path).send(&origin).status,
            403,
            "{method} {path}"
        );
    }
    let object = ask("PUT", &format!("{bucket}/a")).body("x");
    assert_eq!(object.send(&origin).status, 403);
    let update = ask("PUT", &deposit).json(&good());
    assert_eq!(update.send(&origin).status, 403);
    assert_eq!(zenodo.deposits().len(), 1);
}

#[test]
fn publishing_needs_its_scope() {
    let zenodo = fake();
    zenodo.add_user_who_may_not_publish("TOK-carol");
    let ask = |method, path: &str| Request::new(method, path).bearer("TOK-carol");
    let origin = zenodo.origin();
    let made = ask("POST", DEPOSITIONS).json(&good()).send(&origin);
    assert_eq!(made.status, 201);
    let path = format!("{DEPOSITIONS}/{}/actions/publish", made.json()["id"]);
    assert_eq!(ask("POST", &path).send(&origin).status, 403);
}

#[test]
fn another_scheme_is_a_violation() {
    let zenodo = fake();
    let basic = Request::new("GET", DEPOSITIONS).header("authorization", "Basic YTpi");
    assert_eq!(basic.send(&zenodo.origin()).status, 401);
    assert_eq!(rules(&zenodo), ["an authorization other than `Bearer`"]);
}

#[test]
fn a_token_anywhere_else_is_a_violation() {
    let zenodo = fake();
    let places = [
        (
            request("GET", &format!("{DEPOSITIONS}?q={TOKEN}")),
            "the query",
        ),
        (
            Request::new("GET", &format!("{DEPOSITIONS}?access_token={TOKEN}")),
            "the query",
        ),
        (request("GET", &format!("{DEPOSITIONS}/{TOKEN}")), ""),
        (
            request("GET", DEPOSITIONS).header("user-agent", TOKEN),
            "a header other",
        ),
        (request("GET", &format!("/api/files/{TOKEN}")), "the path"),
    ];
    for (request, place) in places {
        let reply = request.send(&zenodo.origin());
        assert!([400, 404].contains(&reply.status), "{place}");
        let rules = rules(&zenodo);
        assert!(
            rules.len() == 1 && rules[0].contains(place),
            "{place}: {rules:?}"
        );
    }
    let mut metadata = good();
    metadata["metadata"]["notes"] = json!(format!("by {TOKEN}"));
    let body = request("POST", DEPOSITIONS).json(&metadata);
    body.send(&zenodo.origin());
    assert_eq!(rules(&zenodo), ["a token in the body"]);
}

#[test]
fn an_undocumented_header_is_a_violation() {
    let zenodo = fake();
    for header in ["x-forwarded-for", "cookie", "expect", "origin", "if-match"] {
        let reply = request("GET", DEPOSITIONS)
            .header(header, "x")
            .send(&zenodo.origin());
        assert_eq!(reply.status, 400, "{header}");
        assert_eq!(rules(&zenodo), [format!("undocumented header `{header}`")]);
    }
    let all = request("GET", DEPOSITIONS)
        .header("user-agent", "x")
        .header("accept", "application/json")
        .header("accept-encoding", "identity")
        .header("traceparent", "x")
        .header("tracestate", "x")
        .header("x-request-id", "x");
    assert_eq!(all.send(&zenodo.origin()).status, 200);
}

#[test]
fn a_header_must_not_come_twice() {
    let zenodo = fake();
    let twice = request("GET", DEPOSITIONS).bearer(OTHER);
    assert_eq!(twice.send(&zenodo.origin()).status, 400);
    assert_eq!(rules(&zenodo), ["header `authorization` more than once"]);
}

#[test]
fn a_client_must_accept_json() {
    let zenodo = fake();
    let html = request("GET", DEPOSITIONS).header("accept", "text/html");
    assert_eq!(html.send(&zenodo.origin()).status, 400);
    assert_eq!(rules(&zenodo), ["`accept: text/html` excludes JSON"]);
}

#[test]
fn undocumented_methods_and_paths_are_violations() {
    let zenodo = fake();
    let (deposit, bucket) = paths(&zenodo);
    let wrong = [
        ("PATCH", deposit.clone()),
        ("PURGE", deposit.clone()),
        ("OPTIONS", DEPOSITIONS.into()),
        ("GET", format!("{DEPOSITIONS}/")),
        ("GET", format!("{DEPOSITIONS}/abc")),
        ("GET", format!("{DEPOSITIONS}/12%33")),
        ("GET", format!("{DEPOSITIONS}/-1")),
        ("POST", format!("{deposit}/actions/edit")),
        ("GET", format!("{deposit}/actions/publish")),
        ("PUT", bucket.clone()),
        ("PUT", format!("{bucket}/")),
        ("PUT", format!("{bucket}/a/b")),
        ("PUT", format!("{bucket}/a%2Fb")),
        ("PUT", format!("{bucket}/%2E%2E")),
        ("PUT", format!("{bucket}/%zz")),
        ("POST", format!("{bucket}/a")),
        ("GET", "/".into()),
        ("GET", "/api/records".into()),
    ];
    for (method, path) in wrong {
        let reply = request(method, &path).send(&zenodo.origin());
        assert_eq!(reply.status, 404, "{method} {path}");
        assert_eq!(
            rules(&zenodo),
            ["undocumented method or path"],
            "{method} {path}"
        );
    }
    assert_eq!(
        zenodo.calls().last().expect("a call").operation,
        "undocumented"
    );
}

#[test]
fn an_undocumented_parameter_is_a_violation() {
    let zenodo = fake();
    let (deposit, bucket) = paths(&zenodo);
    for path in [
        format!("{DEPOSITIONS}?from=1"),
        format!("{deposit}?page=1"),
        format!("{bucket}?uploads"),
    ] {
        assert_eq!(
            request("GET", &path).send(&zenodo.origin()).status,
            400,
            "{path}"
        );
        assert_eq!(rules(&zenodo).len(), 1, "{path}");
    }
    let broken = request("GET", &format!("{DEPOSITIONS}?page=%zz"));
    assert_eq!(broken.send(&zenodo.origin()).status, 400);
    assert_eq!(rules(&zenodo), ["a query that cannot be decoded"]);
}

#[test]
fn dropping_a_fake_with_a_violation_fails_the_test() {
    let zenodo = fake();
    request("PATCH", DEPOSITIONS).send(&zenodo.origin());
    let dropped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(zenodo)));
    let message = dropped.expect_err("a panic");
    let message = message.downcast_ref::<String>().expect("a message");
    assert!(
        message.contains("PATCH /api/deposit/depositions: undocumented"),
        "{message}"
    );
}
