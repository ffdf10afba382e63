//! Uploads that a guest passes on in part. A real server must never take
//! half a file for a whole one.

use tenon_host::capability::http::AddressPolicy;
use tenon_host::dispatch::Outcome::{Deadline, Internal, Unavailable};
use tenon_tests::upstream::Upstream;

use super::network::calling;
use super::rig::{Rig, assert_error};

const PIECES: [&[u8]; 2] = [b"first", b"second"];
const SIZES: [Option<u64>; 2] = [None, Some(11)];

/// Uploads in both isolations, in chunks and under `Content-Length`; what the
/// server gets is broken off every time.
async fn assert_broken(deed: &str, expected: Option<(tenon_host::dispatch::Outcome, &str)>) {
    for (isolation, size) in [(0, SIZES[0]), (0, SIZES[1]), (1, SIZES[0]), (1, SIZES[1])] {
        let upstream = Upstream::start().await;
        let here = upstream.origin();
        let impatient = || {
            let mut plan = calling(&here, AddressPolicy::Any);
            plan.limits.total_ms = Some(1_500);
            plan
        };
        let rig = &Rig::both(impatient)[isolation];
        let path = format!("{deed} {here}/file");
        let (stored, ()) = tokio::join!(rig.write(&path, size, &PIECES), rig.assert_others_work());
        match (stored, expected) {
            (Ok(stored), None) => assert_eq!(stored, 0, "{deed}"),
            (Err(error), Some((outcome, message))) => {
                assert_error(&path, &error, outcome, message);
            }
            (stored, _) => panic!("{path} {size:?}: {stored:?}"),
        }
        let seen = upstream.first().await;
        assert_eq!(seen.body, None, "{path} {size:?}");
        assert_eq!(seen.headers.contains_key("content-length"), size.is_some());
        rig.assert_usable().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trap_half_way_breaks_the_request() {
    assert_broken("put-half-then-trap", Some((Internal, "the plugin trapped"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_half_way_breaks_the_request() {
    assert_broken("put-half-then-wait", Some((Deadline, "`total_ms`"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_dropped_breaks_the_request() {
    assert_broken("put-and-drop", None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_leaked_breaks_the_request_and_the_contract() {
    assert_broken(
        "put-and-leak",
        Some((Internal, "a request's body still open")),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_length_than_announced_breaks_the_request() {
    for deed in ["put-too-few", "put-too-many"] {
        let upstream = Upstream::start().await;
        let here = upstream.origin();
        for rig in Rig::both(|| calling(&here, AddressPolicy::Any)) {
            let path = format!("{deed} {here}/file");
            let error = rig.write(&path, Some(11), &PIECES).await.unwrap_err();
            assert_error(&path, &error, Unavailable, "");
            assert_eq!(upstream.first().await.body, None, "{deed}");
            rig.assert_usable().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_upload_arrives_whole() {
    for size in SIZES {
        let upstream = Upstream::start().await;
        let here = upstream.origin();
        for rig in Rig::both(|| calling(&here, AddressPolicy::Any)) {
            let path = format!("put {here}/file");
            assert_eq!(rig.write(&path, size, &PIECES).await.unwrap(), 11);
        }
        let bodies: Vec<_> = upstream.seen().into_iter().map(|seen| seen.body).collect();
        assert_eq!(
            bodies,
            [Some("firstsecond".into()), Some("firstsecond".into())]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_has_a_size_it_may_not_pass() {
    const PIECE: &[u8] = &[7; 100_000];
    let upstream = Upstream::start().await;
    let here = upstream.origin();
    for rig in Rig::both(|| calling(&here, AddressPolicy::Any)) {
        assert_eq!(
            rig.write("take", None, &[PIECE; 10]).await.unwrap(),
            1_000_000
        );
        for path in ["take".to_owned(), format!("put {here}/file")] {
            let error = rig.write(&path, None, &[PIECE; 11]).await.unwrap_err();
            assert_error(&path, &error, Internal, "`upload_bytes` (1048576 bytes)");
        }
        // Not read, not counted.
        assert_eq!(rig.write("ignore", None, &[PIECE; 11]).await.unwrap(), 0);
    }
    for seen in upstream.seen() {
        assert_eq!(seen.body, None);
    }
}
