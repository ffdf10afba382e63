//! Wasmtime's engines, one per profile, and the thread that drives their
//! epochs.
//!
//! Most plugins are small and get slots of a pool, which makes a fresh sandbox
//! cheap. Components that bring a whole language runtime do not fit such a
//! slot; they run on demand, at a higher price.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use wasmtime::component::Linker;
use wasmtime::{Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};

use super::cpu::{Clock, CpuMeter};
use super::manifest::Manifest;
use super::state::State;

/// Largest linear memory of a pooled sandbox. A hard bound below which a
/// connector's `memory-bytes` counts.
const POOLED_MEMORY_BYTES_MAX: usize = 64 << 20;
/// Memory that a free slot keeps mapped: covers what a plugin linked with the
/// SDK's flags touches, so that recycling a slot is a `memset` and no system
/// call, and scales over cores.
const KEEP_RESIDENT_BYTES: usize = 512 << 10;
/// The same for tables and fiber stacks.
const KEEP_RESIDENT_SMALL_BYTES: usize = 16 << 10;
/// Core instances of one component in a pooled sandbox; a component built
/// with the preview-1 adapter needs about five.
const POOLED_CORE_INSTANCES_MAX: u32 = 16;
const POOLED_TABLES_MAX: u32 = 4;
const POOLED_TABLE_ELEMENTS_MAX: usize = 20_000;
const COMPONENT_INSTANCE_BYTES_MAX: usize = 1 << 20;
/// Stack a guest may use. Host calls run on the same fiber and need the rest.
const WASM_STACK_BYTES_MAX: usize = 512 << 10;
const FIBER_STACK_BYTES: usize = 1 << 20;

/// How sandboxes of a plugin are allocated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// In a slot of a pool: small plugins.
    Pooled,
    /// Memory and tables mapped for each sandbox: large language runtimes.
    OnDemand,
}

impl Profile {
    /// Both, the cheaper one first.
    pub const ALL: [Self; 2] = [Self::Pooled, Self::OnDemand];

    /// The name used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pooled => "pooled",
            Self::OnDemand => "on-demand",
        }
    }

    /// The profile a component fits.
    pub fn of(manifest: &Manifest) -> Self {
        let (memory, instances) = (manifest.memory_bytes_min, manifest.core_instances);
        Self::of_start(memory, instances, manifest.table_elements_min)
    }

    /// The profile for what a component begins with.
    pub(super) fn of_start(memory_bytes: u64, core_instances: usize, table_elements: u64) -> Self {
        match Self::excess(memory_bytes, core_instances, table_elements) {
            None => Self::Pooled,
            Some(_) => Self::OnDemand,
        }
    }

    /// What of a component is too large for a slot of the pool, if anything is.
    pub fn too_large_for_a_slot(manifest: &Manifest) -> Option<String> {
        let (memory, instances) = (manifest.memory_bytes_min, manifest.core_instances);
        Self::excess(memory, instances, manifest.table_elements_min)
    }

    fn excess(memory_bytes: u64, core_instances: usize, table_elements: u64) -> Option<String> {
        let memory_max = POOLED_MEMORY_BYTES_MAX as u64;
        let elements_max = POOLED_TABLE_ELEMENTS_MAX as u64;
        let instances_max = u64::from(POOLED_CORE_INSTANCES_MAX);
        let sizes = [
            ("bytes of memory", memory_bytes, memory_max),
            ("core instances", core_instances as u64, instances_max),
            ("table elements", table_elements, elements_max),
        ];
        let (what, has, max) = sizes.into_iter().find(|(_, has, max)| has > max)?;
        Some(format!("{has} {what}, and a slot has room for {max}"))
    }

    /// Linear memory one sandbox can have, whatever its limits allow.
    pub(super) fn memory_bytes_max(self) -> u64 {
        match self {
            Self::Pooled => POOLED_MEMORY_BYTES_MAX as u64,
            Self::OnDemand => u64::MAX,
        }
    }
}

/// Settings of the engines.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Sandboxes that may exist at once in the pooled profile.
    pub sandboxes_max: u32,
    /// Period of the epoch ticks, the unit in which CPU time is counted.
    pub tick: Duration,
    /// Whether a trap knows where in the file it happened. Costs memory for
    /// every component, and helps only who writes it.
    pub locate_traps: bool,
    /// How long nobody calls a component before its memory is given back.
    pub unload_after: Duration,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            // Four memory mappings a sandbox: far below Linux's default of
            // 65,530 for a process.
            sandboxes_max: 1_000,
            // Short against a request, long against the cost of a tick.
            tick: Duration::from_millis(2),
            locate_traps: false,
            unload_after: Duration::from_secs(60),
        }
    }
}

/// The engines could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Wasmtime refuses the settings on this machine.
    #[error("wasmtime refuses the engine settings: {0:#}")]
    Settings(wasmtime::Error),
    /// No thread for the epochs.
    #[error("cannot start the epoch thread: {0}")]
    Ticker(#[from] std::io::Error),
}

struct Side {
    engine: wasmtime::Engine,
    linker: Linker<State>,
}

impl Side {
    fn new(config: &Config) -> wasmtime::Result<Self> {
        let engine = wasmtime::Engine::new(config)?;
        let linker = super::state::linker(&engine)?;
        Ok(Self { engine, linker })
    }
}

