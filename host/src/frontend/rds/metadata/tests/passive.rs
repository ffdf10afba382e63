//! Passive uploads.

use serde_json::json;

use super::{Answer, Rig, URLENCODED};

const FILES: &str = "POST /metadata/project/7/files";
const FORM: &str =
    "folder=%2FDocs&service=port-files&username=alice&userId=port-shelf%3A%2F%2Fbob%3ATOK";

fn rig(files: &[(&str, &str)]) -> Rig {
    let mut rig = Rig::with_project();
    for (path, content) in files {
        rig.store = rig.store.with_file(path, content);
    }
    rig
}

async fn upload(rig: &Rig, form: &str) -> Answer {
    rig.send(FILES, &[URLENCODED], form.to_owned()).await
}

fn pairs(files: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, content): &(&str, &str)| ((*name).to_owned(), (*content).to_owned());
    files.iter().map(owned).collect()
}

#[tokio::test]
async fn the_host_moves_a_folder() {
    let rig = rig(&[
        ("Docs/a.txt", "first"),
        ("Docs/b c.txt", ""),
        ("Docs/sub/d.txt", "in a folder"),
        ("Other/e.txt", "elsewhere"),
    ]);
    let answer = upload(&rig, FORM).await;
    let stored = ["a.txt", "b c.txt", "sub/d.txt"];
    answer.is(200, json!({ "success": true, "stored": stored }));
    let expected = [
        ("a.txt", "first"),
        ("b c.txt", ""),
        ("sub/d.txt", "in a folder"),
    ];
    assert_eq!(rig.shelf.kept("7"), pairs(&expected));
    assert_eq!(rig.asked()[0], "bob+key add-file 7 a.txt Some(5)");
    let asked = rig.store.contents().asked.clone();
    assert_eq!(asked[0], "alice list-folder Docs");
    assert_eq!(asked.last().unwrap(), "alice read Docs/sub/d.txt");
}

#[tokio::test]
async fn a_folder_may_be_the_root_or_encoded() {
    for (folder, name) in [
        ("%2F", "My Docs/a"),
        ("", "My Docs/a"),
        ("My%2520Docs", "a"),
    ] {
        let rig = rig(&[("My Docs/a", "x")]);
        let form = format!("userId=bob&folder={folder}&service=files");
        let answer = upload(&rig, &form).await;
        answer.is(200, json!({ "success": true, "stored": [name] }));
        // Without a `username` it is the user who asks.
        assert_eq!(
            rig.store.contents().asked.last().unwrap(),
            "bob read My Docs/a"
        );
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_told_and_never_kept() {
    let rig = rig(&[
        ("Docs/a", "first"),
        ("Docs/b-unreadable", "secret"),
        ("Docs/c-broken", "half of it"),
        ("Docs/d-broken-careless", "half of it"),
        ("Docs/e", "last"),
    ]);
    let answer = upload(&rig, FORM).await;
    answer.is_envelope(403, "Forbidden");
    let body = answer.json();
    assert_eq!(body["success"], false);
    let message = "3 of 5 files were not stored. The first: not for you";
    assert_eq!(body["message"], message);
    assert_eq!(body["stored"], json!(["a", "e"]));
    let unread = "The file could not be read to its end.";
    assert_eq!(
        body["failed"],
        json!([
            { "filename": "b-unreadable", "status": 403, "message": "not for you" },
            { "filename": "c-broken", "status": 502, "message": unread },
            { "filename": "d-broken-careless", "status": 502, "message": unread },
        ])
    );
    let kept = rig.shelf.kept("7");
    assert_eq!(kept[0], ("a".to_owned(), "first".to_owned()));
    assert_eq!(kept.last().unwrap(), &("e".to_owned(), "last".to_owned()));
    // Only a target that ignores the break keeps anything, and not the end.
    assert_eq!(kept.len(), 3);
    assert_eq!(kept[1], ("d-broken-careless".to_owned(), String::new()));
}

#[tokio::test]
async fn a_target_that_fails_is_told_per_file() {
    let rig = rig(&[("Docs/a", "first"), ("Docs/b", "second")]);
    let target = "POST /metadata/project/error-conflict/files";
    let answer = rig.send(target, &[URLENCODED], FORM).await;
    answer.is_envelope(409, "Conflict");
    assert_eq!(answer.json()["success"], false);
    assert_eq!(answer.json()["failed"].as_array().unwrap().len(), 2);
    assert_eq!(rig.asked().len(), 2);
}

#[tokio::test]
async fn what_cannot_begin_is_refused() {
    let rig = rig(&[("Docs/a", "x")]);
    for (form, status) in [
        ("service=port-files&userId=bob", 400),
        ("folder=Docs&userId=bob", 400),
        ("", 400),
        ("folder=Docs&service=port-none&userId=bob", 404),
        ("folder=Docs&service=&userId=bob", 404),
        ("folder=none&service=port-files&userId=bob", 404),
        // Another tenant's store is none of this one's.
        ("folder=Docs&service=port-theirs&userId=bob", 404),
        ("folder=Docs&service=acme%2Fport-theirs&userId=bob", 404),
    ] {
        let answer = upload(&rig, form).await;
        assert_eq!(answer.status.as_u16(), status, "{form}");
        assert_eq!(answer.json()["success"], false);
        assert_ne!(answer.json()["message"].as_str().unwrap(), "");
    }
    let large = "x".repeat(9 << 20);
    let answer = upload(&rig, &large).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["success"]),
        (413, &json!(false))
    );
    assert!(rig.shelf.kept("7").is_empty());
}
