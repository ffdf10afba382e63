//! The storage half of the Sciebo RDS contract, over the wire: the real host,
//! the real plugins. What each answer should be, and why, is in the frontend's
//! `mapping.md`.

mod addresses;
mod installation;
mod outcomes;
mod registration;
mod requests;
mod storage;
mod tokens;
mod user_id;

use tenon_tests::client::Answer;
use tenon_tests::host::Host;
use tenon_tests::setup::{Setup, disk};

/// A host with a folder under the name `port-disk`.
async fn host_with_files(files: &[(&str, &str)]) -> Host {
    let setup = Setup::new();
    let folder = setup.path("files");
    std::fs::create_dir_all(&folder).unwrap();
    for (path, content) in files {
        setup.write(folder.join(path), content);
    }
    let text = disk(&folder, "read-write");
    setup.connector("port-disk", &text).start().await
}

/// The envelope of everything but the validation layer.
fn assert_envelope(answer: &Answer, status: u16, name: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/json");
    let json = answer.json();
    assert_eq!(json["error"], name, "{json}");
    assert_eq!(json["http_code"], status, "{json}");
    let description = json["description"].as_str().unwrap();
    assert!(description.starts_with(&format!("{status} ")), "{json}");
    assert_eq!(json.as_object().unwrap().len(), 3, "{json}");
}

/// What the validation layer says.
fn assert_problem(answer: &Answer, status: u16, detail: Option<&str>) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let json = answer.json();
    assert_eq!(json["type"], "about:blank");
    assert_eq!(json["status"], status);
    assert!(json["title"].is_string(), "{json}");
    assert_eq!(json["detail"].as_str(), detail, "{json}");
}
