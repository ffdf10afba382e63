//! The caller hangs up during every single call.

use std::time::Duration;

use tenon_fakes::{Fault, Hold, Nth};
use tenon_tests::client;
use tenon_tests::wait;

use super::*;

/// Sends a request and hangs up while the repository holds its nth call.
async fn hang_up(
    zenodo_fake: &Zenodo,
    host: &Host,
    nth: u32,
    request: http::Request<http_body_util::Full<bytes::Bytes>>,
) {
    let hold = Hold::new();
    let at = u32::try_from(zenodo_fake.calls().len()).unwrap() + nth;
    zenodo_fake.fail_call(Nth::Only(at), Fault::Hold(hold.clone()));
    let address = host.address();
    let skip = host.logs().len();
    let asked = tokio::spawn(async move { client::open(address, request).await.is_ok() });
    hold.reached().await;
    asked.abort();
    assert!(asked.await.is_err());
    // Time for the host to notice.
    tokio::time::sleep(Duration::from_millis(200)).await;
    hold.release();
    host.logged("call ended", skip).await;
    zenodo_fake.heal();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publication_happens_once_whoever_waits_for_it() {
    for nth in 1..=2 {
        let zenodo_fake = fake();
        let host = start(&zenodo_fake.origin()).await;
        host.ready("port-zenodo").await;
        let repository = depositor(&host);
        let id = project_id(&repository.create_project().await);
        repository.update_project(&id, &ro_crate()).await;
        repository.add_file(&id, "a.txt", b"a").await;
        let body = json!({ "userId": repository.user });
        let publish = repository.json("PUT", &format!("/metadata/project/{id}"), &body);
        hang_up(&zenodo_fake, &host, nth, publish).await;
        let deposits = wait::until("it is published", async || {
            let deposits = zenodo_fake.deposits();
            deposits[0].submitted.then_some(deposits)
        })
        .await;
        let again = repository.publish_project(&id).await;
        let doi = again.json()["DOI"].as_str().map(str::to_owned);
        assert_eq!(doi, deposits[0].doi);
        assert_eq!(zenodo_fake.deposits().len(), 1);
        zenodo_fake.assert_clean();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_that_nobody_was_told_of_is_in_the_log() {
    let zenodo_fake = fake();
    let host = start(&zenodo_fake.origin()).await;
    host.ready("port-zenodo").await;
    let repository = depositor(&host);
    let body = json!({ "userId": repository.user });
    let create = repository.json("POST", "/metadata/project", &body);
    hang_up(&zenodo_fake, &host, 1, create).await;
    let told = host.logged("the caller had gone", 0).await;
    let id = zenodo_fake.deposits()[0].id.to_string();
    assert_eq!(told["made"], id);
    zenodo_fake.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_and_files_are_stored_although_nobody_waits() {
    let zenodo_fake = fake();
    let host = start(&zenodo_fake.origin()).await;
    host.ready("port-zenodo").await;
    let repository = depositor(&host);
    let id = project_id(&repository.create_project().await);
    let body = json!({ "userId": repository.user, "metadata": ro_crate() });
    let update = repository.json("PATCH", &format!("/metadata/project/{id}"), &body);
    hang_up(&zenodo_fake, &host, 1, update).await;
    wait::until("it is described", async || {
        (zenodo_fake.deposits()[0].metadata["title"] == "Glacier heights").then_some(())
    })
    .await;
    // The whole file has arrived; its caller does not wait for the answer.
    for (nth, name) in [(1, "a.txt"), (2, "b.txt")] {
        let add = repository.add_file_request(&id, name, b"content");
        hang_up(&zenodo_fake, &host, nth, add).await;
        wait::until("it is stored", async || {
            let deposits = zenodo_fake.deposits();
            let mut files = deposits[0].files.iter();
            files
                .any(|file| file.name == name && file.size == 7)
                .then_some(())
        })
        .await;
    }
    zenodo_fake.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_to_go_goes_although_nobody_waits() {
    let zenodo_fake = fake();
    let host = start(&zenodo_fake.origin()).await;
    host.ready("port-zenodo").await;
    let repository = depositor(&host);
    let id = project_id(&repository.create_project().await);
    let body = json!({ "userId": repository.user });
    let project = format!("/metadata/project/{id}");
    let files = format!("{project}/files");
    // A list of the files, then each of them.
    for nth in 1..=3 {
        for name in ["a.txt", "b.txt"] {
            repository.add_file(&id, name, b"content").await;
        }
        let delete = repository.json("DELETE", &files, &body);
        hang_up(&zenodo_fake, &host, nth, delete).await;
        wait::until("they are gone", async || {
            zenodo_fake.deposits()[0].files.is_empty().then_some(())
        })
        .await;
    }
    let delete = repository.json("DELETE", &project, &body);
    hang_up(&zenodo_fake, &host, 1, delete).await;
    wait::until("it is gone", async || {
        zenodo_fake.deposits().is_empty().then_some(())
    })
    .await;
    zenodo_fake.assert_clean();
}

/// Two calls of the repository: one makes the project, one describes it.
#[tokio::test(flavor = "multi_thread")]
async fn a_described_project_is_whole_although_nobody_waits() {
    for nth in 1..=2 {
        let zenodo_fake = fake();
        let host = start(&zenodo_fake.origin()).await;
        host.ready("port-zenodo").await;
        let repository = depositor(&host);
        let body = json!({ "userId": repository.user, "metadata": ro_crate() });
        let create = repository.json("POST", "/metadata/project", &body);
        hang_up(&zenodo_fake, &host, nth, create).await;
        let told = host.logged("the caller had gone", 0).await;
        let deposit = &zenodo_fake.deposits()[0];
        assert_eq!(told["made"], deposit.id.to_string());
        assert_eq!(deposit.metadata["title"], "Glacier heights");
        zenodo_fake.assert_clean();
    }
}

/// The file is not whole: the repository must not get what there is of it.
#[tokio::test(flavor = "multi_thread")]
async fn half_an_upload_is_no_file() {
    use tokio::io::AsyncWriteExt as _;

    let zenodo_fake = fake();
    let host = start(&zenodo_fake.origin()).await;
    host.ready("port-zenodo").await;
    let repository = depositor(&host);
    let id = project_id(&repository.create_project().await);
    for length in ["Content-Length: 100000", "Transfer-Encoding: chunked"] {
        let (before, _) = repository.add_file_frame("half.bin");
        let half = format!("{before}{}", "x".repeat(1000));
        let body = match length.starts_with("T") {
            true => format!("{:x}\r\n{half}\r\n", half.len()),
            false => half,
        };
        let head = format!(
            "POST /metadata/project/{id}/files HTTP/1.1\r\nHost: layer1-port-zenodo\r\n\
             Content-Type: multipart/form-data; boundary=frontier\r\n{length}\r\n\r\n"
        );
        let skip = host.logs().len();
        let mut stream = tokio::net::TcpStream::connect(host.address())
            .await
            .unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        drop(stream);
        host.logged("call ended", skip).await;
    }
    assert!(zenodo_fake.deposits()[0].files.is_empty());
    zenodo_fake.assert_clean();
}
