//! Components, and that their bytes come back as they were.

use super::*;

on_both!(
    a_component_comes_back_as_it_was,
    a_component_is_added_once,
    large_bytes_come_back,
    the_latest_comes_first,
);

async fn a_component_comes_back_as_it_was(database: Database) {
    let persistence = database.open().await;
    let mut whole = component("whole");
    whole.size = u64::from(u32::MAX) * 3;
    whole.name = "Größe ' \" \\ $1 ?".to_owned();
    whole.reference = Some("registry.example/p@sha256:0".to_owned());
    let added = persistence.add_component(&whole, None, event("added"));
    assert!(added.await.unwrap());
    let found = persistence.component(&whole.digest).await.unwrap().unwrap();
    assert!(found.admitted_at > 1_700_000_000_000, "{found:?}");
    whole.admitted_at = found.admitted_at;
    assert_eq!(found, whole);
    // Its bytes are in the registry.
    assert_eq!(persistence.bytes(&whole.digest).await.unwrap(), None);

    let kept = add(&persistence, "kept").await;
    assert_eq!(persistence.bytes(&kept).await.unwrap().unwrap(), b"kept");
    let found = persistence.component(&kept).await.unwrap().unwrap();
    assert_eq!(found.reference, None);
    let unknown = digest("unknown");
    assert_eq!(persistence.component(&unknown).await.unwrap(), None);
    assert_eq!(persistence.bytes(&unknown).await.unwrap(), None);
}

async fn a_component_is_added_once(database: Database) {
    let persistence = database.open().await;
    add(&persistence, "a").await;
    let before = state(&persistence).await;
    let mut again = component("a");
    again.version = "2".to_owned();
    let added = persistence.add_component(&again, Some(b"other"), event("again"));
    assert!(!added.await.unwrap());
    assert_unchanged(&persistence, before).await;
    let found = persistence.component(&again.digest).await.unwrap().unwrap();
    assert_eq!(found.version, "1.2.3");
    assert_eq!(
        persistence.bytes(&again.digest).await.unwrap().unwrap(),
        b"a"
    );
}

async fn large_bytes_come_back(database: Database) {
    let persistence = database.open().await;
    let bytes: Vec<u8> = (0..20 << 20).map(|nth: u32| (nth % 251) as u8).collect();
    let large = component("large");
    let added = persistence.add_component(&large, Some(&bytes), event("added"));
    assert!(added.await.unwrap());
    let found = persistence.bytes(&large.digest).await.unwrap().unwrap();
    assert!(found == bytes, "{} bytes differ", found.len());
    let empty = component("empty");
    let added = persistence.add_component(&empty, Some(b""), event("added"));
    assert!(added.await.unwrap());
    let found = persistence.bytes(&empty.digest).await.unwrap();
    assert_eq!(found.as_deref(), Some(&b""[..]));
}

async fn the_latest_comes_first(database: Database) {
    let persistence = database.open().await;
    assert_eq!(persistence.components().await.unwrap(), []);
    for name in ["a", "b", "c"] {
        add(&persistence, name).await;
    }
    let statement = "UPDATE components SET admitted_at = 1 WHERE name = 'b'";
    assert_eq!(execute(&persistence, statement).await, 1);
    let found = persistence.components().await.unwrap();
    let names: Vec<_> = found.iter().map(|component| &*component.name).collect();
    assert_eq!((names.len(), names[2]), (3, "b"));
}
