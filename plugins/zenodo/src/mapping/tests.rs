//! Both mappings on the same crates: what is right, and what the original makes of them.

mod agents;
mod back;
mod compatible;
mod correct;
mod licenses;
mod plain;

use serde_json::{Value, json};
use tenon_sdk::{Error, Kind};
use time::macros::date;

use super::*;

const DEPOSITOR: Depositor<'static> = Depositor {
    user: Some("alice@cloud.example"),
    today: date!(2024 - 05 - 06),
};

/// A crate with these members of its root and these other entities.
fn a_crate(root: Value, others: &[Value]) -> Value {
    let mut entity = json!({"@id": "./", "@type": "Dataset"});
    for (key, value) in root.as_object().unwrap() {
        entity[key] = value.clone();
    }
    let mut graph = vec![
        json!({
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
            "about": {"@id": "./"}
        }),
        entity,
    ];
    graph.extend_from_slice(others);
    json!({"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph})
}

fn attempt(document: &Value) -> Result<Value, Error> {
    to_zenodo(
        Some(&document.to_string()),
        Mapping::Correct,
        Target::Update,
        &DEPOSITOR,
    )
}

/// What the correct mapping makes of a document.
fn correct(document: &Value) -> Value {
    attempt(document).unwrap()
}

/// What the correct mapping makes of a root with these members.
fn of_root(root: Value) -> Value {
    correct(&a_crate(root, &[]))
}

fn compatible_to(target: Target, document: &Value) -> Value {
    let document = document.to_string();
    to_zenodo(Some(&document), Mapping::Compatible, target, &DEPOSITOR).unwrap()
}

/// What the original sends on POST and on PATCH.
fn compatible(document: &Value) -> (Value, Value) {
    (
        compatible_to(Target::Create, document),
        compatible_to(Target::Update, document),
    )
}

#[test]
fn the_mapping_is_configured_by_name() {
    assert_eq!("correct".parse(), Ok(Mapping::Correct));
    assert_eq!("compatible".parse(), Ok(Mapping::Compatible));
    assert_eq!(Mapping::default(), Mapping::Correct);
    assert!(
        "Correct"
            .parse::<Mapping>()
            .unwrap_err()
            .contains("`Correct`")
    );
}

#[test]
fn deep_documents_fit_a_plugins_stack() {
    for (levels, mapping) in [
        (100, Mapping::Correct),
        (100, Mapping::Compatible),
        (500_000, Mapping::Correct),
        (500_000, Mapping::Compatible),
    ] {
        let deep = "{\"name\":[".repeat(levels / 2) + "\"x\"" + &"]}".repeat(levels / 2);
        let document = a_crate(json!({"name": "DEEP", "size": "1"}), &[])
            .to_string()
            .replace("\"DEEP\"", &deep);
        let mapped = std::thread::Builder::new()
            .stack_size(128 * 1024)
            .spawn(move || to_zenodo(Some(&document), mapping, Target::Create, &DEPOSITOR).is_ok())
            .unwrap();
        // The original's mapping reads what a JSON parser reads.
        let wanted = levels == 100 && mapping == Mapping::Compatible;
        assert_eq!(mapped.join().unwrap(), wanted, "{levels} {mapping:?}");
    }
}
