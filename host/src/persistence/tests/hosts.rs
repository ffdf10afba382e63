//! Several hosts on one database.

use std::collections::BTreeSet;

use super::*;

on_both!(
    hosts_that_start_together_make_one_schema,
    changes_have_one_order_on_all_hosts,
    one_of_two_approvals_wins,
    a_change_is_there_for_others_before_its_revision_is_told,
);

async fn hosts_that_start_together_make_one_schema(database: Database) {
    let hosts = (0..4).map(|_| {
        let url = database.url.clone();
        tokio::spawn(async move { Persistence::open(&url).await })
    });
    for host in hosts.collect::<Vec<_>>() {
        let host = host.await.unwrap().unwrap();
        assert_eq!(host.revision().await.unwrap(), 0);
    }
}

async fn changes_have_one_order_on_all_hosts(database: Database) {
    const CHANGES: usize = 25;
    let (one, two) = (database.open().await, database.open().await);
    let digest = add(&one, "d").await;
    let change = |host: Persistence, connector: &'static str| {
        let digest = digest.clone();
        tokio::spawn(async move {
            let mut revisions = Vec::new();
            for _ in 0..CHANGES {
                revisions.push(activate(&host, connector, &digest).await);
                let seen = host.revision().await.unwrap();
                assert!(seen >= *revisions.last().unwrap());
            }
            revisions
        })
    };
    // Both at the same connector, and each at its own.
    let changes = [
        change(one.clone(), "shared"),
        change(two.clone(), "shared"),
        change(one.clone(), "one"),
        change(two.clone(), "two"),
    ];
    let mut all = BTreeSet::new();
    for changes in changes {
        let revisions = changes.await.unwrap();
        assert!(revisions.is_sorted(), "{revisions:?}");
        all.extend(revisions);
    }
    let expected: BTreeSet<i64> = (2..2 + 4 * CHANGES as i64).collect();
    assert_eq!(all, expected);
    let (one_sees, two_sees) = (one.snapshot().await.unwrap(), two.snapshot().await.unwrap());
    assert_eq!(one_sees, two_sees);
    assert_eq!(one_sees.revision, 1 + 4 * CHANGES as i64);
    let history = one.history("shared").await.unwrap();
    assert_eq!(history.len(), 2 * CHANGES);
    assert_eq!(history[0].revision, one_sees.activations["shared"].revision);
    let events = all_events(&two).await;
    assert!(
        events
            .iter()
            .map(|event| event.id)
            .eq(1..=one_sees.revision)
    );
}

async fn one_of_two_approvals_wins(database: Database) {
    let (one, two) = (database.open().await, database.open().await);
    let digest = add(&one, "d").await;
    for _ in 0..10 {
        one.propose("a", &digest, &json!({}), event("x"))
            .await
            .unwrap();
        let (first, second) = tokio::join!(
            one.activate("a", &digest, How::Approved, event("approved")),
            two.activate("a", &digest, How::Approved, event("approved")),
        );
        let lost = [&first, &second]
            .into_iter()
            .filter(|ended| ended.is_err())
            .count();
        assert_eq!(lost, 1, "{first:?} {second:?}");
        for ended in [first, second] {
            assert!(
                matches!(ended, Ok(_) | Err(Error::Conflict(_))),
                "{ended:?}"
            );
        }
    }
    assert_eq!(one.history("a").await.unwrap().len(), 10);
}

async fn a_change_is_there_for_others_before_its_revision_is_told(database: Database) {
    let (one, two) = (database.open().await, database.open().await);
    let digest = add(&one, "d").await;
    for nth in 0..20 {
        let told = activate(&one, &format!("c{nth}"), &digest).await;
        let snapshot = two.snapshot().await.unwrap();
        assert_eq!(snapshot.revision, told);
        assert_eq!(snapshot.activations.len(), nth + 1);
    }
}
