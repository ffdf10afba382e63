//! Durable queues, from which many hosts take.
//!
//! A message is leased to one of them for some time, and goes back to all when
//! the time is over: a host that is killed loses nothing.

use std::time::Duration;

use sqlx::Row as _;
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::letter::{self, Letter};
use super::{Persistence, Result, now};

/// A message that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leased {
    /// Names it.
    pub id: String,
    /// Proves that it was taken, and not taken by another host since.
    pub lease: String,
    /// What it says.
    pub letter: Letter,
}

impl Persistence {
    /// Puts a message into a queue, to be taken after a delay.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`](super::Error::Unreachable) or
    /// [`Error::Database`](super::Error::Database).
    pub async fn enqueue(&self, queue: &str, letter: &Letter, after: Duration) -> Result<()> {
        sqlx::query(
            "INSERT INTO queue \
             (id, queue, body, only_one, attempt, origin, due_at, lease, leased_until) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, '', 0)",
        )
        .bind(Uuid::now_v7().to_string())
        .bind(queue)
        .bind(letter.body.as_slice())
        .bind(letter.only.as_str())
        .bind(i64::from(letter.attempt))
        .bind(letter.origin.as_str())
        .bind(from_now(after))
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Takes messages that are due, the oldest first, for as long as `time`.
    ///
    /// # Errors
    ///
    /// As for [`Persistence::enqueue`].
    pub async fn lease(&self, queue: &str, max: u32, time: Duration) -> Result<Vec<Leased>> {
        // Who waits for a row that somebody else has just taken looks at it
        // again afterwards, by the last condition.
        let query = "UPDATE queue SET lease = $1, leased_until = $2 WHERE id IN (\
                     SELECT id FROM queue WHERE queue = $3 AND due_at <= $4 AND leased_until < $4 \
                     ORDER BY due_at, id LIMIT $5) AND leased_until < $4 \
                     RETURNING id, lease, body, only_one, attempt, origin";
        let rows = sqlx::query(query)
            .bind(Uuid::new_v4().to_string())
            .bind(from_now(time))
            .bind(queue)
            .bind(now())
            .bind(i64::from(max))
            .fetch_all(&self.pool)
            .await?;
        let mut leased: Vec<_> = rows.iter().map(read).collect::<Result<_>>()?;
        leased.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(leased)
    }

    /// Keeps all messages of a lease for longer. Those that were given back
    /// are not its own any more.
    ///
    /// # Errors
    ///
    /// As for [`Persistence::enqueue`].
    pub async fn renew(&self, lease: &str, time: Duration) -> Result<()> {
        sqlx::query("UPDATE queue SET leased_until = $1 WHERE lease = $2")
            .bind(from_now(time))
            .bind(lease)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Removes a message for good. False where another host has it by now.
    ///
    /// # Errors
    ///
    /// As for [`Persistence::enqueue`].
    pub async fn dequeue(&self, leased: &Leased) -> Result<bool> {
        let done = sqlx::query("DELETE FROM queue WHERE id = $1 AND lease = $2")
            .bind(leased.id.as_str())
            .bind(leased.lease.as_str())
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Gives a message back, to be taken after a delay, with this many counted
    /// tries. False where another host has it by now.
    ///
    /// # Errors
    ///
    /// As for [`Persistence::enqueue`].
    pub async fn give_back(&self, leased: &Leased, after: Duration, attempt: u32) -> Result<bool> {
        let query = "UPDATE queue SET lease = '', leased_until = 0, due_at = $1, attempt = $2 \
                     WHERE id = $3 AND lease = $4";
        let done = sqlx::query(query)
            .bind(from_now(after))
            .bind(i64::from(attempt))
            .bind(leased.id.as_str())
            .bind(leased.lease.as_str())
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() > 0)
    }
}

fn read(row: &AnyRow) -> Result<Leased> {
    Ok(Leased {
        id: row.try_get("id")?,
        lease: row.try_get("lease")?,
        letter: letter::read(row)?,
    })
}

fn from_now(time: Duration) -> i64 {
    let time = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    now().saturating_add(time)
}
