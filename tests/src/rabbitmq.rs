//! A RabbitMQ server of the suite's own, to be stopped and started in the
//! middle of work.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

use crate::amqp::Amqp;
use crate::{address, wait};

const PROGRAMS: &str = "/usr/lib/rabbitmq/bin";

/// The server, until dropped.
#[derive(Debug)]
pub struct RabbitMq {
    address: SocketAddr,
    /// Of Erlang's distribution, and of what finds it.
    ports: [u16; 2],
    folder: TempDir,
    process: Option<Child>,
}

impl RabbitMq {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// When RabbitMQ is not installed.
    pub async fn start() -> Self {
        Self::with(|_| String::new()).await
    }

    /// Starts it with further lines of its configuration, made for a folder of
    /// its own.
    ///
    /// # Panics
    ///
    /// When RabbitMQ is not installed.
    pub async fn with(lines: impl FnOnce(&Path) -> String) -> Self {
        let mut server = Self {
            address: address::unused(),
            ports: [free_port(), free_port()],
            folder: tempfile::tempdir().expect("a folder"),
            process: None,
        };
        let folder = server.folder.path();
        let config = format!(
            "vm_memory_high_watermark.absolute = 512MB\n\
             disk_free_limit.absolute = 50MB\nlog.console = false\n{}",
            lines(folder)
        );
        std::fs::write(folder.join("rabbitmq.conf"), config).expect("room for a file");
        std::fs::write(folder.join("enabled_plugins"), "[].").expect("room for a file");
        server.resume().await;
        server
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The text of a pipeline's `[broker]`.
    pub fn broker(&self, more: &str) -> String {
        self.broker_at(self.address, more)
    }

    /// The same, by way of another address.
    pub fn broker_at(&self, address: SocketAddr, more: &str) -> String {
        format!(
            "type = 'rabbitmq'\nhost = '{}'\nport = {}\nbackoff_min_ms = 100\nbackoff_max_ms = 500\n{more}",
            address.ip(),
            address.port()
        )
    }

    /// Somebody else's connection.
    pub async fn client(&self) -> Amqp {
        Amqp::connect(self.address).await
    }

    /// Lines of a list that it gives, sorted; `what` is for example `queues`.
    pub fn list(&self, what: &str, columns: &[&str]) -> Vec<String> {
        let list = format!("list_{what}");
        let output = self.ctl(&[&[&*list, "--no-table-headers"][..], columns].concat());
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    }

    /// Stops it, in good order.
    pub fn pause(&mut self) {
        if let Some(mut process) = self.process.take() {
            _ = self.ctl(&["stop"]);
            _ = process.wait();
        }
    }

    /// Starts it again, with what was durable.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub async fn resume(&mut self) {
        let mut command = self.command("rabbitmq-server");
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn();
        self.process = Some(process.expect("rabbitmq-server: tests/setup.sh installs it"));
        wait::until("RabbitMQ answers", async || {
            let started = self.ctl(&["await_startup", "--timeout", "60"]);
            started.status.success().then_some(())
        })
        .await;
    }

    /// Runs `rabbitmqctl`.
    ///
    /// # Panics
    ///
    /// When it is not installed.
    pub fn ctl(&self, arguments: &[&str]) -> Output {
        let mut command = self.command("rabbitmqctl");
        command.arg("-q").args(arguments);
        command.output().expect("rabbitmqctl runs")
    }

    /// Messages in a queue: ready, and unacknowledged. None where there is no
    /// such queue.
    pub fn messages(&self, queue: &str) -> Option<(u64, u64)> {
        let columns = ["name", "messages_ready", "messages_unacknowledged"];
        self.list("queues", &columns).iter().find_map(|line| {
            let mut parts = line.split('\t');
            let is_it = parts.next()? == queue;
            let mut number = || parts.next()?.trim().parse().ok();
            is_it.then(|| Some((number()?, number()?)))?
        })
    }

    fn command(&self, program: &str) -> Command {
        let folder = self.folder.path();
        let [distribution, epmd] = self.ports;
        let mut command = Command::new(format!("{PROGRAMS}/{program}"));
        command
            .env("HOME", folder)
            .env("ERL_CRASH_DUMP", folder.join("erl_crash.dump"))
            .env(
                "RABBITMQ_NODENAME",
                format!("tenon{distribution}@localhost"),
            )
            .env("RABBITMQ_NODE_IP_ADDRESS", self.address.ip().to_string())
            .env("RABBITMQ_NODE_PORT", self.address.port().to_string())
            .env("RABBITMQ_DIST_PORT", distribution.to_string())
            .env(
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
                "-kernel inet_dist_use_interface {127,0,0,1}",
            )
            .env("ERL_EPMD_ADDRESS", "127.0.0.1")
            .env("ERL_EPMD_PORT", epmd.to_string())
            .env("RABBITMQ_MNESIA_BASE", folder.join("mnesia"))
            .env("RABBITMQ_LOG_BASE", folder.join("log"))
            .env(
                "RABBITMQ_ENABLED_PLUGINS_FILE",
                folder.join("enabled_plugins"),
            )
            .env("RABBITMQ_CONFIG_FILE", folder.join("rabbitmq.conf"))
            .env("RABBITMQ_PID_FILE", folder.join("pid"))
            .env("RABBITMQ_CONF_ENV_FILE", "/dev/null")
            .stdin(Stdio::null());
        command
    }
}

impl Drop for RabbitMq {
    fn drop(&mut self) {
        self.pause();
        let [_, epmd] = self.ports;
        _ = Command::new("epmd")
            .env("ERL_EPMD_PORT", epmd.to_string())
            .arg("-kill")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}

/// A port that nobody has on the address where Erlang's programs look for each
/// other, which all suites share.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}
