//! The layout that others read, and bytes that stay the same.

use std::ffi::OsStr;

use serde_json::{Value, json};
use tenon_tests::registry::{Registry, Skopeo, digest};

use super::{Shell, disk, other, text};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

#[tokio::test]
async fn what_is_pushed_is_pulled() {
    let shell = Shell::new();
    let registry = Registry::start().await;
    let bytes = std::fs::read(disk()).unwrap();
    let component = digest(&bytes);
    let tagged = registry.reference("team/disk:1");
    let pushed = shell.push(&disk(), &tagged, &[&"--plain-http"]).done();
    let pinned = text(&pushed["reference"]);
    let expected = json!({"reference": pinned, "digest": component, "signed": false});
    assert_eq!(pushed, expected);
    let (_, manifest) = registry.manifest("team/disk", "1").await;
    assert_eq!(pinned, registry.reference(&format!("team/disk@{manifest}")));

    let both = format!("{tagged}@{manifest}");
    for reference in [&tagged, &format!("oci://{tagged}"), &pinned, &both] {
        let pulled = shell.pull(reference, &[&"--plain-http"]).done();
        let expected = json!({
            "reference": pinned,
            "digest": component,
            "bytes": bytes.len(),
            "signed_by": null,
            "file": shell.path("pulled.wasm"),
        });
        assert_eq!(pulled, expected);
        assert_eq!(shell.pulled(), bytes, "{reference}");
    }

    // A tag moves on; what was pinned stays.
    shell.push(&other(), &tagged, &[&"--plain-http"]).done();
    shell.pull(&tagged, &[&"--plain-http"]).done();
    assert_eq!(shell.pulled(), std::fs::read(other()).unwrap());
    shell.pull(&both, &[&"--plain-http"]).done();
    assert_eq!(shell.pulled(), bytes);
}

#[tokio::test]
async fn has_the_layout_of_wasm_artifacts() {
    let shell = Shell::new();
    let registry = Registry::start().await;
    let source = "org.opencontainers.image.source=https://git.example/x=y";
    let more: [&dyn AsRef<OsStr>; 3] = [&"--plain-http", &"--annotation", &source];
    shell
        .push(&disk(), &registry.reference("team/disk:1"), &more)
        .done();
    let bytes = std::fs::read(disk()).unwrap();

    let manifest = registry.manifest_json("team/disk", "1").await;
    let config = text(&manifest["config"]["digest"]);
    let config = registry.blob("team/disk", &config).await;
    let expected = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {
            "mediaType": "application/vnd.wasm.config.v0+json",
            "digest": digest(&config),
            "size": config.len(),
        },
        "layers": [{
            "mediaType": "application/wasm",
            "digest": digest(&bytes),
            "size": bytes.len(),
            "annotations": {"org.opencontainers.image.title": "disk.wasm"},
        }],
        "annotations": {"org.opencontainers.image.source": "https://git.example/x=y"},
    });
    assert_eq!(manifest, expected);

    let config: Value = serde_json::from_slice(&config).unwrap();
    assert_eq!(config["architecture"], "wasm");
    assert_eq!(config["os"], "wasip2");
    assert_eq!(config["layerDigests"], json!([digest(&bytes)]));
    let exports = config["component"]["exports"].as_array().unwrap();
    assert!(
        exports.contains(&json!("tenon:connector/lifecycle@0.1.0")),
        "{exports:?}"
    );
    let imports = config["component"]["imports"].as_array().unwrap();
    assert!(
        imports.contains(&json!("tenon:connector/files@0.1.0")),
        "{imports:?}"
    );

    // skopeo reads the same, and its copies are as good.
    let skopeo = Skopeo::new();
    let from = registry.reference("team/disk:1");
    assert_eq!(skopeo.inspect(&from, &["--raw"]), manifest);
    assert_eq!(skopeo.inspect(&from, &["--raw", "--config"]), config);
    let elsewhere = Registry::start().await;
    let to = elsewhere.reference("mirror/disk:2");
    let copied = skopeo.copy(&from, &format!("docker://{to}"));
    assert!(copied.status.success(), "{copied:?}");
    let pulled = shell.pull(&to, &[&"--plain-http"]).done();
    assert_eq!(shell.pulled(), bytes);
    let (_, original) = registry.manifest("team/disk", "1").await;
    assert_eq!(
        text(&pulled["reference"]),
        elsewhere.reference(&format!("mirror/disk@{original}"))
    );
}

#[tokio::test]
async fn other_artifacts_are_no_plugins() {
    let shell = Shell::new();
    let registry = Registry::start().await;
    let reference = registry.reference("team/image:1");
    let no_component = shell.write("module.wasm", b"\0asm\x01\0\0\0");
    shell
        .push(&no_component, &reference, &[&"--plain-http"])
        .refused("not-a-plugin-artifact");
    let config = registry.put_blob("team/image", b"{}".to_vec()).await;
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": config, "size": 2},
        "layers": [],
    });
    let manifest = manifest.to_string().into_bytes();
    registry.put_manifest("team/image", "1", manifest).await;
    let pulled = shell.pull(&reference, &[&"--plain-http"]);
    pulled.refused("not-a-plugin-artifact");
    let message = text(&pulled.json["error"]["message"]);
    assert!(
        message.contains("application/vnd.oci.image.config.v1+json"),
        "{message}"
    );

    let index = "application/vnd.oci.image.index.v1+json";
    let index = json!({"schemaVersion": 2, "mediaType": index, "manifests": []}).to_string();
    registry
        .put_manifest("team/image", "1", index.into_bytes())
        .await;
    shell
        .pull(&reference, &[&"--plain-http"])
        .refused("not-a-plugin-artifact");
}
