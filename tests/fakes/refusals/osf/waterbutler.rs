//! Files and folders.

use std::io::Write as _;

use super::*;
use crate::raw::status_line;

fn put(osf: &Osf, path: &str, content: &str) -> Reply {
    request("PUT", path).body(content).send(&osf.origin())
}

fn folder(osf: &Osf, parent: &str, name: &str) -> Reply {
    let path = format!("{parent}?kind=folder&name={name}");
    request("PUT", &path).send(&osf.origin())
}

/// The path behind an entity.
fn path(osf: &Osf, reply: &Reply) -> String {
    let json = reply.json();
    let link = json["data"]["links"]["upload"].as_str().expect("a link");
    link.strip_prefix(&osf.origin())
        .expect("a link to the fake")
        .to_owned()
}

#[test]
fn a_file_has_versions_and_one_name() {
    let osf = fake();
    let id = create(&osf, "T");
    let new = format!("{}?kind=file&name=a.txt", storage(&id));
    let made = put(&osf, &new, "one");
    assert_eq!(made.status, 201);
    let conflict = put(&osf, &new, "two");
    assert_eq!(conflict.status, 409);
    assert_eq!(conflict.json()["code"], 409);
    assert_eq!(conflict.json()["data"]["attributes"]["name"], "a.txt");
    let replaced = put(&osf, &format!("{}?kind=file", path(&osf, &made)), "three");
    assert_eq!(replaced.status, 200);
    let entry = osf.node(&id).entries[0].clone();
    assert_eq!((entry.size, entry.versions), (5, 2));
    assert_eq!(folder(&osf, &storage(&id), "d").status, 201);
    assert_eq!(folder(&osf, &storage(&id), "d").status, 409);
}

#[test]
fn folders_are_listed_by_both_apis() {
    let osf = fake();
    let id = create(&osf, "T");
    let origin = osf.origin();
    let outer = path(&osf, &folder(&osf, &storage(&id), "outer"));
    let inner = path(&osf, &folder(&osf, &outer, "inner"));
    put(&osf, &format!("{inner}?name=x"), "x");
    put(&osf, &format!("{}?name=y", storage(&id)), "y");
    let names = |path: &str| -> Vec<String> {
        let list = request("GET", path).send(&origin).json();
        let data = list["data"].as_array().expect("a list").clone();
        let name = |entry: &Value| entry["attributes"]["name"].as_str().map(str::to_owned);
        data.iter().filter_map(name).collect()
    };
    assert_eq!(names(&format!("{}?meta=", storage(&id))), ["outer", "y"]);
    assert_eq!(names(&format!("{outer}?meta=")), ["inner"]);
    let api = format!("/v2/nodes/{id}/files/osfstorage/");
    assert_eq!(names(&api), ["outer", "y"]);
    assert_eq!(names(&format!("{api}?filter[kind]=file")), ["y"]);
    let deep = inner.rsplit('/').nth(1).expect("an id");
    assert_eq!(names(&format!("{api}{deep}/")), ["x"]);
    let file = osf
        .node(&id)
        .entry("/outer/inner/x")
        .expect("a file")
        .id
        .clone();
    let detail = request("GET", &format!("/v2/files/{file}/"))
        .send(&origin)
        .json();
    assert_eq!(
        detail["data"]["attributes"]["materialized_path"],
        "/outer/inner/x"
    );
}

#[test]
fn a_file_is_sent_with_its_length() {
    let osf = fake();
    let id = create(&osf, "T");
    let new = format!("{}?kind=file&name=a", storage(&id));
    let upload = request("PUT", &new).body("abc");
    for framed in [upload.clone().chunked(), upload.clone().without_length()] {
        assert_eq!(framed.send(&osf.origin()).status, 411);
        assert_eq!(rules(&osf), ["an upload without `content-length`"]);
    }
    let form = upload
        .clone()
        .header("content-type", "multipart/form-data; boundary=B");
    assert_eq!(form.send(&osf.origin()).status, 400);
    assert_eq!(rules(&osf), ["an upload that is a form"]);
    assert!(upload.short_by(1).try_send(&osf.origin()).is_err());
    assert!(osf.node(&id).entries.is_empty());
    assert_eq!(put(&osf, &new, "").status, 201);
}

#[test]
fn a_folder_has_no_body() {
    let osf = fake();
    let id = create(&osf, "T");
    let reply = put(&osf, &format!("{}?kind=folder&name=d", storage(&id)), "x");
    assert_eq!(reply.status, 413);
    assert_eq!(rules(&osf), ["a folder with a body"]);
}

#[test]
fn a_creation_needs_one_plain_name() {
    let osf = fake();
    let id = create(&osf, "T");
    for query in ["kind=file", "kind=file&name=", "name=a%2Fb"] {
        let reply = put(&osf, &format!("{}?{query}", storage(&id)), "x");
        assert_eq!((reply.status, rules(&osf).len()), (400, 1), "{query}");
    }
    let file = put(&osf, &format!("{}?name=a", storage(&id)), "x");
    let named = put(&osf, &format!("{}?name=b", path(&osf, &file)), "x");
    assert_eq!((named.status, rules(&osf).len()), (400, 1));
}

#[test]
fn slashes_tell_files_from_folders() {
    let osf = fake();
    let id = create(&osf, "T");
    let origin = osf.origin();
    let file = path(&osf, &put(&osf, &format!("{}?name=a", storage(&id)), "x"));
    let dir = path(&osf, &folder(&osf, &storage(&id), "d"));
    let as_folder = format!("{file}/");
    let as_file = dir.trim_end_matches('/');
    assert_eq!(request("DELETE", &as_folder).send(&origin).status, 404);
    assert_eq!(request("DELETE", as_file).send(&origin).status, 404);
    assert_eq!(request("GET", as_file).send(&origin).status, 404);
    assert_eq!(put(&osf, &format!("{as_folder}?name=b"), "x").status, 404);
    assert_eq!(put(&osf, &format!("{as_file}?kind=file"), "x").status, 404);
    assert_eq!(osf.node(&id).entries.len(), 2);
}

#[test]
fn deleting_a_folder_takes_what_is_in_it() {
    let osf = fake();
    let id = create(&osf, "T");
    let origin = osf.origin();
    let dir = path(&osf, &folder(&osf, &storage(&id), "d"));
    put(&osf, &format!("{dir}?name=x"), "x");
    put(&osf, &format!("{}?name=dx", storage(&id)), "y");
    assert_eq!(request("DELETE", &dir).send(&origin).status, 204);
    assert_eq!(osf.node(&id).entries.len(), 1);
    let root = storage(&id);
    assert_eq!(request("DELETE", &root).send(&origin).status, 400);
    let confirmed = format!("{root}?confirm_delete=1");
    assert_eq!(request("DELETE", &confirmed).send(&origin).status, 204);
    assert!(osf.node(&id).entries.is_empty());
}

#[test]
fn a_name_that_is_taken_during_an_upload_stays_taken() {
    let osf = fake();
    let id = create(&osf, "T");
    let new = format!("{}?kind=file&name=a", storage(&id));
    let upload = request("PUT", &new).header("content-length", "2");
    let mut stream = upload.start(&osf.origin());
    stream.write_all(b"x").expect("a reading server");
    while osf.calls().last().is_none_or(|call| call.received == 0) {
        std::thread::yield_now();
    }
    assert_eq!(put(&osf, &new, "other").status, 201);
    stream.write_all(b"y").expect("a reading server");
    assert_eq!(status_line(stream), "HTTP/1.1 409 Conflict");
    assert_eq!(osf.node(&id).entries[0].size, 5);
}