/// The engines of this process.
pub struct Engine {
    pooled: Side,
    on_demand: Side,
    clock: Arc<Clock>,
    tick: Duration,
    unload_after: Duration,
    stopped: Arc<AtomicBool>,
}

impl Engine {
    /// Sets up both profiles and starts the epoch thread.
    ///
    /// # Errors
    ///
    /// [`EngineError`] when the machine does not offer what the settings need.
    pub fn new(config: &EngineConfig) -> Result<Arc<Self>, EngineError> {
        let on_demand = Side::new(&base(config)).map_err(EngineError::Settings)?;
        let mut pooled = base(config);
        pooled.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(config)));
        let engine = Arc::new(Self {
            pooled: Side::new(&pooled).map_err(EngineError::Settings)?,
            on_demand,
            clock: Arc::default(),
            tick: config.tick,
            unload_after: config.unload_after,
            stopped: Arc::default(),
        });
        engine.start_ticker()?;
        Ok(engine)
    }

    /// The engine of a profile.
    pub(super) fn of(&self, profile: Profile) -> &wasmtime::Engine {
        &self.side(profile).engine
    }

    /// Every capability, for components of a profile.
    pub(super) fn linker(&self, profile: Profile) -> &Linker<State> {
        &self.side(profile).linker
    }

    fn side(&self, profile: Profile) -> &Side {
        match profile {
            Profile::Pooled => &self.pooled,
            Profile::OnDemand => &self.on_demand,
        }
    }

    /// How long nobody calls a component before its memory is given back.
    pub(super) fn unload_after(&self) -> Duration {
        self.unload_after
    }

    /// A meter for one call that may use `budget` of CPU time.
    pub fn cpu_meter(&self, budget: Duration) -> Arc<CpuMeter> {
        Arc::new(CpuMeter::new(self.clock.clone(), self.tick, budget))
    }

    fn start_ticker(&self) -> std::io::Result<()> {
        let engines = [self.pooled.engine.weak(), self.on_demand.engine.weak()];
        let (clock, tick, stopped) = (self.clock.clone(), self.tick, self.stopped.clone());
        let ticker = std::thread::Builder::new().name("epoch".into());
        ticker.spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                std::thread::sleep(tick);
                clock.advance();
                for engine in engines.iter().filter_map(|weak| weak.upgrade()) {
                    engine.increment_epoch();
                }
            }
        })?;
        Ok(())
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("tick", &self.tick)
            .finish_non_exhaustive()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
    }
}

/// An engine that compiles for both profiles and runs nothing: it reserves no
/// memory for sandboxes, and takes one thread.
pub(super) fn compiler() -> wasmtime::Result<wasmtime::Engine> {
    let mut config = base(&EngineConfig::default());
    config.parallel_compilation(false);
    wasmtime::Engine::new(&config)
}

/// What both profiles share, so that one compiled artefact serves both.
fn base(settings: &EngineConfig) -> Config {
    let mut config = Config::new();
    config
        .concurrency_support(false)
        .epoch_interruption(true)
        .generate_address_map(settings.locate_traps)
        .max_wasm_stack(WASM_STACK_BYTES_MAX)
        .async_stack_size(FIBER_STACK_BYTES);
    config
}

fn pool(config: &EngineConfig) -> PoolingAllocationConfig {
    let sandboxes = config.sandboxes_max;
    let core_instances = sandboxes.saturating_mul(POOLED_CORE_INSTANCES_MAX);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(sandboxes)
        .total_core_instances(core_instances)
        .total_memories(sandboxes)
        .total_tables(sandboxes.saturating_mul(POOLED_TABLES_MAX))
        .total_stacks(sandboxes)
        .max_memories_per_component(1)
        .max_core_instances_per_component(POOLED_CORE_INSTANCES_MAX)
        .max_tables_per_component(POOLED_TABLES_MAX)
        .max_component_instance_size(COMPONENT_INSTANCE_BYTES_MAX)
        .max_core_instance_size(COMPONENT_INSTANCE_BYTES_MAX)
        .table_elements(POOLED_TABLE_ELEMENTS_MAX)
        .max_memory_size(POOLED_MEMORY_BYTES_MAX)
        .max_unused_warm_slots(sandboxes)
        .linear_memory_keep_resident(KEEP_RESIDENT_BYTES)
        .table_keep_resident(KEEP_RESIDENT_SMALL_BYTES)
        .async_stack_keep_resident(KEEP_RESIDENT_SMALL_BYTES)
        // A swapped-out page escapes the scan and would reach the next tenant
        // (wasmtime pull request 14357); clearing by `memset` has no such gap.
        .pagemap_scan(Enabled::No);
    pool
}

#[cfg(test)]
mod tests {
    use std::collections::hash_map::DefaultHasher;
    use std::hash::{Hash as _, Hasher as _};

    use super::*;

    fn compatibility(engine: &wasmtime::Engine) -> u64 {
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        hasher.finish()
    }

    #[test]
    fn one_artefact_serves_both_profiles() {
        let small = EngineConfig {
            sandboxes_max: 1,
            ..EngineConfig::default()
        };
        let engine = Engine::new(&small).unwrap();
        let compiled = compatibility(&compiler().unwrap());
        for profile in [Profile::Pooled, Profile::OnDemand] {
            assert_eq!(compatibility(engine.of(profile)), compiled, "{profile:?}");
        }
    }
}
