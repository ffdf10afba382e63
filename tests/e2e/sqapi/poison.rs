//! Messages that nothing can be made of: each comes to its one end, with a
//! reason, and the next good one is done.

use serde_json::{Value, json};
use tenon_tests::amqp::Amqp;
use tenon_tests::postgres::Database;
use tenon_tests::rabbitmq::RabbitMq;
use tenon_tests::sqapi::{Deployment, PROCESSORS, Producer, Running, Table, message};
use tenon_tests::wait;

/// RabbitMQ's queue of dead letters.
const DEAD: &str = "q_sqapi.dead";
/// One further try, for what may come yet.
const TABLES: &str = "[retry]\ndelays_ms = [50]\n[limits]\ndata_bytes = 4096\n";
/// Only types that these processors take.
const ACCEPTS: &str = "accepts = ['text/plain']\n";

/// A message, and a part of the reason it fails for.
type Poison = (&'static str, Vec<u8>, &'static str);

/// Messages that say not even what they are about.
fn nameless() -> Vec<Poison> {
    let text = |text: &str| text.as_bytes().to_vec();
    let of_uuid = |uuid: Value| {
        let mut message = message("", "a.txt");
        message["uuid_ref"] = uuid;
        message.to_string().into_bytes()
    };
    let mut no_uuid = message("", "a.txt");
    no_uuid.as_object_mut().unwrap().remove("uuid_ref");
    vec![
        ("empty", text(""), "no JSON"),
        ("prose", text("dear host"), "no JSON"),
        ("cut", text(r#"{"uuid_ref":"x","#), "no JSON"),
        ("two", text(r#"{"uuid_ref":"x"}{}"#), "no JSON"),
        ("array", text("[1,2]"), "no object"),
        ("text", text(r#""x""#), "no object"),
        ("number", text("7"), "no object"),
        ("null", text("null"), "no object"),
        ("latin-1", b"{\"uuid_ref\":\"\xe4\"}".to_vec(), "no UTF-8"),
        ("utf-16", b"\xff\xfe{\0}\0".to_vec(), "no UTF-8"),
        ("surrogate", text(r#"{"uuid_ref":"\ud800"}"#), "no JSON"),
        ("without uuid", no_uuid.to_string().into(), "\"uuid_ref\""),
        ("null uuid", of_uuid(json!(null)), "`uuid_ref` is empty"),
        ("empty uuid", of_uuid(json!("")), "`uuid_ref` is empty"),
        ("uuid list", of_uuid(json!(["x"])), "an array"),
        ("uuid with NUL", of_uuid(json!("a\0b")), "holds a NUL"),
        ("long uuid", of_uuid(incompressible(10_000)), "`uuid_ref`"),
        ("deep", deep("[", "]"), "no JSON"),
        ("deep object", deep(r#"{"a":"#, "}"), "no JSON"),
        (
            "huge",
            of_uuid(json!("x".repeat(2 << 20))),
            "limit `message_bytes`",
        ),
    ]
}

/// More than any parser follows, and no end of it.
fn deep(open: &str, close: &str) -> Vec<u8> {
    format!("{}1{}", open.repeat(50_000), close.repeat(50_000)).into()
}

/// Text that no database makes shorter.
fn incompressible(bytes: usize) -> Value {
    let mut state = 1_u64;
    let letters = (0..bytes).map(|_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        char::from(b'!' + ((state >> 33) % 90) as u8)
    });
    letters.collect::<String>().into()
}

/// A good message, but for one field.
fn but(uuid: &'static str, key: &str, value: Value, reason: &'static str) -> Poison {
    let mut message = message(uuid, "a.txt");
    message[key] = value;
    (uuid, message.to_string().into(), reason)
}

/// Messages that can be told from others: a row says what is wrong.
fn named() -> Vec<Poison> {
    let location = |uuid, path: &str, reason| but(uuid, "data_location", json!(path), reason);
    let deep_text = String::from_utf8(deep("[", "]")).unwrap();
    let mut missing = message("missing", "a.txt");
    missing.as_object_mut().unwrap().remove("data_location");
    vec![
        ("missing", missing.to_string().into(), "data_location"),
        but("type-list", "data_type", json!(["a/b"]), "an array"),
        but("type-nul", "data_type", json!("text/\0"), "holds a NUL"),
        but("location-object", "data_location", json!({}), "an object"),
        but("location-true", "data_location", json!(true), "a boolean"),
        but(
            "location-empty",
            "data_location",
            json!(""),
            "data_location",
        ),
        but(
            "location-long",
            "data_location",
            incompressible(200_000),
            "",
        ),
        but("meta-list", "meta_location", json!([]), "an array"),
        but("metadata-number", "metadata", json!(7), "a number"),
        but("metadata-prose", "metadata", json!("dear"), "no JSON"),
        but("metadata-deep", "metadata", json!(deep_text), "no JSON"),
        location("up", "../secret.txt", ""),
        location("up-and-up", "../../../../../../etc/passwd", ""),
        location("down-and-up", "folder/../../secret.txt", ""),
        location("absolute", "/etc/passwd", "not available"),
        location("encoded", "%2e%2e/secret.txt", "not available"),
        location("backslash", "..\\secret.txt", "not available"),
        location("link", "link.txt", ""),
        location("control", "a\r\nb\t.txt", "not available"),
        location("folder", "folder", ""),
        location("nowhere", "nowhere.txt", "not available"),
        location("large", "large.bin", "limit `data_bytes`"),
    ]
}

struct Case<'a> {
    running: Running,
    table: Table,
    producer: Producer<'a>,
    _database: Database,
}

impl<'a> Case<'a> {
    async fn new(server: Option<&'a RabbitMq>) -> Self {
        let database = Database::new().await;
        let deployment = PROCESSORS.iter().fold(Deployment::new(), |it, name| {
            it.processor(name, name, "").with(ACCEPTS)
        });
        let deployment = deployment
            .postgres(&database.url())
            .operated()
            .pipeline("", TABLES);
        let running = match server {
            Some(server) => deployment.broker(&server.broker("")).start().await,
            None => deployment.start().await,
        };
        running.store("a.txt", b"six by");
        running.store("large.bin", &[7; 5000]);
        running.store("folder/a.txt", b"a");
        running.store("../secret.txt", b"k3pt");
        let data = running.host.setup.folder.path().join("data");
        std::os::unix::fs::symlink("../secret.txt", data.join("link.txt")).unwrap();
        let producer = match server {
            Some(server) => Producer::rabbitmq(server).await,
            None => Producer::embedded(&running.host.setup).await,
        };
        Self {
            table: Table::new(&database.url()),
            running,
            producer,
            _database: database,
        }
    }

    /// Waits until so many were given up, and returns all of them.
    async fn buried(&self, count: usize) -> Vec<Value> {
        wait::until("all are given up", async || {
            let failures = self.running.failures().await;
            (failures.len() >= count).then_some(failures)
        })
        .await
    }

    async fn good_one_is_done(&self, uuid: &str) {
        let message = message(uuid, "a.txt").to_string();
        self.producer.send(message.as_bytes()).await;
        self.table.reaches(uuid, "DONE").await;
    }

    async fn nothing_is_left(&self) {
        wait::until("everything is settled", async || {
            (self.producer.left().await == 0).then_some(())
        })
        .await;
        self.running.nothing_is_left().await;
        self.running.healthy().await;
    }
}

async fn each_comes_to_its_end(server: Option<&RabbitMq>) {
    let case = Case::new(server).await;
    case.good_one_is_done("before").await;
    for (index, (what, body, reason)) in nameless().iter().enumerate() {
        case.producer.send(body).await;
        let failures = case.buried(index + 1).await;
        let failure = failures.last().unwrap();
        let said = failure["reason"].as_str().unwrap();
        assert!(said.contains(reason), "{what}: {said}");
        assert!(said.len() <= 2100, "{what}: {} bytes", said.len());
        assert_eq!(failure["kind"], "invalid", "{what}: {failure}");
    }
    let rows = case.table.counts().await;
    assert_eq!(rows, [("DONE".to_owned(), 1)]);
    case.good_one_is_done("between").await;

    for (_, body, _) in named() {
        case.producer.send(&body).await;
    }
    for (uuid, _, reason) in named() {
        let state = case.table.reaches(uuid, "FAILED").await;
        let info = state.info.unwrap_or_default();
        assert!(!info.is_empty() && info.contains(reason), "{uuid}: {info}");
        assert!(
            !info.contains("k3pt") && !info.contains("root:x:"),
            "{info}"
        );
        assert!(info.len() <= 2100, "{uuid}: {} bytes", info.len());
    }
    // Other pipelines may take it: no dead letter.
    let (_, other, _) = but("other", "data_type", json!("image/png"), "");
    case.producer.send(&other).await;
    let info = case.table.reaches("other", "FAILED").await.info;
    let words = "no processor takes the data type \"image/png\"";
    assert_eq!(info.as_deref(), Some(words));
    case.good_one_is_done("after").await;

    let all = nameless().len() + named().len();
    let failures = case.buried(all).await;
    assert_eq!(failures.len(), all);
    case.nothing_is_left().await;
    if let Some(server) = server {
        // One for each processor that failed, or one for all.
        let letters = failures.iter().map(|failure| {
            let plugins = failure["plugins"].as_array().map_or(0, Vec::len);
            plugins.max(1)
        });
        let client = Amqp::connect(server.address()).await;
        assert_eq!(client.drain(DEAD).await.len(), letters.sum::<usize>());
    }
    let failed = i64::try_from(named().len() + 1).unwrap();
    let counts = case.table.counts().await;
    let expected = [("DONE".to_owned(), 3), ("FAILED".to_owned(), failed)];
    assert_eq!(counts, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_comes_to_its_end_embedded() {
    each_comes_to_its_end(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_comes_to_its_end_rabbitmq() {
    let server = RabbitMq::start().await;
    each_comes_to_its_end(Some(&server)).await;
}
