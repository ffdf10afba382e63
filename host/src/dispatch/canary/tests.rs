//! The judge on simulated calls, whose failure rates are known. Seeded: every
//! run draws the same.

use std::iter;

use super::judge::{Figures, Reason, Verdict, judge};
use super::rules::Rules;
use super::tally::Sample;
use super::trial::is_picked;

/// Steele, Lea and Flood's SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn happens(&mut self, rate: f64) -> bool {
        ((self.next() >> 11) as f64) < rate * (1_u64 << 53) as f64
    }

    fn count(&mut self, calls: u32, rate: f64) -> u32 {
        (0..calls).map(|_| u32::from(self.happens(rate))).sum()
    }
}

/// A trial of a candidate and a baseline with these failure rates, both
/// equally fast.
fn simulate(random: &mut Random, rules: &Rules, candidate: f64, baseline: f64) -> Verdict {
    let (mut seen, mut calls) = ([0, 0], [0, 0]);
    for look in rules.looks() {
        let now = [
            look.calls,
            look.calls * u32::from(100 - rules.weight) / u32::from(rules.weight),
        ];
        for (side, rate) in [candidate, baseline].into_iter().enumerate() {
            seen[side] += random.count(now[side] - calls[side], rate);
            calls[side] = now[side];
        }
        let sample = |side: usize| Sample::of(calls[side], seen[side], [1_000; 20]);
        let figures = Figures {
            candidate: sample(0),
            baseline: sample(1),
        };
        match judge(rules, &look, &figures) {
            Verdict::Undecided => {}
            decided => return decided,
        }
    }
    Verdict::Undecided
}

/// How many of so many trials promote, and how many say that it fails.
fn simulated(seed: u64, trials: u32, candidate: f64, baseline: f64) -> (u32, u32) {
    let (mut random, rules) = (Random(seed), Rules::default());
    let (mut promoted, mut failed) = (0, 0);
    for _ in 0..trials {
        match simulate(&mut random, &rules, candidate, baseline) {
            Verdict::Promote(report) => {
                assert_eq!(report.reason, Reason::Proven);
                assert!(report.excess_max <= rules.margin);
                promoted += 1;
            }
            Verdict::RollBack(report) => {
                assert_eq!(report.reason, Reason::Fails);
                assert!(report.excess_min > rules.margin);
                failed += 1;
            }
            Verdict::Undecided => {}
        }
    }
    (promoted, failed)
}

#[test]
fn one_call_in_twenty_failing_is_rolled_back() {
    let (promoted, failed) = simulated(1, 500, 0.05, 0.001);
    // The rest is not proven by the last look, and rolled back as such.
    assert_eq!(promoted, 0);
    assert!(failed >= 475, "{failed} of 500");
}

#[test]
fn one_that_is_merely_new_is_promoted() {
    for (seed, rate, least) in [
        (2, 0.0, 500),
        (3, 0.001, 495),
        (4, 0.01, 485),
        (5, 0.03, 425),
    ] {
        let (promoted, failed) = simulated(seed, 500, rate, rate);
        assert!(promoted >= least, "{promoted} of 500 at {rate}");
        assert!(failed <= 5, "{failed} of 500 at {rate}");
    }
}

#[test]
fn at_the_margin_no_more_are_promoted_than_stated() {
    let Rules {
        margin,
        false_promotion,
        ..
    } = Rules::default();
    for (seed, baseline) in [(6, 0.0), (7, 0.005), (8, 0.02), (9, 0.2)] {
        let trials = 2_000;
        let (promoted, failed) = simulated(seed, trials, baseline + margin, baseline);
        let most = false_promotion * f64::from(trials);
        assert!(f64::from(promoted) <= most, "{promoted} at {baseline}");
        assert!(f64::from(failed) <= most, "{failed} at {baseline}");
    }
}

#[test]
fn what_always_fails_is_seen_before_a_sample_is_complete() {
    let rules = Rules::default();
    let first = rules.looks()[0];
    assert_eq!((first.calls, first.promote), (12, None));
    let figures = Figures {
        candidate: Sample::of(12, 12, []),
        baseline: Sample::of(108, 1, []),
    };
    assert!(matches!(
        judge(&rules, &first, &figures),
        Verdict::RollBack(_)
    ));
}

/// The verdict at the last look, on latencies in microseconds.
fn paced(candidate: &dyn Fn(u64) -> u64, baseline: &dyn Fn(u64) -> u64) -> Verdict {
    let rules = Rules::default();
    let look = *rules.looks().last().unwrap();
    let sample = |calls: u32, took: &dyn Fn(u64) -> u64| {
        let latencies = (0..u64::from(calls)).map(took);
        Sample::of(calls, 0, latencies)
    };
    let figures = Figures {
        candidate: sample(look.calls, candidate),
        baseline: sample(look.calls * 9, baseline),
    };
    judge(&rules, &look, &figures)
}

