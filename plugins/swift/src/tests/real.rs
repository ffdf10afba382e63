//! The servers that nobody here wrote, one of a kind for all tests. They end with this process.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

use super::{KEY, Store, connector};

const SCRIPT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/src/swift/serve.py"
);

/// All of 127.0.0.0/8 is this machine: every process of tests has an address of its own.
fn host() -> String {
    let [_, high, middle, low] = std::process::id().to_be_bytes();
    format!("127.{}.{middle}.{low}", 64 | high)
}

/// A Swift, and a Keystone when there is a sixth port.
fn serve(ports: std::ops::Range<u16>) -> Child {
    let addresses = ports.map(|port| format!("{}:{port}", host()));
    let mut child = Command::new("/usr/bin/python3")
        .arg(SCRIPT)
        .args(addresses)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = child.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    assert_eq!(
        line, "serving\n",
        "Debian's Swift and Keystone are needed: tests/setup.sh installs them"
    );
    child
}

/// Where one logs in by version 1.
pub(super) fn version1() -> String {
    static SERVER: OnceLock<Child> = OnceLock::new();
    SERVER.get_or_init(|| serve(18_000..18_005));
    format!("http://{}:18000/auth/v1.0", host())
}

/// Where one logs in by version 3, and the Swift that belongs to it.
pub(super) fn version3() -> (String, String) {
    static SERVER: OnceLock<Child> = OnceLock::new();
    SERVER.get_or_init(|| serve(18_010..18_016));
    let at = |port, path: &str| format!("http://{}:{port}{path}", host());
    (at(18_015, "/v3"), at(18_010, ""))
}

/// The store in which the first segment of a path is a container, with what is stored there.
pub(super) fn tree(objects: &[(&str, &[u8])]) -> Store {
    let builder = connector(&version1(), KEY)
        .config("lookup", "path")
        .config("create_containers", "true");
    let store = Store::new(builder);
    for (path, content) in objects {
        store.write(path, content).unwrap();
    }
    store
}
