//! A WebDAV server that nobody here wrote: Apache's, with the addresses of ownCloud and Nextcloud
//! in front of one folder.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use tempfile::TempDir;

use super::listening::{unused_port, wait_until_it_listens};

/// The one token that the server knows.
pub(crate) const TOKEN: &str = "alice-token";

pub(crate) struct Apache {
    directory: TempDir,
    port: u16,
    process: Child,
}

impl Apache {
    pub(crate) fn start() -> Self {
        let directory = TempDir::new().unwrap();
        let port = unused_port();
        for folder in ["", "data", "run", "log"] {
            let folder = directory.path().join(folder);
            fs::create_dir_all(&folder).unwrap();
            // The server's workers may be of another user.
            fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).unwrap();
        }
        let config = directory.path().join("httpd.conf");
        let text = include_str!("httpd.conf").replace("@PORT@", &port.to_string());
        fs::write(
            &config,
            text.replace("@DIR@", directory.path().to_str().unwrap()),
        )
        .unwrap();
        let mut process = Command::new("/usr/sbin/apache2")
            .args(["-D", "FOREGROUND", "-d"])
            .arg(directory.path())
            .arg("-f")
            .arg(config)
            .stderr(Stdio::inherit())
            .spawn()
            .expect("Debian's apache2-bin is needed: tests/setup.sh installs it");
        wait_until_it_listens(&mut process, port, &directory.path().join("log/error.log"));
        Self {
            directory,
            port,
            process,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Where the files that it serves are.
    pub(crate) fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    pub(crate) fn store(&self, path: impl AsRef<Path>, content: &[u8]) {
        let path = self.data().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// The requests since the last time, each as method, path, depth and status.
    pub(crate) fn requests(&self) -> Vec<String> {
        let log = self.directory.path().join("log/access.log");
        let mut lines = String::new();
        loop {
            // A line is written after the answer to its request.
            thread::sleep(Duration::from_millis(150));
            let more = fs::read_to_string(&log).unwrap_or_default();
            if more == lines {
                break;
            }
            lines = more;
        }
        fs::write(&log, "").unwrap();
        let mut lines: Vec<_> = lines.lines().collect();
        lines.sort_by_key(|line| {
            line.split(' ')
                .next()
                .and_then(|time| time.parse::<u64>().ok())
        });
        let request = |line: &&str| line.split_once(' ').map(|(_, request)| request.to_owned());
        lines.iter().filter_map(request).collect()
    }
}

impl Drop for Apache {
    fn drop(&mut self) {
        // SIGTERM takes the workers along, which SIGKILL would leave behind.
        let stopped = Command::new("kill")
            .arg(self.process.id().to_string())
            .status();
        drop(stopped.and_then(|_| self.process.wait()));
    }
}
