//! `tenon plugin push`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use serde::Serialize;
use tenon_host::digest::Digest;
use tenon_host::registry::SigningKey;

use super::registry::{self, Registry};
use crate::command::Output;

const HELP: &str = "\
A reference is `[oci://]registry[:port]/repository[:tag]`; without a tag, `latest` is meant. Signing keys:
  openssl ecparam -genkey -name prime256v1 -noout | openssl pkcs8 -topk8 -nocrypt -out release.key
  openssl pkey -in release.key -pubout -out release.pub

Exit codes:
  0   the component, and its signature with --sign, are in the registry
  1   not everything is; with --json, `error.code` says why: bad-reference, denied, unreachable,
      bad-answer, not-a-plugin-artifact, too-large, wrong-digest
  2   wrong arguments
  64  mistakes in the configuration of --config, all of them listed

Examples:
  tenon plugin push disk.wasm registry.example.org/team/disk:1.2.0 --sign release.key
  tenon plugin push disk.wasm registry.example.org/team/disk:1.2.0 --config runtime-config \\
      --annotation org.opencontainers.image.source=https://git.example.org/disk
  REGISTRY_PASSWORD=… tenon plugin push disk.wasm registry.example.org/team/disk:1.2.0 \\
      --username tenon --password-env REGISTRY_PASSWORD";

#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct Arguments {
    /// The component to store
    file: PathBuf,
    /// Where to store it
    reference: String,
    #[command(flatten)]
    registry: Registry,
    /// Sign it with this EC P-256 private key, unencrypted PKCS#8 or SEC1 in PEM
    #[arg(long, value_name = "KEY")]
    sign: Option<PathBuf>,
    /// Add an annotation to the manifest
    #[arg(long, value_name = "KEY=VALUE", value_parser = annotation)]
    annotation: Vec<(String, String)>,
}

/// What is printed.
#[derive(Serialize)]
struct Result<'r> {
    reference: &'r str,
    digest: &'r Digest,
    signed: bool,
}

pub(crate) fn run(arguments: Arguments, output: &Output) -> anyhow::Result<ExitCode> {
    let config = match arguments.registry.read(&arguments.reference)? {
        Ok(config) => config,
        Err(code) => return Ok(code),
    };
    let key = arguments.sign.map(|path| {
        let key = SigningKey::from_pem(&registry::read(&path)?);
        key.with_context(|| path.display().to_string())
    });
    let key = key.transpose()?;
    let path = &arguments.file;
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    let annotations = arguments.annotation.into_iter().collect();
    let reference = arguments.reference;
    let pushed = registry::block_on(config, async |registries| {
        let key = key.as_ref();
        registries
            .push(&reference, bytes.into(), annotations, key)
            .await
    })?;
    let pushed = match pushed {
        Ok(pushed) => pushed,
        Err(error) => return registry::refuse(&error, output),
    };
    let result = Result {
        reference: &pushed.pinned,
        digest: &pushed.digest,
        signed: pushed.signed,
    };
    output.print(&result, |result| {
        let signed = if result.signed { ", signed" } else { "" };
        format!("{}\nholds {}{signed}", result.reference, result.digest)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn annotation(text: &str) -> std::result::Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("expected `key=value`".to_owned()),
    }
}
