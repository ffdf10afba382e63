//! A TCP connection that can be cut, between the host and a real server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

const CHUNK: usize = 64 << 10;

/// Passes connections on, until they have carried enough.
#[derive(Debug)]
pub struct Tunnel {
    /// Where it listens.
    pub address: SocketAddr,
    bytes_left: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl Tunnel {
    /// A tunnel to a server, without a limit yet.
    ///
    /// # Panics
    ///
    /// When it cannot listen.
    pub async fn to(server: SocketAddr) -> Self {
        let address = crate::address::unused();
        let listener = TcpListener::bind(address).await.expect("an address");
        let bytes_left = Arc::new(AtomicU64::new(u64::MAX));
        let left = bytes_left.clone();
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, server, left.clone()));
            }
        });
        Self {
            address,
            bytes_left,
            task,
        }
    }

    /// Lets this many bytes more through from the server, and then breaks
    /// every connection, new ones as well.
    pub fn cut_after(&self, bytes: u64) {
        self.bytes_left.store(bytes, Ordering::Relaxed);
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass(client: TcpStream, server: SocketAddr, left: Arc<AtomicU64>) -> std::io::Result<()> {
    let server = TcpStream::connect(server).await?;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let up = tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = from_server.read(&mut chunk).await?;
        let spend = |left: u64| left.checked_sub(read as u64);
        let through = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend);
        if through.is_err() {
            left.store(0, Ordering::Relaxed);
        }
        if read == 0 || through.is_err() {
            break;
        }
        to_client
            .write_all(chunk.get(..read).unwrap_or_default())
            .await?;
    }
    up.abort();
    Ok(())
}
