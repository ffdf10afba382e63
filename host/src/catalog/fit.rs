//! Whether a component fits a connector: its frontend, its grants, its
//! configuration.

use super::Configured;
use crate::capability::Grants;
use crate::plugin::Facts;
use crate::plugin::manifest::{Import, Need};

/// Everything that does not fit.
pub(super) fn problems(facts: &Facts, configured: &Configured) -> Vec<String> {
    let mut problems = Vec::new();
    if !configured
        .roles
        .iter()
        .any(|role| facts.roles.contains(role))
    {
        let roles: Vec<_> = configured.roles.iter().map(|role| role.name()).collect();
        problems.push(format!(
            "plays no role that the connector's frontend calls: `{}`",
            roles.join("`, `")
        ));
    }
    let imports = facts.imports.iter();
    problems.extend(imports.filter_map(|import| ungranted(import, &configured.grants)));
    let config = facts.check_config(&configured.config);
    problems.extend(config.into_iter().map(|why| format!("config: {why}")));
    problems
}

fn ungranted(import: &Import, grants: &Grants) -> Option<String> {
    let (is_granted, why) = match import.need() {
        Need::Nothing => return None,
        Need::Http => (grants.reach_hosts(), "which needs a [[grants.http]]"),
        Need::Files => (grants.reach_files(), "which needs a [[grants.files]]"),
        Need::Scratch => (grants.scratch.is_some(), "which needs [grants.scratch]"),
        Need::Secret => (
            grants.reach_secrets(),
            "which needs a [[grants.secrets]] or credentials in a [[grants.http]]",
        ),
        Need::Unknown => (false, "which this host does not offer"),
    };
    (!is_granted).then(|| format!("imports `{import}`, {why}"))
}
