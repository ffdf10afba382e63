//! What a clean-up takes, and what it must not.

use super::*;

on_both!(
    what_is_in_use_stays,
    history_and_events_end,
    failures_end,
    a_clean_up_of_nothing_is_no_change,
);

const NOTHING_OLD: Duration = Duration::from_secs(1 << 30);

fn retention(versions: u32) -> Retention {
    Retention {
        versions,
        events: NOTHING_OLD,
        components: Duration::from_secs(60),
        failures: NOTHING_OLD,
        failures_max: 100,
    }
}

async fn what_is_in_use_stays(database: Database) {
    let persistence = database.open().await;
    let mut digests = Vec::new();
    for name in ["runs", "ran", "waits", "tried", "unused", "new"] {
        digests.push(add(&persistence, name).await);
    }
    let [runs, ran, waits, tried, unused, new] = &digests[..] else {
        panic!()
    };
    activate(&persistence, "a", ran).await;
    activate(&persistence, "a", runs).await;
    let (rules, e) = (json!({}), event("x"));
    persistence
        .propose("a", waits, &rules, e.clone())
        .await
        .unwrap();
    persistence
        .start_canary("a", tried, &rules, e)
        .await
        .unwrap();
    let aged = "UPDATE components SET admitted_at = 1 WHERE name <> 'new'";
    assert_eq!(execute(&persistence, aged).await, 5);

    let pruned = persistence
        .prune(&retention(2), event("pruned"))
        .await
        .unwrap();
    assert_eq!(
        (pruned.history, pruned.components, pruned.events),
        (0, 1, 0)
    );
    assert_eq!(persistence.component(unused).await.unwrap(), None);
    assert_eq!(persistence.bytes(unused).await.unwrap(), None);
    assert_eq!(
        execute(&persistence, "DELETE FROM component_bytes").await,
        5
    );
    for kept in [runs, ran, waits, tried, new] {
        assert!(persistence.component(kept).await.unwrap().is_some());
    }
    // What fell out of the history goes as well, at once.
    let pruned = persistence
        .prune(&retention(0), event("pruned"))
        .await
        .unwrap();
    assert_eq!((pruned.history, pruned.components), (1, 1));
    assert_eq!(persistence.component(ran).await.unwrap(), None);
    let snapshot = persistence.snapshot().await.unwrap();
    assert_eq!(&snapshot.activations["a"].digest, runs);
    assert_eq!(persistence.history("a").await.unwrap().len(), 1);
}

async fn history_and_events_end(database: Database) {
    let persistence = database.open().await;
    let digest = add(&persistence, "d").await;
    let mut latest = Vec::new();
    for _ in 0..5 {
        latest.insert(0, activate(&persistence, "a", &digest).await);
        activate(&persistence, "b", &digest).await;
    }
    let aged = "UPDATE events SET at = 1 WHERE id <= 4";
    assert_eq!(execute(&persistence, aged).await, 4);
    let kept = Retention {
        events: Duration::from_secs(60),
        ..retention(3)
    };
    let pruned = persistence.prune(&kept, event("pruned")).await.unwrap();
    assert_eq!(
        (pruned.history, pruned.components, pruned.events),
        (4, 0, 4)
    );
    let history = persistence.history("a").await.unwrap();
    let kept: Vec<_> = history.iter().map(|past| past.revision).collect();
    assert_eq!(kept, latest[..3]);
    let events = all_events(&persistence).await;
    assert_eq!(events[0].id, 5);
    assert_eq!(events.last().unwrap().action, "pruned");
}

async fn failures_end(database: Database) {
    let persistence = database.open().await;
    for nth in 0..5 {
        for pipeline in ["a", "b"] {
            let uuid = format!("{pipeline}{nth}");
            let failure = NewFailure {
                pipeline,
                uuid: Some(&uuid),
                letter: letter("x"),
                kind: "invalid",
                reason: "why",
                plugins: &[],
            };
            persistence.keep_failure(failure).await.unwrap();
        }
    }
    let left = async || {
        let failures = persistence.failures(&Failed::default(), 100).await;
        let uuids = failures.unwrap().into_iter().map(|it| it.uuid.unwrap());
        uuids.collect::<Vec<_>>()
    };
    let before = left().await;
    let aged = "UPDATE failures SET failed_at = 1 WHERE uuid IN ('a0', 'a1', 'b4')";
    assert_eq!(execute(&persistence, aged).await, 3);
    let kept = Retention {
        failures: Duration::from_secs(60),
        ..retention(3)
    };
    let pruned = persistence.prune(&kept, event("pruned")).await.unwrap();
    assert_eq!(pruned.failures, 3);
    let old = ["a0", "a1", "b4"];
    let rest: Vec<_> = before
        .into_iter()
        .filter(|it| !old.contains(&&**it))
        .collect();
    assert_eq!(left().await, rest);
    // The latest of each pipeline.
    let kept = Retention {
        failures_max: 2,
        ..retention(3)
    };
    let pruned = persistence.prune(&kept, event("pruned")).await.unwrap();
    assert_eq!(pruned.failures, 3);
    assert_eq!(left().await, ["b2", "a3", "b3", "a4"]);
    assert_eq!(all_events(&persistence).await.len(), 2);
}

async fn a_clean_up_of_nothing_is_no_change(database: Database) {
    let persistence = database.open().await;
    add(&persistence, "new").await;
    let before = state(&persistence).await;
    let pruned = persistence
        .prune(&Retention::default(), event("pruned"))
        .await;
    assert_eq!(pruned.unwrap(), Pruned::default());
    assert_unchanged(&persistence, before).await;
}
