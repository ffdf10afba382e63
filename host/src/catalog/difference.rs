//! What an upgrade changes, beside its code.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::{DependencyChange, Difference, Grown};
use crate::plugin::Facts;
use crate::plugin::manifest::Need;

impl Difference {
    /// What changes when one component replaces another.
    pub fn between(from: &Facts, to: &Facts) -> Self {
        let (imports_added, imports_removed) = changed(&imports(from), &imports(to));
        let (wants_added, wants_removed) = changed(&from.wants, &to.wants);
        let roles = |facts: &Facts| facts.roles.iter().map(ToString::to_string).collect();
        let (roles_added, roles_removed) = changed(&roles(from), &roles(to));
        Self {
            imports_added,
            imports_removed,
            wants_added,
            wants_removed,
            roles_added,
            roles_removed,
            size: Grown {
                from: from.size,
                to: to.size,
            },
            memory: Grown {
                from: from.memory_bytes_min,
                to: to.memory_bytes_min,
            },
            dependencies: dependencies(from, to),
        }
    }
}

/// Interfaces beyond the base set, which is powerless. Versions are left out:
/// the same interface in a later version gives no other access.
fn imports(facts: &Facts) -> BTreeSet<String> {
    let needing = facts.imports.iter();
    let needing = needing.filter(|import| import.need() != Need::Nothing);
    let name = |name: &str| name.split('@').next().unwrap_or(name).to_owned();
    needing.map(|import| name(import.name())).collect()
}

fn changed(from: &BTreeSet<String>, to: &BTreeSet<String>) -> (Vec<String>, Vec<String>) {
    (
        to.difference(from).cloned().collect(),
        from.difference(to).cloned().collect(),
    )
}

/// Several versions of one library count as one entry, listed together.
fn dependencies(from: &Facts, to: &Facts) -> Vec<DependencyChange> {
    let (from, to) = (versions(from), versions(to));
    let names: BTreeSet<_> = from.keys().chain(to.keys()).copied().collect();
    let changes = names.into_iter().map(|name| DependencyChange {
        name: name.to_owned(),
        from: from.get(name).map(|versions| versions.join(", ")),
        to: to.get(name).map(|versions| versions.join(", ")),
    });
    changes.filter(|change| change.from != change.to).collect()
}

fn versions(facts: &Facts) -> BTreeMap<&str, Vec<&str>> {
    let mut versions = BTreeMap::<_, Vec<_>>::new();
    for dependency in &facts.dependencies {
        let known = versions.entry(dependency.name.as_str()).or_default();
        known.push(dependency.version.as_str());
    }
    versions
        .values_mut()
        .for_each(|versions| versions.sort_unstable());
    versions
}
