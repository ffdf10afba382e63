//! The audit trail.

use super::*;

on_both!(
    an_event_comes_back_as_it_was,
    events_are_filtered_and_limited,
);

async fn an_event_comes_back_as_it_was(database: Database) {
    let persistence = database.open().await;
    let digest = digest("d");
    let noted = NewEvent {
        actor: "bob",
        action: "admission-refused",
        connector: Some("acme/a"),
        digest: Some(&digest),
        detail: json!({"reason": "zu groß", "list": [1, null]}),
    };
    let id = persistence.note(noted).await.unwrap();
    let other = persistence.note(event("bare")).await.unwrap();
    assert_eq!(persistence.revision().await.unwrap(), other);
    let [event, bare] = &all_events(&persistence).await[..] else {
        panic!()
    };
    assert!(event.at > 1_700_000_000_000);
    let expected = Event {
        id,
        at: event.at,
        actor: "bob".to_owned(),
        action: "admission-refused".to_owned(),
        connector: Some("acme/a".to_owned()),
        digest: Some(digest),
        detail: json!({"reason": "zu groß", "list": [1, null]}),
    };
    assert_eq!(*event, expected);
    assert_eq!(
        (bare.id, &bare.connector, &bare.digest),
        (other, &None, &None)
    );
}

async fn events_are_filtered_and_limited(database: Database) {
    let persistence = database.open().await;
    for nth in 0..20 {
        let noted = NewEvent {
            connector: Some(if nth % 2 == 0 { "even" } else { "odd" }),
            ..event("x")
        };
        assert_eq!(persistence.note(noted).await.unwrap(), nth + 1);
    }
    let ids = async |after, connector: Option<&str>, max| {
        let connector = connector.map(str::to_owned);
        let filter = Filter {
            after,
            connector,
            max,
        };
        let events = persistence.events(&filter).await.unwrap();
        events.iter().map(|event| event.id).collect::<Vec<_>>()
    };
    // The latest, oldest first; from a point on, the next.
    assert_eq!(ids(0, None, 3).await, [18, 19, 20]);
    assert_eq!(ids(5, None, 3).await, [6, 7, 8]);
    assert_eq!(ids(0, Some("even"), 2).await, [17, 19]);
    assert_eq!(ids(5, Some("odd"), 2).await, [6, 8]);
    assert!(ids(20, None, 3).await.is_empty());
    assert!(ids(0, Some("none"), 3).await.is_empty());
    assert!(ids(0, None, 0).await.is_empty());
    assert_eq!(ids(0, None, u32::MAX).await.len(), 20);
}
