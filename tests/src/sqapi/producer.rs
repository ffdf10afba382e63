//! Producers that put any bytes whatever where a pipeline takes its messages
//! from.

use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;

use crate::amqp::Amqp;
use crate::rabbitmq::RabbitMq;
use crate::setup::Setup;
use crate::sqapi::PIPELINE;

/// sqAPI's queue.
pub const QUEUE: &str = "q_sqapi";

/// Somebody who sends messages.
#[derive(Debug)]
pub enum Producer<'a> {
    /// Into the queue in the host's own database.
    Embedded(SqlitePool),
    /// To a server.
    RabbitMq(&'a RabbitMq, Box<Amqp>),
}

impl<'a> Producer<'a> {
    /// One who sends to a server.
    ///
    /// # Panics
    ///
    /// When the server does not answer.
    pub async fn rabbitmq(server: &'a RabbitMq) -> Self {
        let client = Amqp::connect(server.address()).await;
        Self::RabbitMq(server, Box::new(client))
    }

    /// One who sends to a host that keeps its queue in this setup's database.
    ///
    /// # Panics
    ///
    /// When the host has not made the database.
    pub async fn embedded(setup: &Setup) -> Self {
        let file = setup.folder.path().join("state/tenon.db");
        let options = SqliteConnectOptions::new().filename(file);
        let pool = SqlitePool::connect_with(options).await;
        Self::Embedded(pool.expect("the host's database"))
    }

    /// Sends a message.
    ///
    /// # Panics
    ///
    /// When it is not taken.
    pub async fn send(&self, body: &[u8]) {
        match self {
            Self::RabbitMq(_, client) => client.publish_bytes(QUEUE, body).await,
            Self::Embedded(pool) => {
                let query = "INSERT INTO queue \
                     (id, queue, body, only_one, attempt, origin, due_at, lease, leased_until) \
                     VALUES (lower(hex(randomblob(16))), $1, $2, '', 0, '{}', 0, '', 0)";
                let query = sqlx::query(query).bind(format!("sqapi/{PIPELINE}"));
                let sent = query.bind(body).execute(pool).await;
                sent.expect("room in the database");
            }
        }
    }

    /// Messages that are not settled for good.
    ///
    /// # Panics
    ///
    /// When nobody can tell.
    pub async fn left(&self) -> u64 {
        match self {
            Self::RabbitMq(server, _) => {
                let (ready, unacknowledged) = server.messages(QUEUE).expect("a queue");
                ready + unacknowledged
            }
            Self::Embedded(pool) => {
                let count = sqlx::query_scalar("SELECT count(*) FROM queue");
                let count: i64 = count.fetch_one(pool).await.expect("a table");
                count.unsigned_abs()
            }
        }
    }
}
