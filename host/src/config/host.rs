//! `host.toml`: what holds for the process as a whole.

mod admin;
mod catalog;
mod rds;
mod registry;
mod sqapi;

pub(super) use catalog::Catalog;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use super::limits;
use super::reading::Reading;
use super::source::{Entry, Section};
use crate::admin::Operator;
use crate::capability::http::{self, Certificates, ClientOptions, Proxy};
use crate::frontend::rds::Installation;
use crate::limits::Limits;
use crate::plugin::EngineConfig;
use crate::telemetry;

const RDS_ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
/// Where the admin listener is unless told otherwise.
pub const ADMIN_ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9090);
/// Holds two of the largest files that RDS moves.
const SPOOL_BYTES_MAX: u64 = 4 << 30;
/// What orchestrators commonly allow between SIGTERM and SIGKILL.
const DRAIN_TIMEOUT_MS: u64 = 30_000;

/// Settings of the process.
#[derive(Debug, Clone)]
pub struct Host {
    /// Where all `rds` connectors are served.
    pub rds: SocketAddr,
    /// The RDS installation that the host is part of.
    pub installation: Installation,
    /// Where OAuth servers send users back to; may be empty.
    pub redirect_uri: String,
    /// Where pipelines are served that have no listener of their own.
    pub sqapi: SocketAddr,
    /// Where health, metrics and the operators' API are served.
    pub admin: SocketAddr,
    /// Who may use that API.
    pub operators: Vec<Operator>,
    /// Logs and traces.
    pub telemetry: telemetry::Config,
    /// Where `plugin = "name"` is looked up.
    pub plugins: PathBuf,
    /// Where compiled plugins are kept.
    pub cache: PathBuf,
    /// What is admitted, and where that is kept.
    pub catalog: Catalog,
    /// The registries components come from, and whose signatures they need.
    pub registry: crate::registry::Config,
    /// Where guests' scratch files and waiting uploads live.
    pub scratch: PathBuf,
    /// Bytes of uploads that may wait for their destination to be known.
    pub spool_bytes_max: u64,
    /// What sandboxes run on.
    pub engine: EngineConfig,
    /// Threads that run calls.
    pub worker_threads: usize,
    /// How long calls may go on once the host was told to stop.
    pub drain_timeout: Duration,
    /// How connectors reach other hosts.
    pub http: ClientOptions,
    /// Limits of a connector that sets none.
    pub limits: Limits,
}

impl Host {
    pub(super) fn read(mut file: Section<'_>) -> Option<Self> {
        let reading = file.place.reading;
        let plugins = plugins(&mut file, reading);
        let (engine, worker_threads) = engine(&mut file);
        let rds = rds::read(&mut file);
        let sqapi = sqapi::read(&mut file);
        let admin = admin::read(&mut file);
        let catalog = catalog::read(&mut file, reading, plugins.1.as_deref());
        let http = http(&mut file, reading);
        let proxies = http.proxy.is_some();
        let registry = registry::read(&mut file, catalog.as_ref(), proxies);
        let host = Self {
            rds: rds.listen,
            spool_bytes_max: rds.spool_bytes_max,
            installation: rds.installation,
            redirect_uri: rds.redirect_uri,
            admin: admin.listen,
            operators: admin.operators,
            telemetry: telemetry(&mut file),
            sqapi,
            scratch: scratch(&mut file, reading),
            drain_timeout: drain_timeout(&mut file),
            http,
            limits: limits::of_connector(file.section("limits"), &Limits::default()),
            plugins: plugins.0,
            cache: plugins.1?,
            catalog: catalog?,
            registry,
            engine,
            worker_threads,
        };
        let listeners = [
            ("rds", host.rds),
            ("admin", host.admin),
            ("sqapi", host.sqapi),
        ];
        for (index, (name, address)) in listeners.iter().enumerate() {
            // Port 0 is a new port each time.
            let mut before = listeners.iter().take(index).filter(|_| address.port() != 0);
            if let Some((other, _)) = before.find(|(_, other)| other == address) {
                file.place
                    .problem(format_args!("{other} and {name} share a listener"));
            }
        }
        reading.watch(&host.plugins);
        Some(host)
    }

    /// What differs in `new` and cannot change while the host runs.
    pub fn needs_restart(&self, new: &Self) -> Vec<&'static str> {
        let shown = |settings: &dyn std::fmt::Debug| format!("{settings:?}");
        let differs = [
            ("rds.listen", self.rds != new.rds),
            (
                "rds.spool_bytes_max",
                self.spool_bytes_max != new.spool_bytes_max,
            ),
            (
                "rds.token_storage, rds.port_service, rds.registration or rds.lookup",
                self.installation != new.installation,
            ),
            (
                "http, for registration and look-up,",
                shown(&self.http) != shown(&new.http)
                    || self.http.certificates.extra != new.http.certificates.extra,
            ),
            (
                "scratch.directory, for waiting uploads,",
                self.scratch != new.scratch,
            ),
            ("sqapi.listen", self.sqapi != new.sqapi),
            ("admin.listen", self.admin != new.admin),
            ("telemetry", shown(&self.telemetry) != shown(&new.telemetry)),
            ("plugins.cache", self.cache != new.cache),
            (
                "persistence, retention or admission",
                !self.catalog.is_same(&new.catalog),
            ),
            ("registries or signatures", self.registry != new.registry),
            ("engine", shown(&self.engine) != shown(&new.engine)),
            (
                "engine.worker_threads",
                self.worker_threads != new.worker_threads,
            ),
        ];
        let differs = differs.into_iter().filter(|(_, differs)| *differs);
        differs.map(|(key, _)| key).collect()
    }

    /// Puts back what the running host keeps until it is restarted.
    pub fn keep_until_restart(&mut self, running: Self) {
        self.rds = running.rds;
        self.spool_bytes_max = running.spool_bytes_max;
        self.installation = running.installation;
        self.sqapi = running.sqapi;
        self.admin = running.admin;
        self.telemetry = running.telemetry;
        self.cache = running.cache;
        self.catalog = running.catalog;
        self.registry = running.registry;
        self.engine = running.engine;
        self.worker_threads = running.worker_threads;
    }
}

