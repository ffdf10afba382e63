//! Medians and percentiles.

/// The value below which `share` of the samples lie; sorts them.
pub fn percentile(samples: &mut [f64], share: f64) -> f64 {
    samples.sort_by(f64::total_cmp);
    let last = samples.len().saturating_sub(1);
    let index = (last as f64 * share).round() as usize;
    samples.get(index).copied().unwrap_or(f64::NAN)
}

/// The middle of the samples; sorts them.
pub fn median(samples: &mut [f64]) -> f64 {
    percentile(samples, 0.5)
}

/// Rounds in which all variants of a measurement take turns.
pub fn rounds() -> usize {
    let set = std::env::var("TENON_BENCH_ROUNDS").ok();
    set.and_then(|text| text.parse().ok()).unwrap_or(15)
}
