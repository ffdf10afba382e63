//! What each safety feature costs a fresh call: the same component in engines
//! that lack one of them, against the engine as the host sets it up.
//!
//! The variants are built here from wasmtime alone, since the host offers no
//! way to switch its guards off. They run `describe`, which calls no host
//! function, in a store with an empty linker.

use std::time::Instant;

use tenon_tests::artefact;
use wasmtime::component::{Component, InstancePre, Linker};
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store,
    StoreLimits, StoreLimitsBuilder, UpdateDeadline,
};

use crate::stats;
use crate::summary::Summary;

const TURN: usize = 200;

#[derive(Debug, Clone, Copy)]
struct Guards {
    name: &'static str,
    key: &'static str,
    epoch: bool,
    limiter: bool,
    pooled: bool,
    /// Clears a slot by `memset`; without, by giving its pages back.
    keep_resident: bool,
    /// Clears only the pages that were written, asking the kernel which.
    pagemap: bool,
}

const ALL: Guards = Guards {
    name: "all guards (as the host)",
    key: "guards_all_us",
    epoch: true,
    limiter: true,
    pooled: true,
    keep_resident: true,
    pagemap: false,
};

const VARIANTS: [Guards; 6] = [
    ALL,
    Guards {
        name: "without epochs",
        key: "guards_no_epoch_ratio",
        epoch: false,
        ..ALL
    },
    Guards {
        name: "without memory limits",
        key: "guards_no_limiter_ratio",
        limiter: false,
        ..ALL
    },
    Guards {
        name: "slots cleared by madvise",
        key: "guards_no_keep_resident_ratio",
        keep_resident: false,
        ..ALL
    },
    Guards {
        name: "slots cleared by page map",
        key: "guards_pagemap_ratio",
        pagemap: true,
        ..ALL
    },
    Guards {
        name: "memory mapped on demand",
        key: "guards_on_demand_ratio",
        pooled: false,
        ..ALL
    },
];

struct Variant {
    guards: Guards,
    pre: InstancePre<StoreLimits>,
}

/// Measures every variant in turn.
pub fn run(summary: &mut Summary) -> anyhow::Result<()> {
    let bytes = std::fs::read(artefact::plugin("template"))?;
    let variants = VARIANTS.map(|guards| variant(guards, &bytes));
    let variants = variants.into_iter().collect::<wasmtime::Result<Vec<_>>>();
    let variants = variants.map_err(into_anyhow)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut medians = vec![Vec::new(); variants.len()];
    for _ in 0..stats::rounds() {
        for (variant, medians) in variants.iter().zip(&mut medians) {
            let mut samples = Vec::with_capacity(TURN);
            for _ in 0..TURN {
                let started = Instant::now();
                runtime.block_on(call(variant)).map_err(into_anyhow)?;
                samples.push(started.elapsed().as_secs_f64() * 1e6);
            }
            medians.push(stats::median(&mut samples));
        }
    }
    report(&variants, medians, summary);
    Ok(())
}

fn into_anyhow(error: wasmtime::Error) -> anyhow::Error {
    anyhow::anyhow!("{error:#}")
}

fn variant(guards: Guards, bytes: &[u8]) -> wasmtime::Result<Variant> {
    let mut config = Config::new();
    config
        .concurrency_support(false)
        .generate_address_map(false)
        .epoch_interruption(guards.epoch);
    if guards.pooled {
        let mut pool = PoolingAllocationConfig::new();
        pool.max_core_instances_per_component(16)
            .max_tables_per_component(4)
            .max_memory_size(64 << 20)
            .pagemap_scan(if guards.pagemap {
                Enabled::Yes
            } else {
                Enabled::No
            });
        if guards.keep_resident {
            pool.linear_memory_keep_resident(512 << 10)
                .table_keep_resident(16 << 10)
                .async_stack_keep_resident(16 << 10);
        }
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    }
    let engine = Engine::new(&config)?;
    let component = Component::new(&engine, bytes)?;
    let mut linker = Linker::new(&engine);
    linker.define_unknown_imports_as_traps(&component)?;
    let pre = linker.instantiate_pre(&component)?;
    Ok(Variant { guards, pre })
}

async fn call(variant: &Variant) -> wasmtime::Result<()> {
    let limits = StoreLimitsBuilder::new().memory_size(64 << 20).build();
    let mut store = Store::new(variant.pre.engine(), limits);
    if variant.guards.limiter {
        store.limiter(|limits| limits);
    }
    if variant.guards.epoch {
        store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Yield(1)));
        store.set_epoch_deadline(1);
    }
    let instance = variant.pre.instantiate_async(&mut store).await?;
    let lifecycle = instance
        .get_export_index(&mut store, None, "tenon:connector/lifecycle@0.1.0")
        .and_then(|lifecycle| instance.get_export_index(&mut store, Some(&lifecycle), "describe"))
        .and_then(|describe| instance.get_func(&mut store, describe))
        .ok_or_else(|| wasmtime::format_err!("the template exports no `describe`"))?;
    let mut results = [wasmtime::component::Val::Bool(false)];
    lifecycle.call_async(&mut store, &[], &mut results).await
}

fn report(variants: &[Variant], medians: Vec<Vec<f64>>, summary: &mut Summary) {
    let Some(guarded) = medians.first().cloned() else {
        return;
    };
    println!("a fresh call of the template            µs   ratio to all guards");
    for (variant, mut medians) in variants.iter().zip(medians) {
        let ratios = medians
            .iter()
            .zip(&guarded)
            .map(|(without, with)| without / with);
        let ratio = stats::median(&mut ratios.collect::<Vec<_>>());
        let us = stats::median(&mut medians);
        println!("  {:30} {us:>8.1} {ratio:>7.2}", variant.guards.name);
        let value = if variant.guards.key == ALL.key {
            us
        } else {
            ratio
        };
        summary.add(variant.guards.key, value);
    }
    println!();
}
