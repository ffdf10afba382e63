//! What a connector notices of its neighbour's hundred guests that spin: the
//! latency of its requests, and that of the health check, quiet and loaded.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use tenon_host::admin;
use tenon_host::dispatch::Dispatcher;
use tenon_host::dispatch::file_store::Stat;
use tenon_host::telemetry::metrics::Metrics;
use tenon_tests::artefact;
use tenon_tests::connector::{Plan, call};

use crate::app::{self, FRESH};
use crate::summary::Summary;
use crate::{http, stats};

const SPINNERS: usize = 100;
const SPINNING: &str = "spinning";
/// Two connections: a quiet neighbour, not a second load.
const CONNECTIONS: usize = 2;
const TURN: Duration = Duration::from_secs(2);

/// Measures the same load without and with the spinning guests.
pub fn run(summary: &mut Summary) -> anyhow::Result<()> {
    let mut plan = Plan::new(artefact::guest("hostile"));
    plan.limits.cpu_ms = 600_000;
    plan.limits.first_byte_ms = 600_000;
    let app = app::start(2, vec![(SPINNING, plan.build(SPINNING))])?;
    let clients = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let load = || http::read(app.address, FRESH, "1k", 1 << 10, CONNECTIONS, TURN);
    clients.block_on(load())?;
    let mut quiet = clients.block_on(load())?.latencies;
    let spinners = clients.block_on(spin(&app.dispatcher));
    let control = control()?;
    let probing = clients.spawn(probe(control));
    let loaded = clients.block_on(load());
    let health_ms = clients.block_on(probing)??;
    clients.block_on(async {
        for spinner in spinners {
            spinner.abort();
        }
    });
    let mut loaded = loaded?.latencies;
    let (quiet, loaded) = (
        stats::percentile(&mut quiet, 0.99),
        stats::percentile(&mut loaded, 0.99),
    );
    println!(
        "another connector while {SPINNERS} guests spin (1 KiB, fresh, {CONNECTIONS} connections)\n\
         \x20 p99 quiet {quiet:.0} µs, loaded {loaded:.0} µs, ratio {:.2}\n\
         \x20 /health/live, a connection each, longest answer {health_ms:.2} ms",
        loaded / quiet
    );
    summary.add("neighbour_p99_ratio", loaded / quiet);
    summary.add("health_max_ms", health_ms);
    Ok(())
}

async fn spin(dispatcher: &Arc<Dispatcher>) -> Vec<tokio::task::JoinHandle<()>> {
    let spinners = (0..SPINNERS).map(|_| {
        let dispatcher = dispatcher.clone();
        tokio::spawn(async move {
            let stat = Stat {
                path: "spin".into(),
            };
            drop(dispatcher.call(call(SPINNING), stat).await);
        })
    });
    let spinners = spinners.collect();
    tokio::time::sleep(Duration::from_millis(500)).await;
    spinners
}

/// The admin listener on a runtime of its own, as the host serves it.
fn control() -> anyhow::Result<SocketAddr> {
    let services = admin::Services {
        metrics: Metrics::new()?,
        status: Arc::new(|| admin::Status {
            draining: false,
            connectors: Vec::new(),
        }),
    };
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || -> anyhow::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let listener = TcpListener::from_std(listener)?;
            Ok(axum::serve(listener, admin::router(services)).await?)
        })
    });
    Ok(address)
}

/// The longest of the probes that fit a turn, in milliseconds.
async fn probe(address: SocketAddr) -> anyhow::Result<f64> {
    let until = Instant::now() + TURN;
    let mut longest = Duration::ZERO;
    while Instant::now() < until {
        let started = Instant::now();
        let mut stream = TcpStream::connect(address).await?;
        stream
            .write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        anyhow::ensure!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        longest = longest.max(started.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(longest.as_secs_f64() * 1e3)
}
