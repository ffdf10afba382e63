//! What a plugin says of itself.

use super::super::expect::{Checked, done, holds, same, short};
use super::super::report::{Outcome, passed};
use super::super::trial::Trial;
use crate::dispatch::lifecycle::{Check, Describe, Description};

/// Grants a plugin can want.
const WANTS: [&str; 7] = [
    "http", "files", "secrets", "scratch", "kv", "sql", "database",
];
/// Longest name that still fits a table.
const NAME_MAX: usize = 64;

pub(in super::super) async fn sane(trial: &Trial) -> Outcome {
    let Description {
        name,
        version,
        config_schema,
        wants,
    } = done("describe", trial.client.call(Describe).await)?;
    let sound = !name.is_empty() && name.len() <= NAME_MAX && !name.contains(char::is_control);
    holds(sound, || {
        format!(
            "the name {} is empty, too long or not printable",
            short(&name)
        )
    })?;
    semver::Version::parse(&version)
        .map_err(|error| format!("the version {} is not semantic: {error}", short(&version)))?;
    schema(&config_schema)?;
    for want in &wants {
        holds(WANTS.contains(&want.as_str()), || {
            format!(
                "it wants {}, and there is `{}`",
                short(want),
                WANTS.join("`, `")
            )
        })?;
    }
    passed()
}

fn schema(text: &str) -> Checked {
    let schema: serde_json::Value = serde_json::from_str(text)
        .map_err(|error| format!("the configuration's schema is no JSON: {error}"))?;
    holds(schema.is_object() || schema.is_boolean(), || {
        "the configuration's schema is neither an object nor a boolean".to_owned()
    })?;
    jsonschema::draft202012::new(&schema)
        .map(drop)
        .map_err(|error| format!("the configuration's schema is no JSON Schema: {error}"))
}

pub(in super::super) async fn stable(trial: &Trial) -> Outcome {
    let first = done("describe", trial.client.call(Describe).await)?;
    for _ in 0..3 {
        let next = done("describe", trial.client.call(Describe).await)?;
        let shown = |of: &Description| format!("{of:?}");
        same("describe gave two answers", &shown(&first), &shown(&next))?;
    }
    passed()
}

pub(in super::super) async fn check(trial: &Trial) -> Outcome {
    done("check", trial.client.call(Check).await)?;
    passed()
}
