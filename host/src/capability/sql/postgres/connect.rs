//! Connections to a server, and the way they are kept.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, RecyclingMethod, Runtime,
};
use tokio::sync::Semaphore;
use tokio_postgres::CancelToken;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::failure::Failure;
use crate::capability::http::tls;
use crate::capability::sql::grant::Settings;
use crate::capability::sql::target::{Server, TargetError};

/// Longest silence before a connection is asked for a sign of life, and before
/// one that gives none is given up: a server whose machine has vanished says
/// nothing any more.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// Longest that one is left within a transaction with nothing to do. Here
/// statements follow each other at once.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(60);
/// Cancellations of one database under way at one time.
const CANCELLATIONS_MAX: usize = 8;

/// At most so many connections as the grant says.
#[derive(Debug)]
pub(super) struct Connections {
    pool: deadpool_postgres::Pool,
    canceller: Canceller,
}

/// Stops statements that nobody waits for any more.
#[derive(Clone)]
pub(super) struct Canceller {
    tls: MakeRustlsConnect,
    timeout: Duration,
    places: Arc<Semaphore>,
}

impl Connections {
    pub(super) fn new(server: Server, settings: Settings) -> Result<Self, TargetError> {
        let tls = tls::plain(&server.certificates, server.verify)?;
        let tls = MakeRustlsConnect::new(tls);
        let mut config = server.config;
        config
            .connect_timeout(settings.connect_timeout)
            .keepalives_idle(SILENCE_MAX)
            .tcp_user_timeout(SILENCE_MAX);
        if config.get_application_name().is_none() {
            config.application_name("tenon");
        }
        let manager = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let manager = Manager::from_config(config, tls.clone(), manager);
        let pool = deadpool_postgres::Pool::builder(manager)
            .max_size(settings.connections_max as usize)
            .wait_timeout(Some(settings.connect_timeout))
            .create_timeout(Some(settings.connect_timeout))
            .recycle_timeout(Some(settings.connect_timeout))
            .post_create(first_words(settings.statement_timeout))
            .runtime(Runtime::Tokio1)
            .build()
            // Only a missing runtime makes it fail.
            .map_err(|_| TargetError::Url)?;
        let canceller = Canceller {
            tls,
            timeout: settings.connect_timeout,
            places: Arc::new(Semaphore::new(CANCELLATIONS_MAX)),
        };
        Ok(Self { pool, canceller })
    }

    pub(super) async fn get(&self) -> Result<Object, Failure> {
        Ok(self.pool.get().await?)
    }

    /// Has every statement prepared anew, on every connection: what has been
    /// known of a table may be wrong.
    pub(super) fn forget_statements(&self) {
        self.pool.manager().statement_caches.clear();
    }

    pub(super) fn canceller(&self) -> Canceller {
        self.canceller.clone()
    }
}

/// What a new connection is told. Not among the parameters it begins with,
/// which a connection pooler in between may refuse.
fn first_words(statement_timeout: Duration) -> Hook {
    let words = format!(
        "SET statement_timeout = {}; SET idle_in_transaction_session_timeout = {}",
        statement_timeout.as_millis(),
        IDLE_IN_TRANSACTION.as_millis()
    );
    Hook::async_fn(move |client, _| {
        let words = words.clone();
        Box::pin(async move {
            let told = client.batch_execute(&words).await;
            told.map_err(HookError::Backend)
        })
    })
}

impl Canceller {
    /// Asks the server to stop what it does for a connection. Does not wait;
    /// where too many are asked for, the server's own time limit has to do.
    pub(super) fn cancel(&self, token: CancelToken) {
        let (Ok(place), Ok(runtime)) = (
            self.places.clone().try_acquire_owned(),
            tokio::runtime::Handle::try_current(),
        ) else {
            return;
        };
        let (tls, timeout) = (self.tls.clone(), self.timeout);
        runtime.spawn(async move {
            // A server that does not answer has nothing to be stopped.
            _ = tokio::time::timeout(timeout, token.cancel_query(tls)).await;
            drop(place);
        });
    }
}

impl std::fmt::Debug for Canceller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Canceller").finish_non_exhaustive()
    }
}
