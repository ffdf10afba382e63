//! How a candidate is tried out, as an operator says it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::bounds;

/// Fewest calls after which a candidate may be rolled back.
const EARLY_CALLS_MIN: u32 = 10;
/// A month: longer than anybody watches a canary.
const WINDOW_MS_MAX: u64 = 31 * 24 * 3_600_000;
/// Above it the counters of a busy baseline might not hold a window's calls.
const SAMPLE_MAX: u32 = 1_000_000;

/// How a version is tried out and judged; see the module for the exact rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// Percent of the calls that go to the candidate, 1 to 90.
    pub weight: u8,
    /// Calls of the candidate before it can be promoted, at least 20.
    pub sample_min: u32,
    /// Calls of the candidate after which it must be decided.
    pub sample_max: u32,
    /// By how much the candidate's failure rate may exceed the baseline's,
    /// such as 0.02 for two of a hundred calls.
    pub margin: f64,
    /// With what probability, at most, a candidate is promoted whose failure
    /// rate exceeds the baseline's by more than `margin`.
    pub false_promotion: f64,
    /// How many times as slow as the baseline it may be, at least 1.
    pub latency_ratio: f64,
    /// Milliseconds after which it must be decided.
    pub window_ms: u64,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            weight: 10,
            sample_min: 200,
            sample_max: 3_200,
            margin: 0.02,
            false_promotion: 0.01,
            latency_ratio: 2.0,
            window_ms: 600_000,
        }
    }
}

/// One time at which a candidate is judged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Look {
    /// The candidate's calls by then.
    pub(super) calls: u32,
    /// Error probability of each bound that may promote; none before
    /// `sample_min`.
    pub(super) promote: Option<f64>,
    /// Error probability of each bound that may roll back.
    pub(super) roll_back: f64,
}

impl Rules {
    /// Everything that is wrong with them, each naming field and rule. No
    /// version can be tried out by such rules.
    pub fn problems(&self) -> Vec<String> {
        let within = |value: f64, max: f64| value > 0.0 && value <= max;
        let mut problems = Vec::new();
        let mut check = |holds: bool, problem: &str| {
            if !holds {
                problems.push(problem.to_owned());
            }
        };
        check(
            (1..=90).contains(&self.weight),
            "weight: expected 1 to 90 percent; the other calls are the baseline",
        );
        check(
            self.sample_min >= 2 * EARLY_CALLS_MIN,
            "sample_min: expected at least 20 calls",
        );
        check(
            (self.sample_min..=SAMPLE_MAX).contains(&self.sample_max),
            "sample_max: expected at least sample_min and at most 1000000 calls",
        );
        check(
            within(self.margin, 0.5),
            "margin: expected a rate above 0, at most 0.5",
        );
        check(
            within(self.false_promotion, 0.5),
            "false_promotion: expected a probability above 0, at most 0.5",
        );
        check(
            self.latency_ratio >= 1.0 && self.latency_ratio.is_finite(),
            "latency_ratio: expected a factor of at least 1",
        );
        check(
            (1..=WINDOW_MS_MAX).contains(&self.window_ms),
            "window_ms: expected 1 ms to 31 days",
        );
        if problems.is_empty() {
            problems.extend(self.unprovable());
        }
        problems
    }

    /// A sample too small for its margin would roll everything back.
    fn unprovable(&self) -> Option<String> {
        let error = self.looks().last()?.promote?;
        let best = bounds::upper(0, self.sample_max, error);
        (best > self.margin).then(|| {
            format!(
                "sample_max: {} calls without any failure prove a rate below {best:.4}, \
                 which is not within a margin of {}; raise either of them or false_promotion",
                self.sample_max, self.margin
            )
        })
    }

    /// Every look, in order of time.
    pub(super) fn looks(&self) -> Vec<Look> {
        let halves = std::iter::successors(Some(self.sample_min / 2), |calls| Some(calls / 2));
        let mut early: Vec<_> = halves.take_while(|&n| n >= EARLY_CALLS_MIN).collect();
        early.reverse();
        let doubled = std::iter::successors(Some(self.sample_min), |calls| calls.checked_mul(2));
        let mut late: Vec<_> = doubled.take_while(|&n| n < self.sample_max).collect();
        late.push(self.sample_max);
        // Each look has two bounds.
        let share = |looks: usize| self.false_promotion / (2 * looks) as f64;
        let roll_back = share(early.len() + late.len());
        let promote = Some(share(late.len()));
        let look = |promote| {
            move |calls| Look {
                calls,
                promote,
                roll_back,
            }
        };
        let early = early.into_iter().map(look(None));
        early.chain(late.into_iter().map(look(promote))).collect()
    }
}
