//! Who may, and how the registry is reached.

use std::ffi::OsStr;
use std::path::PathBuf;

use serde_json::json;
use tenon_tests::registry::{Key, PASSWORD, Registry, Signature, USER};

use super::{Shell, disk, ended, with_disk};

/// Logs in with the variable `PASSWORD`.
fn log_in<'a>() -> Vec<&'a dyn AsRef<OsStr>> {
    vec![
        &"--plain-http",
        &"--username",
        &USER,
        &"--password-env",
        &"PASSWORD",
    ]
}

/// A configuration with nothing but these tables.
fn config(shell: &Shell, text: &str) -> PathBuf {
    let all = format!("[plugins]\ncache = 'cache'\n[persistence]\nurl = 'sqlite:tenon.db'\n{text}");
    shell.write("config/host.toml", all);
    shell.path("config")
}

#[tokio::test]
async fn only_who_knows_the_password() {
    let mut shell = Shell::new();
    let registry = Registry::with_users().await;
    let reference = registry.reference("team/disk:1");
    shell.variables = vec![("PASSWORD", PASSWORD.to_owned())];
    shell.push(&disk(), &reference, &log_in()).done();
    shell.pull(&reference, &log_in()).done();
    shell.pull(&reference, &[&"--plain-http"]).refused("denied");

    shell.variables = vec![("PASSWORD", "tok3n-wrong".to_owned())];
    for ended in [
        shell.pull(&reference, &log_in()),
        shell.push(&disk(), &reference, &log_in()),
    ] {
        ended.refused("denied");
        let said = format!("{ended:?}");
        assert!(!said.contains("tok3n"), "{said}");
    }
    shell.variables.clear();
    let unset = shell.pull(&reference, &log_in());
    assert_eq!(unset.code, 1);
    assert!(unset.stderr.contains("`PASSWORD` is not set"), "{unset:?}");
}

#[tokio::test]
async fn as_docker_has_stored_it() {
    let shell = Shell::new();
    let registry = Registry::with_users().await;
    let reference = registry.reference("team/disk:1");
    let command = format!("printf %s '{USER}:{PASSWORD}' | base64");
    let output = std::process::Command::new("sh")
        .args(["-c", &command])
        .output()
        .unwrap();
    let auth = String::from_utf8(output.stdout).unwrap();
    let name = registry.address.to_string();
    let stored = json!({"auths": {name: {"auth": auth.trim()}}});
    shell.write(".docker/config.json", stored.to_string());
    shell.push(&disk(), &reference, &[&"--plain-http"]).done();
    shell.pull(&reference, &[&"--plain-http"]).done();
}

#[tokio::test]
async fn only_with_a_certificate_of_somebody_known() {
    let shell = Shell::new();
    let registry = Registry::with_tls().await;
    let reference = registry.reference("team/disk:1");
    let ca = registry.ca();
    shell.push(&disk(), &reference, &[&"--ca", &ca]).done();
    shell.pull(&reference, &[&"--ca", &ca]).done();
    assert_eq!(shell.pulled(), std::fs::read(disk()).unwrap());
    shell.pull(&reference, &[]).refused("unreachable");
    shell
        .pull(&reference, &[&"--plain-http"])
        .refused("bad-answer");
}

#[tokio::test]
async fn as_the_configuration_says() {
    let mut shell = Shell::new();
    let registry = Registry::with_users().await;
    let (key, name) = (Key::new(), registry.address);
    shell.variables = vec![("PASSWORD", PASSWORD.to_owned())];
    let access = format!(
        "[[registries]]\nhost = '{name}'\nusername = '{USER}'\npassword = 'env:PASSWORD'\n\
         plain_http = true\n"
    );
    let policy = |scope: &str, required: bool| {
        let file = key.public();
        format!(
            "[[signatures]]\nscope = '{scope}'\nrequired = {required}\n\
             keys = [{{ name = 'release', file = '{}' }}]\n",
            file.display()
        )
    };
    let (team, free) = (
        registry.reference("team/disk:1"),
        registry.reference("free/disk:1"),
    );
    let text = access.clone() + &policy(&registry.reference("team"), true) + &policy("*", false);
    let config = config(&shell, &text);
    let configured: [&dyn AsRef<OsStr>; 2] = [&"--config", &config];
    for reference in [&team, &free] {
        shell.push(&disk(), reference, &configured).done();
    }
    shell.pull(&team, &configured).refused("unsigned");
    let pulled = shell.pull(&free, &configured).done();
    assert_eq!(pulled["signed_by"], json!(null));
    let strict: [&dyn AsRef<OsStr>; 3] = [&"--config", &config, &"--require-signature"];
    shell.pull(&free, &strict).refused("unsigned");

    for reference in [&team, &free] {
        let signed: [&dyn AsRef<OsStr>; 4] = [&"--config", &config, &"--sign", &key.private()];
        shell.push(&disk(), reference, &signed).done();
        let pulled = shell.pull(reference, &strict).done();
        assert_eq!(pulled["signed_by"], "release");
    }

    // What the configuration has is not overruled.
    let both = shell.pull(&team, &[&"--config", &config, &"--plain-http"]);
    assert_eq!(both.code, 2, "{both:?}");
    shell.write("config/host.toml", "[[registries]]\n");
    let broken = shell.pull(&team, &configured);
    assert_eq!(broken.code, 64);
    assert!(
        broken.stderr.contains("registries[0].host: missing"),
        "{broken:?}"
    );
}

#[tokio::test]
async fn people_are_told_in_words() {
    let shell = Shell::new();
    let (registry, digest) = with_disk(&shell).await;
    let key = Key::new();
    registry
        .sign("team/disk", "1", &key, Signature::default())
        .await;
    let reference = registry.reference("team/disk:1");
    let file = shell.path("disk.wasm");
    let run = |more: &[&dyn AsRef<OsStr>]| {
        let mut command = std::process::Command::new(tenon_tests::artefact::host());
        command
            .args(["plugin", "pull", &reference, "--plain-http", "-o"])
            .arg(&file);
        command.args(more.iter().map(|argument| (*argument).as_ref()));
        command.env("HOME", shell.path(""));
        command.output().unwrap()
    };
    let output = run(&[&"--key", &key.public()]);
    let printed = String::from_utf8(output.stdout.clone()).unwrap();
    let pinned = registry.reference(&format!("team/disk@{digest}"));
    assert!(
        printed.contains(&format!("from {pinned}\nsigned by ")),
        "{printed}"
    );
    let refused = run(&[&"--key", &Key::new().public()]);
    let said = ended(&refused).stderr;
    assert!(said.starts_with("tenon: wrong-signature: "), "{said}");
    assert!(refused.stdout.is_empty());

    let help = std::process::Command::new(tenon_tests::artefact::host())
        .args(["plugin", "pull", "--help"])
        .output()
        .unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    for part in ["Exit codes:", "Examples:", "wrong-signature"] {
        assert!(help.contains(part), "{help}");
    }
}
