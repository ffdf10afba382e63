//! Everything goes well, but for one file that nobody can read.

use super::*;

/// Copies a folder as the exporter does: it stores whatever its client
/// library returns, and goes on with the next file where that raises.
async fn export(cloud: &Caller, repository: &Caller, project: &str, folder: &str) -> Vec<String> {
    let mut failed = Vec::new();
    for name in cloud.folder(folder).await.files() {
        let content = cloud.file(&format!("{folder}/{name}")).await;
        if !content.whole {
            failed.push(name);
            continue;
        }
        let answer = repository.add_file(project, &name, &content.body).await;
        assert_eq!(answer.json()["success"], true, "{name}: {}", answer.text());
    }
    failed
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_becomes_a_publication() {
    let apache = cloud(&[
        ("a.txt", "first"),
        ("b c.txt", "with a space"),
        ("empty.txt", ""),
        ("x/data.csv", "1,2"),
        ("y/data.csv", "3,4"),
        ("y/Grüße #1 100%.txt", "named badly"),
    ])
    .await;
    let zenodo_fake = fake();
    let host = start_between(&apache, &zenodo_fake).await;
    let cloud = host.caller(
        "port-owncloud",
        &format!("port-owncloud://alice@cloud.example:{ALICE}"),
    );
    let repository = depositor(&host);

    let id = project_id(&repository.create_project().await);
    // As the metadata service does it: read as JSON, sent on.
    let document = cloud.file("Docs/ro-crate-metadata.json").await.json();
    let updated = repository.update_project(&id, &document).await;
    assert_eq!(updated.status, 200, "{}", updated.text());
    assert_eq!(
        updated.json()["https://schema.org/name"],
        "Glacier heights",
        "{}",
        updated.text()
    );
    let failed = export(&cloud, &repository, &id, "Docs").await;
    assert_eq!(failed, ["locked.txt"]);
    let published = repository.publish_project(&id).await;
    assert_eq!(published.status, 200, "{}", published.text());
    let doi = published.json()["DOI"].as_str().unwrap().to_owned();

    let deposits = zenodo_fake.deposits();
    let [deposit] = deposits.as_slice() else {
        panic!("{deposits:#?}");
    };
    assert!(deposit.submitted);
    assert_eq!(deposit.doi.as_deref(), Some(doi.as_str()));
    assert_eq!(deposit.metadata["title"], "Glacier heights");
    assert_eq!(deposit.metadata["publication_date"], "2024-01-02");
    assert_eq!(
        deposit.metadata["creators"],
        json!([
            { "name": "Ada Berg", "affiliation": "Institute of Ice" },
            { "name": "Ben Tal" },
        ])
    );
    let sizes: Vec<_> = deposit.files.iter().map(|file| file.size).collect();
    assert_eq!(sizes.len(), 7, "{:#?}", deposit.files);
    // Two files of one name in two folders are two files.
    let data = deposit.files.iter().filter(|file| file.size == 3);
    assert_eq!(data.count(), 2, "{:#?}", deposit.files);

    // Once more, as a caller would that missed the answer.
    let again = repository.publish_project(&id).await;
    assert_eq!(again.json()["DOI"], doi);
    // Published is published.
    let late = repository.add_file(&id, "late.txt", b"late").await;
    assert_eq!(late.json()["success"], false, "{}", late.text());
    assert!(late.json()["message"].is_string());
    assert_eq!(zenodo_fake.deposits()[0].files.len(), 7);
    zenodo_fake.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_is_deleted_with_204() {
    let zenodo_fake = fake();
    let host = start(&zenodo_fake.origin()).await;
    let repository = depositor(&host);
    let id = project_id(&repository.create_project().await);
    let deleted = repository.delete_project(&id).await;
    assert_eq!((deleted.status, deleted.text()), (204, String::new()));
    assert!(zenodo_fake.deposits().is_empty());
    assert_eq!(repository.delete_project(&id).await.status, 404);
    zenodo_fake.assert_clean();
}
