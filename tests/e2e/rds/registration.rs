//! What a token storage is told by a host that starts, and what the host
//! makes of its answers.

use serde_json::{Value, json};
use tenon_fakes::rds::token_storage::Operation;
use tenon_fakes::{Fault, TokenStorage};
use tenon_tests::host::{self, Host};
use tenon_tests::setup::{Setup, disk};
use tenon_tests::wait;

use super::installation;

const JSON: &str = "application/json";

/// A host's setup that points to a storage, with a slash too many.
fn setup(storage: &TokenStorage, more: &str) -> Setup {
    installation::setup(&format!("{}/", storage.origin()), "", more)
}

/// A folder, registered as a service with an OAuth client.
fn connector(setup: &Setup, display_name: &str) -> String {
    setup.write("files/a.txt", "a");
    setup.write("icon.svg", "<svg/>");
    let registration = format!(
        "[rds]\nservice = 'port-cloud-a'\n[rds.registration]\ndisplay_name = '{display_name}'\n\
         description = 'Files'\nicon = 'icon.svg'\ninfo_url = 'https://a.example/'\n\
         [rds.registration.oauth]\nauthorize_url = 'https://a.example/authorize'\n\
         refresh_url = 'https://a.example/token'\nclient_id = 'me'\nclient_secret = 'env:CLIENT_SECRET'\n"
    );
    disk(&setup.path("files"), "read-only") + &registration
}

async fn start(setup: Setup) -> Host {
    let text = connector(&setup, "A");
    setup.connector("port-disk", &text).start().await
}

async fn registered(host: &Host) {
    wait::until("it is registered", async || {
        let metrics = host.admin("/metrics").await.text();
        let series = r#"tenon_rds_registered{connector="port-disk"} 1"#;
        metrics.contains(series).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_service_is_registered_with_all_its_members() {
    let storage = TokenStorage::start();
    let host = start(setup(&storage, "")).await;
    registered(&host).await;
    let expected = json!({
        "servicename": "port-cloud-a",
        "implements": ["fileStorage"],
        "fileTransferMode": 0,
        "fileTransferArchive": 0,
        "description": { "en": "Files" },
        "icon": "data:image/svg+xml;base64,PHN2Zy8+",
        "infoUrl": "https%3A%2F%2Fa.example%2F",
        "helpUrl": "",
        "displayName": "A",
        "metadataProfile": null,
        "projectLinkTemplate": "",
        "authorize_url": "https://a.example/authorize%3Fresponse_type=code&client_id=me",
        "refresh_url": "https://a.example/token",
        "client_id": "me",
        "client_secret": "tok3n-of-the-client",
    });
    let service = storage.service("port-cloud-a").unwrap();
    assert_eq!(service.sent, expected);
    assert_eq!(storage.calls().len(), 1);
    // It is reached under the name it is registered by.
    let answer = host.caller("port-cloud-a", "x").file("a.txt").await;
    assert_eq!(answer.text(), "a");
}

#[tokio::test]
async fn a_refused_registration_is_tried_again() {
    // As the storage does it: everything it knows is in the answer.
    let leak = r#"{"description": "404: {'tok3n-of-bob': 'tok3n'}", "success": false}"#;
    let storage = TokenStorage::start();
    storage.fail(
        Operation::Register,
        1,
        Fault::Answer(500, JSON, leak.into()),
    );
    storage.fail(
        Operation::Register,
        2,
        Fault::Answer(200, JSON, leak.into()),
    );
    let host = start(setup(&storage, "")).await;
    // It serves meanwhile.
    assert_eq!(
        host.caller("port-cloud-a", "x").file("a.txt").await.status,
        200
    );
    host.logged("the token storage answered 500", 0).await;
    host.logged("without success", 0).await;
    registered(&host).await;
    assert_eq!(storage.calls().len(), 3);
}

#[tokio::test]
async fn a_service_that_is_known_is_registered_and_not_updated() {
    let storage = TokenStorage::start();
    // The first time it took effect, and nobody was told.
    storage.fail(Operation::Register, 1, Fault::CloseAfter);
    let host = start(setup(&storage, "")).await;
    let told = host.logged("registered before", 0).await;
    let delete = format!("DELETE {}/service/port-cloud-a", storage.origin());
    let message = told["message"].as_str().unwrap();
    assert!(message.contains(&delete), "{message}");
    registered(&host).await;
    assert_eq!(storage.services().len(), 1);
}

/// Whatever else a storage may answer, only waiting helps.
#[tokio::test]
async fn odd_answers_are_waited_out() {
    let cases = TokenStorage::odd_answers().into_iter();
    let cases = cases.map(async |(name, fault)| {
        let storage = TokenStorage::start();
        storage.fail(Operation::Register, 1, fault);
        let host = start(setup(&storage, "[rds.registration]\ntimeout_ms = 1000\n")).await;
        registered(&host).await;
        assert_eq!(storage.calls().len(), 2, "{name}");
        assert_eq!(storage.services().len(), 1, "{name}");
    });
    futures::future::join_all(cases).await;
}

#[tokio::test]
async fn a_host_serves_before_its_storage_does() {
    let storage = TokenStorage::start();
    storage.refuse_connections();
    let host = start(setup(&storage, "")).await;
    host.logged("the token storage cannot be reached", 0).await;
    assert_eq!(
        host.caller("port-cloud-a", "x").file("a.txt").await.status,
        200
    );
    assert_eq!(host.admin("/health/ready").await.status, 200);
    storage.accept_connections();
    registered(&host).await;
    assert_eq!(storage.services().len(), 1);
}

#[tokio::test]
async fn a_host_may_end_where_it_cannot_register() {
    let storage = TokenStorage::start();
    storage.fail(Operation::Register, 1, Fault::Answer(201, JSON, "".into()));
    let setup = setup(&storage, "[rds.registration]\non_failure = 'exit'\n");
    let text = connector(&setup, "A");
    let setup = setup.connector("port-disk", &text);
    // `Setup::connector` takes the text alone; the tables of `host.toml` stand.
    let ended = tokio::task::spawn_blocking(move || host::run(&setup, "serve"));
    let output = ended.await.unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = String::from_utf8_lossy(&output.stderr);
    let why = format!(
        "tenon: `port-cloud-a` is not registered: {} answered 201 Created",
        storage.origin()
    );
    assert!(text.contains(&why), "{text}");
    assert!(!text.contains("tok3n"), "{text}");
}

#[tokio::test]
async fn a_reload_tells_what_has_changed() {
    let storage = TokenStorage::start();
    let host = start(setup(&storage, "")).await;
    registered(&host).await;
    let skip = host.logs().len();
    let other = disk(&host.setup.path("files"), "read-only")
        + "[rds.registration.credentials]\nuser_id = true\n";
    host.setup.write("connectors/port-new.toml", &other);
    host.logged("registered", skip).await;
    let skip = host.logs().len();
    let changed = connector(&host.setup, "B");
    host.setup.write("connectors/port-disk.toml", &changed);
    host.logged("registered before", skip).await;
    let calls = storage.calls();
    let told = calls.iter().filter_map(|call| call.json.as_ref());
    let told = told.map(|body: &Value| (body["servicename"].clone(), body["displayName"].clone()));
    let told: Vec<_> = told.collect();
    let expected = [
        (json!("port-cloud-a"), json!("A")),
        (json!("port-new"), json!("port-new")),
        (json!("port-cloud-a"), json!("B")),
    ];
    assert_eq!(told, expected);
}
