//! A plugin's life in an operator's hands: uploaded, activated, held,
//! approved, rolled back, and all of it on record.

use serde_json::{Value, json};
use tenon_tests::artefact;
use tenon_tests::host::Host;
use tenon_tests::operator::Operator;
use tenon_tests::setup::Setup;

use super::assert_problem;

/// The same plugin with another digest: a custom section says so.
fn variant(plugin: &str, mark: &str) -> Vec<u8> {
    let mut bytes = std::fs::read(artefact::plugin(plugin)).unwrap();
    let name = "tenon-test";
    let length = 1 + name.len() + mark.len();
    bytes.extend([0, u8::try_from(length).unwrap()]);
    bytes.push(u8::try_from(name.len()).unwrap());
    bytes.extend(name.bytes().chain(mark.bytes()));
    bytes
}

/// A host with the connector `port-a`, which may use more than it does.
async fn start() -> (Host, Operator) {
    let setup = Setup::new().operator("ada").operator("bob");
    setup.write("files/a.txt", "hello");
    let text = format!(
        "plugin = 'template'\n[[grants.files]]\nname = 'files'\npath = '{}'\n",
        setup.path("files").display()
    );
    let host = setup.connector("port-a", &text).start().await;
    host.ready("port-a").await;
    let operator = host.operator("ada");
    (host, operator)
}

async fn active(operator: &Operator) -> Value {
    let connector = operator.get("/connectors/port-a").await;
    assert_eq!(connector.status, 200, "{}", connector.text());
    connector.json()["active"].clone()
}

