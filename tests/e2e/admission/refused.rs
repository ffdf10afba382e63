//! What never runs: files that are no plugin, and what no compiler manages.

use tenon_host::limits::AdmissionLimits;
use tenon_tests::{altered, artefact};

use super::{LABORIOUS_FUNCTIONS, Rig, compile_ms};

const LIFECYCLE: &str = r#"(instance $none)
    (export "tenon:connector/lifecycle@0.1.0" (instance $none))"#;
const STORE: &str = r#"(export "tenon:connector/file-store@0.1.0" (instance $none))"#;

fn component(body: &str) -> Vec<u8> {
    wat::parse_str(format!("(component {body})")).unwrap()
}

async fn check(bytes: impl Into<Vec<u8>>, code: &str, says: &str) {
    let rig = Rig::new();
    let refusal = rig.refused(bytes).await;
    assert_eq!(refusal.code(), code, "{refusal}");
    let text = refusal.to_string();
    assert!(text.contains(says), "{text}");
    assert!(rig.cached("cwasm").is_empty(), "{code} was compiled");
}

#[tokio::test]
async fn what_is_no_plugin_is_refused_by_name() {
    check(*b"<html>", "not-a-component", "not valid WebAssembly").await;
    let module = wat::parse_str("(module)").unwrap();
    check(module, "core-module", "wasm32-wasip2").await;
    check(component(""), "no-lifecycle", "lifecycle@0.1").await;
    let unknown = r#"(export "tenon:connector/oracle@0.1.3" (instance $none))"#;
    let only = component(&format!("{LIFECYCLE} {unknown}"));
    check(only, "no-role", "tenon:connector/oracle@0.1.3").await;
    let nested = (0..9).fold(String::new(), |inner, _| format!("(component {inner})"));
    check(component(&nested), "too-nested", "8 deep").await;
}

#[tokio::test]
async fn another_contract_is_refused_by_name() {
    for version in ["0.2.0", "1.0.0", "0.10.0"] {
        let name = format!("tenon:connector/file-store@{version}");
        let other = format!(r#"{LIFECYCLE} (export "{name}" (instance $none))"#);
        check(component(&other), "unknown-contract", &name).await;
    }
}

#[tokio::test]
async fn every_import_that_is_not_offered_is_named() {
    let imports = r#"(import "wasi:keyvalue/store@0.2.0" (instance))
        (import "wasi:io/poll@0.2.12" (instance))
        (import "tenon:connector/oracle@0.1.0" (instance))"#;
    let bytes = component(&format!("{imports} {LIFECYCLE} {STORE}"));
    let both = "`wasi:keyvalue/store@0.2.0`, `tenon:connector/oracle@0.1.0`,";
    check(bytes, "unknown-import", both).await;
}

#[tokio::test]
async fn a_role_of_another_form_is_refused() {
    let rig = Rig::new();
    let refusal = rig
        .refused(component(&format!("{LIFECYCLE} {STORE}")))
        .await;
    assert_eq!(refusal.code(), "interface-mismatch", "{refusal}");
}

/// Routes that cannot be asked for are not as good as none.
#[tokio::test]
async fn resources_of_another_form_are_refused() {
    let whole = std::fs::read(artefact::plugin("sizes")).unwrap();
    let rig = Rig::new();
    rig.admit(whole.clone()).await.unwrap();
    let refusal = rig
        .refused(altered::renamed(whole, "routes", "rodeos"))
        .await;
    assert_eq!(refusal.code(), "interface-mismatch", "{refusal}");
    assert!(refusal.to_string().contains("routes"), "{refusal}");
}

#[tokio::test]
async fn a_large_file_is_refused_before_it_is_read() {
    let rig = Rig::with(AdmissionLimits {
        component_bytes: 3,
        ..AdmissionLimits::default()
    });
    let refusal = rig.refused(*b"four").await;
    assert_eq!(refusal.code(), "too-large");
    assert!(refusal.to_string().contains("4 bytes, more than the 3"));
}

/// Valid by the newest standard, and more than this host's engine takes.
#[tokio::test]
async fn what_the_compiler_refuses_is_refused_with_its_reason() {
    let body = format!("(core module (type (struct (field i32)))) {LIFECYCLE} {STORE}");
    check(component(&body), "compile-failed", "does not compile: ").await;
}

#[tokio::test]
async fn what_compiles_for_ever_is_refused() {
    let rig = Rig::with(compile_ms(300));
    let refusal = rig.refused(altered::laborious(LABORIOUS_FUNCTIONS)).await;
    assert_eq!(refusal.code(), "compile-timeout", "{refusal}");
    assert!(refusal.to_string().contains("300 ms"), "{refusal}");
}

#[tokio::test]
async fn what_takes_too_much_memory_to_compile_is_refused() {
    let rig = Rig::with(AdmissionLimits {
        compile_memory_bytes: 1300 << 20,
        compile_ms: 600_000,
        ..AdmissionLimits::default()
    });
    // Far below the limit of what it takes to start and compile a small one.
    rig.admit(altered::template()).await.unwrap();
    let refusal = rig.refused(altered::voluminous(2_500_000)).await;
    assert_eq!(refusal.code(), "compile-memory", "{refusal}");
}

#[tokio::test]
async fn too_little_memory_for_the_compiler_itself_is_told_as_such() {
    let rig = Rig::with(AdmissionLimits {
        compile_memory_bytes: 64 << 20,
        ..AdmissionLimits::default()
    });
    let refusal = rig.refused(altered::template()).await;
    assert_eq!(refusal.code(), "compile-memory", "{refusal}");
}
