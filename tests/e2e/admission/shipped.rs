//! The plugins of this repository.

use std::collections::BTreeSet;

use tenon_host::plugin::Role;
use tenon_tests::artefact;

use super::Rig;

#[tokio::test]
async fn every_shipped_plugin_is_admitted() {
    let rig = Rig::new();
    for (name, roles, wants) in [
        (
            "archive",
            &[Role::Repository][..],
            &["files", "scratch"][..],
        ),
        ("disk", &[Role::FileStore], &["files"]),
        ("osf", &[Role::Repository], &["http", "scratch"]),
        ("owncloud", &[Role::FileStore], &["http"]),
        ("swift", &[Role::FileStore], &["http", "secrets"]),
        ("template", &[Role::FileStore], &[]),
        ("zenodo", &[Role::Repository], &["http", "scratch"]),
    ] {
        let bytes = std::fs::read(artefact::plugin(name)).unwrap();
        let facts = rig.admit(bytes).await.unwrap().facts;
        assert_eq!(facts.name, name);
        assert_eq!(facts.version, env!("CARGO_PKG_VERSION"));
        let mut expected = BTreeSet::from([Role::Lifecycle]);
        expected.extend(roles);
        assert_eq!(facts.roles, expected, "{name}");
        assert!(facts.wants.iter().eq(wants), "{name}: {:?}", facts.wants);
        let made = |tools: &[tenon_host::plugin::manifest::Tool], name, version: &str| {
            let mut tools = tools.iter();
            tools.any(|tool| tool.name == name && tool.version.starts_with(version))
        };
        let producers = &facts.producers;
        assert!(made(&producers.language, "Rust", ""), "{producers:?}");
        assert!(
            made(&producers.processed_by, "rustc", "1."),
            "{producers:?}"
        );
        let sdk = env!("CARGO_PKG_VERSION");
        assert!(made(&producers.sdk, "tenon-sdk", sdk), "{producers:?}");
    }
}
