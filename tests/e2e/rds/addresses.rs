//! How a request finds its connector.

use serde_json::json;
use tenon_tests::address;
use tenon_tests::client::{self, Caller};
use tenon_tests::host::Host;
use tenon_tests::setup::{Setup, disk};

use super::assert_envelope;

/// Three connectors, of which each has one file that tells its name.
async fn start() -> (Host, std::net::SocketAddr) {
    let own = address::unused();
    let mut setup = Setup::new();
    for (name, head) in [
        ("port-disk", String::new()),
        (
            "port-own",
            format!("listen = '{own}'\nhosts = ['own.example']\n"),
        ),
        (
            "port-owned",
            "tenant = 'acme'\nhosts = ['owned.example']\n".to_owned(),
        ),
    ] {
        let folder = setup.path(format!("files/{name}"));
        setup.write(folder.join("name"), name);
        let text = head + &disk(&folder, "read-only");
        setup = setup.connector(name, &text);
    }
    setup.write("tenants/acme.toml", "");
    (setup.start().await, own)
}

async fn who(caller: &Caller) -> String {
    let answer = caller.file("name").await;
    if answer.status == 200 {
        answer.text()
    } else {
        answer.status.to_string()
    }
}

fn at(address: std::net::SocketAddr, host: &str, prefix: &str, user: &str) -> Caller {
    Caller {
        prefix: prefix.to_owned(),
        ..Caller::new(address, host, user)
    }
}

#[tokio::test]
async fn host_prefix_listener_and_session_lead_to_a_connector() {
    let (host, own) = start().await;
    let shared = host.address();
    for (address, name, prefix, user, expected) in [
        (shared, "layer1-port-disk", "", "alice", "port-disk"),
        (shared, "layer1-port-disk:8080", "", "alice", "port-disk"),
        (shared, "LAYER1-Port-Disk:80", "", "alice", "port-disk"),
        (shared, "own.example", "", "alice", "port-own"),
        (shared, "owned.example", "", "alice", "port-owned"),
        (
            shared,
            "localhost",
            "/connectors/port-disk",
            "alice",
            "port-disk",
        ),
        (
            shared,
            "localhost",
            "/connectors/acme/port-owned",
            "alice",
            "port-owned",
        ),
        (
            shared,
            "layer1-port-disk",
            "/connectors/port-own",
            "alice",
            "port-own",
        ),
        (
            shared,
            "localhost",
            "",
            "port-disk://alice:tok3n",
            "port-disk",
        ),
        (shared, "localhost", "", "disk://alice:tok3n", "port-disk"),
        // The address comes first; the name in a session is not checked.
        (
            shared,
            "layer1-port-disk",
            "",
            "port-own://alice:tok3n",
            "port-disk",
        ),
        (shared, "localhost", "", "alice", "404"),
        (shared, "layer1-port-none", "", "alice", "404"),
        (shared, "localhost", "/connectors/none", "alice", "404"),
        // Another tenant's connector is not found without its tenant.
        (
            shared,
            "localhost",
            "/connectors/port-owned",
            "alice",
            "404",
        ),
        (own, "localhost", "", "alice", "port-own"),
        (
            own,
            "layer1-port-disk",
            "",
            "port-disk://alice:tok3n",
            "port-own",
        ),
        (own, "localhost", "/connectors/port-disk", "alice", "404"),
    ] {
        let found = who(&at(address, name, prefix, user)).await;
        assert_eq!(found, expected, "{address} {name} {prefix} {user}");
    }
}

#[tokio::test]
async fn a_connector_that_nobody_knows_is_not_found() {
    let (host, _) = start().await;
    let caller = at(host.address(), "layer1-port-none", "", "alice");
    assert_envelope(&caller.file("name").await, 404, "NotFound");
    assert_envelope(&caller.folder("").await, 404, "NotFound");
    // A caller with a credential is not to take it for the file.
    let session = caller.as_user("port-none://alice:tok3n");
    let answer = session.file("name").await;
    assert_envelope(&answer, 404, "NotFound");
    assert!(!answer.whole);
}

#[tokio::test]
async fn metrics_of_a_connector_are_its_own() {
    let (host, own) = start().await;
    let disk = host.caller("port-disk", "alice");
    assert_eq!(disk.file("name").await.status, 200);
    let owned = at(host.address(), "owned.example", "", "alice");
    assert_eq!(owned.file("name").await.status, 200);
    let text = disk.get("/metrics").await.text();
    assert!(text.contains("connector=\"port-disk\""), "{text}");
    assert!(!text.contains("port-own"), "{text}");
    let text = at(own, "localhost", "", "").get("/metrics").await.text();
    assert!(text.contains("connector=\"port-own\""), "{text}");
    assert!(!text.contains("port-disk"), "{text}");
    // Without a connector, as probes of a pod ask: the process, no connector.
    let text = at(host.address(), "localhost", "", "")
        .get("/metrics")
        .await
        .text();
    assert!(text.contains("process_"), "{text}");
    assert!(!text.contains("connector="), "{text}");
    let text = host.admin("/metrics").await.text();
    for id in ["port-disk", "port-own", "acme/port-owned"] {
        assert!(
            text.contains(&format!("connector=\"{id}\"")),
            "{id} in {text}"
        );
    }
}

#[tokio::test]
async fn the_path_of_a_prefix_goes_into_the_description() {
    let (host, _) = start().await;
    let caller = at(
        host.address(),
        "localhost",
        "/connectors/acme/port-owned",
        "",
    );
    let json = caller.get("/storage/openapi.json").await.json();
    assert_eq!(
        json["servers"][0]["url"],
        "/connectors/acme/port-owned/storage"
    );
}

#[tokio::test]
async fn an_absolute_target_outranks_the_header() {
    let (host, _) = start().await;
    let mut caller = at(host.address(), "own.example", "", "alice");
    caller.prefix = "http://layer1-port-disk".to_owned();
    let body = json!({ "filepath": "name" });
    let request = caller.json("GET", "/storage/file", &body);
    assert_eq!(
        client::send(host.address(), request).await.text(),
        "port-disk"
    );
}
