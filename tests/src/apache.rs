//! A WebDAV server that nobody here wrote: Apache's, with the addresses of
//! ownCloud and Nextcloud, for two users with a token each.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::{address, wait};

/// The users' tokens.
pub const ALICE: &str = "tok3n-alice";
/// See [`ALICE`].
pub const BOB: &str = "tok3n-bob";

/// The server, until dropped.
#[derive(Debug)]
pub struct Apache {
    /// Where it listens.
    pub address: SocketAddr,
    folder: TempDir,
    process: Child,
}

/// A request as the server logged it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// Method and path as they came.
    pub line: String,
    /// The headers Depth, Authorization, traceparent and x-request-id; `-`
    /// where there was none.
    pub depth: String,
    /// See `depth`.
    pub authorization: String,
    /// See `depth`.
    pub trace_parent: String,
    /// See `depth`.
    pub request_id: String,
    /// The status of the answer.
    pub status: String,
}

impl Apache {
    /// Starts it and waits until it listens.
    ///
    /// # Panics
    ///
    /// When it does not.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["", "data", "data/alice", "data/bob", "run", "log"] {
            make_folder(&folder.path().join(name));
        }
        let address = address::unused();
        let config = folder.path().join("httpd.conf");
        let text = include_str!("apache/httpd.conf")
            .replace("@ADDRESS@", &address.to_string())
            .replace("@DIR@", &folder.path().display().to_string());
        fs::write(&config, text).expect("room for a file");
        let process = Command::new("/usr/sbin/apache2")
            .args(["-D", "FOREGROUND", "-d"])
            .arg(folder.path())
            .arg("-f")
            .arg(config)
            .stdin(Stdio::null())
            .spawn()
            .expect("Debian's apache2-bin is needed: tests/setup.sh installs it");
        let mut apache = Self {
            address,
            folder,
            process,
        };
        wait::until("apache2 listens", async || {
            let ended = apache.process.try_wait().expect("a child");
            assert_eq!(
                ended,
                None,
                "apache2 ended: {}",
                apache.read_log("error.log")
            );
            TcpStream::connect(address).ok()
        })
        .await;
        apache
    }

    /// Its address as a URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A path in a user's tree.
    pub fn path(&self, user: &str, path: &str) -> PathBuf {
        self.folder.path().join("data").join(user).join(path)
    }

    /// Puts a file into a user's tree.
    ///
    /// # Panics
    ///
    /// When the disk is full.
    pub fn store(&self, user: &str, path: &str, content: &[u8]) {
        let path = self.path(user, path);
        let mut above: Vec<_> = path.ancestors().skip(1).collect();
        above.reverse();
        for folder in above.into_iter().filter(|folder| !folder.exists()) {
            make_folder(folder);
        }
        fs::write(path, content).expect("room for a file");
    }

    /// The next `count` requests in the log, once they are there.
    ///
    /// # Panics
    ///
    /// When there are more, or never as many.
    pub async fn requests(&self, count: usize) -> Vec<Logged> {
        let log = self.folder.path().join("log/access.log");
        let lines = wait::until("requests in the log", async || {
            let text = fs::read_to_string(&log).unwrap_or_default();
            (text.lines().count() >= count).then_some(text)
        })
        .await;
        fs::write(&log, "").expect("room for a file");
        let logged: Vec<_> = lines.lines().filter_map(parse).collect();
        assert_eq!(logged.len(), count, "{lines}");
        logged
    }

    fn read_log(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join("log").join(name)).unwrap_or_default()
    }
}

impl Drop for Apache {
    fn drop(&mut self) {
        // SIGTERM takes the workers along, which SIGKILL would leave behind.
        let pid = rustix::process::Pid::from_child(&self.process);
        let stopped = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        if stopped.is_ok() {
            _ = self.process.wait();
        }
    }
}

fn make_folder(folder: &Path) {
    fs::create_dir_all(folder).expect("a folder");
    // The server's workers may be of another user.
    fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).expect("our own folder");
}

fn parse(line: &str) -> Option<Logged> {
    let mut fields = line.split('|').map(str::to_owned);
    let line = fields.next()?.trim_end_matches(" HTTP/1.1").to_owned();
    Some(Logged {
        line,
        depth: fields.next()?,
        status: fields.next()?,
        authorization: fields.next()?,
        trace_parent: fields.next()?,
        request_id: fields.next()?,
    })
}
