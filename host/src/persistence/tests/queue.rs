//! Queues from which many hosts take.

use std::collections::BTreeSet;

use super::*;

on_both!(
    a_message_comes_as_it_was_sent,
    messages_come_in_order_and_from_their_queue,
    a_message_waits_until_it_is_due,
    a_lease_ends_by_itself,
    a_lease_that_is_renewed_goes_on,
    a_message_given_back_is_no_longer_its_takers,
    hosts_that_take_together_share,
);

const LONG: Duration = Duration::from_secs(600);
const SHORT: Duration = Duration::from_millis(300);

async fn put(persistence: &Persistence, body: &str) {
    put_later(persistence, "q", body, Duration::ZERO).await;
}

async fn put_later(persistence: &Persistence, queue: &str, body: &str, after: Duration) {
    let letter = letter(body);
    let put = persistence.enqueue(queue, &letter, after).await;
    put.unwrap();
}

async fn take(persistence: &Persistence, max: u32) -> Vec<Leased> {
    persistence.lease("q", max, LONG).await.unwrap()
}

/// Waits until something can be taken.
async fn taken(persistence: &Persistence) -> Leased {
    let deadline = std::time::Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(leased) = take(persistence, 1).await.pop() {
            return leased;
        }
        assert!(std::time::Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn bodies(leased: &[Leased]) -> Vec<&str> {
    let bodies = leased.iter().map(|it| &it.letter.body);
    bodies.map(|it| std::str::from_utf8(it).unwrap()).collect()
}

async fn a_message_comes_as_it_was_sent(database: Database) {
    let persistence = database.open().await;
    let sent = Letter {
        // No text.
        body: vec![0, 255, 10, 39],
        only: "sizes".to_owned(),
        attempt: u32::MAX,
        origin: r#"{"queue":"ü\u0000"}"#.to_owned(),
    };
    let put = persistence.enqueue("q", &sent, Duration::ZERO).await;
    put.unwrap();
    let leased = take(&persistence, 1).await.pop().unwrap();
    assert_eq!(leased.letter, sent);
    assert!(persistence.dequeue(&leased).await.unwrap());
    assert!(!persistence.dequeue(&leased).await.unwrap());
    assert_eq!(execute(&persistence, "DELETE FROM queue").await, 0);
}

async fn messages_come_in_order_and_from_their_queue(database: Database) {
    let persistence = database.open().await;
    for body in ["a", "b", "c", "d"] {
        put(&persistence, body).await;
    }
    put_later(&persistence, "other", "x", Duration::ZERO).await;
    let first = take(&persistence, 3).await;
    assert_eq!(bodies(&first), ["a", "b", "c"]);
    // All by one lease, and nobody else's.
    let leases: BTreeSet<_> = first.iter().map(|it| &it.lease).collect();
    assert_eq!(leases.len(), 1);
    assert_eq!(bodies(&take(&persistence, 3).await), ["d"]);
    assert_eq!(take(&persistence, 3).await, []);
    assert_eq!(persistence.lease("none", 3, LONG).await.unwrap(), []);
}

async fn a_message_waits_until_it_is_due(database: Database) {
    let persistence = database.open().await;
    // Far longer than a slow disk takes for two statements.
    let delay = Duration::from_secs(3);
    put(&persistence, "now").await;
    put_later(&persistence, "q", "never", LONG).await;
    let began = std::time::Instant::now();
    put_later(&persistence, "q", "later", delay).await;
    assert_eq!(bodies(&take(&persistence, 9).await), ["now"]);
    assert_eq!(bodies(&[taken(&persistence).await]), ["later"]);
    assert!(began.elapsed() >= delay);
}

async fn a_lease_ends_by_itself(database: Database) {
    let persistence = database.open().await;
    put(&persistence, "a").await;
    let first = persistence.lease("q", 1, SHORT).await.unwrap();
    let second = taken(&persistence).await;
    assert_eq!(second.id, first[0].id);
    assert_ne!(second.lease, first[0].lease);
    // Whoever had it comes too late, whatever it wants.
    assert!(!persistence.dequeue(&first[0]).await.unwrap());
    let given = persistence.give_back(&first[0], Duration::ZERO, 9).await;
    assert!(!given.unwrap());
    persistence.renew(&first[0].lease, LONG).await.unwrap();
    assert!(persistence.dequeue(&second).await.unwrap());
}

async fn a_lease_that_is_renewed_goes_on(database: Database) {
    let persistence = database.open().await;
    put(&persistence, "a").await;
    let first = persistence.lease("q", 1, SHORT).await.unwrap();
    persistence.renew(&first[0].lease, LONG).await.unwrap();
    tokio::time::sleep(SHORT * 2).await;
    assert_eq!(take(&persistence, 1).await, []);
    assert!(persistence.dequeue(&first[0]).await.unwrap());
}

async fn a_message_given_back_is_no_longer_its_takers(database: Database) {
    let persistence = database.open().await;
    put(&persistence, "a").await;
    put(&persistence, "b").await;
    let both = take(&persistence, 2).await;
    let given = persistence.give_back(&both[0], SHORT, 7).await;
    assert!(given.unwrap());
    // Those that are left of the lease are kept, this one is not.
    persistence.renew(&both[0].lease, LONG).await.unwrap();
    let again = taken(&persistence).await;
    assert_eq!(again.id, both[0].id);
    assert_eq!(again.letter.attempt, 7);
    assert_eq!(take(&persistence, 2).await, []);
    assert!(!persistence.dequeue(&both[0]).await.unwrap());
    assert!(persistence.dequeue(&both[1]).await.unwrap());
}

/// Every message goes to one of them.
async fn hosts_that_take_together_share(database: Database) {
    const MESSAGES: usize = 200;
    let first = database.open().await;
    for number in 0..MESSAGES {
        put(&first, &number.to_string()).await;
    }
    let mut hosts = Vec::new();
    for _ in 0..4 {
        let host = database.open().await;
        hosts.push(tokio::spawn(async move {
            let mut had = Vec::new();
            loop {
                let leased = take(&host, 7).await;
                if leased.is_empty() {
                    return had;
                }
                for message in leased {
                    assert!(host.dequeue(&message).await.unwrap());
                    had.push(message.id);
                }
            }
        }));
    }
    let mut had = Vec::new();
    for host in hosts {
        had.extend(host.await.unwrap());
    }
    assert_eq!(had.len(), MESSAGES);
    assert_eq!(had.iter().collect::<BTreeSet<_>>().len(), MESSAGES);
    assert_eq!(execute(&first, "DELETE FROM queue").await, 0);
}
