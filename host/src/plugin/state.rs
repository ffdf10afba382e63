//! What a sandbox holds on the host's side: one field per capability, and the
//! one line each that links it.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use wasmtime::component::{Linker, ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::p2::body::HostOutgoingBody;
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::Profile;
use super::cpu::CpuMeter;
use super::limiter::Limiter;
use crate::bindings;
use crate::capability::call::{Context, Interface};
use crate::capability::log::stdio;
use crate::capability::usage::Usage;
use crate::capability::{
    Grants, call, config, database, files, http, kv, log, scratch, secret, sql, transfer,
};
use crate::limits::Limits;

/// What every sandbox of a connector is given.
#[derive(Debug)]
pub struct Settings {
    /// What the plugin may reach.
    pub grants: Arc<Grants>,
    /// The connector's configuration table.
    pub config: config::Values,
    /// What the plugin may use.
    pub limits: Arc<Limits>,
    /// What it really uses, over all its versions.
    pub usage: Arc<Usage>,
}

/// The host's side of one sandbox.
pub(super) struct State {
    pub(super) context: Arc<Context>,
    pub(super) cpu: Arc<CpuMeter>,
    pub(super) limiter: Limiter,
    pub(super) table: ResourceTable,
    settings: Arc<Settings>,
    wasi: WasiCtx,
    stdio: Arc<stdio::Target>,
    http: http::Ctx,
    /// Bytes in scratch files.
    scratch: Arc<AtomicU64>,
    /// Whether the operation returned; anything else breaks open transfers.
    settled: bool,
}

impl State {
    pub(super) fn new(
        settings: Arc<Settings>,
        profile: Profile,
        context: Arc<Context>,
        cpu: Arc<CpuMeter>,
    ) -> Self {
        let limits = &settings.limits;
        let stdio = Arc::new(stdio::Target::new(context.clone(), limits.log_bytes));
        let mut table = ResourceTable::new();
        table.set_max_capacity(limits.handles as usize);
        Self {
            limiter: Limiter::new(limits, profile),
            wasi: powerless(&stdio, limits),
            http: http::Ctx {
                wasi: WasiHttpCtx::new(),
                hooks: http::Hooks::new(
                    context.clone(),
                    settings.grants.clone(),
                    settings.usage.clone(),
                    of_http(limits),
                ),
            },
            scratch: Arc::default(),
            settled: true,
            context,
            cpu,
            table,
            settings,
            stdio,
        }
    }

    /// Prepares for an operation of `context`.
    pub(super) fn begin(&mut self, context: Arc<Context>, cpu: Arc<CpuMeter>) {
        if !Arc::ptr_eq(&self.context, &context) {
            self.stdio.set(context.clone());
            self.http.hooks.context = context.clone();
            self.http.hooks.placeholders.clear();
            self.context = context;
            self.cpu = cpu;
        }
        self.settled = false;
    }

    /// The operation returned. Whether everything it began has ended: an
    /// outgoing body that the guest neither finished nor dropped would end as
    /// if it were whole once its handle vanishes.
    pub(super) fn settle(&mut self) -> bool {
        let unfinished = self
            .table
            .iter_mut()
            .any(|entry| entry.is::<HostOutgoingBody>());
        self.settled = !unfinished;
        self.settled
    }

    /// Handles the guest still holds.
    pub(super) fn handles(&mut self) -> usize {
        self.table.iter_mut().count()
    }
}

impl Drop for State {
    /// Runs before the table's entries go, whose bodies would end cleanly.
    fn drop(&mut self) {
        if !self.settled {
            self.context.abort();
        }
    }
}

fn of_http(limits: &Limits) -> http::Limits {
    http::Limits {
        requests_max: limits.http_requests,
        open_max: limits.http_open,
        first_byte_timeout: Duration::from_millis(limits.first_byte_ms),
        between_bytes_timeout: Duration::from_millis(limits.progress_window_ms),
        ..http::Limits::default()
    }
}

/// The base set that every guest with a standard library needs. It gives no
/// access: no arguments, no environment, no directories, no sockets.
fn powerless(stdio: &Arc<stdio::Target>, limits: &Limits) -> WasiCtx {
    WasiCtxBuilder::new()
        .stdout(stdio::Output::stdout(stdio.clone()))
        .stderr(stdio::Output::stderr(stdio.clone()))
        .max_random_size(limits.random_bytes)
        .allow_tcp(false)
        .allow_udp(false)
        .allow_ip_name_lookup(false)
        .build()
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        self.context.meter.count(Interface::Wasi);
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        self.context.meter.count(Interface::Http);
        WasiHttpCtxView {
            ctx: &mut self.http.wasi,
            table: &mut self.table,
            hooks: &mut self.http.hooks,
        }
    }
}

