//! `tenon plugin run`: what is asked wrongly, what is answered, what goes wrong.

use std::fs;
use std::process::Output;

use serde_json::{Value, json};
use tenon_tests::artefact;

use super::{REFUSED, USAGE, code, plugin, stderr, stdout};

/// The operation answered with an error.
const ANSWERED_ERROR: i32 = 1;

fn template(arguments: &[&str]) -> Output {
    let file = artefact::plugin("template");
    let mut command = plugin(&artefact::root(), &["run"]);
    command.arg(file).args(arguments).output().unwrap()
}

fn hostile(arguments: &[&str]) -> (i32, Value) {
    let file = artefact::guest("hostile");
    let mut command = plugin(&artefact::root(), &["--json", "run"]);
    let output = command.arg(file).args(arguments).output().unwrap();
    let printed = serde_json::from_slice(&output.stdout);
    let printed = printed.unwrap_or_else(|error| panic!("{error}: {}", stderr(&output)));
    (code(&output), printed)
}

#[test]
fn wrong_arguments_name_the_field() {
    for (operation, arguments, why) in [
        ("file-store.stat", "{", "EOF while parsing"),
        ("file-store.stat", "[]", "one JSON object"),
        ("file-store.stat", "{}", "`path`: missing"),
        (
            "file-store.stat",
            r#"{"path": 5}"#,
            "`path`: expected a text, found a number",
        ),
        (
            "file-store.stat",
            r#"{"path": "a", "pth": 1}"#,
            "`pth`: no such field",
        ),
        (
            "file-store.read",
            r#"{"path": "a", "offset": -1}"#,
            "`offset`: expected",
        ),
        ("file-store.write", r#"{"path": "a"}"#, "`content`: missing"),
        (
            "file-store.write",
            r#"{"path": "a", "content_file": "nowhere.txt"}"#,
            "`content_file`: nowhere.txt",
        ),
        (
            "file-store.rename",
            "{}",
            "no operation `file-store.rename`",
        ),
    ] {
        let output = template(&[operation, arguments]);
        assert_eq!(code(&output), USAGE, "{operation} {arguments}");
        let said = stderr(&output);
        assert!(said.contains(why), "{operation} {arguments}: {said}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn help_lists_every_operation_with_arguments_that_are_taken() {
    // Long examples go on in the next line.
    let help = stdout(&template(&["--help"])).replace("\n  \"", " \"");
    let lines = help.lines().filter_map(|line| line.trim().split_once(" {"));
    let named = |(operation, _): &(&str, &str)| !operation.trim().contains(' ');
    let examples: Vec<_> = lines.filter(named).collect();
    assert_eq!(examples.len(), 29, "{help}");
    let folder = tempfile::tempdir().unwrap();
    for local in ["local.csv", "local.txt"] {
        fs::write(folder.path().join(local), "1,2,3").unwrap();
    }
    for (operation, example) in examples {
        let (example, _) = example.split_once("  or  ").unwrap_or((example, ""));
        let (role, _) = operation.split_once('.').unwrap_or((operation, ""));
        let file = artefact::plugin(match role.trim() {
            "repository" => "archive",
            "metadata-store" => "embedded-kv",
            "database" | "message-log" => "sqlite",
            "processor" | "resources" => "sizes",
            _ => "template",
        });
        let mut command = plugin(folder.path(), &["run"]);
        let call = [operation.trim(), &format!("{{{example}")];
        let output = command.arg(&file).args(call).output().unwrap();
        // Nothing is granted and nothing configured, but it was asked.
        assert!(
            matches!(code(&output), 0 | ANSWERED_ERROR),
            "{operation}: {output:?}"
        );
    }
}

#[test]
fn contents_come_whole_with_what_they_cost() {
    let output = template(&["file-store.read", r#"{"path": "hello.txt"}"#]);
    assert_eq!(stdout(&output), "Hello, world\n");
    let said = stderr(&output);
    assert!(said.contains("13 bytes moved"), "{said}");
    assert!(said.contains("memory 256 KiB"), "{said}");

    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.txt");
    let read = [
        "file-store.read",
        r#"{"path": "more/numbers.txt", "offset": 2}"#,
    ];
    let out_text = out.to_string_lossy();
    let output = template(&[&read[..], &["--json", "--out", &out_text]].concat());
    let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(shown["result"]["bytes"], 4);
    assert_eq!(shown["used"]["moved_bytes"], 4);
    assert!(shown["used"]["wall_us"].as_u64() > Some(0));
    assert_eq!(fs::read_to_string(out).unwrap(), "2 3\n");
}

#[test]
fn a_connector_configures_what_runs() {
    let folder = tempfile::tempdir().unwrap();
    let connector = folder.path().join("connector.toml");
    fs::write(
        &connector,
        "plugin = 'template'\n[config]\ngreeting = 'Moin'\n",
    )
    .unwrap();
    let connector = connector.to_string_lossy();
    let read = [
        "file-store.read",
        r#"{"path": "hello.txt"}"#,
        "--connector",
        &connector,
    ];
    assert_eq!(stdout(&template(&read)), "Moin, world\n");
}

#[test]
fn an_error_of_the_plugins_own_is_an_answer() {
    let output = template(&["file-store.stat", r#"{"path": "nothing"}"#]);
    assert_eq!(code(&output), ANSWERED_ERROR);
    assert!(
        stderr(&output).contains("not-found: "),
        "{}",
        stderr(&output)
    );
    let output = template(&["repository.get-project", r#"{"id": "1"}"#]);
    assert_eq!(code(&output), REFUSED);
    assert!(stderr(&output).contains("does not play `repository`"));
}

#[test]
fn a_trap_shows_where_it_happened() {
    let (code, shown) = hostile(&["file-store.stat", r#"{"path": "panic"}"#]);
    assert_eq!(code, REFUSED);
    let error = &shown["error"];
    assert_eq!(
        (&error["outcome"], &error["answered"]),
        (&json!("internal"), &json!(false))
    );
    let frames: Vec<_> = error["backtrace"].as_array().unwrap().iter().collect();
    let named = |name: &str| {
        frames
            .iter()
            .any(|frame| frame.as_str().unwrap().contains(name))
    };
    // Demangled, without a hash, and with a place in the file.
    assert!(
        named("guest_hostile::guest::exits::panic at 0x"),
        "{frames:#?}"
    );
    assert!(named("#stat at 0x"), "{frames:#?}");
    assert!(!named("_ZN") && !named("_R"), "{frames:#?}");

    let file = artefact::guest("hostile");
    let mut command = plugin(&artefact::root(), &["run"]);
    command
        .arg(file)
        .args(["file-store.stat", r#"{"path": "panic"}"#]);
    let said = stderr(&command.output().unwrap());
    assert!(said.contains("guest::exits::panic at 0x"), "{said}");
    // What the guest said last is there, too.
    assert!(said.contains("on purpose"), "{said}");
}

#[test]
fn a_trap_after_the_first_byte_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let out = out.to_string_lossy();
    let read = [
        "file-store.read",
        r#"{"path": "half-then-trap"}"#,
        "--out",
        &out,
    ];
    let (code, shown) = hostile(&read);
    assert_eq!(code, REFUSED, "{shown:#}");
    assert!(
        !shown["error"]["backtrace"].as_array().unwrap().is_empty(),
        "{shown:#}"
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_broken_limit_is_named() {
    let (code, shown) = hostile(&["file-store.stat", r#"{"path": "grow"}"#]);
    assert_eq!(code, REFUSED);
    let message = shown["error"]["message"].as_str().unwrap();
    assert!(message.contains("memory_bytes"), "{message}");
    assert!(
        shown["used"]["memory_bytes"].as_u64() > Some(32 << 20),
        "{shown:#}"
    );
}
