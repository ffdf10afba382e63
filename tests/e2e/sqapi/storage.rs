//! What breaks where the data is: the store behind the pipeline, and the disk
//! that it waits on.

use std::time::Duration;

use tenon_tests::postgres::Database;
use tenon_tests::small_disk::SmallDisk;
use tenon_tests::sqapi::{Deployment, PROCESSORS, Running, Table, message};
use tenon_tests::swift::{KEY, KEY_VARIABLE, Swift};

const MESSAGES: usize = 20;

async fn post_all(running: &Running, first: usize, path: &str) {
    for number in first..first + MESSAGES {
        let answer = running.post(&message(&format!("m{number}"), path)).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
    }
}

async fn all_are_done(running: &Running, table: &Table, count: usize) {
    let count = i64::try_from(count).unwrap();
    table.holds_only(count, "DONE").await;
    for processor in PROCESSORS {
        assert_eq!(table.rows_of(processor).await, count, "{processor}");
    }
    running.nothing_is_left().await;
    running.healthy().await;
}

/// It keeps its connections and answers nothing, as one does that is
/// overloaded or cut off.
#[tokio::test(flavor = "multi_thread")]
async fn a_swift_that_does_not_answer_loses_nothing() {
    let (swift, database) = (Swift::start().await, Database::new().await);
    let config = "lookup = 'path'\ncreate_containers = true\n";
    let store = format!(
        "{}[limits]\nfirst_byte_ms = 2000\n",
        swift.connector(config)
    );
    let delays = "[retry]\ndelays_ms = [200, 500, 1000, 2000, 2000, 5000, 5000, 5000]\n";
    let running = Deployment::new()
        .postgres(&database.url())
        .setup(|setup| setup.variable(KEY_VARIABLE, KEY))
        .connector("sqapi-data", &store)
        .processors()
        .pipeline("", delays)
        .start()
        .await;
    let table = Table::new(&database.url());
    let headers = [("content-type", "text/plain")];
    let put = running.send("PUT", "/objects/box/a.txt?uuid=first", &headers, "six by");
    let answer = put.await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    table.reaches("first", "DONE").await;

    swift.pause();
    post_all(&running, 0, "box/a.txt").await;
    table.holds(MESSAGES as i64, "RETRY").await;
    let info = table.get("m0").await.and_then(|state| state.info);
    let info = info.unwrap_or_default();
    assert!(info.contains("`first_byte_ms`"), "{info}");
    // Its own stores are well, so messages of other data would be worked on.
    assert_eq!(running.get("/health").await.status, 200);
    swift.resume();
    all_are_done(&running, &table, MESSAGES + 1).await;
}

/// A full disk is the host's own trouble: no try is counted for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_loses_nothing() {
    const BYTES: u64 = 8 << 20;
    let database = Database::new().await;
    let mut disk = None;
    let running = Deployment::new()
        .postgres(&database.url())
        .operated()
        .setup(|setup| {
            disk = Some(SmallDisk::mount(setup.path("scratch"), BYTES));
            setup
        })
        .processors()
        .pipeline("", "[retry]\ndelays_ms = [50]\n")
        .start()
        .await;
    let disk = disk.unwrap();
    let table = Table::new(&database.url());
    // Smaller ones are kept in memory.
    running.store("a.txt", &[b'x'; 300_000]);
    disk.fill();
    post_all(&running, 0, "a.txt").await;
    table.holds(MESSAGES as i64, "RETRY").await;
    let info = table.get("m0").await.and_then(|state| state.info);
    let info = info.unwrap_or_default();
    assert!(info.contains("cannot be kept: No space left"), "{info}");
    // More than two tries, which is all that would be counted.
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(table.count("FAILED").await, 0);
    assert!(running.failures().await.is_empty());
    disk.free();
    all_are_done(&running, &table, MESSAGES).await;
    assert_eq!(std::fs::read_dir(disk.path()).unwrap().count(), 0);
}

/// The configured bound of the spool does the same before the disk is full.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_spool_only_waits() {
    let database = Database::new().await;
    let running = Deployment::new()
        .postgres(&database.url())
        .operated()
        .processors()
        .pipeline(
            "",
            "[retry]\ndelays_ms = [50]\n[limits]\ndata_bytes = 300000\nspool_bytes = 400000\n",
        )
        .start()
        .await;
    let table = Table::new(&database.url());
    running.store("a.txt", &[b'x'; 250_000]);
    post_all(&running, 0, "a.txt").await;
    all_are_done(&running, &table, MESSAGES).await;
    assert!(running.failures().await.is_empty());
}
