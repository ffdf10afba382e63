//! Every shipped connector's `[config]` is what its plugin asks for.

use crate::config::Source;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::shipped::{CHART, example, shipped};
use crate::plugin::Facts;

/// What is known of a plugin with the schema of a shipped one.
fn facts(plugin: &str) -> Facts {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins");
    let schema = fs::read_to_string(folder.join(plugin).join("config.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let facts = json!({
        "name": plugin, "version": "0.1.0", "config_schema": schema, "wants": [], "roles": [],
        "imports": [], "size": 0, "memory_bytes_min": 0, "core_instances": 0,
        "table_elements_min": 0, "contract": "0.1", "dependencies": [],
        "producers": { "language": [], "processed_by": [], "sdk": [] },
    });
    serde_json::from_value(facts).unwrap()
}

fn check(variables: &[(&str, &str)], connectors: usize) {
    let config = shipped(variables).unwrap();
    assert_eq!(config.connectors.len(), connectors);
    for connector in &config.connectors {
        let Source::File(component) = &connector.source else {
            panic!("{:?}", connector.source);
        };
        let plugin = component.file_stem().unwrap().to_str().unwrap();
        let told = facts(plugin).check_config(&connector.config);
        assert_eq!(told, [""; 0], "{}", connector.id);
    }
}

#[test]
fn of_the_shipped_connectors() {
    check(&[("HOME", "/root")], 2);
    check(CHART, 5);
    let variables = [example("environment"), example("secrets")].concat();
    let variables: Vec<_> = variables
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    check(&variables, 5);
}

#[test]
fn a_schema_sees_types_and_a_plugin_texts() {
    let config = shipped(&[("HOME", "/root")]).unwrap();
    let archive = &config.connectors[0];
    assert_eq!(archive.config["shared"], json!(false));
    assert_eq!(archive.values["shared"], "false");
    let mut wrong = archive.config.clone();
    wrong["shared"] = json!("false");
    let told = facts("archive").check_config(&wrong);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("config `/shared`: "), "{told:?}");
}
