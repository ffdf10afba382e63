//! What becomes of each message: the measured table of sqAPI (contract,
//! section 8), row by row, on PostgreSQL and Redis. Where a row is better than
//! it was, the test says so.

use serde_json::{Value, json};
use tenon_tests::postgres::Database;
use tenon_tests::redis::Redis;
use tenon_tests::sqapi::{Deployment, Running, Table, message};

/// A deployment with an object `a.txt`, and no patience with what is missing.
struct Case {
    running: Running,
    table: Table,
    redis: Redis,
    _database: Database,
}

impl Case {
    async fn new(change: impl FnOnce(Deployment) -> Deployment) -> Self {
        let (database, redis) = (Database::new().await, Redis::start().await);
        let deployment = Deployment::new()
            .postgres(&database.url())
            .redis(redis.address())
            .processors()
            .pipeline("", "[retry]\ndelays_ms = [100, 200]\n");
        let running = change(deployment).start().await;
        running.store("a.txt", b"six by");
        redis.set("whole", r#"{"name":"a","mime":{"type":"text/x"}}"#);
        Self {
            running,
            table: Table::new(&database.url()),
            redis,
            _database: database,
        }
    }

    async fn post(&self, message: &Value) {
        let answer = self.running.post(message).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
    }

    /// A message without metadata of its own.
    fn asking(uuid: &str, reference: &str) -> Value {
        let mut message = message(uuid, "a.txt");
        message["metadata"] = json!(null);
        message["meta_location"] = json!(reference);
        message
    }

    async fn ends(&self, message: &Value, status: &str) -> tenon_tests::sqapi::State {
        self.post(message).await;
        let uuid = message["uuid_ref"].as_str().map(str::to_owned);
        let uuid = uuid.unwrap_or_else(|| message["uuid_ref"].to_string());
        self.table.reaches(&uuid, status).await
    }
}

#[tokio::test]
async fn what_is_whole_is_done_by_all() {
    let case = Case::new(|it| it).await;
    let state = case.ends(&Case::asking("normal", "whole"), "DONE").await;
    assert_eq!(state.info, None);
    for processor in ["sizes", "duplicates", "datatypes"] {
        assert_eq!(state.results[processor]["status"], "done", "{state:?}");
        assert_eq!(case.table.rows_of(processor).await, 1, "{processor}");
    }
    let inline = case.ends(&message("inline", "a.txt"), "DONE").await;
    assert_eq!(inline.info, None);
}

#[tokio::test]
async fn what_is_missing_is_tried_again_and_then_given_up() {
    let case = Case::new(|it| it).await;
    case.post(&message("later", "b.txt")).await;
    let state = case.table.reaches("later", "RETRY").await;
    let info = state.info.unwrap();
    assert!(
        info.starts_with("Data by reference b.txt was not available at this moment: "),
        "{info}"
    );
    // Nobody ever read sqAPI's RETRY.
    case.running.store("b.txt", b"here");
    case.table.reaches("later", "DONE").await;

    let never = case.ends(&message("never", "c.txt"), "FAILED").await;
    assert!(
        never.info.unwrap().contains("was not available"),
        "no reason"
    );
    let text = case.ends(&Case::asking("meta", "nowhere"), "FAILED").await;
    let info = text.info.unwrap();
    let words = "Metadata by reference nowhere was not available at this moment";
    assert!(info.starts_with(words), "{info}");
    case.redis.set("empty", "");
    case.ends(&Case::asking("empty", "empty"), "FAILED").await;
}

#[tokio::test]
async fn what_is_wrong_fails_at_once() {
    let case = Case::new(|it| it).await;
    case.running.store("folder/x.txt", b"x");
    case.ends(&message("folder", "folder"), "FAILED").await;
    let mut nowhere = message("nowhere", "");
    nowhere["data_location"] = json!("");
    let state = case.ends(&nowhere, "FAILED").await;
    let words = "Could not find \"data_location\" in message";
    assert_eq!(state.info.as_deref(), Some(words));
    let state = case.ends(&Case::asking("no-reference", ""), "FAILED").await;
    let words = "Could not find \"meta_location\" in message";
    assert_eq!(state.info.as_deref(), Some(words));
    case.redis.set("text", "no JSON");
    case.ends(&Case::asking("bad-json", "text"), "FAILED").await;
    let escape = case
        .ends(&message("escape", "../../etc/passwd"), "FAILED")
        .await;
    assert!(!escape.info.unwrap().contains("root:"));
}

/// Each failed, or was lost, where sqAPI had it.
#[tokio::test]
async fn what_failed_without_need_is_done() {
    let case = Case::new(|it| it).await;
    case.redis.ask(&["HSET", "hash", "name", "a"]);
    case.ends(&Case::asking("hash", "hash"), "DONE").await;
    let mut object = message("object", "a.txt");
    object["metadata"] = json!({"name": "a"});
    case.ends(&object, "DONE").await;
    let mut number = message("", "a.txt");
    number["uuid_ref"] = json!(17);
    case.ends(&number, "DONE").await;
    let mut reserved = message("reserved", "a.txt");
    reserved["script_path"] = json!("x");
    reserved["query"] = json!("y");
    case.ends(&reserved, "DONE").await;
}

#[tokio::test]
async fn the_same_object_twice_is_one_row_and_done() {
    let case = Case::new(|it| it).await;
    case.ends(&message("twice", "a.txt"), "DONE").await;
    case.running.store("moved.txt", b"other");
    case.post(&message("twice", "moved.txt")).await;
    let moved = tenon_tests::wait::until("the second one is done", async || {
        let state = case.table.get("twice").await?;
        let is_second = state.data_location.as_deref() == Some("moved.txt");
        (is_second && state.status == "DONE").then_some(state)
    })
    .await;
    assert_eq!(moved.results["sizes"]["status"], "done");
    assert_eq!(case.table.counts().await, [("DONE".to_owned(), 1)]);
    assert_eq!(case.table.rows_of("duplicates").await, 1);
}

#[tokio::test]
async fn types_decide_who_looks() {
    let case = Case::new(|it| it.with("accepts = ['image/*']\n")).await;
    let state = case.ends(&message("text", "a.txt"), "DONE").await;
    assert!(state.results["datatypes"].is_null(), "{state:?}");
    let mut image = message("image", "a.txt");
    image["data_type"] = json!("IMAGE/JPEG; q=1");
    let state = case.ends(&image, "DONE").await;
    assert_eq!(state.results["datatypes"]["status"], "done");
    let mut nothing = message("nothing", "a.txt");
    nothing["data_type"] = json!(null);
    let state = case.ends(&nothing, "DONE").await;
    assert!(state.results["datatypes"].is_null(), "{state:?}");
}

#[tokio::test]
async fn what_nobody_takes_leaves_a_row_that_says_so() {
    let only_images = |name: &str| format!("accepts = ['image/png'] # {name}\n");
    let case = Case::new(|it| {
        let it = it.processor("only", "sizes", "");
        it.with(&only_images("only"))
    })
    .await;
    // The three that take all have it.
    case.ends(&message("text", "a.txt"), "DONE").await;

    let (database, deployment) = (Database::new().await, Deployment::new());
    let deployment = deployment.postgres(&database.url());
    let deployment = deployment.processor("only", "sizes", "");
    let running = deployment.with(&only_images("only")).start().await;
    let answer = running.post(&message("passed", "a.txt")).await;
    assert_eq!(answer.status, 202);
    let table = Table::new(&database.url());
    let state = table.reaches("passed", "FAILED").await;
    let words = "no processor takes the data type \"text/plain\"";
    assert_eq!(state.info.as_deref(), Some(words));
}
