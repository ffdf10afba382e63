//! What breaks while messages are at work, and that nothing is lost by it: the
//! same suite for every broker, on servers of its own.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;
use tenon_tests::host::Signal;
use tenon_tests::nats::Nats;
use tenon_tests::postgres::Server;
use tenon_tests::rabbitmq::RabbitMq;
use tenon_tests::redis::Redis;
use tenon_tests::sqapi::{Deployment, PROCESSORS, Running, Table, message};
use tenon_tests::tunnel::Tunnel;
use tenon_tests::wait;

/// Messages in one case: many more than are at work at one time.
const MESSAGES: usize = 300;

/// Messages of which a killed host leaves most in the queue.
const MANY: usize = 1000;

/// The brokers that the suite runs on.
#[derive(Debug)]
enum Broker {
    Embedded,
    RabbitMq(RabbitMq),
    Nats(Nats),
}

/// A deployment on servers of its own.
struct Case {
    broker: Broker,
    database: Server,
    redis: Redis,
    table: Table,
    running: Running,
}

impl Broker {
    fn text(&self) -> String {
        match self {
            Self::Embedded => "type = 'embedded'\n".to_owned(),
            Self::RabbitMq(server) => server.broker(""),
            Self::Nats(server) => server.broker(),
        }
    }

    /// The server's, where it has one.
    fn address(&self) -> SocketAddr {
        match self {
            Self::Embedded => unreachable!(),
            Self::RabbitMq(server) => server.address(),
            Self::Nats(server) => server.address(),
        }
    }

    /// By way of another address, over which nobody is silent for long.
    fn text_at(&self, address: SocketAddr) -> String {
        match self {
            Self::Embedded => unreachable!(),
            Self::RabbitMq(server) => server.broker_at(address, "heartbeat_ms = 2000\n"),
            Self::Nats(server) => server.broker_at(address),
        }
    }

    fn pause(&mut self) {
        match self {
            Self::Embedded => unreachable!(),
            Self::RabbitMq(server) => server.pause(),
            Self::Nats(server) => server.pause(),
        }
    }

    async fn resume(&mut self) {
        match self {
            Self::Embedded => unreachable!(),
            Self::RabbitMq(server) => server.resume().await,
            Self::Nats(server) => server.resume().await,
        }
    }
}

impl Case {
    async fn new(broker: Broker) -> Self {
        Self::with(broker, |deployment| deployment).await
    }

    async fn with(broker: Broker, change: impl FnOnce(Deployment) -> Deployment) -> Self {
        let (database, redis) = (Server::start().await, Redis::start().await);
        let deployment = Deployment::new()
            .postgres(&database.url())
            .redis(redis.address())
            .processors()
            .broker(&broker.text())
            .pipeline(
                "",
                "[retry]\ndelays_ms = [200, 500, 1000, 2000, 2000, 5000, 5000]\n",
            );
        let running = change(deployment).start().await;
        running.store("a.txt", b"six by");
        Self {
            table: Table::new(&database.url()),
            broker,
            database,
            redis,
            running,
        }
    }

    async fn publish(&self, count: usize) {
        self.publish_from(0, count).await;
    }

    async fn publish_from(&self, first: usize, count: usize) {
        for number in first..first + count {
            let answer = self
                .running
                .post(&message(&format!("m{number}"), "a.txt"))
                .await;
            assert_eq!(answer.status, 202, "{}", answer.text());
        }
    }

    /// All are done, by every processor, and none is left anywhere else.
    async fn all_done(&self, count: usize) {
        let count = i64::try_from(count).unwrap();
        self.table.holds_only(count, "DONE").await;
        for processor in PROCESSORS {
            assert_eq!(self.table.rows_of(processor).await, count, "{processor}");
        }
        self.running.healthy().await;
        self.running.nothing_is_left().await;
    }
}

async fn rabbitmq() -> Broker {
    Broker::RabbitMq(RabbitMq::start().await)
}

async fn nats() -> Broker {
    Broker::Nats(Nats::start().await)
}

/// Killed with most of them still in the queue; another host goes on.
async fn a_killed_host_loses_nothing(broker: Broker) {
    let mut case = Case::new(broker).await;
    case.publish(MANY).await;
    case.table.holds(20, "DONE").await;
    case.running = case.running.restart(true).await;
    case.all_done(MANY).await;
}

#[tokio::test]
async fn a_killed_host_loses_nothing_embedded() {
    a_killed_host_loses_nothing(Broker::Embedded).await;
}

#[tokio::test]
async fn a_killed_host_loses_nothing_rabbitmq() {
    a_killed_host_loses_nothing(rabbitmq().await).await;
}

#[tokio::test]
async fn a_killed_host_loses_nothing_nats() {
    a_killed_host_loses_nothing(nats().await).await;
}

/// Stopped while messages are at work: none is done twice without need, none
/// is lost.
async fn a_stopped_host_finishes_what_it_has(broker: Broker) {
    let mut case = Case::new(broker).await;
    case.publish(MESSAGES).await;
    case.running = case.running.restart(false).await;
    case.all_done(MESSAGES).await;
}

#[tokio::test]
async fn a_stopped_host_finishes_what_it_has_embedded() {
    a_stopped_host_finishes_what_it_has(Broker::Embedded).await;
}

#[tokio::test]
async fn a_stopped_host_finishes_what_it_has_rabbitmq() {
    a_stopped_host_finishes_what_it_has(rabbitmq().await).await;
}

