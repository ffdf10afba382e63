//! A second WebDAV server, with another implementation of everything and with passwords instead of
//! tokens: rclone's, over a folder.

use std::{
    fs::{self, File},
    process::{Child, Command},
};

use tempfile::TempDir;

use super::{
    listening::{unused_port, wait_until_it_listens},
    *,
};

const PASSWORD: &str = "alice:s p\u{e4}ssword";

/// Names that must survive the way there and back, alone and as folders.
const NAMES: [&str; 8] = [
    "two words",
    " leading and trailing ",
    "100%",
    "100%41",
    "number #1",
    "why?a=b&c",
    "\u{dc}bersicht M\u{e4}rz",
    "\u{6587}\u{4ef6} + \u{1f980}",
];

struct Rclone {
    directory: TempDir,
    port: u16,
    process: Child,
}

impl Rclone {
    fn start() -> Self {
        let directory = TempDir::new().unwrap();
        let port = unused_port();
        let log = directory.path().join("log");
        fs::create_dir(directory.path().join("data")).unwrap();
        let mut process = Command::new("/usr/bin/rclone")
            .args(["serve", "webdav", "--config", "/dev/null"])
            .args([
                "--addr",
                &format!("127.0.0.1:{port}"),
                "--baseurl",
                "remote.php/webdav",
            ])
            .args(["--user", USER, "--pass", PASSWORD])
            .arg(directory.path().join("data"))
            .stderr(File::create(&log).unwrap())
            .spawn()
            .expect("Debian's rclone is needed: tests/setup.sh installs it");
        wait_until_it_listens(&mut process, port, &log);
        Self {
            directory,
            port,
            process,
        }
    }

    fn run<T>(&self, password: &str, f: impl FnOnce(&Owncloud) -> Result<T>) -> Result<T> {
        let url = format!("http://127.0.0.1:{}", self.port);
        let environment = environment(&url, "owncloud", password, "Basic {user}:{caller}");
        environment.enter(|| f(&Owncloud::new()?))
    }
}

impl Drop for Rclone {
    fn drop(&mut self) {
        drop(self.process.kill().and_then(|()| self.process.wait()));
    }
}

fn write(store: &Owncloud, path: &str, content: &str) -> Result<Entry> {
    let mut reader = Reader::from_bytes(content.to_owned());
    store.write(&Path::new(path)?, Some(content.len() as u64), &mut reader)
}

fn read(store: &Owncloud, path: &str, offset: u64) -> Result<String> {
    let mut collected = Collected::default();
    store.read(&Path::new(path)?, offset, Sink::to(&mut collected))?;
    Ok(String::from_utf8(collected.bytes).unwrap())
}

#[test]
fn every_name_comes_back_and_goes() {
    let server = Rclone::start();
    let done = server.run(PASSWORD, |store| {
        let mut paths: Vec<_> = NAMES
            .iter()
            .map(|name| format!("a/{name}/deep/{name}"))
            .collect();
        paths.sort();
        for path in &paths {
            assert_eq!(write(store, path, path)?.size, Some(path.len() as u64));
            let stored = server.directory.path().join("data").join(path);
            assert_eq!(fs::read_to_string(stored).unwrap(), *path);
        }
        assert_eq!(list(store, "/", 3)?, paths);
        for path in &paths {
            assert_eq!(read(store, path, 0)?, *path);
            assert_eq!(read(store, path, 2)?, path[2..]);
            let folder = Path::new(path)?.parent().unwrap();
            assert!(store.stat(&folder)?.folder);
            store.delete(&Path::new(path)?)?;
            assert_eq!(read(store, path, 0).unwrap_err().kind(), Kind::NotFound);
        }
        store.delete(&Path::new("a")?)?;
        list(store, "/", 3)
    });
    assert_eq!(done.unwrap(), [""; 0]);
}

#[test]
fn a_file_may_be_empty_or_be_replaced() {
    let server = Rclone::start();
    let done = server.run(PASSWORD, |store| {
        write(store, "f", "")?;
        assert_eq!(store.stat(&Path::new("f")?)?.size, Some(0));
        assert_eq!(read(store, "f", 0)?, "");
        write(store, "f", "long")?;
        write(store, "f", "new")?;
        read(store, "f", 0)
    });
    assert_eq!(done.unwrap(), "new");
}

#[test]
fn a_wrong_password_is_unauthenticated() {
    let server = Rclone::start();
    let listed = server.run("wrong", |store| list(store, "/", 9));
    assert_eq!(listed.unwrap_err().kind(), Kind::Unauthenticated);
    let written = server.run("wrong", |store| write(store, "f", "x"));
    assert_eq!(written.unwrap_err().kind(), Kind::Unauthenticated);
}
