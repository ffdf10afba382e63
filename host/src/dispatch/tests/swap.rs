//! One version after the other.

use std::sync::atomic::AtomicBool;

use super::*;

#[tokio::test]
async fn a_connector_without_a_version_says_so() {
    let rig = Rig::empty(Limits::default());
    let error = rig.ask().await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unavailable);
    assert_eq!(error.message(), "nothing is activated yet");
    assert!(rig.connector.active().is_none());
    let shown = rig.metrics.render();
    assert!(shown.contains(r#"outcome="unavailable"} 1"#), "{shown}");
}

#[tokio::test]
async fn a_call_in_progress_ends_on_the_version_it_began_with() {
    let (old, new) = (Scripted::good("old"), Scripted::good("new"));
    let rig = Rig::running(&old).await;
    let held = Arc::new(Notify::new());
    *old.held.lock().unwrap() = Some(held.clone());
    let (begun, meanwhile) = tokio::join!(rig.ask(), async {
        old.begun.notified().await;
        rig.connector.activate(new.version()).await;
        let meanwhile = rig.ask().await;
        held.notify_one();
        meanwhile
    });
    assert_eq!(begun.unwrap(), "old");
    assert_eq!(meanwhile.unwrap(), "new");
    assert_eq!(*old.told.lock().unwrap(), ["open", "retire", "close"]);
    assert_eq!(*new.told.lock().unwrap(), ["open"]);
}

#[tokio::test]
async fn a_version_may_come_back() {
    let (one, two) = (Scripted::good("one"), Scripted::good("two"));
    let rig = Rig::running(&one).await;
    let before = rig.connector.active().unwrap();
    rig.connector.activate(two.version()).await;
    rig.connector.activate(before.clone()).await;
    assert_eq!(rig.ask().await.unwrap(), "one");
    assert_eq!(one.told.lock().unwrap().last(), Some(&"open"));
    // Activating what is active ends nothing.
    rig.connector.activate(before).await;
    assert_eq!(one.told.lock().unwrap().last(), Some(&"open"));
}

#[tokio::test]
async fn the_version_says_which_roles_there_are() {
    let mut bare = Scripted::good("bare");
    Arc::get_mut(&mut bare).unwrap().roles = &[];
    let rig = Rig::running(&bare).await;
    let error = rig.ask().await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unsupported);
    rig.connector
        .activate(Scripted::good("new").version())
        .await;
    assert_eq!(rig.ask().await.unwrap(), "new");
}

/// Swaps under load: how many each of the callers gets no answer to, or one
/// of a version that was replaced before it asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_swaps_fail_no_call() {
    const SWAPS: usize = 1_000;
    const CALLERS: usize = 8;
    let plugins = [Scripted::good("a"), Scripted::good("b")];
    let rig = Arc::new(Rig::running(&plugins[0]).await);
    let over = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let (rig, over) = (rig.clone(), over.clone());
            tokio::spawn(async move {
                let mut answered = 0;
                while !over.load(Ordering::Relaxed) {
                    let name = rig.ask().await.unwrap();
                    assert!(name == "a" || name == "b", "{name}");
                    answered += 1;
                }
                answered
            })
        })
        .collect();
    for swap in 1..=SWAPS {
        let plugin = &plugins[swap % 2];
        rig.connector.activate(plugin.version()).await;
        // From here on it is the only one for new calls.
        assert_eq!(rig.ask().await.unwrap(), plugin.name);
    }
    over.store(true, Ordering::Relaxed);
    let mut answered = SWAPS;
    for caller in callers {
        answered += caller.await.unwrap();
    }
    // Every call ran once, in one of the two.
    assert_eq!(plugins[0].calls() + plugins[1].calls(), answered);
}

#[tokio::test]
async fn a_version_can_be_called_before_it_serves() {
    let (active, next) = (Scripted::good("active"), Scripted::good("next"));
    let rig = Rig::running(&active).await;
    let version = next.version();
    let checked = rig.dispatcher.call_version(call(), version.clone(), Check);
    checked.await.unwrap();
    assert_eq!((active.calls(), next.calls()), (0, 1));
    assert_eq!(rig.ask().await.unwrap(), "active");
    // Also while it is tried out, without counting.
    rig.connector
        .try_out(version.clone(), canary::Rules::default());
    let described = rig.dispatcher.call_version(call(), version, Describe);
    assert_eq!(described.await.unwrap().name, "next");
    let (_, report) = rig.connector.tried_out().unwrap();
    assert_eq!(report.candidate.calls, 0);
}

#[tokio::test]
async fn such_a_call_is_guarded_like_any_other() {
    let limits = Limits {
        concurrent_calls: 1,
        ..Limits::default()
    };
    let rig = Rig::empty(limits);
    let next = Scripted::good("next");
    let held = Arc::new(Notify::new());
    *next.held.lock().unwrap() = Some(held.clone());
    let dispatcher = &rig.dispatcher;
    let (first, second) = tokio::join!(
        dispatcher.call_version(call(), next.version(), Describe),
        async {
            next.begun.notified().await;
            let second = dispatcher.call_version(call(), next.version(), Describe);
            let second = second.await;
            held.notify_one();
            second
        }
    );
    assert!(first.is_ok());
    let error = second.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Overloaded);
    let cut = dispatcher.drain(std::time::Duration::from_secs(1)).await;
    assert_eq!(cut, 0);
    let late = dispatcher.call_version(call(), next.version(), Check).await;
    assert_eq!(late.unwrap_err().outcome(), Outcome::Overloaded);
    let nobody = Call {
        connector: "nobody".parse().unwrap(),
        ..call()
    };
    let other = Rig::running(&next).await;
    let unknown = other.dispatcher.call_version(nobody, next.version(), Check);
    assert_eq!(unknown.await.unwrap_err().outcome(), Outcome::NotFound);
}

#[tokio::test]
async fn an_unchanged_connector_is_passed_in_again() {
    let plugin = Scripted::good("p");
    let rig = Rig::running(&plugin).await;
    let found = rig.dispatcher.connector(&id()).unwrap();
    assert!(Arc::ptr_eq(&found, &rig.connector));
    rig.dispatcher.replace([found]);
    assert_eq!(rig.ask().await.unwrap(), "p");
    rig.dispatcher.replace([]);
    assert!(rig.dispatcher.connector(&id()).is_none());
}
