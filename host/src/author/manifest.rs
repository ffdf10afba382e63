//! The manifest of a new project: the template's package, and of this
//! repository's own workspace what the SDK inherits.

use toml::{Table, Value};

use super::embedded;

/// Packages of the SDK, which a project may depend on.
const SDK_PACKAGES: [&str; 3] = ["tenon-sdk", "tenon-ro-crate", "tenon-sql"];
/// The profile that components are built with.
pub(super) const PROFILE: &str = "plugin";

/// `package`, a manifest without a workspace, as the root of one.
///
/// # Errors
///
/// When an embedded manifest is malformed.
pub(super) fn of_project(package: &str) -> Result<String, toml::de::Error> {
    let root: Table = embedded::WORKSPACE.parse()?;
    let mut inherited = inherited(&package.parse()?);
    for file in embedded::sdk() {
        if file.path().ends_with("Cargo.toml") {
            let text = file.contents_utf8().unwrap_or_default();
            inherited.extend(self::inherited(&text.parse()?));
        }
    }
    let mut workspace = table(&root, "workspace");
    let mut dependencies = table(&workspace, "dependencies");
    dependencies.retain(|name, _| {
        SDK_PACKAGES.contains(&name) || inherited.iter().any(|known| known == name)
    });
    workspace.retain(|key, _| matches!(key, "resolver" | "package" | "lints"));
    workspace.insert("dependencies".to_owned(), Value::Table(dependencies));
    let mut profiles = table(&root, "profile");
    profiles.retain(|name, _| name == PROFILE);
    let mut tables = Table::new();
    tables.insert("workspace".to_owned(), Value::Table(workspace));
    tables.insert("profile".to_owned(), Value::Table(profiles));
    let package = package.trim_end();
    Ok(format!(
        "{package}\n\n# What the SDK in sdk/ inherits.\n{tables}"
    ))
}

fn table(of: &Table, key: &str) -> Table {
    of.get(key)
        .and_then(Value::as_table)
        .cloned()
        .unwrap_or_default()
}

/// Dependencies that a manifest takes from its workspace.
fn inherited(manifest: &Table) -> Vec<String> {
    let targets = table(manifest, "target");
    let of_targets = targets.values().filter_map(Value::as_table);
    let mut names = Vec::new();
    for tables in of_targets.chain([manifest]) {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let inherits = |value: &Value| value.get("workspace").is_some();
            let dependencies = table(tables, kind);
            let taken = dependencies.iter().filter(|(_, value)| inherits(value));
            names.extend(taken.map(|(name, _)| name.clone()));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_all_that_the_sdk_inherits_and_no_more() {
        let package = "[package]\nname = \"x\"\n[dependencies]\nserde.workspace = true\n";
        let manifest: Table = of_project(package).unwrap().parse().unwrap();
        let workspace = manifest["workspace"].as_table().unwrap();
        let dependencies = workspace["dependencies"].as_table().unwrap();
        for needed in ["wit-bindgen", "cap-std", "tenon-sdk", "oxrdf", "serde"] {
            assert!(dependencies.contains_key(needed), "{needed}");
        }
        assert!(!dependencies.contains_key("wasmtime"));
        assert!(workspace["package"].get("edition").is_some());
        assert!(workspace["lints"].get("rust").is_some());
        assert!(!workspace.contains_key("members"));
        let profile = manifest["profile"].as_table().unwrap();
        assert_eq!(profile.keys().collect::<Vec<_>>(), [PROFILE]);
    }
}
