//! The composition root: builds what the configuration describes, serves it,
//! takes over changes, and drains.
//!
//! Two runtimes. Calls run on the workers, together with the frontends that
//! make them. Everything that must answer while guests spin runs on the
//! control thread, which is the process's main thread: signals, health,
//! metrics, reloads.

mod announce;
mod client;
mod connectors;
mod installation;
mod listener;
mod listeners;
mod readiness;
mod usage;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use self::connectors::Connectors;
use self::installation::Registrations;
use self::listeners::Listeners;
use self::readiness::Readiness;
use self::watch::Watcher;
use crate::admin;
use crate::config::{Config, Problems};
use crate::dispatch::{Dispatcher, Scheduler};
use crate::frontend::rds;
use crate::telemetry::metrics::Metrics;

/// How often what is kept for reuse is looked through.
const SWEEP_PERIOD: Duration = Duration::from_secs(5);
/// What a connection may still take once no call is left: the last bytes of
/// its answer.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// How serving ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Every call in progress came to its own end.
    Drained,
    /// Some calls were cut short, by the time limit or a second signal.
    Cut,
}

/// Serves a configuration until a signal says stop.
///
/// # Errors
///
/// What could not be built, bound or started.
pub fn run(config: Config) -> anyhow::Result<Ended> {
    let workers = workers(config.host.worker_threads)?;
    let control = Builder::new_current_thread().enable_all().build()?;
    let ended = control.block_on(async {
        let mut signals = Signals::new()?;
        let mut server = Server::start(config, workers.handle().clone()).await?;
        let served = server.serve(&mut signals).await;
        let ended = server.drain(&mut signals).await;
        served.map(|()| ended)
    });
    // A guest that spins must not hold up the exit.
    workers.shutdown_background();
    ended
}

fn workers(threads: usize) -> std::io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(threads)
        .thread_name("worker")
        .enable_all()
        .build()
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.terminate.recv() => Asked::Stop,
            _ = self.interrupt.recv() => Asked::Stop,
            _ = self.hangup.recv() => Asked::Reload,
        }
    }

    async fn stop(&mut self) {
        while self.next().await != Asked::Stop {}
    }
}

/// What a signal asks for.
#[derive(PartialEq, Eq)]
enum Asked {
    Reload,
    Stop,
}

struct Server {
    config: Config,
    workers: Handle,
    dispatcher: Arc<Dispatcher>,
    connectors: Arc<Connectors>,
    routes: rds::Routes,
    readiness: Readiness,
    listeners: Listeners,
    registrations: Registrations,
    admin: CancellationToken,
    watcher: Watcher,
}

impl Server {
    /// Builds everything, and binds last: a host that answers can serve.
    async fn start(config: Config, workers: Handle) -> anyhow::Result<Self> {
        // Building takes long; what changes meanwhile is taken over afterwards.
        let watcher = Watcher::new(&config.watched);
        let metrics = Metrics::new()?;
        let scheduler = Scheduler::new(config.host.worker_threads)?;
        let dispatcher = Arc::new(Dispatcher::new(scheduler));
        let connectors = Arc::new(Connectors::new(&config.host, metrics.clone())?);
        let built = connectors.build(&config)?;
        let routes = rds::Routes::new(connectors::routes(&config));
        let routes = routes.map_err(|conflicts| anyhow::anyhow!("{}", join(&conflicts)))?;
        dispatcher.replace(built);
        let readiness = Readiness::new(dispatcher.clone(), workers.clone());
        readiness.watch(
            config
                .connectors
                .iter()
                .map(|connector| connector.id.clone()),
        );

        let admin = CancellationToken::new();
        let admin_listener = listener::bind(config.host.admin)?;
        let router = admin::router(admin::Services {
            metrics: metrics.clone(),
            status: readiness.status(),
        });
        let served = listener::serve(admin_listener, router, admin.clone())?;
        tokio::spawn(served);

        installation::tell_unused();
        let mut registrations = Registrations::new(&config.host, workers.clone(), &metrics)?;
        let tokens = installation::tokens(&config.host)?;
        let services = services(&config, &dispatcher, &routes, &readiness, metrics, tokens);
        let mut listeners = Listeners::new(workers.clone(), services);
        listeners
            .update(connectors::listen(&config))
            .context("cannot listen")?;
        sweep_roots(&config)?;
        announce::announce(&config);
        registrations.update(&config);
        Ok(Self {
            watcher,
            config,
            workers,
            dispatcher,
            connectors,
            routes,
            readiness,
            listeners,
            registrations,
            admin,
        })
    }

