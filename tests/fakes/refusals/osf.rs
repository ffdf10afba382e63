//! OSF: the documented way first, then the refusals.

use serde_json::{Value, json};
use tenon_fakes::Osf;

use crate::raw::{Reply, Request};

mod api;
mod waterbutler;

const TOKEN: &str = "TOK-alice";
const OTHER: &str = "TOK-bob";

fn fake() -> Osf {
    let osf = Osf::start();
    osf.add_user(TOKEN);
    osf.add_user(OTHER);
    osf
}

fn request(method: &str, path: &str) -> Request {
    Request::new(method, path).bearer(TOKEN)
}

trait Document {
    fn document(self, body: &Value) -> Request;
}

impl Document for Request {
    fn document(self, body: &Value) -> Request {
        self.header("content-type", "application/vnd.api+json")
            .body(body.to_string())
    }
}

fn node(attributes: &Value) -> Value {
    json!({"data": {"type": "nodes", "attributes": attributes}})
}

fn create(osf: &Osf, title: &str) -> String {
    let attributes = json!({"title": title, "category": "project"});
    let request = request("POST", "/v2/nodes/").document(&node(&attributes));
    let reply = request.send(&osf.origin());
    assert_eq!(reply.status, 201);
    reply.json()["data"]["id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

fn update(osf: &Osf, id: &str, attributes: &Value) -> Reply {
    let mut body = node(attributes);
    body["data"]["id"] = json!(id);
    let request = request("PATCH", &format!("/v2/nodes/{id}/")).document(&body);
    request.send(&osf.origin())
}

fn mint(osf: &Osf, id: &str) -> Reply {
    let body = json!({"data": {"type": "identifiers", "attributes": {"category": "doi"}}});
    let request = request("POST", &format!("/v2/nodes/{id}/identifiers/")).document(&body);
    request.send(&osf.origin())
}

fn storage(id: &str) -> String {
    format!("/v1/resources/{id}/providers/osfstorage/")
}

fn rules(osf: &Osf) -> Vec<String> {
    let violations = osf.take_violations();
    violations
        .into_iter()
        .map(|violation| violation.rule)
        .collect()
}

fn detail(reply: &Reply) -> String {
    let json = reply.json();
    json["errors"][0]["detail"]
        .as_str()
        .expect("a detail")
        .to_owned()
}

#[test]
fn the_documented_way_leads_to_a_doi() {
    let osf = fake();
    let origin = osf.origin();
    let id = create(&osf, "T");
    let updated = update(&osf, &id, &json!({"description": "D", "tags": ["a"]}));
    assert_eq!(updated.status, 200);
    assert_eq!(
        updated.header("content-type"),
        Some("application/vnd.api+json")
    );
    assert_eq!(updated.json()["data"]["attributes"]["title"], "T");

    let providers = request("GET", &format!("/v2/nodes/{id}/files/"))
        .send(&origin)
        .json();
    let link = providers["data"][0]["links"]["new_folder"]
        .as_str()
        .expect("a link");
    let path = link.strip_prefix(&origin).expect("a link to the fake");
    let folder = request("PUT", &format!("{path}&name=sub%20dir")).send(&origin);
    assert_eq!(folder.status, 201);
    let folder = folder.json()["data"].clone();
    assert_eq!(folder["attributes"]["materialized"], "/sub dir/");
    let link = folder["links"]["upload"].as_str().expect("a link");
    let path = link.strip_prefix(&origin).expect("a link to the fake");
    let file = request("PUT", &format!("{path}?kind=file&name=a.txt"))
        .body("abc")
        .send(&origin);
    assert_eq!(file.status, 201);
    let file = file.json()["data"].clone();
    assert_eq!(file["attributes"]["size"], 3);
    let hash = &file["attributes"]["extra"]["hashes"]["md5"];
    assert_eq!(hash, "900150983cd24fb0d6963f7d28e17f72");
    let link = file["links"]["download"].as_str().expect("a link");
    let path = link.strip_prefix(&origin).expect("a link to the fake");
    assert_eq!(request("GET", path).send(&origin).body, b"abc");

    assert_eq!(update(&osf, &id, &json!({"public": true})).status, 200);
    let minted = mint(&osf, &id);
    assert_eq!(minted.status, 201);
    let doi = minted.json()["data"]["attributes"]["value"].clone();
    assert_eq!(doi, format!("10.17605/OSF.IO/{}", id.to_uppercase()));
    let path = format!("/v2/nodes/{id}/identifiers/?filter[category]=doi");
    let listed = request("GET", &path).send(&origin).json();
    assert_eq!(listed["data"][0]["attributes"]["value"], doi);
    let node = osf.node(&id);
    assert!(node.is_public());
    let entry = node.entry("/sub dir/a.txt").expect("the file");
    assert_eq!(entry.content.as_deref(), Some(&b"abc"[..]));
}

#[test]
fn lists_have_pages_and_links_between_them() {
    let osf = fake();
    osf.page_by(2);
    let ids: Vec<_> = ["a", "b", "c"]
        .iter()
        .map(|title| create(&osf, title))
        .collect();
    let origin = osf.origin();
    let foreign = Request::new("POST", "/v2/nodes/").bearer(OTHER);
    let foreign = foreign.document(&node(
        &json!({"title": "x", "category": "data", "public": true}),
    ));
    assert_eq!(foreign.send(&origin).status, 201);
    let mut path = "/v2/users/me/nodes/".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = request("GET", &path).send(&origin).json();
        let data = page["data"].as_array().expect("a list");
        seen.extend(
            data.iter()
                .map(|node| node["id"].as_str().expect("an id").to_owned()),
        );
        assert_eq!(page["links"]["meta"]["total"], 3);
        match page["links"]["next"].as_str() {
            Some(next) => path = next.strip_prefix(&origin).expect("a link").to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, [&*ids[2], &*ids[1], &*ids[0]]);
    let count = |path: &str| {
        let page = request("GET", path).send(&origin).json();
        page["links"]["meta"]["total"].clone()
    };
    assert_eq!(count("/v2/nodes/"), 4);
    assert_eq!(count("/v2/nodes/?filter[public]=true"), 1);
    assert_eq!(count("/v2/nodes/?filter%5Btitle%5D=B&page%5Bsize%5D=50"), 1);
    let beyond = request("GET", "/v2/nodes/?page=3").send(&origin);
    assert_eq!(
        (beyond.status, detail(&beyond)),
        (404, "Invalid page.".to_owned())
    );
}
