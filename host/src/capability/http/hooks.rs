//! Where the requests of a sandbox arrive.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderName, Method, Request, Response, Uri, header, request};
use http_body_util::BodyExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime_wasi_http::{
    DEFAULT_FORBIDDEN_HEADERS, Error, RequestOptions, WasiBody, WasiHttpHooks,
};

use super::Limits;
use super::body::{Incoming, Outgoing};
use super::client::Client;
use super::exchange::{Timeouts, exchange, substituted};
use super::request::{Substitution, announced_length, granted, identify};
use crate::capability::call::Context;
use crate::capability::transfer::CHUNK_BYTES_MAX;
use crate::capability::usage::{Origin, Usage};
use crate::capability::{Grants, Limit, secret};

/// Pieces of an upload that wait for the server, so that guest and network
/// work at the same time; with the size of one they bound it to 1 MiB.
const UPLOAD_CHUNKS_WAITING_MAX: usize = 4;

type Pending<T> = Box<dyn Future<Output = Result<T, Error>> + Send>;

/// Stands between `wasi:http` and the network.
pub struct Hooks {
    /// The call in progress.
    pub context: Arc<Context>,
    /// What the connector is granted.
    pub grants: Arc<Grants>,
    /// Where what is used is counted.
    pub usage: Arc<Usage>,
    /// The placeholders issued in this call.
    pub placeholders: secret::Placeholders,
    /// What the call may ask for.
    pub limits: Limits,
    /// One permit for each request that may still be opened.
    open: Arc<Semaphore>,
}

impl Hooks {
    /// Gates for the requests of one sandbox.
    pub fn new(
        context: Arc<Context>,
        grants: Arc<Grants>,
        usage: Arc<Usage>,
        limits: Limits,
    ) -> Self {
        let open_max = usize::try_from(limits.open_max).unwrap_or(usize::MAX);
        let open = Arc::new(Semaphore::new(open_max.min(Semaphore::MAX_PERMITS)));
        Self {
            context,
            grants,
            usage,
            placeholders: secret::Placeholders::default(),
            limits,
            open,
        }
    }

    /// Counts a request. A broken limit ends the call: the guest, which is
    /// only told that the request failed, is asked to end, and the dispatcher
    /// finds the limit in the context.
    fn admit(&self) -> Result<OwnedSemaphorePermit, Limit> {
        let Limits {
            requests_max,
            open_max,
            ..
        } = self.limits;
        if self.context.meter.add_request() > requests_max {
            return Err(Limit::new("http_requests", requests_max));
        }
        let permit = self.open.clone().try_acquire_owned();
        permit.map_err(|_| Limit::new("http_open", open_max))
    }

    /// Everything that is decided before the first byte leaves.
    fn prepare(
        &self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
    ) -> Result<Upstream, Error> {
        let permit = self.admit().map_err(|limit| {
            self.context.break_limit(limit);
            Error::ConnectionLimitReached
        })?;
        let (mut parts, body) = request.into_parts();
        let (place, grant) = granted(self.grants.http.all(), &parts)
            .inspect_err(|error| self.report_refusal(&parts.uri, error))?;
        let client = self.grants.http.client().ok_or(Error::HttpRequestDenied)?;
        let substitution = Substitution {
            grants: self.grants.clone(),
            context: self.context.clone(),
            placeholders: self.placeholders.clone(),
            grant: grant.clone(),
            place,
            usage: self.usage.clone(),
        };
        substitution.headers(&mut parts.headers)?;
        identify(&mut parts.headers, &self.context);
        Ok(Upstream {
            client: client.clone(),
            log: Log::new(&parts, self.context.clone()),
            origin: self.usage.request(place),
            parts,
            body,
            substitution,
            permit,
            timeouts: self.timeouts(options.unwrap_or_default(), client),
            head_bytes_max: self.limits.response_head_bytes_max,
        })
    }

    /// What the guest asks for, within what the host allows.
    fn timeouts(&self, options: RequestOptions, client: &Client) -> Timeouts {
        let within = |asked: Option<Duration>, cap: Duration| asked.map_or(cap, |it| it.min(cap));
        let limits = &self.limits;
        Timeouts {
            connect: within(options.connect_timeout, client.connect_timeout()),
            first_byte: within(options.first_byte_timeout, limits.first_byte_timeout),
            between_bytes: within(options.between_bytes_timeout, limits.between_bytes_timeout),
        }
    }

