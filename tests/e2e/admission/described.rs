//! What a component says about itself, and what it costs to ask.

use tenon_host::plugin::Facts;
use tenon_tests::altered::{self, with_describe, with_text};

use super::Rig;

async fn check(component: Vec<u8>, code: &str, says: &str) {
    let refusal = Rig::new().refused(component).await;
    assert_eq!(refusal.code(), code, "{refusal}");
    let text = refusal.to_string();
    assert!(text.contains(says), "{text}");
}

#[tokio::test]
async fn facts_are_what_it_says() {
    let bytes = altered::template();
    let facts = Rig::new().admit(bytes.clone()).await.unwrap().facts;
    assert_eq!((&*facts.name, &*facts.version), ("template", "0.1.0"));
    assert_eq!(facts.config_schema["type"], "object");
    assert!(facts.wants.is_empty());
    assert_eq!(facts.size, bytes.len() as u64);
    assert_eq!(facts.memory_bytes_min, 256 << 10);
    assert_eq!(facts.contract, "0.1");
    let stored = serde_json::to_value(&facts).unwrap();
    assert_eq!(
        stored["roles"],
        serde_json::json!(["lifecycle", "file-store"])
    );
    assert_eq!(serde_json::from_value::<Facts>(stored).unwrap(), facts);
}

#[tokio::test]
async fn one_that_traps_is_refused() {
    check(with_describe(&[]), "describe-trapped", "`unreachable`").await;
}

#[tokio::test]
async fn one_that_spins_is_refused() {
    // A loop that branches to its beginning.
    let spin = with_describe(&[0x03, 0x40, 0x0c, 0x00, 0x0b]);
    check(spin, "describe-timeout", "within 5 s").await;
}

#[tokio::test]
async fn one_that_takes_too_much_is_refused() {
    // Memory grown by 1023 pages, to more than 64 MiB.
    let grow = with_describe(&[0x41, 0xff, 0x07, 0x40, 0x00, 0x1a]);
    check(grow, "describe-limit", "memory_bytes").await;
}

#[tokio::test]
async fn one_that_answers_beyond_its_memory_is_refused() {
    // The answer lies at -4; the function returns.
    let nowhere = with_describe(&[0x41, 0x7c, 0x0f]);
    check(nowhere, "bad-description", "description").await;
}

#[tokio::test]
async fn one_that_answers_rubbish_is_refused() {
    for (other, says) in [
        ("Template0.1.0{", "wrong name"),
        ("template0.1.x{", "wrong version"),
        ("template0.1.0[", "config-schema: it is no JSON"),
    ] {
        let code = if says.starts_with("wrong") {
            "bad-description"
        } else {
            "bad-schema"
        };
        check(with_text("template0.1.0{", other), code, says).await;
    }
}
