//! The host's own app, in process: one disk plugin in three forms behind the
//! same dispatcher, router and middleware.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use axum::serve::ListenerExt as _;
use plugin_disk::Disk;
use tenon_host::capability::Io;
use tenon_host::capability::files::{Access, Root};
use tenon_host::dispatch::{Connector, Dispatcher};
use tenon_host::frontend::rds::{self, Options, Route, Routes, Services, Spool};
use tenon_host::limits::{Isolation, Limits, Warm};
use tenon_sdk::native::Environment;
use tenon_tests::artefact;
use tenon_tests::connector::{self, Plan};
use tenon_tests::native::NativeLauncher;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// Name of the threads that serve.
pub const THREAD: &str = "serve";

/// A host that serves one folder through several connectors.
#[derive(Debug)]
pub struct App {
    /// Where it listens.
    pub address: SocketAddr,
    /// What runs the connectors.
    pub dispatcher: Arc<Dispatcher>,
    _runtime: Runtime,
    _folder: tempfile::TempDir,
}

/// The forms in which the plugin runs.
pub const NATIVE: &str = "native";
/// A component, its sandbox reused.
pub const WARM: &str = "warm";
/// A component in a fresh sandbox for every call.
pub const FRESH: &str = "fresh";

/// Starts the app on `workers` threads, with further connectors.
pub fn start(workers: usize, further: Vec<(&str, Arc<Connector>)>) -> anyhow::Result<App> {
    let folder = tempfile::tempdir()?;
    for (name, size) in [("1k", 1 << 10), ("1m", 1 << 20)] {
        std::fs::write(folder.path().join(name), vec![b'x'; size])?;
    }
    let path = folder.path().to_owned();
    let environment = Environment::builder().root("files", &path)?.build();
    let native = NativeLauncher::<Disk>::file_store(environment);
    let native = connector::connector(NATIVE, Arc::new(native), Arc::new(Limits::default()));
    let mut connectors = vec![
        (NATIVE, native),
        (WARM, disk(WARM, &path, Isolation::Warm(Warm::default()))?),
        (FRESH, disk(FRESH, &path, Isolation::Call)?),
    ];
    connectors.extend(further);
    let names: Vec<_> = connectors.iter().map(|(name, _)| *name).collect();
    let routes = names
        .iter()
        .map(|name| route(name))
        .collect::<Result<_, _>>()?;
    let dispatcher = connector::dispatcher(connectors.into_iter().map(|(_, built)| built));
    let services = Services {
        dispatcher: dispatcher.clone(),
        routes: Routes::new(routes).map_err(|conflicts| anyhow::anyhow!("{conflicts:?}"))?,
        limits: rds::Limits::default(),
        spool: Spool::new(std::env::temp_dir(), 1 << 30, 1 << 30),
        tokens: rds::Tokens::default(),
        metrics: Arc::new(|_| String::new()),
        readiness: Arc::new(|_| Ok(())),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .thread_name(THREAD)
        .enable_all()
        .build()?;
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    let router = rds::router(services, None);
    let listener = listener.tap_io(|stream| {
        // As the host does: an answer's last chunk must not wait for an acknowledgement.
        _ = stream.set_nodelay(true);
    });
    runtime.spawn(async move { axum::serve(listener, router).await });
    Ok(App {
        address,
        dispatcher,
        _runtime: runtime,
        _folder: folder,
    })
}

fn disk(name: &str, folder: &Path, isolation: Isolation) -> anyhow::Result<Arc<Connector>> {
    let mut plan = Plan::new(artefact::plugin("disk"));
    let root = Root::open(folder, Access::ReadOnly, Io::Inline)?;
    plan.grants.files.0.insert("files".into(), root);
    plan.isolation = isolation;
    Ok(plan.build(name))
}

fn route(name: &str) -> anyhow::Result<Route> {
    Ok(Route {
        connector: name.parse().context("a connector's name")?,
        hosts: Vec::new(),
        options: Options::default(),
    })
}