    fn report_refusal(&self, uri: &Uri, error: &Error) {
        self.usage.refuse(uri);
        tracing::info!(
            connector = %self.context.connector,
            request_id = self.context.request_id,
            host = uri.host(),
            %error,
            "request refused"
        );
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks").finish_non_exhaustive()
    }
}

impl WasiHttpHooks for Hooks {
    fn is_forbidden_header(&mut self, name: &HeaderName) -> bool {
        (self.forbidden_header_filter())(name)
    }

    fn forbidden_header_filter(&mut self) -> wasmtime_wasi_http::ForbiddenHeaderFilter {
        // `te`, too, is between us and the next hop.
        Arc::new(|name| DEFAULT_FORBIDDEN_HEADERS.contains(name) || *name == header::TE)
    }

    /// The client sets it where the protocol has it.
    fn set_host_header(&mut self) -> bool {
        false
    }

    fn p2_outgoing_body_buffer_chunks(&mut self) -> usize {
        UPLOAD_CHUNKS_WAITING_MAX
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        CHUNK_BYTES_MAX
    }

    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _received: Pending<()>,
    ) -> Pending<(Response<WasiBody>, Pending<()>)> {
        let upstream = self.prepare(request, options);
        Box::new(async {
            let response = upstream?.send().await?;
            let sent: Pending<()> = Box::new(async { Ok(()) });
            Ok((response, sent))
        })
    }
}

/// A request that has passed all gates. Dropping its future cancels it.
struct Upstream {
    client: Client,
    parts: request::Parts,
    body: WasiBody,
    substitution: Substitution,
    permit: OwnedSemaphorePermit,
    timeouts: Timeouts,
    head_bytes_max: usize,
    log: Log,
    origin: Arc<Origin>,
}

impl Upstream {
    async fn send(self) -> Result<Response<WasiBody>, Error> {
        let log = self.log.clone();
        let (usage, origin) = (self.substitution.usage.clone(), self.origin.clone());
        let response = self.receive().await;
        if matches!(response, Err(Error::DestinationIpProhibited)) {
            usage.prohibit(&origin);
        }
        log.write(&response);
        response
    }

    async fn receive(mut self) -> Result<Response<WasiBody>, Error> {
        let length = announced_length(&self.parts.headers);
        let context = self.substitution.context.clone();
        let (body, sent) = Outgoing::new(self.body, context.clone(), self.origin.clone(), length);
        let body = if self.substitution.covers_body(length) {
            substituted(body, &mut self.parts.headers, &self.substitution).await?
        } else {
            body.boxed_unsync()
        };
        let response = exchange(&self.client, self.parts, body, sent, self.timeouts).await?;
        let head_bytes = head_bytes(response.headers());
        if head_bytes > self.head_bytes_max {
            let size = u32::try_from(head_bytes).ok();
            return Err(Error::HttpResponseHeaderSectionSize(size));
        }
        let between_bytes = self.timeouts.between_bytes;
        let counted = (context, self.origin);
        Ok(response
            .map(|body| Incoming::new(body, between_bytes, counted, self.permit).boxed_unsync()))
    }
}

fn head_bytes(headers: &HeaderMap) -> usize {
    headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum()
}

/// What the log says of a request: neither headers nor query, where
/// credentials live.
#[derive(Clone)]
struct Log {
    context: Arc<Context>,
    method: Method,
    uri: Uri,
    started: Instant,
}

impl Log {
    fn new(parts: &request::Parts, context: Arc<Context>) -> Self {
        Self {
            context,
            method: parts.method.clone(),
            uri: parts.uri.clone(),
            started: Instant::now(),
        }
    }

    fn write(&self, response: &Result<Response<WasiBody>, Error>) {
        tracing::debug!(
            connector = %self.context.connector,
            request_id = self.context.request_id,
            method = %self.method,
            scheme = self.uri.scheme_str(),
            authority = self.uri.authority().map(|authority| authority.as_str()),
            path = self.uri.path(),
            status = response.as_ref().ok().map(|response| response.status().as_u16()),
            error = response.as_ref().err().map(tracing::field::display),
            duration_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX),
            "upstream request"
        );
    }
}
