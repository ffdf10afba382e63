//! Callers that go away, and a host that stops.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::SinkExt as _;
use futures::channel::mpsc;
use http_body_util::BodyExt as _;
use tenon_host::capability::http::AddressPolicy;
use tenon_host::dispatch::Outcome::{Cancelled, Overloaded};
use tenon_host::dispatch::file_store::{Read, Write};
use tenon_host::dispatch::{Aborted, Upload};
use tenon_host::limits::Limits;
use tenon_tests::connector::Plan;
use tenon_tests::upstream::Upstream;

use super::network::calling;
use super::rig::{Op, Rig, alice, assert_error, hostile};

/// The grace of a cancelled call, and what a busy machine adds to it.
const SOON: Duration = Duration::from_secs(10);

fn patient() -> Plan {
    let mut plan = hostile();
    plan.limits = Limits {
        response_bytes: None,
        cpu_ms: 60_000,
        ..plan.limits
    };
    plan
}

/// Waits until the connector's only place is free again.
async fn assert_freed(rig: &Rig) {
    let since = Instant::now();
    while let Err(error) = rig.run(Op::Stat, "fine").await {
        assert_eq!(error.outcome(), Overloaded, "{error}");
        assert!(since.elapsed() < SOON, "the call goes on");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_goes_away_ends_what_only_reads() {
    for rig in Rig::both(patient) {
        for deed in ["wait-for-ever", "spin"] {
            for op in [Op::Stat, Op::List, Op::Read] {
                let call = rig.run(op, deed);
                let gone = tokio::time::timeout(Duration::from_millis(100), call).await;
                assert!(gone.is_err(), "{op:?} {deed} returned");
                assert_freed(&rig).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_goes_away_ends_the_transfer() {
    for rig in Rig::both(patient) {
        let path = "bytes 100000000000".to_owned();
        let read = |into| Read {
            path,
            offset: 0,
            into,
        };
        let mut started = rig.dispatcher.stream(alice(), read).await.unwrap();
        started.body.frame().await.unwrap().unwrap();
        drop(started);
        assert_freed(&rig).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_goes_away_does_not_end_a_write() {
    let upstream = Upstream::start().await;
    let rig = Rig::new(calling(&upstream.origin(), AddressPolicy::Any));
    let (mut sender, receiver) = mpsc::channel::<Result<Bytes, Aborted>>(1);
    let write = Write {
        path: format!("put {}/file", upstream.origin()),
        size: None,
        content: Upload::new(receiver),
    };
    let writing = rig.dispatcher.call(alice(), write);
    sender.send(Ok("first".into())).await.unwrap();
    let gone = tokio::time::timeout(Duration::from_millis(200), writing).await;
    assert!(gone.is_err());
    tokio::time::sleep(Duration::from_secs(1)).await;
    sender.send(Ok("second".into())).await.unwrap();
    drop(sender);
    assert_eq!(upstream.first().await.body, Some("firstsecond".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_waits_and_then_cancels() {
    for replaced in [false, true] {
        let rig = Rig::new(patient());
        let waiting = rig.run(Op::Write, "wait-for-ever");
        let draining = async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            if replaced {
                rig.dispatcher.replace([]);
            }
            let since = Instant::now();
            let left = rig.dispatcher.drain(Duration::from_millis(300)).await;
            assert!(since.elapsed() >= Duration::from_millis(300));
            left
        };
        let (ended, left) = tokio::join!(waiting, draining);
        assert_error("waiting", &ended.unwrap_err(), Cancelled, "cancelled");
        assert_eq!(left, 1);
        let error = rig.run(Op::Stat, "fine").await.unwrap_err();
        assert_error("late", &error, Overloaded, "stopping");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_lets_calls_finish() {
    let rig = Rig::new(patient());
    let (ended, left) = tokio::join!(
        rig.run(Op::Stat, "wait-a-little"),
        rig.dispatcher.drain(SOON)
    );
    assert_eq!(ended.unwrap(), "waited");
    assert_eq!(left, 0);
}
