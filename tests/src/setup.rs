//! A configuration directory for the real host, written piece by piece.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::host::Host;
use crate::{address, artefact};

/// Stands in every credential that a suite uses, so that a log which shows
/// one gives itself away.
pub const SECRET_MARK: &str = "tok3n";

/// What a host is to be started with.
#[derive(Debug)]
pub struct Setup {
    /// The folder of everything: `config/` is the configuration.
    pub folder: TempDir,
    /// Where connectors are to be served.
    pub rds: SocketAddr,
    /// Where health and metrics are to be served.
    pub admin: SocketAddr,
    /// Variables of its environment.
    pub variables: Vec<(&'static str, String)>,
    plugins: PathBuf,
    database: String,
    host: String,
}

impl Default for Setup {
    fn default() -> Self {
        Self::new()
    }
}

impl Setup {
    /// A host without connectors, on addresses of its own.
    ///
    /// # Panics
    ///
    /// When the disk is full.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        // Not beside the configuration: that folder is watched.
        let state = folder.path().join("state");
        fs::create_dir_all(&state).expect("a folder");
        let setup = Self {
            database: format!("sqlite:{}", state.join("tenon.db").display()),
            folder,
            rds: address::unused(),
            admin: address::unused(),
            variables: Vec::new(),
            plugins: artefact::root().join("target/plugins"),
            host: String::new(),
        };
        fs::create_dir_all(setup.path("scratch")).expect("a folder");
        setup.host("")
    }

    /// Gives the host a folder of plugins of its own, empty at first.
    ///
    /// # Panics
    ///
    /// When the disk is full.
    #[must_use]
    pub fn own_plugins(mut self) -> Self {
        self.plugins = self.path("plugins");
        fs::create_dir_all(&self.plugins).expect("a folder");
        self.host("")
    }

    /// Keeps durable state elsewhere than in a file of its own.
    #[must_use]
    pub fn database(mut self, url: &str) -> Self {
        url.clone_into(&mut self.database);
        self.host("")
    }

    /// A path below the configuration directory.
    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join("config").join(path)
    }

    /// Adds tables to `host.toml`.
    #[must_use]
    pub fn host(mut self, text: &str) -> Self {
        self.host += text;
        let text = format!(
            "[rds]\nlisten = '{}'\n[admin]\nlisten = '{}'\n\
             [telemetry]\nlog = 'info,tenon_host=debug,guest=debug'\nformat = 'json'\n{}\n\
             [plugins]\ndirectory = '{}'\ncache = '{}'\n\
             [persistence]\nurl = '{}'\n\
             [http]\nproxy = 'none'\n[scratch]\ndirectory = 'scratch'\n",
            self.rds,
            self.admin,
            self.host,
            self.plugins.display(),
            artefact::root().join("target/test-cache").display(),
            self.database,
        );
        self.write("host.toml", &text);
        self
    }

    /// Adds a connector.
    #[must_use]
    pub fn connector(self, name: &str, text: &str) -> Self {
        self.write(format!("connectors/{name}.toml"), text);
        self
    }

    /// Sets a variable.
    #[must_use]
    pub fn variable(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    /// Writes a file below the configuration directory, in one step.
    ///
    /// # Panics
    ///
    /// When the disk is full.
    pub fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        let folder = path.parent().expect("a folder above");
        fs::create_dir_all(folder).expect("a folder");
        // Not beside the file: a folder of connectors has connectors in it.
        let new = self.folder.path().join("new");
        fs::write(&new, content).expect("room for a file");
        fs::rename(&new, &path).expect("a file");
    }

    /// Starts the host and waits until it serves.
    pub async fn start(self) -> Host {
        Host::start(self).await
    }
}

/// The text of a connector over a folder of this machine.
pub fn disk(folder: &Path, access: &str) -> String {
    format!(
        "plugin = 'disk'\n[config]\nroot = 'data'\n\
         [[grants.files]]\nname = 'data'\npath = '{}'\naccess = '{access}'\n",
        folder.display()
    )
}

/// The text of a connector over a WebDAV server, to which credentials go in
/// this form.
pub fn owncloud(url: &str, system: &str, template: &str) -> String {
    format!(
        "plugin = 'owncloud'\n[config]\nbase_url = '{url}'\nsystem = '{system}'\n\
         [[grants.http]]\norigin = '{url}'\naddresses = 'any'\n\
         [grants.http.credentials]\ncaller = '{template}'\n\
         [grants.scratch]\nbytes_max = 67108864\n"
    )
}

/// The text of a connector over an archive in a folder of this machine.
pub fn archive(folder: &Path) -> String {
    format!(
        "plugin = 'archive'\n[[grants.files]]\nname = 'archive'\npath = '{}'\n\
         access = 'read-write'\n[grants.scratch]\nbytes_max = 67108864\n",
        folder.display()
    )
}

/// The text of a connector over a Zenodo, whose answers must come soon.
pub fn zenodo(origin: &str) -> String {
    format!(
        "plugin = 'zenodo'\n[config]\nbase_url = '{origin}'\n\
         [[grants.http]]\norigin = '{origin}'\naddresses = 'any'\n\
         [grants.http.credentials]\ncaller = 'Bearer {{caller}}'\n\
         [grants.scratch]\nbytes_max = 3221225472\n\
         [limits]\nfirst_byte_ms = 2000\n"
    )
}

/// The text of a connector that does as the path of an operation says.
pub fn hostile() -> String {
    format!(
        "plugin = '{}'\n[[grants.http]]\norigin = 'http://127.0.0.1:1'\n\
         [[grants.files]]\nname = 'data'\npath = 'scratch'\n\
         [grants.scratch]\nbytes_max = 1048576\n\
         [[grants.secrets]]\nname = 'own'\nvalue = 'env:PATH'\n\
         [[grants.sql]]\nname = 'main'\nurl = 'sqlite:hostile.db'\n\
         [[grants.kv]]\nname = 'main'\nurl = 'embedded:hostile-kv.db'\n",
        artefact::guest("hostile").display()
    )
}
