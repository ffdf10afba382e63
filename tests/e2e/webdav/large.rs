//! A file that is larger than anything may hold in memory.

use std::fs::File;
use std::os::unix::fs::FileExt as _;

use http_body_util::BodyExt as _;
use tenon_tests::apache::ALICE;

use super::{caller, start};

const SIZE: u64 = 1 << 30;
/// What one transfer may add to an idle host.
const MEMORY_MAX: u64 = 64 << 20;

/// A sparse file with something to tell its parts apart.
fn make(path: &std::path::Path) -> blake3::Hash {
    let file = File::create(path).unwrap();
    file.set_len(SIZE).unwrap();
    for mark in 0..64 {
        let at = mark * (SIZE / 64) + 12_345 * mark;
        file.write_all_at(format!("part {mark}").as_bytes(), at)
            .unwrap();
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path).unwrap()).unwrap();
    hasher.finalize()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_a_gibibyte_passes_through_little_memory() {
    let (apache, host) = start().await;
    let expected = make(&apache.path("alice", "large.bin"));
    apache.store("alice", "small.txt", b"small");
    let alice = caller(&host, "owncloud", "alice", ALICE);
    // Everything that is made once has been made.
    assert_eq!(alice.file("small.txt").await.text(), "small");
    host.reset_peak();
    let (idle, _) = host.memory();
    let mut body = alice.open_file("large.bin").await.into_body();
    let mut hasher = blake3::Hasher::new();
    let mut size = 0;
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.unwrap().into_data() {
            size += data.len() as u64;
            hasher.update(&data);
        }
    }
    assert_eq!(size, SIZE);
    assert_eq!(hasher.finalize(), expected);
    let (_, peak) = host.memory();
    let above = peak.saturating_sub(idle);
    println!(
        "1 GiB read: {} KiB above {} KiB idle",
        above >> 10,
        idle >> 10
    );
    assert!(above < MEMORY_MAX, "{above} bytes above idle");
}
