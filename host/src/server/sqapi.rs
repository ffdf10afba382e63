//! The pipelines of the configuration, at work.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use arc_swap::ArcSwap;
use async_trait::async_trait;
use futures::future::join_all;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::listeners::Listeners;
use crate::admin::v1::Resend;
use crate::config::{self, Config, Fingerprint};
use crate::dispatch::{ConnectorId, Dispatcher};
use crate::frontend::Room;
use crate::frontend::sqapi::broker::{self, Broker};
use crate::frontend::sqapi::metrics::Families;
use crate::frontend::sqapi::rest::Pipelines;
use crate::frontend::sqapi::settings::Mode;
use crate::frontend::sqapi::{NotStarted, Parts, Pipeline};
use crate::persistence::{Letter, Persistence};
use crate::telemetry::metrics::Metrics;

/// How long a pipeline that is replaced may go on with what it has taken;
/// what is left then is delivered again.
const REPLACED_PATIENCE: Duration = Duration::from_secs(30);

/// Every pipeline.
pub(super) struct Sqapi {
    dispatcher: Arc<Dispatcher>,
    persistence: Persistence,
    /// Where pipelines work: with the calls that they make.
    workers: Handle,
    families: Families,
    /// Those that answer over HTTP.
    served: Pipelines,
    listeners: Listeners,
    running: BTreeMap<ConnectorId, Running>,
    /// Where messages are sent again, by pipeline.
    brokers: Brokers,
    failed: mpsc::Sender<NotStarted>,
    failures: mpsc::Receiver<NotStarted>,
}

#[derive(Debug, Clone, Default)]
struct Brokers(Arc<ArcSwap<BTreeMap<String, Arc<dyn Broker>>>>);

#[async_trait]
impl Resend for Brokers {
    async fn resend(&self, pipeline: &str, letter: Letter) -> Result<(), String> {
        let broker = self.0.load().get(pipeline).cloned();
        let broker = broker.ok_or("there is no such pipeline, or it takes no messages")?;
        let sent = broker.publish(letter.into()).await;
        sent.map_err(|error| error.to_string())
    }
}

struct Running {
    broker: Option<Arc<dyn Broker>>,
    pipeline: Arc<Pipeline>,
    fingerprint: Fingerprint,
}

impl Sqapi {
    pub(super) fn new(
        dispatcher: &Arc<Dispatcher>,
        persistence: Persistence,
        workers: Handle,
        metrics: &Metrics,
    ) -> prometheus::Result<Self> {
        let served = Pipelines::default();
        let router = {
            let served = served.clone();
            move |only: Option<&ConnectorId>| served.router(only)
        };
        let (failed, failures) = mpsc::channel(1);
        Ok(Self {
            listeners: Listeners::new("sqapi", workers.clone(), router),
            families: Families::new(metrics)?,
            dispatcher: dispatcher.clone(),
            persistence,
            workers,
            served,
            running: BTreeMap::new(),
            brokers: Brokers::default(),
            failed,
            failures,
        })
    }

    /// Starts what is new or has changed, and stops what is gone. An address
    /// that cannot be bound leaves the others as they are.
    pub(super) fn update(&mut self, config: &Config) -> anyhow::Result<()> {
        let mut before = std::mem::take(&mut self.running);
        for wanted in &config.pipelines {
            let id = &wanted.settings.id;
            let same = before.remove(id);
            let same = same.filter(|running| running.fingerprint == wanted.fingerprint);
            let running = match same {
                Some(running) => running,
                None => self.start(wanted, config),
            };
            self.running.insert(id.clone(), running);
        }
        for old in before.into_values() {
            let stop = async move { old.pipeline.stop(REPLACED_PATIENCE).await };
            self.workers.spawn(stop);
        }
        let pipelines = self.running.values().map(|running| &running.pipeline);
        self.served.replace(pipelines);
        let brokers = self.running.iter().filter_map(|(id, running)| {
            let broker = running.broker.clone()?;
            Some((id.to_string(), broker))
        });
        self.brokers.0.store(Arc::new(brokers.collect()));
        let listening = self.listeners.update(listen(config));
        listening.context("cannot listen")
    }

    fn start(&self, wanted: &config::Pipeline, config: &Config) -> Running {
        let settings = &wanted.settings;
        let broker = match settings.mode {
            // Resources are served whatever the broker does.
            Mode::Api if !settings.intake.enabled => None,
            _ => Some(broker::open(
                &wanted.broker,
                &settings.id.to_string(),
                settings.limits.messages,
                &self.persistence,
                // No guest can keep it from answering there.
                &Handle::current(),
            )),
        };
        let _runtime = self.workers.enter();
        let pipeline = Pipeline::new(Parts {
            dispatcher: self.dispatcher.clone(),
            persistence: self.persistence.clone(),
            room: Room::new(
                config.host.scratch.clone(),
                settings.limits.data_bytes,
                settings.limits.spool_bytes,
            ),
            metrics: self.families.of(&settings.id),
            settings: settings.clone(),
            broker: broker.clone(),
        });
        let (running, failed) = (pipeline.clone(), self.failed.clone());
        self.workers.spawn(async move {
            if let Err(not_started) = running.run().await {
                // One reason to end is enough.
                _ = failed.try_send(not_started);
            }
        });
        Running {
            broker,
            pipeline,
            fingerprint: wanted.fingerprint,
        }
    }

    /// Sends messages again that were given up.
    pub(super) fn resend(&self) -> Arc<dyn Resend> {
        Arc::new(self.brokers.clone())
    }

    /// A connector runs another version.
    pub(super) fn changed(&self, connector: &ConnectorId) {
        for running in self.running.values() {
            let (pipeline, connector) = (running.pipeline.clone(), connector.clone());
            let restarted = async move { pipeline.restarted(&connector).await };
            self.workers.spawn(restarted);
        }
    }

    /// Tells the metrics how pipelines are; called every few seconds.
    pub(super) fn observe(&self) {
        for running in self.running.values() {
            running.pipeline.observe();
        }
    }

    /// The next pipeline that had to start and could not.
    pub(super) async fn failed(&mut self) -> anyhow::Error {
        match self.failures.recv().await {
            Some(not_started) => not_started.into(),
            // Lives as long as the sender, which is here.
            None => std::future::pending().await,
        }
    }

    /// Takes no more messages, and returns when those that were taken have
    /// come to their end. False where some were left, for the broker to
    /// deliver again.
    pub(super) async fn drain(&mut self, patience: Duration) -> bool {
        self.listeners.stop();
        let stopping = self.running.values().map(|running| {
            let pipeline = running.pipeline.clone();
            async move { pipeline.stop(patience).await }
        });
        join_all(stopping).await.into_iter().all(|ended| ended)
    }

    /// Until the last connection is closed, once drained.
    pub(super) async fn closed(&self) {
        self.listeners.closed().await;
    }
}

/// Every address on which pipelines answer, and the one to which it leads
/// alone. None is opened where there is no pipeline.
fn listen(config: &Config) -> BTreeMap<std::net::SocketAddr, Option<ConnectorId>> {
    let pipelines = config.pipelines.iter().map(|pipeline| &pipeline.settings);
    let shared = pipelines.clone().any(|settings| settings.listen.is_none());
    let shared = shared.then_some((config.host.sqapi, None));
    let own = pipelines.filter_map(|it| Some((it.listen?, Some(it.id.clone()))));
    own.chain(shared).collect()
}
