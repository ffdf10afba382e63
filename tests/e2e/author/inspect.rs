//! `tenon plugin inspect` and `check` of the shipped plugins.

use std::fs;

use serde_json::{Value, json};
use tenon_tests::artefact;

use super::{REFUSED, code, plugin, stderr, stdout, succeed};

/// What the link flags ask for, which every shipped plugin has.
const MEMORY_BYTES: u64 = 262_144;

#[test]
fn every_shipped_plugin_can_be_looked_into() {
    for (name, roles, imports) in [
        ("archive", &["lifecycle", "repository"][..], &["files"][..]),
        ("disk", &["lifecycle", "file-store"], &["files"]),
        ("osf", &["lifecycle", "repository"], &["outgoing-handler"]),
        (
            "owncloud",
            &["lifecycle", "file-store"],
            &["outgoing-handler", "secret"],
        ),
        ("template", &["lifecycle", "file-store"], &[]),
        (
            "zenodo",
            &["lifecycle", "repository"],
            &["outgoing-handler", "secret"],
        ),
    ] {
        let file = artefact::plugin(name);
        let shown = super::json(&artefact::root(), &["inspect", &file.to_string_lossy()]);
        assert_eq!(shown["name"], name);
        assert_eq!(shown["profile"], "pooled", "{name}");
        assert!(
            shown["memory_bytes_min"].as_u64() >= Some(MEMORY_BYTES),
            "{name}"
        );
        assert_eq!(shown["stack_bytes"], MEMORY_BYTES / 2, "{name}");
        assert_eq!(shown["size_bytes"], fs::metadata(&file).unwrap().len());
        for role in roles {
            let found = shown["roles"].as_array().unwrap();
            assert!(found.contains(&json!(role)), "{name}: {found:?}");
        }
        let granted = shown["imports"].to_string();
        for import in imports {
            assert!(granted.contains(import), "{name}: {granted}");
        }
        assert_eq!(imports.is_empty(), shown["imports"] == json!([]), "{name}");
        let language = &shown["producers"]["language"];
        assert!(language["Rust"].is_string(), "{name}: {language}");
        assert!(shown["config_schema"]["properties"].is_object(), "{name}");
    }
}

#[test]
fn people_see_it_folded() {
    let file = artefact::plugin("disk");
    let output = succeed(plugin(
        &artefact::root(),
        &["inspect", &file.to_string_lossy()],
    ));
    let shown = stdout(&output);
    for part in [
        "roles      lifecycle, file-store",
        "needs [[grants.files]]",
        "of the base set",
        "256 KiB at its start, of it stack 128 KiB",
        "pooled",
        "sha256:",
    ] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    // One line each, however many interfaces there are.
    assert!(shown.lines().count() < 20, "{shown}");
}

#[test]
fn what_is_no_plugin_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("core.wasm"), b"\0asm\x01\0\0\0").unwrap();
    fs::write(folder.path().join("text.wasm"), "hello").unwrap();
    for (file, why) in [
        ("core.wasm", "a core module, not a component"),
        ("text.wasm", "not valid WebAssembly"),
        ("none.wasm", "cannot read"),
    ] {
        let inspected = plugin(folder.path(), &["inspect", file]).output().unwrap();
        assert_eq!(code(&inspected), REFUSED, "{file}");
        assert!(stderr(&inspected).contains(why), "{}", stderr(&inspected));
        let checked = plugin(folder.path(), &["check", file]).output().unwrap();
        assert_eq!(code(&checked), REFUSED, "{file}");
        assert!(stdout(&checked).contains(why), "{}", stdout(&checked));
    }
}

/// The verdicts of `disk` with this connector, if any.
fn verdicts(connector: Option<&str>) -> (i32, Value) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("files")).unwrap();
    let file = artefact::plugin("disk");
    let mut command = plugin(folder.path(), &["--json", "check"]);
    command.arg(file);
    if let Some(text) = connector {
        fs::write(folder.path().join("connector.toml"), text).unwrap();
        command.args(["--connector", "connector.toml"]);
    }
    let output = command.output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    (code(&output), report)
}

fn assert_check(connector: Option<&str>, expected: [&str; 6], why: &str) {
    let (code, report) = verdicts(connector);
    let steps = report["steps"].as_array().unwrap();
    let found: Vec<_> = steps
        .iter()
        .map(|step| step["verdict"].as_str().unwrap())
        .collect();
    assert_eq!(found, expected, "{report:#}");
    let refused = expected.contains(&"refused");
    assert_eq!(code, if refused { REFUSED } else { 0 }, "{report:#}");
    assert_eq!(report["accepted"], !refused);
    assert!(report.to_string().contains(why), "{report:#}");
}

#[test]
fn each_step_says_why_it_refuses() {
    const GRANT: &str = "[[grants.files]]\nname = 'files'\npath = 'files'\n";
    let (ok, no, not) = ("passed", "refused", "skipped");
    assert_check(
        None,
        [ok, ok, ok, no, not, not],
        "which needs a [[grants.files]]",
    );
    assert_check(
        Some(&format!("{GRANT}colour = 'blue'\n")),
        [ok, ok, ok, no, not, not],
        "unknown key",
    );
    assert_check(
        Some(&format!("[config]\nroot = 5\n{GRANT}")),
        [ok, ok, ok, ok, no, not],
        "config/root",
    );
    assert_check(
        Some(&format!("[config]\nroot = 'elsewhere'\n{GRANT}")),
        [ok, ok, ok, ok, ok, no],
        "elsewhere",
    );
    assert_check(Some(GRANT), [ok; 6], "can reach its system");
}
