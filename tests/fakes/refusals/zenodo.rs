//! Zenodo: the documented way first, then one test for each refusal.

use serde_json::{Value, json};
use tenon_fakes::Zenodo;

use crate::raw::{Reply, Request};

mod fault;
mod framing;
mod metadata;
mod order;
mod request;

const TOKEN: &str = "TOK-alice";
const OTHER: &str = "TOK-bob";

/// A fake with two users.
fn fake() -> Zenodo {
    let zenodo = Zenodo::start();
    zenodo.add_user(TOKEN);
    zenodo.add_user(OTHER);
    zenodo
}

fn request(method: &str, path: &str) -> Request {
    Request::new(method, path).bearer(TOKEN)
}

const DEPOSITIONS: &str = "/api/deposit/depositions";

fn create(zenodo: &Zenodo) -> Value {
    let reply = request("POST", DEPOSITIONS)
        .json(&json!({}))
        .send(&zenodo.origin());
    assert_eq!(reply.status, 201);
    reply.json()
}

/// The path of a new deposit, and of its bucket.
fn paths(zenodo: &Zenodo) -> (String, String) {
    let deposit = create(zenodo);
    let path = |name: &str| {
        let link = deposit["links"][name].as_str().expect("a link");
        let path = link.strip_prefix(&zenodo.origin());
        path.expect("a link to the fake").to_owned()
    };
    (path("self"), path("bucket"))
}

fn good() -> Value {
    json!({"metadata": {
        "title": "T", "description": "D", "upload_type": "dataset", "publication_date": "2024-01-02",
        "creators": [{"name": "Doe, J"}],
    }})
}

fn describe(zenodo: &Zenodo, path: &str) -> Reply {
    request("PUT", path).json(&good()).send(&zenodo.origin())
}

fn put(zenodo: &Zenodo, path: &str, content: &str) -> Reply {
    request("PUT", path).body(content).send(&zenodo.origin())
}

/// A deposit that is ready to be published.
fn ready(zenodo: &Zenodo) -> (String, String) {
    let (deposit, bucket) = paths(zenodo);
    assert_eq!(describe(zenodo, &deposit).status, 200);
    assert_eq!(put(zenodo, &format!("{bucket}/a"), "x").status, 201);
    (deposit, bucket)
}

fn publish(zenodo: &Zenodo, deposit: &str) -> Reply {
    request("POST", &format!("{deposit}/actions/publish")).send(&zenodo.origin())
}

fn form(name: &str, content: &str) -> Vec<u8> {
    format!(
        "--B\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n{name}\r\n--B\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n{content}\r\n--B--\r\n"
    )
    .into_bytes()
}

const FORM: &str = "multipart/form-data; boundary=B";

fn upload(zenodo: &Zenodo, deposit: &str, body: Vec<u8>) -> Reply {
    request("POST", &format!("{deposit}/files"))
        .header("content-type", FORM)
        .body(body)
        .send(&zenodo.origin())
}

/// The rules that were broken, which are then forgiven.
fn rules(zenodo: &Zenodo) -> Vec<String> {
    let violations = zenodo.take_violations();
    violations
        .into_iter()
        .map(|violation| violation.rule)
        .collect()
}

#[test]
fn the_documented_way_leads_to_a_publication() {
    let zenodo = fake();
    let made = create(&zenodo);
    assert_eq!(made["submitted"], false);
    assert_eq!(made["metadata"]["prereserve_doi"]["recid"], made["id"]);
    let path = format!("{DEPOSITIONS}/{}", made["id"]);
    let described = describe(&zenodo, &path);
    assert_eq!(described.status, 200);
    let described = described.json();
    assert_eq!(described["title"], "T");
    assert_eq!(described["metadata"]["access_right"], "open");
    assert_eq!(described["metadata"]["license"], "cc-zero");

    let id = made["id"].as_u64().expect("an id");
    let bucket = format!("/api/files/{}", zenodo.deposit(id).bucket);
    let stored = put(&zenodo, &format!("{bucket}/sub%252Fa%20b.txt"), "abc");
    assert_eq!(stored.status, 201);
    let stored = stored.json();
    assert_eq!(stored["key"], "sub%2Fa b.txt");
    assert_eq!(stored["size"], 3);
    assert_eq!(stored["checksum"], "md5:900150983cd24fb0d6963f7d28e17f72");
    let old = upload(&zenodo, &path, form("old file.txt", "abc"));
    assert_eq!(old.status, 201);
    assert_eq!(old.json()["filename"], "old_file.txt");
    assert_eq!(old.json()["checksum"], "900150983cd24fb0d6963f7d28e17f72");

    let published = publish(&zenodo, &path);
    assert_eq!(published.status, 202);
    assert_eq!(published.json()["doi"], format!("10.5072/zenodo.{id}"));
    let deposit = zenodo.deposit(id);
    assert!(deposit.submitted);
    assert_eq!(deposit.files.len(), 2);
    let kept = deposit.file("sub%2Fa b.txt").expect("the file");
    assert_eq!(kept.content.as_deref(), Some(&b"abc"[..]));
    let lines: Vec<_> = zenodo.calls().iter().map(tenon_fakes::Call::line).collect();
    assert_eq!(lines.len(), 5);
    assert_eq!(lines[4], format!("POST {path}/actions/publish"));
    assert_eq!(zenodo.calls()[1].json, Some(good()));
}

