//! Everything a host would ask before it serves a component, in its order.

use std::path::Path;

use super::Failed;
use super::inspect::schema;
use super::stage::{Caller, Stage};
use crate::config::Connector;
use crate::dispatch::Outcome;
use crate::dispatch::lifecycle::{Check, Describe};
use crate::plugin::manifest::Manifest;

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// All is well.
    Passed,
    /// A host would go on, and say so.
    Warned,
    /// A host would refuse.
    Refused,
    /// A step before it has to pass first.
    Skipped,
}

/// One thing that was looked at.
#[derive(Debug, serde::Serialize)]
pub struct Step {
    /// What was looked at.
    pub name: &'static str,
    /// What became of it.
    pub verdict: Verdict,
    /// What was found.
    pub message: String,
}

/// Everything that was looked at.
#[derive(Debug, serde::Serialize)]
pub struct Report {
    /// Whether a host would serve it.
    pub accepted: bool,
    /// The steps, in their order.
    pub steps: Vec<Step>,
}

/// The steps of a check, in their order.
const STEPS: [&str; 6] = [
    "component",
    "compile",
    "describe",
    "connector",
    "config",
    "check",
];

/// Looks at a component the way a host does: admission first, then the
/// activation of a connector; without a file one that is granted nothing.
pub async fn check(component: &Path, connector: Option<&Path>, caller: Caller) -> Report {
    let mut steps = Vec::new();
    let mut note = |verdict, message: String| {
        let name = STEPS.get(steps.len()).copied().unwrap_or_default();
        steps.push(Step {
            name,
            verdict,
            message,
        });
    };
    let complete = walk(component, connector, caller, &mut note).await;
    if let Err(message) = complete {
        note(Verdict::Refused, message);
    }
    while let Some(name) = STEPS.get(steps.len()).copied() {
        steps.push(Step {
            name,
            verdict: Verdict::Skipped,
            message: "a step before it was refused".to_owned(),
        });
    }
    Report {
        accepted: steps.iter().all(|step| step.verdict != Verdict::Refused),
        steps,
    }
}

/// Goes on until a step is refused, which is the error.
async fn walk(
    component: &Path,
    connector: Option<&Path>,
    caller: Caller,
    note: &mut impl FnMut(Verdict, String),
) -> Result<(), String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let bytes = std::fs::read(component)
        .map_err(|error| format!("cannot read {}: {error}", component.display()))?;
    let manifest = Manifest::read(&bytes).map_err(|error| text(&error))?;
    let roles: Vec<_> = manifest.roles.iter().map(|role| role.name()).collect();
    let message = format!("{} bytes, plays {}", bytes.len(), roles.join(", "));
    note(Verdict::Passed, message);

    let stage = Stage::new(component, None, Caller::default()).map_err(|error| text(&error))?;
    note(Verdict::Passed, "compiled and linked".to_owned());

    let described = stage.call(Describe).await.map_err(Failed::from);
    let described = described.map_err(|error| text(&error))?;
    let validator = jsonschema::draft202012::new(&schema(&described))
        .map_err(|error| format!("its configuration schema is none: {}", error.masked()))?;
    let message = format!("{} {}", described.name, described.version);
    note(Verdict::Passed, message);
    drop(stage);

    let scratch = tempfile::tempdir().map_err(|error| text(&error))?;
    let settings =
        Connector::alone(connector, component, scratch.path()).map_err(
            |problems| match connector {
                Some(_) => problems.to_string(),
                None => format!("{problems}\nname the connector's file with --connector"),
            },
        )?;
    let message = match connector {
        Some(path) => format!("{} grants what is imported", path.display()),
        None => "no file, and none is needed: nothing is imported that needs a grant".to_owned(),
    };
    note(Verdict::Passed, message);

    let broken: Vec<_> = validator
        .iter_errors(&settings.config)
        .map(|error| format!("config{}: {}", error.instance_path(), error.masked()))
        .collect();
    if !broken.is_empty() {
        return Err(broken.join("\n"));
    }
    note(Verdict::Passed, "fits the plugin's schema".to_owned());
    drop(settings);

    let stage = Stage::new(component, connector, caller).map_err(|error| text(&error))?;
    let (verdict, message) = reach(&stage).await;
    note(verdict, message);
    Ok(())
}

/// Asks the plugin whether it can reach its system.
async fn reach(stage: &Stage) -> (Verdict, String) {
    match stage.call(Check).await {
        Ok(()) => (Verdict::Passed, "it can reach its system".to_owned()),
        Err(ended) if ended.outcome == Outcome::Unavailable.name() => {
            let message = format!("it would be active and not ready: {}", ended.message);
            (Verdict::Warned, message)
        }
        Err(ended) => (Verdict::Refused, Failed::from(ended).to_string()),
    }
}
