//! A host with one connector of the guest `versions`, whose plugin file and
//! whose operator are at a suite's hand.

use crate::client::Caller;
use crate::host::Host;
use crate::operator::{self, Operator};
use crate::setup::Setup;
use crate::version::{self, Version};
use crate::wait;

/// The connector.
pub const CONNECTOR: &str = "port-versions";
/// The operator's name, as events show it.
pub const OPERATOR: &str = "olga";
const PLUGIN: &str = "plugins/versions.wasm";
/// Enough for the guest on a busy machine, and soon over for a component that
/// compiles for ever.
const COMPILE_MS: u64 = 15_000;

/// The host and its operator.
#[derive(Debug)]
pub struct Life {
    /// The process.
    pub host: Host,
    /// Who operates it.
    pub operator: Operator,
}

/// A host whose plugin file is this version. Its connector grants files, so
/// that an upgrade which wants them fits, but has to be approved.
pub fn setup(version: &Version) -> Setup {
    let setup = Setup::new().own_plugins().host(&format!(
        "[admission]\ncompile_ms = {COMPILE_MS}\n{}",
        operator::table(OPERATOR)
    ));
    place(&setup, &version.bytes);
    let files = setup.path("files");
    std::fs::create_dir_all(&files).expect("a folder");
    let text = format!(
        "plugin = 'versions'\n[[grants.files]]\nname = 'files'\npath = '{}'\n",
        files.display()
    );
    setup.connector(CONNECTOR, &text)
}

/// Puts bytes in the place of the plugin file, in one step.
pub fn place(setup: &Setup, bytes: &[u8]) {
    setup.write(PLUGIN, bytes);
}

impl Life {
    /// Starts a host whose plugin file is version 1, and waits until it runs.
    pub async fn start() -> Self {
        let first = version::version(1);
        let life = Self::resume(setup(&first)).await;
        life.runs(&first).await;
        life
    }

    /// Starts a host and waits until it serves whatever it serves.
    pub async fn resume(setup: Setup) -> Self {
        let host = setup.start().await;
        Self {
            operator: host.operator(OPERATOR),
            host,
        }
    }

    /// Ends the host and hands out what it was started with.
    pub async fn stop(mut self) -> Setup {
        self.host.stop().await;
        std::mem::take(&mut self.host.setup)
    }

    /// Kills the host on the spot and hands out what it was started with.
    pub async fn kill(mut self) -> Setup {
        self.host.kill();
        self.host.ended().await;
        std::mem::take(&mut self.host.setup)
    }

    /// Puts bytes in the place of the plugin file, in one step.
    pub fn place(&self, bytes: &[u8]) {
        place(&self.host.setup, bytes);
    }

    /// Somebody who reads from the connector.
    pub fn caller(&self) -> Caller {
        self.host.caller(CONNECTOR, "alice")
    }

    /// The version that answers now; none while there is no connector.
    ///
    /// # Panics
    ///
    /// When an answer is not of one version as a whole.
    pub async fn answering(&self) -> Option<u16> {
        let answer = self.caller().file(version::SMALL).await;
        if answer.status != 200 {
            return None;
        }
        let told = version::told(&answer.body);
        Some(told.unwrap_or_else(|| panic!("of no single version: {}", answer.text())))
    }

    /// Waits until the catalog says that a version is active and it answers.
    pub async fn runs(&self, version: &Version) {
        let what = format!("{version:?} answers");
        wait::until(&what, async || {
            (self.answering().await == Some(version.number)).then_some(())
        })
        .await;
        assert_eq!(self.active().await, version.digest);
    }

    /// That nothing has taken this version's place.
    ///
    /// # Panics
    ///
    /// When something has.
    pub async fn still_runs(&self, version: &Version) {
        assert_eq!(self.answering().await, Some(version.number));
        assert_eq!(self.active().await, version.digest);
    }

    /// The digest that is active.
    pub async fn active(&self) -> String {
        self.operator.active(CONNECTOR).await
    }

    /// Hands a component in and activates it.
    pub async fn roll_out(&self, version: &Version) {
        self.operator.roll_out(CONNECTOR, version).await;
    }
}
