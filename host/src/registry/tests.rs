mod bodies;
mod credentials;
mod server;

use std::collections::BTreeMap;
use std::net::SocketAddr;

use bytes::Bytes;
use http::StatusCode;

use self::server::{Script, Server, body as answer, status};
use super::*;

const MANIFEST: &str = "GET /v2/team/disk/manifests/1";

fn component() -> Bytes {
    wat::parse_str("(component)").unwrap().into()
}

/// The manifest of [`component`].
fn manifest() -> Vec<u8> {
    let reference: Reference = "a.example/team/disk:1".parse().unwrap();
    let (config, component) = (Digest::of(b"{}"), component());
    let layer = Digest::of(&component);
    let annotations = BTreeMap::new();
    artifact::manifest(
        &reference.repository,
        (&config, 2),
        (&layer, component.len()),
        annotations,
    )
    .unwrap()
}

fn blob() -> String {
    format!("GET /v2/team/disk/blobs/{}", Digest::of(&component()))
}

/// A registry that holds one component.
fn honest() -> Script {
    Script::default()
        .on(MANIFEST, |_| answer(StatusCode::OK, &[], manifest()))
        .on(blob(), |_| answer(StatusCode::OK, &[], component()))
}

fn reference(server: &Server) -> String {
    format!("{}/team/disk:1", server.address)
}

/// Registries of which one is spoken to in plain HTTP.
fn registries(address: SocketAddr, change: impl FnOnce(&mut Access)) -> Registries {
    _ = rustls::crypto::ring::default_provider().install_default();
    let mut access = Access::anonymous(address.to_string().parse().unwrap());
    access.plain_http = true;
    change(&mut access);
    Registries::new(Config {
        registries: vec![access],
        policies: Vec::new(),
        signed_only: false,
        component_bytes_max: 1000,
        proxies: false,
    })
}

async fn pull(server: &Server) -> Result<Pulled, Error> {
    let registries = registries(server.address, |_| {});
    registries.pull(&reference(server)).await
}

#[tokio::test]
async fn takes_what_an_honest_registry_holds() {
    let server = honest().serve().await;
    let pulled = pull(&server).await.unwrap();
    assert_eq!(pulled.bytes, component());
    assert_eq!(pulled.digest, Digest::of(&component()));
    assert_eq!(pulled.signed_by, None);
    let digest = Digest::of(&manifest());
    assert_eq!(
        pulled.pinned,
        format!("{}/team/disk@{digest}", server.address)
    );
}

#[tokio::test]
async fn pushes_no_digest() {
    let registries = registries(([127, 0, 0, 1], 1).into(), |_| {});
    let reference = format!("a.example/x@{}", Digest::of(b""));
    let pushed = registries.push(&reference, component(), BTreeMap::new(), None);
    assert_eq!(pushed.await.unwrap_err().code(), "bad-reference");
}

#[tokio::test]
async fn a_refusal_has_the_code_of_its_status() {
    for (refusal, code) in [
        (StatusCode::NOT_FOUND, "not-found"),
        (StatusCode::UNAUTHORIZED, "denied"),
        (StatusCode::FORBIDDEN, "denied"),
        (StatusCode::TOO_MANY_REQUESTS, "unreachable"),
        (StatusCode::BAD_GATEWAY, "unreachable"),
        (StatusCode::BAD_REQUEST, "bad-answer"),
        (StatusCode::NO_CONTENT, "bad-answer"),
    ] {
        let script = Script::default().on(MANIFEST, move |_| status(refusal, &[]));
        let error = pull(&script.serve().await).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
}
