//! An OCI registry that nobody here wrote: Debian's `docker-registry`, on an
//! address and in a folder of its own, and what else of the field's own tools
//! has to do with one.

mod cosign;
mod skopeo;

pub use cosign::{Key, Signature};
pub use skopeo::Skopeo;

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::client::{self, Answer};
use crate::{address, wait};

/// The one user of a registry that has users.
pub const USER: &str = "alice";
/// The user's password.
pub const PASSWORD: &str = "tok3n-registry";
/// [`PASSWORD`] in bcrypt, the only form that the registry reads.
const PASSWORD_HASH: &str = "$2y$05$abcdefghijklmnopqrstuuqyf79jmC2b8OwxM1eRiEFiYTcaiii3q";
/// Of an image's manifest, and of every artifact in the shape of one.
pub const MANIFEST_MEDIA_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";

/// The server, until dropped.
#[derive(Debug)]
pub struct Registry {
    /// Where it listens.
    pub address: SocketAddr,
    folder: TempDir,
    process: Child,
}

impl Registry {
    /// One that is open to everybody, without TLS.
    pub async fn start() -> Self {
        Self::run(|_| String::new()).await
    }

    /// One that knows [`USER`] alone.
    pub async fn with_users() -> Self {
        Self::run(|folder| {
            let file = folder.join("htpasswd");
            fs::write(&file, format!("{USER}:{PASSWORD_HASH}\n")).expect("room for a file");
            format!(
                "auth:\n  htpasswd: {{realm: test, path: {}}}\n",
                file.display()
            )
        })
        .await
    }

    /// One with a certificate by an authority that nobody knows: see
    /// [`Registry::ca`].
    pub async fn with_tls() -> Self {
        Self::run(|_| "  tls: {certificate: leaf.pem, key: leaf.key}\n".to_owned()).await
    }

    async fn run(more: impl FnOnce(&Path) -> String) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let address = address::unused();
        let more = more(folder.path());
        if more.contains("tls:") {
            make_certificates(folder.path(), address);
        }
        let text = format!(
            "version: 0.1\nlog: {{level: error, accesslog: {{disabled: true}}}}\n\
             storage:\n  filesystem: {{rootdirectory: {}}}\n  delete: {{enabled: true}}\n\
             http:\n  addr: {address}\n  secret: test\n{more}",
            folder.path().join("data").display()
        );
        let config = folder.path().join("config.yml");
        fs::write(&config, text).expect("room for a file");
        let process = Command::new("docker-registry")
            .arg("serve")
            .arg(config)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("Debian's docker-registry is needed: tests/setup.sh installs it");
        let mut registry = Self {
            address,
            folder,
            process,
        };
        wait::until("docker-registry listens", async || {
            let ended = registry.process.try_wait().expect("a child");
            assert_eq!(ended, None, "docker-registry ended");
            TcpStream::connect(address).ok()
        })
        .await;
        registry
    }

    /// A reference to something in it, such as `team/disk:1`.
    pub fn reference(&self, name: &str) -> String {
        format!("{}/{name}", self.address)
    }

    /// The authority of its certificate, in PEM.
    pub fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// The file in which it keeps the bytes of this digest.
    pub fn stored(&self, digest: &str) -> PathBuf {
        let hexadecimal = digest.strip_prefix("sha256:").expect("a digest");
        let blobs = self
            .folder
            .path()
            .join("data/docker/registry/v2/blobs/sha256");
        blobs.join(&hexadecimal[..2]).join(hexadecimal).join("data")
    }

    /// The bytes and the digest of a manifest.
    pub async fn manifest(&self, repository: &str, target: &str) -> (Vec<u8>, String) {
        let path = format!("/v2/{repository}/manifests/{target}");
        let answer = self.send("GET", &path, "", Vec::new()).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let digest = digest(&answer.body);
        (answer.body, digest)
    }

    /// A manifest, parsed.
    pub async fn manifest_json(&self, repository: &str, target: &str) -> Value {
        let (bytes, _) = self.manifest(repository, target).await;
        serde_json::from_slice(&bytes).expect("JSON")
    }

    /// The bytes of a blob.
    pub async fn blob(&self, repository: &str, digest: &str) -> Vec<u8> {
        let path = format!("/v2/{repository}/blobs/{digest}");
        let answer = self.send("GET", &path, "", Vec::new()).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.body
    }

    /// Stores bytes, and returns their digest.
    pub async fn put_blob(&self, repository: &str, bytes: Vec<u8>) -> String {
        let digest = digest(&bytes);
        let path = format!("/v2/{repository}/blobs/uploads/");
        let begun = self.send("POST", &path, "", Vec::new()).await;
        assert_eq!(begun.status, 202, "{}", begun.text());
        let location: http::Uri = begun.header("location").parse().expect("an address");
        let path = location.path_and_query().expect("a path");
        let path = format!("{path}&digest={digest}");
        let stored = self
            .send("PUT", &path, "application/octet-stream", bytes)
            .await;
        assert_eq!(stored.status, 201, "{}", stored.text());
        digest
    }

    /// Stores a manifest under a tag, as what it says it is.
    pub async fn put_manifest(&self, repository: &str, tag: &str, bytes: Vec<u8>) {
        let path = format!("/v2/{repository}/manifests/{tag}");
        let parsed: Value = serde_json::from_slice(&bytes).expect("JSON");
        let kind = parsed["mediaType"].as_str().expect("a media type");
        let stored = self.send("PUT", &path, kind, bytes).await;
        assert_eq!(stored.status, 201, "{}", stored.text());
    }

    async fn send(&self, method: &str, path: &str, kind: &str, body: Vec<u8>) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", self.address.to_string())
            .header("accept", MANIFEST_MEDIA_TYPE)
            .header("content-type", kind)
            .body(Full::new(Bytes::from(body)))
            .expect("a request");
        client::send(self.address, request).await
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

/// `sha256:` and the digits.
pub fn digest(bytes: &[u8]) -> String {
    let digits = Sha256::digest(bytes);
    let digits: String = digits.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits}")
}

/// Runs `openssl`, and returns what it prints.
pub(crate) fn openssl(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let mut command = Command::new("openssl");
    let output = command.args(arguments).current_dir(folder).output();
    let output = output.expect("Debian's openssl is needed: tests/setup.sh installs it");
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    output.stdout
}

fn make_certificates(folder: &Path, address: SocketAddr) {
    let name = format!("subjectAltName=IP:{}", address.ip());
    let new = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
    let ca = format!("{new} -subj /CN=ca -keyout ca.key -out ca.pem");
    let leaf = format!(
        "{new} -subj /CN=registry -keyout leaf.key -out leaf.pem -CA ca.pem -CAkey ca.key \
         -extensions usr_cert -addext {name}"
    );
    for arguments in [ca, leaf] {
        openssl(folder, &arguments.split(' ').collect::<Vec<_>>());
    }
}
