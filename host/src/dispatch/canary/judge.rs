//! The judgement at one look. Pure: the same figures always give the same.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::bounds::{lower, upper};
use super::rules::{Look, Rules};
use super::tally::Sample;

/// What never counts as slower, in microseconds.
const SLOWER_MIN_US: u64 = 1_000;

/// What became of a version that is tried out.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It is still being tried out.
    Undecided,
    /// It has proven itself, and goes on serving its share until somebody
    /// activates it.
    Promote(Report),
    /// It has failed, or has not proven itself. It serves no more calls.
    RollBack(Report),
}

/// What was seen of a version that is or was tried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Report {
    /// Why it was decided so.
    pub reason: Reason,
    /// The version that is tried out.
    pub candidate: Seen,
    /// The active version, over the same time.
    pub baseline: Seen,
    /// By how much the candidate's failure rate exceeds the baseline's, at
    /// the least, with the error probability of the latest look.
    pub excess_min: f64,
    /// The same at the most.
    pub excess_max: f64,
}

/// Why a verdict was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// There is none yet.
    Undecided,
    /// Its failure rate keeps within the margin, and it is not slower.
    Proven,
    /// Its failure rate is beyond the margin.
    Fails,
    /// It is slower than the rules allow.
    Slow,
    /// Neither could be shown within the sample or the window.
    NotProven,
    /// There was no active version to compare it with.
    NoBaseline,
    /// The rules cannot be followed.
    BadRules,
}

/// What was counted of one version.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Seen {
    /// Calls that count.
    pub calls: u64,
    /// Those that failed by the fault of plugin, host or the system behind.
    pub failures: u64,
    /// Half of the calls took no longer, in microseconds.
    pub p50_us: Option<u64>,
    /// 95 % of the calls took no longer, in microseconds.
    pub p95_us: Option<u64>,
}

impl Seen {
    fn of(sample: &Sample) -> Self {
        Self {
            calls: sample.calls.into(),
            failures: sample.failures.into(),
            p50_us: sample.quantile_us(0.5),
            p95_us: sample.quantile_us(0.95),
        }
    }
}

/// The figures of both versions at one time.
#[derive(Debug, Clone)]
pub(super) struct Figures {
    pub(super) candidate: Sample,
    pub(super) baseline: Sample,
}

impl Figures {
    /// Before the first look, the bounds are those of any rate.
    pub(super) fn report(&self, reason: Reason, look: Option<&Look>) -> Report {
        let (c, b) = (&self.candidate, &self.baseline);
        let (excess_min, excess_max) = look.map_or((-1.0, 1.0), |look| {
            let (least, most) = (look.roll_back, look.promote.unwrap_or(look.roll_back));
            (
                lower(c.failures, c.calls, least) - upper(b.failures, b.calls, least),
                upper(c.failures, c.calls, most) - lower(b.failures, b.calls, most),
            )
        });
        Report {
            reason,
            candidate: Seen::of(c),
            baseline: Seen::of(b),
            excess_min,
            excess_max,
        }
    }
}

/// How fast a candidate is.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Pace {
    Fine,
    /// Beyond the ratio by what was seen, which chance may have done.
    Doubtful,
    /// Beyond it for certain.
    Slow,
}

/// The verdict at a look, if it allows for one.
pub(super) fn judge(rules: &Rules, look: &Look, figures: &Figures) -> Verdict {
    let report = |reason| figures.report(reason, Some(look));
    let numbers = report(Reason::Undecided);
    if numbers.excess_min > rules.margin {
        return Verdict::RollBack(report(Reason::Fails));
    }
    let Some(error) = look.promote else {
        return Verdict::Undecided;
    };
    let pace = |share| pace(rules.latency_ratio, share, error, figures);
    match pace(0.5).max(pace(0.95)) {
        Pace::Slow => Verdict::RollBack(report(Reason::Slow)),
        Pace::Fine if numbers.excess_max <= rules.margin => {
            Verdict::Promote(report(Reason::Proven))
        }
        _ => Verdict::Undecided,
    }
}

/// A share of the baseline's calls keeps within its quantile; how many of the
/// candidate's are beyond, and could that be chance?
fn pace(ratio: f64, share: f64, error: f64, figures: &Figures) -> Pace {
    let candidate = &figures.candidate;
    let quantiles = (
        figures.baseline.quantile_us(share),
        candidate.quantile_us(share),
    );
    let (Some(baseline), Some(own)) = quantiles else {
        return Pace::Doubtful;
    };
    let allowed = ((baseline as f64 * ratio) as u64).max(baseline + SLOWER_MIN_US);
    let beyond = candidate.slower_than(allowed);
    if lower(beyond, candidate.calls, error) > 1.0 - share {
        Pace::Slow
    } else if own > allowed {
        Pace::Doubtful
    } else {
        Pace::Fine
    }
}