/// A linker with every capability. What a connector may do with them is for
/// its grants to say, at run time: a linker per connector would cost more
/// memory than an idle connector may.
pub(super) fn linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::<State>::new(engine);
    // The base set.
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    // Each host call asks for its view once, so it is counted here; capabilities
    // that can refuse count for themselves, since a refusal asks for the view again.
    bindings::call::add_to_linker::<_, call::Capability>(&mut linker, |state| {
        state.context.meter.count(Interface::Call);
        call::View {
            context: &state.context,
            table: &mut state.table,
        }
    })?;
    bindings::transfer::add_to_linker::<_, transfer::Capability>(&mut linker, |state| {
        state.context.meter.count(Interface::Transfer);
        transfer::View {
            table: &mut state.table,
            memory_bytes_max: state.settings.limits.memory_bytes,
        }
    })?;
    bindings::config::add_to_linker::<_, config::Capability>(&mut linker, |state| {
        state.context.meter.count(Interface::Config);
        config::View {
            values: &state.settings.config,
            usage: &state.settings.usage,
        }
    })?;
    bindings::secret::add_to_linker::<_, secret::Capability>(&mut linker, |state| secret::View {
        context: &state.context,
        grants: &state.settings.grants,
        placeholders: &mut state.http.hooks.placeholders,
        usage: &state.settings.usage,
    })?;
    bindings::log::add_to_linker::<_, log::Capability>(&mut linker, |state| {
        state.context.meter.count(Interface::Log);
        log::View {
            context: &state.context,
            bytes_max: state.settings.limits.log_bytes,
        }
    })?;
    bindings::files::add_to_linker::<_, files::Capability>(&mut linker, |state| files::View {
        context: &state.context,
        grants: &state.settings.grants.files,
        usage: &state.settings.usage,
        table: &mut state.table,
    })?;
    bindings::scratch::add_to_linker::<_, scratch::Capability>(&mut linker, |state| {
        scratch::View {
            context: &state.context,
            grant: state.settings.grants.scratch.as_ref(),
            usage: &state.settings.usage,
            used: &state.scratch,
            table: &mut state.table,
        }
    })?;
    add_stores(&mut linker)?;
    Ok(linker)
}

/// What keeps rows and values for guests.
fn add_stores(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    bindings::sql::add_to_linker::<_, sql::Capability>(linker, |state| sql::View {
        context: &state.context,
        grants: &state.settings.grants.sql,
        usage: &state.settings.usage,
        result_bytes_max: state.settings.limits.sql_result_bytes,
    })?;
    bindings::kv::add_to_linker::<_, kv::Capability>(linker, |state| kv::View {
        context: &state.context,
        grants: &state.settings.grants.kv,
        usage: &state.settings.usage,
        value_bytes_max: state.settings.limits.kv_value_bytes,
    })?;
    bindings::database::add_to_linker::<_, database::Capability>(linker, |state| database::View {
        context: &state.context,
        grant: state.settings.grants.database.as_ref(),
        usage: &state.settings.usage,
    })
}

#[cfg(test)]
mod tests {
    use wasmtime_wasi::p2::bindings::sockets::network::IpAddressFamily;
    use wasmtime_wasi::p2::bindings::sockets::tcp_create_socket::Host as _;
    use wasmtime_wasi::p2::bindings::sockets::udp_create_socket::Host as _;
    use wasmtime_wasi::sockets::WasiSocketsView as _;

    use super::*;
    use crate::plugin::{Engine, EngineConfig};

    #[tokio::test]
    async fn no_guest_gets_a_socket() {
        let (grants, config) = (Arc::<Grants>::default(), Arc::default());
        let settings = Arc::new(Settings {
            usage: Usage::new(&grants, &config),
            grants,
            config,
            limits: Arc::new(Limits::default()),
        });
        let engine = Engine::new(&EngineConfig::default()).unwrap();
        let cpu = engine.cpu_meter(Duration::from_secs(1));
        let context = Arc::new(Context::new("test".to_owned(), "c".into()));
        let mut state = State::new(settings, Profile::OnDemand, context, cpu);
        for family in [IpAddressFamily::Ipv4, IpAddressFamily::Ipv6] {
            assert!(state.sockets().create_tcp_socket(family).is_err());
            assert!(state.sockets().create_udp_socket(family).await.is_err());
        }
    }
}
