//! What an archive has published stays as it is: after a restart, and from
//! another host that shares the directory.

use std::path::Path;

use tenon_tests::setup::archive;

use super::*;

async fn host_on(folder: &Path) -> Host {
    let setup = Setup::new().connector("port-archive", &archive(folder));
    setup.start().await
}

/// Every change of a published project is a conflict.
async fn assert_unchangeable(host: &Host, id: &str, identifier: &str) {
    let caller = host.caller("port-archive", "alice");
    let updated = caller.update_project(id, &ro_crate()).await;
    assert_eq!(updated.status, 409, "{}", updated.text());
    let added = caller.add_file(id, "late.txt", b"late").await;
    assert_eq!(added.status, 409, "{}", added.text());
    assert_eq!(added.json()["success"], false);
    let deleted = caller.delete_project(id).await;
    assert_eq!(deleted.status, 409, "{}", deleted.text());
    let again = caller.publish_project(id).await;
    assert_eq!(again.json()["DOI"], identifier, "{}", again.text());
    let files = caller.project_files(id).await.json();
    assert_eq!(files.as_array().map(Vec::len), Some(2), "{files}");
    assert_eq!(caller.project(id).await.json(), ro_crate());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publication_outlives_hosts_and_binds_others() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = host_on(folder.path()).await;
    let second = host_on(folder.path()).await;
    let caller = first.caller("port-archive", "alice");
    let id = project_id(&caller.create_project().await);
    let updated = caller.update_project(&id, &ro_crate()).await;
    assert_eq!(updated.status, 200, "{}", updated.text());
    caller.add_file(&id, "a.txt", b"first").await;
    // A draft is everybody's who shares the directory.
    let beside = second.caller("port-archive", "alice");
    let added = beside.add_file(&id, "sub/b.txt", b"second").await;
    assert_eq!(added.json()["success"], true, "{}", added.text());

    let published = caller.publish_project(&id).await;
    let identifier = published.json()["DOI"].as_str().unwrap().to_owned();
    assert_unchangeable(&first, &id, &identifier).await;
    assert_unchangeable(&second, &id, &identifier).await;
    first.kill();
    first.ended().await;
    let restarted = host_on(folder.path()).await;
    assert_unchangeable(&restarted, &id, &identifier).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_changed_on_the_disk_is_not_given_out() {
    let folder = tempfile::tempdir().unwrap();
    let host = host_on(folder.path()).await;
    let caller = host.caller("port-archive", "alice");
    let id = project_id(&caller.create_project().await);
    // More than the sandbox has memory for.
    let large: Vec<u8> = (0..=255_u8).cycle().take(80 << 20).collect();
    caller.add_file(&id, "large.bin", &large).await;
    caller.publish_project(&id).await;
    let path = format!("/metadata/project/{id}/files/large.bin");
    let read = || caller.json("GET", &path, &json!({ "userId": "alice" }));
    let whole = tenon_tests::client::send(host.address(), read()).await;
    assert!(whole.whole && whole.body == large);

    let bag = folder.path().join("published/alice").join(&id);
    let file = bag.join("data/large.bin");
    let mut changed = large;
    changed[40 << 20] ^= 1;
    std::fs::write(file, changed).unwrap();
    let broken = tenon_tests::client::send(host.address(), read()).await;
    assert!(!broken.whole, "{} bytes", broken.body.len());
}