#[tokio::test]
async fn a_stopped_host_finishes_what_it_has_nats() {
    a_stopped_host_finishes_what_it_has(nats().await).await;
}

/// PostgreSQL goes away in the middle of messages, and comes back.
async fn a_database_that_was_away_loses_nothing(broker: Broker) {
    let case = Case::new(broker).await;
    case.publish(MESSAGES).await;
    case.table.holds(5, "DONE").await;
    case.database.crash();
    // The first ones may be done already.
    case.publish_from(MESSAGES, 20).await;
    let health = case.running.unhealthy().await;
    assert!(health["failing"].is_string(), "{health}");
    tokio::time::sleep(Duration::from_secs(2)).await;
    case.database.resume().await;
    case.all_done(MESSAGES + 20).await;
}

#[tokio::test]
async fn a_database_that_was_away_loses_nothing_embedded() {
    a_database_that_was_away_loses_nothing(Broker::Embedded).await;
}

#[tokio::test]
async fn a_database_that_was_away_loses_nothing_rabbitmq() {
    a_database_that_was_away_loses_nothing(rabbitmq().await).await;
}

#[tokio::test]
async fn a_database_that_was_away_loses_nothing_nats() {
    a_database_that_was_away_loses_nothing(nats().await).await;
}

/// sqAPI gave such messages up at once.
#[tokio::test]
async fn a_redis_that_was_away_loses_nothing() {
    let mut case = Case::new(rabbitmq().await).await;
    case.redis.set("whole", r#"{"name":"a"}"#);
    case.redis.pause();
    for number in 0..20 {
        let mut message = message(&format!("m{number}"), "a.txt");
        message["metadata"] = json!(null);
        message["meta_location"] = json!("whole");
        assert_eq!(case.running.post(&message).await.status, 202);
    }
    case.table.holds(20, "RETRY").await;
    case.redis.resume().await;
    case.redis.set("whole", r#"{"name":"a"}"#);
    case.all_done(20).await;
}

#[tokio::test]
async fn connections_that_rabbitmq_closes_are_made_again() {
    let case = Case::new(rabbitmq().await).await;
    case.publish(MESSAGES).await;
    let Broker::RabbitMq(server) = &case.broker else {
        unreachable!()
    };
    for _ in 0..3 {
        let closed = server.ctl(&["close_all_connections", "by the suite"]);
        assert!(closed.status.success(), "{closed:?}");
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    case.all_done(MESSAGES).await;
}

async fn a_cut_connection_is_made_again(broker: Broker) {
    let tunnel = Tunnel::to(broker.address()).await;
    let text = broker.text_at(tunnel.address);
    let case = Case::with(broker, |it| it.broker(&text)).await;
    case.publish(MESSAGES).await;
    // The next that comes from the server, be it a heartbeat.
    tunnel.cut_after(0);
    let health = case.running.unhealthy().await;
    assert_eq!(health["broker"]["status"], "connecting", "{health}");
    tunnel.cut_after(u64::MAX);
    case.all_done(MESSAGES).await;
}

#[tokio::test]
async fn a_cut_connection_is_made_again_rabbitmq() {
    a_cut_connection_is_made_again(rabbitmq().await).await;
}

#[tokio::test]
async fn a_cut_connection_is_made_again_nats() {
    a_cut_connection_is_made_again(nats().await).await;
}

/// What is durable there is done once it is back.
async fn a_server_that_was_away_is_waited_for(broker: Broker) {
    let mut case = Case::new(broker).await;
    case.publish(MESSAGES).await;
    case.broker.pause();
    case.running.unhealthy().await;
    case.broker.resume().await;
    case.all_done(MESSAGES).await;
}

#[tokio::test]
async fn a_server_that_was_away_is_waited_for_rabbitmq() {
    a_server_that_was_away_is_waited_for(rabbitmq().await).await;
}

#[tokio::test]
async fn a_server_that_was_away_is_waited_for_nats() {
    a_server_that_was_away_is_waited_for(nats().await).await;
}

/// A host whose guests keep every thread busy still answers heartbeats.
#[tokio::test]
async fn heartbeats_are_answered_while_guests_compute() {
    let server = RabbitMq::start().await;
    let text = server.broker("heartbeat_ms = 1000\n");
    let case = Case::with(Broker::RabbitMq(server), |it| it.broker(&text)).await;
    let skip = case.running.host.logs().len();
    case.publish(MESSAGES).await;
    case.all_done(MESSAGES).await;
    let logs = case.running.host.logs();
    let lost = logs.iter().skip(skip).find(|line| {
        let text = line["message"].as_str().unwrap_or_default();
        text.contains("no connection to RabbitMQ")
    });
    assert_eq!(lost, None);
}

#[tokio::test]
async fn a_frozen_host_gives_back_what_it_had() {
    let case = Case::new(rabbitmq().await).await;
    case.publish(MESSAGES).await;
    case.running.host.signal(Signal::STOP);
    let Broker::RabbitMq(server) = &case.broker else {
        unreachable!()
    };
    let closed = server.ctl(&["close_all_connections", "by the suite"]);
    assert!(closed.status.success(), "{closed:?}");
    wait::until("nothing is unacknowledged", async || {
        let (_, unacknowledged) = server.messages("q_sqapi")?;
        (unacknowledged == 0).then_some(())
    })
    .await;
    case.running.host.signal(Signal::CONT);
    case.all_done(MESSAGES).await;
}
