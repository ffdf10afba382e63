//! What a registry sends is held against what was promised.

use std::time::Duration;

use axum::body::Body;
use futures::{StreamExt as _, stream};
use serde_json::{Value, json};

use super::*;

async fn refused(script: Script) -> Error {
    pull(&script.serve().await).await.unwrap_err()
}

fn check(error: &Error, code: &str, message: &str) {
    assert_eq!(error.code(), code, "{error}");
    assert!(error.to_string().contains(message), "{error}");
}

/// A body whose length nobody knows before its end.
fn unknown_length(bytes: Bytes, end: Result<(), std::io::Error>) -> Body {
    let end = end.map(|()| Bytes::new());
    // The head is on its way before the end is known.
    let end = stream::once(async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        end
    });
    Body::from_stream(stream::iter([Ok(bytes)]).chain(end))
}

#[tokio::test]
async fn a_body_that_is_no_manifest_of_a_component() {
    let script = |body: &'static [u8]| {
        Script::default().on(MANIFEST, move |_| answer(StatusCode::OK, &[], body))
    };
    check(
        &refused(script(b"<html>")).await,
        "not-a-plugin-artifact",
        "expected value",
    );
    check(&refused(script(b"")).await, "not-a-plugin-artifact", "EOF");
}

#[tokio::test]
async fn other_bytes_than_the_digest_stands_for() {
    let promised = Digest::of(b"else");
    let header = promised.to_string();
    let script = honest().on(MANIFEST, move |_| {
        answer(
            StatusCode::OK,
            &[("docker-content-digest", &header)],
            manifest(),
        )
    });
    check(&refused(script).await, "wrong-digest", promised.as_str());

    let other = Bytes::from(vec![0; component().len()]);
    let script = honest().on(blob(), move |_| answer(StatusCode::OK, &[], other.clone()));
    check(&refused(script).await, "wrong-digest", "the component");

    let pinned = Digest::of(b"pinned");
    let path = format!("GET /v2/team/disk/manifests/{pinned}");
    let script = honest().on(path, |_| answer(StatusCode::OK, &[], manifest()));
    let server = script.serve().await;
    let registries = registries(server.address, |_| {});
    let reference = format!("{}@{pinned}", reference(&server));
    let error = registries.pull(&reference).await.unwrap_err();
    check(&error, "wrong-digest", pinned.as_str());
}

#[tokio::test]
async fn fewer_bytes_than_promised() {
    let short = component().slice(..4);
    let body = short.clone();
    let script = honest().on(blob(), move |_| answer(StatusCode::OK, &[], body.clone()));
    check(&refused(script).await, "truncated", "4 of 8 bytes");
    // Without a length, only the end shows that something is missing.
    let body = short.clone();
    let script = honest().on(blob(), move |_| {
        answer(StatusCode::OK, &[], unknown_length(body.clone(), Ok(())))
    });
    check(&refused(script).await, "truncated", "4 of 8 bytes");
    let script = honest().on(blob(), move |_| {
        let broken = unknown_length(short.clone(), Err(std::io::Error::other("cut")));
        answer(StatusCode::OK, &[], broken)
    });
    check(&refused(script).await, "truncated", "the connection ended");
}

#[tokio::test]
async fn more_bytes_than_allowed() {
    let long = Bytes::from(vec![b' '; (1 << 20) + 1]);
    for known in [true, false] {
        let body = long.clone();
        let script = Script::default().on(MANIFEST, move |_| match known {
            true => answer(StatusCode::OK, &[], body.clone()),
            false => answer(StatusCode::OK, &[], unknown_length(body.clone(), Ok(()))),
        });
        check(&refused(script).await, "too-large", "1048576 bytes");
    }
    // More than the manifest says, and then for ever.
    let script = honest().on(blob(), move |_| {
        let endless = stream::repeat_with(|| Ok::<_, std::io::Error>(component()));
        answer(StatusCode::OK, &[], Body::from_stream(endless))
    });
    check(
        &refused(script).await,
        "bad-answer",
        "more than the 8 bytes",
    );

    let mut large: Value = serde_json::from_slice(&manifest()).unwrap();
    large["layers"][0]["size"] = json!(1001);
    let body = large.to_string();
    let script = honest().on(MANIFEST, move |_| answer(StatusCode::OK, &[], body.clone()));
    let server = script.serve().await;
    check(&pull(&server).await.unwrap_err(), "too-large", "1000 bytes");
    assert_eq!(server.seen().len(), 1, "the component was asked for");
}
