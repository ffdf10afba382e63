//! Messages that were given up or are to be tried again, and what the server
//! says to that.

use std::collections::BTreeMap;

use lapin::message::Delivery;
use lapin::types::{AMQPValue, FieldTable};
use serde_json::{Value, json};
use tenon_tests::rabbitmq::RabbitMq;
use tenon_tests::sqapi::message;

use super::{Case, picture};

fn headers(letter: &Delivery) -> Value {
    let headers = letter.properties.headers().clone();
    json(&AMQPValue::FieldTable(headers.expect("headers")))
}

/// Tables and lists of texts, which is all that there is.
fn json(value: &AMQPValue) -> Value {
    let table = |table: &FieldTable| {
        let entries = table.inner().iter();
        entries
            .map(|(key, value)| (key.to_string(), json(value)))
            .collect()
    };
    match value {
        AMQPValue::FieldTable(entries) => Value::Object(table(entries)),
        AMQPValue::FieldArray(values) => values.as_slice().iter().map(json).collect(),
        AMQPValue::LongString(text) => Value::from(text.to_string()),
        AMQPValue::LongUInt(number) => Value::from(*number),
        other => panic!("{other:?}"),
    }
}

/// By the processor that failed, each as sqAPI's last version means it.
#[tokio::test]
async fn each_processor_that_failed_has_a_dead_letter() {
    let broker = "exchange = { name = 'x', kind = 'topic', binding_keys = ['#'] }\n";
    let case = Case::of_pictures(RabbitMq::start().await, broker).await;
    case.running.healthy().await;
    case.client.publish("x", "some.key", picture("a")).await;
    let state = case.table.reaches("a", "FAILED").await;
    let mut letters = BTreeMap::new();
    for _ in 0..2 {
        let letter = case.client.take("q_sqapi.dead").await;
        assert_eq!(letter.exchange.as_str(), "DLQ");
        assert_eq!(letter.data, picture("a").to_string().into_bytes());
        letters.insert(letter.routing_key.to_string(), headers(&letter));
    }
    let keys: Vec<_> = letters.keys().collect();
    assert_eq!(keys, ["message.sqapi.exif", "message.sqapi.thumbnails"]);
    for (key, mut headers) in letters {
        let plugin = key.rsplit('.').next().unwrap();
        let mut death = headers["x-death"].take();
        let information = &mut death["x-exception-information"];
        let at = information["x-exception-timestamp"].take();
        let form = at
            .as_str()
            .unwrap()
            .replace(|c: char| c.is_ascii_digit(), "0");
        assert_eq!(form, "0000-00-00T00:00:00.000000");
        let reason = state.results[plugin]["message"].clone();
        assert!(reason.as_str().unwrap().len() > 5, "{reason}");
        let queue = death["queue"].as_str().unwrap().to_owned();
        let expected = json!({
            "x-exception-information": {
                "x-exception-timestamp": null,
                "x-exception-reason": reason,
                "x-exception-system": "Sqapi",
                "x-exception-type": "invalid",
            },
            "queue": queue, "exchange": "x", "routing-keys": ["some.key"],
        });
        assert_eq!(death, expected);
        // This host's own queue at the exchange.
        assert!(queue.starts_with("q_sqapi.x."), "{queue}");
        assert!(queue.ends_with(&format!(".{plugin}")), "{queue}");
    }
    case.is_settled("q_sqapi").await;
}

/// As an operator does with the server's own tools, headers and all.
#[tokio::test]
async fn a_dead_letter_that_is_sent_back_runs_what_failed() {
    let case = Case::of_pictures(RabbitMq::start().await, "").await;
    case.running.healthy().await;
    case.client.publish("", "q_sqapi", picture("a")).await;
    case.table.reaches("a", "FAILED").await;
    let whole =
        std::fs::read(tenon_tests::artefact::root().join("runtime-config/samples/harbour.jpg"));
    case.running.store("a.jpg", &whole.unwrap());
    for _ in 0..2 {
        let letter = case.client.take("q_sqapi.dead").await;
        case.client.send_back("q_sqapi", &letter).await;
        case.is_settled("q_sqapi").await;
    }
    let state = case.table.reaches("a", "DONE").await;
    for plugin in ["sizes", "thumbnails", "exif"] {
        assert_eq!(state.results[plugin]["status"], "done", "{state:?}");
    }
}

#[tokio::test]
async fn a_message_that_nobody_can_read_has_a_dead_letter() {
    let case = Case::launch(RabbitMq::start().await, "").await;
    case.running.healthy().await;
    case.client.publish("", "q_sqapi", "[]").await;
    let letter = case.client.take("q_sqapi.dead").await;
    assert_eq!(letter.routing_key.as_str(), "message.sqapi");
    let death = headers(&letter)["x-death"].take();
    assert_eq!(death["queue"], "q_sqapi");
    assert_eq!(
        death["x-exception-information"]["x-exception-type"],
        "invalid"
    );
}

