//! Users who are only named: the host asks the port service for what they
//! left out.

use tenon_fakes::PortService;
use tenon_tests::cloud::Cloud;
use tenon_tests::host::Host;
use tenon_tests::setup::{disk, owncloud};

use super::assert_envelope;
use super::installation;

/// The one user with a credential.
const KNOWN: &str = "alice@cloud.example";

/// A port service that knows one user of one service.
fn port_service() -> PortService {
    let ports = PortService::start_under("/port-service");
    ports.add_oauth_token(KNOWN, "port-cloud-a", "alice", "tok3n-looked-up");
    ports
}

async fn start(ports: &PortService, upstream: &Cloud) -> Host {
    let setup = installation::setup("", &ports.base(), "[rds.lookup]\ntimeout_ms = 2000\n");
    setup.write("files/a.txt", "a");
    let folder = disk(&setup.path("files"), "read-only");
    let cloud = owncloud(&upstream.url(), "owncloud", "Bearer {caller}");
    let cloud = cloud + "[rds]\nservice = 'Cloud-a'\n";
    let setup = setup
        .connector("port-disk", &folder)
        .connector("cloud", &cloud);
    let host = setup.start().await;
    host.ready("cloud").await;
    upstream.take();
    host
}

#[tokio::test]
async fn a_named_user_is_looked_up_by_every_operation() {
    let (ports, upstream) = (port_service(), Cloud::start().await);
    let host = start(&ports, &upstream).await;
    let caller = host.caller("port-cloud-a", KNOWN);
    for (nth, operation) in ["file", "folder", "upload"].into_iter().enumerate() {
        let answer = match operation {
            "file" => caller.file("a.txt").await,
            "folder" => caller.folder("/").await,
            _ => caller.upload("/a.txt", "content").await,
        };
        assert_eq!(answer.status, 200, "{operation}: {}", answer.text());
        assert_eq!(ports.calls().len(), nth + 1, "{operation}");
        let seen = upstream.take();
        assert!(!seen.is_empty(), "{operation}");
        for request in seen {
            assert_eq!(request.header("authorization"), "Bearer tok3n-looked-up");
        }
    }
}

#[tokio::test]
async fn a_session_is_never_looked_up() {
    let (ports, upstream) = (port_service(), Cloud::start().await);
    let host = start(&ports, &upstream).await;
    let caller = host.caller("port-cloud-a", "port-cloud-a://alice:tok3n-own");
    assert_eq!(caller.file("a.txt").await.status, 200);
    for request in upstream.take() {
        assert_eq!(request.header("authorization"), "Bearer tok3n-own");
    }
    for user in [
        "port-cloud-a://alice:",
        "port-cloud-a://alice@cloud.example:None",
    ] {
        let answer = host.caller("port-cloud-a", user).folder("/").await;
        assert_envelope(&answer, 401, "Unauthorized");
    }
    assert!(ports.calls().is_empty());
    assert!(upstream.take().is_empty());
}

#[tokio::test]
async fn who_has_none_is_refused_before_any_plugin_runs() {
    let (ports, upstream) = (port_service(), Cloud::start().await);
    let host = start(&ports, &upstream).await;
    for (nth, user) in ["bob", "alice", "a/../b"].into_iter().enumerate() {
        let caller = host.caller("port-cloud-a", user);
        let answer = caller.file("a.txt").await;
        assert_envelope(&answer, 401, "Unauthorized");
        // Who comes with a bare name looks at the status.
        assert!(answer.whole);
        assert_envelope(&caller.upload("/a.txt", "x").await, 401, "Unauthorized");
        assert_eq!(ports.calls().len(), 2 * (nth + 1), "{user}");
    }
    for user in ["", "None", "..", "."] {
        let answer = host.caller("port-cloud-a", user).folder("/").await;
        assert_envelope(&answer, 401, "Unauthorized");
        assert_eq!(ports.calls().len(), 6, "{user}");
    }
    assert!(upstream.take().is_empty());
    let metrics = host.admin("/metrics").await.text();
    assert!(metrics.contains(r#"tenon_calls_total{connector="cloud""#));
    assert!(!metrics.contains(r#"tenon_calls_total{connector="cloud",operation="file-store"#));
}

#[tokio::test]
async fn a_connector_that_needs_none_asks_nobody() {
    let (ports, upstream) = (port_service(), Cloud::start().await);
    let host = start(&ports, &upstream).await;
    for user in ["bob", "", "port-disk://bob:"] {
        assert_eq!(
            host.caller("port-disk", user).file("a.txt").await.text(),
            "a"
        );
    }
    assert!(ports.calls().is_empty());
}

#[tokio::test]
async fn a_port_service_that_is_down_leaves_it_open() {
    let (ports, upstream) = (port_service(), Cloud::start().await);
    let host = start(&ports, &upstream).await;
    ports.refuse_connections();
    let answer = host.caller("port-cloud-a", KNOWN).folder("/").await;
    assert_envelope(&answer, 503, "ServiceUnavailable");
    assert_eq!(answer.header("retry-after"), "1");
    let session = "port-cloud-a://alice:tok3n";
    assert_eq!(
        host.caller("port-cloud-a", session)
            .file("a.txt")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_session_finds_its_connector_by_the_service() {
    let (ports, upstream) = (port_service(), Cloud::start().await);
    let host = start(&ports, &upstream).await;
    let mut caller = host.caller("nowhere", "port-cloud-a://alice:tok3n");
    assert_eq!(caller.file("a.txt").await.status, 200);
    caller = host.caller("nowhere", "port-cloud-b://alice:tok3n");
    assert_eq!(caller.file("a.txt").await.status, 404);
}
