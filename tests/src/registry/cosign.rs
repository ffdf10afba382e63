//! Signatures in cosign's format, made with `openssl` and written from its
//! specification, without the host's code.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::json;
use tempfile::TempDir;

use super::{MANIFEST_MEDIA_TYPE, Registry, openssl};

const LAYER_MEDIA_TYPE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
const CONFIG_MEDIA_TYPE: &str = "application/vnd.oci.image.config.v1+json";

/// A pair of keys.
#[derive(Debug)]
pub struct Key {
    folder: TempDir,
}

/// What a signature is to say. The empty one says what is true.
#[derive(Debug, Default)]
pub struct Signature<'s> {
    /// The `docker-reference`, if not the repository's name.
    pub name: Option<&'s str>,
    /// The `docker-manifest-digest`, if not the artifact's.
    pub digest: Option<&'s str>,
    /// The type, if not cosign's.
    pub kind: Option<&'s str>,
    /// What stands in the place of the signature.
    pub signature: Option<&'s str>,
}

impl Key {
    /// A new pair.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        let make = "ecparam -genkey -name prime256v1 -noout -out sec1.pem";
        openssl(path, &make.split(' ').collect::<Vec<_>>());
        let wrap = "pkcs8 -topk8 -nocrypt -in sec1.pem -out key.pem";
        openssl(path, &wrap.split(' ').collect::<Vec<_>>());
        let public = "pkey -in key.pem -pubout -out key.pub";
        openssl(path, &public.split(' ').collect::<Vec<_>>());
        Self { folder }
    }

    /// The private key, in PKCS#8.
    pub fn private(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }

    /// The same in SEC1.
    pub fn private_sec1(&self) -> PathBuf {
        self.folder.path().join("sec1.pem")
    }

    /// The public key.
    pub fn public(&self) -> PathBuf {
        self.folder.path().join("key.pub")
    }

    /// Whether openssl finds that this key has signed the payload.
    pub fn has_signed(&self, payload: &[u8], signature: &str) -> bool {
        let path = self.folder.path();
        fs::write(path.join("payload"), payload).expect("room for a file");
        fs::write(path.join("encoded"), signature).expect("room for a file");
        let decode = "base64 -d -A -in encoded -out signature";
        openssl(path, &decode.split(' ').collect::<Vec<_>>());
        let verify = "dgst -sha256 -verify key.pub -signature signature payload";
        let mut command = Command::new("openssl");
        let output = command.args(verify.split(' ')).current_dir(path).output();
        output.expect("openssl runs").status.success()
    }

    fn sign(&self, payload: &[u8]) -> String {
        let path = self.folder.path();
        fs::write(path.join("payload"), payload).expect("room for a file");
        let sign = "dgst -sha256 -sign key.pem -out signature payload";
        openssl(path, &sign.split(' ').collect::<Vec<_>>());
        let encoded = openssl(path, &["base64", "-A", "-in", "signature"]);
        String::from_utf8(encoded).expect("text").trim().to_owned()
    }
}

impl Default for Key {
    fn default() -> Self {
        Self::new()
    }
}

impl Registry {
    /// Signs what is tagged, and leaves no other signature there.
    pub async fn sign(&self, repository: &str, tag: &str, key: &Key, says: Signature<'_>) {
        let (_, digest) = self.manifest(repository, tag).await;
        let name = self.reference(repository);
        let payload = json!({
            "critical": {
                "identity": {"docker-reference": says.name.unwrap_or(&name)},
                "image": {"docker-manifest-digest": says.digest.unwrap_or(&digest)},
                "type": says.kind.unwrap_or("cosign container image signature"),
            },
            "optional": {"creator": "openssl"},
        });
        let payload = payload.to_string().into_bytes();
        let signature = key.sign(&payload);
        let signature = says.signature.unwrap_or(&signature);
        let size = payload.len();
        let payload = self.put_blob(repository, payload).await;
        let config = json!({
            "architecture": "",
            "os": "",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": [payload]},
        });
        let config = config.to_string().into_bytes();
        let config_size = config.len();
        let config = self.put_blob(repository, config).await;
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST_MEDIA_TYPE,
            "config": {"mediaType": CONFIG_MEDIA_TYPE, "size": config_size, "digest": config},
            "layers": [{
                "mediaType": LAYER_MEDIA_TYPE,
                "size": size,
                "digest": payload,
                "annotations": {"dev.cosignproject.cosign/signature": signature},
            }],
        });
        let manifest = manifest.to_string().into_bytes();
        self.put_manifest(repository, &signature_tag(&digest), manifest)
            .await;
    }

    /// The signatures of an artifact: the bytes and the signature of each.
    pub async fn signatures(&self, repository: &str, digest: &str) -> Vec<(Vec<u8>, String)> {
        let manifest = self.manifest_json(repository, &signature_tag(digest)).await;
        let mut found = Vec::new();
        for layer in manifest["layers"].as_array().expect("layers") {
            let digest = layer["digest"].as_str().expect("a digest");
            let payload = self.blob(repository, digest).await;
            let signature = &layer["annotations"]["dev.cosignproject.cosign/signature"];
            found.push((payload, signature.as_str().expect("text").to_owned()));
        }
        found
    }
}

/// Where cosign keeps the signatures of a digest.
fn signature_tag(digest: &str) -> String {
    format!("{}.sig", digest.replace(':', "-"))
}
