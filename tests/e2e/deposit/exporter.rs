//! The whole order of the contract, driven by the client library of its
//! callers in both of its generations.

use std::process::Command;

use tenon_tests::artefact;

use super::*;

fn export(host: &Host, generation: &str, cloud_user: &str, repository_user: &str) -> Vec<String> {
    let output = Command::new(artefact::python(generation))
        .arg(artefact::root().join("tests/e2e/clients/deposit.py"))
        .arg(format!("http://{}", host.address()))
        .args(["port-owncloud", cloud_user])
        .args(["port-zenodo", repository_user, "Docs"])
        .env_remove("HTTP_PROXY")
        .env_remove("http_proxy")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_callers_own_library_publishes_a_folder() {
    let apache = cloud(&[
        ("a.txt", "first"),
        ("x/data b.csv", "1,2"),
        ("y/data b.csv", "3,4"),
    ])
    .await;
    let zenodo_fake = fake();
    let host = start_between(&apache, &zenodo_fake).await;
    let cloud_user = format!("port-owncloud://alice@cloud.example:{ALICE}");
    let repository_user = format!("port-zenodo://alice@cloud.example:{TOKEN}");

    for (nth, generation) in ["urllib3-1.26", "urllib3-2"].into_iter().enumerate() {
        let lines = export(&host, generation, &cloud_user, &repository_user);
        let said = |line: &str| lines.iter().any(|said| said == line);
        assert!(said("skipped locked.txt"), "{lines:#?}");
        for name in ["a.txt", "x/data b.csv", "y/data b.csv"] {
            assert!(said(&format!("stored {name}")), "{lines:#?}");
        }
        let deposit = &zenodo_fake.deposits()[nth];
        let doi = deposit.doi.clone().unwrap();
        assert_eq!(lines.last(), Some(&format!("published {doi}")));
        assert!(deposit.submitted);
        assert_eq!(deposit.files.len(), 4, "{:#?}", deposit.files);
        // What could not be read left nothing behind, least of all its error.
        assert!(
            deposit
                .files
                .iter()
                .all(|file| !file.name.contains("locked"))
        );
    }
    zenodo_fake.assert_clean();
}
