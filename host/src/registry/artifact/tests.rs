use bytes::Bytes;
use serde_json::{Value, json};

use super::*;
use crate::registry::Reference;

const COMPONENT: &str = r#"(component
    (import "wasi:cli/environment@0.2.12" (instance))
    (component $inner (import "hidden" (func)))
    (core module $core (import "a" "b" (func)))
    (instance $none)
    (export "tenon:connector/lifecycle@0.1.0" (instance $none)))"#;

fn repository() -> Repository {
    "a.example/team/disk"
        .parse::<Reference>()
        .unwrap()
        .repository
}

fn whole(annotations: BTreeMap<String, String>) -> Value {
    let digest = Digest::of(b"");
    let bytes = manifest(&repository(), (&digest, 1), (&digest, 2), annotations).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn parsed(manifest: &Value) -> Result<Layer, Error> {
    let bytes = Bytes::from(manifest.to_string());
    let digest = Digest::of(&bytes);
    layer(&Manifest { bytes, digest })
}

#[test]
fn has_the_layout_that_others_read() {
    let component = wat::parse_str(COMPONENT).unwrap();
    let config: Value = serde_json::from_slice(&config(&component).unwrap()).unwrap();
    let created = config["created"].as_str().unwrap();
    assert!(
        OffsetDateTime::parse(created, &Rfc3339).is_ok(),
        "{created}"
    );
    let expected = json!({
        "created": created,
        "architecture": "wasm",
        "os": "wasip2",
        "layerDigests": [Digest::of(&component)],
        "component": {
            "exports": ["tenon:connector/lifecycle@0.1.0"],
            "imports": ["wasi:cli/environment@0.2.12"],
            "target": null,
        },
    });
    assert_eq!(config, expected);
    let empty = Digest::of(b"");
    let expected = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.wasm.config.v0+json", "digest": empty, "size": 1},
        "layers": [{
            "mediaType": "application/wasm",
            "digest": empty,
            "size": 2,
            "annotations": {"org.opencontainers.image.title": "disk.wasm"},
        }],
    });
    assert_eq!(whole(BTreeMap::new()), expected);
    let titled = whole(BTreeMap::from([(TITLE.to_owned(), "d.wasm".to_owned())]));
    assert_eq!(titled["annotations"], json!({TITLE: "d.wasm"}));
    assert_eq!(titled["layers"][0]["annotations"], json!({TITLE: "d.wasm"}));
}

#[test]
fn reads_its_own_layout_and_no_other() {
    let good = whole(BTreeMap::new());
    let expected = Layer {
        digest: Digest::of(b""),
        size: 2,
    };
    assert_eq!(parsed(&good).unwrap(), expected);

    let check = |key: &str, value: Value, expected: &str| {
        let mut manifest = good.clone();
        *manifest.pointer_mut(key).unwrap() = value;
        let error = parsed(&manifest).unwrap_err();
        assert_eq!(error.code(), "not-a-plugin-artifact");
        assert!(error.to_string().contains(expected), "{error}");
    };
    let index = "application/vnd.oci.image.index.v1+json";
    check("/mediaType", json!(index), "its manifest is not");
    check("/config/mediaType", json!("a\u{7}b"), "`a\\u{7}b`, not");
    check("/layers", json!([]), "0 layers, not one");
    let layer = &good["layers"][0];
    check("/layers", json!([layer, layer]), "2 layers, not one");
    let tar = "application/vnd.oci.image.layer.v1.tar";
    check("/layers/0/mediaType", json!(tar), "its layer is");
    check("/layers/0/size", json!(-1), "its layer has no size");
    check("/layers/0/digest", json!("sha512:00"), "is no digest");
    check("/layers/0/digest", json!("sha256:../../x"), "is no digest");
    check("/config", json!(null), "is none of an image");
}

#[test]
fn takes_nothing_but_components() {
    for bytes in [&b""[..], b"\0asm\x01\0\0\0", b"no wasm at all"] {
        let error = config(bytes).unwrap_err();
        assert!(error.to_string().starts_with("not a WebAssembly component"));
    }
    let mut cut = wat::parse_str(COMPONENT).unwrap();
    cut.pop();
    let error = config(&cut).unwrap_err();
    assert!(
        error.to_string().starts_with("not valid WebAssembly"),
        "{error}"
    );
}
