//! From nothing to a first answer over HTTP, outside this repository.
//!
//! The projects lie in one fixed folder and share one target directory, so that
//! what they depend on is compiled once on a machine.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use tenon_tests::artefact;
use tenon_tests::host::Host;
use tenon_tests::setup::Setup;

use super::{code, json, plugin, stderr, stdout, succeed};

/// A folder for a project of this name, which does not exist.
fn vacant(name: &str) -> PathBuf {
    let mut checkout = DefaultHasher::new();
    artefact::root().hash(&mut checkout);
    let folder = format!("tenon-author-{:016x}", checkout.finish());
    let folder = std::env::temp_dir().join(folder);
    fs::create_dir_all(&folder).unwrap();
    let project = folder.join(name);
    if project.exists() {
        fs::remove_dir_all(&project).unwrap();
    }
    project
}

fn in_target(mut command: Command) -> Command {
    let target = artefact::root().join("target/author");
    command.env("CARGO_TARGET_DIR", target);
    command
}

/// Makes a project, and goes through what `new` says comes next but the call.
fn made(role: &str, name: &str) -> PathBuf {
    let project = vacant(name);
    let directory = project.to_string_lossy();
    let created = json(&artefact::root(), &["new", role, name, "--dir", &directory]);
    assert_eq!(created["directory"], *directory);
    let file = format!("{name}.wasm");
    let next = created["next"].to_string();
    for step in [
        &format!("cd {directory}"),
        "tenon plugin build",
        "cargo test",
        &file,
    ] {
        assert!(next.contains(step), "{step}: {next}");
    }
    succeed(in_target(plugin(&project, &["build"])));
    assert!(project.join(&file).exists());
    let mut tests = in_target(Command::new(env!("CARGO")));
    tests.args(["test", "--quiet"]).current_dir(&project);
    let ran = stdout(&succeed(tests));
    let passed = ["3 passed; 0 failed", "4 passed; 0 failed"];
    assert!(passed.iter().any(|passed| ran.contains(passed)), "{ran}");
    succeed(plugin(
        &project,
        &["check", &file, "--connector", "connector.toml"],
    ));
    project
}

/// A host with the project's component and connector, put where its README
/// says.
async fn deployed(project: &Path, name: &str) -> Host {
    let setup = Setup::new();
    let text = fs::read_to_string(setup.path("host.toml")).unwrap();
    let shipped = artefact::root().join("target/plugins");
    let own = setup.path("plugins");
    let text = text.replace(&*shipped.to_string_lossy(), &own.to_string_lossy());
    setup.write("host.toml", &text);
    fs::create_dir(&own).unwrap();
    let file = format!("{name}.wasm");
    fs::copy(project.join(&file), own.join(file)).unwrap();
    let connector = fs::read_to_string(project.join("connector.toml")).unwrap();
    setup.connector(name, &connector).start().await
}

#[tokio::test]
async fn a_file_store_from_nothing_to_its_first_answer() {
    let project = made("file-store", "notes");
    let read = r#"{"path": "hello.txt"}"#;
    let run = ["run", "notes.wasm", "file-store.read", read];
    let connector = ["--connector", "connector.toml"];
    let output = succeed(plugin(&project, &[&run[..], &connector].concat()));
    assert_eq!(stdout(&output), "Hello, world\n");

    let host = deployed(&project, "notes").await;
    let caller = host.caller("port-notes", "demo");
    assert_eq!(caller.file("/hello.txt").await.text(), "Hello, world\n");
    assert_eq!(
        caller.folder("/").await.files(),
        ["hello.txt", "more/numbers.txt"]
    );
}

#[tokio::test]
async fn a_repository_from_nothing_to_its_first_publication() {
    let project = made("repository", "shelf");
    let run = |operation: &str, arguments: serde_json::Value| {
        let arguments = arguments.to_string();
        let call = ["run", "shelf.wasm", operation, &arguments, "--user", "ada"];
        let connector = ["--connector", "connector.toml"];
        json(&project, &[&call[..], &connector].concat())["result"].clone()
    };
    let made = run(
        "repository.create-project",
        json!({"metadata": {"title": "Tides"}}),
    );
    assert_eq!(made["metadata"]["title"], "Tides");
    let id = made["id"].as_str().unwrap();
    fs::write(project.join("local.csv"), "1,2,3\n").unwrap();
    let file = json!({"project": id, "name": "a/b.csv", "content_file": "local.csv"});
    let added = run("repository.add-file", file);
    assert_eq!(
        (&added["name"], &added["size"]),
        (&json!("a/b.csv"), &json!(6))
    );
    let read = run(
        "repository.read-file",
        json!({"project": id, "file": added["id"]}),
    );
    assert_eq!(read["content"], "1,2,3\n");
    let published = run("repository.publish-project", json!({"id": id}));
    assert_eq!(published, format!("urn:shelf:{id}"));
    assert_eq!(
        run("repository.list-projects", json!({}))["projects"],
        json!([])
    );

    let host = deployed(&project, "shelf").await;
    let caller = host.caller("port-shelf", "ada");
    let made = caller.create_project().await;
    assert!(made.status < 300, "{}: {}", made.status, made.text());
    let id = made.json()["projectId"].as_str().unwrap().to_owned();
    let updated = caller.update_project(&id, &json!({"title": "Ebb"})).await;
    assert_eq!(updated.status, 200, "{}", updated.text());
    assert_eq!(caller.add_file(&id, "a.txt", b"abc").await.status, 200);
    assert!(caller.publish_project(&id).await.status < 300);
    assert_eq!(caller.project(&id).await.json()["title"], "Ebb");
}

#[test]
fn what_is_there_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine"), "precious").unwrap();
    for (arguments, why) in [
        (["new", "file-store", "mine"], "exists already"),
        (["new", "file-store", "Mine"], "is no name"),
        (
            ["new", "lifecycle", "yours"],
            "there is file-store, repository",
        ),
    ] {
        let output = plugin(folder.path(), &arguments).output().unwrap();
        assert_ne!(code(&output), 0);
        assert!(stderr(&output).contains(why), "{}", stderr(&output));
    }
    let kept = fs::read_to_string(folder.path().join("mine")).unwrap();
    assert_eq!(kept, "precious");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn flags_that_went_missing_are_noticed() {
    let project = vacant("flags");
    let directory = project.to_string_lossy();
    json(
        &artefact::root(),
        &["new", "file-store", "flags", "--dir", &directory],
    );
    fs::remove_file(project.join(".cargo/config.toml")).unwrap();
    let output = in_target(plugin(&project, &["build"])).output().unwrap();
    assert_ne!(code(&output), 0);
    let said = stderr(&output);
    assert!(
        said.contains("demands 262144 bytes of memory and 131072 bytes of stack"),
        "{said}"
    );
    assert!(!project.join("flags.wasm").exists());
}
