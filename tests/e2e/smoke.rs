//! What a newcomer does first: start what is shipped, and type what it
//! prints.

use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tenon_tests::host::Host;
use tenon_tests::setup::Setup;
use tenon_tests::{artefact, wait};

#[tokio::test]
async fn the_printed_commands_work() {
    let setup = Setup::new();
    let mut command = Command::new(artefact::host());
    command
        .args(["serve", "--config"])
        .arg(artefact::root().join("runtime-config"))
        .env("TENON_RDS_LISTEN", setup.rds.to_string())
        .env("TENON_ADMIN_LISTEN", setup.admin.to_string())
        .env("TENON_CACHE", artefact::root().join("target/test-cache"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut host = Host::spawn(setup, &mut command);
    let printed = wait::until("commands to try", async || {
        let lines = host.lines().into_iter().map(|line| line.trim().to_owned());
        let curl: Vec<_> = lines.filter(|line| line.starts_with("curl ")).collect();
        (curl.len() == 2).then_some(curl)
    })
    .await;
    let run = |command: &str| {
        let output = Command::new("sh").args(["-c", command]).output().unwrap();
        assert!(output.status.success(), "{command}: {output:?}");
        output.stdout
    };
    let listing: Value = serde_json::from_slice(&run(&printed[0])).unwrap();
    let files = listing["files"].as_array().unwrap();
    assert!(files.contains(&json!("welcome.txt")), "{listing}");
    let shipped = artefact::root().join("runtime-config/files");
    for file in files {
        assert!(shipped.join(file.as_str().unwrap()).is_file(), "{file}");
    }
    assert_eq!(
        run(&printed[1]),
        std::fs::read(shipped.join("welcome.txt")).unwrap()
    );
    // The fixed names that others rely on.
    let caller = host.caller("port-disk", "demo");
    assert_eq!(caller.folder("/").await.json(), listing);
    assert!(host.stop().await.success());
}