    /// Takes over changes until told to stop, or until going on makes no
    /// sense.
    async fn serve(&mut self, signals: &mut Signals) -> anyhow::Result<()> {
        let mut sweep = tokio::time::interval(SWEEP_PERIOD);
        loop {
            tokio::select! {
                asked = signals.next() => match asked {
                    Asked::Stop => return Ok(()),
                    Asked::Reload => self.reload().await,
                },
                () = self.watcher.changed() => self.reload().await,
                _ = sweep.tick() => self.dispatcher.sweep(),
                failed = self.registrations.failed() => return Err(failed),
            }
        }
    }

    /// Takes over the configuration as it is now; one that has mistakes
    /// changes nothing.
    async fn reload(&mut self) {
        match self.take_over().await {
            Ok(()) => tracing::info!(
                connectors = self.config.connectors.len(),
                "configuration taken over"
            ),
            Err(error) => match error.downcast_ref::<Problems>() {
                Some(problems) => {
                    for problem in problems.iter() {
                        tracing::error!("{problem}");
                    }
                    tracing::error!("configuration not taken over; the one before stays in force");
                }
                None => tracing::error!("configuration not taken over: {error:#}"),
            },
        }
    }

    async fn take_over(&mut self) -> anyhow::Result<()> {
        let directory = self.config.directory.clone();
        let connectors = self.connectors.clone();
        // Compiling takes long; this thread has probes to answer.
        let build = move || {
            let config = Config::load(&directory)?;
            let built = connectors.build(&config)?;
            anyhow::Ok((config, built))
        };
        let (config, built) = self.workers.spawn_blocking(build).await??;
        let routes = self.routes.replace(connectors::routes(&config));
        routes.map_err(|conflicts| anyhow::anyhow!("{}", join(&conflicts)))?;
        self.dispatcher.replace(built);
        self.readiness.watch(
            config
                .connectors
                .iter()
                .map(|connector| connector.id.clone()),
        );
        for change in self.config.host.needs_restart(&config.host) {
            tracing::warn!("host.toml: {change} takes effect after a restart");
        }
        let mut listen = connectors::listen(&config);
        // The shared listener stays where it is until then.
        listen.remove(&config.host.rds);
        listen.insert(self.config.host.rds, None);
        if let Err(error) = self.listeners.update(listen) {
            tracing::error!("cannot listen: {error:#}");
        }
        // A change that came meanwhile is still to be taken over.
        self.watcher.watch(&config.watched);
        self.registrations.update(&config);
        let running = self.config.host.clone();
        self.config = config;
        self.config.host.keep_until_restart(running);
        Ok(())
    }

    /// Lets calls in progress finish, within the time limit or until a second
    /// signal.
    async fn drain(mut self, signals: &mut Signals) -> Ended {
        let timeout = self.config.host.drain_timeout;
        tracing::info!(
            timeout_ms = timeout.as_millis() as u64,
            "draining; a second signal stops at once"
        );
        self.readiness.drain();
        self.registrations.stop();
        let finish = async {
            self.listeners.stop();
            let cut = self.dispatcher.drain(timeout).await;
            let closed = tokio::time::timeout(CLOSE_TIMEOUT, self.listeners.closed()).await;
            if cut == 0 && closed.is_ok() {
                Ended::Drained
            } else {
                Ended::Cut
            }
        };
        let ended = tokio::select! {
            ended = finish => ended,
            () = signals.stop() => Ended::Cut,
        };
        self.admin.cancel();
        match ended {
            Ended::Drained => tracing::info!("drained"),
            Ended::Cut => tracing::warn!("stopped with calls in progress"),
        }
        ended
    }
}

/// Clears away what killed hosts left behind, beside everything else.
fn sweep_roots(config: &Config) -> std::io::Result<()> {
    let connectors = config.connectors.iter();
    let grants: Vec<_> = connectors
        .map(|connector| connector.grants.clone())
        .collect();
    let sweep = move || grants.iter().for_each(|grants| grants.files.sweep());
    let thread = std::thread::Builder::new().name("sweep".to_owned());
    thread.spawn(sweep).map(drop)
}

fn services(
    config: &Config,
    dispatcher: &Arc<Dispatcher>,
    routes: &rds::Routes,
    readiness: &Readiness,
    metrics: Metrics,
    tokens: rds::Tokens,
) -> rds::Services {
    let host = &config.host;
    let rendered: rds::Metrics = Arc::new(move |connector| match connector {
        Some(connector) => metrics.render_for(&connector.to_string()),
        None => metrics.render_process(),
    });
    rds::Services {
        dispatcher: dispatcher.clone(),
        routes: routes.clone(),
        limits: rds::Limits::default(),
        spool: rds::Spool::new(
            host.scratch.clone(),
            host.spool_bytes_max,
            host.spool_bytes_max,
        ),
        tokens,
        metrics: rendered,
        readiness: readiness.of_connector(),
    }
}

fn join<T: ToString>(problems: &[T]) -> String {
    problems
        .iter()
        .map(T::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}
