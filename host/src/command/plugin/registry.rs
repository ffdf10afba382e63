//! What `push` and `pull` share: which registry, as whom, and how results are
//! told.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;
use secrecy::SecretString;
use serde_json::json;
use tenon_host::config;
use tenon_host::limits::AdmissionLimits;
use tenon_host::registry::{self, Access, Config, Credentials, Reference, Registries, docker};
use url::Url;

use crate::command::{Output, checked};

/// Where registries are described, or how the one at hand is reached.
#[derive(Debug, Args)]
pub(super) struct Registry {
    /// Take registries and signature policy from this configuration directory
    #[arg(
        long,
        value_name = "DIR",
        conflicts_with_all = ["username", "plain_http", "ca", "token_service"]
    )]
    config: Option<PathBuf>,
    /// Log in as this user; without, as `docker login` has stored it in `~/.docker/config.json`
    #[arg(long, requires = "password_env", value_name = "NAME")]
    username: Option<String>,
    /// The environment variable that holds the password
    #[arg(long, requires = "username", value_name = "VARIABLE")]
    password_env: Option<String>,
    /// Speak HTTP without TLS
    #[arg(long)]
    plain_http: bool,
    /// A certificate authority to believe besides the platform's, in PEM
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Where else the password may be sent, when the registry asks for it
    #[arg(long, value_name = "URL")]
    token_service: Option<Url>,
}

impl Registry {
    /// The settings for a reference, which may not be one at all: whoever is
    /// handed it says so.
    pub(super) fn read(&self, reference: &str) -> anyhow::Result<Result<Config, ExitCode>> {
        if let Some(directory) = &self.config {
            return Ok(checked(config::Config::load(directory)).map(|config| config.host.registry));
        }
        let mut config = Config {
            registries: Vec::new(),
            policies: Vec::new(),
            signed_only: false,
            component_bytes_max: AdmissionLimits::default().component_bytes,
            proxies: true,
        };
        if let Ok(reference) = reference.parse::<Reference>() {
            config.registries.push(self.access(&reference)?);
        }
        Ok(Ok(config))
    }

    fn access(&self, reference: &Reference) -> anyhow::Result<Access> {
        let mut access = Access::anonymous(reference.registry().parse()?);
        access.plain_http = self.plain_http;
        access.token_service.clone_from(&self.token_service);
        if let Some(path) = &self.ca {
            access.ca = read(path)?;
        }
        access.credentials = match (&self.username, &self.password_env) {
            (Some(username), Some(variable)) => Some(Credentials {
                username: username.clone(),
                password: password(variable)?,
            }),
            _ => stored(reference.registry())?,
        };
        Ok(access)
    }
}

fn password(variable: &str) -> anyhow::Result<SecretString> {
    match std::env::var(variable) {
        Ok(password) if !password.is_empty() => Ok(password.into()),
        _ => bail!("--password-env: `{variable}` is not set, or empty, in the environment"),
    }
}

/// What `docker login` has stored.
fn stored(registry: &str) -> anyhow::Result<Option<Credentials>> {
    let folder = std::env::var_os("DOCKER_CONFIG").map(PathBuf::from);
    let home = || Some(Path::new(&std::env::var_os("HOME")?).join(".docker"));
    match folder.or_else(home) {
        Some(folder) => {
            docker::credentials(&folder.join("config.json"), registry).map_err(anyhow::Error::msg)
        }
        None => Ok(None),
    }
}

/// A text file.
pub(super) fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| path.display().to_string())
}

/// Does something with registries, to the end.
pub(super) fn block_on<T>(
    config: Config,
    work: impl AsyncFnOnce(Registries) -> Result<T, registry::Error>,
) -> anyhow::Result<Result<T, registry::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    Ok(runtime.block_on(work(Registries::new(config))))
}

/// Tells why there is no result.
pub(super) fn refuse(error: &registry::Error, output: &Output) -> anyhow::Result<ExitCode> {
    let code = error.code();
    if output.json {
        let message = error.to_string();
        let told = json!({"error": {"code": code, "message": message}});
        println!("{}", serde_json::to_string_pretty(&told)?);
    } else {
        eprintln!("tenon: {code}: {error}");
    }
    Ok(ExitCode::FAILURE)
}
