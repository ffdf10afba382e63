//! The half of the RDS contract that deposits, through the plugin `archive`:
//! the price of describing a project, and the memory that an upload takes.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use futures::stream;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use plugin_archive::Archive;
use serde_json::{Value, json};
use tenon_host::capability::Io;
use tenon_host::capability::files::{Access, Root};
use tenon_host::capability::scratch;
use tenon_host::dispatch::Connector;
use tenon_host::limits::{Isolation, Limits};
use tenon_sdk::native::Environment;
use tenon_tests::artefact;
use tenon_tests::client::{Answer, Caller};
use tenon_tests::connector::{self, Plan};
use tenon_tests::native::NativeLauncher;
use tenon_tests::setup::{Setup, archive};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

use crate::summary::Summary;
use crate::{app, stats};

const NATIVE: &str = "archive-native";
const FRESH: &str = "archive-fresh";
const ENTITIES: usize = 1000;
/// Updates in one turn of a variant.
const UPDATES: u32 = 25;
const UPLOAD_BYTES: u64 = 1 << 30;

/// Measures both.
pub fn run(summary: &mut Summary) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    update(summary, &runtime)?;
    upload(summary, &runtime)
}

/// `PATCH /metadata/project/{id}` with a large RO-Crate, one after the other.
fn update(summary: &mut Summary, runtime: &Runtime) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let further = vec![
        (NATIVE, native(folder.path())?),
        (FRESH, component(folder.path())?),
    ];
    let app = app::start(1, further)?;
    let mut ratios = Vec::new();
    let mut times = BTreeMap::<_, Vec<f64>>::new();
    for name in [NATIVE, FRESH] {
        runtime.block_on(turn(app.address, name))?;
    }
    for _ in 0..stats::rounds() {
        let native = runtime.block_on(turn(app.address, NATIVE))?;
        let fresh = runtime.block_on(turn(app.address, FRESH))?;
        ratios.push(native / fresh);
        times.entry(NATIVE).or_default().push(native);
        times.entry(FRESH).or_default().push(fresh);
    }
    let ratio = stats::median(&mut ratios);
    println!("PATCH of an RO-Crate of {ENTITIES} entities, through archive");
    for (name, times) in &mut times {
        println!("  {name:16} {:>8.0} µs", stats::median(times));
    }
    println!("  requests/s against native {ratio:.2}\n");
    summary.add("rds_update_ratio", ratio);
    Ok(())
}

/// Microseconds of one update, over many.
async fn turn(address: SocketAddr, connector: &str) -> anyhow::Result<f64> {
    let mut caller = Caller::new(address, "localhost", "bench");
    caller.prefix = format!("/connectors/{connector}");
    let created = caller.create_project().await.json();
    let id = created["projectId"].as_str().context("a project")?;
    let body = json!({ "userId": "bench", "metadata": ro_crate() });
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = http1::handshake::<_, Full<Bytes>>(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let started = Instant::now();
    for _ in 0..UPDATES {
        let request = caller.json("PATCH", &format!("/metadata/project/{id}"), &body);
        sender.ready().await?;
        let response = sender.send_request(request).await?;
        ensure!(response.status() == 200, "answered {}", response.status());
        response.into_body().collect().await?;
    }
    Ok(started.elapsed().as_secs_f64() * 1e6 / f64::from(UPDATES))
}

fn ro_crate() -> Value {
    let files = (0..ENTITIES - 2).map(|nth| {
        json!({
            "@id": format!("data/file-{nth}.csv"),
            "@type": "File",
            "name": format!("Measurement {nth}"),
            "encodingFormat": "text/csv",
            "contentSize": "1024",
        })
    });
    let parts: Vec<_> = (0..ENTITIES - 2)
        .map(|nth| json!({ "@id": format!("data/file-{nth}.csv") }))
        .collect();
    let graph: Vec<_> = [
        json!({
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "conformsTo": { "@id": "https://w3id.org/ro/crate/1.1" },
            "about": { "@id": "./" },
        }),
        json!({
            "@id": "./",
            "@type": "Dataset",
            "name": "A thousand measurements",
            "description": "As large as they come.",
            "datePublished": "2024-01-02",
            "hasPart": parts,
        }),
    ]
    .into_iter()
    .chain(files)
    .collect();
    json!({ "@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph })
}

fn native(folder: &Path) -> anyhow::Result<Arc<Connector>> {
    let environment = Environment::builder()
        .root("archive", folder)?
        .user("bench")
        .build();
    let launcher = NativeLauncher::<Archive>::repository(environment);
    let limits = Arc::new(Limits::default());
    Ok(connector::connector(NATIVE, Arc::new(launcher), limits))
}

fn component(folder: &Path) -> anyhow::Result<Arc<Connector>> {
    let mut plan = Plan::new(artefact::plugin("archive"));
    let root = Root::open(folder, Access::ReadWrite, Io::Inline)?;
    plan.grants.files.0.insert("archive".into(), root);
    plan.grants.scratch = Some(scratch::Grant {
        bytes_max: 64 << 20,
        directory: std::env::temp_dir(),
    });
    plan.isolation = Isolation::Call;
    Ok(plan.build(FRESH))
}

/// The host as a process of its own, so that its memory is its own.
fn upload(summary: &mut Summary, runtime: &Runtime) -> anyhow::Result<()> {
    let peak = runtime.block_on(async {
        let setup = Setup::new();
        let folder = setup.path("archive");
        std::fs::create_dir_all(&folder)?;
        let setup = setup.connector("port-archive", &archive(&folder));
        let host = setup.start().await;
        let caller = host.caller("port-archive", "bench");
        let created = caller.create_project().await.json();
        let id = created["projectId"]
            .as_str()
            .context("a project")?
            .to_owned();
        let small = caller.add_file(&id, "small.bin", b"small").await;
        ensure!(small.json()["success"] == true, "{}", small.text());
        // Whatever the last call took has been given back.
        tokio::time::sleep(Duration::from_millis(500)).await;
        host.reset_peak();
        let (idle, _) = host.memory();
        send(&caller, host.address(), &id).await?;
        let (_, peak) = host.memory();
        anyhow::Ok(peak.saturating_sub(idle) as f64 / f64::from(1 << 20))
    })?;
    println!("upload of 1 GiB through archive: host memory {peak:.1} MiB above idle");
    summary.add("rds_upload_1g_peak_mib", peak);
    Ok(())
}

async fn send(caller: &Caller, address: SocketAddr, id: &str) -> anyhow::Result<()> {
    const CHUNK: usize = 1 << 20;
    let (before, after) = caller.add_file_frame("large.bin");
    let chunk = Bytes::from(vec![7_u8; CHUNK]);
    let parts = std::iter::once(Bytes::from(before))
        .chain(std::iter::repeat_n(
            chunk,
            usize::try_from(UPLOAD_BYTES)? / CHUNK,
        ))
        .chain([Bytes::from(after)]);
    let frames = parts.map(|part| Ok::<_, std::io::Error>(http_body::Frame::data(part)));
    let body = StreamBody::new(stream::iter(frames));
    let request = caller
        .clone()
        .with("content-type", "multipart/form-data; boundary=frontier")
        .request("POST", &format!("/metadata/project/{id}/files"), "")
        .map(|_| body);
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let answer = Answer::read(sender.send_request(request).await?).await;
    ensure!(answer.json()["success"] == true, "{}", answer.text());
    Ok(())
}
