//! The plugin, run natively, against a service that answers by a script: so that answers get lost,
//! come twice or lead astray at exactly the request that is meant.

mod files;
mod listing;
mod projects;
mod publication;
mod script;
mod service;

use script::{Answer, Script};
use serde_json::{Value, json};
use tenon_sdk::{Kind, native::Environment};

use super::*;

const TOKEN: &str = "alice-token";

/// What the plugin does in the face of these answers, and the requests it makes.
fn run<T>(answers: Vec<Answer>, f: impl FnOnce(&Osf) -> Result<T>) -> (Result<T>, Vec<String>) {
    run_against(Script::start(answers), f)
}

fn run_against<T>(script: Script, f: impl FnOnce(&Osf) -> Result<T>) -> (Result<T>, Vec<String>) {
    let environment = Environment::builder()
        .config("api_url", format!("{}/v2", script.url()))
        .config("files_url", format!("{}/files", script.url()))
        .credential("caller", TOKEN, "Bearer {caller}")
        .build();
    let result = environment.enter(|| f(&Osf::new()?));
    (result, script.finish())
}

/// An answer with one resource.
fn resource(status: u16, data: &Value) -> Answer {
    Answer::json(status, &json!({"data": data}))
}

/// An answer with a page that is the last one.
fn page(data: &Value) -> Answer {
    Answer::json(200, &json!({"data": data, "links": {"next": null}}))
}

fn node(id: &str, public: bool) -> Value {
    json!({"id": id, "type": "nodes", "attributes": {"title": "T", "public": public}})
}

/// What the service says of a project's storages.
fn storages(project: &str) -> Answer {
    page(&json!([
        {"attributes": {"provider": "github"}, "links": {}},
        {
            "attributes": {"provider": "osfstorage", "name": "osfstorage", "path": "/"},
            "links": {"upload":
                format!("@URL@/files/v1/resources/{project}/providers/osfstorage/")},
        },
    ]))
}

/// An entry as the API lists it. A folder's path ends with a slash.
fn entry(path: &str, id: &str) -> Value {
    let folder = path.ends_with('/');
    let name = path.trim_matches('/').rsplit('/').next().unwrap();
    let (kind, slash) = if folder {
        ("folder", "/")
    } else {
        ("file", "")
    };
    json!({"id": id, "type": "files", "attributes": {
        "name": name, "kind": kind, "path": format!("/{id}{slash}"), "materialized_path": path,
        "size": if folder { json!(null) } else { json!(3) },
    }})
}

#[test]
fn a_status_has_its_meaning() {
    for (status, kind) in [
        (400, Kind::Invalid),
        (401, Kind::Unauthenticated),
        (403, Kind::Denied),
        (404, Kind::NotFound),
        (409, Kind::Conflict),
        (410, Kind::NotFound),
        (429, Kind::RateLimited),
        (500, Kind::Unavailable),
        (503, Kind::Unavailable),
    ] {
        let answer = Answer::json(status, &json!({"errors": [{"detail": "no"}]}));
        let (result, _) = run(vec![answer], |osf| osf.get_project("abcde"));
        assert_eq!(result.unwrap_err().kind(), kind, "{status}");
    }
    for answer in [Answer::json(200, &json!({})), Answer::Lost] {
        let (result, _) = run(vec![answer], |osf| osf.get_project("abcde"));
        assert_eq!(result.unwrap_err().kind(), Kind::Unavailable);
    }
}

#[test]
fn nothing_is_asked_about_an_id_that_is_none() {
    for id in [
        "",
        "../x",
        "abcde/",
        "abcd?",
        "ABCDE",
        "abc de",
        "abcde\r\nx: y",
    ] {
        let (results, requests) = run(Vec::new(), |osf| {
            let path = Path::new("a.txt")?;
            let mut content = Reader::from_bytes("x");
            let mut collected = tenon_sdk::native::Collected::default();
            let all = PageRequest {
                after: None,
                max: 1,
            };
            Ok([
                osf.get_project(id).err(),
                osf.update_project(id, None).err(),
                osf.publish_project(id).err(),
                osf.delete_project(id).err(),
                osf.list_files(id, all).err(),
                osf.add_file(id, &path, Some(1), &mut content).err(),
                osf.read_file(id, "abcde", Sink::to(&mut collected)).err(),
                osf.read_file("abcde", id, Sink::to(&mut collected)).err(),
                osf.delete_file(id, "abcde").err(),
                osf.delete_file("abcde", id).err(),
                osf.delete_files(id).err(),
            ])
        });
        for error in results.unwrap() {
            assert_eq!(
                error.map(|error| error.kind()),
                Some(Kind::Invalid),
                "{id:?}"
            );
        }
        assert_eq!(requests, [""; 0]);
    }
}

#[test]
fn a_public_project_is_not_changed() {
    let public = || resource(200, &node("abcde", true));
    let calls: [fn(&Osf) -> Result<()>; 5] = [
        |osf| {
            osf.update_project("abcde", Some(r#"{"title":"X"}"#))
                .map(drop)
        },
        |osf| osf.delete_project("abcde"),
        |osf| {
            let mut content = Reader::from_bytes("x");
            osf.add_file("abcde", &Path::new("a")?, Some(1), &mut content)
                .map(drop)
        },
        |osf| osf.delete_file("abcde", "fghij"),
        |osf| osf.delete_files("abcde"),
    ];
    for call in calls {
        let (result, requests) = run(vec![public()], call);
        assert_eq!(result.unwrap_err().kind(), Kind::Conflict);
        assert_eq!(requests, ["GET /v2/nodes/abcde/"]);
    }
}

#[test]
fn the_service_is_reached_when_it_answers_at_all() {
    let (result, requests) = run(vec![Answer::json(401, &json!({}))], Osf::check);
    assert_eq!(result, Ok(()));
    assert_eq!(requests, ["GET /v2/"]);
    let (result, _) = run(vec![Answer::json(502, &json!({}))], Osf::check);
    assert_eq!(result.unwrap_err().kind(), Kind::Unavailable);
}