#[test]
fn files_are_listed_replaced_and_deleted() {
    let zenodo = fake();
    let (deposit, bucket) = paths(&zenodo);
    for content in ["one", "two"] {
        put(&zenodo, &format!("{bucket}/a%252Fx"), content);
    }
    put(&zenodo, &format!("{bucket}/b"), "three");
    let origin = zenodo.origin();
    let listed = request("GET", &format!("{deposit}/files"))
        .send(&origin)
        .json();
    assert_eq!(listed[0]["filename"], "a%2Fx");
    assert_eq!(listed[1]["filesize"], 5);
    assert_eq!(listed.as_array().map(Vec::len), Some(2));
    let objects = request("GET", &bucket).send(&origin).json();
    assert_eq!(objects["contents"][0]["key"], "a%2Fx");
    let path = |link: &Value| {
        let link = link.as_str().expect("a link");
        link.strip_prefix(&origin)
            .expect("a link to the fake")
            .to_owned()
    };
    let one = request("GET", &path(&listed[0]["links"]["self"])).send(&origin);
    assert_eq!(one.json(), listed[0]);
    let download = request("GET", &path(&listed[0]["links"]["download"])).send(&origin);
    assert_eq!((download.status, &download.body[..]), (200, &b"two"[..]));
    let by_id = format!(
        "{deposit}/files/{}",
        listed[0]["id"].as_str().expect("an id")
    );
    assert_eq!(request("DELETE", &by_id).send(&origin).status, 204);
    assert_eq!(request("DELETE", &by_id).send(&origin).status, 404);
    assert_eq!(request("GET", &by_id).send(&origin).status, 404);
    let by_key = format!("{bucket}/b");
    assert_eq!(request("DELETE", &by_key).send(&origin).status, 204);
    assert_eq!(request("DELETE", &by_key).send(&origin).status, 404);
    assert_eq!(request("GET", &by_key).send(&origin).status, 404);
    assert_eq!(
        request("GET", &bucket).send(&origin).json()["contents"],
        json!([])
    );
}

#[test]
fn the_list_has_pages_and_shows_only_ones_own() {
    let zenodo = fake();
    let ids: Vec<_> = (0..3).map(|_| create(&zenodo)["id"].clone()).collect();
    let foreign = Request::new("POST", DEPOSITIONS)
        .bearer(OTHER)
        .json(&json!({}));
    assert_eq!(foreign.send(&zenodo.origin()).status, 201);
    let listed = |query: &str| -> Vec<Value> {
        let reply = request("GET", &format!("{DEPOSITIONS}{query}")).send(&zenodo.origin());
        assert_eq!(reply.status, 200, "{query}");
        let list = reply.json();
        let list = list.as_array().expect("a list");
        list.iter().map(|deposit| deposit["id"].clone()).collect()
    };
    assert_eq!(listed(""), [ids[2].clone(), ids[1].clone(), ids[0].clone()]);
    assert_eq!(listed("?page=2&size=2"), [ids[0].clone()]);
    assert_eq!(listed("?sort=-mostrecent&size=1"), [ids[0].clone()]);
    assert_eq!(listed("?status=published"), Vec::<Value>::new());
    assert_eq!(listed("?status=draft&page=9"), Vec::<Value>::new());
    for query in ["?page=0", "?size=x", "?page=1001&size=10", "?status=done"] {
        let reply = request("GET", &format!("{DEPOSITIONS}{query}")).send(&zenodo.origin());
        assert_eq!(reply.status, 400, "{query}");
    }
}
