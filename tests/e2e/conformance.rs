//! `tenon plugin test`: what is shipped passes it, every case finds the fault
//! it is there for, and it does not matter what a plugin is written in.

mod languages;
mod sqapi;

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use tenon_tests::apache::{ALICE, Apache};
use tenon_tests::swift::{KEY, KEY_VARIABLE, Swift};
use tenon_tests::{artefact, setup};

/// The suite's exit code when a rule is broken.
const FAILED: i32 = 3;
const USAGE: i32 = 2;
/// The one reference that the guest which breaks rules knows.
const KNOWN: &str = "--reference=known";
/// What a rule that cannot be seen in a fresh sandbox is seen in.
const ISOLATIONS: [&str; 2] = ["call", "warm"];

/// What a run of the suite printed, and how it ended.
struct Ran {
    code: i32,
    report: Value,
    errors: String,
}

/// Runs `tenon --json plugin test` with these arguments.
fn tested(arguments: &[&str]) -> Ran {
    let mut command = Command::new(artefact::host());
    command.args(["--json", "plugin", "test"]).args(arguments);
    command.env(KEY_VARIABLE, KEY);
    // The credential of the tests that need one.
    let output = command.env("CONFORMANCE_TOKEN", ALICE).output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        report: serde_json::from_slice(&output.stdout).unwrap_or_default(),
        errors: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The same of a component with a connector's file.
fn tested_as(component: &Path, connector: &Path, more: &[&str]) -> Ran {
    let mut arguments = vec![
        component.to_str().unwrap(),
        "--connector",
        connector.to_str().unwrap(),
    ];
    arguments.extend(more);
    tested(&arguments)
}

impl Ran {
    fn runs(&self) -> &[Value] {
        self.report["runs"].as_array().map_or(&[], Vec::as_slice)
    }

    /// Cases that ended like this, once each.
    fn cases(&self, verdict: &str) -> Vec<&str> {
        let ended = self.runs().iter().filter(|run| run["verdict"] == verdict);
        let mut cases: Vec<_> = ended.map(|run| run["case"].as_str().unwrap()).collect();
        cases.sort_unstable();
        cases.dedup();
        cases
    }

    fn assert_good(&self) {
        let failed = self.runs().iter().filter(|run| run["verdict"] == "failed");
        let failed: Vec<_> = failed.collect();
        assert_eq!(self.code, 0, "{failed:#?} {}", self.errors);
        assert_eq!(self.report["notes"], serde_json::json!([]));
    }
}

fn listed() -> Vec<Value> {
    let Value::Array(cases) = tested(&["--list"]).report else {
        panic!("no list");
    };
    cases
}

/// A connector of the guest that breaks rules, over a folder of its own.
fn misfit(folder: &Path, config: &str) -> std::path::PathBuf {
    let file = folder.join("connector.toml");
    let text = format!(
        "plugin = 'misfit'\n[config]\nroot = 'data'\n{config}\n\
         [[grants.files]]\nname = 'data'\npath = 'data'\naccess = 'read-write'\ncreate = true\n\
         [[grants.sql]]\nname = 'main'\nurl = 'sqlite:main.db'\n\
         [grants.scratch]\nbytes_max = 67108864\n[limits]\ncpu_ms = 5000\n"
    );
    fs::write(&file, text).unwrap();
    fs::create_dir_all(folder.join("data")).unwrap();
    file
}

/// A read-only one has something to read.
fn read_only(folder: &Path, config: &str) -> std::path::PathBuf {
    let file = misfit(folder, &format!("read_only = true\n{config}"));
    fs::write(folder.join("data/a.txt"), "a").unwrap();
    file
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn every_case_finds_its_fault() {
    let guest = artefact::guest("misfit");
    let cases = listed();
    assert!(cases.len() >= 70, "only {} cases", cases.len());
    for case in &cases {
        let [role, name, fault] = ["role", "case", "fault"].map(|key| case[key].as_str().unwrap());
        let folder = folder();
        let config = format!("fault = '{name}'");
        let connector = match name {
            "changes-refused" => read_only(folder.path(), &config),
            _ => misfit(folder.path(), &config),
        };
        let ran = tested_as(&guest, &connector, &["--case", name, "--publish", KNOWN]);
        assert_eq!(
            ran.code, FAILED,
            "{name}: {fault}: {} {}",
            ran.report, ran.errors
        );
        assert_eq!(ran.cases("failed"), [name]);
        // Where a sandbox serves one call, nothing is left for the next.
        for run in ran.runs() {
            let seen =
                run["verdict"] == "failed" || (name == "residue" && run["isolation"] == "call");
            assert!(seen, "{name} is not found in {run}");
        }
        println!("{role:<14} {name:<20} finds: {fault}");
    }
}

#[test]
fn without_a_fault_every_case_passes() {
    let guest = artefact::guest("misfit");
    let writable = folder();
    let connector = misfit(writable.path(), "");
    let ran = tested_as(&guest, &connector, &["--publish", KNOWN]);
    ran.assert_good();
    assert_eq!(ran.cases("not-offered"), ["changes-refused"]);
    assert!(ran.cases("skipped").is_empty());
    let fixed = folder();
    let connector = read_only(fixed.path(), "");
    let refusing = tested_as(&guest, &connector, &["--role", "file-store"]);
    refusing.assert_good();
    assert!(refusing.cases("not-offered").contains(&"write-read"));
    let mut passed = ran.cases("passed");
    passed.extend(refusing.cases("passed"));
    for case in listed() {
        let name = case["case"].as_str().unwrap();
        assert!(passed.contains(&name), "{name} never passed");
    }
}

#[test]
fn every_profile_and_isolation_is_run() {
    let template = artefact::plugin("template");
    let ran = tested(&[template.to_str().unwrap(), "--case", "list-root"]);
    let places: Vec<_> = ran
        .runs()
        .iter()
        .map(|run| (&run["profile"], &run["isolation"]))
        .collect();
    let expected =
        ["pooled", "on-demand"].map(|profile| ISOLATIONS.map(|isolation| (profile, isolation)));
    assert_eq!(places.len(), 4);
    for (place, (profile, isolation)) in places.iter().zip(expected.as_flattened()) {
        assert_eq!(
            (place.0, place.1),
            (&Value::from(*profile), &Value::from(*isolation))
        );
    }
}

#[test]
fn wrong_arguments_end_as_such() {
    let template = artefact::plugin("template");
    let template = template.to_str().unwrap();
    for (arguments, said) in [
        (vec![template, "--case", "nonsense"], "no case `nonsense`"),
        (vec![template, "--role", "repository"], "does not play"),
        (vec![template, "--role", "nonsense"], "the roles are"),
        (
            vec![template, "--connector", "/nowhere.toml"],
            "nowhere.toml",
        ),
        (
            vec![template, "--credential", "NOT_SET_ANYWHERE"],
            "NOT_SET_ANYWHERE",
        ),
        (vec![], "required"),
    ] {
        let ran = tested(&arguments);
        assert_eq!(ran.code, USAGE, "{arguments:?}: {}", ran.errors);
        assert!(ran.errors.contains(said), "{arguments:?}: {}", ran.errors);
    }
}

#[test]
fn the_shipped_template_passes() {
    tested(&[artefact::plugin("template").to_str().unwrap()]).assert_good();
}

#[test]
fn the_shipped_disk_passes_writable_and_not() {
    for access in ["read-write", "read-only"] {
        let (home, data) = (folder(), folder());
        fs::create_dir_all(data.path().join("sub/deep")).unwrap();
        for path in ["a.txt", "sub/b.txt", "sub/deep/ü.txt"] {
            fs::write(data.path().join(path), path).unwrap();
        }
        let connector = home.path().join("connector.toml");
        fs::write(&connector, setup::disk(data.path(), access)).unwrap();
        tested_as(&artefact::plugin("disk"), &connector, &[]).assert_good();
    }
}

#[test]
fn the_shipped_archive_passes() {
    let (home, data) = (folder(), folder());
    let connector = home.path().join("connector.toml");
    fs::write(&connector, setup::archive(data.path())).unwrap();
    let ran = tested_as(&artefact::plugin("archive"), &connector, &["--publish"]);
    ran.assert_good();
    assert!(ran.cases("not-offered").is_empty() && ran.cases("skipped").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shipped_owncloud_passes_against_apache() {
    let apache = Apache::start().await;
    let home = folder();
    let connector = home.path().join("connector.toml");
    let url = format!("http://{}", apache.address);
    fs::write(
        &connector,
        setup::owncloud(&url, "owncloud", "Bearer {caller}"),
    )
    .unwrap();
    let ran = tokio::task::spawn_blocking(move || {
        let credential = ["--user", "alice", "--credential", "CONFORMANCE_TOKEN"];
        tested_as(&artefact::plugin("owncloud"), &connector, &credential)
    });
    ran.await.unwrap().assert_good();
}

/// The suite on the `swift` plugin with this configuration, on a real Swift.
async fn swift(config: &str) -> Ran {
    let swift = Swift::start().await;
    let home = folder();
    let connector = home.path().join("connector.toml");
    let config = format!("create_containers = true\n{config}");
    fs::write(&connector, swift.connector(&config)).unwrap();
    let ran =
        tokio::task::spawn_blocking(move || tested_as(&artefact::plugin("swift"), &connector, &[]));
    ran.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shipped_swift_passes_with_containers_as_folders() {
    let ran = swift("lookup = 'path'").await;
    // The suite notes that its containers stay: no operation removes a folder.
    assert_eq!(ran.cases("failed"), [""; 0], "{}", ran.report);
    assert_eq!(ran.code, 0, "{}", ran.errors);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shipped_swift_passes_with_containers_to_search() {
    swift("containers = ['one', 'two']").await.assert_good();
}
