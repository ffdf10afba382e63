//! One component in its sandbox, called through dispatch: what a hostile one
//! can do, and that its benign twin can do what it needs.

mod answers;
mod batch;
mod cancellation;
mod crowd;
mod garbage;
mod handoff;
mod idle;
mod limits;
mod network;
mod reach;
mod recycling;
mod rig;
mod stores;
mod uploads;
mod usage;

use std::path::PathBuf;

use http_body_util::BodyExt as _;
use tenon_host::capability::Io;
use tenon_host::capability::files::{Access, Root};
use tenon_host::dispatch::file_store::{ListFolder, Read};
use tenon_tests::artefact;
use tenon_tests::connector::{Plan, call, dispatcher};

#[tokio::test]
async fn reads_a_file_through_the_disk_plugin() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.txt"), "hello").unwrap();
    let mut plan = Plan::new(artefact::plugin("disk"));
    let root = Root::open(&PathBuf::from(folder.path()), Access::ReadOnly, Io::Inline).unwrap();
    plan.grants.files.0.insert("files".into(), root);
    let dispatcher = dispatcher([plan.build("disk")]);
    let list = ListFolder {
        path: String::new(),
        recursive: true,
        after: None,
        max: 10,
    };
    let page = dispatcher.call(call("disk"), list).await.unwrap();
    assert_eq!(page.entries[0].path, "a.txt");
    let read = |into| Read {
        path: "a.txt".into(),
        offset: 0,
        into,
    };
    let started = dispatcher.stream(call("disk"), read).await.unwrap();
    assert_eq!(started.head.size, Some(5));
    let bytes = started.body.collect().await.unwrap().to_bytes();
    assert_eq!(bytes, "hello");
}