fn listen(section: Option<&mut Section<'_>>) -> Option<SocketAddr> {
    section?.form("listen")
}

fn telemetry(file: &mut Section<'_>) -> telemetry::Config {
    let mut config = telemetry::Config::default();
    let Some(mut section) = file.section("telemetry") else {
        return config;
    };
    if let Some(log) = section.form("log") {
        config.log = log;
    }
    if let Some(format) = section.form("format") {
        config.format = format;
    }
    if let Some(mut otlp) = section.section("otlp") {
        config.otlp = otlp.form("endpoint");
    }
    config
}

fn plugins(file: &mut Section<'_>, reading: Reading<'_>) -> (PathBuf, Option<PathBuf>) {
    let mut section = file.section("plugins");
    let mut text = |key| section.as_mut().and_then(|section| section.text(key));
    let directory = text("directory").unwrap_or_else(|| "plugins".to_owned());
    let cache = match text("cache").filter(|path| !path.is_empty()) {
        Some(path) => Some(reading.path(&path)),
        None => state_directory(reading).map(|state| state.join("cache")),
    };
    if cache.is_none() {
        let message =
            "plugins.cache: missing, and neither STATE_DIRECTORY, XDG_STATE_HOME nor HOME is set";
        reading.problem("host.toml", message);
    }
    (reading.path(&directory), cache)
}

/// Where a service, or else a user's program, keeps what outlives it.
fn state_directory(reading: Reading<'_>) -> Option<PathBuf> {
    let variable = |name| reading.variable(name).map(PathBuf::from);
    variable("STATE_DIRECTORY")
        .or_else(|| Some(variable("XDG_STATE_HOME")?.join("tenon")))
        .or_else(|| Some(variable("HOME")?.join(".local/state/tenon")))
}

fn engine(file: &mut Section<'_>) -> (EngineConfig, usize) {
    let mut engine = EngineConfig::default();
    let mut threads = std::thread::available_parallelism().map_or(1, usize::from);
    if let Some(mut section) = file.section("engine") {
        section.set("sandboxes_max", &mut engine.sandboxes_max);
        section.set("worker_threads", &mut threads);
        if let Some(tick_ms) = section.count("tick_ms") {
            engine.tick = Duration::from_millis(tick_ms);
        }
        if let Some(unload_after_ms) = section.count("unload_after_ms") {
            engine.unload_after = Duration::from_millis(unload_after_ms);
        }
    }
    (engine, threads)
}

fn scratch(file: &mut Section<'_>, reading: Reading<'_>) -> PathBuf {
    let Some(mut section) = file.section("scratch") else {
        return std::env::temp_dir();
    };
    let Some(entry) = section.take("directory") else {
        return std::env::temp_dir();
    };
    let place = entry.place.clone();
    let path = entry
        .text()
        .map(|path| reading.path(&path))
        .unwrap_or_default();
    if !path.is_dir() {
        place.problem(format_args!("no directory {}", path.display()));
    }
    path
}

fn drain_timeout(file: &mut Section<'_>) -> Duration {
    let mut timeout_ms = DRAIN_TIMEOUT_MS;
    if let Some(mut section) = file.section("drain") {
        section.set("timeout_ms", &mut timeout_ms);
    }
    Duration::from_millis(timeout_ms)
}

fn http(file: &mut Section<'_>, reading: Reading<'_>) -> ClientOptions {
    let mut options = ClientOptions {
        proxy: Proxy::from_variables(reading.environment),
        ..ClientOptions::default()
    };
    let Some(mut section) = file.section("http") else {
        return options;
    };
    if let Some(entry) = section.take("proxy") {
        let place = entry.place.clone();
        match entry.text().as_deref() {
            None | Some("environment") => {}
            Some("none") => options.proxy = Proxy::none(),
            Some(_) => place.problem("expected `environment` or `none`"),
        }
    }
    options.certificates = certificates(&mut section, reading);
    if let Some(verify) = section.take("verify_tls").and_then(Entry::boolean) {
        options.verify_tls = verify;
    }
    // Builds a client once, so that settings nobody can use show up here.
    section.place.check(http::Grants::new(Vec::new(), &options));
    options
}

fn certificates(section: &mut Section<'_>, reading: Reading<'_>) -> Certificates {
    let mut certificates = Certificates::default();
    if let Some(only) = section.get("ca_only") {
        certificates.only_extra = only;
    }
    if let Some(entry) = section.take("ca") {
        let place = entry.place.clone();
        let path = entry.text().filter(|path| !path.is_empty());
        if let Some(path) = path.map(|path| reading.path(&path)) {
            reading.watch(path.parent().unwrap_or(&path));
            let read = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()));
            certificates.extra = place.check(read).unwrap_or_default();
        }
    }
    certificates
}
