//! Data on its way from a cloud into a repository, in the order in which the
//! contract's callers go: create, describe, upload one by one, publish.

mod archive;
mod exporter;
mod faults;
mod hangup;
mod large;
mod order;
mod passive;
mod replay;

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};
use tenon_fakes::Zenodo;
use tenon_tests::apache::{ALICE, Apache};
use tenon_tests::client::{Answer, Caller};
use tenon_tests::host::Host;
use tenon_tests::setup::{Setup, owncloud, zenodo};

/// The repository's token of the one user.
const TOKEN: &str = "tok3n-zenodo";

/// A folder `Docs` of these files, described, with one that nobody can read.
async fn cloud(files: &[(&str, &str)]) -> Apache {
    let apache = Apache::start().await;
    for (path, content) in files {
        apache.store("alice", &format!("Docs/{path}"), content.as_bytes());
    }
    let document = ro_crate().to_string();
    apache.store("alice", "Docs/ro-crate-metadata.json", document.as_bytes());
    apache.store("alice", "Docs/locked.txt", b"never seen");
    let locked = apache.path("alice", "Docs/locked.txt");
    set_permissions(locked, Permissions::from_mode(0o000)).unwrap();
    apache
}

/// A host between both.
async fn start_between(apache: &Apache, zenodo_fake: &Zenodo) -> Host {
    let cloud = owncloud(&apache.url(), "owncloud", "Bearer {caller}");
    let setup = Setup::new()
        .connector("port-owncloud", &cloud)
        .connector("port-zenodo", &zenodo(&zenodo_fake.origin()));
    setup.start().await
}

async fn start(zenodo_origin: &str) -> Host {
    let setup = Setup::new().connector("port-zenodo", &zenodo(zenodo_origin));
    setup.start().await
}

fn depositor(host: &Host) -> Caller {
    let user = format!("port-zenodo://alice@cloud.example:{TOKEN}");
    host.caller("port-zenodo", &user)
}

fn fake() -> Zenodo {
    let zenodo = Zenodo::start();
    zenodo.add_user(TOKEN);
    zenodo
}

/// What a researcher would have described.
fn ro_crate() -> Value {
    json!({
        "@context": "https://w3id.org/ro/crate/1.1/context",
        "@graph": [
            {
                "@id": "ro-crate-metadata.json",
                "@type": "CreativeWork",
                "conformsTo": { "@id": "https://w3id.org/ro/crate/1.1" },
                "about": { "@id": "./" },
            },
            {
                "@id": "./",
                "@type": "Dataset",
                "name": "Glacier heights",
                "description": "Measured twice a year.",
                "datePublished": "2024-01-02T03:04:05Z",
                "creator": [{ "@id": "#ada" }, { "@id": "#ben" }],
            },
            {
                "@id": "#ada",
                "@type": "Person",
                "name": "Ada Berg",
                "affiliation": { "@id": "#institute" },
            },
            { "@id": "#ben", "@type": "Person", "name": "Ben Tal" },
            { "@id": "#institute", "@type": "Organization", "name": "Institute of Ice" },
        ],
    })
}

/// The `projectId` of an answer.
fn project_id(answer: &Answer) -> String {
    let json = answer.json();
    let id = json["projectId"].as_str();
    id.unwrap_or_else(|| panic!("no projectId: {}", answer.text()))
        .to_owned()
}
