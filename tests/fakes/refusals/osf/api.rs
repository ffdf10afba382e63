//! Who may ask the API for what, and in which form.

use tenon_fakes::osf::Operation;
use tenon_fakes::{Fault, Nth};

use super::*;

#[test]
fn only_known_bearers_are_let_in() {
    let osf = fake();
    let origin = osf.origin();
    let ask = || Request::new("GET", "/v2/nodes/");
    assert_eq!(ask().send(&origin).status, 401);
    assert_eq!(ask().bearer("nobody").send(&origin).status, 401);
    osf.remove_user(OTHER);
    assert_eq!(ask().bearer(OTHER).send(&origin).status, 401);
    osf.assert_clean();
    let basic = ask().header("authorization", "Basic YTpi").send(&origin);
    assert_eq!((basic.status, rules(&osf).len()), (401, 1));
    let query = ask().header("user-agent", TOKEN).send(&origin);
    assert_eq!((query.status, rules(&osf).len()), (400, 1));
}

#[test]
fn the_root_is_for_everyone() {
    let osf = fake();
    let origin = osf.origin();
    let root = Request::new("GET", "/v2/").send(&origin);
    assert_eq!(
        (root.status, root.json()["meta"]["current_user"].is_null()),
        (200, true)
    );
    let known = request("GET", "/v2/").send(&origin);
    assert_eq!(
        (
            known.status,
            known.json()["meta"]["current_user"].is_object()
        ),
        (200, true)
    );
    assert_eq!(
        Request::new("GET", "/v2/")
            .bearer("nobody")
            .send(&origin)
            .status,
        401
    );
}

#[test]
fn another_users_node_is_forbidden_or_read_only() {
    let osf = fake();
    let id = create(&osf, "T");
    let origin = osf.origin();
    let path = format!("/v2/nodes/{id}/");
    let ask = |method, path: &str| Request::new(method, path).bearer(OTHER);
    let read = ask("GET", &path).send(&origin);
    assert_eq!(
        (read.status, detail(&read)),
        (
            403,
            "You do not have permission to perform this action.".into()
        )
    );
    let file = format!("{}?kind=file&name=a", storage(&id));
    assert_eq!(ask("PUT", &file).body("x").send(&origin).status, 403);
    update(&osf, &id, &json!({"public": true}));
    assert_eq!(ask("GET", &path).send(&origin).status, 200);
    assert_eq!(ask("DELETE", &path).send(&origin).status, 403);
    assert_eq!(ask("PUT", &file).body("x").send(&origin).status, 403);
    assert!(osf.node(&id).entries.is_empty());
}

#[test]
fn what_is_not_there_is_not_found_and_what_was_is_gone() {
    let osf = fake();
    let origin = osf.origin();
    for path in [
        "/v2/nodes/zzzzz/",
        "/v2/nodes/zzzzz/files/osfstorage/",
        "/v2/files/1/",
    ] {
        assert_eq!(request("GET", path).send(&origin).status, 404, "{path}");
    }
    let id = create(&osf, "T");
    let path = format!("/v2/nodes/{id}/");
    let folder = format!("{path}files/osfstorage/1/");
    assert_eq!(request("GET", &folder).send(&origin).status, 404);
    let deleted = request("DELETE", &path).send(&origin);
    assert_eq!((deleted.status, deleted.body.len()), (204, 0));
    assert_eq!(request("GET", &path).send(&origin).status, 410);
    assert_eq!(request("DELETE", &path).send(&origin).status, 410);
    assert!(osf.node(&id).deleted);
}

#[test]
fn wrong_values_are_refused_with_a_pointer() {
    let osf = fake();
    for (attributes, field) in [
        (json!({"category": "project"}), "title"),
        (json!({"title": "T"}), "category"),
        (json!({"title": " ", "category": "project"}), "title"),
        (
            json!({"title": "t".repeat(513), "category": "project"}),
            "title",
        ),
        (json!({"title": ["T"], "category": "project"}), "title"),
        (json!({"title": "T", "category": "dataset"}), "category"),
        (
            json!({"title": "T", "category": "data", "public": "true"}),
            "public",
        ),
        (
            json!({"title": "T", "category": "data", "tags": "a"}),
            "tags",
        ),
        (
            json!({"title": "T", "category": "data", "description": null}),
            "description",
        ),
    ] {
        let reply = request("POST", "/v2/nodes/")
            .document(&node(&attributes))
            .send(&osf.origin());
        assert_eq!(reply.status, 400, "{attributes}");
        let pointer = reply.json()["errors"][0]["source"]["pointer"].clone();
        assert_eq!(pointer, format!("/data/attributes/{field}"));
    }
    assert!(osf.nodes().is_empty());
    let id = create(&osf, "T");
    assert_eq!(update(&osf, &id, &json!({"title": ""})).status, 400);
    assert_eq!(osf.node(&id).attributes["title"], "T");
}

