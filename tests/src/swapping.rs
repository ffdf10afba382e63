//! Swaps under constant load: the short form runs with the suites, the long
//! one by hand.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use crate::life::{CONNECTOR, Life};
use crate::load::{Load, Totals};
use crate::version::broken::{Answer, Broken};
use crate::version::{self, Version};

/// Numbers of broken candidates begin here, far from those that run.
const BROKEN_FIRST: u16 = 5000;

/// What is to happen under load.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Swaps between the two versions: the first half by the plugin file, the
    /// second by the operator.
    pub swaps: usize,
    /// Requests that must have been answered before the end, spread evenly
    /// over the swaps.
    pub requests_min: u64,
    /// Connections of the load, each with one request under way.
    pub connections: usize,
    /// Of how many candidates one is broken.
    pub broken_every: Option<usize>,
}

/// What came of it.
#[derive(Debug)]
pub struct Report {
    /// What the load saw.
    pub totals: Totals,
    /// Swaps that took place.
    pub swaps: usize,
    /// Broken candidates that were refused or held, by kind.
    pub refused: BTreeMap<String, usize>,
    /// The longest time from a trigger to the first answer of the new version.
    pub slowest: Duration,
}

/// How a candidate reaches the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// A changed plugin file.
    File,
    /// A request of the operator.
    Rollout,
}

/// Swaps two versions of a connector while a load goes on.
///
/// # Errors
///
/// When a swap does not take place, or a broken candidate is not told from a
/// good one. What happened to the load is for the caller to judge.
pub async fn run(life: &Life, plan: Plan) -> anyhow::Result<Report> {
    let versions = [version::version(1), version::version(2)];
    // Compiled before anybody measures anything.
    for version in &versions {
        let uploaded = life.operator.upload(&version.bytes).await;
        ensure!(uploaded.status < 300, "{}", uploaded.text());
    }
    let numbers = versions.each_ref().map(|version| version.number);
    let load = Load::start(life.host.address(), CONNECTOR, plan.connections, numbers);
    let mut candidates = 0;
    let mut refused = BTreeMap::new();
    let mut broken = (BROKEN_FIRST..).zip(Broken::ALL.into_iter().cycle());
    let mut slowest = Duration::ZERO;
    for swap in 0..plan.swaps {
        let trigger = if swap < plan.swaps / 2 {
            Trigger::File
        } else {
            Trigger::Rollout
        };
        candidates += 1;
        if plan
            .broken_every
            .is_some_and(|every| candidates % every == 0)
        {
            candidates += 1;
            let (number, kind) = broken.next().context("numbers")?;
            let refusal = refuse(life, trigger, kind, number).await;
            refusal.with_context(|| format!("{kind:?} by {trigger:?}"))?;
            life.still_runs(&versions[swap % 2]).await;
            *refused.entry(format!("{kind:?}")).or_default() += 1;
        }
        let next = &versions[(swap + 1) % 2];
        let started = Instant::now();
        give(life, trigger, next).await?;
        life.runs(next).await;
        slowest = slowest.max(started.elapsed());
        let due = plan.requests_min * (swap as u64 + 1) / plan.swaps as u64;
        load.answers(due.saturating_sub(load.requests())).await;
    }
    Ok(Report {
        totals: load.stop(),
        swaps: plan.swaps,
        refused,
        slowest,
    })
}

async fn give(life: &Life, trigger: Trigger, version: &Version) -> anyhow::Result<()> {
    match trigger {
        Trigger::File => life.place(&version.bytes),
        Trigger::Rollout => {
            let activated = life.operator.activate(CONNECTOR, &version.digest).await;
            ensure!(activated.status < 300, "{}", activated.text());
        }
    }
    Ok(())
}

/// Sees a broken candidate refused, or held, with its own reason.
///
/// # Errors
///
/// When the host answers otherwise than it should.
pub async fn refuse(
    life: &Life,
    trigger: Trigger,
    kind: Broken,
    number: u16,
) -> anyhow::Result<()> {
    let bytes = kind.bytes(number);
    let digest = version::digest(&bytes);
    let after = life.operator.latest().await;
    match (trigger, kind.answer()) {
        (Trigger::File, _) => life.place(&bytes),
        (Trigger::Rollout, Answer::Refused(code)) => {
            let uploaded = life.operator.upload(&bytes).await;
            ensure!(uploaded.status >= 400, "it was admitted");
            ensure!(uploaded.text().contains(code), "{}", uploaded.text());
        }
        (Trigger::Rollout, Answer::Pending) => {
            let uploaded = life.operator.upload(&bytes).await;
            ensure!(uploaded.status < 300, "{}", uploaded.text());
            let held = life.operator.activate(CONNECTOR, &digest).await;
            ensure!(held.json()["result"] == "pending", "{}", held.text());
        }
    }
    match kind.answer() {
        Answer::Refused(code) => {
            let actions = ["admission-refused"];
            let event = life.operator.event(after, &digest, &actions).await;
            ensure!(event.detail["code"] == code, "{event:?}");
        }
        Answer::Pending => {
            life.operator.event(after, &digest, &["pending"]).await;
        }
    }
    Ok(())
}
