//! What became of a change, and the difference that an upgrade makes.

use std::process::ExitCode;

use serde::Deserialize;
use serde_json::Value;
use tenon_host::catalog::{DependencyChange, Difference, Grown};
use tenon_host::dispatch::ConnectorId;

use super::remote::{Error, read};
use super::{Output, text};
use crate::arguments::exit;

/// The host's answer to a change.
#[derive(Debug, Deserialize)]
struct Change {
    result: String,
    digest: String,
    previous: Option<String>,
    not_ready: Option<String>,
    difference: Option<Difference>,
}

/// Prints what became of a change.
pub(super) fn report(
    output: &Output,
    connector: &ConnectorId,
    answer: &Value,
) -> Result<ExitCode, Error> {
    let change: Change = read(answer)?;
    output.print(answer, |_| describe(connector, &change))?;
    Ok(match change.result.as_str() {
        "pending" => ExitCode::from(exit::PENDING),
        _ => ExitCode::SUCCESS,
    })
}

fn describe(connector: &ConnectorId, change: &Change) -> String {
    let digest = text::short(&change.digest);
    match change.result.as_str() {
        "activated" => {
            let mut text = format!("{connector} runs {digest}");
            if let Some(previous) = &change.previous {
                text += &format!(" instead of {}", text::short(previous));
            }
            if let Some(reason) = &change.not_ready {
                text += &format!("\nnot ready: {}", text::plain(reason));
            }
            text
        }
        "unchanged" => format!("{connector} runs {digest} already"),
        "pending" => {
            let difference = change.difference.as_ref().map(difference);
            format!(
                "{digest} is held for approval: it wants more than what {connector} runs\n\n{}\n\n\
                 tenon approve {connector} --digest {digest}    to run it\n\
                 tenon reject {connector} --digest {digest}     to give it up",
                difference.unwrap_or_default()
            )
        }
        "trying" => format!(
            "{connector} tries {digest} out; `tenon canary status {connector}` shows how it does"
        ),
        "withdrawn" => format!("{connector} gives {digest} up"),
        other => format!("{connector}: {} {digest}", text::plain(other)),
    }
}

/// What an upgrade changes, a line each. What stays the same is left out.
pub(super) fn difference(difference: &Difference) -> String {
    let mut lines = Vec::new();
    let mut listed = |what: &str, added: &[String], removed: &[String]| {
        let added = added.iter().map(|name| ("+", name));
        let removed = removed.iter().map(|name| ("-", name));
        for (sign, name) in added.chain(removed) {
            lines.push(format!("{what:<9} {sign} {}", text::plain(name)));
        }
    };
    listed(
        "imports",
        &difference.imports_added,
        &difference.imports_removed,
    );
    listed("wants", &difference.wants_added, &difference.wants_removed);
    listed("roles", &difference.roles_added, &difference.roles_removed);
    lines.extend(grown("size", difference.size));
    lines.extend(grown("memory", difference.memory));
    lines.extend(difference.dependencies.iter().map(dependency));
    if lines.is_empty() {
        return "no difference beside the code".to_owned();
    }
    lines.join("\n")
}

fn grown(what: &str, Grown { from, to }: Grown) -> Option<String> {
    let sign = if to > from { "+" } else { "-" };
    (from != to).then(|| {
        format!(
            "{what:<9} {} → {} ({sign}{})",
            text::bytes(from),
            text::bytes(to),
            text::bytes(from.abs_diff(to))
        )
    })
}

fn dependency(change: &DependencyChange) -> String {
    let (sign, versions) = match (&change.from, &change.to) {
        (None, Some(to)) => ("+", to.clone()),
        (Some(from), None) => ("-", from.clone()),
        (Some(from), Some(to)) => ("~", format!("{from} → {to}")),
        (None, None) => ("?", String::new()),
    };
    let line = format!("{:<9} {sign} {} {versions}", "libraries", change.name);
    text::plain(&line)
}

#[cfg(test)]
mod tests;
