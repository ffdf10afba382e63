//! The HTTP client of one connector.
//!
//! hyper's client rather than one built on the WHATWG URL type: that type
//! resolves `..` and `%2e` and rewrites characters, while a server must see
//! the path exactly as the guest has encoded it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Request, Uri, header};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use wasmtime_wasi_http::WasiBody;

use super::connect::{Connector, Outlet};
use super::grant::Grant;
use super::options::{ClientError, ClientOptions, Proxy};
use super::tls;
use crate::capability::transfer::CHUNK_BYTES_MAX;

/// Largest head of an HTTP/2 response, as announced to servers.
const HTTP2_HEAD_BYTES_MAX: u32 = 64 * 1024;

/// Connects and keeps connections. Cloning is cheap and shares them.
#[derive(Clone)]
pub(super) struct Client {
    pool: legacy::Client<Connector, WasiBody>,
    proxies: Arc<Matcher>,
    connect_timeout: Duration,
}

impl Client {
    pub(super) fn new(
        grants: Arc<[Arc<Grant>]>,
        options: &ClientOptions,
    ) -> Result<Self, ClientError> {
        let proxies = Arc::new(proxies(&options.proxy)?);
        let secure = grants.iter().any(|grant| grant.origin.is_https());
        let outlet = Outlet {
            grants,
            proxies: proxies.clone(),
            timeout: options.connect_timeout,
        };
        let tls = tls::config(options, secure)?;
        let connector = Connector {
            secured: HttpsConnector::from((outlet, tls)),
            timeout: options.connect_timeout,
        };
        let pool = legacy::Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(options.idle_timeout)
            .pool_max_idle_per_host(options.idle_max)
            // The most that one read can hand to a guest's stream.
            .http1_max_buf_size(CHUNK_BYTES_MAX)
            .http2_max_header_list_size(HTTP2_HEAD_BYTES_MAX)
            .build(connector);
        Ok(Self {
            pool,
            proxies,
            connect_timeout: options.connect_timeout,
        })
    }

    pub(super) fn connect_timeout(&self) -> Duration {
        self.connect_timeout
    }

    pub(super) fn send(&self, mut request: Request<WasiBody>) -> legacy::ResponseFuture {
        if let Some(credentials) = self.proxy_credentials(request.uri()) {
            let headers = request.headers_mut();
            headers.insert(header::PROXY_AUTHORIZATION, credentials);
        }
        self.pool.request(request)
    }

    /// For the proxy that forwards a request. A tunnel asks for its own.
    fn proxy_credentials(&self, uri: &Uri) -> Option<HeaderValue> {
        if uri.scheme_str() != Some("http") {
            return None;
        }
        self.proxies.intercept(uri)?.basic_auth().cloned()
    }
}

fn proxies(proxy: &Proxy) -> Result<Matcher, ClientError> {
    let variables = [
        ("HTTP_PROXY", &proxy.http),
        ("HTTPS_PROXY", &proxy.https),
        ("ALL_PROXY", &proxy.all),
    ];
    for (name, value) in variables {
        let scheme = value.split_once("://").map(|(scheme, _)| scheme);
        if scheme.is_some_and(|scheme| !scheme.eq_ignore_ascii_case("http")) {
            return Err(ClientError::Proxy(name));
        }
    }
    Ok(Matcher::builder()
        .http(proxy.http.as_str())
        .https(proxy.https.as_str())
        .all(proxy.all.as_str())
        .no(proxy.none_for.as_str())
        .build())
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}
