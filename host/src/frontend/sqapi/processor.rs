//! One processor of a pipeline: what it takes, and how it is called.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use tokio::sync::Semaphore;

use super::fate::Trouble;
use super::mime::MediaRange;
use super::settings;
use crate::dispatch::processor::{Accepts, Execute, Initialize};
use crate::dispatch::rest::{Route, Routes};
use crate::dispatch::{Call, Dispatcher, Outcome, Role, database};

/// A processor, ready to be started.
#[derive(Debug)]
pub(super) struct Processor {
    settings: settings::Processor,
    slots: Semaphore,
    /// None until it has been started.
    started: ArcSwapOption<Started>,
}

/// What a processor said of itself when it was started.
#[derive(Debug)]
pub(super) struct Started {
    /// All where it is empty.
    accepts: Vec<MediaRange>,
    /// Its HTTP resources.
    pub(super) routes: Vec<Route>,
}

impl Processor {
    pub(super) fn new(settings: settings::Processor) -> Self {
        Self {
            slots: Semaphore::new(settings.concurrency as usize),
            started: ArcSwapOption::empty(),
            settings,
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.settings.name
    }

    pub(super) fn connector(&self) -> &crate::dispatch::ConnectorId {
        &self.settings.connector
    }

    /// Whether it takes this media type, as far as is known.
    pub(super) fn takes(&self, media_type: &str) -> bool {
        let takes = |accepts: &[MediaRange]| {
            accepts.is_empty() || accepts.iter().any(|range| range.holds(media_type))
        };
        match (&*self.started.load(), &self.settings.accepts) {
            (Some(started), _) => takes(&started.accepts),
            (None, Some(accepts)) => takes(accepts),
            (None, None) => true,
        }
    }

    pub(super) fn started(&self) -> Option<Arc<Started>> {
        self.started.load_full()
    }

    /// Asks it what it takes and offers, and has it make what it needs. `api`
    /// leaves out what only messages need.
    pub(super) async fn start(&self, dispatcher: &Dispatcher, api: bool) -> Result<(), Trouble> {
        let call = || Call::of_host(self.settings.connector.clone(), "start");
        let routes = match self.offers(dispatcher, Role::Rest)? {
            true => dispatcher.call(call(), Routes).await?,
            false => Vec::new(),
        };
        // Its resources read what it stores.
        if let Some(init) = &self.settings.init {
            let call = Call::of_host(init.database.clone(), "start");
            let script = database::Execute {
                script: init.script.clone(),
                parameters: database::NO_PARAMETERS.into(),
            };
            let done = dispatcher.call(call, script).await;
            done.map_err(|error| {
                let mut trouble = Trouble::from(error);
                trouble.info = format!("{}: {}", init.file, trouble.info);
                trouble
            })?;
        }
        if self.offers(dispatcher, Role::Processor)? {
            dispatcher.call(call(), Initialize).await?;
        } else if !api {
            let reason = "the connector does not offer `processor`";
            return Err(Trouble::new(Outcome::Unsupported, reason));
        }
        let accepts = match (&self.settings.accepts, api) {
            (Some(accepts), _) => accepts.clone(),
            (None, true) => Vec::new(),
            (None, false) => ranges(&dispatcher.call(call(), Accepts).await?)?,
        };
        let started = Started { accepts, routes };
        self.started.store(Some(Arc::new(started)));
        Ok(())
    }

    fn offers(&self, dispatcher: &Dispatcher, role: Role) -> Result<bool, Trouble> {
        let connector = dispatcher.connector(&self.settings.connector);
        let active = connector.and_then(|connector| connector.active());
        let inactive = || Trouble::new(Outcome::Unavailable, "nothing is activated yet");
        Ok(active.ok_or_else(inactive)?.offers(role))
    }

    /// Has it look at an object. A failure that may come of another message in
    /// the same sandbox is looked into with one of its own.
    pub(super) async fn execute(
        &self,
        dispatcher: &Dispatcher,
        call: impl Fn(crate::dispatch::ConnectorId) -> Call,
        execute: Execute,
    ) -> Result<Option<String>, Trouble> {
        if self.started.load().is_none() {
            let waiting = "the processor has not started yet";
            return Err(Trouble::new(Outcome::Unavailable, waiting));
        }
        // The semaphore is never closed.
        let _slot = self.slots.acquire().await;
        let connector = || self.settings.connector.clone();
        let together = dispatcher.call(call(connector()), execute.clone()).await;
        match together {
            Err(error) if error.is_of_shared_sandbox() => {
                let alone = call(connector()).alone();
                Ok(dispatcher.call(alone, execute).await?)
            }
            ended => Ok(ended?),
        }
    }
}

fn ranges(texts: &[String]) -> Result<Vec<MediaRange>, Trouble> {
    let ranges = texts.iter().map(|text| text.parse());
    ranges
        .collect::<Result<_, _>>()
        .map_err(|error: super::mime::MediaRangeError| {
            let info = format!("the plugin broke its contract: {error}");
            Trouble::new(Outcome::Internal, info)
        })
}