/// A file of the variant on the disk, for the command line.
fn file(host: &Host, plugin: &str, mark: &str) -> String {
    let path = host
        .setup
        .folder
        .path()
        .join(format!("{plugin}-{mark}.wasm"));
    std::fs::write(&path, variant(plugin, mark)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_is_activated_and_rolled_back() {
    let (host, operator) = start().await;
    let first = active(&operator).await;
    assert_eq!(first["name"], "template");

    let uploaded = operator.upload(&variant("template", "2")).await;
    assert_eq!(uploaded.status, 200, "{}", uploaded.text());
    let uploaded = uploaded.json();
    assert_eq!(uploaded["name"], "template");
    assert_eq!(uploaded["by"], "ada");
    let digest = uploaded["digest"].as_str().unwrap();
    let shown = operator.get(&format!("/components/{digest}")).await;
    assert_eq!(shown.json()["digest"], digest);
    assert_eq!(active(&operator).await, first);

    let command = json!({ "component": digest });
    let changed = operator.post("/connectors/port-a/activate", &command).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_eq!(changed.json()["result"], "activated");
    assert_eq!(changed.json()["previous"], first["digest"]);
    assert_eq!(active(&operator).await["digest"], digest);
    let again = operator.post("/connectors/port-a/activate", &command).await;
    assert_eq!(again.json()["result"], "unchanged");

    let bob = host.operator("bob");
    let changed = bob
        .send("POST", "/connectors/port-a/rollback", "", "")
        .await;
    assert_eq!(
        changed.json()["digest"],
        first["digest"],
        "{}",
        changed.text()
    );
    let history = operator.get("/connectors/port-a/history").await.json();
    let history = history.as_array().unwrap();
    assert_eq!(history[0]["how"], "rolled-back");
    assert_eq!(history[0]["by"], "bob");
    assert_eq!(history[1]["digest"], digest);
    assert_eq!(history[1]["by"], "ada");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_does_the_same() {
    let (host, operator) = start().await;
    let first = active(&operator).await;
    let path = file(&host, "template", "2");
    let done = operator
        .tenon(&["activate", "port-a", "--file", &path])
        .await;
    assert_eq!(done.code(), Some(0), "{}", done.stderr());
    assert!(
        done.stdout().starts_with("port-a runs "),
        "{}",
        done.stdout()
    );
    assert_ne!(active(&operator).await["digest"], first["digest"]);

    // The digits that a table shows are enough.
    let digits = first["digest"].as_str().unwrap();
    let digits = &digits["sha256:".len()..][..12];
    for arguments in [["connectors", "port-a"], ["history", "port-a"]] {
        assert_eq!(operator.tenon(&arguments).await.code(), Some(0));
    }
    let listed = operator.tenon(&["history", "port-a"]).await.stdout();
    assert!(listed.contains(digits), "{listed}");
    let listed = operator.tenon(&["plugins"]).await.stdout();
    assert!(
        listed.contains(digits) && listed.contains("template@"),
        "{listed}"
    );
    let done = operator
        .tenon(&["rollback", "port-a", "--to", digits])
        .await;
    assert_eq!(done.code(), Some(0), "{}", done.stderr());
    assert_eq!(active(&operator).await["digest"], first["digest"]);

    let events = operator
        .tenon(&["events", "--connector", "port-a", "--json"])
        .await;
    let events = events.json();
    let by_ada = events
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["actor"] == "ada");
    let actions: Vec<_> = by_ada
        .map(|event| event["action"].as_str().unwrap())
        .collect();
    assert!(actions.len() >= 2, "{actions:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_wants_more_is_held_until_it_is_approved() {
    let (host, operator) = start().await;
    let first = active(&operator).await;
    let path = file(&host, "disk", "1");
    let activate = ["activate", "port-a", "--file", &path];
    let held = operator.tenon(&activate).await;
    assert_eq!(held.code(), Some(4), "{}{}", held.stdout(), held.stderr());
    assert!(
        held.stdout().contains("imports   + tenon:connector/files"),
        "{}",
        held.stdout()
    );
    assert!(
        held.stdout().contains("tenon approve port-a"),
        "{}",
        held.stdout()
    );
    assert_eq!(active(&operator).await, first);
    let shown = operator.tenon(&["connectors", "port-a"]).await.stdout();
    assert!(
        shown.contains("pending   ") && shown.contains("+ tenon:connector/files"),
        "{shown}"
    );

    let done = operator.tenon(&["reject", "port-a"]).await;
    assert_eq!(done.code(), Some(0), "{}", done.stderr());
    let refused = operator.tenon(&["approve", "port-a"]).await;
    assert_eq!(refused.code(), Some(3), "{}", refused.stdout());

    assert_eq!(operator.tenon(&activate).await.code(), Some(4));
    let seen = first["digest"].as_str().unwrap();
    let another = operator
        .tenon(&["approve", "port-a", "--digest", seen])
        .await;
    assert_eq!(another.code(), Some(3), "{}", another.stdout());
    assert!(
        another.stderr().contains("[conflict]"),
        "{}",
        another.stderr()
    );
    let stdout = held.stdout();
    let (digest, _) = stdout.split_once(' ').unwrap();
    let done = operator
        .tenon(&["approve", "port-a", "--digest", digest])
        .await;
    assert_eq!(done.code(), Some(0), "{}", done.stderr());
    assert_eq!(active(&operator).await["name"], "disk");
    let caller = host.caller("port-a", "alice");
    assert_eq!(caller.file("a.txt").await.text(), "hello");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_broken_is_refused_and_the_running_version_stays() {
    let (host, operator) = start().await;
    let first = active(&operator).await;
    let refused = operator.upload(b"no component").await;
    assert_problem(&refused, 422, "not-a-component");
    let path = host.setup.path("../broken.wasm");
    std::fs::write(&path, "no component").unwrap();
    let arguments = ["activate", "port-a", "--file", path.to_str().unwrap()];
    let refused = operator.tenon(&arguments).await;
    assert_eq!(refused.code(), Some(3));
    assert!(
        refused.stderr().contains("[not-a-component]"),
        "{}",
        refused.stderr()
    );
    let unknown = operator
        .tenon(&["activate", "port-a", "template@9.9.9"])
        .await;
    assert_eq!(unknown.code(), Some(3), "{}", unknown.stderr());
    assert_eq!(active(&operator).await, first);
    let events = operator.get("/events").await.json();
    let refused = |event: &Value| event["action"] == "admission-refused" && event["actor"] == "ada";
    assert!(events.as_array().unwrap().iter().any(refused), "{events}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_is_begun_shown_and_ended() {
    let (host, operator) = start().await;
    let first = active(&operator).await;
    for (end, digest_changes) in [("abort", false), ("promote", true)] {
        let uploaded = operator.upload(&variant("template", end)).await.json();
        let digest = uploaded["digest"].as_str().unwrap();
        let start = ["canary", "start", "port-a", digest, "--weight", "50"];
        let done = operator.tenon(&start).await;
        assert_eq!(done.code(), Some(0), "{}", done.stderr());
        let shown = operator
            .tenon(&["canary", "status", "port-a", "--json"])
            .await;
        assert_eq!(shown.json()["digest"], digest);
        assert_eq!(shown.json()["rules"]["weight"], 50);
        let shown = operator.tenon(&["canary", "status", "port-a"]).await;
        assert!(
            shown.stdout().contains("rules.weight  50"),
            "{}",
            shown.stdout()
        );
        let done = operator.tenon(&["canary", end, "port-a"]).await;
        assert_eq!(done.code(), Some(0), "{}", done.stderr());
        let now = active(&operator).await;
        assert_eq!(now["digest"] == digest, digest_changes);
        assert_eq!(now["digest"] == first["digest"], !digest_changes);
        let none = operator.tenon(&["canary", "status", "port-a"]).await;
        assert!(
            none.stdout().contains("tries nothing out"),
            "{}",
            none.stdout()
        );
    }
    drop(host);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_followed_as_they_happen() {
    let (_host, operator) = start().await;
    let mut events = operator
        .follow("/events?follow=true&connector=port-a")
        .await;
    let uploaded = operator.upload(&variant("template", "2")).await.json();
    let command = json!({ "component": uploaded["digest"] });
    operator.post("/connectors/port-a/activate", &command).await;
    let ours = |event: &Value| event["digest"] == uploaded["digest"] && event["actor"] == "ada";
    let event = events.find("the activation", ours).await;
    assert_eq!(event["connector"], "port-a");
    let id = event["id"].as_i64().unwrap();
    operator
        .send("POST", "/connectors/port-a/rollback", "", "")
        .await;
    // None comes twice, and none is left out.
    let next = events.next().await.unwrap();
    assert!(next["id"].as_i64().unwrap() > id, "{next}");
    let since = operator
        .get(&format!("/events?connector=port-a&after={id}"))
        .await;
    assert_eq!(since.json()[0], next);
}
