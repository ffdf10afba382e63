//! Bodies that are not what was announced. None of them may end as if it
//! were whole.

use std::time::Duration;

use http_body_util::BodyExt as _;
use tenon_host::dispatch::Outcome::{Internal, Invalid};
use tenon_host::dispatch::file_store::Read;

use super::rig::{Rig, TOKEN, alice, assert_error, hostile};

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_whole_breaks_off() {
    let broken = [
        ("half-then-trap", "the plugin trapped"),
        ("half-then-trap sized", "the plugin trapped"),
        ("half-then-error", "half-way"),
        ("half-then-error sized", "half-way"),
        ("half-then-wait", "`progress_bytes_min`"),
        ("half-then-wait sized", "`progress_bytes_min`"),
        (
            "too-few",
            "internal: the plugin broke its contract: 4 bytes",
        ),
        ("too-many", "more bytes were written than"),
        ("begin-twice", "a second time"),
        ("bytes 2000000", "`response_bytes`"),
    ];
    let impatient = || {
        let mut plan = hostile();
        plan.limits.progress_window_ms = 300;
        plan
    };
    for rig in Rig::both(impatient) {
        for (path, reason) in broken {
            let (read, ()) = tokio::join!(rig.read(path), rig.assert_others_work());
            let aborted = read.unwrap().expect_err(path);
            assert!(aborted.reason.contains(reason), "{path}: {aborted}");
            rig.assert_usable().await;
        }
    }
}

/// A reader that does not keep up is no reason to hold more for it.
#[tokio::test(flavor = "multi_thread")]
async fn writing_without_asking_for_room_ends_the_call() {
    for rig in Rig::both(hostile) {
        let path = "unchecked".to_owned();
        let read = |into| Read {
            path,
            offset: 0,
            into,
        };
        let started = rig.dispatcher.stream(alice(), read).await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        let aborted = started.body.collect().await.unwrap_err();
        assert!(aborted.reason.contains("without asking"), "{aborted}");
        rig.assert_usable().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_body_ends_cleanly() {
    for rig in Rig::both(hostile) {
        // The second of a kind meets what the first has left behind.
        for _ in 0..2 {
            assert_eq!(rig.read("exactly").await.unwrap().unwrap(), "half");
            assert_eq!(rig.read("leak-stream").await.unwrap().unwrap(), "all");
            let bytes = rig.read("bytes 1000000").await.unwrap().unwrap();
            assert_eq!(bytes.len(), 1_000_000);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_a_body_is_none() {
    for rig in Rig::both(hostile) {
        let error = rig.read("begin-never").await.unwrap_err();
        assert_error("begin-never", &error, Internal, "without sending anything");
        // An error before `begin` is a status.
        let error = rig.read("random many").await.unwrap_err();
        assert_error("random many", &error, Invalid, "no number");
        rig.assert_usable().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_total_ends_a_body_that_moves() {
    let plan = || {
        let mut plan = hostile();
        plan.limits.total_ms = Some(400);
        plan
    };
    for rig in Rig::both(plan) {
        let aborted = rig.read("half-then-wait").await.unwrap().unwrap_err();
        assert!(aborted.reason.contains("`total_ms`"), "{aborted}");
        assert_eq!(rig.read("exactly").await.unwrap().unwrap(), "half");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_a_guest_sees_holds_the_callers_token() {
    for rig in Rig::both(hostile) {
        let seen = rig.read("everything").await.unwrap().unwrap();
        let seen = String::from_utf8_lossy(&seen).into_owned();
        assert!(seen.contains("alice"), "{seen}");
        assert!(seen.contains("variables: []"), "{seen}");
        assert!(!seen.contains(": true"), "a folder can be read: {seen}");
        let memory = rig.read("memory").await.unwrap().unwrap();
        let memory = String::from_utf8_lossy(&memory).into_owned();
        // What a guest is told is found there, so that a token would be too.
        assert!(memory.contains("memory"));
        for text in [seen, memory] {
            assert!(!text.contains(TOKEN));
        }
    }
}
