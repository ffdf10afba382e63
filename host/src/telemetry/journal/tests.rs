use std::io::Write as _;

use serde_json::Value;
use tracing_subscriber::layer::SubscriberExt as _;

use super::*;

fn write(journal: &Journal, text: &str) {
    journal.make_writer().write_all(text.as_bytes()).unwrap();
}

fn lines(batch: &Batch) -> Vec<&str> {
    let lines = batch.records.iter().map(|record| record.line.as_str());
    lines.collect()
}

#[test]
fn a_reader_sees_what_was_there_and_what_comes() {
    let journal = Journal::default();
    write(&journal, "1\n");
    let mut reader = journal.reader();
    write(&journal, "2\n");
    write(&journal, "3\n");
    assert_eq!(lines(&reader.take(2)), ["1", "2"]);
    assert_eq!(lines(&reader.take(2)), ["3"]);
    assert_eq!(lines(&reader.take(2)), [""; 0]);
    assert_eq!(lines(&journal.reader().take(9)), ["1", "2", "3"]);
}

#[test]
fn the_oldest_go_first_and_readers_are_told() {
    // Room for three.
    let journal = Journal::new(3 * size("0"));
    let mut reader = journal.reader();
    for number in 0..5 {
        write(&journal, &number.to_string());
    }
    let batch = reader.take(9);
    assert_eq!((batch.missed, lines(&batch)), (2, vec!["2", "3", "4"]));
    assert_eq!(journal.kept(|kept| kept.bytes), 3 * size("0"));
    // One that is larger than all there is room for leaves nothing behind.
    write(&journal, &"x".repeat(4 * size("0")));
    let batch = reader.take(9);
    assert_eq!((batch.missed, batch.records.len()), (1, 0));
    assert_eq!(journal.kept(|kept| kept.bytes), 0);
    write(&journal, "6");
    assert_eq!(lines(&reader.take(9)), ["6"]);
}

#[tokio::test]
async fn a_reader_waits_for_the_next_record() {
    let journal = Journal::default();
    let mut reader = journal.reader();
    let waiting = tokio::spawn(async move {
        reader.wait().await;
        reader.take(1).records.remove(0).line.clone()
    });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    write(&journal, "now");
    assert_eq!(waiting.await.unwrap(), "now");
}

#[test]
fn a_record_is_the_json_that_the_log_has_with_its_level() {
    let journal = Journal::default();
    let layer = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_writer(journal.clone());
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || {
        let span = tracing::info_span!("call", connector = "acme/a");
        let _entered = span.enter();
        tracing::warn!(target: "guest", request_id = "r", "hello\nthere");
    });
    let batch = journal.reader().take(9);
    let [record] = batch.records.as_slice() else {
        panic!("{batch:?}");
    };
    assert_eq!(record.level, Level::WARN);
    assert!(!record.line.contains('\n'));
    let parsed: Value = serde_json::from_str(&record.line).unwrap();
    assert_eq!(parsed["message"], "hello\nthere");
    assert_eq!(parsed["target"], "guest");
    assert_eq!(parsed["request_id"], "r");
    assert_eq!(parsed["span"]["connector"], "acme/a");
}
