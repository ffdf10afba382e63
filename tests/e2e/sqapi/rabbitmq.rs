//! What is RabbitMQ's alone: topology, dead letters, refusals, prefetch, and
//! how one gets in. Contract, section 5.

mod access;
mod dead_letters;
mod topology;

use std::time::Duration;

use serde_json::{Value, json};
use tenon_tests::amqp::Amqp;
use tenon_tests::postgres::Database;
use tenon_tests::rabbitmq::RabbitMq;
use tenon_tests::sqapi::{Deployment, Running, Table, message};
use tenon_tests::wait;

/// A host and somebody else at one server.
struct Case {
    server: RabbitMq,
    client: Amqp,
    table: Table,
    running: Running,
    _database: Database,
}

impl Case {
    /// With further lines of `[broker]`. Whether it takes messages is another
    /// question.
    async fn launch(server: RabbitMq, broker: &str) -> Self {
        Self::with(server, broker, Deployment::processors).await
    }

    async fn with(
        server: RabbitMq,
        broker: &str,
        change: impl FnOnce(Deployment) -> Deployment,
    ) -> Self {
        let database = Database::new().await;
        let deployment = Deployment::new()
            .postgres(&database.url())
            .broker(&server.broker(broker))
            .pipeline("", "[retry]\ndelays_ms = [200, 500, 1000, 1000, 1000]\n");
        let running = change(deployment).launch().await;
        running.store("a.txt", b"six by");
        running.store("a.jpg", b"no picture");
        Self {
            client: server.client().await,
            table: Table::new(&database.url()),
            server,
            running,
            _database: database,
        }
    }

    /// With two processors that fail for whatever is no picture.
    async fn of_pictures(server: RabbitMq, broker: &str) -> Self {
        Self::with(server, broker, |deployment| {
            ["sizes", "thumbnails", "exif"]
                .iter()
                .fold(deployment, |it, name| it.processor(name, name, ""))
        })
        .await
    }

    /// Nothing of this queue is left at the server, nor held by a host.
    async fn is_settled(&self, queue: &str) {
        wait::until("all are settled", async || {
            (self.server.messages(queue)? == (0, 0)).then_some(())
        })
        .await;
    }
}

/// A message about what is called a picture and is none.
fn picture(uuid: &str) -> Value {
    let mut picture = message(uuid, "a.jpg");
    picture["data_type"] = json!("image/jpeg");
    picture
}

/// Messages that take a second each, so many at one time.
async fn thirty_at_work(prefetch: u64) -> Case {
    let server = RabbitMq::start().await;
    let case = Case::with(server, &format!("prefetch = {prefetch}\n"), |it| {
        let slowly = it.processors();
        slowly.pipeline("process_delay_ms = 1000\n", "")
    })
    .await;
    case.running.healthy().await;
    for number in 0..30 {
        let message = message(&format!("m{number}"), "a.txt");
        case.client.publish("", "q_sqapi", message).await;
    }
    case
}

#[tokio::test]
async fn no_more_are_unacknowledged_than_configured() {
    const PREFETCH: u64 = 5;
    let case = thirty_at_work(PREFETCH).await;
    let mut most = 0;
    wait::until("all are done", async || {
        let (_, unacknowledged) = case.server.messages("q_sqapi")?;
        assert!(unacknowledged <= PREFETCH, "{unacknowledged}");
        most = most.max(unacknowledged);
        (case.table.count("DONE").await == 30).then_some(())
    })
    .await;
    assert_eq!(most, PREFETCH);
}

/// What is at work when a host is stopped is settled, and not done again by
/// another one.
#[tokio::test]
async fn a_stopped_host_settles_what_it_has_begun() {
    let case = thirty_at_work(5).await;
    case.table.holds(2, "DONE").await;
    let Case {
        server,
        table,
        mut running,
        ..
    } = case;
    assert!(running.host.stop().await.success());
    let done = table.count("DONE").await;
    assert_eq!(table.counts().await, [("DONE".to_owned(), done)]);
    let left = wait::until("the server has the rest", async || {
        let (ready, unacknowledged) = server.messages("q_sqapi")?;
        (unacknowledged == 0).then_some(ready)
    })
    .await;
    assert_eq!(i64::try_from(left).unwrap(), 30 - done);
}

/// Between two tries at what the server refuses, and somewhat more.
async fn a_while() {
    tokio::time::sleep(Duration::from_secs(12)).await;
}
