//! Stores of Redis and what speaks its protocol.
//!
//! One connection serves all calls: commands go out as they come, and answers
//! come back in the same order. It is made anew when it breaks.

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{
    AsyncCommands as _, Client, ConnectionAddr, ConnectionInfo, ErrorKind, IntoConnectionInfo as _,
    RedisConnectionInfo, RedisError, ServerErrorKind, TlsCertificates,
};
use rustls_native_certs::load_native_certs;
use secrecy::ExposeSecret as _;
use tokio::sync::OnceCell;

use super::grant::Settings;
use super::target::{Redis, TargetError};
use super::{Refusal, Result, Value, too_large};

/// Attempts to connect before a call is told that the store is down. The next
/// call tries again.
const ATTEMPTS: usize = 2;
/// Waits between two attempts, at most.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(100);
/// Fields of a hash that are asked for at once.
const FIELDS: usize = 500;
/// Commands under way at one time; who finds no place waits.
const COMMANDS_MAX: usize = 256;

/// One database of a server.
pub(super) struct Store {
    client: Client,
    config: ConnectionManagerConfig,
    connection: OnceCell<ConnectionManager>,
}

impl Store {
    pub(super) fn new(
        server: &Redis,
        settings: &Settings,
    ) -> std::result::Result<Self, TargetError> {
        let client =
            client(server).map_err(|error| TargetError::Certificates(error.to_string()))?;
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(ATTEMPTS - 1)
            .set_max_delay(PAUSE)
            .set_concurrency_limit(COMMANDS_MAX)
            .set_connection_timeout(Some(settings.timeout))
            .set_response_timeout(Some(settings.timeout));
        Ok(Self {
            client,
            config,
            connection: OnceCell::new(),
        })
    }

    async fn connection(&self) -> std::result::Result<ConnectionManager, RedisError> {
        let open = || async {
            ConnectionManager::new_lazy_with_config(self.client.clone(), self.config.clone())
        };
        self.connection.get_or_try_init(open).await.cloned()
    }

    pub(super) async fn get(&self, name: &str, key: &str, bytes_max: u64) -> Result<Option<Value>> {
        let failed = |error: RedisError| refusal(&error, name);
        let mut connection = self.connection().await.map_err(failed)?;
        // One byte more than is allowed, so that too much of it shows without
        // being sent.
        let end = isize::try_from(bytes_max).unwrap_or(isize::MAX);
        let found: std::result::Result<Vec<u8>, _> = connection.getrange(key, 0, end).await;
        match found {
            Ok(bytes) if bytes.len() as u64 > bytes_max => Err(too_large(bytes_max).into()),
            Ok(bytes) if !bytes.is_empty() => Ok(Some(Value::Bytes(bytes))),
            Ok(empty) => {
                // Read like this, a key that is missing is an empty text.
                let is_there: bool = connection.exists(key).await.map_err(failed)?;
                Ok(is_there.then_some(Value::Bytes(empty)))
            }
            Err(error) if error.code() == Some("WRONGTYPE") => {
                self.get_other(&mut connection, name, key, bytes_max).await
            }
            Err(error) => Err(failed(error)),
        }
    }

    async fn get_other(
        &self,
        connection: &mut ConnectionManager,
        name: &str,
        key: &str,
        bytes_max: u64,
    ) -> Result<Option<Value>> {
        let failed = |error: RedisError| refusal(&error, name);
        let kind: String = redis::cmd("TYPE")
            .arg(key)
            .query_async(connection)
            .await
            .map_err(failed)?;
        match kind.as_str() {
            "hash" => {}
            // Gone, or replaced, between the two questions.
            "none" => return Ok(None),
            "string" => {
                return Err(Refusal::unavailable(
                    "the value was replaced meanwhile",
                    name,
                ));
            }
            other => {
                let message = format!("the value is a {other}, neither a string nor a hash");
                return Err(Refusal::unsupported(message, key));
            }
        }
        let mut fields = std::collections::BTreeMap::new();
        let mut bytes = 0;
        let mut cursor = 0_u64;
        loop {
            let (next, page): (u64, Vec<(String, Vec<u8>)>) = redis::cmd("HSCAN")
                .arg(key)
                .arg(cursor)
                .arg("COUNT")
                .arg(FIELDS)
                .query_async(connection)
                .await
                .map_err(failed)?;
            for (field, value) in page {
                bytes += (field.len() + value.len()) as u64;
                // A field may be met twice.
                fields.insert(field, value);
            }
            if bytes > bytes_max {
                return Err(too_large(bytes_max).into());
            }
            cursor = next;
            if cursor == 0 {
                break;
            }
        }
        let is_gone = fields.is_empty();
        Ok((!is_gone).then(|| Value::Hash(fields.into_iter().collect())))
    }

