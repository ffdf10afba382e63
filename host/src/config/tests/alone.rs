//! One connector's file without a host around it.

use super::*;
use crate::config::Source;

fn load(directory: &Directory, plugin: &str) -> Result<Connector, Vec<String>> {
    let root = directory.root.path();
    let component = root.join(format!("plugins/{plugin}.wasm"));
    let file = root.join("connector.toml");
    Connector::alone(Some(&file), &component, root).map_err(|problems| {
        let root = root.display().to_string();
        problems
            .iter()
            .map(|problem| problem.to_string().replace(&root, "$"))
            .collect()
    })
}

#[test]
fn stands_for_itself() {
    let text = "plugin = 'another'\ntenant = 'nobody'\nenabled = false\n\
                [config]\nx = 1\ny = 'text'\n[[grants.files]]\nname = 'root'\npath = 'here'\n";
    let directory = Directory::new(&[("connector.toml", text), ("here/a.txt", "a")]);
    let connector = load(&directory, "plain").unwrap();
    assert_eq!(connector.id.to_string(), "nobody/connector");
    let Source::File(component) = &connector.source else {
        panic!("{:?}", connector.source);
    };
    assert!(component.ends_with("plugins/plain.wasm"));
    assert_eq!(connector.config, serde_json::json!({ "x": 1, "y": "text" }));
    assert_eq!(connector.values["x"], "1");
    assert!(connector.grants.files.0.contains_key("root"));
}

#[test]
fn mistakes_are_found_as_in_a_host() {
    let directory = Directory::new(&[("connector.toml", "colour = 'blue'\n")]);
    let problems = load(&directory, "greedy").unwrap_err();
    let found = |part: &str| problems.iter().any(|problem| problem.contains(part));
    assert!(
        found("$/connector.toml:1: colour: unknown key"),
        "{problems:#?}"
    );
    assert!(found("which needs a [[grants.files]]"), "{problems:#?}");
}

#[test]
fn no_file_grants_nothing() {
    let directory = Directory::new(&[]);
    let root = directory.root.path();
    let alone = |plugin: &str| Connector::alone(None, &root.join(plugin), root);
    assert!(alone("plugins/plain.wasm").is_ok());
    let refused = alone("plugins/greedy.wasm").unwrap_err().to_string();
    assert!(
        refused.contains("which needs a [[grants.http]]"),
        "{refused}"
    );
    let unnamed = alone("plugins/plain").unwrap_err().to_string();
    assert!(unnamed.contains("ends in .wasm"), "{unnamed}");
}
