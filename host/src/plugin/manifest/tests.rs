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
        ("wasi:sockets/tcp@0.2.12", Need::Nothing),
        ("wasi:keyvalue/store@0.2.0", Need::Unknown),
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

#[test]
fn another_contract_is_named() {
    for version in ["0.2.0", "0.10.0", "1.0.0"] {
        let other = format!("tenon:connector/file-store@{version}");
        let body = format!(r#"{LIFECYCLE} (export "{other}" (instance $none))"#);
        let refused = refused(&component(&body));
        assert!(
            refused.starts_with(&format!("exports `{other}`")),
            "{refused}"
        );
        assert!(
            refused.contains("version 0.1 of `tenon:connector`"),
            "{refused}"
        );
    }
}

#[test]
fn a_role_of_a_later_host_is_left_alone() {
    let unknown = r#"(export "tenon:connector/oracle@0.1.9" (instance $none))"#;
    let with_known = component(&format!("{LIFECYCLE} {FILE_STORE} {unknown}"));
    assert!(Manifest::read(&with_known).is_ok());
    let alone = refused(&component(&format!("{LIFECYCLE} {unknown}")));
    assert!(
        alone.ends_with("; not known here: `tenon:connector/oracle@0.1.9`"),
        "{alone}"
    );
}

#[test]
fn nesting_is_bounded() {
    let nested = |levels| {
        let inner = (0..levels).fold(String::new(), |inner, _| format!("(component {inner})"));
        component(&format!("{inner} {LIFECYCLE} {FILE_STORE}"))
    };
    assert!(Manifest::read(&nested(DEPTH_MAX)).is_ok());
    let refused = Manifest::read(&nested(DEPTH_MAX + 1));
    assert!(matches!(refused, Err(ManifestError::TooNested)));
}

/// A custom section as the text format writes it.
fn custom(name: &str, content: &[u8]) -> String {
    let content: String = content.iter().map(|byte| format!("\\{byte:02x}")).collect();
    format!(r#"(@custom "{name}" "{content}")"#)
}

#[test]
fn tells_what_it_was_made_with() {
    let content = [
        "\u{3}",
        "\u{8}language\u{1}\u{4}Rust\0",
        "\u{c}processed-by\u{2}\u{5}rustc\u{6}1.95.0\u{4}\u{1b}[2J\u{1}1",
        "\u{3}sdk\u{1}\u{9}other-sdk\u{5}2.0.0",
    ];
    let producers = custom("producers", content.concat().as_bytes());
    let module = format!(
        "(core module {producers} {})",
        custom("tenon-sdk", b"0.1.0")
    );
    let broken = custom("producers", b"\xff\xff") + &custom(".dep-v0", b"no archive");
    let body = format!("{module} {broken} {LIFECYCLE} {FILE_STORE}");
    let manifest = Manifest::read(&component(&body)).unwrap();
    let named = |tools: &[Tool]| {
        let named = tools
            .iter()
            .map(|tool| format!("{} {}", tool.name, tool.version));
        named.collect::<Vec<_>>()
    };
    assert_eq!(named(&manifest.producers.language), ["Rust "]);
    assert_eq!(named(&manifest.producers.processed_by), ["rustc 1.95.0"]);
    assert_eq!(
        named(&manifest.producers.sdk),
        ["other-sdk 2.0.0", "tenon-sdk 0.1.0"]
    );
    assert!(manifest.dependencies.is_empty());
}

#[test]
fn lists_the_libraries_that_the_build_noted() {
    // Zlib without compression, around what `cargo auditable` writes.
    let json = br#"{"packages":[
        {"name":"plugin","version":"1.0.0","source":"local","dependencies":[1],"root":true},
        {"name":"serde","version":"1.0.228","source":"crates.io"}]}"#;
    let length = u16::try_from(json.len()).unwrap();
    let [low, high] = length.to_le_bytes();
    let mut packed = vec![0x78, 0x01, 1, low, high, !low, !high];
    packed.extend(json);
    packed.extend(adler32(json).to_be_bytes());
    let body = format!("{} {LIFECYCLE} {FILE_STORE}", custom(".dep-v0", &packed));
    let manifest = Manifest::read(&component(&body)).unwrap();
    let [serde] = &manifest.dependencies[..] else {
        panic!("{:?}", manifest.dependencies)
    };
    assert_eq!((&*serde.name, &*serde.version), ("serde", "1.0.228"));
}

fn adler32(bytes: &[u8]) -> u32 {
    let (mut low, mut high) = (1_u32, 0_u32);
    for byte in bytes {
        low = (low + u32::from(*byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    high << 16 | low
}
