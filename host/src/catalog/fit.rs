//! Whether a component fits a connector: its frontend, its grants, its
//! configuration.

use super::Configured;
use crate::capability::Grants;
use crate::plugin::Facts;
use crate::plugin::manifest::Granted;

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
    problems.extend(imports.filter_map(|import| import.ungranted(granted(&configured.grants))));
    let config = facts.check_config(&configured.config);
    problems.extend(config.into_iter().map(|why| format!("config: {why}")));
    problems
}

fn granted(grants: &Grants) -> Granted {
    Granted {
        http: grants.reach_hosts(),
        secrets: grants.reach_secrets(),
        files: grants.reach_files(),
        scratch: grants.scratch.is_some(),
    }
}
