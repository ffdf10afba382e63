//! The HTTP server under every fake: loopback, a port of its own, a thread
//! and a runtime of its own, so that a blocking test can use it as well as an
//! asynchronous one. It can stop listening and start again at the same port.

use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::front::{Front, System};

/// A server, until dropped.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    commands: Option<mpsc::Sender<(Command, SyncSender<()>)>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Clone, Copy)]
enum Command {
    Refuse,
    Listen,
}

impl Server {
    /// Serves `front` from now on.
    ///
    /// # Panics
    ///
    /// When loopback has no free port.
    pub(crate) fn start<S: System>(front: Arc<Front<S>>) -> Self {
        let listener = StdListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a socket");
        let address = listener.local_addr().expect("an address");
        let (commands, receiver) = mpsc::channel(1);
        let serve = move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(accept(listener, receiver, front));
        };
        let thread = std::thread::Builder::new().name("fake".into());
        Self {
            address,
            commands: Some(commands),
            thread: Some(thread.spawn(serve).expect("a thread")),
        }
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Breaks every connection; from now on the port refuses.
    pub(crate) fn refuse(&self) {
        self.command(Command::Refuse);
    }

    /// Listens again where it listened before.
    pub(crate) fn listen(&self) {
        self.command(Command::Listen);
    }

    fn command(&self, command: Command) {
        let (done, wait) = sync_channel(1);
        let commands = self.commands.as_ref().expect("a running server");
        // One command at a time, from a thread that may belong to a runtime:
        // neither the blocking nor the waiting form of `send` would do.
        commands.try_send((command, done)).expect("a free server");
        wait.recv().expect("a running server");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.commands.take());
        if let Some(thread) = self.thread.take() {
            // Its panic, if any, is already on the terminal.
            _ = thread.join();
        }
    }
}

async fn accept<S: System>(
    listener: StdListener,
    mut commands: mpsc::Receiver<(Command, SyncSender<()>)>,
    front: Arc<Front<S>>,
) {
    let address = listener.local_addr().expect("an address");
    let mut listener = Some(TcpListener::from_std(listener).expect("a socket"));
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            command = commands.recv() => {
                let Some((command, done)) = command else {
                    return;
                };
                listener = match command {
                    Command::Refuse => {
                        connections.shutdown().await;
                        None
                    }
                    Command::Listen => Some(TcpListener::bind(address).await.expect("the port")),
                };
                // The one who asked waits, unless its test is over.
                _ = done.send(());
            }
            stream = next(listener.as_ref()) => {
                while connections.try_join_next().is_some() {}
                connections.spawn(connection(stream, front.clone()));
            }
        }
    }
}

async fn next(listener: Option<&TcpListener>) -> TcpStream {
    match listener {
        Some(listener) => loop {
            if let Ok((stream, _)) = listener.accept().await {
                return stream;
            }
        },
        None => std::future::pending().await,
    }
}

async fn connection<S: System>(stream: TcpStream, front: Arc<Front<S>>) {
    let answer = service_fn(move |request| front.clone().serve(request));
    // A client that breaks off is what many tests are about, and a
    // connection that a fault cuts ends the same way.
    _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), answer)
        .await;
}
