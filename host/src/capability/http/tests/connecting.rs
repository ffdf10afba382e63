//! Where a connection may lead, and over what.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;

#[tokio::test]
async fn a_granted_name_must_lead_to_an_allowed_address() {
    let server = Server::start().await;
    let port = server.address.port();
    let uri = format!("http://localhost:{port}/");
    for origin in [format!("http://localhost:{port}"), server.origin()] {
        let mut public = hooks(vec![grant(&origin, AddressPolicy::Public)]);
        let sent = get(&mut public, &format!("{origin}/")).await;
        assert_refused!(sent, Error::DestinationIpProhibited);
    }
    assert_eq!(server.connections(), 0);

    let loopback = AddressPolicy::Networks(vec!["127.0.0.0/8".parse().unwrap()]);
    for policy in [AddressPolicy::Any, loopback] {
        let mut hooks = hooks(vec![grant(&format!("http://localhost:{port}"), policy)]);
        get(&mut hooks, &uri).await.unwrap();
    }
}

#[tokio::test]
async fn the_closest_grant_decides() {
    let server = Server::start().await;
    let port = server.address.port();
    let mut hooks = hooks(vec![
        grant(
            &format!("http://*.0.0.localhost:{port}"),
            AddressPolicy::Any,
        ),
        grant(&format!("http://localhost:{port}"), AddressPolicy::Public),
    ]);
    let sent = get(&mut hooks, &format!("http://localhost:{port}/")).await;
    assert_refused!(sent, Error::DestinationIpProhibited);
    let sent = get(&mut hooks, &format!("http://a.localhost:{port}/")).await;
    assert_refused!(sent, Error::HttpRequestDenied);
}

#[tokio::test]
async fn connections_are_shared_by_all_calls_of_a_connector() {
    let server = Server::start().await;
    let mut first = hooks(vec![grant(&server.origin(), AddressPolicy::Any)]);
    let (grants, usage) = (first.grants.clone(), first.usage.clone());
    let mut second = Hooks::new(context(), grants, usage, Limits::default());
    for call in 0..4 {
        let hooks = if call % 2 == 0 {
            &mut first
        } else {
            &mut second
        };
        let response = get(hooks, &server.uri("/")).await.unwrap();
        text(response).await.unwrap();
        // The connection task sees the end of the body a moment later.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!((server.seen().len(), server.connections()), (4, 1));
}

#[tokio::test]
async fn plain_requests_go_through_the_proxy_of_the_environment() {
    let proxy = Server::start().await;
    let options = ClientOptions {
        proxy: Proxy::from_variables(|name| match name {
            "http_proxy" => Some(format!("http://pat:pw@{}", proxy.address)),
            "NO_PROXY" => Some("direct.localhost, 127.0.0.1".into()),
            _ => None,
        }),
        ..options()
    };
    let direct = Server::start().await;
    let grants = vec![
        grant("http://service.example", AddressPolicy::Public),
        grant(&direct.origin(), AddressPolicy::Any),
        grant("http://10.0.0.1", AddressPolicy::Public),
    ];
    let mut hooks = hooks_with(Grants::new(grants, &options).unwrap());

    let response = get(&mut hooks, "http://service.example/a?b").await.unwrap();
    assert_eq!(text(response).await.unwrap(), "/a");
    let seen = proxy.seen();
    assert_eq!(seen[0].uri, "http://service.example/a?b");
    assert_eq!(seen[0].header("host"), Some("service.example"));
    assert_eq!(
        seen[0].header("proxy-authorization"),
        Some("Basic cGF0OnB3")
    );

    get(&mut hooks, &direct.uri("/")).await.unwrap();
    assert_eq!(direct.seen()[0].header("proxy-authorization"), None);
    let literal = get(&mut hooks, "http://10.0.0.1/").await;
    assert_refused!(literal, Error::DestinationIpProhibited);
    assert_eq!(proxy.seen().len(), 1);
}

#[test]
fn only_plain_proxies_are_spoken_to() {
    for proxy in ["socks5://127.0.0.1:1080", "https://proxy.example"] {
        let options = ClientOptions {
            proxy: Proxy::from_variables(|name| (name == "ALL_PROXY").then(|| proxy.into())),
            ..options()
        };
        let grants = vec![grant("http://service.example", AddressPolicy::Public)];
        let error = Grants::new(grants, &options).unwrap_err();
        assert!(matches!(error, ClientError::Proxy("ALL_PROXY")), "{error}");
    }
}

/// A private authority and a server that it vouches for.
async fn tls_server() -> (Server, Vec<u8>) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    (
        Server::start_tls(config).await,
        authority.pem().into_bytes(),
    )
}

