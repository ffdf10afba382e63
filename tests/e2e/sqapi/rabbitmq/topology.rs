//! Who makes queues and exchanges, and what is taken from them.

use tenon_tests::postgres::Database;
use tenon_tests::rabbitmq::RabbitMq;
use tenon_tests::sqapi::{Deployment, Table, message};
use tenon_tests::wait;

use super::{Case, a_while};

#[tokio::test]
async fn a_queue_that_differs_is_named_until_it_is_mended() {
    let server = RabbitMq::start().await;
    let client = server.client().await;
    client.queue("q_sqapi", false).await;
    let case = Case::launch(server, "").await;
    case.running
        .tells(&["queue q_sqapi: ", "PRECONDITION_FAILED", "'durable'"])
        .await;
    // One queue that is wrong is no reason to hang up.
    let connections = case.server.list("connections", &["name"]);
    a_while().await;
    assert_eq!(case.server.list("connections", &["name"]), connections);
    assert_eq!(case.running.get("/health").await.status, 503);
    client.remove_queue("q_sqapi").await;
    case.running.healthy().await;
    assert_eq!(case.server.list("connections", &["name"]), connections);
    client
        .publish("", "q_sqapi", message("mended", "a.txt"))
        .await;
    case.table.reaches("mended", "DONE").await;
    case.is_settled("q_sqapi").await;
}

/// One that is removed under its consumer is made again.
#[tokio::test]
async fn a_queue_that_is_gone_is_made_again() {
    let case = Case::launch(RabbitMq::start().await, "").await;
    case.running.healthy().await;
    case.client.remove_queue("q_sqapi").await;
    wait::until("the queue is back", async || {
        case.server.messages("q_sqapi")
    })
    .await;
    let message = message("again", "a.txt");
    case.client.publish("", "q_sqapi", message).await;
    case.table.reaches("again", "DONE").await;
}

#[tokio::test]
async fn what_others_made_is_used_as_it_is() {
    let server = RabbitMq::start().await;
    let client = server.client().await;
    client.queue("theirs", false).await;
    client.exchange("dead", "graves").await;
    let topology = |server: &RabbitMq| {
        [
            server.list("queues", &["name", "durable", "arguments"]),
            server.list("exchanges", &["name", "type"]),
            server.list("bindings", &[]),
        ]
    };
    let before = topology(&server);
    let broker = "topology = 'passive'\nqueue = 'theirs'\ndlq = { exchange = 'dead' }\n";
    let case = Case::launch(server, broker).await;
    case.running.healthy().await;
    let later = message("later", "later.txt");
    client.publish("", "theirs", later).await;
    // It waits in the host's own table, and not at the server.
    case.table.reaches("later", "RETRY").await;
    case.running.store("later.txt", b"here");
    case.table.reaches("later", "DONE").await;
    client
        .publish("", "theirs", message("never", "never.txt"))
        .await;
    case.table.reaches("never", "FAILED").await;
    let letter = client.take("graves").await;
    assert_eq!(letter.routing_key.as_str(), "message.sqapi");
    assert_eq!(
        letter.data,
        message("never", "never.txt").to_string().into_bytes()
    );
    case.is_settled("theirs").await;
    assert_eq!(case.server.messages("graves"), Some((0, 0)));
    assert_eq!(topology(&case.server), before);
}

#[tokio::test]
async fn what_others_have_not_made_is_named() {
    let broker = "topology = 'passive'\nqueue = 'theirs'\ndlq = { exchange = 'dead' }\n";
    let case = Case::launch(RabbitMq::start().await, broker).await;
    let missing = ["queue theirs: ", "NOT_FOUND", "exchange dead: "];
    case.running.tells(&missing).await;
    case.client.queue("theirs", true).await;
    case.client.exchange("dead", "graves").await;
    case.running.healthy().await;
}

/// Hosts whose queues at the exchange go with their connections, as sqAPI's.
#[tokio::test]
async fn each_host_has_a_copy_and_one_has_what_is_queued() {
    let server = RabbitMq::start().await;
    let broker = server.broker("durable = false\nexchange = { name = 'x_sqapi' }\n");
    let mut hosts = Vec::new();
    for _ in 0..2 {
        let database = Database::new().await;
        let deployment = Deployment::new().postgres(&database.url()).processors();
        let running = deployment.broker(&broker).start().await;
        running.store("a.txt", b"six by");
        hosts.push((Table::new(&database.url()), running, database));
    }
    let client = server.client().await;
    for number in 0..10 {
        let copied = message(&format!("copied{number}"), "a.txt");
        client.publish("x_sqapi", "", copied).await;
        let queued = message(&format!("queued{number}"), "a.txt");
        client.publish("", "q_sqapi", queued).await;
    }
    wait::until("all are done", async || {
        let one = hosts[0].0.count("DONE").await;
        (one + hosts[1].0.count("DONE").await == 30).then_some(())
    })
    .await;
    for number in 0..10 {
        let mut queued = 0;
        for (table, ..) in &hosts {
            table.reaches(&format!("copied{number}"), "DONE").await;
            let state = table.get(&format!("queued{number}")).await;
            queued += usize::from(state.is_some());
        }
        assert_eq!(queued, 1);
    }
}

/// sqAPI lost what was sent while it was away.
#[tokio::test]
async fn a_copy_waits_for_its_host() {
    let broker = "exchange = { name = 'x_sqapi' }\n";
    let case = Case::launch(RabbitMq::start().await, broker).await;
    case.running.healthy().await;
    let away = async || {
        let message = message("meanwhile", "a.txt");
        case.client.publish("x_sqapi", "", message).await;
    };
    let running = case.running.restart_after(false, away).await;
    running.healthy().await;
    case.table.reaches("meanwhile", "DONE").await;
}

#[tokio::test]
async fn a_key_of_three_parts_runs_one_processor() {
    let broker = "exchange = { name = 'x', kind = 'topic', binding_keys = ['#'] }\n";
    let case = Case::launch(RabbitMq::start().await, broker).await;
    case.running.healthy().await;
    let send = async |key: &str, uuid: &str| {
        case.client.publish("x", key, message(uuid, "a.txt")).await;
        case.table.reaches(uuid, "DONE").await.results
    };
    let one = send("a.b.sizes", "one").await;
    assert_eq!(one["sizes"]["status"], "done");
    assert_eq!(one.as_object().unwrap().len(), 1, "{one}");
    for (key, uuid) in [("a.b", "two"), ("a.b.c.sizes", "four")] {
        let all = send(key, uuid).await;
        assert_eq!(all.as_object().unwrap().len(), 3, "{key}: {all}");
    }
}
