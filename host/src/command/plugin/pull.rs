//! `tenon plugin pull`.

use std::fs::Permissions;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use serde::Serialize;
use tenon_host::digest::Digest;
use tenon_host::registry::{Config, Policy, Pulled, Scope, TrustedKey, VerifyingKey};

use super::registry::{self, Registry};
use crate::command::Output;

const HELP: &str = "\
A reference is `[oci://]registry[:port]/repository[:tag][@sha256:…]`. With a digest, nothing else is accepted.

Exit codes:
  0   the file is written
  1   nothing is written; with --json, `error.code` says why: bad-reference, not-found, denied,
      unreachable, bad-answer, not-a-plugin-artifact, too-large, truncated, wrong-digest, unsigned,
      wrong-signature, re-tagged, no-key
  2   wrong arguments
  64  mistakes in the configuration of --config, all of them listed

Examples:
  tenon plugin pull registry.example.org/team/disk:1.2.0 -o disk.wasm
  tenon plugin pull registry.example.org/team/disk:1.2.0 -o disk.wasm --key release.pub
  tenon plugin pull registry.example.org/team/disk@sha256:… -o disk.wasm --config runtime-config
  REGISTRY_PASSWORD=… tenon plugin pull registry.example.org/team/disk:1.2.0 -o disk.wasm \\
      --username tenon --password-env REGISTRY_PASSWORD";

#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct Arguments {
    /// What to fetch
    reference: String,
    /// Where to write the component
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    registry: Registry,
    /// Refuse what none of these EC P-256 public keys has signed
    #[arg(long, value_name = "PUB", conflicts_with = "config")]
    key: Vec<PathBuf>,
    /// Refuse what nobody has signed, also where the policy of --config does not ask for it
    #[arg(long)]
    require_signature: bool,
}

/// What is printed.
#[derive(Serialize)]
struct Result<'r> {
    reference: &'r str,
    digest: &'r Digest,
    bytes: usize,
    signed_by: Option<&'r str>,
    file: &'r Path,
}

pub(crate) fn run(arguments: Arguments, output: &Output) -> anyhow::Result<ExitCode> {
    let mut config = match arguments.registry.read(&arguments.reference)? {
        Ok(config) => config,
        Err(code) => return Ok(code),
    };
    add_policy(&arguments, &mut config)?;
    let reference = arguments.reference;
    let pulled = registry::block_on(config, async |registries| registries.pull(&reference).await)?;
    let pulled = match pulled {
        Ok(pulled) => pulled,
        Err(error) => return registry::refuse(&error, output),
    };
    write(&arguments.output, &pulled)?;
    let result = Result {
        reference: &pulled.pinned,
        digest: &pulled.digest,
        bytes: pulled.bytes.len(),
        signed_by: pulled.signed_by.as_deref(),
        file: &arguments.output,
    };
    output.print(&result, text)?;
    Ok(ExitCode::SUCCESS)
}

/// The keys of the command line hold for everything.
fn add_policy(arguments: &Arguments, config: &mut Config) -> anyhow::Result<()> {
    config.signed_only |= arguments.require_signature;
    if arguments.key.is_empty() {
        return Ok(());
    }
    let read = |path: &PathBuf| {
        let key = VerifyingKey::from_pem(&registry::read(path)?);
        anyhow::Ok(TrustedKey {
            name: path.display().to_string(),
            key: key.with_context(|| path.display().to_string())?,
        })
    };
    config.policies.push(Policy {
        scope: Scope::All,
        required: true,
        keys: arguments
            .key
            .iter()
            .map(read)
            .collect::<anyhow::Result<_>>()?,
    });
    Ok(())
}

/// Writes the file whole or not at all: a host may watch its folder.
fn write(path: &Path, pulled: &Pulled) -> anyhow::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let written = || {
        let mut file = tempfile::Builder::new()
            .prefix(".tenon-pull-")
            .permissions(Permissions::from_mode(0o666))
            .tempfile_in(folder.unwrap_or(Path::new(".")))?;
        file.write_all(&pulled.bytes)?;
        file.persist(path)?;
        anyhow::Ok(())
    };
    written().with_context(|| path.display().to_string())
}

fn text(result: &Result<'_>) -> String {
    let Result {
        reference,
        digest,
        bytes,
        signed_by,
        file,
    } = result;
    let signed = match signed_by {
        Some(name) => format!("signed by {name}"),
        None => "no signature verified".to_owned(),
    };
    format!(
        "{}: {bytes} bytes, {digest}\nfrom {reference}\n{signed}",
        file.display()
    )
}
