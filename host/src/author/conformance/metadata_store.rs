//! The role `metadata-store`.

use super::expect::{done, graceful, holds, refused, short};
use super::lifecycle::touch::NOTHING;
use super::report::{Outcome, passed, skipped};
use super::trial::Trial;
use crate::dispatch::Outcome::NotFound;
use crate::dispatch::metadata_store::Fetch;

async fn fetch(trial: &Trial, reference: &str) -> Result<String, crate::dispatch::Error> {
    let reference = reference.to_owned();
    trial.client.call(Fetch { reference }).await
}

pub(super) async fn known(trial: &Trial) -> Outcome {
    let Some(reference) = &trial.reference else {
        return skipped("no reference is known: give one by --reference");
    };
    let text = done("fetching what is there", fetch(trial, reference).await)?;
    let json = serde_json::from_str::<serde_json::Value>(&text);
    holds(json.is_ok(), || {
        format!("what is fetched is no JSON: {}", short(&text))
    })?;
    passed()
}

pub(super) async fn missing(trial: &Trial) -> Outcome {
    let fetched = fetch(trial, NOTHING).await;
    refused("fetching what is not there", fetched, &[NotFound])?;
    passed()
}

pub(super) async fn odd(trial: &Trial) -> Outcome {
    let long = "x".repeat(10_000);
    for reference in ["", "a b", "*", "../../etc", "a\0b", "ü\r\n", "%00", &long] {
        let fetched = fetch(trial, reference).await;
        graceful(&format!("fetching {}", short(&reference)), fetched)?;
    }
    passed()
}
