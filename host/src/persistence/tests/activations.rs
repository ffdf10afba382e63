//! What runs, waits and is tried out.

use super::*;

on_both!(
    a_connector_runs_what_was_activated_last,
    history_tells_how_it_came_about,
    an_upgrade_waits_until_it_is_allowed_or_withdrawn,
    a_canary_is_promoted_or_ended,
    an_offer_is_new_once,
    what_is_refused_changes_nothing,
);

async fn a_connector_runs_what_was_activated_last(database: Database) {
    let persistence = database.open().await;
    assert_eq!(persistence.snapshot().await.unwrap(), Snapshot::default());
    let (old, new) = (
        add(&persistence, "old").await,
        add(&persistence, "new").await,
    );
    let first = activate(&persistence, "a", &old).await;
    let second = activate(&persistence, "a", &new).await;
    let other = activate(&persistence, "acme/b", &old).await;
    assert!(first < second && second < other);
    let snapshot = persistence.snapshot().await.unwrap();
    assert_eq!(snapshot.revision, other);
    let active = &snapshot.activations["a"];
    assert_eq!((&active.digest, active.revision), (&new, second));
    assert_eq!(
        (&*active.by, active.at > 1_700_000_000_000),
        ("alice", true)
    );
    assert_eq!(snapshot.activations["acme/b"].digest, old);
    assert_eq!(snapshot.activations.len(), 2);
    let one = persistence.snapshot_of("a").await.unwrap();
    assert_eq!(one.activations["a"], *active);
    assert_eq!((one.revision, one.activations.len()), (other, 1));
}

async fn history_tells_how_it_came_about(database: Database) {
    let persistence = database.open().await;
    let digest = add(&persistence, "a").await;
    let rules = json!({"weight": 5});
    let (a, e) = ("a", event("x"));
    persistence
        .propose(a, &digest, &rules, e.clone())
        .await
        .unwrap();
    let mut expected = Vec::new();
    for how in [
        How::Approved,
        How::Promoted,
        How::RolledBack,
        How::Activated,
    ] {
        if how == How::Promoted {
            let started = persistence.start_canary(a, &digest, &rules, e.clone());
            started.await.unwrap();
        }
        let revision = persistence
            .activate(a, &digest, how, e.clone())
            .await
            .unwrap();
        expected.insert(0, (revision, how));
    }
    let history = persistence.history("a").await.unwrap();
    let found: Vec<_> = history
        .iter()
        .map(|past| (past.revision, past.how))
        .collect();
    assert_eq!(found, expected);
    assert!(
        history
            .iter()
            .all(|past| past.digest == digest && past.by == "alice")
    );
    assert_eq!(persistence.history("b").await.unwrap(), []);
}

async fn an_upgrade_waits_until_it_is_allowed_or_withdrawn(database: Database) {
    let persistence = database.open().await;
    let (one, two) = (add(&persistence, "1").await, add(&persistence, "2").await);
    let e = event("proposed");
    for (digest, wants) in [(&one, "a"), (&two, "b")] {
        let difference = json!({"wants": wants});
        persistence
            .propose("a", digest, &difference, e.clone())
            .await
            .unwrap();
    }
    // The later one took its place.
    let pending = persistence.snapshot().await.unwrap().pending;
    assert_eq!((pending.len(), &pending["a"].digest), (1, &two));
    assert_eq!(pending["a"].difference, json!({"wants": "b"}));
    let before = state(&persistence).await;
    let withdrawn = persistence.withdraw("a", &one, event("withdrawn")).await;
    assert!(
        matches!(withdrawn, Err(Error::Conflict(_))),
        "{withdrawn:?}"
    );
    let approved = persistence
        .activate("a", &one, How::Approved, event("approved"))
        .await;
    assert!(matches!(approved, Err(Error::Conflict(_))), "{approved:?}");
    assert_unchanged(&persistence, before).await;

    let approved = persistence.activate("a", &two, How::Approved, event("approved"));
    approved.await.unwrap();
    let snapshot = persistence.snapshot().await.unwrap();
    assert_eq!(
        (snapshot.pending.len(), &snapshot.activations["a"].digest),
        (0, &two)
    );

    persistence
        .propose("a", &one, &json!(null), e)
        .await
        .unwrap();
    persistence
        .withdraw("a", &one, event("withdrawn"))
        .await
        .unwrap();
    let snapshot = persistence.snapshot().await.unwrap();
    assert_eq!(
        (snapshot.pending.len(), &snapshot.activations["a"].digest),
        (0, &two)
    );
}

async fn a_canary_is_promoted_or_ended(database: Database) {
    let persistence = database.open().await;
    let (one, two) = (add(&persistence, "1").await, add(&persistence, "2").await);
    activate(&persistence, "a", &one).await;
    let start = async |digest: &Digest, weight: u32| {
        let rules = json!({"weight": weight});
        let started = persistence.start_canary("a", digest, &rules, event("canary"));
        started.await.unwrap()
    };
    start(&one, 5).await;
    start(&two, 10).await;
    let canaries = persistence.snapshot().await.unwrap().canaries;
    assert_eq!((canaries.len(), &canaries["a"].digest), (1, &two));
    assert_eq!(canaries["a"].rules, json!({"weight": 10}));
    let before = state(&persistence).await;
    let ended = persistence.end_canary("a", &one, event("ended")).await;
    assert!(matches!(ended, Err(Error::Conflict(_))), "{ended:?}");
    let promoted = persistence
        .activate("a", &one, How::Promoted, event("promoted"))
        .await;
    assert!(matches!(promoted, Err(Error::Conflict(_))), "{promoted:?}");
    assert_unchanged(&persistence, before).await;

    persistence
        .end_canary("a", &two, event("ended"))
        .await
        .unwrap();
    assert_eq!(
        persistence.snapshot().await.unwrap().activations["a"].digest,
        one
    );
    start(&two, 10).await;
    let promoted = persistence.activate("a", &two, How::Promoted, event("promoted"));
    promoted.await.unwrap();
    let snapshot = persistence.snapshot().await.unwrap();
    assert_eq!(
        (snapshot.canaries.len(), &snapshot.activations["a"].digest),
        (0, &two)
    );

    // An activation of anything else ends it too: it was compared with what ran before.
    start(&one, 10).await;
    activate(&persistence, "a", &two).await;
    assert!(persistence.snapshot().await.unwrap().canaries.is_empty());
}

async fn an_offer_is_new_once(database: Database) {
    let persistence = database.open().await;
    let digest = digest("never admitted");
    assert!(persistence.offer("a", &digest).await.unwrap());
    assert!(!persistence.offer("a", &digest).await.unwrap());
    assert!(persistence.offer("b", &digest).await.unwrap());
}

async fn what_is_refused_changes_nothing(database: Database) {
    let persistence = database.open().await;
    let known = add(&persistence, "known").await;
    activate(&persistence, "a", &known).await;
    let before = state(&persistence).await;
    let (unknown, e) = (digest("unknown"), event("x"));
    let activated = persistence
        .activate("a", &unknown, How::Activated, e.clone())
        .await;
    let proposed = persistence
        .propose("a", &unknown, &json!(0), e.clone())
        .await;
    let started = persistence.start_canary("a", &unknown, &json!(0), e).await;
    for refused in [activated, proposed, started] {
        assert!(matches!(refused, Err(Error::Database(_))), "{refused:?}");
    }
    assert_unchanged(&persistence, before).await;
    let snapshot = persistence.snapshot().await.unwrap();
    assert_eq!(snapshot.activations["a"].digest, known);
    assert!(snapshot.pending.is_empty() && snapshot.canaries.is_empty());
}
