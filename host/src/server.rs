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
mod life;
mod listener;
mod listeners;
mod memory;
mod readiness;
mod signals;
mod sqapi;
mod usage;
mod watch;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use self::installation::Registrations;
use self::life::Life;
use self::listeners::Listeners;
use self::readiness::Readiness;
use self::signals::{Asked, Signals};
use self::sqapi::Sqapi;
use self::watch::Watcher;
use crate::admin::{self, Operators};
use crate::catalog::{Changed, Offers};
use crate::config::{Config, Problems};
use crate::dispatch::{ConnectorId, Dispatcher, Scheduler};
use crate::frontend::rds;
use crate::telemetry::journal::Journal;
use crate::telemetry::metrics::Metrics;

/// How often what is kept for reuse is looked through.
const SWEEP_PERIOD: Duration = Duration::from_secs(5);
/// How long a reload waits for new versions before it goes on without them.
const OFFERS_PATIENCE: Duration = Duration::from_secs(5);
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

/// Serves a configuration until a signal says stop. Operators read `journal`.
///
/// # Errors
///
/// What could not be built, bound or started.
pub fn run(config: Config, journal: Journal) -> anyhow::Result<Ended> {
    let workers = workers(config.host.worker_threads)?;
    let control = Builder::new_current_thread().enable_all().build()?;
    let ended = control.block_on(async {
        let mut signals = Signals::new()?;
        let mut server = Server::start(config, journal, workers.handle().clone()).await?;
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

struct Server {
    config: Config,
    workers: Handle,
    dispatcher: Arc<Dispatcher>,
    life: Life,
    routes: rds::Routes,
    readiness: Readiness,
    listeners: Listeners,
    registrations: Registrations,
    sqapi: Sqapi,
    operators: Operators,
    admin: Admin,
    watcher: Watcher,
}

impl Server {
    /// Builds everything, and binds last: a host that answers can serve.
    async fn start(mut config: Config, journal: Journal, workers: Handle) -> anyhow::Result<Self> {
        // Building takes long; what changes meanwhile is taken over afterwards.
        let watcher = Watcher::new(&config.watched);
        config.log_warnings();
        let metrics = Metrics::new()?;
        let scheduler = Scheduler::new(config.host.worker_threads)?;
        let dispatcher = Arc::new(Dispatcher::new(scheduler));
        let routes = rds::Routes::new(connectors::routes(&config));
        let routes = routes.map_err(|conflicts| anyhow::anyhow!("{}", join(&conflicts)))?;
        let readiness = Readiness::new(dispatcher.clone(), workers.clone());
        readiness.keep(&ids(&config));
        let life = Life::start(&config, &dispatcher, &readiness, &metrics, &workers).await?;
        let offers = life.configure(&config).await?;
        life.catalog.take_offers(offers).await;
        config.forget_offers();
        tokio::spawn(Life::keep_up(life.catalog.clone()));

        let persistence = life.persistence.clone();
        let mut sqapi = Sqapi::new(&dispatcher, persistence, workers.clone(), &metrics)?;
        let operators = Operators::new(config.host.operators.clone());
        let open = admin::Services {
            metrics: metrics.clone(),
            status: readiness.status(),
        };
        let stop = CancellationToken::new();
        let guarded = admin::v1::Services {
            catalog: life.catalog.clone(),
            persistence: life.persistence.clone(),
            resend: sqapi.resend(),
            operators: operators.clone(),
            journal,
            workers: workers.clone(),
            component_bytes_max: config.host.catalog.admission.component_bytes,
            stop: stop.clone(),
        };
        let admin = Admin::serve(config.host.admin, open, guarded, stop)?;

        installation::tell_unused();
        let mut registrations = Registrations::new(&config.host, workers.clone(), &metrics)?;
        let tokens = installation::tokens(&config.host)?;
        let services = services(&config, &dispatcher, &routes, &readiness, metrics, tokens);
        let router = move |only: Option<&ConnectorId>| rds::router(services.clone(), only);
        let mut listeners = Listeners::new("rds", workers.clone(), router);
        listeners
            .update(connectors::listen(&config))
            .context("cannot listen")?;
        sweep_roots(&config)?;
        sqapi.update(&config)?;
        announce::announce(&config);
        registrations.update(&config, &life.catalog);
        Ok(Self {
            watcher,
            config,
            workers,
            dispatcher,
            life,
            routes,
            readiness,
            listeners,
            registrations,
            sqapi,
            operators,
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
                _ = sweep.tick() => {
                    // Giving memory back takes a while, and no thread that serves.
                    let dispatcher = self.dispatcher.clone();
                    self.workers.spawn_blocking(move || {
                        dispatcher.sweep();
                        memory::give_back();
                    });
                    self.sqapi.observe();
                }
                Some(changed) = self.life.changed() => self.changed(changed),
                failed = self.registrations.failed() => return Err(failed),
                failed = self.sqapi.failed() => return Err(failed),
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
        // Reading plugins takes long; this thread has probes to answer.
        let load = move || Config::load(&directory);
        let mut config = self.workers.spawn_blocking(load).await??;
        let offers = self.life.configure(&config).await?;
        self.readiness.keep(&ids(&config));
        let routes = self.routes.replace(connectors::routes(&config));
        routes.map_err(|conflicts| anyhow::anyhow!("{}", join(&conflicts)))?;
        self.take_offers(offers).await;
        config.forget_offers();
        self.operators.replace(config.host.operators.clone());
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
        if let Err(error) = self.sqapi.update(&config) {
            tracing::error!("{error:#}");
        }
        // A change that came meanwhile is still to be taken over.
        config.log_warnings();
        self.watcher.watch(&config.watched);
        self.registrations.update(&config, &self.life.catalog);
        let running = self.config.host.clone();
        self.config = config;
        self.config.host.keep_until_restart(running);
        Ok(())
    }

    /// A connector that is known to everybody should have something to run,
    /// but compiling may take long, and signals are waited for here.
    async fn take_offers(&self, offers: Offers) {
        let catalog = self.life.catalog.clone();
        let taken = tokio::spawn(async move { catalog.take_offers(offers).await });
        _ = tokio::time::timeout(OFFERS_PATIENCE, taken).await;
    }

    /// A connector runs something else now.
    fn changed(&mut self, changed: Changed) {
        self.readiness.ask(&changed.connector, changed.checked);
        self.sqapi.changed(&changed.connector);
        self.registrations.update(&self.config, &self.life.catalog);
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
            // Their messages still need calls.
            let began = Instant::now();
            let finished = self.sqapi.drain(timeout).await;
            let left = timeout.saturating_sub(began.elapsed());
            let cut = self.dispatcher.drain(left).await;
            let closed = async { tokio::join!(self.listeners.closed(), self.sqapi.closed()) };
            let closed = tokio::time::timeout(CLOSE_TIMEOUT, closed).await;
            if finished && cut == 0 && closed.is_ok() {
                Ended::Drained
            } else {
                Ended::Cut
            }
        };
        let ended = tokio::select! {
            ended = finish => ended,
            () = signals.stop() => Ended::Cut,
        };
        match ended {
            Ended::Drained => tracing::info!("drained"),
            Ended::Cut => tracing::warn!("stopped with calls in progress"),
        }
        if ended == Ended::Drained {
            self.admin.stop().await;
        }
        ended
    }
}

/// The admin listener, which outlives all others.
struct Admin {
    stop: CancellationToken,
    served: JoinHandle<()>,
}

impl Admin {
    fn serve(
        address: SocketAddr,
        open: admin::Services,
        guarded: admin::v1::Services,
        stop: CancellationToken,
    ) -> anyhow::Result<Self> {
        let router = admin::router(open).merge(admin::v1::router(guarded));
        let served = listener::serve(listener::bind(address)?, router, stop.clone())?;
        Ok(Self {
            stop,
            served: tokio::spawn(served),
        })
    }

    /// Lets those who follow the log read the last of it.
    async fn stop(self) {
        self.stop.cancel();
        _ = tokio::time::timeout(CLOSE_TIMEOUT, self.served).await;
    }
}

fn ids(config: &Config) -> BTreeSet<ConnectorId> {
    let connectors = config.connectors.iter();
    connectors.map(|connector| connector.id.clone()).collect()
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
