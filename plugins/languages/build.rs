//! How the plugin is linked, where it differs from the others.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let wasm = std::env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm");
    if wasm {
        // What is known of the languages takes 240 KiB, which leaves the memory of all others no room.
        println!("cargo::rustc-link-arg-cdylib=--initial-memory=524288");
    }
}