    pub(super) async fn set(&self, name: &str, key: &str, value: &Value) -> Result<()> {
        let failed = |error: RedisError| refusal(&error, name);
        let mut connection = self.connection().await.map_err(failed)?;
        let stored: std::result::Result<(), _> = match value {
            Value::Bytes(bytes) => connection.set(key, bytes).await,
            Value::Hash(fields) => {
                redis::pipe()
                    .atomic()
                    .del(key)
                    .ignore()
                    .hset_multiple(key, fields)
                    .ignore()
                    .query_async(&mut connection)
                    .await
            }
        };
        stored.map_err(failed)
    }

    pub(super) async fn delete(&self, name: &str, key: &str) -> Result<()> {
        let failed = |error: RedisError| refusal(&error, name);
        let mut connection = self.connection().await.map_err(failed)?;
        let deleted: std::result::Result<(), _> = connection.del(key).await;
        deleted.map_err(failed)
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

fn client(server: &Redis) -> std::result::Result<Client, RedisError> {
    let mut login = RedisConnectionInfo::default()
        .set_db(server.database.into())
        // What not every server that speaks the protocol understands.
        .set_skip_set_lib_name();
    if let Some(username) = &server.username {
        login = login.set_username(username);
    }
    if let Some(password) = &server.password {
        login = login.set_password(password.expose_secret());
    }
    let (host, port) = (server.host.clone(), server.port);
    let address = match server.tls {
        false => ConnectionAddr::Tcp(host, port),
        true => ConnectionAddr::TcpTls {
            host,
            port,
            insecure: false,
            tls_params: None,
        },
    };
    let info: ConnectionInfo = address.into_connection_info()?.set_redis_settings(login);
    if !server.tls || server.certificates.extra.is_empty() {
        return Client::open(info);
    }
    // The library takes either the platform's authorities or these.
    let mut authorities = server.certificates.extra.clone();
    if !server.certificates.only_extra {
        for certificate in load_native_certs().certs {
            authorities.extend_from_slice(pem(&certificate).as_bytes());
        }
    }
    let certificates = TlsCertificates {
        client_tls: None,
        root_cert: Some(authorities),
    };
    Client::build_with_tls(info, certificates)
}

fn pem(certificate: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(certificate);
    format!("\n-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
}

fn refusal(error: &RedisError, name: &str) -> Refusal {
    let detail = || error.detail().unwrap_or_default().to_owned();
    match (error.kind(), error.code()) {
        (ErrorKind::AuthenticationFailed, _) | (_, Some("NOAUTH" | "WRONGPASS")) => rejected(name),
        // The same, when a connection begins: the library leaves out the code.
        (ErrorKind::Server(ServerErrorKind::ResponseError), _)
            if detail().starts_with("Authentication required") =>
        {
            rejected(name)
        }
        (ErrorKind::Server(ServerErrorKind::NoPerm), _) => Refusal::denied(detail(), name),
        (ErrorKind::Server(ServerErrorKind::ResponseError), _) => Refusal::invalid(detail(), name),
        // Loading, failing over, out of memory: each ends by itself.
        (ErrorKind::Server(_) | ErrorKind::Extension, _) => {
            let message = format!("{} {}", error.code().unwrap_or_default(), detail());
            Refusal::unavailable(message.trim(), name)
        }
        (ErrorKind::Parse | ErrorKind::UnexpectedReturnType, _) => {
            Refusal::unavailable("the store answers with something else", name)
        }
        _ if error.is_timeout() => Refusal::unavailable("the store does not answer in time", name),
        _ => {
            tracing::debug!(%error, store = name, "a store of Redis cannot be used");
            Refusal::unavailable("the store cannot be reached", name)
        }
    }
}

fn rejected(name: &str) -> Refusal {
    Refusal::rejected("the store does not take the grant's credential", name)
}
