//! The `owncloud` plugin in the real host, against a WebDAV server that
//! nobody here wrote.

mod failures;
mod large;
mod names;
mod requests;

use tenon_tests::apache::Apache;
use tenon_tests::client::Caller;
use tenon_tests::host::Host;
use tenon_tests::setup::{Setup, owncloud};

/// A host over both kinds of addresses that the server has.
async fn host_over(url: &str) -> Host {
    let mut setup = Setup::new();
    for system in ["owncloud", "nextcloud"] {
        let text = owncloud(url, system, "Bearer {caller}");
        setup = setup.connector(&format!("port-{system}"), &text);
    }
    let host = setup.start().await;
    host.ready("port-owncloud").await;
    host.ready("port-nextcloud").await;
    host
}

async fn start() -> (Apache, Host) {
    let apache = Apache::start().await;
    let host = host_over(&apache.url()).await;
    // Whether the server answers, each connector has asked once.
    apache.requests(2).await;
    (apache, host)
}

/// A user of one of the connectors.
fn caller(host: &Host, system: &str, user: &str, token: &str) -> Caller {
    let connector = format!("port-{system}");
    host.caller(
        &connector,
        &format!("{connector}://{user}@cloud.example:{token}"),
    )
}
