//! A new version beside the active one, serving some of the calls until it
//! has proven itself or failed.
//!
//! **Who is compared.** `weight` percent of a connector's calls go to the
//! candidate, call by call and evenly spread, the rest to the active version,
//! which is the baseline. Only calls that began while both served are counted,
//! so that both see the same systems, callers and hours. A call fails when it
//! ends with `internal`, `deadline` or `unavailable`; what is the caller's
//! fault is a success, and what was cancelled or refused is not counted. When
//! the system behind goes down, both versions fail alike.
//!
//! **When it is looked at.** At fixed numbers of the candidate's calls:
//! `sample_min`, twice that, four times, and so on, the last being
//! `sample_max`. Before `sample_min` there are earlier looks, at its halves
//! down to ten calls, which can only roll back.
//!
//! **How it is judged.** Let *c* and *b* be the failure rates of candidate and
//! baseline, and *K* the number of looks at which a candidate can be promoted.
//! At each of these, *c* gets its exact (Clopper–Pearson) upper bound and *b*
//! its exact lower bound, each wrong with probability `false_promotion / 2K`.
//! The candidate is promoted if the first exceeds the second by no more than
//! `margin`. If *c* in truth exceeds *b* by more than `margin`, then a promotion
//! at a look needs one of its two bounds to be wrong; over all looks together
//! that has a probability of at most `false_promotion`, whatever *c* and *b*
//! are, as long as calls fail independently of each other.
//!
//! The other way round, with the same probability split over all looks: once
//! the lower bound of *c* exceeds the upper bound of *b* by more than `margin`,
//! the candidate is rolled back. A candidate that keeps within `margin` is
//! rolled back so with a probability of at most `false_promotion`.
//!
//! **Latency.** From `sample_min` on, a candidate is rolled back when more
//! than half of its calls, or more than 5 % of them, are slower than
//! `latency_ratio` times the baseline's median, or 95th percentile, by the
//! same exact bound. It is not promoted while its own median or 95th
//! percentile is beyond that. Less than a millisecond more never counts: a
//! version with few calls finds colder caches.
//!
//! **In doubt it fails.** Not decided at the last look, or when `window_ms` is
//! over, the candidate is rolled back as not proven. With the defaults a
//! version that never fails is promoted after 400 calls of its own; a
//! connector with little traffic needs a longer window or a wider margin.

mod bounds;
mod judge;
mod rules;
mod tally;
mod trial;

pub use judge::{Reason, Report, Seen, Verdict};
pub use rules::Rules;

pub(super) use trial::{Counted, Trial};

#[cfg(test)]
mod tests;
