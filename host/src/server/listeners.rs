//! The listeners of a frontend: a shared one, and those of connectors or
//! pipelines that have one of their own, which come and go with reloads.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};

use axum::Router;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::listener;
use crate::dispatch::ConnectorId;

/// What is served on the shared listener, or on that of the one that is named.
type Routing = dyn Fn(Option<&ConnectorId>) -> Router;

/// Open listeners, by the address that was asked for.
pub(super) struct Listeners {
    /// The frontend's name.
    frontend: &'static str,
    workers: Handle,
    router: Box<Routing>,
    open: BTreeMap<SocketAddr, Open>,
    tasks: TaskTracker,
}

struct Open {
    /// Kept, so that an address can change hands without being closed.
    socket: TcpListener,
    /// The one that it leads to alone, if it is not shared.
    connector: Option<ConnectorId>,
    /// Stops it.
    stop: CancellationToken,
}

impl Listeners {
    pub(super) fn new(
        frontend: &'static str,
        workers: Handle,
        router: impl Fn(Option<&ConnectorId>) -> Router + 'static,
    ) -> Self {
        Self {
            frontend,
            workers,
            router: Box::new(router),
            open: BTreeMap::new(),
            tasks: TaskTracker::new(),
        }
    }

    /// Opens what is missing and closes what is no longer wanted. Addresses
    /// that cannot be bound leave the others as they are.
    pub(super) fn update(
        &mut self,
        wanted: BTreeMap<SocketAddr, Option<ConnectorId>>,
    ) -> anyhow::Result<()> {
        let mut changed = BTreeMap::new();
        for (address, open) in std::mem::take(&mut self.open) {
            if wanted.get(&address) == Some(&open.connector) {
                self.open.insert(address, open);
            } else {
                open.stop.cancel();
                changed.insert(address, open.socket);
            }
        }
        let mut result = Ok(());
        for (address, connector) in wanted {
            if !self.open.contains_key(&address) {
                let socket = changed.remove(&address);
                result = result.and(self.open(address, socket, connector));
            }
        }
        result
    }

    fn open(
        &mut self,
        address: SocketAddr,
        socket: Option<TcpListener>,
        connector: Option<ConnectorId>,
    ) -> anyhow::Result<()> {
        let socket = socket.map_or_else(|| listener::bind(address), Ok)?;
        tracing::info!(address = %socket.local_addr()?, "{} listens", self.frontend);
        let stop = CancellationToken::new();
        let router = (self.router)(connector.as_ref());
        let _runtime = self.workers.enter();
        let served = listener::serve(socket.try_clone()?, router, stop.clone())?;
        self.tasks.spawn(served);
        let open = Open {
            socket,
            connector,
            stop,
        };
        self.open.insert(address, open);
        Ok(())
    }

    /// Accepts nothing more; connections end with the answer they are at.
    pub(super) fn stop(&mut self) {
        for open in std::mem::take(&mut self.open).into_values() {
            open.stop.cancel();
        }
        self.tasks.close();
    }

    /// Until the last connection is closed, once stopped.
    pub(super) async fn closed(&self) {
        self.tasks.wait().await;
    }
}