fn https(server: &Server) -> String {
    format!("https://localhost:{}", server.address.port())
}

fn https_hooks(server: &Server, options: &ClientOptions) -> Hooks {
    let grants = vec![grant(&https(server), AddressPolicy::Any)];
    hooks_with(Grants::new(grants, options).unwrap())
}

fn certificates(pem: &[u8], only_extra: bool) -> Certificates {
    Certificates {
        extra: pem.to_vec(),
        only_extra,
    }
}

#[tokio::test]
async fn a_private_authority_is_believed_when_it_is_named() {
    let (server, pem) = tls_server().await;
    let uri = format!("{}/secure", https(&server));
    for only_extra in [false, true] {
        let options = ClientOptions {
            certificates: certificates(&pem, only_extra),
            ..options()
        };
        let response = get(&mut https_hooks(&server, &options), &uri)
            .await
            .unwrap();
        assert_eq!(response.version(), http::Version::HTTP_2);
        assert_eq!(text(response).await.unwrap(), "/secure");
    }
    let stranger = get(&mut https_hooks(&server, &options()), &uri).await;
    assert_refused!(stranger, Error::TlsCertificateError);
    let unverified = ClientOptions {
        verify_tls: false,
        ..options()
    };
    get(&mut https_hooks(&server, &unverified), &uri)
        .await
        .unwrap();
}

#[test]
fn certificates_that_are_none_are_refused() {
    let grants = || vec![grant("https://service.example", AddressPolicy::Public)];
    for (pem, only_extra) in [
        (
            &b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"[..],
            false,
        ),
        (b"", true),
        (b"no pem at all", true),
    ] {
        let options = ClientOptions {
            certificates: certificates(pem, only_extra),
            ..options()
        };
        let error = Grants::new(grants(), &options).unwrap_err();
        assert!(matches!(error, ClientError::Certificates(_)), "{error}");
    }
}

/// Opens one tunnel to wherever it is asked and returns the request for it.
async fn tunnel_proxy() -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://pat:pw@{}", listener.local_addr().unwrap());
    let task = tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(client.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        let target = head
            .split(' ')
            .nth(1)
            .unwrap()
            .replace("localhost", "127.0.0.1");
        let mut server = TcpStream::connect(target).await.unwrap();
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
        head
    });
    (address, task)
}

#[tokio::test]
async fn secure_requests_go_through_a_tunnel() {
    let (server, pem) = tls_server().await;
    let (proxy, task) = tunnel_proxy().await;
    let options = ClientOptions {
        certificates: certificates(&pem, true),
        proxy: Proxy::from_variables(|name| (name == "HTTPS_PROXY").then(|| proxy.clone())),
        ..options()
    };
    let mut hooks = https_hooks(&server, &options);
    let uri = format!("{}/tunnelled", https(&server));
    let response = get(&mut hooks, &uri).await.unwrap();
    assert_eq!(text(response).await.unwrap(), "/tunnelled");
    // The pool, and with it the tunnel, goes with the grants.
    drop(hooks);
    let head = task.await.unwrap();
    let port = server.address.port();
    assert!(
        head.starts_with(&format!("CONNECT localhost:{port} HTTP/1.1\r\n")),
        "{head}"
    );
    assert!(
        head.contains("Proxy-Authorization: Basic cGF0OnB3\r\n"),
        "{head}"
    );
    assert_eq!(server.seen()[0].header("proxy-authorization"), None);
}
