//! The `osf` plugin as a component: crates, folders, uploads of unknown size
//! and publication, within the limits of a sandbox.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tenon_fakes::osf::{Operation, Osf};
use tenon_host::capability::http::{self, AddressPolicy, ClientOptions};
use tenon_host::capability::{Grants, scratch};
use tenon_host::dispatch::repository::{
    AddFile, CreateProject, DeleteFiles, File, ListFiles, PublishProject, ReadFile,
};
use tenon_host::dispatch::{Call, Dispatcher, Outcome, Upload};
use tenon_tests::artefact;
use tenon_tests::connector::{Plan, call, dispatcher};

const TOKEN: &str = "tok3n-alice";

/// Far more than a sandbox may keep in memory.
const LARGE: usize = 96 << 20;

/// A connector over the service, as the shipped file configures it.
fn connected(service: &Osf) -> Arc<Dispatcher> {
    let grant = http::Grant {
        origin: service.origin().parse().unwrap(),
        addresses: AddressPolicy::Any,
        credentials: [("caller".to_owned(), "Bearer {caller}".parse().unwrap())].into(),
    };
    let mut plan = Plan::new(artefact::plugin("osf"));
    plan.grants = Grants {
        http: http::Grants::new(vec![grant], &ClientOptions::default()).unwrap(),
        scratch: Some(scratch::Grant {
            bytes_max: 128 << 20,
            directory: std::env::temp_dir(),
        }),
        ..Grants::default()
    };
    let api = format!("{}/v2", service.origin());
    plan.config.insert("api_url".to_owned(), api);
    plan.config.insert(
        "files_url".to_owned(),
        json!([service.origin()]).to_string(),
    );
    dispatcher([plan.build("osf")])
}

fn alice() -> Call {
    Call {
        user: Some("alice".to_owned()),
        credential: Some(TOKEN.into()),
        ..call("osf")
    }
}

fn service() -> Osf {
    let service = Osf::start();
    service.add_user(TOKEN);
    service
}

/// A crate of a thousand files.
fn metadata() -> String {
    let mut graph = vec![
        json!({
            "@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"},
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        }),
        json!({
            "@id": "./", "@type": "Dataset", "name": "Ice cores", "osfcategory": "data",
            "hasPart": (0..1000).map(|n| json!({"@id": format!("{n}.csv")})).collect::<Vec<_>>(),
        }),
    ];
    let file = |n| json!({"@id": format!("{n}.csv"), "@type": "File", "name": format!("core {n}")});
    graph.extend((0..1000).map(file));
    json!({"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}).to_string()
}

async fn create(dispatcher: &Dispatcher, metadata: Option<String>) -> (String, Value) {
    let created = dispatcher.call(alice(), CreateProject { metadata }).await;
    let project = created.unwrap();
    (project.id, Value::Object(project.metadata))
}

async fn add(
    dispatcher: &Dispatcher,
    project: &str,
    name: &str,
    size: Option<u64>,
    pieces: Vec<Bytes>,
) -> File {
    let content = Upload::new(futures::stream::iter(pieces.into_iter().map(Ok)));
    let add = AddFile {
        project: project.to_owned(),
        name: name.to_owned(),
        size,
        content,
    };
    dispatcher.call(alice(), add).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crate_becomes_a_publication() {
    let service = service();
    let dispatcher = connected(&service);
    let (project, metadata) = create(&dispatcher, Some(metadata())).await;
    assert_eq!(metadata["title"], "Ice cores");
    assert_eq!(metadata["category"], "data");

    let name = "a b/\u{fc}/100% #1?.txt";
    let file = add(&dispatcher, &project, name, Some(5), vec!["bytes".into()]).await;
    assert_eq!((file.name.as_str(), file.size), (name, Some(5)));
    let read = |into| ReadFile {
        project: project.clone(),
        file: file.id.clone(),
        into,
    };
    let started = dispatcher.stream(alice(), read).await.unwrap();
    assert_eq!(started.body.collect().await.unwrap().to_bytes(), "bytes");

    let list = ListFiles {
        project: project.clone(),
        after: None,
        max: 10,
    };
    let listed = dispatcher.call(alice(), list).await.unwrap();
    assert_eq!(listed.items[0].name, name);
    assert_eq!((listed.items.len(), listed.next), (1, None));

    let publish = || PublishProject {
        id: project.clone(),
    };
    let doi = dispatcher.call(alice(), publish()).await.unwrap();
    assert_eq!(Some(&doi), service.node(&project).doi.as_ref());
    assert_eq!(dispatcher.call(alice(), publish()).await.unwrap(), doi);
    assert_eq!(service.calls_of(Operation::CreateIdentifier).len(), 1);
    let delete = DeleteFiles { project };
    let refused = dispatcher.call(alice(), delete).await.unwrap_err();
    assert_eq!(refused.outcome(), Outcome::Conflict);
    service.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_do_not_pass_through_the_sandbox() {
    let service = service();
    let dispatcher = connected(&service);
    let (project, _) = create(&dispatcher, None).await;
    for size in [Some(LARGE as u64), None] {
        let piece = Bytes::from(vec![7; 1 << 20]);
        let pieces = vec![piece; LARGE >> 20];
        let file = add(&dispatcher, &project, "large", size, pieces).await;
        assert_eq!(file.size, Some(LARGE as u64), "{size:?}");
    }
    let stored = service.node(&project);
    assert_eq!(stored.entry("/large").unwrap().versions, 2);
    for operation in [Operation::Upload, Operation::Replace] {
        let calls = service.calls_of(operation);
        assert_eq!(calls[0].header("content-length"), LARGE.to_string());
    }
    service.assert_clean();
}
