//! One version beside the other.

use std::time::Duration;

use super::canary::{Reason, Report, Rules, Verdict};
use super::*;

/// Every other call, and an answer soon. How fast a busy machine is says
/// nothing of the versions.
fn rules() -> Rules {
    Rules {
        weight: 50,
        sample_min: 100,
        sample_max: 800,
        latency_ratio: 1e6,
        ..Rules::default()
    }
}

/// Calls until the verdict is there.
async fn tried(rig: &Rig, candidate: &Arc<Scripted>, rules: Rules) -> Verdict {
    let mut verdict = rig.connector.try_out(candidate.version(), rules);
    loop {
        // Failures are the candidate's part.
        _ = rig.ask().await;
        tokio::task::yield_now().await;
        let verdict = verdict.borrow_and_update();
        if *verdict != Verdict::Undecided {
            return verdict.clone();
        }
    }
}

fn rolled_back(verdict: Verdict, expected: Reason) -> Report {
    match verdict {
        Verdict::RollBack(report) if report.reason == expected => report,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_merely_new_is_promoted_and_goes_on_until_it_is_activated() {
    let (old, new) = (Scripted::good("old"), Scripted::good("new"));
    let rig = Rig::running(&old).await;
    let Verdict::Promote(report) = tried(&rig, &new, rules()).await else {
        panic!("no promotion");
    };
    assert_eq!(
        (report.reason, report.candidate.failures),
        (Reason::Proven, 0)
    );
    assert!(report.candidate.calls >= 400, "{report:?}");
    let (candidate, seen) = rig.connector.tried_out().unwrap();
    assert_eq!(seen, report);
    let (before, half) = (new.calls(), 20);
    for _ in 0..2 * half {
        rig.ask().await.unwrap();
    }
    assert!(new.calls() - before >= half - 2);
    rig.connector.activate(candidate).await;
    assert!(rig.connector.tried_out().is_none());
    assert_eq!(
        *new.told.lock().unwrap(),
        ["open", "open"],
        "it was never ended"
    );
    for _ in 0..20 {
        assert_eq!(rig.ask().await.unwrap(), "new");
    }
    let shown = rig.metrics.render();
    let calls = r#"tenon_canary_calls_total{connector="c",version="candidate"}"#;
    let failures = r#"tenon_canary_failures_total{connector="c",version="baseline"} 0"#;
    assert!(shown.contains(calls) && shown.contains(failures), "{shown}");
}

#[tokio::test]
async fn what_fails_serves_no_more_from_the_verdict_on() {
    let broken = Scripted::new("broken", |call| match call % 3 {
        0 => Err(types::Error::Internal(detail())),
        _ => Ok(()),
    });
    let rig = Rig::running(&Scripted::good("old")).await;
    let report = rolled_back(tried(&rig, &broken, rules()).await, Reason::Fails);
    assert!(report.candidate.calls < 400, "{report:?}");
    assert!(report.excess_min > rules().margin);
    let before = broken.calls();
    for _ in 0..50 {
        assert_eq!(rig.ask().await.unwrap(), "old");
    }
    assert_eq!(broken.calls(), before);
    // It can be looked at until somebody ends it.
    assert!(rig.connector.tried_out().is_some());
    rig.connector.end_try_out();
    assert!(rig.connector.tried_out().is_none());
    assert_eq!(*broken.told.lock().unwrap(), ["open", "retire", "close"]);
}

#[tokio::test]
async fn a_callers_fault_is_no_failure_and_an_outage_hits_both() {
    let down: Answer = |call| match call % 2 {
        0 => Err(types::Error::NotFound(detail())),
        _ if call % 41 == 1 => Err(types::Error::Unavailable(delay())),
        _ => Err(types::Error::RateLimited(delay())),
    };
    let rig = Rig::running(&Scripted::new("old", down)).await;
    let alike = Rules {
        margin: 0.1,
        ..rules()
    };
    let verdict = tried(&rig, &Scripted::new("new", down), alike.clone()).await;
    assert!(matches!(verdict, Verdict::Promote(_)), "{verdict:?}");
    // The same outage of one alone is its fault.
    let rig = Rig::running(&Scripted::good("old")).await;
    let dark = Scripted::new("new", |_| Err(types::Error::Unavailable(delay())));
    rolled_back(tried(&rig, &dark, alike).await, Reason::Fails);
}

#[tokio::test(start_paused = true)]
async fn undecided_at_the_end_of_its_window_it_is_not_proven() {
    let (old, new) = (Scripted::good("old"), Scripted::good("new"));
    let rig = Rig::running(&old).await;
    let mut verdict = rig.connector.try_out(new.version(), rules());
    for _ in 0..100 {
        rig.ask().await.unwrap();
    }
    assert_eq!(*verdict.borrow_and_update(), Verdict::Undecided);
    let (_, report) = rig.connector.tried_out().unwrap();
    assert_eq!(report.reason, Reason::Undecided);
    assert!((45..=55).contains(&report.candidate.calls), "{report:?}");
    assert_eq!(report.candidate.calls + report.baseline.calls, 100);
    tokio::time::sleep(Duration::from_millis(rules().window_ms + 1)).await;
    verdict.changed().await.unwrap();
    let verdict = verdict.borrow().clone();
    rolled_back(verdict, Reason::NotProven);
    let before = new.calls();
    for _ in 0..10 {
        rig.ask().await.unwrap();
    }
    assert_eq!(new.calls(), before);
}

#[tokio::test]
async fn a_role_that_is_missing_costs_the_candidate_and_no_caller() {
    let mut bare = Scripted::good("bare");
    Arc::get_mut(&mut bare).unwrap().roles = &[];
    let rig = Rig::running(&Scripted::good("old")).await;
    let mut verdict = rig.connector.try_out(bare.version(), rules());
    while *verdict.borrow_and_update() == Verdict::Undecided {
        assert_eq!(rig.ask().await.unwrap(), "old");
        tokio::task::yield_now().await;
    }
    rolled_back(verdict.borrow().clone(), Reason::Fails);
}

#[tokio::test]
async fn a_trial_ends_with_whatever_takes_its_place() {
    let [old, one, two] = ["old", "one", "two"].map(Scripted::good);
    let rig = Rig::running(&old).await;
    let mut first = rig.connector.try_out(one.version(), rules());
    let mut second = rig.connector.try_out(two.version(), rules());
    assert!(first.changed().await.is_err());
    assert_eq!(one.told.lock().unwrap().last(), Some(&"close"));
    rig.connector.activate(one.version()).await;
    assert!(second.changed().await.is_err());
    assert_eq!(two.told.lock().unwrap().last(), Some(&"close"));
    assert_eq!(rig.ask().await.unwrap(), "one");
}

#[tokio::test]
async fn without_a_baseline_or_with_bad_rules_nothing_is_tried() {
    let new = Scripted::good("new");
    let rig = Rig::empty(Limits::default());
    let verdict = rig.connector.try_out(new.version(), rules());
    rolled_back(verdict.borrow().clone(), Reason::NoBaseline);
    rig.connector.end_try_out();
    assert!(rig.connector.tried_out().is_none());
    let rig = Rig::running(&Scripted::good("old")).await;
    let bad = Rules {
        weight: 0,
        ..rules()
    };
    let verdict = rig.connector.try_out(new.version(), bad);
    rolled_back(verdict.borrow().clone(), Reason::BadRules);
    for _ in 0..10 {
        assert_eq!(rig.ask().await.unwrap(), "old");
    }
}
