//! A load of keep-alive connections, each with one request under way.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// What one run of a load showed.
#[derive(Debug)]
pub struct Load {
    /// Requests that were answered in full.
    pub requests: usize,
    /// How long it ran.
    pub took: Duration,
    /// Latencies in microseconds.
    pub latencies: Vec<f64>,
}

impl Load {
    /// Requests per second.
    pub fn per_second(&self) -> f64 {
        self.requests as f64 / self.took.as_secs_f64()
    }
}

/// Reads a file over and over, on `connections` connections, for a while.
/// Every answer must be the whole file.
pub async fn read(
    address: SocketAddr,
    connector: &str,
    file: &'static str,
    size: usize,
    connections: usize,
    time: Duration,
) -> anyhow::Result<Load> {
    let stop = Arc::new(AtomicBool::new(false));
    let mut clients = JoinSet::new();
    let started = Instant::now();
    for _ in 0..connections {
        let (connector, stop) = (connector.to_owned(), stop.clone());
        clients.spawn(async move { client(address, &connector, file, size, &stop).await });
    }
    tokio::time::sleep(time).await;
    stop.store(true, Ordering::Relaxed);
    let mut latencies = Vec::new();
    while let Some(client) = clients.join_next().await {
        latencies.extend(client??);
    }
    Ok(Load {
        requests: latencies.len(),
        took: started.elapsed(),
        latencies,
    })
}

async fn client(
    address: SocketAddr,
    connector: &str,
    file: &str,
    size: usize,
    stop: &AtomicBool,
) -> anyhow::Result<Vec<f64>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let mut latencies = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let started = Instant::now();
        let received = get(&mut sender, connector, file).await?;
        ensure!(received == size, "{received} bytes of {size}");
        latencies.push(started.elapsed().as_secs_f64() * 1e6);
    }
    Ok(latencies)
}

async fn get(
    sender: &mut SendRequest<Full<Bytes>>,
    connector: &str,
    file: &str,
) -> anyhow::Result<usize> {
    let body = format!(r#"{{"filepath":"/{file}","userId":"bench"}}"#);
    let request = http::Request::get(format!("/connectors/{connector}/storage/file"))
        .header("host", "localhost")
        .header("content-type", "application/json")
        .body(Full::from(body))?;
    let mut response = sender.send_request(request).await?;
    ensure!(
        response.status().is_success(),
        "answered {}",
        response.status()
    );
    let mut received = 0;
    while let Some(frame) = response.frame().await {
        let frame = frame.context("the answer broke off")?;
        received += frame.data_ref().map_or(0, Bytes::len);
    }
    Ok(received)
}
