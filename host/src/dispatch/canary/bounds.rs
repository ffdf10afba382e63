//! Exact bounds of a rate, after Clopper and Pearson (1934).

use statrs::function::beta::inv_beta_reg;

/// The rate below which it lies, with probability 1 − `error` at least.
pub(super) fn upper(failures: u32, calls: u32, error: f64) -> f64 {
    if failures >= calls {
        return 1.0;
    }
    let (failures, calls) = (f64::from(failures), f64::from(calls));
    inv_beta_reg(failures + 1.0, calls - failures, 1.0 - error)
}

/// The rate above which it lies, with probability 1 − `error` at least.
pub(super) fn lower(failures: u32, calls: u32, error: f64) -> f64 {
    if failures == 0 || calls == 0 {
        return 0.0;
    }
    let (failures, calls) = (f64::from(failures.min(calls)), f64::from(calls));
    inv_beta_reg(failures, calls - failures + 1.0, error)
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{Binomial, DiscreteCDF as _};

    use super::*;

    /// The definition: at the bound, what was seen or less (or more) has just
    /// the error's probability.
    #[test]
    fn what_was_seen_is_as_unlikely_as_the_error_allows() {
        for calls in [10, 12, 25, 200, 400, 3_200, 100_000] {
            let seen = [0, 1, 2, 5, calls / 20, calls / 2, calls - 1, calls];
            for failures in seen.into_iter().filter(|&failures| failures <= calls) {
                for error in [0.05, 0.001, 0.000_01] {
                    check(failures, calls, error);
                }
            }
        }
    }

    fn check(failures: u32, calls: u32, error: f64) {
        let case = format!("{failures} of {calls}, {error}");
        let at = |rate| Binomial::new(rate, u64::from(calls)).unwrap();
        let (low, high) = (lower(failures, calls, error), upper(failures, calls, error));
        if failures < calls {
            let or_less = at(high).cdf(u64::from(failures));
            assert!((or_less / error - 1.0).abs() < 1e-3, "{case}: {or_less}");
        } else {
            assert_eq!(high, 1.0, "{case}");
        }
        if failures > 0 {
            let or_more = at(low).sf(u64::from(failures - 1));
            assert!((or_more / error - 1.0).abs() < 1e-3, "{case}: {or_more}");
        } else {
            assert_eq!(low, 0.0, "{case}");
        }
    }

    /// Tables print these.
    #[test]
    fn known_values() {
        assert!((upper(0, 100, 0.025) - 0.036_216_7).abs() < 1e-6);
        assert!((lower(1, 10, 0.025) - 0.002_528_6).abs() < 1e-6);
        assert!((upper(1, 10, 0.025) - 0.445_016_1).abs() < 1e-6);
    }
}
