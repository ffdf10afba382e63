//! What a newcomer does first: start what is shipped, and type what it
//! prints.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tenon_host::digest::Digest;
use tenon_tests::host::Host;
use tenon_tests::setup::Setup;
use tenon_tests::{address, artefact, wait};

/// Stands between what two commands print.
const MARK: &str = "\n--next--\n";

/// Runs commands in one shell, as somebody does who pastes them one after the
/// other, and returns what each prints.
fn run(folder: &Path, commands: &[String]) -> Vec<String> {
    let script = commands.join(&format!("\nprintf '{}'\n", MARK.replace('\n', "\\n")));
    let mut shell = Command::new("sh");
    let output = shell.args(["-c", &script]).current_dir(folder).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{script}: {output:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    printed.split(MARK).map(str::to_owned).collect()
}

fn parsed(printed: &str) -> Value {
    serde_json::from_str(printed).unwrap_or_else(|error| panic!("{error}: {printed}"))
}

/// The bag that a published project is.
fn assert_bag(archive: &Path, project: &str) {
    let bag = archive.join("published/demo").join(project);
    let mut check = Command::new("sha256sum");
    check.args(["--check", "--strict", "manifest-sha256.txt"]);
    let output = check.current_dir(bag).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// A picture goes in, and what processors found comes out.
async fn assert_dropped(folder: &Path, commands: &[String]) {
    let [drop, hashes, exif, thumbnail] = commands else {
        panic!("{commands:?}")
    };
    let [accepted] = &run(folder, std::slice::from_ref(drop))[..] else {
        unreachable!()
    };
    assert_eq!(parsed(accepted)["uuid"], "harbour", "{accepted}");
    let found = wait::until("the picture is done", async || {
        let exif = run(folder, &[exif.clone(), hashes.clone()]);
        exif.iter()
            .all(|printed| !printed.is_empty())
            .then_some(exif)
    })
    .await;
    let picture = folder.join("runtime-config/samples/harbour.jpg");
    let digest = Digest::of(&std::fs::read(picture).unwrap()).to_string();
    assert!(
        digest.ends_with(parsed(&found[1])[0]["sha256"].as_str().unwrap()),
        "{found:?}"
    );
    assert!(found[0].contains("harbour"), "{found:?}");
    wait::until("a thumbnail", async || {
        run(folder, std::slice::from_ref(thumbnail));
        let made = std::fs::read(folder.join("thumbnail.jpg")).ok()?;
        made.starts_with(&[0xff, 0xd8]).then_some(())
    })
    .await;
}

/// The host on what is shipped, with everything it writes in a folder of its
/// own, from which commands are typed as if the repository were there.
fn shipped() -> (Host, PathBuf) {
    let setup = Setup::new();
    // As if the repository were here, for what the commands leave behind.
    let folder = setup.path("here");
    std::fs::create_dir(&folder).unwrap();
    let shipped = artefact::root().join("runtime-config");
    symlink(shipped, folder.join("runtime-config")).unwrap();
    let database = |name: &str| setup.path(name).display().to_string();
    let mut command = Command::new(artefact::host());
    command
        .args(["serve", "--config", "runtime-config"])
        .current_dir(&folder)
        .env("TENON_RDS_LISTEN", setup.rds.to_string())
        .env("TENON_ADMIN_LISTEN", setup.admin.to_string())
        .env("TENON_SQAPI_LISTEN", address::unused().to_string())
        .env("TENON_CACHE", artefact::root().join("target/test-cache"))
        .env("TENON_PLUGINS", artefact::root().join("target/plugins"))
        .env("TENON_ARCHIVE", setup.path("archive"))
        .env("TENON_SQAPI_DATA", setup.path("objects"))
        .env(
            "TENON_SQAPI_DATABASE",
            format!("sqlite:{}", database("sqapi.db")),
        )
        .env(
            "TENON_SQAPI_METADATA",
            format!("embedded:{}", database("metadata.db")),
        )
        .env(
            "TENON_DATABASE_URL",
            format!("sqlite:{}", database("tenon.db")),
        )
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    (Host::spawn(setup, &mut command), folder)
}

#[tokio::test]
async fn the_printed_commands_work() {
    let (mut host, folder) = shipped();
    let archive = host.setup.path("archive");
    let commands = wait::until("commands to try", async || {
        let lines = host.lines().into_iter().map(|line| line.trim().to_owned());
        let curl: Vec<_> = lines.filter(|line| line.contains("curl -s ")).collect();
        (curl.len() == 12).then_some(curl)
    })
    .await;
    let (commands, dropping) = commands.split_at(8);
    let printed = run(&folder, commands);
    let [
        listing,
        content,
        id,
        updated,
        added,
        published,
        project,
        file,
    ] = &printed[..]
    else {
        panic!("{printed:?}")
    };

    let listing = parsed(listing);
    let files = listing["files"].as_array().unwrap();
    assert!(files.contains(&json!("welcome.txt")), "{listing}");
    let shipped = artefact::root().join("runtime-config/files");
    for file in files {
        assert!(shipped.join(file.as_str().unwrap()).is_file(), "{file}");
    }
    let welcome = std::fs::read_to_string(shipped.join("welcome.txt")).unwrap();
    assert_eq!(*content, welcome);

    let id = id.trim();
    assert_eq!(parsed(updated)["@graph"][1]["name"], "My first project");
    assert_eq!(parsed(added)["success"], true);
    assert_eq!(parsed(published), json!({"DOI": format!("urn:uuid:{id}")}));
    assert_eq!(parsed(project), parsed(updated));
    assert_eq!(*file, welcome);
    assert_bag(&archive, id);

    assert_dropped(&folder, dropping).await;

    // The fixed names that others rely on.
    let caller = host.caller("port-disk", "demo");
    assert_eq!(caller.folder("/").await.json(), listing);
    assert!(host.stop().await.success());
}
