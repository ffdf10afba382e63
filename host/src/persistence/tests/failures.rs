//! Messages that were given up.

use super::*;

on_both!(
    a_failure_comes_back_as_it_was,
    failures_are_chosen_by_all_that_is_said,
    failures_come_in_pages,
    a_failure_is_forgotten_by_processor,
    failures_are_purged,
);

async fn fail(persistence: &Persistence, pipeline: &str, uuid: &str, plugins: &[&str]) {
    let plugins: Vec<_> = plugins.iter().map(|it| (*it).to_owned()).collect();
    let failure = NewFailure {
        pipeline,
        uuid: Some(uuid),
        letter: letter(uuid),
        kind: "invalid",
        reason: "why",
        plugins: &plugins,
    };
    persistence.keep_failure(failure).await.unwrap();
}

async fn some(database: &Database) -> Persistence {
    let persistence = database.open().await;
    fail(&persistence, "main", "a", &["sizes"]).await;
    fail(&persistence, "main", "b", &["sizes", "a_b"]).await;
    fail(&persistence, "acme/main", "a", &["aXb"]).await;
    fail(&persistence, "main", "c", &[]).await;
    persistence
}

/// Pipeline and object of each.
async fn chosen(persistence: &Persistence, failed: Failed) -> Vec<String> {
    let failures = persistence.failures(&failed, 100).await.unwrap();
    let named = failures
        .into_iter()
        .map(|it| format!("{} {}", it.pipeline, it.uuid.unwrap_or_default()));
    named.collect()
}

fn of_plugin(plugin: &str) -> Failed {
    Failed {
        plugin: Some(plugin.to_owned()),
        ..Failed::default()
    }
}

async fn a_failure_comes_back_as_it_was(database: Database) {
    let persistence = database.open().await;
    let sent = Letter {
        body: vec![0, 255],
        only: "sizes".to_owned(),
        attempt: 3,
        origin: "{}".to_owned(),
    };
    let plugins = ["sizes".to_owned(), "\"quoted\" ü".to_owned()];
    let failure = NewFailure {
        pipeline: "acme/main",
        uuid: None,
        letter: sent.clone(),
        kind: "invalid",
        reason: "a NUL: \0, ü",
        plugins: &plugins,
    };
    persistence.keep_failure(failure).await.unwrap();
    let failures = persistence.failures(&Failed::default(), 9).await.unwrap();
    let [kept] = &failures[..] else { panic!() };
    assert!(kept.at > 1_700_000_000_000);
    let expected = Failure {
        id: kept.id.clone(),
        pipeline: "acme/main".to_owned(),
        uuid: None,
        letter: sent,
        kind: "invalid".to_owned(),
        // PostgreSQL keeps none.
        reason: "a NUL: , ü".to_owned(),
        plugins: plugins.to_vec(),
        at: kept.at,
    };
    assert_eq!(*kept, expected);
    let quoted = of_plugin("\"quoted\" ü");
    assert_eq!(persistence.failures(&quoted, 9).await.unwrap().len(), 1);
}

async fn failures_are_chosen_by_all_that_is_said(database: Database) {
    let persistence = some(&database).await;
    let check = async |failed: Failed, expected: &[&str]| {
        assert_eq!(
            chosen(&persistence, failed.clone()).await,
            expected,
            "{failed:?}"
        );
    };
    let all = ["main a", "main b", "acme/main a", "main c"];
    check(Failed::default(), &all).await;
    let of = |pipeline: &str| Failed {
        pipeline: Some(pipeline.to_owned()),
        ..Failed::default()
    };
    check(of("main"), &["main a", "main b", "main c"]).await;
    check(of("none"), &[]).await;
    let about = Failed {
        uuid: Some("a".to_owned()),
        ..Failed::default()
    };
    check(about.clone(), &["main a", "acme/main a"]).await;
    let both = Failed {
        pipeline: Some("main".to_owned()),
        ..about
    };
    check(both, &["main a"]).await;
    check(of_plugin("sizes"), &["main a", "main b"]).await;
    // No pattern, no part of a name, and no name of theirs.
    check(of_plugin("a_b"), &["main b"]).await;
    check(of_plugin("size"), &[]).await;
    check(of_plugin("\",\""), &[]).await;
    assert_eq!(
        execute(
            &persistence,
            "UPDATE failures SET failed_at = 5 WHERE uuid = 'c'"
        )
        .await,
        1
    );
    let before = |before| Failed {
        before: Some(before),
        ..Failed::default()
    };
    check(before(6), &["main c"]).await;
    check(before(5), &[]).await;
}

async fn failures_come_in_pages(database: Database) {
    let persistence = some(&database).await;
    let mut failed = Failed::default();
    let mut seen = Vec::new();
    loop {
        let page = persistence.failures(&failed, 3).await.unwrap();
        let Some(last) = page.last() else { break };
        failed.after = Some(last.id.clone());
        seen.push(page.len());
    }
    assert_eq!(seen, [3, 1]);
}

async fn a_failure_is_forgotten_by_processor(database: Database) {
    let persistence = some(&database).await;
    let sizes = persistence.failures(&of_plugin("sizes"), 9).await.unwrap();
    for failure in &sizes {
        let forgotten = persistence.forget_failure(failure, Some("sizes")).await;
        assert!(forgotten.unwrap());
        // As it was known, it is there no more.
        let again = persistence.forget_failure(failure, Some("sizes")).await;
        assert!(!again.unwrap());
    }
    assert_eq!(chosen(&persistence, of_plugin("sizes")).await, [""; 0]);
    let left = ["main b", "acme/main a", "main c"];
    assert_eq!(chosen(&persistence, Failed::default()).await, left);
    let rest = persistence.failures(&Failed::default(), 9).await.unwrap();
    assert_eq!(rest[0].plugins, ["a_b"]);
    for failure in &rest {
        let forgotten = persistence.forget_failure(failure, None).await;
        assert!(forgotten.unwrap());
    }
    assert_eq!(chosen(&persistence, Failed::default()).await, [""; 0]);
}

async fn failures_are_purged(database: Database) {
    let persistence = some(&database).await;
    let about = Failed {
        uuid: Some("a".to_owned()),
        ..Failed::default()
    };
    assert_eq!(persistence.purge_failures(&about).await.unwrap(), 2);
    assert_eq!(persistence.purge_failures(&about).await.unwrap(), 0);
    let left = ["main b", "main c"];
    assert_eq!(chosen(&persistence, Failed::default()).await, left);
    let all = persistence.purge_failures(&Failed::default()).await;
    assert_eq!(all.unwrap(), 2);
}
