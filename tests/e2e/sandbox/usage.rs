//! What is granted beside what is used: the blast radius of a plugin.

use std::path::Path;
use std::sync::{Arc, Mutex};

use tenon_host::capability::files::{Access, Root};
use tenon_host::capability::http::{self, AddressPolicy, ClientOptions};
use tenon_host::capability::usage::{Figures, Report, Usage};
use tenon_host::capability::{Grants, Io};
use tenon_tests::artefact;
use tenon_tests::connector::{Plan, dispatcher};
use tenon_tests::upstream::Upstream;

use super::rig::{Op, Rig, TOKEN, granted, warm};

/// Two hosts and two roots; the first host takes the caller's credential.
fn grants(hosts: [&str; 2], folder: &Path) -> Grants {
    let hosts = hosts.map(|origin| http::Grant {
        origin: origin.parse().unwrap(),
        addresses: AddressPolicy::Any,
        credentials: [("caller".to_owned(), "Bearer {caller}".parse().unwrap())].into(),
    });
    let mut grants = Grants {
        http: http::Grants::new(hosts.into(), &ClientOptions::default()).unwrap(),
        ..Grants::default()
    };
    for name in ["data", "spare"] {
        let root = Root::open(folder, Access::ReadWrite, Io::Inline).unwrap();
        grants.files.0.insert(name.into(), root);
    }
    grants
}

/// The rig with a look into what its hostile connector uses.
fn watched(plan: Plan) -> (Rig, Arc<Usage>) {
    let connector = plan.build("hostile");
    let usage = connector.usage().clone();
    let benign = Plan::new(artefact::plugin("template")).build("benign");
    let dispatcher = dispatcher([connector, benign]);
    (Rig { dispatcher }, usage)
}

fn unused(report: &Report) -> Vec<String> {
    let named = report.unused();
    let named = named.map(|grant| format!("{} {}", grant.capability, grant.grant));
    named.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn unused_grants_and_refused_hosts_show() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.txt"), "hello").unwrap();
    let (used, spare, other) =
        tokio::join!(Upstream::start(), Upstream::start(), Upstream::start());
    let (here, there) = (used.origin(), spare.origin());
    let hosts = [&*here, &*there];
    for isolation in [Default::default(), warm()] {
        let mut plan = granted(grants(hosts, folder.path()));
        plan.isolation = isolation;
        let (rig, usage) = watched(plan);
        let report = || usage.report(&grants(hosts, folder.path()));
        assert_eq!(report().grants.len(), unused(&report()).len());

        rig.run(Op::Stat, &format!("authorized {here}/page"))
            .await
            .unwrap();
        rig.run(Op::Stat, "file data a.txt").await.unwrap();
        let refused = format!("get {}/", other.origin());
        rig.run(Op::Stat, &refused).await.unwrap_err();
        rig.run(Op::Stat, "file missing a.txt").await.unwrap_err();

        let report = report();
        assert_eq!(
            unused(&report),
            [
                format!("http {there}"),
                format!("http.credentials {there} caller"),
                "files.write data".to_owned(),
                "files spare".to_owned(),
                "files.write spare".to_owned(),
            ]
        );
        assert_eq!(report.http[0].requests.times, 1);
        assert!(report.http[0].received_bytes > 0);
        assert_eq!(report.refused_hosts[0].origin, other.origin());
        assert_eq!(report.denied["http"].times, 1);
        assert_eq!(report.denied["files"].times, 1);
        assert_eq!((report.calls.times, report.requests), (4, 2));
        assert!(report.host_calls["wasi"] > 0 && report.host_calls["http"] > 0);
        let text = serde_json::to_string(&report).unwrap();
        assert!(!text.contains(TOKEN), "{text}");
    }
    assert_eq!(other.seen().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_tells_what_it_cost() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.txt"), "hello").unwrap();
    let upstream = Upstream::start().await;
    let here = upstream.origin();
    let plan = granted(grants([&here, "https://spare.example"], folder.path()));
    let (rig, usage) = watched(plan);
    let seen: Arc<Mutex<Vec<Figures>>> = Arc::default();
    let told = seen.clone();
    usage.observe(move |figures| told.lock().unwrap().push(figures.clone()));

    rig.run(Op::Read, "file data a.txt").await.unwrap();
    rig.run(Op::Stat, &format!("get {here}/page"))
        .await
        .unwrap();
    rig.run(Op::Stat, "trap").await.unwrap_err();
    // Told before the answer: nothing is waited for.
    let seen = seen.lock().unwrap().clone();
    let [read, get, failed] = &seen[..] else {
        panic!("{seen:#?}")
    };
    let calls = |figures: &Figures| serde_json::to_value(figures).unwrap()["host_calls"].clone();
    assert_eq!((read.operation, read.outcome), ("file-store.read", "ok"));
    assert_eq!((read.moved_bytes, read.requests), (5, 0));
    assert_eq!(calls(read)["files"], 1);
    assert!(calls(read)["transfer"].as_u64() >= Some(1), "{read:?}");
    assert!(
        read.wall_us > 0 && read.memory_bytes >= 64 << 10,
        "{read:?}"
    );
    assert_eq!((get.requests, get.received_bytes), (1, 5));
    assert_eq!(calls(get).get("files"), None);
    assert_eq!(failed.outcome, "internal");
}
