//! Against a server that the test starts itself.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use super::*;
use crate::capability::http::Certificates;

struct Server {
    process: Child,
    port: u16,
}

impl Server {
    async fn start(arguments: &[&str]) -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        Self::start_on(port, arguments).await
    }

    async fn start_on(port: u16, arguments: &[&str]) -> Self {
        let process = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .args(["--port", &port.to_string()])
            .args(arguments)
            .stdout(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("redis-server: {error}"));
        let server = Self { process, port };
        for _ in 0..200 {
            if tokio::net::TcpStream::connect(("127.0.0.1", port))
                .await
                .is_ok()
            {
                return server;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("redis-server does not listen");
    }

    fn settings(&self, login: &str) -> Settings {
        let url = format!("redis://{login}127.0.0.1:{}/2", self.port);
        let target = Target::redis(&url.into(), Certificates::default()).unwrap();
        let mut settings = Settings::new(target);
        settings.timeout = Duration::from_secs(2);
        settings
    }

    /// A connection past the capability.
    async fn direct(&self) -> ::redis::aio::MultiplexedConnection {
        let url = format!("redis://127.0.0.1:{}/2", self.port);
        let client = ::redis::Client::open(url).unwrap();
        client.get_multiplexed_async_connection().await.unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

#[tokio::test]
async fn a_server_is_a_store() {
    let server = Server::start(&[]).await;
    stores_and_finds(Rig::writing(server.settings("")), "a key").await;
}

#[tokio::test]
async fn what_is_neither_text_nor_hash_is_named() {
    let server = Server::start(&[]).await;
    let mut direct = server.direct().await;
    let _: () = ::redis::cmd("RPUSH")
        .arg(&["list", "a"])
        .query_async(&mut direct)
        .await
        .unwrap();
    let error = refused(Rig::new(server.settings("")).get("list").await);
    assert!(
        matches!(&error, Error::Unsupported(it) if it.message.contains("list")),
        "{error:?}"
    );
    let _: () = ::redis::cmd("HSET")
        .arg(&["hash", "field", "value"])
        .query_async(&mut direct)
        .await
        .unwrap();
    let found = Rig::new(server.settings("")).get("hash").await.unwrap();
    assert_eq!(sorted(found), sorted(Some(hash(&[("field", "value")]))));
}

#[tokio::test]
async fn passwords_count() {
    let server = Server::start(&["--requirepass", "open sesame"]).await;
    for login in ["", ":wrong@", "nobody:open%20sesame@"] {
        let error = refused(Rig::new(server.settings(login)).get("a").await);
        assert!(
            matches!(error, Error::Unauthenticated(_)),
            "{login}: {error:?}"
        );
        assert!(!format!("{error:?}").contains("sesame"));
    }
    let rig = Rig::new(server.settings(":open%20sesame@"));
    assert!(rig.get("a").await.unwrap().is_none());
    let rig = Rig::new(server.settings("default:open%20sesame@"));
    assert!(rig.get("a").await.unwrap().is_none());
}

#[tokio::test]
async fn a_server_that_comes_back_is_used_again() {
    let server = Server::start(&[]).await;
    let rig = Rig::writing(server.settings(""));
    rig.set("a", bytes("b")).await.unwrap();
    let port = server.port;
    drop(server);
    for _ in 0..3 {
        let error = refused(rig.get("a").await);
        assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    }
    let _server = Server::start_on(port, &[]).await;
    let begun = std::time::Instant::now();
    while rig.get("a").await.is_err() {
        assert!(begun.elapsed() < Duration::from_secs(10), "never again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(rig.get("a").await.unwrap().is_none());
}

#[tokio::test]
async fn a_server_that_says_nothing_is_unavailable() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let url = format!("redis://127.0.0.1:{port}");
    let target = Target::redis(&url.into(), Certificates::default()).unwrap();
    let mut settings = Settings::new(target);
    settings.timeout = Duration::from_millis(200);
    let error = refused(Rig::new(settings).get("a").await);
    assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
}

#[tokio::test]
async fn a_certificate_says_who_the_server_is() {
    let folder = tempfile::tempdir().unwrap();
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let certificate = file("cert.pem", own.cert.pem());
    let key = file("key.pem", own.signing_key.serialize_pem());
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port().to_string();
    drop(free);
    let tls = ["--tls-port", &port, "--tls-auth-clients", "no"];
    let files = ["--tls-cert-file", &certificate, "--tls-key-file", &key];
    let _server = Server::start(&[&tls[..], &files].concat()).await;
    let rig = |host: &str, extra: Vec<u8>| {
        let only_extra = !extra.is_empty();
        let certificates = Certificates { extra, only_extra };
        let url = format!("rediss://{host}:{port}");
        Rig::new(Settings::new(
            Target::redis(&url.into(), certificates).unwrap(),
        ))
    };
    let authority = || own.cert.pem().into_bytes();
    let trusted = rig("localhost", authority()).get("a").await;
    assert!(trusted.unwrap().is_none());
    for (host, authorities) in [("127.0.0.1", authority()), ("localhost", Vec::new())] {
        let error = refused(rig(host, authorities).get("a").await);
        assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    }
}
