//! PLACEHOLDER, to be dropped at the merge: the module of the same name that
//! judges canaries takes its place.
#![allow(missing_docs, reason = "a placeholder")]

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    pub weight: u8,
    pub sample_min: u32,
    pub sample_max: u32,
    pub margin: f64,
    pub false_promotion: f64,
    pub latency_ratio: f64,
    pub window_ms: u64,
}

impl Rules {
    pub fn problems(&self) -> Vec<String> {
        let wrong = !(1..=90).contains(&self.weight);
        let problem = wrong.then(|| "weight: expected 1 to 90 percent".to_owned());
        problem.into_iter().collect()
    }
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
