//! A thousand connectors of two hundred different components that nobody
//! calls: how long a host takes to start with them, and the memory of each.
//!
//! Counted is what the whole process has resident, files it has mapped
//! included, less what it has with one connector, over the number of the
//! others. Once just after all were found ready, with every component loaded;
//! and once when nobody has called them for `[engine] unload_after_ms`, which is
//! what an idle connector costs. The next call loads its component again.

use std::fs;
use std::time::{Duration, Instant};

use tenon_tests::host::Host;
use tenon_tests::setup::Setup;
use tenon_tests::version::version;
use tenon_tests::wait;

use crate::summary::Summary;

const COMPONENTS: u16 = 200;
const CONNECTORS_EACH: usize = 5;
/// The first number: these are used by no other measurement.
const FIRST: u16 = 8000;
/// Components compiled at one start, so that no start takes minutes.
const COMPILED: u16 = 25;
/// For what a start leaves behind to be given back.
const SETTLE: Duration = Duration::from_secs(2);
/// Long after the first look, so that everything is still loaded then.
const UNLOAD_AFTER: Duration = Duration::from_secs(10);
/// The host looks for what is idle every five seconds.
const UNLOADED: Duration = Duration::from_secs(20);

/// Measures both.
pub fn run(summary: &mut Summary) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let (alone, loaded, idle, start_s) = runtime.block_on(async {
        compile().await?;
        let alone = started(folder(1, 1)?, 1).await;
        tokio::time::sleep(UNLOADED).await;
        let alone = alone.memory();
        let count = usize::from(COMPONENTS) * CONNECTORS_EACH;
        // The second start is what is measured: it knows them all.
        let setup = started(folder(COMPONENTS, CONNECTORS_EACH)?, count)
            .await
            .stopped()
            .await;
        let began = Instant::now();
        let host = started(setup, count).await;
        let start_s = began.elapsed().as_secs_f64();
        tokio::time::sleep(SETTLE).await;
        let loaded = host.memory();
        tokio::time::sleep(UNLOADED).await;
        anyhow::Ok((alone, loaded, host.memory(), start_s))
    })?;
    let more = usize::from(COMPONENTS) * CONNECTORS_EACH - 1;
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    let each = |all: u64, one: u64| all.saturating_sub(one) as f64 / 1024.0 / more as f64;
    println!(
        "{} connectors of {COMPONENTS} components: start {start_s:.2} s\n\
         \x20 host with one {:.1} MiB",
        more + 1,
        mib(alone.resident),
    );
    for (state, memory) in [("loaded", loaded), ("idle", idle)] {
        println!(
            "\x20 {state}: host with all {:.1} MiB, {:.1} KiB each, of which {:.1} KiB are no file's",
            mib(memory.resident),
            each(memory.resident, alone.resident),
            each(memory.anonymous, alone.anonymous),
        );
    }
    println!();
    summary.add("idle_connector_kib", each(idle.resident, alone.resident));
    summary.add(
        "loaded_connector_kib",
        each(loaded.resident, alone.resident),
    );
    summary.add("start_1000_s", start_s);
    Ok(())
}

/// Resident memory in bytes.
#[derive(Debug, Clone, Copy)]
struct Memory {
    resident: u64,
    /// Without what the kernel can read again from a file.
    anonymous: u64,
}

/// Has every component compiled into the cache that all hosts here share.
async fn compile() -> anyhow::Result<()> {
    for batch in (0..COMPONENTS).step_by(usize::from(COMPILED)) {
        let setup = Setup::new().own_plugins();
        for number in batch..(batch + COMPILED).min(COMPONENTS) {
            write(&setup, number, 1)?;
        }
        let count = usize::from(COMPILED.min(COMPONENTS - batch));
        drop(started(setup, count).await);
    }
    Ok(())
}

fn folder(components: u16, each: usize) -> anyhow::Result<Setup> {
    let unload = format!("[engine]\nunload_after_ms = {}\n", UNLOAD_AFTER.as_millis());
    let setup = Setup::new().own_plugins().host(&unload);
    for number in 0..components {
        write(&setup, number, each)?;
    }
    Ok(setup)
}

fn write(setup: &Setup, number: u16, connectors: usize) -> anyhow::Result<()> {
    let plugin = setup.path(format!("plugins/v{number}.wasm"));
    fs::write(plugin, version(FIRST + number).bytes)?;
    for connector in 0..connectors {
        let file = format!("connectors/c{number}-{connector}.toml");
        setup.write(file, format!("plugin = 'v{number}'\n"));
    }
    Ok(())
}

/// A host whose connectors are all ready.
async fn started(setup: Setup, connectors: usize) -> Running {
    let host = setup.start().await;
    wait::until("every connector is ready", async || {
        let answer = host.admin("/health/ready").await.json();
        let all = answer["connectors"].as_object()?;
        let ready = all.values().filter(|one| one["status"] == "ready");
        (ready.count() == connectors).then_some(())
    })
    .await;
    Running(host)
}

struct Running(Host);

impl Running {
    async fn stopped(mut self) -> Setup {
        self.0.stop().await;
        std::mem::take(&mut self.0.setup)
    }

    fn memory(&self) -> Memory {
        let (resident, _) = self.0.memory();
        let anonymous = self.0.anonymous_memory();
        Memory {
            resident,
            anonymous,
        }
    }
}
