use super::*;

fn component(body: &str) -> Vec<u8> {
    wat::parse_str(format!("(component {body})")).unwrap()
}

const LIFECYCLE: &str = r#"
    (instance $none)
    (export "tenon:connector/lifecycle@0.1.0" (instance $none))"#;
const FILE_STORE: &str = r#"(export "tenon:connector/file-store@0.1.7" (instance $none))"#;

fn refused(bytes: &[u8]) -> String {
    Manifest::read(bytes).unwrap_err().to_string()
}

#[test]
fn reads_roles_imports_and_sizes() {
    let imports = [
        ("wasi:io/streams@0.2.12", Need::Nothing),
        ("wasi:cli/exit@0.2.0", Need::Nothing),
        ("wasi:http/types@0.2.12", Need::Nothing),
        ("wasi:http/outgoing-handler@0.2.12", Need::Http),
        ("tenon:connector/log@0.1.0", Need::Nothing),
        ("tenon:connector/secret@0.1.0", Need::Secret),
        ("tenon:connector/files@0.1.0", Need::Files),
        ("tenon:connector/scratch@0.1.0", Need::Scratch),
        ("tenon:connector/scratch@0.2.0", Need::Unknown),
        ("wasi:io/streams@0.3.0", Need::Unknown),
        ("wasi:sockets/tcp@0.2.12", Need::Unknown),
    ];
    let import = |(name, _): &(&str, Need)| format!("(import {name:?} (instance))\n");
    let body = imports.iter().map(import).collect::<String>()
        + r#"(core module $m (memory 3) (table 9 funcref))
             (core module $n (memory 1))
             (core instance $a (instantiate $m))
             (core instance $b (instantiate $n))
             (core instance $bag)"#
        + LIFECYCLE
        + FILE_STORE;
    let manifest = Manifest::read(&component(&body)).unwrap();
    let found: Vec<_> = manifest
        .imports
        .iter()
        .map(|i| (i.name(), i.need()))
        .collect();
    assert_eq!(found, imports);
    assert_eq!(
        manifest.roles,
        BTreeSet::from([Role::Lifecycle, Role::FileStore])
    );
    assert_eq!(manifest.core_instances, 2);
    assert_eq!(manifest.memory_bytes_min, 4 * 65_536);
    assert_eq!(manifest.table_elements_min, 9);
}

#[test]
fn does_not_count_what_nested_components_export() {
    let nested = format!("(component {LIFECYCLE} {FILE_STORE})");
    assert_eq!(
        refused(&component(&nested)),
        "exports no `tenon:connector/lifecycle@0.1`"
    );
}

#[test]
fn refuses_what_is_no_plugin() {
    let module = wat::parse_str("(module)").unwrap();
    assert_eq!(
        refused(&module),
        "a core module, not a component; build it for `wasm32-wasip2`"
    );
    assert!(refused(b"<html>").starts_with("not valid WebAssembly: "));
    assert_eq!(
        refused(&component("")),
        "exports no `tenon:connector/lifecycle@0.1`"
    );
    assert_eq!(
        refused(&component(LIFECYCLE)),
        "exports no role known here, such as `tenon:connector/file-store@0.1`"
    );
    let mut cut = component(&format!("{LIFECYCLE} {FILE_STORE}"));
    cut.truncate(cut.len() - 3);
    assert!(refused(&cut).starts_with("not valid WebAssembly: "));
}