/// The exchange compares keys as a whole: no pattern takes them all.
#[tokio::test]
async fn dead_letters_reach_a_direct_exchange() {
    let broker = "dlq = { exchange = 'dead', exchange_type = 'direct', routing_key = 'k' }\n";
    let case = Case::of_pictures(RabbitMq::start().await, broker).await;
    case.running.healthy().await;
    case.client.publish("", "q_sqapi", picture("a")).await;
    let mut keys = Vec::new();
    for _ in 0..2 {
        let letter = case.client.take("q_sqapi.dead").await;
        keys.push(letter.routing_key.to_string());
    }
    keys.sort();
    assert_eq!(keys, ["k.exif", "k.thumbnails"]);
    case.is_settled("q_sqapi").await;
}

/// The server closes the channel on which it refuses something.
#[tokio::test]
async fn dead_letters_wait_for_their_exchange() {
    let server = RabbitMq::start().await;
    let client = server.client().await;
    client.queue("theirs", true).await;
    client.exchange("dead", "graves").await;
    let broker = "topology = 'passive'\nqueue = 'theirs'\ndlq = { exchange = 'dead' }\n";
    let case = Case::of_pictures(server, broker).await;
    case.running.healthy().await;
    client.remove_exchange("dead").await;
    client.publish("", "theirs", picture("a")).await;
    case.running
        .tells(&["dead letters: ", "NOT_FOUND", "'dead'"])
        .await;
    case.table.reaches("a", "FAILED").await;
    assert_eq!(case.server.messages("theirs"), Some((0, 1)));
    // Others go on meanwhile, also those that wait for another try.
    client.publish("", "theirs", message("b", "b.txt")).await;
    case.table.reaches("b", "RETRY").await;
    case.running.store("b.txt", b"here");
    case.table.reaches("b", "DONE").await;
    client.exchange("dead", "graves").await;
    let mut keys = Vec::new();
    for _ in 0..2 {
        let letter = client.take("graves").await;
        keys.push(letter.routing_key.to_string());
    }
    keys.sort();
    assert_eq!(keys, ["message.sqapi.exif", "message.sqapi.thumbnails"]);
    case.is_settled("theirs").await;
    case.running.healthy().await;
    assert_eq!(case.server.messages("graves"), Some((0, 0)));
}

/// What the host makes itself, it makes again.
#[tokio::test]
async fn an_exchange_for_dead_letters_is_made_again() {
    let case = Case::of_pictures(RabbitMq::start().await, "").await;
    case.running.healthy().await;
    case.client.remove_exchange("DLQ").await;
    case.client.remove_queue("q_sqapi.dead").await;
    case.client.publish("", "q_sqapi", picture("a")).await;
    case.table.reaches("a", "FAILED").await;
    case.is_settled("q_sqapi").await;
    for _ in 0..2 {
        case.client.take("q_sqapi.dead").await;
    }
    case.running.healthy().await;
}

/// One that is there and differs keeps nobody from working.
#[tokio::test]
async fn a_different_exchange_for_dead_letters_is_named() {
    let server = RabbitMq::start().await;
    let client = server.client().await;
    // Not durable, as the host's own would be.
    client.exchange("DLQ", "graves").await;
    let case = Case::launch(server, "").await;
    case.running
        .tells(&["exchange DLQ: ", "PRECONDITION_FAILED"])
        .await;
    client.publish("", "q_sqapi", message("a", "a.txt")).await;
    case.table.reaches("a", "DONE").await;
    client.remove_exchange("DLQ").await;
    case.running.healthy().await;
}

#[tokio::test]
async fn messages_for_another_try_wait_for_their_queue() {
    let server = RabbitMq::start().await;
    let client = server.client().await;
    // Where the host's own would come back from.
    client.queue("q_sqapi.retry.1s", true).await;
    let case = Case::launch(server, "").await;
    case.running.healthy().await;
    client.publish("", "q_sqapi", message("b", "b.txt")).await;
    let words = [
        "messages for another try: ",
        "PRECONDITION_FAILED",
        "retry.1s",
    ];
    case.running.tells(&words).await;
    case.running.store("b.txt", b"here");
    assert_eq!(case.table.reaches("b", "RETRY").await.status, "RETRY");
    client.remove_queue("q_sqapi.retry.1s").await;
    case.table.reaches("b", "DONE").await;
    case.is_settled("q_sqapi").await;
    case.running.healthy().await;
}
