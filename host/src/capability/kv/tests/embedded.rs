//! The store in a file.

use super::*;

#[tokio::test]
async fn a_file_is_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sub/meta.db");
    let settings = Settings::new(Target::Embedded(path.clone()));
    stores_and_finds(Rig::writing(settings.clone()), "a key").await;
    Rig::writing(settings.clone())
        .set("kept", bytes("x"))
        .await
        .unwrap();
    // Nothing of the connections above is left.
    let found = Rig::new(settings).get("kept").await.unwrap();
    assert_eq!(sorted(found), sorted(Some(bytes("x"))));
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Target::Embedded(folder.path().join("missing.db"));
    let error = refused(Rig::new(Settings::new(missing)).get("a").await);
    assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    let other = folder.path().join("other.db");
    std::fs::write(
        &other,
        "this is no database, and long enough to be sure of it",
    )
    .unwrap();
    let error = refused(
        Rig::writing(Settings::new(Target::Embedded(other)))
            .get("a")
            .await,
    );
    assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
}
