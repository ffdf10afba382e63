//! How one gets in: TLS, credentials, virtual hosts; and what is told where
//! one does not.

use std::net::SocketAddr;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tenon_tests::address;
use tenon_tests::rabbitmq::RabbitMq;
use tenon_tests::setup::SECRET_MARK;
use tenon_tests::sqapi::{Deployment, Running, message};
use tenon_tests::wait;

/// An authority of the suite's own.
fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A server that speaks TLS as well, at this address, and whose certificate
/// the authority has signed.
async fn encrypted(address: SocketAddr, authority: &CertifiedIssuer<'static, KeyPair>) -> RabbitMq {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new([address.ip().to_string()]).unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    RabbitMq::with(|folder| {
        let write = |name: &str, text: String| {
            let path = folder.join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let (authority, certificate, key) = (
            write("ca.pem", authority.pem()),
            write("certificate.pem", certificate.pem()),
            write("key.pem", key.serialize_pem()),
        );
        format!(
            "listeners.ssl.1 = {address}\nssl_options.cacertfile = {authority}\n\
             ssl_options.certfile = {certificate}\nssl_options.keyfile = {key}\n"
        )
    })
    .await
}

/// A host that believes this authority.
async fn host(server: &RabbitMq, address: SocketAddr, authority: &str) -> Running {
    let deployment = Deployment::new().processors();
    let deployment = deployment.setup(|setup| {
        setup.write("mq/ca.pem", authority);
        setup
    });
    let broker = server.broker_at(address, "tls = { ca = 'mq/ca.pem' }\n");
    let running = deployment.broker(&broker).launch().await;
    running.store("a.txt", b"six by");
    running
}

#[tokio::test]
async fn a_server_with_tls_is_believed_by_its_authority_alone() {
    let (address, authority) = (address::unused(), authority());
    let server = encrypted(address, &authority).await;
    let running = host(&server, address, &authority.pem()).await;
    running.healthy().await;
    let connections = server.list("connections", &["ssl", "user"]);
    assert!(
        connections.contains(&"true\tguest".to_owned()),
        "{connections:?}"
    );
    assert_eq!(running.post(&message("a", "a.txt")).await.status, 202);
    wait::until("its size is known", async || {
        (running.get("/sizes/uuid/a").await.status == 200).then_some(())
    })
    .await;

    let stranger = self::authority();
    let misled = host(&server, address, &stranger.pem()).await;
    misled.tells(&["invalid peer certificate"]).await;
    assert!(server.list("connections", &["ssl"]).len() == 1);
}

/// Why one is not let in, as `/health` tells it.
async fn told(server: &RabbitMq, more: &str, words: &[&str]) {
    let deployment = Deployment::new().processors().setup(|setup| {
        let password = format!("{SECRET_MARK}-of-tenon");
        setup.variable("MQ_PASSWORD", password)
    });
    let broker = server.broker(&format!("password = 'env:MQ_PASSWORD'\n{more}"));
    let running = deployment.broker(&broker).launch().await;
    running.tells(words).await;
    let health = running.get("/health").await;
    assert_eq!(health.status, 503);
    assert!(!health.text().contains(SECRET_MARK), "{}", health.text());
    // Dropping the host looks for the password in its log.
}

#[tokio::test]
async fn who_is_not_let_in_is_told_why() {
    let server = RabbitMq::start().await;
    let password = format!("{SECRET_MARK}-of-tenon");
    for arguments in [
        &["add_user", "tenon", &password][..],
        &["add_user", "nobody", &password],
        &["set_permissions", "tenon", ".*", ".*", ".*"],
        &["add_user", "reader", &password],
        &["set_permissions", "reader", "^$", "^$", ".*"],
    ] {
        let done = server.ctl(arguments);
        assert!(done.status.success(), "{done:?}");
    }
    told(&server, "", &["ACCESS_REFUSED"]).await;
    told(&server, "username = 'stranger'\n", &["ACCESS_REFUSED"]).await;
    let vhost = "username = 'tenon'\nvhost = 'none'\n";
    told(&server, vhost, &["NOT_ALLOWED", "none"]).await;
    let words = ["NOT_ALLOWED", "vhost"];
    told(&server, "username = 'nobody'\n", &words).await;
    let words = ["queue q_sqapi: ", "ACCESS_REFUSED"];
    told(&server, "username = 'reader'\n", &words).await;

    let deployment = Deployment::new().processors();
    let deployment = deployment.setup(|setup| setup.variable("MQ_PASSWORD", password));
    let broker = server.broker("username = 'tenon'\npassword = 'env:MQ_PASSWORD'\n");
    deployment.broker(&broker).start().await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_and_found_once_it_is() {
    let mut server = RabbitMq::start().await;
    server.pause();
    let deployment = Deployment::new().processors();
    let running = deployment.broker(&server.broker("")).launch().await;
    running.tells(&["refused"]).await;
    server.resume().await;
    running.healthy().await;
}