#[test]
fn a_wrong_document_is_a_violation() {
    let osf = fake();
    let id = create(&osf, "T");
    let path = format!("/v2/nodes/{id}/");
    let attributes = json!({"title": "U"});
    for (body, status) in [
        (json!([]), 400),
        (json!({"type": "nodes", "attributes": attributes}), 400),
        (json!({"data": {"type": "nodes", "id": id}}), 400),
        (json!({"data": {"id": id, "attributes": attributes}}), 400),
        (
            json!({"data": {"type": "node", "id": id, "attributes": attributes}}),
            409,
        ),
        (
            json!({"data": {"type": "nodes", "attributes": attributes}}),
            400,
        ),
        (
            json!({"data": {"type": "nodes", "id": "other", "attributes": attributes}}),
            409,
        ),
        (
            json!({"data": {"type": "nodes", "id": id, "attributes": {"osfcategory": "x"}}}),
            400,
        ),
        (
            json!({"data": {"type": "nodes", "id": id, "attributes": {}, "meta": {}}}),
            400,
        ),
    ] {
        let reply = request("PATCH", &path).document(&body).send(&osf.origin());
        assert_eq!((reply.status, rules(&osf).len()), (status, 1), "{body}");
    }
    let put = json!({"data": {"type": "nodes", "id": id, "attributes": attributes}});
    let put = request("PUT", &path).document(&put).send(&osf.origin());
    assert_eq!(put.status, 400, "PUT wants all that is required");
    assert_eq!(osf.node(&id).attributes["title"], "T");
}

#[test]
fn json_is_sent_with_its_length_and_type() {
    let osf = fake();
    let body = node(&json!({"title": "T", "category": "data"}));
    let origin = osf.origin();
    let chunked = request("POST", "/v2/nodes/").document(&body).chunked();
    assert_eq!(chunked.send(&origin).status, 400);
    assert_eq!(rules(&osf), ["a chunked JSON body"]);
    let text = request("POST", "/v2/nodes/").header("content-type", "text/plain");
    assert_eq!(text.body(body.to_string()).send(&origin).status, 415);
    assert_eq!(rules(&osf), ["a JSON body of another media type"]);
    let broken = request("POST", "/v2/nodes/").header("content-type", "application/json");
    assert_eq!(broken.body("{").send(&origin).status, 400);
    assert_eq!(rules(&osf).len(), 1);
    assert!(osf.nodes().is_empty());
    assert_eq!(
        request("POST", "/v2/nodes/")
            .json(&body)
            .send(&origin)
            .status,
        201
    );
}

#[test]
fn a_path_without_its_slash_is_a_redirect() {
    let osf = fake();
    let reply = request("GET", "/v2/users/me/nodes").send(&osf.origin());
    let location = format!("{}/v2/users/me/nodes/", osf.origin());
    assert_eq!(
        (reply.status, reply.header("location")),
        (301, Some(location.as_str()))
    );
}

#[test]
fn undocumented_requests_are_violations() {
    let osf = fake();
    let id = create(&osf, "T");
    let origin = osf.origin();
    for (method, path) in [
        ("GET", "/".to_owned()),
        ("POST", "/v2/".into()),
        ("GET", "/v2/nodes//".into()),
        ("POST", format!("/v2/nodes/{id}/")),
        ("DELETE", "/v2/nodes/".into()),
        ("GET", format!("/v2/nodes/{id}/contributors/")),
        ("PUT", format!("{}?kind=link&name=a", storage(&id))),
        ("POST", storage(&id)),
        ("GET", format!("{}?zip=", storage(&id))),
        (
            "PUT",
            format!("/v1/resources/{id}/providers/github/?kind=folder&name=a"),
        ),
    ] {
        assert_eq!(request(method, &path).send(&origin).status, 404, "{path}");
        assert_eq!(rules(&osf), ["undocumented method or path"], "{path}");
    }
    for path in ["/v2/nodes/?filter[owner]=me", "/v2/nodes/?embed=files"] {
        assert_eq!(request("GET", path).send(&origin).status, 400, "{path}");
        assert_eq!(rules(&osf).len(), 1, "{path}");
    }
}

#[test]
fn a_doi_is_for_a_public_node_and_once() {
    let osf = fake();
    let id = create(&osf, "T");
    assert_eq!(mint(&osf, &id).status, 403);
    assert_eq!(rules(&osf), ["a DOI for a private node"]);
    update(&osf, &id, &json!({"public": true}));
    assert_eq!(mint(&osf, &id).status, 201);
    let again = mint(&osf, &id);
    assert_eq!(
        (again.status, detail(&again)),
        (400, "A DOI already exists for this resource.".into())
    );
    assert_eq!(rules(&osf), ["minted a second time"]);
    let ark = json!({"data": {"type": "identifiers", "attributes": {"category": "ark"}}});
    let ark = request("POST", &format!("/v2/nodes/{id}/identifiers/")).document(&ark);
    assert_eq!(ark.send(&osf.origin()).status, 400);
    assert_eq!(rules(&osf), ["an identifier other than a DOI"]);
}

#[test]
fn a_creation_is_not_repeated_for_one_request() {
    let osf = fake();
    osf.fail(Operation::CreateNode, Nth::Only(1), Fault::CloseAfter);
    let body = node(&json!({"title": "T", "category": "data"}));
    let create = request("POST", "/v2/nodes/")
        .document(&body)
        .header("x-request-id", "r");
    assert!(create.try_send(&osf.origin()).is_err());
    assert_eq!(osf.nodes().len(), 1);
    assert_eq!(create.send(&osf.origin()).status, 400);
    assert_eq!(rules(&osf), ["a creating call repeated for one request"]);
}

#[test]
fn a_token_in_a_document_is_a_violation() {
    let osf = fake();
    let id = create(&osf, "T");
    update(&osf, &id, &json!({"description": TOKEN}));
    assert_eq!(rules(&osf), ["a token in the body"]);
}

#[test]
fn links_lead_where_they_are_told() {
    let osf = fake();
    let id = create(&osf, "T");
    osf.link_to("http://elsewhere.example");
    let path = format!("/v2/nodes/{id}/files/");
    let providers = request("GET", &path).send(&osf.origin()).json();
    let link = providers["data"][0]["links"]["upload"]
        .as_str()
        .expect("a link");
    assert!(link.starts_with("http://elsewhere.example/v1/"), "{link}");
}
