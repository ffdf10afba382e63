//! One trial: who serves which call, who counts, and the task that judges.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::super::{Outcome, Version};
use super::judge::{Figures, Reason, Report, Verdict, judge};
use super::rules::Rules;
use super::tally::Tally;
use crate::telemetry::metrics;

/// 2^64 divided by the golden ratio. Its multiples are spread more evenly over
/// a circle than those of any other number, and repeat no pattern that calls
/// might follow.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// A candidate beside the active version. Dropping it ends the trial.
#[derive(Debug)]
pub(in crate::dispatch) struct Trial {
    candidate: Arc<Version>,
    weight: u8,
    turn: AtomicU64,
    scores: Arc<Scores>,
    verdict: watch::Receiver<Verdict>,
    judge: Option<AbortHandle>,
}

/// What is known of both sides.
#[derive(Debug)]
pub(in crate::dispatch) struct Scores {
    candidate: Tally,
    baseline: Tally,
    metrics: metrics::OfCanary,
    /// Whether the candidate serves no more.
    failed: AtomicBool,
    /// The candidate's calls at which the judge wants to look.
    look_at: AtomicU32,
    due: Notify,
}

/// Counts one call to its side of a trial.
#[derive(Debug, Clone)]
pub(in crate::dispatch) struct Counted {
    scores: Arc<Scores>,
    is_candidate: bool,
}

impl Trial {
    /// Begins a trial, and its judge in a task of its own.
    pub(in crate::dispatch) fn start(
        candidate: Arc<Version>,
        has_baseline: bool,
        rules: Rules,
        metrics: metrics::OfCanary,
    ) -> Self {
        let scores = Arc::new(Scores {
            candidate: Tally::default(),
            baseline: Tally::default(),
            metrics,
            failed: AtomicBool::new(false),
            look_at: AtomicU32::new(u32::MAX),
            due: Notify::new(),
        });
        let weight = rules.weight;
        let refused = if !has_baseline {
            Some(Reason::NoBaseline)
        } else if rules.problems().is_empty() {
            None
        } else {
            Some(Reason::BadRules)
        };
        let (sender, verdict) = watch::channel(Verdict::Undecided);
        let judge = if let Some(reason) = refused {
            scores.failed.store(true, Ordering::Relaxed);
            sender.send_replace(Verdict::RollBack(scores.figures().report(reason, None)));
            None
        } else {
            let task = tokio::spawn(watch(rules, scores.clone(), sender));
            Some(task.abort_handle())
        };
        Self {
            candidate,
            weight,
            turn: AtomicU64::new(0),
            scores,
            verdict,
            judge,
        }
    }

    pub(in crate::dispatch) fn candidate(&self) -> &Arc<Version> {
        &self.candidate
    }

    pub(in crate::dispatch) fn verdict(&self) -> watch::Receiver<Verdict> {
        self.verdict.clone()
    }

    /// What has been seen until now, or was when it was decided.
    pub(in crate::dispatch) fn report(&self) -> Report {
        match &*self.verdict.borrow() {
            Verdict::Undecided => self.scores.figures().report(Reason::Undecided, None),
            Verdict::Promote(report) | Verdict::RollBack(report) => report.clone(),
        }
    }

    /// Whether the next call is the candidate's. None once it has failed, and
    /// nothing is compared any more.
    pub(in crate::dispatch) fn next(&self) -> Option<bool> {
        if self.scores.failed.load(Ordering::Relaxed) {
            return None;
        }
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        Some(is_picked(turn, self.weight))
    }

    pub(in crate::dispatch) fn counted(&self, is_candidate: bool) -> Counted {
        Counted {
            scores: self.scores.clone(),
            is_candidate,
        }
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        if let Some(judge) = &self.judge {
            judge.abort();
        }
    }
}

/// `weight` of any hundred turns in a row, give or take one or two.
pub(super) fn is_picked(turn: u64, weight: u8) -> bool {
    let share = u64::MAX / 100 * u64::from(weight);
    turn.wrapping_mul(GOLDEN) < share
}

impl Counted {
    /// Counts how a call ended; none means well.
    pub(in crate::dispatch) fn ended(&self, outcome: Option<Outcome>, took: Duration) {
        let failed = match outcome {
            Some(Outcome::Internal | Outcome::Deadline | Outcome::Unavailable) => true,
            // Says nothing of the version.
            Some(Outcome::Cancelled | Outcome::Overloaded) => return,
            _ => false,
        };
        self.scores.add(self.is_candidate, failed, took);
    }
}

impl Scores {
    fn add(&self, is_candidate: bool, failed: bool, took: Duration) {
        self.metrics.ended(is_candidate, failed);
        if !is_candidate {
            self.baseline.add(failed, took);
            return;
        }
        let calls = self.candidate.add(failed, took);
        if calls >= self.look_at.load(Ordering::SeqCst) {
            self.due.notify_one();
        }
    }

    fn figures(&self) -> Figures {
        Figures {
            candidate: self.candidate.sample(),
            baseline: self.baseline.sample(),
        }
    }
}

/// Looks whenever it is time to, until there is a verdict.
async fn watch(rules: Rules, scores: Arc<Scores>, verdict: watch::Sender<Verdict>) {
    let deadline = Instant::now() + Duration::from_millis(rules.window_ms);
    let looks = rules.looks();
    let mut latest = None;
    for look in &looks {
        if !reached(&scores, look.calls, deadline).await {
            break;
        }
        latest = Some(look);
        match judge(&rules, look, &scores.figures()) {
            Verdict::Undecided => {}
            decided => {
                if let Verdict::RollBack(_) = decided {
                    scores.failed.store(true, Ordering::Relaxed);
                }
                verdict.send_replace(decided);
                return;
            }
        }
    }
    scores.failed.store(true, Ordering::Relaxed);
    let report = scores.figures().report(Reason::NotProven, latest);
    verdict.send_replace(Verdict::RollBack(report));
}

/// Waits for so many calls of the candidate; false when time is over first.
async fn reached(scores: &Scores, calls: u32, deadline: Instant) -> bool {
    scores.look_at.store(calls, Ordering::SeqCst);
    while scores.candidate.calls() < calls {
        let due = tokio::time::timeout_at(deadline, scores.due.notified());
        if due.await.is_err() {
            return false;
        }
    }
    Instant::now() < deadline
}
