//! Connectors of pipelines, and those that call others.

use super::*;
use crate::limits::Batch;
use crate::plugin::Role;

/// Connectors of pipelines by name; `db` plays `database`, the others do not.
fn directory(connectors: &[(&str, &str)]) -> Directory {
    let directory = Directory::new(&[]);
    directory.write("plugins/db.wasm", &playing("database", &[]));
    let imports = ["tenon:connector/database@0.1.0"];
    directory.write("plugins/both.wasm", &playing("database", &imports));
    for (name, text) in connectors {
        let text = format!("frontend = 'sqapi'\n{text}");
        directory.write(&format!("connectors/{name}.toml"), text.as_bytes());
    }
    directory
}

#[test]
fn a_connector_of_pipelines_has_no_address_of_its_own() {
    let text = "plugin = 'both'\nisolation = { mode = 'batch', messages_max = 7 }\n\
                [grants.database]\nconnector = 'db'";
    let config = directory(&[("a", text), ("db", "plugin = 'db'")]).load();
    let config = config.unwrap();
    let a = &config.connectors[0];
    assert!(matches!(a.frontend, Frontend::Sqapi));
    assert!(a.frontend.roles().contains(&Role::Processor));
    let batch = Batch {
        messages_max: 7,
        ..Batch::default()
    };
    assert_eq!(a.isolation, Isolation::Batch(batch));
    assert_eq!(a.grants.database.as_ref().unwrap().connector, "db");
    let problems = directory(&[("a", "plugin = 'db'\nhosts = ['a']")]).problems();
    assert!(problems[0].contains("hosts: unknown key"), "{problems:?}");
}

#[test]
fn what_is_called_is_there_and_speaks_sql() {
    let asks = |name: &str| format!("plugin = 'both'\n[grants.database]\nconnector = '{name}'");
    let problems = directory(&[
        ("a", &asks("nobody")),
        ("b", &asks("files")),
        ("c", &asks("off")),
        ("d", &asks("other/db")),
        ("e", "plugin = 'both'"),
        ("files", "plugin = 'plain'"),
        ("off", "plugin = 'db'\nenabled = false"),
    ]);
    assert_eq!(
        problems.problems(),
        [
            "connectors/a.toml:4: grants.database.connector: no connector `nobody`",
            "connectors/b.toml:4: grants.database.connector: the plugin of connector `files` does not play `database`",
            "connectors/c.toml:4: grants.database.connector: connector `off` is not enabled",
            "connectors/d.toml:4: grants.database.connector: `other/db` is another tenant's",
            "connectors/e.toml:2: plugin: $/plugins/both.wasm: imports `tenon:connector/database@0.1.0`, which needs [grants.database]",
        ]
    );
}

#[test]
fn calls_lead_neither_back_nor_too_far() {
    let asks = |name: &str| format!("plugin = 'both'\n[grants.database]\nconnector = '{name}'");
    let circle = directory(&[("a", &asks("b")), ("b", &asks("a")), ("c", &asks("c"))]);
    assert_eq!(
        circle.problems(),
        [
            "connectors/a.toml:4: grants.database.connector: calls come back to `a` itself",
            "connectors/b.toml:4: grants.database.connector: calls come back to `b` itself",
            "connectors/c.toml:4: grants.database.connector: calls come back to `c` itself",
        ]
    );
    let two = [
        ("a", asks("b")),
        ("b", asks("db")),
        ("db", "plugin = 'db'".to_owned()),
    ];
    let two = two.each_ref().map(|(name, text)| (*name, text.as_str()));
    assert_eq!(directory(&two).problems(), [""; 0]);
    let three = directory(&[
        ("a", &asks("b")),
        ("b", &asks("c")),
        ("c", &asks("db")),
        ("db", "plugin = 'db'"),
    ]);
    assert_eq!(
        three.problems(),
        [
            "connectors/a.toml:4: grants.database.connector: calls would go on to `db`, more than 2 deep"
        ]
    );
}
