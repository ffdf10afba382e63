//! A file that is larger than anything may hold in memory, on its way in.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::StreamBody;
use tokio::net::TcpStream;

use super::*;

const SIZE: u64 = 2 << 30;
/// What one transfer may add to an idle host.
const MEMORY_MAX: u64 = 64 << 20;
const CHUNK: usize = 1 << 20;

/// Bytes of files that have no name any more, as scratch files have none.
fn scratch_bytes(host: &Host) -> u64 {
    let folder = format!("/proc/{}/fd", host.id());
    let files = std::fs::read_dir(folder).unwrap().flatten();
    let deleted = files.filter(|file| {
        let target = std::fs::read_link(file.path());
        target.is_ok_and(|target| target.to_string_lossy().ends_with("(deleted)"))
    });
    deleted
        .filter_map(|file| Some(std::fs::metadata(file.path()).ok()?.len()))
        .sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_gibibytes_pass_through_little_memory_and_their_own_size_of_disk() {
    let zenodo_fake = fake();
    let text = zenodo(&zenodo_fake.origin()).replace("2000", "10000");
    let setup = Setup::new().connector("port-zenodo", &text);
    let host = setup.start().await;
    let repository = depositor(&host);
    let id = project_id(&repository.create_project().await);
    let small = repository.add_file(&id, "small.txt", b"small").await;
    assert_eq!(small.json()["success"], true, "{}", small.text());

    let (before, after) = repository.add_file_frame("large.bin");
    let chunk = Bytes::from(vec![7_u8; CHUNK]);
    let parts = std::iter::once(Bytes::from(before))
        .chain(std::iter::repeat_n(chunk, SIZE as usize / CHUNK))
        .chain([Bytes::from(after)]);
    let frames = parts.map(|part| Ok::<_, std::io::Error>(http_body::Frame::data(part)));
    let body = StreamBody::new(futures::stream::iter(frames));
    let request = repository
        .clone()
        .with("content-type", "multipart/form-data; boundary=frontier")
        .request("POST", &format!("/metadata/project/{id}/files"), "")
        .map(|_| body);
    host.reset_peak();
    let (idle, _) = host.memory();
    let stream = TcpStream::connect(host.address()).await.unwrap();
    let io = hyper_util::rt::TokioIo::new(stream);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
    tokio::spawn(connection);
    let mut disk = 0;
    let sent = sender.send_request(request);
    tokio::pin!(sent);
    let response = loop {
        tokio::select! {
            response = &mut sent => break response.unwrap(),
            () = tokio::time::sleep(Duration::from_millis(100)) => {
                disk = disk.max(scratch_bytes(&host));
            }
        }
    };
    let answer = Answer::read(response).await;
    assert_eq!(answer.json()["success"], true, "{}", answer.text());
    let (_, peak) = host.memory();
    let above = peak.saturating_sub(idle);
    println!("2 GiB uploaded: {} KiB above idle", above >> 10);
    assert!(above < MEMORY_MAX, "{above} bytes above idle");
    assert!((1..=SIZE).contains(&disk), "{disk} bytes of disk");
    assert_eq!(scratch_bytes(&host), 0);
    let deposits = zenodo_fake.deposits();
    let large = deposits[0].files.iter().find(|file| file.size == SIZE);
    assert!(large.is_some(), "{:#?}", deposits[0].files);
    zenodo_fake.assert_clean();
}