#[test]
fn the_slower_one_is_rolled_back() {
    let even = |call: u64| 10_000 + call % 100 * 100;
    let is_slow = |verdict: Verdict| match verdict {
        Verdict::RollBack(report) => report.reason == Reason::Slow,
        _ => false,
    };
    let promotes = |verdict| matches!(verdict, Verdict::Promote(_));
    assert!(promotes(paced(&even, &even)));
    assert!(promotes(paced(&|call| even(call) * 3 / 2, &even)));
    assert!(is_slow(paced(&|call| even(call) * 3, &even)), "all of it");
    let tail = |call: u64| {
        if call.is_multiple_of(10) {
            200_000
        } else {
            even(call)
        }
    };
    assert!(is_slow(paced(&tail, &even)), "one call in ten");
    // A thousandth of a second is nobody's wait.
    assert!(promotes(paced(&|_| 900, &|_| 30)));
    assert!(is_slow(paced(&|_| 1_500, &|_| 30)));
}

#[test]
fn without_latencies_nothing_is_promoted() {
    let rules = Rules::default();
    let look = *rules.looks().last().unwrap();
    let figures = Figures {
        candidate: Sample::of(look.calls, 0, []),
        baseline: Sample::of(0, 0, []),
    };
    assert_eq!(judge(&rules, &look, &figures), Verdict::Undecided);
}

#[test]
fn looks_double_up_to_the_last_and_share_the_error() {
    let rules = Rules {
        sample_min: 100,
        sample_max: 500,
        ..Rules::default()
    };
    let looks = rules.looks();
    let calls: Vec<_> = looks.iter().map(|look| look.calls).collect();
    assert_eq!(calls, [12, 25, 50, 100, 200, 400, 500]);
    let promoting: f64 = looks.iter().filter_map(|look| look.promote).sum();
    assert!((2.0 * promoting - rules.false_promotion).abs() < 1e-12);
    let rolling_back: f64 = looks.iter().map(|look| look.roll_back).sum();
    assert!((2.0 * rolling_back - rules.false_promotion).abs() < 1e-12);
}

#[test]
fn calls_are_spread_evenly_and_follow_no_pattern() {
    for weight in [1, 10, 25, 50, 90] {
        let share = f64::from(weight) / 100.0;
        for from in (0..10_000).step_by(37) {
            let picked = (from..from + 200).filter(|&turn| is_picked(turn, weight));
            let off = picked.count() as f64 - 200.0 * share;
            assert!(off.abs() <= 4.0, "{weight} % from {from}: {off} off");
        }
        // Calls may alternate, or come in rounds.
        for period in 2..=24 {
            for phase in 0..period {
                let turns = (phase..).step_by(period as usize).take(1_000);
                let picked = turns.filter(|&turn| is_picked(turn, weight));
                let off = picked.count() as f64 - 1_000.0 * share;
                assert!(off.abs() <= 25.0, "{weight} %, {phase} of {period}: {off}");
            }
        }
    }
}

#[test]
fn rules_name_what_is_wrong_with_them() {
    assert_eq!(Rules::default().problems(), [""; 0]);
    let bad = Rules {
        weight: 0,
        sample_min: 1,
        sample_max: 0,
        margin: f64::NAN,
        false_promotion: 0.0,
        latency_ratio: 0.5,
        window_ms: 0,
    };
    let fields: Vec<_> = bad
        .problems()
        .iter()
        .map(|problem| problem.split(':').next().unwrap().to_owned())
        .collect();
    let expected = [
        "weight",
        "sample_min",
        "sample_max",
        "margin",
        "false_promotion",
        "latency_ratio",
        "window_ms",
    ];
    assert_eq!(fields, expected);
    let hopeless = Rules {
        sample_min: 50,
        sample_max: 100,
        ..Rules::default()
    };
    let problems = hopeless.problems();
    assert!(
        problems[0].starts_with("sample_max: 100 calls without any failure"),
        "{problems:?}"
    );
    let read = |text: &str| serde_json::from_str::<Rules>(text);
    let some = read(r#"{"weight": 20}"#).unwrap();
    assert_eq!((some.weight, some.sample_min), (20, 200));
    assert!(read(r#"{"wait": 20}"#).is_err());
    // The last look is never missing.
    let one = Rules {
        sample_min: 400,
        sample_max: 400,
        ..Rules::default()
    };
    assert_eq!(one.problems(), [""; 0]);
    let last = one
        .looks()
        .into_iter()
        .filter(|look| look.promote.is_some());
    assert!(last.map(|look| look.calls).eq(iter::once(400)));
}
