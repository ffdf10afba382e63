//! Mistakes in the configuration: all of them at once, with file and key,
//! before anything is bound.

use std::net::TcpListener;
use std::process::Output;

use tenon_tests::host::{self, Host};
use tenon_tests::setup::{Setup, disk};
use tenon_tests::{artefact, setup};

/// The exit code for a configuration with mistakes.
const BAD_CONFIGURATION: i32 = 64;

const MISTAKEN: &str = "\
plugin = 'nowhere'
hosts = ['layer1-port-good']
colour = 'blue'
[[grants.secrets]]
name = 'key'
value = 'env:TENON_TEST_NOT_SET'
[[grants.secrets]]
name = 'other'
value = 'tok3n-in-the-file'
";

/// One connector without a fault and two with all that there can be.
fn mistaken() -> Setup {
    let setup = Setup::new();
    let folder = setup.path("files");
    setup.write("files/a.txt", "a");
    // The plugin imports more than is granted here.
    let ungranted = "plugin = 'disk'\nlisten = 'nonsense'\n";
    setup
        .connector("port-good", &disk(&folder, "read-only"))
        .connector("port-mistaken", MISTAKEN)
        .connector("port-ungranted", ungranted)
}

fn assert_mistakes(output: &Output) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(BAD_CONFIGURATION), "{text}");
    for (place, why) in [
        ("connectors/port-mistaken.toml:1: plugin: ", "nowhere.wasm"),
        (
            "connectors/port-mistaken.toml:2: hosts[0]: ",
            "layer1-port-good",
        ),
        ("connectors/port-mistaken.toml:3: colour: ", "unknown key"),
        (
            "connectors/port-mistaken.toml:6: grants.secrets[0].value: ",
            "TENON_TEST_NOT_SET",
        ),
        (
            "connectors/port-mistaken.toml:9: grants.secrets[1].value: ",
            "never stands in the configuration",
        ),
        (
            "connectors/port-ungranted.toml:1: plugin: ",
            "tenon:connector/files",
        ),
        (
            "connectors/port-ungranted.toml:2: listen: ",
            "invalid socket address",
        ),
    ] {
        let line = text.lines().find(|line| line.starts_with(place));
        let line = line.unwrap_or_else(|| panic!("no {place} in\n{text}"));
        assert!(line.contains(why), "{line}");
    }
    assert_eq!(text.lines().count(), 7, "{text}");
    // What may be a secret at the wrong place is not repeated.
    assert!(!text.contains(setup::SECRET_MARK), "{text}");
}

#[test]
fn all_mistakes_are_reported_and_nothing_is_bound() {
    let setup = mistaken();
    // Whoever binds after that would be told that the address is in use.
    let taken = [setup.rds, setup.admin].map(|address| TcpListener::bind(address).unwrap());
    assert_mistakes(&host::run(&setup, "serve"));
    drop(taken);
    assert_mistakes(&host::run(&setup, "check"));
}

#[test]
fn check_finds_nothing_wrong_and_starts_nothing() {
    let setup = Setup::new();
    setup.write("files/a.txt", "a");
    let text = disk(&setup.path("files"), "read-only");
    let setup = setup.connector("port-disk", &text);
    let output = host::run(&setup, "check");
    assert!(output.status.success(), "{output:?}");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("1 connector"), "{told}");
}

#[test]
fn what_is_shipped_has_no_mistakes() {
    let shipped = artefact::root().join("runtime-config");
    let output = std::process::Command::new(artefact::host())
        .args(["check", "--config"])
        .arg(shipped)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn an_address_in_use_is_a_plain_error() {
    let setup = Setup::new();
    let _taken = TcpListener::bind(setup.rds).unwrap();
    let output = host::run(&setup, "serve");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains(&setup.rds.to_string()), "{text}");
}

#[tokio::test]
async fn health_asks_a_running_host() {
    let ask = |host: &Host| {
        let url = format!("http://{}/health/live", host.setup.admin);
        let mut command = std::process::Command::new(artefact::host());
        command.args(["health", "--url", &url]).output().unwrap()
    };
    let mut host = Setup::new().start().await;
    assert!(ask(&host).status.success());
    assert!(host.stop().await.success());
    assert_eq!(ask(&host).status.code(), Some(1));
}
